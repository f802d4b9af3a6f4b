"""From a panel and a declared specification to the arrays that every draw shares.

A draw changes only the treatment D, so the sample, the outcome and the controls with the fixed effects partialled
out, the clusters and the small-sample factor are computed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.estimates import Fit
from shidian.inference.covariance import Vcov
from shidian.inference.sample import Sample, Singletons, estimation_sample, singletons_of
from shidian.inference.small_sample import (
    Convention,
    cluster_factor,
    count_parameters,
    degrees_of_freedom,
    hetero_factor,
    is_nested,
)
from shidian.inference.weights import Weighting
from shidian.messages import say
from shidian.placebo.columns import ADOPTION, UNIT, YEAR, cohorts_of, require_finite, weights_of
from shidian.placebo.projection import Projector, build_projector, independent, orthonormal


@dataclass(frozen=True)
class Design:
    """What all draws share. Rows are sorted by unit of assignment and year; N rows, n units, k controls.

    Attributes:
        frame: the N rows used, with the columns of the specification.
        unit: (N,) code of the unit of assignment, 0..n-1, ascending.
        unit_names: (n,) names of the units of assignment, sorted.
        start: (n + 1,) first row of each unit, and N.
        year: (N,) calendar years.
        years: distinct years, ascending.
        cohort: (n,) position of the true adoption year in ``years``, NEVER for units never treated.
        y: (N,) outcome, fixed effects and controls partialled out.
        controls: (N, k) controls, fixed effects partialled out, orthonormal in the weighted inner product.
        projector: residual maker of the fixed effects.
        cluster: (N,) cluster codes; each row its own for heteroskedastic errors.
        n_clusters: number of clusters, or None.
        factor: small-sample factor of the covariance.
        df: degrees of freedom of the t distribution.
        n_parameters: K, the number of parameters counted by the convention.
        vcov: kind of standard error.
        ssc: small-sample convention.
        n_missing: rows dropped for a missing value.
        n_singletons: rows dropped because a fixed effect had one observation.
        n_singletons_kept: such rows that were kept.
        dropped_controls: controls dropped because fixed effects or earlier controls absorb them.
        dropped_rows: (units, rows, reason) of rows dropped for a missing value or as singletons.
        sample: the estimation sample, in the order of the panel.
    """

    frame: pd.DataFrame
    unit: np.ndarray
    unit_names: np.ndarray
    start: np.ndarray
    year: np.ndarray
    years: np.ndarray
    cohort: np.ndarray
    y: np.ndarray
    controls: np.ndarray
    projector: Projector
    cluster: np.ndarray
    n_clusters: int | None
    factor: float
    df: float
    n_parameters: int
    vcov: Vcov
    ssc: Convention
    n_missing: int
    n_singletons: int
    n_singletons_kept: int
    dropped_controls: tuple[str, ...]
    sample: Sample
    dropped_rows: tuple[tuple[int, int, str], ...] = ()

    @property
    def n_units(self) -> int:
        """Number of units of assignment."""
        return len(self.unit_names)

    @property
    def weight(self) -> np.ndarray:
        """(N,) regression weights."""
        return self.projector.weight

    def fit(self, terms: Sequence[str], coef: np.ndarray, covariance: np.ndarray) -> Fit:
        """Return estimates made on this design, with its counts."""
        return Fit(
            terms=tuple(terms), coef=coef, vcov=covariance, df=self.df, n_obs=len(self.y), n_units=self.n_units,
            n_clusters=self.n_clusters, n_singletons=self.n_singletons, n_missing=self.n_missing,
            vcov_kind=self.vcov.describe(), ssc=self.ssc, n_singletons_kept=self.n_singletons_kept,
        )  # fmt: skip


def build_design(
    panel: pd.DataFrame,
    *,
    outcome: str,
    fixed_effects: Sequence[str],
    vcov: Vcov,
    ssc: Convention,
    controls: Sequence[str] = (),
    weights: str = "",
    assign_by: str = UNIT,
    keep: Sequence[str] = (),
    n_regressors: int = 1,
    singletons: Singletons | None = None,
) -> Design:
    """Build the design of a two-way (or richer) fixed-effects regression whose treatment will be drawn.

    Args:
        panel: rows of unit-years with columns year, adoption_year, ``assign_by`` and those named below.
        outcome: outcome column.
        fixed_effects: columns whose levels are partialled out.
        vcov: kind of standard error.
        ssc: small-sample convention.
        controls: control columns.
        weights: column of analytic weights, empty for none.
        assign_by: column whose levels are treated together: the units of assignment.
        keep: further columns to carry along, such as strata.
        n_regressors: number of treatment columns in the regression (more than one in an event study).
        singletons: dropped or kept; None = as the software of ``ssc`` does.

    Raises:
        EstimationError: columns that are not there, no row left, an infinite outcome or control, weights that are not
            positive and finite, adoption years that differ within a unit of assignment or lie outside the panel, no
            degrees of freedom.
    """
    needed = [outcome, *controls, assign_by, YEAR, *vcov.clusters]
    weighting = Weighting(weights) if weights else None
    kept = singletons_of(ssc, singletons)
    sample = estimation_sample(panel, needed, fixed_effects, [ADOPTION, *keep], kept, weighting)
    frame = _sorted(sample.frame, [assign_by, YEAR, *fixed_effects, outcome, *controls])
    unit, unit_names = _codes(frame[assign_by])
    require_finite(frame, [outcome, *controls], assign_by)
    weight = weights_of(frame, weights)
    years = np.sort(frame[YEAR].unique()).astype(np.int64)
    projector = build_projector(*_split_effects(frame, fixed_effects, unit), weight)
    y_effects = projector.residuals(frame[[outcome]].to_numpy(float))
    basis, dropped = _control_basis(frame, controls, projector)
    y = y_effects - basis @ (basis.T @ (weight[:, None] * y_effects))
    effects = [_codes(frame[name])[0] for name in fixed_effects]
    cluster = _codes(frame[vcov.clusters[0]])[0] if vcov.clusters else np.arange(len(frame))
    n_controls = basis.shape[1]
    n_parameters = count_parameters(n_regressors + n_controls, effects, cluster if vcov.clusters else None, ssc)
    factor, df = _small_sample(len(frame), n_parameters, cluster, vcov, ssc)
    return Design(
        frame=frame, unit=unit, unit_names=unit_names, start=np.searchsorted(unit, np.arange(len(unit_names) + 1)),
        year=frame[YEAR].to_numpy(np.int64), years=years, cohort=cohorts_of(frame, unit, unit_names, years, assign_by),
        y=y[:, 0], controls=basis, projector=projector, cluster=cluster,
        n_clusters=int(cluster.max()) + 1 if vcov.clusters else None, factor=factor, df=df, n_parameters=n_parameters,
        vcov=vcov, ssc=ssc, n_missing=sample.n_missing, n_singletons=sample.n_singletons,
        n_singletons_kept=sample.n_kept, dropped_controls=dropped, dropped_rows=_dropped_rows(panel, sample, assign_by),
        sample=sample,
    )  # fmt: skip


def _dropped_rows(panel: pd.DataFrame, sample: Sample, assign_by: str) -> tuple[tuple[int, int, str], ...]:
    """Return (units, rows, reason) of what the estimation sample dropped."""
    name = UNIT if UNIT in panel.columns else assign_by
    return tuple(
        (int(panel.loc[part["row"], name].nunique()), len(part), str(reason))
        for reason, part in sample.dropped.groupby("reason", sort=True)
    )


def _sorted(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Sort rows by unit and year; further keys break ties where several rows share both."""
    return frame.sort_values(list(dict.fromkeys(keys)), kind="stable", ignore_index=True)


