"""What a check says: what was printed, what was computed, the verdict, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

DISAGREES = "disagrees"
UNUSUAL = "unusual"
AGREES = "agrees"
UNDECIDED = "undecided"
IMPLIED = "implied"

VERDICTS = {
    DISAGREES: "the printed numbers cannot all be right, under the condition named",
    UNUSUAL: "possible, but it asks for a word of explanation",
    UNDECIDED: "the printed digits are too few to tell",
    IMPLIED: "no claim of the paper's: what its numbers imply",
    AGREES: "the printed digits allow it",
}
"""Verdict -> what it means, the gravest first."""

CERTAIN = "certain"


@dataclass(frozen=True)
class Finding:
    """One check of one place.

    Attributes:
        check: name of the check.
        where: table, column and row.
        printed: the numbers as printed.
        computed: what follows from other printed numbers, as an interval.
        verdict: one of ``VERDICTS``.
        sure: ``"certain"``, or the condition under which the verdict holds.
        why: the rule, in one sentence.
        uses: the printed places that the check used, which the account of places read is made from.
    """

    check: str
    where: str
    printed: str
    computed: str
    verdict: str
    sure: str
    why: str
    uses: tuple[str, ...] = ()


SHOWN = ("check", "where", "printed", "computed", "verdict", "sure", "why")
"""What is shown of a finding, in this order."""


def places(*printed: object) -> tuple[str, ...]:
    """Return where printed numbers and cells stand; what stands nowhere (None, a derived number) is left out."""
    found = (getattr(one, "at", "") for one in printed)
    return tuple(dict.fromkeys(at for at in found if at))


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return the findings as a frame, the gravest verdict first, otherwise in the order of the paper."""
    frame = pd.DataFrame([[getattr(f, name) for name in SHOWN] for f in findings], columns=list(SHOWN))
    order = frame["verdict"].map({name: n for n, name in enumerate(VERDICTS)})
    return frame.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def allowed(
    check: str, where: str, printed: str, computed: str, agrees: bool, sure: str, why: str, uses: tuple[str, ...] = ()
) -> Finding:
    """Return a finding that agrees, for certain, or disagrees under the condition ``sure``."""
    verdict = AGREES if agrees else DISAGREES
    return Finding(check, where, printed, computed, verdict, CERTAIN if agrees else sure, why, uses)
