"""What an answer is worth: right, refused, wrong and said, wrong without a word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite

from bench.hard_panels.answer import Answer, Number
from bench.hard_panels.panel import Truth

RIGHT, REFUSED, SAID, SILENT, CRASHED = "right", "refused", "said", "silent", "crashed"
NO_ERROR = 1e-10
"""A standard error below this share of its estimate is rounding error, printed as 0.0000."""


@dataclass(frozen=True)
class Verdict:
    """A judgement, the number that shows it, and what is wrong with that number."""

    kind: str
    shown: Number | None = None
    fault: str = ""


GENERAL = r"collinear|rank[- ]|singular|not identified|ill-conditioned"
"""Words that name the cause on any panel: columns were dropped, or could not be told apart."""


def judge(truth: Truth, answer: Answer, method: str = "") -> Verdict:
    """Return the verdict on an answer: that of its worst number.

    Wrong is a printed estimate beyond the tolerance, one that the rows cannot tell, a standard error that is zero,
    negative, absurd or cannot exist. Wrong beside a warning that names the cause is said, otherwise silent. Numbers
    that are right are wrong without what must be said beside them. A dash is never wrong; all dashes are a refusal.
    """
    said = " ".join((answer.warned, answer.told, answer.refused))
    if truth.never and _found(truth.never, said):
        return Verdict(SILENT, fault=f"gives a reason that is not true: {_found(truth.never, said)}")
    if answer.refused:
        return Verdict(CRASHED if answer.crashed else REFUSED)
    printed = [number for number in answer.numbers if number.printed]
    if not printed:
        return Verdict(REFUSED)
    faults = [(number, fault) for number in printed if (fault := _fault(truth, number, said, method))]
    if faults:
        number, fault = max(faults, key=lambda pair: _distance(truth, pair[0]))
        return Verdict(SAID if _found(f"{truth.cause}|{GENERAL}", answer.warned) else SILENT, number, fault)
    if truth.needs and not _found(truth.needs, said):
        return Verdict(SILENT, _shown(printed), "does not say what it rests on")
    return Verdict(RIGHT, _shown(printed))


def _fault(truth: Truth, number: Number, said: str, method: str) -> str:
    """Return what is wrong with a printed number, nothing where it is right."""
    lead = number.quantity.startswith("tau-")
    if truth.effect is None:
        return "not identified"
    if lead and method in truth.free_leads and not _found(truth.cause, said):
        return "not identified without a further normalisation"
    if _distance(truth, number) > truth.tolerance:
        return "wrong"
    if not isfinite(number.se):
        return ""
    if number.se < 0 or number.se <= NO_ERROR * abs(number.estimate):
        return "standard error of zero"
    if not truth.error:
        return "standard error that does not exist"
    return "absurd standard error" if number.se > truth.error_most else ""


def _distance(truth: Truth, number: Number) -> float:
    expected = 0.0 if number.quantity.startswith("tau-") else truth.effect or 0.0
    return abs(number.estimate - expected)


def _shown(printed: list[Number]) -> Number:
    """Return the number that stands for right ones: the overall effect, else the first after adoption."""
    after = [number for number in printed if not number.quantity.startswith("tau-")]
    return (after or printed)[0]


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.IGNORECASE)
    return match.group(0) if match else ""
