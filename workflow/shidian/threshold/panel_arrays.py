"""The balanced panel of a threshold regression as arrays, with the within transformation that is declared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from shidian.did.within import inestimable, numbers
from shidian.errors import EstimationError
from shidian.inference.sample import estimation_sample, require_unit_years
from shidian.inference.weights import Weighting, WeightingLike, no_frequency
from shidian.messages import joined, say

MOST_NAMED = 5
"""Most units that an error names."""


@dataclass(frozen=True)
class ThresholdPanel:
    """A balanced panel, sorted by unit and year.

    Attributes:
        y: (n, T) outcome.
        x: (n, T, k) regressors whose slopes change at the threshold.
        z: (n, T, m) regressors with one slope.
        q: (n, T) threshold variable.
        units: n unit labels.
        names_x: k names.
        names_z: m names.
        n_missing: rows of the panel that lacked a value.
        n_dropped_units: units left out because a year was missing.
        missing_units: units that the rows without a value belong to.
        n_dropped_rows: rows of the units left out.
        omitted: name of each control that could not be estimated -> the reason.
        name_q: name of the threshold variable.
        rows: index in the panel of each row of the arrays.
        w: (n, T) weights of the rows, of mean one; None = each row counts as one.
        n_zero: rows of weight zero that were left out.
    """

    y: np.ndarray
    x: np.ndarray
    z: np.ndarray
    q: np.ndarray
    units: tuple[str, ...]
    names_x: tuple[str, ...]
    names_z: tuple[str, ...]
    n_missing: int = 0
    n_dropped_units: int = 0
    omitted: dict[str, str] = field(default_factory=dict)
    missing_units: int = 0
    n_dropped_rows: int = 0
    name_q: str = ""
    rows: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    w: np.ndarray | None = None
    n_zero: int = 0

    def within(self, drop_last: bool) -> np.ndarray:
        """Return the within transformation P, see ``within_matrix``.

        Raises:
            EstimationError: the last demeaned period is to be dropped of weighted rows, which are not alike.
        """
        if drop_last and self.w is not None:
            raise EstimationError(
                say("'drop_last' drops a demeaned period as if rows were alike, and they have weights: leave it out")
            )
        return within_matrix(self.y.shape[1], drop_last, self.w)


def threshold_panel(
    panel: pd.DataFrame,
    outcome: str,
    regime_dependent: Sequence[str],
    threshold_variable: str,
    controls: Sequence[str] = (),
    *,
    unit: str = "unit",
    year: str = "year",
    year_effects: bool = False,
    drop_incomplete_units: bool = False,
    weights: WeightingLike = None,
) -> ThresholdPanel:
    """Return the arrays of a balanced panel.

    Controls that the fixed effects absorb or that are collinear with the regressors and earlier controls are set
    aside in ``omitted`` with the reason, as in any other regression (``did.within``).

    Args:
        panel: unit-years.
        outcome: name of the outcome.
        regime_dependent: k regressors whose slopes change.
        threshold_variable: name of q.
        controls: regressors with one slope.
        unit: name of the unit column.
        year: name of the year column.
        year_effects: add year dummies to the controls.
        drop_incomplete_units: leave out units that lack a year; without it they are an error.
        weights: what the rows are weighted by; a row of weight zero is left out.

    Raises:
        EstimationError: unbalanced panel, duplicated unit-years, or a regressor that the fixed effects absorb or
            earlier regressors explain.
    """
    weighting = no_frequency(Weighting.parse(weights), say("a threshold regression"))
    columns = [outcome, *regime_dependent, *controls, threshold_variable, unit, year]
    sample = estimation_sample(panel, columns, weighting=weighting)
    frame, n_dropped = _balanced(sample.frame, unit, year, drop_incomplete_units)
    years = np.sort(frame[year].unique())
    n, periods = frame[unit].nunique(), len(years)
    if periods < 2 or n < 2:
        raise EstimationError(
            say("a threshold regression needs two units and two years, not {n} and {years}", n=n, years=periods)
        )
    effects = [unit, year] if year_effects else [unit]
    kept, omitted = _controls_kept(frame, list(regime_dependent), controls, effects)

    def cube(names: Sequence[str]) -> np.ndarray:
        return _columns(frame, names).reshape(n, periods, len(names))

    z, names_z = cube(kept), list(kept)
    if year_effects:
        dummies = np.broadcast_to(np.eye(periods)[:, 1:], (n, periods, periods - 1))
        z = np.concatenate([z, dummies], axis=2)
        names_z += [f"{year}={y}" for y in years[1:]]
    w = cube([weighting.variable])[:, :, 0] if weighting else None
    return ThresholdPanel(
        y=cube([outcome])[:, :, 0], x=cube(regime_dependent), z=z, q=cube([threshold_variable])[:, :, 0],
        units=tuple(str(u) for u in frame[unit].drop_duplicates()), names_x=tuple(regime_dependent),
        names_z=tuple(names_z), n_missing=sample.n_missing, n_dropped_units=n_dropped, omitted=omitted,
        missing_units=int(panel.loc[sample.dropped["row"][: sample.n_missing], unit].nunique()),
        n_dropped_rows=len(sample.frame) - len(frame), name_q=threshold_variable,
        rows=sample.rows[frame.index.to_numpy()], w=None if w is None else w / w.mean(), n_zero=sample.n_zero,
    )  # fmt: skip


def _balanced(frame: pd.DataFrame, unit: str, year: str, drop_incomplete: bool) -> tuple[pd.DataFrame, int]:
    """Return the rows of units with every year, sorted by unit and year, and the number of units left out."""
    frame = frame.sort_values([unit, year], kind="stable")
    require_unit_years(frame, say("a threshold regression"), unit, year)
    counts = frame.groupby(unit, observed=True)[year].size()
    short = counts.index[counts < frame[year].nunique()]
    if len(short):
        if not drop_incomplete:
            raise EstimationError(_unbalanced([str(u) for u in short], len(counts)))
        frame = frame[~frame[unit].isin(short)]
        if frame.empty:
            raise EstimationError(say("no unit has a value in every year: nothing is left of the balanced panel"))
    return frame, len(short)


def _unbalanced(lacking: list[str], n_units: int) -> str:
    names = joined(lacking[:MOST_NAMED])
    return say(
        "a threshold regression needs a balanced panel: {n} of {all} units lack a year ({units}); fill the gaps, "
        "shorten the period, or set drop_incomplete_units: true",
        n=len(lacking), all=n_units, units=say("{names} ...", names=names) if len(lacking) > MOST_NAMED else names,
    )  # fmt: skip


def _controls_kept(
    frame: pd.DataFrame, regressors: list[str], controls: Sequence[str], effects: list[str]
) -> tuple[list[str], dict[str, str]]:
    """Return the controls that have a slope beside the effects, the regressors and earlier controls; why others don't.

    A regressor's columns by regime sum to the regressor, so what it explains in the linear model it explains with
    any threshold in place.
    """
    names = list(dict.fromkeys([*regressors, *controls]))
    twice = {name: say("its slope changes at the threshold") for name in controls if name in regressors}
    omitted = inestimable(frame, names, effects)
    for name in regressors:
        if name in omitted:
            raise EstimationError(
                say("the regressor '{name}' cannot be estimated: {why}", name=name, why=omitted[name])
            )
    return [name for name in names if name not in regressors and name not in omitted], twice | omitted


def _columns(frame: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    return np.column_stack([np.empty((len(frame), 0)), *(numbers(frame, name) for name in names)])


def within_matrix(periods: int, drop_last: bool, w: np.ndarray | None = None) -> np.ndarray:
    """Return P, (T, T) or (T-1, T): y_i - mean(y_i), without the last period when ``drop_last`` (Hansen's code).

    Of rows with (n, T) weights it is (n, T, T), one P_i a unit: the roots of the weights times y_i less its weighted
    mean, of which least squares are weighted least squares.
    """
    if w is not None:
        root = np.sqrt(w)
        means = w / w.sum(axis=1, keepdims=True)
        return np.asarray(root[:, :, None] * (np.eye(periods) - means[:, None, :]))
    full = np.eye(periods) - 1.0 / periods
    return full[:-1] if drop_last else full