def _codes(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return codes 0..L-1 in sorted order of the values, and the values."""
    codes, values = pd.factorize(column, sort=True)
    return codes.astype(np.int64), np.asarray(values)


def _split_effects(
    frame: pd.DataFrame, fixed_effects: Sequence[str], unit: np.ndarray
) -> tuple[np.ndarray | None, list[np.ndarray]]:
    """Choose the effect to sweep out by group: of those nested in the units of assignment, the finest."""
    codes = {name: _codes(frame[name])[0] for name in fixed_effects}
    nested = [name for name in fixed_effects if is_nested(codes[name], unit)]
    if not codes:
        return None, [np.zeros(len(frame), dtype=np.int64)]
    if not nested:
        return None, list(codes.values())
    swept = max(nested, key=lambda name: int(codes[name].max()))
    return codes[swept], [c for name, c in codes.items() if name != swept]


def _control_basis(
    frame: pd.DataFrame, controls: Sequence[str], projector: Projector
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return an orthonormal basis of the controls net of the fixed effects, and the controls it left out."""
    if not controls:
        return np.empty((len(frame), 0)), ()
    raw = frame[list(controls)].to_numpy(float)
    raw = raw - raw.mean(axis=0)
    scale = np.sqrt((projector.weight[:, None] * raw**2).sum(axis=0))
    raw = raw / np.where(scale > 0, scale, 1.0)
    left = projector.residuals(raw)
    used = independent(left, projector.weight, np.where(scale > 0, 1.0, np.inf))
    dropped = tuple(name for name, ok in zip(controls, used, strict=True) if not ok)
    return orthonormal(left[:, used], projector.weight), dropped


def _small_sample(
    n_obs: int, n_parameters: int, cluster: np.ndarray, vcov: Vcov, ssc: Convention
) -> tuple[float, float]:
    """Return the factor of the covariance and the degrees of freedom of t (Cameron & Miller 2015)."""
    if n_obs <= n_parameters:
        raise EstimationError(
            say(
                "{n_obs} rows cannot carry {n_parameters} parameters: no degrees of freedom are left",
                n_obs=n_obs,
                n_parameters=n_parameters,
            )
        )
    if vcov.kind != "cluster":
        if ssc == "xtreg" and vcov.kind == "hetero":
            raise EstimationError(
                say(
                    "xtreg has no unclustered robust errors (its vce(robust) clusters by unit): cluster by unit, "
                    "or choose the convention 'reghdfe', 'areg' or 'fixest'"
                )
            )
        return hetero_factor(n_obs, n_parameters), degrees_of_freedom(n_obs, n_parameters, None, ssc)
    n_clusters = int(cluster.max()) + 1
    if n_clusters < 2:
        raise EstimationError(
            say(
                "the sample has one cluster of '{cluster}'; clustered errors need two or more", cluster=vcov.clusters[0]
            )
        )
    factor = cluster_factor(n_obs, n_parameters, n_clusters)
    return factor, degrees_of_freedom(n_obs, n_parameters, n_clusters, ssc)
