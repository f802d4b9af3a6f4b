"""The sample ledger as a reader knows things: exhibits by their numbers, variables by their labels."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

_STEP = re.compile(r"^(\w+)(: |：)")
_TWICE = re.compile(r"^(\S+) (?=\1(?: |$))")


def named(
    ledger: pd.DataFrame, numbers: Mapping[str, str], labels: Mapping[str, str], comma: str = ", "
) -> pd.DataFrame:
    """Return the ledger with exhibits by their numbers and variables by their labels; counts and reasons stay.

    Args:
        ledger: ``shidian.ledger.LEDGER_COLUMNS``.
        numbers: exhibit -> number, "Table 2".
        labels: variable -> label.
        comma: between the names of a list.
    """
    steps, subjects = [], []
    for step, subject in zip(ledger["step"].astype(str), ledger["subject"].astype(str), strict=True):
        found = _STEP.match(step)
        exhibit = found[1] if found and numbers.get(found[1]) else ""
        steps.append(numbers[exhibit] + step[len(exhibit) :] if exhibit else step)
        subjects.append(_subject(subject, exhibit, labels, comma))
    return ledger.assign(step=steps, subject=subjects)


def _subject(subject: str, exhibit: str, labels: Mapping[str, str], comma: str) -> str:
    """Return a subject without the exhibit that its step names, its variables by label, nothing twice."""
    if subject == exhibit:
        return ""
    if exhibit and subject.startswith(f"{exhibit} "):
        subject = subject.removeprefix(f"{exhibit} ")
    parts = list(dict.fromkeys(_TWICE.sub("", subject).split(", ")))
    return comma.join(labels.get(part, part) for part in parts)
