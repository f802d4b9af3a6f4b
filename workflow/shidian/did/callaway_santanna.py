"""Callaway & Sant'Anna (2021): group-time effects ATT(g, t) and their aggregations, with analytic standard errors.

Own code: the propensity score of diff-diff 3.13 stops short of convergence, which with covariates moves ATT(g, t) in
the sixth digit; without covariates diff-diff agrees to the last digits and is the peer in the tests. The doubly
robust estimator is that of Sant'Anna & Zhao (2020), traditional (logit, least squares), as R's ``did`` uses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from shidian.did.wald import wald_statistic
from shidian.errors import EstimationError
from shidian.printed import p_words
from shidian.variance import least_error, roots, variance_reasons

ControlGroup = Literal["never_treated", "not_yet_treated"]
BasePeriod = Literal["varying", "universal"]
PSCORE_CAP = 1 - 1e-6


@dataclass(frozen=True)
class GroupTime:
    """Group-time effects.

    Attributes:
        cells: one row a (g, t): group, year, att, se, n_treated, n_control, reason (why att is missing).
        influence: (n, cells) influence functions, one column a row of ``cells`` (0 where att is missing).
        groups: (n,) group of each unit, 0 = never treated.
        units: (n,) unit labels.
        clusters: (n,) cluster codes.
        floor: standard error at or below which rounding error alone is left of the outcome.
    """

    cells: pd.DataFrame
    influence: np.ndarray
    groups: np.ndarray
    units: np.ndarray
    clusters: np.ndarray
    floor: float = 0.0


@dataclass(frozen=True)
class Aggregate:
    """An aggregation: labels, estimates, their covariance, and the overall effect with its standard error."""

    labels: tuple[int, ...]
    att: np.ndarray
    vcov: np.ndarray
    overall: float
    overall_se: float

    @property
    def se(self) -> np.ndarray:
        """(k,) standard errors."""
        return roots(np.diag(self.vcov))


def group_time_effects(
    panel: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str] = (),
    control_group: ControlGroup = "never_treated",
    base_period: BasePeriod = "varying",
    cluster: str | None = None,
) -> GroupTime:
    """Estimate ATT(g, t) for every group and year from a balanced panel.

    Args:
        panel: unit, year, adoption_year (missing = never treated), ``outcome`` and ``covariates``; balanced, no unit
            treated in the first year.
        outcome: name of the outcome.
        covariates: covariates of the doubly robust estimator, taken in the earlier of the two years compared.
        control_group: never-treated units, or also those not treated by the later of the two years.
        base_period: ``varying`` compares years before adoption with the year before them, ``universal`` all
            years with g-1.
        cluster: column to cluster by; default the unit.

    Raises:
        EstimationError: no treated unit, or no never-treated one where they are the control group.
    """
    wide = panel.pivot(index="unit", columns="year", values=outcome).sort_index().sort_index(axis=1)
    X = [panel.pivot(index="unit", columns="year", values=c).reindex_like(wide).to_numpy(float) for c in covariates]
    first = panel.groupby("unit")[["adoption_year"]].first().reindex(wide.index)
    groups = first["adoption_year"].astype("Int64").fillna(0).to_numpy(dtype=np.int64)
    if not groups.any():
        raise EstimationError("Callaway-Sant'Anna needs treated units: no adoption year in the sample")
    if control_group == "never_treated" and groups.all():
        raise EstimationError(
            "no never-treated units to compare with: take control_group not_yet_treated, which compares with units "
            "that adopt later"
        )
    years = wide.columns.to_numpy(dtype=np.int64)
    y = wide.to_numpy(dtype=np.float64)
    cells, columns = [], []
    for g in np.unique(groups[groups > 0]):
        for position in range(len(years)):
            cell = _cell(y, X, groups, years, int(g), position, control_group, base_period)
            if cell is not None:
                cells.append(cell[0])
                columns.append(cell[1])
    influence = np.column_stack(columns)
    clusters = _clusters(panel, wide.index, cluster)
    frame = pd.DataFrame(cells)
    se = np.array([_standard_error(column, clusters) for column in influence.T])
    frame["se"] = np.where(frame["reason"] == "", se, np.nan)
    frame.loc[frame["is_base"], "se"] = np.nan
    return GroupTime(frame, influence, groups, wide.index.to_numpy(), clusters, least_error(y.ravel()))


@dataclass(frozen=True)
class Pretest:
    """Joint test that all ATT(g, t) before adoption are zero: chi-squared with df degrees of freedom."""

    statistic: float
    df: int
    p: float


def pretest(effects: GroupTime) -> Pretest | None:
    """Return the Wald test that every estimated ATT(g, t) with t < g is zero; None where there is no such cell.

    With the analytic covariance of the influence functions, as R's ``did`` prints it beside its group-time effects.

    Raises:
        EstimationError: the covariance of the cells is singular (more of them than clusters allow), or zero.
    """
    before = (effects.cells["year"] < effects.cells["group"]).to_numpy()
    kept = _estimated(effects) & before & ~effects.cells["is_base"].to_numpy(dtype=bool)
    if not kept.any():
        return None
    sums = _cluster_sums(effects.influence[:, kept], effects.clusters)
    V = sums.T @ sums / len(effects.units) ** 2
    df = int(kept.sum())
    att = effects.cells["att"][kept].to_numpy(dtype=np.float64)
    if any(variance_reasons(att, np.diag(V), np.full(df, effects.floor))):
        raise EstimationError("an effect before adoption has no sampling error: there is nothing to test it against")
    se = np.sqrt(np.diag(V))
    statistic = wald_statistic(att, V, se, f"{df} effects before adoption")
    return Pretest(statistic, df, float(stats.chi2.sf(statistic, df)))


def pretest_words(effects: GroupTime) -> str:
    """Return the clause of a note on the joint test before adoption, or why there is none."""
    try:
        test = pretest(effects)
    except EstimationError as error:
        return str(error)
    if test is None:
        return "no group-time effect before adoption to test"
    return f"all group-time effects before adoption zero: χ²({test.df}) = {test.statistic:.2f}, {p_words(test.p)}"


def simple(effects: GroupTime) -> tuple[float, float]:
    """Return the average of all ATT(g, t), t >= g, weighted by group size, with its standard error."""
    keep = _estimated(effects) & (effects.cells["year"] >= effects.cells["group"]).to_numpy()
    att, influence = _weighted(effects, keep)
    return att, _standard_error(influence, effects.clusters)


def dynamic(effects: GroupTime) -> Aggregate:
    """Return effects by time since adoption; overall = their mean over e >= 0."""
    time = (effects.cells["year"] - effects.cells["group"]).to_numpy()
    kept = _estimated(effects)
    labels = sorted({int(e) for e in time[kept]})
    parts = [_weighted(effects, kept & (time == e)) for e in labels]
    post = np.array(labels) >= 0
    return _aggregate(effects, labels, parts, np.where(post, 1 / max(post.sum(), 1), 0.0))


def group(effects: GroupTime) -> Aggregate:
    """Return effects by group (mean over its treated years); overall = weighted by group size."""
    kept = _estimated(effects) & (effects.cells["year"] >= effects.cells["group"]).to_numpy()
    labels = sorted({int(g) for g in effects.cells["group"][kept]})
    parts = []
    for g in labels:
        inside = kept & (effects.cells["group"] == g).to_numpy()
        parts.append((float(effects.cells["att"][inside].mean()), effects.influence[:, inside].mean(axis=1)))
    share = np.array([(effects.groups == g).mean() for g in labels])
    att = np.array([p[0] for p in parts])
    weights = share / share.sum()
    overall = np.column_stack([p[1] for p in parts]) @ weights + _weight_influence(effects, labels, share) @ att
    aggregate = _aggregate(effects, labels, parts, weights)
    return Aggregate(
        aggregate.labels, att, aggregate.vcov, float(weights @ att), _standard_error(overall, effects.clusters)
    )


def calendar(effects: GroupTime) -> Aggregate:
    """Return effects by calendar year over the groups treated by then; overall = their mean."""
    kept = _estimated(effects) & (effects.cells["year"] >= effects.cells["group"]).to_numpy()
    labels = sorted({int(t) for t in effects.cells["year"][kept]})
    parts = [_weighted(effects, kept & (effects.cells["year"] == t).to_numpy()) for t in labels]
    return _aggregate(effects, labels, parts, np.full(len(labels), 1 / len(labels)))


def _cell(
    y: np.ndarray, X: list[np.ndarray], groups: np.ndarray, years: np.ndarray, g: int, position: int,
    control_group: ControlGroup, base_period: BasePeriod,
) -> tuple[dict[str, object], np.ndarray] | None:  # fmt: skip
    """Return the row and the influence function of ATT(g, t); None for the year without an earlier one."""
    t, n = int(years[position]), len(groups)
    before = np.flatnonzero(years < g)
    base = int(before[-1]) if t >= g or base_period == "universal" else position - 1
    if base < 0:
        return None
    treated = groups == g
    later = max(t, int(years[base]))
    control = (groups == 0) | ((groups > later) & (groups != g) if control_group == "not_yet_treated" else False)
    row: dict[str, object] = {"group": g, "year": t, "n_treated": int(treated.sum()), "n_control": int(control.sum())}
    if base == position:
        return row | {"att": 0.0, "is_base": True, "reason": ""}, np.zeros(n)
    if not control.any():
        return row | {"att": np.nan, "is_base": False, "reason": "no unit left to compare with"}, np.zeros(n)
    rows = treated | control
    earlier = min(base, position)
    Z = np.column_stack([np.ones(rows.sum()), *(x[rows, earlier] for x in X)])
    influence = np.zeros(n)
    try:
        att, inside = _doubly_robust(y[rows, position] - y[rows, base], treated[rows].astype(float), Z)
    except np.linalg.LinAlgError:
        reason = f"the covariates separate the {int(treated.sum())} treated units from the controls"
        return row | {"att": np.nan, "is_base": False, "reason": reason}, influence
    influence[rows] = inside * (n / rows.sum())
    return row | {"att": att, "is_base": False, "reason": ""}, influence


def _doubly_robust(dy: np.ndarray, D: np.ndarray, X: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the ATT and its influence function (Sant'Anna & Zhao 2020, eq. 2.6 and the remarks after 3.1)."""
    n = len(dy)
    p, hessian_inverse = _logit(D, X)
    outside = 1 - D
    gram = (X * outside[:, None]).T @ X
    beta = np.linalg.solve(gram, X.T @ (outside * dy))
    e = dy - X @ beta
    w1, w0 = D, p * outside / (1 - p)
    eta1, eta0 = (w1 @ e) / w1.sum(), (w0 @ e) / w0.sum()
    ols = (outside * e)[:, None] * X @ np.linalg.inv(gram / n)
    score = ((D - p)[:, None] * X) @ (hessian_inverse * n)
    treated = (w1 * (e - eta1) - ols @ (w1 @ X / n)) / w1.mean()
    slope = (w0 * (e - eta0)) @ X / n
    controls = (w0 * (e - eta0) + score @ slope - ols @ (w0 @ X / n)) / w0.mean()
    return float(eta1 - eta0), treated - controls


