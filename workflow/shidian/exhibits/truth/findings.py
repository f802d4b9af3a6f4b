"""Which of a paper's findings come back: of each printed coefficient sign and significance, of several their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from shidian.errors import EstimationError, nearest
from shidian.exhibits.truth.printed import Printed, table_name
from shidian.messages import joined, say

HEAD = say("Finding")
LEVEL = 0.1
"""Level of the fewest stars of papers: what has none at it is printed as not significant."""
BACK = say("comes back")
OTHER_SIGN, NOT_HERE, HERE = say("other sign"), say("not significant here"), say("significant here")
MOST = 12
"""Findings that do not come back which the note names."""


def finding(printed: Printed, ours: pd.Series) -> str:
    """Say whether a printed coefficient's finding comes back in our estimate; "" where either says none.

    One that is significant comes back where ours has its sign and is significant at 10%, one that is not where ours is
    not.
    """
    p = ours["p"]
    if not printed.stars or pd.isna(ours["estimate"]) or pd.isna(p):
        return ""
    significant = int(printed.stars) > 0
    if significant and (float(printed.value) > 0) != (float(ours["estimate"]) > 0):
        return OTHER_SIGN
    if significant != (p < LEVEL):
        return NOT_HERE if significant else HERE
    return BACK


def findings_sentences(found: Sequence[tuple[str, str]]) -> list[str]:
    """Return the note's sentences on (what, finding) of all compared coefficients; none where none has a finding."""
    said = [(what, verdict) for what, verdict in found if verdict]
    if not said:
        return []
    lost = [(what, verdict) for what, verdict in said if verdict != BACK]
    text = [
        say(
            "Finding: {n} of {of} coefficients printed with their significance come back, significant at 10% with the "
            "printed sign, or not significant as printed.",
            n=len(said) - len(lost), of=len(said),
        )
    ]  # fmt: skip
    if lost:
        named = [say("{name} ({verdict})", name=what, verdict=verdict) for what, verdict in lost[:MOST]]
        rest = [say("{n} more", n=len(lost) - MOST)] if len(lost) > MOST else []
        text.append(say("Not: {list}.", list=joined([*named, *rest], "clauses")))
    return text


def order_sentences(orders: Sequence[Sequence[str]], values: Mapping[str, tuple[Printed, pd.Series]]) -> list[str]:
    """Return a sentence on each declared order of effects: the printed one, and ours where it is another.

    Args:
        orders: names of the compared numbers, as ``what`` gives them.
        values: ``what`` -> printed number and our estimate.

    Raises:
        EstimationError: a name that no compared number has.
    """
    text = []
    for names in orders:
        for name in names:
            if name not in values:
                message = say("'orders' names '{name}', and no number is called so{nearest}", name=name,
                              nearest=nearest(name, list(values)))  # fmt: skip
                raise EstimationError(message)
        ours = {name: float(values[name][1]["estimate"]) for name in names}
        if any(pd.isna(value) for value in ours.values()):
            continue
        printed = sorted(names, key=lambda name: -float(values[name][0].value))
        here = sorted(names, key=lambda name: -ours[name])
        if printed == here:
            text.append(say("Order, largest first: {names}, as printed.", names=printed))
        else:
            text.append(say("Order, largest first: printed {printed}; here {here}.", printed=printed, here=here))
    return text


def named(group: str, number: Mapping[str, Any]) -> str:
    """Return what a number is, with the table that prints it."""
    return say("{table}: {number}", table=table_name(group), number=number["what"]) if group else str(number["what"])
