"""The model of untreated outcomes that imputation and two-stage share, and which treated rows it reaches.

``y_it = alpha_i + lambda_t + x_it'delta + e_it`` on the rows without treatment. Units are eliminated exactly, years
and slopes solved by QR on columns of unit norm: no iteration, no tolerance in the units of the outcome. Rows with
weights enter means and sums of squares by them. A treated row is imputed only where its unit and its year are tied by
untreated rows (one component of their graph).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from shidian.did.staggered.design import Design, LeftOut
from shidian.did.staggered.weights import row_weights
from shidian.did.within import inestimable, numbers
from shidian.errors import EstimationError
from shidian.messages import joined, say
from shidian.variance import ROUNDED

ROUNDING = 1e-13
"""A fit whose residuals are below this share of the outcome's size is perfect: they are rounding error."""
EXACT = ROUNDED


@dataclass(frozen=True)
class Untreated:
    """Untreated outcomes fitted and imputed.

    Attributes:
        untreated: (n,) rows of the design that count as untreated.
        imputed: (n,) other rows whose untreated outcome is identified.
        tau: (n,) years since adoption, NaN for never-treated units.
        effect: (n,) outcome less untreated outcome: the residual on untreated rows, the effect on imputed ones,
            NaN elsewhere.
        floor: a standard error below this is rounding error.
        left_out: the treated rows that cannot be imputed, by reason.
        why: (n,) the reason of each such row, empty elsewhere.
        omitted: control without a slope among untreated rows -> the reason.
        unit: (n,) codes of units.
        n_before: untreated rows of each unit, or the sum of their weights.
        within: (n, k) years and controls less their means over the unit's untreated rows.
        Q: (n0, k) orthonormal basis of ``within`` on untreated rows, times the roots of the rows' weights.
        R: (k, k) triangular factor of that basis.
        w: (n,) weights of the rows, ones where they have none.
    """

    untreated: np.ndarray
    imputed: np.ndarray
    tau: np.ndarray
    effect: np.ndarray
    floor: float
    left_out: tuple[LeftOut, ...]
    why: np.ndarray
    omitted: Mapping[str, str]
    unit: np.ndarray
    n_before: np.ndarray
    within: np.ndarray
    Q: np.ndarray
    R: np.ndarray
    w: np.ndarray

    @property
    def root(self) -> np.ndarray:
        """(n0,) roots of the weights of untreated rows."""
        return np.asarray(np.sqrt(self.w[self.untreated]))

    @property
    def used(self) -> np.ndarray:
        """Rows that the estimate rests on: (n,) untreated or imputed."""
        return self.untreated | self.imputed

    def weights(self, target: np.ndarray) -> np.ndarray:
        """Return what each row's outcome weighs in the targets, apart from the targets' own weights.

        Args:
            target: (n, m) weights of the effects (on treated rows) or residuals (on untreated ones) in m estimates,
                zero where ``effect`` is missing.

        Returns:
            (n0, m) weights of the untreated rows: -V0 A0 (A0'V0 A0)^-1 A'w, A the dummies and controls, V0 the
            diagonal matrix of the rows' own weights (Borusyak, Jaravel & Spiess 2024, proposition A3).
        """
        own = np.zeros((len(self.n_before), target.shape[1]))
        np.add.at(own, self.unit, target)
        share = own[self.unit[self.untreated]] / self.n_before[self.unit[self.untreated], None]
        root = self.root[:, None]
        return -root * (root * share + self.Q @ np.linalg.solve(self.R.T, self.within.T @ target))

    def partialled(self, columns: np.ndarray) -> np.ndarray:
        """Return (n0, m) columns on untreated rows less the effects of units and years and the controls."""
        unit = self.unit[self.untreated]
        root, w = self.root[:, None], self.w[self.untreated]
        rest = root * _less_unit_means(columns, unit, np.ones(len(unit), dtype=bool), self.n_before, w)
        for _ in range(2):  # twice is enough (Kahan & Parlett)
            rest = rest - self.Q @ (self.Q.T @ rest)
        return rest / root


