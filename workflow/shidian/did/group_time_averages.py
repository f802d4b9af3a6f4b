"""Averages of group-time effects (Callaway & Sant'Anna 2021, section 3), and the test of those before adoption.

Standard errors come from the influence functions, which count that the sizes of groups are estimated. Where units have
weights, the size of a group is the sum of theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from shidian.did.callaway_santanna import GroupTime, cluster_sums, standard_error
from shidian.did.pretest_words import rejected
from shidian.did.wald import wald_statistic
from shidian.errors import EstimationError
from shidian.messages import say
from shidian.printed import p_words
from shidian.variance import roots, variance_reasons


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


@dataclass(frozen=True)
class Pretest:
    """Joint test that all ATT(g, t) before adoption are zero: chi-squared with df degrees of freedom."""

    statistic: float
    df: int
    p: float

    @property
    def words(self) -> str:
        """The statistic as a note prints it."""
        return f"χ²({self.df}) = {self.statistic:.2f}"


def pretest(effects: GroupTime) -> Pretest | None:
    """Return the Wald test that every estimated ATT(g, t) before g, and before its anticipation, is zero.

    None where there is no such cell. With the analytic covariance of the influence functions, as R's ``did`` prints it
    beside its group-time effects.

    Raises:
        EstimationError: the covariance of the cells is singular (more of them than clusters allow), or zero.
    """
    before = (effects.cells["year"] < effects.cells["group"] - effects.anticipation).to_numpy()
    kept = _estimated(effects) & before
    if not kept.any():
        return None
    sums = cluster_sums(effects.influence[:, kept], effects.clusters)
    V = sums.T @ sums / len(effects.units) ** 2
    df = int(kept.sum())
    att = effects.cells["att"][kept].to_numpy(dtype=np.float64)
    if any(variance_reasons(att, np.diag(V), np.full(df, effects.floor))):
        raise EstimationError(
            say("an effect before adoption has no sampling error: there is nothing to test it against")
        )
    se = np.sqrt(np.diag(V))
    statistic = wald_statistic(att, V, se, say("{n} effects before adoption", n=df))
    return Pretest(statistic, df, float(stats.chi2.sf(statistic, df)))


def pretest_words(effects: GroupTime) -> str:
    """Return the clause of a note on the joint test before adoption, or why there is none."""
    try:
        test = pretest(effects)
    except EstimationError as error:
        return str(error)
    if test is None:
        return say("no group-time effect before adoption to test")
    return say("all group-time effects before adoption zero: {statistic}, {p}", statistic=test.words, p=p_words(test.p))


def pretest_warnings(effects: GroupTime) -> tuple[str, ...]:
    """Return the objection to a joint test before adoption that is rejected, none where it is not or cannot be made."""
    try:
        test = pretest(effects)
    except EstimationError:
        return ()
    return () if test is None else rejected(say("all group-time effects before adoption"), test.words, test.p)


def simple(effects: GroupTime) -> tuple[float, float]:
    """Return the average of all ATT(g, t), t >= g, weighted by group size, with its standard error."""
    keep = _estimated(effects) & (effects.cells["year"] >= effects.cells["group"]).to_numpy()
    att, influence = _weighted(effects, keep)
    return att, standard_error(influence, effects.clusters)


def dynamic(effects: GroupTime) -> Aggregate:
    """Return effects by time since adoption, base periods aside; overall = their mean over e >= 0."""
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
    share = effects.members(labels).mean(axis=0)
    att = np.array([p[0] for p in parts])
    weights = share / share.sum()
    overall = np.column_stack([p[1] for p in parts]) @ weights + _weight_influence(effects, labels, share) @ att
    aggregate = _aggregate(effects, labels, parts, weights)
    return Aggregate(
        aggregate.labels, att, aggregate.vcov, float(weights @ att), standard_error(overall, effects.clusters)
    )


def calendar(effects: GroupTime) -> Aggregate:
    """Return effects by calendar year over the groups treated by then; overall = their mean."""
    kept = _estimated(effects) & (effects.cells["year"] >= effects.cells["group"]).to_numpy()
    labels = sorted({int(t) for t in effects.cells["year"][kept]})
    parts = [_weighted(effects, kept & (effects.cells["year"] == t).to_numpy()) for t in labels]
    return _aggregate(effects, labels, parts, np.full(len(labels), 1 / len(labels)))


def _estimated(effects: GroupTime) -> np.ndarray:
    """Say of each cell whether it is an estimate: neither missing nor a base, which is zero by construction."""
    return np.asarray(((effects.cells["reason"] == "") & ~effects.cells["is_base"]).to_numpy(dtype=bool))


def _weighted(effects: GroupTime, keep: np.ndarray) -> tuple[float, np.ndarray]:
    """Average the cells kept by group size; the influence function counts that sizes are estimated."""
    if not keep.any():
        raise EstimationError(say("no group-time effect can be estimated"))
    labels = effects.cells["group"][keep].tolist()
    att = effects.cells["att"][keep].to_numpy(dtype=np.float64)
    share = effects.members(labels).mean(axis=0)
    weights = share / share.sum()
    influence = effects.influence[:, keep] @ weights + _weight_influence(effects, labels, share) @ att
    return float(weights @ att), influence


def _weight_influence(effects: GroupTime, labels: list[int], share: np.ndarray) -> np.ndarray:
    """Return the (n, k) influence functions of the weights share / sum(share)."""
    own = effects.members(labels) - share
    total = share.sum()
    return np.asarray(own / total - own.sum(axis=1, keepdims=True) * share / total**2)


def _aggregate(
    effects: GroupTime, labels: list[int], parts: list[tuple[float, np.ndarray]], weights: np.ndarray
) -> Aggregate:
    influence = np.column_stack([part[1] for part in parts])
    sums = cluster_sums(influence, effects.clusters) / len(influence)
    att = np.array([part[0] for part in parts])
    overall_se = float(np.linalg.norm(sums @ weights))
    return Aggregate(tuple(labels), att, sums.T @ sums, float(weights @ att), overall_se)
