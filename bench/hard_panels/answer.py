"""What a package answers to one question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Any

ATT = "ATT"
"""The overall effect; effects by time since adoption are ``tau-2``, ``tau+0``, ..."""


@dataclass(frozen=True)
class Number:
    """One printed number: which, its estimate and standard error; nan where the package prints none."""

    quantity: str
    estimate: float
    se: float

    @property
    def printed(self) -> bool:
        """Whether there is an estimate at all."""
        return isfinite(self.estimate)


@dataclass(frozen=True)
class Answer:
    """Numbers, or why there are none.

    Attributes:
        numbers: what is printed, references left out.
        warned: warnings, joined.
        told: what stands beside the numbers without being a warning (a note, a summary), joined.
        refused: why there are no numbers; empty where there are.
        crashed: the refusal is a traceback, not a sentence for the user.
    """

    numbers: tuple[Number, ...] = ()
    warned: str = ""
    told: str = ""
    refused: str = ""
    crashed: bool = False


def numbers(taus: Iterable[Any], estimates: Iterable[Any], errors: Iterable[Any], reference: int = -1) -> list[Number]:
    """Return effects by time since adoption, without the reference that a package prints as zero without an error."""
    rows = zip(taus, estimates, errors, strict=True)
    made = [(int(tau), float(estimate), float(se)) for tau, estimate, se in rows]
    return [
        Number(f"tau{tau:+d}", estimate, se)
        for tau, estimate, se in made
        if not (tau == reference and estimate == 0 and not se > 0)
    ]
