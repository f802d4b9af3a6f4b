"""The regression with the thresholds in place: one slope a regime."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from shidian.did.twfe import CONSTANT
from shidian.did.within import estimable
from shidian.errors import EstimationError
from shidian.estimates import Fit
from shidian.inference.scaled import inverse
from shidian.inference.small_sample import cluster_factor, count_parameters, degrees_of_freedom, hetero_factor
from shidian.messages import joined, say
from shidian.threshold.candidates import ThresholdOptions
from shidian.threshold.panel_arrays import ThresholdPanel, within_matrix
from shidian.threshold.scan import transformed
from shidian.variance import NOTHING_LEFT

Vcov = Literal["iid", "robust", "cluster"]
SmallSample = Literal["fixest", "reghdfe", "xtreg", "areg", "none"]
KINDS = {"iid": say("homoskedastic"), "cluster": say("clustered by {by}", by="unit")}


def regime_regression(
    panel: ThresholdPanel,
    thresholds: Sequence[float],
    options: ThresholdOptions,
    vcov: Vcov = "cluster",
    *,
    ssc: SmallSample = "xtreg",
    constant: bool = False,
) -> tuple[Fit, tuple[int, ...]]:
    """Return the fit and the number of observations in each regime, the lowest first.

    Terms are ``<regressor>|regime 1`` ... and then the controls. Thresholds are taken as known: they converge
    faster than the slopes (Hansen 1999, section 4). ``ssc`` counts
    the parameters as in any other regression: errors ``iid`` with n(T-1) - K degrees of freedom, ``robust`` with
    N/(N-K-n), ``cluster`` by unit with (N-1)/(N-K-1) n/(n-1), for areg (N-1)/(N-K-n) n/(n-1); ``none`` takes no factor
    and the normal distribution, with ``robust`` the White errors of Hansen's paper. xtreg, which has no unclustered
    robust errors, counts for them as areg.
    With ``constant`` the last term is the constant that xthreg prints, which is that of Stata's ``xtreg, fe``
    (``did.constant``): the grand means are added back to the demeaned columns.

    Raises:
        EstimationError: a slope is not identified; a constant where the last demeaned period is dropped.
    """
    n, periods = panel.y.shape
    transform = panel.within(options.drop_last)
    edges = np.sort(np.asarray(thresholds, dtype=float))
    regime = np.searchsorted(edges, panel.q, side="right" if options.strict else "left")
    sizes = tuple(int((regime == r).sum()) for r in range(len(edges) + 1))
    by_regime = [panel.x * (regime == r)[..., None] for r in range(len(edges) + 1)]
    terms = [regime_term(name, r + 1) for r in range(len(edges) + 1) for name in panel.names_x] + list(panel.names_z)
    cube = np.concatenate([*by_regime, panel.z], axis=2)
    x = transformed(cube, transform)
    y = transformed(panel.y[..., None], transform)[:, 0]
    _check_identified(transformed(cube, within_matrix(periods, drop_last=False)), cube, terms)
    bread = inverse(x.T @ x)
    coef = bread @ (x.T @ y)
    e = y - x @ coef
    slopes = x.shape[1]
    if constant:
        if options.drop_last:
            raise EstimationError(say("without the last demeaned period the regime regression has no constant"))
        means, ones = _means(panel, regime, len(sizes)), np.ones(n * periods)
        if panel.w is not None:
            ones = np.sqrt(panel.w).ravel()
        coef, terms = np.append(coef, _mean(panel, panel.y) - means @ coef), [*terms, CONSTANT]
        x = np.column_stack([x + ones[:, None] * means, ones])
        bread = inverse(x.T @ x)
    covariance, df = _covariance(x, e, bread, slopes, n, periods, vcov, ssc)
    centred = (panel.y - _mean(panel, panel.y)) * (1.0 if panel.w is None else np.sqrt(panel.w))
    rss = float(e @ e)
    return Fit(
        terms=tuple(terms), coef=coef, vcov=covariance, df=float(df), n_obs=n * periods, n_units=n,
        n_clusters=n if vcov == "cluster" else None, n_missing=panel.n_missing,
        r2=float("nan") if options.drop_last else 1 - rss / float(np.sum(centred**2)),
        r2_within=1 - rss / float(y @ y), vcov_kind=_words(vcov, ssc), ssc="" if ssc == "none" else ssc,
        extra={"rss": rss}, floor=NOTHING_LEFT * float(panel.y.std()) * np.sqrt(np.diag(bread)),
    ), sizes  # fmt: skip


def regime_term(name: str, regime: int) -> str:
    """Return the name of a regressor's slope in one regime, the lowest of which is 1."""
    return say("{name}|regime {regime}", name=name, regime=regime)


def _check_identified(within: np.ndarray, cube: np.ndarray, terms: list[str]) -> None:
    """Stop at a slope that the unit effects or the other columns leave nothing of, in one regime, say."""
    _, _, omitted = estimable(within, cube.reshape(len(within), -1), terms, ["unit"])
    if omitted:
        reasons = joined([say("'{name}' is {why}", name=name, why=why) for name, why in omitted.items()], "clauses")
        raise EstimationError(say("the regime regression does not identify every slope: {reasons}", reasons=reasons))


def _means(panel: ThresholdPanel, regime: np.ndarray, regimes: int) -> np.ndarray:
    """Return the means over all rows of the regression's columns: regressors by regime, then the others."""
    parts = [_mean(panel, panel.x * (regime == r)[..., None]) for r in range(regimes)]
    return np.concatenate([*parts, _mean(panel, panel.z)])


def _mean(panel: ThresholdPanel, values: np.ndarray) -> np.ndarray:
    """Return the mean of (n, T) or (n, T, k) values over all rows, by their weights where they have some."""
    if panel.w is None:
        return np.asarray(values.mean() if values.ndim == 2 else values.mean(axis=(0, 1)))
    return np.asarray(np.einsum("it,it...->...", panel.w, values) / panel.w.sum())


def _covariance(
    x: np.ndarray, e: np.ndarray, bread: np.ndarray, k: int, n: int, periods: int, vcov: Vcov, ssc: SmallSample
) -> tuple[np.ndarray, float]:
    """Return covariance and degrees of freedom; ``k`` slopes, a constant among the columns not counted."""
    rows, unit = n * periods, np.repeat(np.arange(n), periods)
    count = 0 if ssc == "none" else count_parameters(k, [unit], unit if vcov == "cluster" else None, ssc)
    if vcov == "iid":
        matrix = bread * float(e @ e) / (rows - count)
    else:
        influence = (x @ bread) * e[:, None]
        if vcov == "cluster":
            influence = influence.reshape(n, -1, x.shape[1]).sum(axis=1)
        matrix = influence.T @ influence
    if ssc == "none":
        return matrix, float("inf")
    if vcov == "robust":
        matrix = matrix * hetero_factor(rows, count)
    if vcov == "cluster":
        matrix = matrix * cluster_factor(rows, count, n)
    return matrix, degrees_of_freedom(rows, count, n if vcov == "cluster" else None, ssc)


def _words(vcov: Vcov, ssc: SmallSample) -> str:
    if ssc == "none":
        kind = say("heteroskedasticity-robust (HC0)") if vcov == "robust" else KINDS[vcov]
        return joined([kind, say("no small-sample factor")], "commas")
    return say("heteroskedasticity-robust (HC1)") if vcov == "robust" else KINDS[vcov]