def untreated_model(asked: Design, estimator: str = "imputation") -> Untreated:
    """Fit the untreated outcomes of the design and impute those of treated rows.

    ``estimator`` is the one that weights are taken for (``staggered.weights``).

    Raises:
        EstimationError: no untreated row; no treated row whose untreated outcome is identified.
    """
    frame = asked.panel
    tau = (frame["year"] - frame["adoption_year"]).astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    untreated = ~(tau >= -asked.anticipation)
    if not untreated.any():
        raise EstimationError(say("no row is untreated: there is nothing to impute from"))
    unit, year = (np.unique(frame[name], return_inverse=True)[1] for name in ("unit", "year"))
    tied, first = _tied(unit, year, untreated)
    imputed = ~untreated & tied
    why, left_out = _left_out(frame, ~untreated & ~tied, unit, year, untreated)
    if not (imputed & (tau >= 0)).any():
        reasons = [part.why for part in left_out] or [say("no row is treated")]
        raise EstimationError(say("no effect is identified: {why}", why=joined(reasons, "clauses")))
    omitted = inestimable(frame[untreated], asked.controls, ["unit", "year"])
    kept = [name for name in asked.controls if name not in omitted]
    own = row_weights(estimator, asked)
    w = np.ones(len(frame)) if own is None else own
    before = np.bincount(unit[untreated], w[untreated], minlength=int(unit.max()) + 1)
    columns = [(year == t).astype(np.float64) for t in np.unique(year[untreated]) if t not in first]
    columns += [numbers(frame, name) for name in kept]
    y = numbers(frame, asked.outcome)
    within = _less_unit_means(np.column_stack([y - y[untreated].mean(), *columns]), unit, untreated, before, w)
    outcome, design = within[:, 0], within[:, 1:]
    norms, root = np.linalg.norm(design[untreated], axis=0), np.sqrt(w[untreated])
    design = design / norms
    Q, R = np.linalg.qr(root[:, None] * design[untreated])
    effect = outcome - design @ np.linalg.solve(R, Q.T @ (root * outcome[untreated]))
    floor = ROUNDING * float(np.sqrt(np.mean(y**2)))
    if np.sqrt(np.mean(effect[untreated] ** 2)) <= floor:
        effect[untreated] = 0.0
    effect[~(untreated | imputed)] = np.nan
    return Untreated(untreated, imputed, tau, effect, floor, left_out, why, omitted, unit, before, design, Q, R, w)


def _less_unit_means(
    columns: np.ndarray, unit: np.ndarray, untreated: np.ndarray, before: np.ndarray, w: np.ndarray
) -> np.ndarray:
    """Return the columns less each unit's weighted mean over its untreated rows (nothing for units without any)."""
    sums = np.zeros((len(before), columns.shape[1]))
    np.add.at(sums, unit[untreated], w[untreated, None] * columns[untreated])
    return columns - (sums / np.where(before > 0, before, 1.0)[:, None])[unit]


def _tied(unit: np.ndarray, year: np.ndarray, untreated: np.ndarray) -> tuple[np.ndarray, set[int]]:
    """Say of each row whether untreated rows tie its unit to its year; return the first year of each component too."""
    n_units, n_years = int(unit.max()) + 1, int(year.max()) + 1
    edges = (np.ones(int(untreated.sum())), (unit[untreated], n_units + year[untreated]))
    graph = coo_array(edges, shape=(n_units + n_years, n_units + n_years))
    label = connected_components(graph, directed=False)[1]
    observed = np.unique(year[untreated])
    first = {int(observed[label[n_units + observed] == c].min()) for c in np.unique(label[n_units + observed])}
    return label[unit] == label[n_units + year], first


def _left_out(
    frame: pd.DataFrame, out: np.ndarray, unit: np.ndarray, year: np.ndarray, untreated: np.ndarray
) -> tuple[np.ndarray, tuple[LeftOut, ...]]:
    """Return the reason of each treated row that cannot be imputed, and all rows of a reason in words."""
    why = np.full(len(frame), "", dtype=object)
    late = out & ~np.isin(year, year[untreated])
    never = out & ~late & ~np.isin(unit, unit[untreated])
    apart = out & ~late & ~never
    why[late] = say("no unit is untreated then")
    why[never] = say("its units have no row before treatment")
    why[apart] = say("no untreated row ties its units to its years")
    found = []
    for rows, text in (
        (late, say("no unit is untreated in {years}", years=listed(frame["year"][late]))),
        (never, say("no row before treatment of {units}", units=listed(frame["unit"][never]))),
        (
            apart,
            say(
                "no untreated row ties {units} to {years}",
                units=listed(frame["unit"][apart]),
                years=listed(frame["year"][apart]),
            ),
        ),
    ):
        if rows.any():
            cohorts = listed(frame["adoption_year"][rows])
            said = say(
                "{n} treated rows of cohorts {cohorts} left out, {why}", n=int(rows.sum()), cohorts=cohorts, why=text
            )
            found.append(LeftOut(said, int(rows.sum()), int(frame["unit"][rows].nunique())))
    return why, tuple(found)


def listed(values: Sequence[object] | pd.Series) -> str:
    """Return the distinct values in order, joined by commas."""
    return joined(str(value) for value in sorted(pd.unique(pd.Series(values)).tolist()))
