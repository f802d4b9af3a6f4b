"""Effects by group of units or rows, with the test that they are equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.crossed import CROSS, is_product
from shidian.did.models import OLS, fit_model
from shidian.did.twfe import Regression
from shidian.did.wald import WaldTest, joint_test, require_definite, require_errors
from shidian.errors import EstimationError, no_column
from shidian.estimates import Fit
from shidian.inference.covariance import Vcov, VcovLike
from shidian.inference.sample import Singletons
from shidian.inference.small_sample import Convention
from shidian.inference.weights import WeightingLike
from shidian.messages import say

HIGH, LOW = say("High"), say("Low")
MOST_GROUPS = 8


@dataclass(frozen=True)
class ByGroup:
    """One model in which everything may differ between groups.

    Attributes:
        regression: the fully interacted regression; its first terms are the treatment effects by group, equal to
            those of separate regressions.
        effects: the names of those terms.
    """

    regression: Regression
    effects: tuple[str, ...]

    def equality(self) -> WaldTest:
        """Test that the effects are equal; raises EstimationError where ``equality_test`` does."""
        return equality_test(self.regression.fit, self.effects)


def median_split(panel: pd.DataFrame, variable: str, year: int | None = None) -> pd.Series:
    """Return High or Low for every row: the unit's mean of ``variable`` (or its value in ``year``) against the median.

    Units at the median are Low; units without a value are missing.

    Raises:
        EstimationError: no such variable or year, or all units on one side.
    """
    if variable not in panel.columns:
        raise no_column(variable, panel.columns)
    base = panel if year is None else panel[panel["year"] == year]
    if base.empty:
        raise EstimationError(
            say("the panel has no year {year} to take the median of '{variable}' in", year=year, variable=variable)
        )
    means = base.groupby("unit")[variable].mean().dropna()
    side = pd.Series(np.where(means > means.median(), HIGH, LOW), index=means.index)
    if side.nunique() < 2:
        raise EstimationError(say("a median split of '{variable}' puts all units on one side", variable=variable))
    return panel["unit"].map(side)


def by_group(
    panel: pd.DataFrame, groups: pd.Series, outcome: str, treatment: str, controls: Sequence[str],
    fixed_effects: Sequence[str], vcov: VcovLike, ssc: Convention, singletons: Singletons | None = None,
    weights: WeightingLike = None, model: str = OLS,
) -> ByGroup:  # fmt: skip
    """Estimate effects by group with controls and fixed effects of each group's own, by the model of a study file.

    Raises:
        EstimationError: fewer than two groups, too many, a group whose effect cannot be estimated, or one that lies in
            a single cluster, which leaves its effect no error.
    """
    names = sorted(groups.dropna().unique(), key=str)
    if not 2 <= len(names) <= MOST_GROUPS:
        raise EstimationError(
            say("effects by group want 2 to {most} groups, and there are {n}", most=MOST_GROUPS, n=len(names))
        )
    data = panel.assign(_group=groups)
    data = data[data["_group"].notna()]
    effects = [interaction(treatment, group) for group in names]
    for group in names:
        inside = (data["_group"] == group).to_numpy()
        for name in (treatment, *controls):
            data[interaction(name, group)] = data[name].where(inside, 0.0).where(data[name].notna())
    slopes = [interaction(name, group) for name in controls for group in names]
    # a group of its own means a fixed effect of its own, and without effects a constant of its own
    crossed = []
    for effect in fixed_effects or ["_group"]:
        product = is_product(effect)  # its name says what is multiplied, so it stays readable
        crossed.append(f"_group{CROSS}{effect}" if product else str(say("{effect} x group", effect=effect)))
        both = data[effect].astype(str) + "@" + data["_group"].astype(str)
        data[crossed[-1]] = both.where(data[effect].notna())
    regression = fit_model(
        data, outcome, [*effects, *slopes], crossed, model, vcov, ssc, singletons=singletons, weights=weights, plain=[]
    )
    for group in names:
        reason = regression.omitted.get(interaction(treatment, group))
        if reason:
            raise EstimationError(say("no effect for the group '{group}': {reason}", group=group, reason=reason))
    used = data[~data.index.isin(regression.sample.dropped["row"])]
    for name in Vcov.parse(vcov).clusters:
        alone = used.groupby("_group")[name].nunique() == 1
        if alone.any():
            raise EstimationError(
                say(
                    "no error for the group '{group}': it lies in one cluster of '{name}'",
                    group=alone.idxmax(),
                    name=name,
                )
            )
    return ByGroup(regression, tuple(effects))


def interaction(name: str, group: object) -> str:
    """Return the name of a regressor within a group."""
    return f"{name} | {group}"


def equality_test(fit: Fit, terms: Sequence[str]) -> WaldTest:
    """Test that the coefficients named are all equal: F on their differences from the first.

    Raises:
        EstimationError: a coefficient without a standard error; the covariance of the differences is singular: fewer
            clusters than differences and one, or coefficients that come from the same rows and are equal by
            construction; or it was not positive definite before it was made so.
    """
    index = [fit.terms.index(term) for term in terms]
    what = say("{n} effects", n=len(terms))
    if fit.n_clusters is not None:
        what = say("{n} effects with {clusters} clusters", n=len(terms), clusters=fit.n_clusters)
    require_errors(fit, index, what)
    R = np.zeros((len(terms) - 1, len(fit.terms)))
    R[:, index[0]] = -1
    for row, j in enumerate(index[1:]):
        R[row, j] = 1
    gap, V = R @ fit.coef, R @ fit.vcov @ R.T
    own = np.diag(fit.vcov)[index]
    scale = np.sqrt(own[0] + own[1:])
    if fit.unadjusted is not None:
        require_definite(R @ fit.unadjusted @ R.T, scale, what)
    return joint_test(gap, V, scale, fit.df, what)
