"""The window of an event study: which relative times get a coefficient, which are the base, what the rest becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.messages import say

Ends = Literal["bin", "omit", "omit_before", "drop"]


@dataclass(frozen=True)
class Window:
    """Relative times that get a coefficient.

    Attributes:
        first: earliest relative time (binned: this one and all before).
        last: latest relative time (binned: this one and all after).
        reference: relative times without a dummy, usually (-1,); none where earlier times are omitted and so
            are the reference.
        ends: what happens outside: ``bin`` into the end dummies; ``omit`` their dummies, which makes them
            part of the reference; ``omit_before`` omits the earlier and bins the later; ``drop`` their rows.
        anticipation: years by which units may react before adoption; those periods count as after it.
    """

    first: int
    last: int
    reference: tuple[int, ...] = (-1,)
    ends: Ends = "bin"
    anticipation: int = 0

    def __post_init__(self) -> None:
        if self.ends not in ("bin", "omit", "omit_before", "drop"):
            raise EstimationError(
                say("ends of an event study are bin, omit, omit_before or drop, not {ends!r}", ends=self.ends)
            )
        if not self.first < 0 <= self.last:
            raise EstimationError(
                say(
                    "an event window runs from before 0 to 0 or later, not from {first} to {last}",
                    first=self.first,
                    last=self.last,
                )
            )
        if self.anticipation < 0:
            raise EstimationError(
                say("anticipation is a number of years, 0 or more, not {anticipation}", anticipation=self.anticipation)
            )
        if not self.reference and self.ends not in ("omit", "omit_before"):
            raise EstimationError(say("an event study needs a reference period, usually -1"))
        outside = [tau for tau in self.reference if not self.first <= tau <= self.last]
        if outside:
            raise EstimationError(
                say(
                    "reference periods [{outside}] lie outside the window {first} … {last}",
                    outside=outside,
                    first=self.first,
                    last=self.last,
                )
            )
        early = [tau for tau in self.reference if -self.anticipation <= tau < 0]
        if early:
            raise EstimationError(
                say(
                    "the reference period τ = {tau} lies within the {anticipation} years of anticipation: the "
                    "base is τ = {base} or earlier",
                    tau=early[0],
                    anticipation=self.anticipation,
                    base=-1 - self.anticipation,
                )
            )

    @staticmethod
    def declared(spec: Mapping[str, Any]) -> Window:
        """Read ``window`` ([first, last]), ``reference``, ``ends`` and ``anticipation`` of an exhibit."""
        first, last = spec["window"]
        anticipation = int(spec.get("anticipation", 0))
        reference = spec.get("reference", -1 - anticipation)
        periods = tuple(map(int, reference)) if isinstance(reference, list) else (int(reference),)
        return Window(int(first), int(last), periods, spec.get("ends", "bin"), anticipation)

    def estimated(self) -> list[int]:
        """Return the relative times that get a dummy, in order."""
        return [tau for tau in range(self.first, self.last + 1) if tau not in self.reference]

    def counts_as_after(self, tau: int) -> bool:
        """Say whether an effect may show at a relative time: from adoption on, and while it is anticipated."""
        return tau >= -self.anticipation

    def place(self, tau: np.ndarray) -> np.ndarray:
        """Return (n,) relative times with those beyond a binned end put into it; the others stay, nan too."""
        if self.ends == "bin":
            return np.clip(tau, self.first, self.last)
        return np.minimum(tau, self.last) if self.ends == "omit_before" else tau

    def words(self, tau: int) -> str:
        """Return the relative time as tables and notes print it: ``τ = -2``, ``τ = +1``, ``τ ≥ 4`` for a bin."""
        if self.ends == "bin" and tau == self.first:
            return f"τ ≤ {tau}"
        if self.ends in ("bin", "omit_before") and tau == self.last:
            return f"τ ≥ {tau}"
        return f"τ = {tau:+d}" if tau else "τ = 0"


def relative_time(panel: pd.DataFrame, year: str = "year", adoption: str = "adoption_year") -> pd.Series:
    """Return years since adoption, missing for units never treated."""
    for name in (year, adoption):
        if name not in panel.columns:
            raise EstimationError(say("the panel has no column '{name}'", name=name))
    return panel[year].astype("Int64") - panel[adoption].astype("Int64")


def event_dummies(tau: pd.Series, window: Window) -> dict[str, np.ndarray]:
    """Return the 0/1 dummies of the window by term name, all zero where ``tau`` is missing."""
    values = window.place(tau.to_numpy(dtype=np.float64, na_value=np.nan))
    return {term_name(k): (values == k).astype(np.float64) for k in window.estimated()}


def term_name(tau: int) -> str:
    """Return the name of a relative time's coefficient: ``tau-2``, ``tau+0``."""
    return str(say("tau{tau:+d}", tau=tau) if tau else say("tau+0"))
