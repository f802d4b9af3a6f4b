"""Stacked DID (Wing, Freedman & Hollingsworth 2024): cohorts stacked with their clean controls.

A stack holds one cohort and the units that adopt after its window ends, in the years of the window. The paper's
regression weights the controls of a stack by the cohort's share of treated units over the stack's share of controls;
each effect is then the mean of the cohorts' own differences in differences, weighted by treated units. That mean is
what is computed here, each cohort's with the effects of unit x stack and of period x stack absorbed. Without gaps both
are the same number. With gaps, period effects that all stacks share, and unit effects that only a constant and a
treated dummy stand for, would move it.

Errors: those of the paper's regression, clustered. Its residuals are about the profiles of treated and controls over
time since adoption that all stacks share, so that differences between stacks count as error, which is cautious; K
counts its constant, treated dummy, periods and effects. diff-diff is the peer in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import block_diag

from shidian.did.stack import Stack, make_stack, stack_rows
from shidian.errors import EstimationError
from shidian.inference.small_sample import cluster_factor
from shidian.messages import joined, say


@dataclass(frozen=True)
class StackedEffects:
    """Effects by time since adoption and their mean.

    Attributes:
        taus: relative times with an estimate, in order.
        effects: (k,) effects at ``taus``.
        vcov: (k, k) their covariance.
        att: mean of the effects from 0 on.
        att_se: its standard error.
        stacks: cohort -> its stack.
        trimmed: cohort -> why it has none.
        n_clusters: clusters in the stacks.
    """

    taus: tuple[int, ...]
    effects: np.ndarray
    vcov: np.ndarray
    att: float
    att_se: float
    stacks: Mapping[int, Stack]
    trimmed: Mapping[int, str]
    n_clusters: int

    @property
    def rows(self) -> pd.DataFrame:
        """Rows of all stacks; a control has one in each stack that it serves."""
        return pd.concat([s.rows for s in self.stacks.values()], ignore_index=True)

    @property
    def cells(self) -> pd.DataFrame:
        """One row a cohort and year of the stacks beside the bases: cohort, year, tau, base, reason."""
        return pd.concat([s.cells for s in self.stacks.values()], ignore_index=True)


def fit_stacked(
    panel: pd.DataFrame, outcome: str, first: int, last: int, clusters: Mapping[object, int], anticipation: int = 0
) -> StackedEffects:
    """Estimate the effects from ``first`` (< 0) to ``last`` on cohorts whose window lies in the sample's years.

    Args:
        panel: unit, year, adoption_year (missing = never treated), outcome.
        outcome: name of the outcome.
        first: first relative time.
        last: last relative time; controls adopt after it, and do not anticipate by then.
        clusters: unit -> code of its cluster.
        anticipation: years before adoption in which there may be an effect already.

    Raises:
        EstimationError: no cohort has a stack, or an effect after adoption; fewer than two clusters.
    """
    level = panel[outcome].mean()  # taken out, so that sums of large levels do not cost digits
    trimmed: dict[int, str] = {}
    stacks: dict[int, Stack] = {}
    for g in sorted(panel["adoption_year"].dropna().astype(int).unique().tolist()):
        rows = stack_rows(panel, g, first, last, anticipation)
        if isinstance(rows, str):
            trimmed[g] = rows
        else:
            stacks[g] = make_stack(rows, rows[outcome].to_numpy(dtype=np.float64) - level, g, anticipation)
    if not stacks:
        reasons = joined([say("{cohort}: {why}", cohort=g, why=why) for g, why in trimmed.items()], "clauses")
        raise EstimationError(
            say(
                "no cohort can be stacked over τ = {first} to {last} ({reasons})",
                first=first,
                last=last,
                reasons=reasons,
            )
        )
    return _mean(stacks, trimmed, outcome, level, clusters)


def _mean(
    stacks: Mapping[int, Stack], trimmed: Mapping[int, str], outcome: str, level: float, clusters: Mapping[object, int]
) -> StackedEffects:
    """Average the stacks' effects by treated units, with the clustered covariance of the means."""
    cells = pd.concat([s.cells for s in stacks.values()], ignore_index=True)
    good = (cells["reason"] == "").to_numpy()
    taus = sorted(cells.loc[good, "tau"].unique().tolist())
    if not any(tau >= 0 for tau in taus):
        raise EstimationError(say("no cohort of the stack has an effect after adoption that its controls identify"))
    size = cells["cohort"].map({g: s.units for g, s in stacks.items()}).to_numpy(dtype=np.float64)
    share = np.array([((cells["tau"] == tau) & good) * size for tau in taus])
    weights = block_diag(*(s.weights for s in stacks.values())) @ (share / share.sum(axis=1, keepdims=True)).T
    rows = pd.concat([s.rows for s in stacks.values()], ignore_index=True)
    y = rows[outcome].to_numpy(dtype=np.float64) - level
    effects = weights.T @ y
    vcov, n_clusters = _covariance(weights * (y - _shared_profiles(rows, stacks))[:, None], rows["unit"].map(clusters))
    w = (np.array(taus) >= 0) / sum(tau >= 0 for tau in taus)
    return StackedEffects(
        tuple(taus), effects, vcov, float(w @ effects), float(np.sqrt(w @ vcov @ w)), stacks, trimmed, n_clusters
    )


def _shared_profiles(rows: pd.DataFrame, stacks: Mapping[int, Stack]) -> np.ndarray:
    """Return for each row the path of treated or controls over time, averaged over the stacks with the same base."""
    parts = [s.profiles.assign(stack=g, size=float(s.units)) for g, s in stacks.items()]
    own = pd.concat(parts, ignore_index=True)
    keys = ["treated", "tau", "base_tau"]
    total = own.assign(sum=own["value"] * own["size"]).groupby(keys)[["sum", "size"]].transform("sum")
    own = own.assign(shared=total["sum"] / total["size"])
    found = rows[["stack", "treated", "tau"]].merge(own, on=["stack", "treated", "tau"], how="left")
    return found["shared"].fillna(0.0).to_numpy()


def _covariance(contributions: np.ndarray, clusters: pd.Series) -> tuple[np.ndarray, int]:
    """Return the CRV1 covariance of sums of the rows' contributions, and the number of clusters."""
    codes = pd.factorize(clusters, sort=True)[0]
    n, k = contributions.shape
    G = int(codes.max()) + 1
    if G < 2:
        raise EstimationError(say("errors cannot be clustered: the stacks have 1 cluster"))
    K = 2 + 2 * k
    if n <= K:
        raise EstimationError(say("{n} rows of the stacks cannot estimate {K} parameters", n=n, K=K))
    sums = np.zeros((G, k))
    np.add.at(sums, codes, contributions)
    return cluster_factor(n, K, G) * sums.T @ sums, G
