"""Weights of rows in the robust staggered estimators: which of a unit's weights counts where they change over time.

R's ``did`` calls the rule ``fix_weights``. A comparison with a base period may take the weights of that period; every
estimator may take each row's own (``varying``) or that of the unit's first year in the sample (``first_period``). Where
the weights of each unit are constant all rules are the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shidian.did.group_time_cells import FixWeights
from shidian.did.staggered.design import WEIGHT, Design
from shidian.errors import EstimationError
from shidian.messages import say

WITH_A_BASE = ("callaway_santanna", "lp_did")
"""Estimators whose every comparison has one base period for treated and controls."""
WORDS = {
    "base_period": say("those of its base period"), "first_period": say("those of the units' first years"),
    "varying": say("those of its rows"),
}  # fmt: skip


def rule_of(name: str, asked: Design) -> FixWeights:
    """Return the rule by which an estimator takes weights: the declared one, else its own.

    Raises:
        EstimationError: weights of a base period are asked of an estimator whose comparisons share none, and weights
            change within units.
    """
    if asked.fix_weights is None:
        return "base_period" if name == "callaway_santanna" and asked.balance != "none" else "varying"
    if asked.fix_weights != "base_period" or not change_within_units(asked.panel):
        return asked.fix_weights
    if name not in WITH_A_BASE:
        raise EstimationError(
            say(
                "fix_weights base_period is of comparisons with a base period of their own, those of "
                "Callaway-Sant'Anna and LP-DID, and the weights change within units: take first_period or varying"
            )
        )
    if name == "callaway_santanna" and asked.balance == "none":
        raise EstimationError(
            say(
                "repeated cross sections (balance none) have no base period's weights: take fix_weights varying or "
                "first_period"
            )
        )
    return asked.fix_weights


def change_within_units(panel: pd.DataFrame) -> bool:
    """Say whether some unit's weight differs between its rows by more than rounding of the last digits."""
    own = panel.groupby("unit", observed=True)[WEIGHT]
    high, low = own.max().to_numpy(), own.min().to_numpy()
    return bool((high - low > 1e-12 * high).any())


def row_weights(name: str, asked: Design) -> np.ndarray | None:
    """Return the (n,) weights of the design's rows in the regressions of an estimator, None where rows have none."""
    if asked.weighting is None:
        return None
    if rule_of(name, asked) == "first_period":
        return asked.panel.groupby("unit", observed=True)[WEIGHT].transform("first").to_numpy(dtype=np.float64)
    return asked.panel[WEIGHT].to_numpy(dtype=np.float64)


def weighted_panel(name: str, asked: Design) -> tuple[pd.DataFrame, str | None]:
    """Return the design's rows with their weights in an estimator's regressions, and the column of these weights."""
    w = row_weights(name, asked)
    return (asked.panel, None) if w is None else (asked.panel.assign(**{WEIGHT: w}), WEIGHT)


def target_words(asked: Design) -> str:
    """Return what an average over treated rows is."""
    if asked.weighting:
        return say("weighted mean effect over treated unit-years")
    return say("mean effect over treated unit-years")


def rule_sentences(asked: Design, names: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Return the sentence on the rule of the estimators that were asked for; none where rows have no weights.

    Args:
        asked: the design.
        names: keys of the estimators.
        labels: what the table calls them.
    """
    if asked.weighting is None:
        return []
    if not change_within_units(asked.panel):
        return [say("The weights of each unit are the same in every year.")]
    rules: dict[str, list[str]] = {}
    for name, label in zip(names, labels, strict=True):
        try:
            rules.setdefault(rule_of(name, asked), []).append(label)
        except EstimationError:
            continue  # the column says why it is not estimated
    return [
        say("Weights change within units; each comparison takes {which}.", which=WORDS[rule])
        if len(rules) == 1
        else say("Weights change within units; each comparison of {names} takes {which}.", names=who, which=WORDS[rule])
        for rule, who in rules.items()
    ]
