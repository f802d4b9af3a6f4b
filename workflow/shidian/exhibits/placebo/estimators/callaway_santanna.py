"""One placebo draw of a robust staggered estimator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.staggered import design
from shidian.did.staggered.group_time import overall
from shidian.errors import SpecificationError
from shidian.estimates import Fit
from shidian.inference.weights import weights_of
from shidian.messages import say

WINDOW = (-1, 0)
"""Relative times whose effects are kept beside the overall effect, and not used here: the fewest allowed."""
CONTROL_GROUPS = ("never_treated", "not_yet_treated")
RULES = ("base_period", "first_period", "varying")

ESTIMATOR = {
    "words": say(
        "Callaway-Sant'Anna, the mean over treated unit-years of the group-time effects that the sample identifies"
    ),
    "about": "overall effect, estimated again for each draw",
    "options": {
        "control_group": {
            "description": "Units compared with; never_treated when absent.",
            "enum": ["never_treated", "not_yet_treated"],
        },
        "fix_weights": {
            "description": "Which of a unit's weights counts, as in staggered_did; base_period when absent.",
            "enum": ["base_period", "first_period", "varying"],
        },
    },
    "fixed_effects": False,
    "weights": True,
}


def refit(panel: pd.DataFrame, spec: Mapping[str, Any], treatment: str) -> Fit:
    """Return the overall effect of Callaway & Sant'Anna (2021) on one draw's panel, as ``staggered_did`` has it.

    The mean over treated unit-years of all ATT(g, t), t >= g, that the sample identifies, with its standard error
    from the influence function, clustered by unit or by the exhibit's ``vcov``. ``spec["options"]`` may hold
    ``control_group``: never_treated (default) or not_yet_treated, and of weighted rows ``fix_weights``. Units with a
    gap in their years, and units treated from their first year on, are left out, as in the exhibit.

    Raises:
        SpecificationError: fixed effects other than unit and year, an unknown control group, mode in_time.
        EstimationError: no unit is observed before and after adoption, or whatever keeps this draw from an estimate.
    """
    effects = list(spec["fixed_effects"])
    if sorted(effects) != ["unit", "year"]:
        raise SpecificationError(
            say(
                "Callaway-Sant'Anna compares units and years: 'fixed_effects' are [unit, year], not {effects}",
                effects=str(effects),
            )
        )
    group = spec.get("options", {}).get("control_group", CONTROL_GROUPS[0])
    if group not in CONTROL_GROUPS:
        raise SpecificationError(
            say("'control_group' is one of {groups}, not '{group}'", groups=list(CONTROL_GROUPS), group=group)
        )
    rule = spec.get("options", {}).get("fix_weights")
    if rule not in (None, *RULES):
        raise SpecificationError(say("'fix_weights' is one of {rules}, not '{rule}'", rules=list(RULES), rule=rule))
    if spec.get("mode") == "in_time":
        raise SpecificationError(
            say(
                "mode 'in_time' drops the treated units' years from their adoption on, and Callaway-Sant'Anna "
                "wants a balanced panel: use another mode, or another estimator"
            )
        )
    asked = design(
        panel, spec["outcome"], spec.get("controls", []), WINDOW, spec["vcov"], control_group=group,
        weights=weights_of(spec), fix_weights=rule,
    )  # fmt: skip
    found = overall(asked)
    return Fit(
        terms=(treatment,), coef=np.array([found.att]), vcov=np.array([[found.se**2]]), df=np.inf,
        n_obs=found.n_obs, n_units=found.n_units, n_clusters=found.n_clusters, n_missing=asked.sample.n_missing,
        vcov_kind=say("from the influence function, clustered by {by}", by=asked.cluster),
    )  # fmt: skip
