"""One group-time effect of Callaway & Sant'Anna (2021): which units are compared, from which rows, by which weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from shidian.did.doubly_robust import Compared, compare, cross_section_effect
from shidian.errors import EstimationError
from shidian.messages import say

ControlGroup = Literal["never_treated", "not_yet_treated"]
BasePeriod = Literal["varying", "universal"]
FixWeights = Literal["base_period", "first_period", "varying"]
"""Which of a unit's weights counts where they change over time: R's ``fix_weights``."""

NEVER_TREATED = -(10**15)
"""Group of units never treated: no year, since a year may be any integer, zero included."""


@dataclass(frozen=True)
class Comparisons:
    """Outcomes (n, years), nan where not observed, covariates alike, and how they are to be compared."""

    y: np.ndarray
    X: list[np.ndarray]
    groups: np.ndarray
    years: np.ndarray
    control_group: ControlGroup
    base_period: BasePeriod
    anticipation: int
    repeated: bool
    weights: np.ndarray | None = None
    fix_weights: FixWeights = "base_period"
    known: dict[tuple[bytes, ...], Compared] = field(default_factory=dict, compare=False)

    def compared(self, D: np.ndarray, Z: np.ndarray, w: np.ndarray | None) -> Compared:
        """Return who is compared with whom (:func:`compare`): the same units, most often, in all years of a group."""
        key = (D.tobytes(), Z.tobytes(), b"" if w is None else w.tobytes())
        if key not in self.known:
            self.known[key] = compare(D, Z, w)
        return self.known[key]

    @property
    def own_rows(self) -> bool:
        """Whether rows are compared each with its own weight, as rows of repeated cross sections are."""
        return self.repeated or (self.weights is not None and self.fix_weights == "varying")

    def weights_at(self, units: np.ndarray, years: np.ndarray | int) -> np.ndarray | None:
        """Return the weights of rows by the positions of their units and, where it matters, of their years."""
        return None if self.weights is None else self.weights[units, years]

    def controls(self, g: int, later: int) -> np.ndarray:
        """Return who may be compared with group g in two years of which ``later`` is the later one."""
        never = self.groups == NEVER_TREATED
        if self.control_group == "never_treated":
            return never
        return never | ((self.groups > later + self.anticipation) & (self.groups != g))

    def base(self, g: int) -> int | None:
        """Return the position of group g's base: its last year before adoption that controls have too."""
        seen = ~np.isnan(self.y)
        own, others = seen[self.groups == g].any(axis=0), seen[self.controls(g, g)].any(axis=0)
        found = np.flatnonzero((self.years < g - self.anticipation) & own & others)
        return int(found[-1]) if len(found) else None


def group_time_cell(
    sample: Comparisons, g: int, position: int, base: int | None
) -> tuple[dict[str, object], np.ndarray, np.ndarray]:
    """Return the row of ATT(g, t), its influence function, and which rows of the panel it used."""
    n, t = len(sample.groups), int(sample.years[position])
    influence, used = np.zeros(n), np.zeros(sample.y.shape, dtype=bool)
    row: dict[str, object] = {"group": g, "year": t, "n_treated": 0, "n_control": 0, "att": np.nan, "is_base": False}
    if base is None:
        return (
            row | {"reason": say("no year before adoption in which group and controls are observed")},
            influence,
            used,
        )
    seen = ~np.isnan(sample.y[:, [base, position]])
    observed = seen[:, 1] if sample.repeated else seen.all(axis=1)
    treated = sample.groups == g
    control = sample.controls(g, max(t, int(sample.years[base])))
    row |= {"n_treated": int((treated & observed).sum()), "n_control": int((control & observed).sum())}
    if base == position:
        return row | {"att": 0.0, "is_base": True, "reason": ""}, influence, used
    reason = _empty(sample, seen, treated, control, position, base)
    if reason:
        return row | {"reason": reason}, influence, used
    try:
        att, influence = (_cross_sections if sample.own_rows else _pairs)(
            sample, seen, treated, control, position, base
        )
    except np.linalg.LinAlgError:
        reason = say("the covariates separate the {n} treated units from the controls", n=row["n_treated"])
        return row | {"reason": reason}, influence, used
    except EstimationError as error:
        return row | {"reason": str(error)}, influence, used
    rows = (treated | control)[:, None] & (seen if sample.repeated else seen.all(axis=1, keepdims=True))
    used[:, [base, position]] = rows
    return row | {"att": att, "reason": ""}, influence, used


def _empty(
    sample: Comparisons, seen: np.ndarray, treated: np.ndarray, control: np.ndarray, position: int, base: int
) -> str:
    """Return why a comparison has no treated or no control unit, "" where it has both."""
    if not control.any():
        return say("no unit left to compare with")
    lacking = [not _both_years(seen[who], sample.repeated) for who in (treated, control)]
    years = {"year": int(sample.years[position]), "base": int(sample.years[base])}
    if lacking[0]:
        return say("no unit of the group is observed in {year} and in {base}", **years)
    return say("no unit to compare with is observed in {year} and in {base}", **years) if lacking[1] else ""


def _both_years(seen: np.ndarray, repeated: bool) -> bool:
    """Say whether rows of units are there in both years, those of one unit unless rows are compared each alone."""
    return bool(seen.any(axis=0).all() if repeated else seen.all(axis=1).any())


def _pairs(
    sample: Comparisons, seen: np.ndarray, treated: np.ndarray, control: np.ndarray, position: int, base: int
) -> tuple[float, np.ndarray]:
    """Return ATT(g, t) from the units observed in both years, and its influence function over all units."""
    n = len(sample.groups)
    rows = (treated | control) & seen.all(axis=1)
    Z = np.column_stack([np.ones(rows.sum()), *(x[rows, min(base, position)] for x in sample.X)])
    dy = sample.y[rows, position] - sample.y[rows, base]
    att, inside = sample.compared(treated[rows].astype(float), Z, sample.weights_at(np.flatnonzero(rows), base)).effect(
        dy
    )
    influence = np.zeros(n)
    influence[rows] = inside * (n / rows.sum())
    return att, influence


def _cross_sections(
    sample: Comparisons, seen: np.ndarray, treated: np.ndarray, control: np.ndarray, position: int, base: int
) -> tuple[float, np.ndarray]:
    """Return ATT(g, t) from the rows of the two years, and its influence function summed within units.

    They are all rows of repeated cross sections, with the covariates of their own years; of units observed in both
    years, those rows, with the covariates of the earlier year.
    """
    n, both = len(sample.groups), treated | control
    if not sample.repeated:
        both, seen = both & seen.all(axis=1), np.ones_like(seen)
    unit = np.concatenate([np.flatnonzero(both & seen[:, k]) for k in (0, 1)])
    post = np.repeat([0.0, 1.0], [(both & seen[:, k]).sum() for k in (0, 1)])
    at = np.where(post == 1, position, base)
    known = at if sample.repeated else min(base, position)
    Z = np.column_stack([np.ones(len(unit)), *(x[unit, known] for x in sample.X)])
    weights = sample.weights_at(unit, at)
    att, inside = cross_section_effect(sample.y[unit, at], post, treated[unit].astype(float), Z, weights)
    return att, np.bincount(unit, weights=inside, minlength=n) * (n / len(unit))
