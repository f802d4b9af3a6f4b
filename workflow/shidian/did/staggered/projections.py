"""Local projections DID (Dube et al. 2023) on the common sample."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shidian.did.lp_did import fit_lp_did
from shidian.did.staggered.design import Design, Effects
from shidian.variance import roots


def local_projections(asked: Design) -> Effects:
    """Average the horizons from 0 on, weighted by the units that adopt."""
    result = fit_lp_did(asked.panel, asked.outcome, asked.controls, asked.first, asked.last, asked.cluster, asked.ssc)
    fit = result.regression.fit
    event = pd.DataFrame({"tau": result.taus, "estimate": result.effects, "se": roots(np.diag(result.vcov))})
    gone = result.regression.omitted
    slopes = {name: [t for t in (*fit.terms, *gone) if t.rpartition("@")[0] == name] for name in asked.controls}
    omitted = {name: gone[own[0]] for name, own in slopes.items() if own and gone.keys() >= set(own)}
    return Effects(
        "LP-DID", "shidian", f"mean of horizons 0 to {asked.last}, weighted by the units that adopt", result.att,
        result.att_se, event, fit.df, fit.n_obs, fit.n_units, fit.n_clusters or 0, result.vcov,
        ("rows are unit-years by horizon", "clean controls, variance-weighted"), omitted,
    )  # fmt: skip
