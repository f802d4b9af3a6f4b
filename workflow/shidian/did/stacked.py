"""Stacked DID (Wing, Freedman & Hollingsworth 2024): cohorts stacked with their clean controls.

A stack holds one cohort and the units that adopt after its window ends, in the years of the window. The paper's
regression weights the controls of a stack by the cohort's share of treated units over the stack's share of controls;
each effect is then the mean of the cohorts' own differences in differences, weighted by treated units. That mean is
what is computed here, each cohort's with the effects of unit x stack and of period x stack absorbed. Without gaps both
are the same number. With gaps, period effects that all stacks share, and unit effects that only a constant and a
treated dummy stand for, would move it.

Errors: clustered, of a weighted regression whose effects all stacks share. ``stack_effects`` says what else it has:

* ``stack``: effects of unit x stack and of period x stack, as Cengiz et al. (2019) have them: residuals are about the
  stack's own path of the controls and the shared effects. K counts a constant, a treated dummy and the periods of each
  stack, and the effects.
* ``pooled``: the regression that Wing et al. print, with one constant, one treated dummy and periods since adoption
  that all stacks share. Common shocks of calendar years, which every stack differences out of its effect, lie at other
  times since adoption in each stack and so count as error: without disturbances it is as large as the shocks, and a
  function of the year alone, added to the outcome, changes it. It is diff-diff's, the peer in the tests.

With one stack both are the same.

Rows may have weights: each cohort's effects are then those of weighted least squares, a unit counts in its cohort and
its stack by the mean of its rows' weights, and the paper's weights of controls are the cohort's share of the weights of
the treated over the stack's share of those of controls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.linalg import block_diag

from shidian.did.stack import Stack, make_stack, stack_rows
from shidian.errors import EstimationError
from shidian.inference.small_sample import cluster_factor
from shidian.messages import joined, say

StackEffects = Literal["stack", "pooled"]


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
    panel: pd.DataFrame, outcome: str, first: int, last: int, clusters: Mapping[object, int], anticipation: int = 0,
    stack_effects: StackEffects = "stack", weights: str | None = None,
) -> StackedEffects:  # fmt: skip
    """Estimate the effects from ``first`` (< 0) to ``last`` on cohorts whose window lies in the sample's years.

    Args:
        panel: unit, year, adoption_year (missing = never treated), outcome.
        outcome: name of the outcome.
        first: first relative time.
        last: last relative time; controls adopt after it, and do not anticipate by then.
        clusters: unit -> code of its cluster.
        anticipation: years before adoption in which there may be an effect already.
        stack_effects: effects that the regression behind the errors has beside those of adoption, see the module.
        weights: column of weights above zero; None = each row counts as one.

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
            y, w = rows[outcome].to_numpy(dtype=np.float64) - level, None
            if weights is not None:
                w = rows[weights].to_numpy(dtype=np.float64)
            stacks[g] = make_stack(rows, y, g, anticipation, w)
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
    return _mean(stacks, trimmed, outcome, level, clusters, stack_effects)


def _mean(
    stacks: Mapping[int, Stack], trimmed: Mapping[int, str], outcome: str, level: float,
    clusters: Mapping[object, int], stack_effects: StackEffects,
) -> StackedEffects:  # fmt: skip
    """Average the stacks' effects by treated units, with the clustered covariance of the means."""
    cells = pd.concat([s.cells for s in stacks.values()], ignore_index=True)
    good = (cells["reason"] == "").to_numpy()
    taus = sorted(cells.loc[good, "tau"].unique().tolist())
    if not any(tau >= 0 for tau in taus):
        raise EstimationError(say("no cohort of the stack has an effect after adoption that its controls identify"))
    size = cells["cohort"].map({g: s.size for g, s in stacks.items()}).to_numpy(dtype=np.float64)
    share = np.array([((cells["tau"] == tau) & good) * size for tau in taus])
    weights = block_diag(*(s.weights for s in stacks.values())) @ (share / share.sum(axis=1, keepdims=True)).T
    rows = pd.concat([s.rows for s in stacks.values()], ignore_index=True)
    y = rows[outcome].to_numpy(dtype=np.float64) - level
    effects = weights.T @ y
    if stack_effects == "pooled":
        fitted, K = _shared_profiles(rows, stacks), 2 + 2 * len(taus)
    else:
        fitted = _own_paths(rows, stacks, cells)
        K = sum(1 + s.rows["year"].nunique() for s in stacks.values()) + len(taus)
    vcov, n_clusters = _covariance(weights * (y - fitted)[:, None], rows["unit"].map(clusters), K)
    w = (np.array(taus) >= 0) / sum(tau >= 0 for tau in taus)
    return StackedEffects(
        tuple(taus), effects, vcov, float(w @ effects), float(np.sqrt(w @ vcov @ w)), stacks, trimmed, n_clusters
    )


