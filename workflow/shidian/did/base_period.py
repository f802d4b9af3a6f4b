"""What an event study is measured against: the base period, and what else must be zero where times are collinear.

The base must be observed. Where no treated row is at the reference period, its dummy is zero in all rows and nothing
is left out: the unit effects of the treated then decide the normalisation, and every coefficient is off by a number.
The last period observed before takes its place.

Relative times may still be collinear with unit and year effects: without never-treated units in one direction (a
trend in relative time is unit effects plus a trend in calendar time; Borusyak, Jaravel & Spiess 2024, section 3),
where cohorts are never observed at the base in one more each. A period after adoption that is left out for it would
set an effect to zero and bend all others; the earliest leads are left out instead. They are the second normalisation,
zero if there are no trends before adoption, as the first is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from shidian.did.event_window import Window
from shidian.errors import EstimationError
from shidian.messages import joined, say

SUPPORT_TOLERANCE = 1e-6
"""Share of a column's norm below which another column's part in it is rounding."""


@dataclass(frozen=True)
class Normalisation:
    """What the coefficients of an event study are measured against.

    Attributes:
        declared: the window asked for.
        window: the window with the base period that is used; its ``reference`` holds the base.
        second: relative time that is zero beside the base -> the reason.
    """

    declared: Window
    window: Window
    second: Mapping[int, str]

    @property
    def unobserved(self) -> list[int]:
        """References asked for at which no treated unit is observed."""
        return [tau for tau in self.declared.reference if tau not in self.window.reference]


def with_observed_base(window: Window, tau: np.ndarray) -> Window:
    """Return the window with the base period that the rows allow.

    References that are observed stay. Where the latest one is not, the last observed relative time before it and
    before adoption is the base; where there is none, the last one observed before adoption and its anticipation.

    Args:
        window: as declared.
        tau: (m,) relative times of the treated rows of the estimation sample.

    Raises:
        EstimationError: no treated row before adoption: there is nothing to compare with.
    """
    seen = {int(t) for t in window.place(tau)}
    before = [t for t in seen if window.first <= t and not window.counts_as_after(t)]
    omitted = window.ends in ("omit", "omit_before") and any(t < window.first for t in seen)
    kept = tuple(sorted(t for t in window.reference if t in seen))
    latest = max(window.reference, default=window.first)
    if latest in kept or (not window.reference and omitted):
        return replace(window, reference=kept)
    if not before and not omitted:
        raise EstimationError(_nothing_before(window))
    earlier = [t for t in before if t < latest] or before
    return replace(window, reference=tuple(sorted({*kept, *([max(earlier)] if earlier else [])})))


def _nothing_before(window: Window) -> str:
    k = window.anticipation
    if not k:
        return say("no treated unit is observed before adoption: there is no period to compare with")
    return say(
        "no treated unit is observed before adoption and its {n} years of anticipation: there is no period to compare "
        "with",
        n=k,
    )


def order_of_precedence(window: Window) -> list[int]:
    """Return the relative times with a dummy, those first that must stay: after adoption, then late leads."""
    times = window.estimated()
    after = [tau for tau in times if window.counts_as_after(tau)]
    return after + [tau for tau in reversed(times) if not window.counts_as_after(tau)]


def partners(column: np.ndarray, others: np.ndarray) -> list[int]:
    """Return the positions of the columns of ``others`` (n, k), independent, that make up ``column`` (n,)."""
    norms = np.linalg.norm(others, axis=0)
    shares = np.linalg.lstsq(others / norms, column, rcond=None)[0]
    return np.flatnonzero(np.abs(shares) > SUPPORT_TOLERANCE * np.linalg.norm(column)).tolist()


def not_told_apart(window: Window, times: Sequence[int], effects: Sequence[str]) -> str:
    """Return the refusal of periods after adoption whose effects the sample cannot tell apart."""
    return say(
        "the effects at {times} cannot be told apart from each other and {effects}: too few units are untreated at "
        "those times; end the window, or the sample, before them",
        times=[window.words(tau) for tau in sorted(times)],
        effects=_effects(effects),
    )


def second_normalisation(window: Window, times: Sequence[int], effects: Sequence[str]) -> str:
    """Return why a lead is set to zero; ``times`` are the relative times that it is collinear with."""
    others = say("the other relative times")
    if len(times) <= 4:
        others = joined(window.words(tau) for tau in sorted(times))
    return say(
        "second normalisation: set to zero because it is collinear with {others} and {effects}",
        others=others,
        effects=_effects(effects),
    )


def _effects(effects: Sequence[str]) -> str:
    return say("the fixed effects ({names})", names=list(effects)) if effects else say("the constant")
