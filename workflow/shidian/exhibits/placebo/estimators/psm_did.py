"""One placebo draw of a PSM-DID: matched again on the draw's treated units, then the DID on the matched sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.errors import EstimationError
from shidian.estimates import Fit
from shidian.exhibits.matching.matched import run_matching
from shidian.exhibits.result import StudyInfo
from shidian.matching.psm import Keep, matched_weights
from shidian.matching.weighted_did import regress_matched
from shidian.messages import say

ESTIMATOR = {
    "words": say("PSM-DID, propensity score, matching and regression on the matched sample anew for each draw"),
    "about": "matched again for each draw; its options are the keys of matching of the exhibit psm_did",
    "options": {
        "covariates": {"$ref": "shared#/$defs/covariates"},
        "base": {"$ref": "shared#/$defs/base"},
        "base_year": {"$ref": "shared#/$defs/base_year"},
        "neighbours": {"$ref": "shared#/$defs/neighbours"},
        "replacement": {"$ref": "shared#/$defs/replacement"},
        "caliper": {"$ref": "shared#/$defs/caliper"},
        "caliper_scale": {"$ref": "shared#/$defs/caliper_scale"},
        "measure": {"$ref": "shared#/$defs/measure"},
        "order": {"$ref": "shared#/$defs/order"},
        "ties": {"$ref": "shared#/$defs/ties"},
        "support": {"$ref": "shared#/$defs/support"},
        "keep": {"$ref": "shared#/$defs/matched_keep"},
    },
}


def refit(panel: pd.DataFrame, spec: Mapping[str, Any], treatment: str) -> Fit:
    """Return the coefficient of the draw's treatment on the sample matched for this draw.

    ``spec["options"]`` holds the matching as in the exhibit ``psm_did`` (``base``, ``base_year``, ``neighbours``,
    ..., ``keep``); the covariates are the controls where none are given. Outcome, controls, fixed effects and errors
    are the placebo exhibit's. The propensity score is that of being treated in the draw.

    Raises:
        EstimationError: no covariate, nothing matched, or the treatment is absorbed in the matched sample.
    """
    options = spec.get("options", {})
    keep: Keep = options.get("keep", "matched")
    controls = list(spec.get("controls", []))
    settings = {**options, "treatment": treatment, "controls": controls}
    m = run_matching(panel, settings, StudyInfo("", "unit", treatment, seed=spec["seed"]))
    regression = regress_matched(
        m.panel, matched_weights(m.panel, m.match, m.base, keep), keep, spec["outcome"], [treatment, *controls],
        spec["fixed_effects"], spec["vcov"], spec["ssc"], spec.get("singletons"),
    )  # fmt: skip
    if treatment in regression.omitted:
        raise EstimationError(say("in the matched sample the treatment is {why}", why=regression.omitted[treatment]))
    return regression.fit.only(treatment)