def _shared_profiles(rows: pd.DataFrame, stacks: Mapping[int, Stack]) -> np.ndarray:
    """Return for each row the path of treated or controls over time, averaged over the stacks with the same base."""
    parts = [s.profiles.assign(stack=g, size=s.size) for g, s in stacks.items()]
    own = pd.concat(parts, ignore_index=True)
    keys = ["treated", "tau", "base_tau"]
    total = own.assign(sum=own["value"] * own["size"]).groupby(keys)[["sum", "size"]].transform("sum")
    own = own.assign(shared=total["sum"] / total["size"])
    found = rows[["stack", "treated", "tau"]].merge(own, on=["stack", "treated", "tau"], how="left")
    return found["shared"].fillna(0.0).to_numpy()


def _own_paths(rows: pd.DataFrame, stacks: Mapping[int, Stack], cells: pd.DataFrame) -> np.ndarray:
    """Return for each row what period x stack and the effects that stacks share explain of it, units' levels aside.

    A stack's own effect differs from the shared one; the effects of period x stack are the weighted means of what is
    left of treated and controls, whose weights stand in every stack as all treated units to all controls. So the
    treated keep the controls' share of that difference, and the controls the treated's, with the other sign.
    """
    profiles = pd.concat([s.profiles.assign(stack=g) for g, s in stacks.items()], ignore_index=True)
    found = rows[["stack", "treated", "tau"]].merge(profiles, on=["stack", "treated", "tau"], how="left")
    gaps = cells.assign(tau=cells["tau"].astype("int64"), gap=_differences(stacks, cells))[["cohort", "tau", "gap"]]
    gap = rows[["stack", "tau"]].merge(gaps, left_on=["stack", "tau"], right_on=["cohort", "tau"], how="left")["gap"]
    treated, controls = sum(s.size for s in stacks.values()), sum(s.compared for s in stacks.values())
    share = np.where(rows["treated"], controls, -treated) / (treated + controls)
    return found["value"].fillna(0.0).to_numpy() - share * gap.fillna(0.0).to_numpy()


def _differences(stacks: Mapping[int, Stack], cells: pd.DataFrame) -> np.ndarray:
    """Return what each cell's effect differs by from the mean of its time and base, weighted by treated units."""
    own = pd.concat([pd.Series(s.effects) for s in stacks.values()], ignore_index=True)
    size = cells["cohort"].map({g: s.size for g, s in stacks.items()}).where(cells["reason"] == "", 0.0)
    keys = [cells["tau"], (cells["base"] - cells["cohort"]).fillna(0)]
    total, weight = ((v * size).groupby(keys).transform("sum") for v in (own, pd.Series(1.0, index=size.index)))
    return np.where(size > 0, own - total / weight.where(weight > 0, 1.0), 0.0)


def _covariance(contributions: np.ndarray, clusters: pd.Series, K: int) -> tuple[np.ndarray, int]:
    """Return the CRV1 covariance of sums of the rows' contributions, and the number of clusters."""
    codes = pd.factorize(clusters, sort=True)[0]
    n, k = contributions.shape
    G = int(codes.max()) + 1
    if G < 2:
        raise EstimationError(say("errors cannot be clustered: the stacks have 1 cluster"))
    if n <= K:
        raise EstimationError(say("{n} rows of the stacks cannot estimate {K} parameters", n=n, K=K))
    sums = np.zeros((G, k))
    np.add.at(sums, codes, contributions)
    return cluster_factor(n, K, G) * sums.T @ sums, G
