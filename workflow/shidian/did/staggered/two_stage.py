"""Two-stage DID (Gardner 2022) on the common sample."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shidian.did.staggered.design import Design, Effects
from shidian.did.staggered.imputation import assembled, clustered, targets, treated_times, with_reasons
from shidian.did.staggered.untreated import untreated_model
from shidian.messages import say


def two_stage(asked: Design) -> Effects:
    """Regress the outcomes less the effects of untreated rows on treatment, and on time since adoption.

    Errors carry the first stage's (Gardner's GMM, as R's did2s: no small-sample factor). Leads are mean residuals of
    the first stage.

    Raises:
        EstimationError: no effect is identified.
    """
    model = untreated_model(asked, "two_stage")
    base = -1 - asked.anticipation
    before = (model.tau < base) & (model.tau >= asked.first)
    taus = [*(int(k) for k in np.unique(model.tau[before])), *treated_times(model, asked)]
    groups = [model.tau >= 0, *(model.tau == k for k in taus)]
    target = targets(model, groups)
    outcome = np.where(model.used, model.effect, 0.0)
    effects = target.T @ outcome
    errors = clustered(model, asked, target, lambda j: np.where(groups[j], outcome - effects[j], 0.0))
    event = with_reasons(pd.DataFrame({"tau": taus, "estimate": effects[1:], "se": errors[1:]}), model)
    said = [say("leads are mean residuals of untreated rows, without a reference")] if before.any() else []
    return assembled("Two-stage (Gardner)", model, asked, (effects[0], errors[0]), event, said)