def _logit(D: np.ndarray, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return fitted probabilities and the inverse Hessian of a logit, by Newton's method to 1e-12."""
    scale = np.abs(X).max(axis=0)
    Z, b = X / scale, np.zeros(X.shape[1])
    b[0] = np.log(D.mean() / (1 - D.mean()))
    for _ in range(100):
        p = 1 / (1 + np.exp(-Z @ b))
        hessian = (Z * (p * (1 - p))[:, None]).T @ Z
        step = np.linalg.solve(hessian, Z.T @ (D - p))
        b = b + step
        if np.abs(step).max() < 1e-12 * max(1.0, np.abs(b).max()):
            p = 1 / (1 + np.exp(-Z @ b))
            hessian = (Z * (p * (1 - p))[:, None]).T @ Z
            return np.minimum(p, PSCORE_CAP), np.linalg.inv(hessian) / np.outer(scale, scale)
    raise np.linalg.LinAlgError("the logit does not converge")


def _estimated(effects: GroupTime) -> np.ndarray:
    return np.asarray((effects.cells["reason"] == "").to_numpy())


def _weighted(effects: GroupTime, keep: np.ndarray) -> tuple[float, np.ndarray]:
    """Average the cells kept by group size; the influence function counts that sizes are estimated."""
    if not keep.any():
        raise EstimationError("no group-time effect can be estimated")
    labels = effects.cells["group"][keep].tolist()
    att = effects.cells["att"][keep].to_numpy(dtype=np.float64)
    share = np.array([(effects.groups == g).mean() for g in labels])
    weights = share / share.sum()
    influence = effects.influence[:, keep] @ weights + _weight_influence(effects, labels, share) @ att
    return float(weights @ att), influence


def _weight_influence(effects: GroupTime, labels: list[int], share: np.ndarray) -> np.ndarray:
    """Return the (n, k) influence functions of the weights share / sum(share)."""
    own = (effects.groups[:, None] == np.array(labels)[None, :]) - share
    total = share.sum()
    return np.asarray(own / total - own.sum(axis=1, keepdims=True) * share / total**2)


def _aggregate(
    effects: GroupTime, labels: list[int], parts: list[tuple[float, np.ndarray]], weights: np.ndarray
) -> Aggregate:
    influence = np.column_stack([part[1] for part in parts])
    sums = _cluster_sums(influence, effects.clusters)
    vcov = sums.T @ sums / len(influence) ** 2
    att = np.array([part[0] for part in parts])
    return Aggregate(tuple(labels), att, vcov, float(weights @ att), float(roots(weights @ vcov @ weights)))


def _standard_error(influence: np.ndarray, clusters: np.ndarray) -> float:
    sums = _cluster_sums(influence[:, None], clusters)[:, 0]
    return float(np.sqrt(sums @ sums) / len(influence))


def _cluster_sums(influence: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    sums = np.zeros((int(clusters.max()) + 1, influence.shape[1]))
    np.add.at(sums, clusters, influence)
    return sums


def _clusters(panel: pd.DataFrame, units: pd.Index, cluster: str | None) -> np.ndarray:
    if cluster is None or cluster == "unit":
        return np.arange(len(units))
    table = panel.groupby("unit")[cluster]
    if (table.nunique() > 1).any():
        raise EstimationError(f"'{cluster}' changes within units: Callaway-Sant'Anna clusters by what units belong to")
    return np.asarray(pd.factorize(table.first().reindex(units), sort=True)[0])
