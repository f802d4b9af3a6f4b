"""What a check says: what was printed, what was computed, the verdict, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

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
    """

    check: str
    where: str
    printed: str
    computed: str
    verdict: str
    sure: str
    why: str


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return the findings as a frame, the gravest verdict first, otherwise in the order of the paper."""
    frame = pd.DataFrame([asdict(f) for f in findings], columns=[f.name for f in fields(Finding)])
    order = frame["verdict"].map({name: n for n, name in enumerate(VERDICTS)})
    return frame.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def allowed(check: str, where: str, printed: str, computed: str, agrees: bool, sure: str, why: str) -> Finding:
    """Return a finding that agrees, for certain, or disagrees under the condition ``sure``."""
    return Finding(check, where, printed, computed, AGREES if agrees else DISAGREES, CERTAIN if agrees else sure, why)
