"""Sun & Abraham (2021) on the common sample."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shidian.did.staggered.design import Design, Effects, controls_in
from shidian.did.sun_abraham import fit_sun_abraham
from shidian.variance import roots


def sun_abraham(asked: Design) -> Effects:
    """Average the cohorts' effects over treated unit-years, and by time since adoption."""
    by = {"kind": "cluster", "by": asked.cluster}
    result = fit_sun_abraham(asked.panel, asked.outcome, asked.controls, ["unit", "year"], by, asked.ssc)
    fit = result.regression.fit
    gone = [name for name in result.regression.omitted if name not in asked.controls]
    remarks = ["never-treated controls"]
    remarks += [f"{len(gone)} cells of cohort and time without an estimate, first {gone[0]}"] if gone else []
    kept = [i for i, tau in enumerate(result.taus) if asked.first <= tau <= asked.last]
    event = pd.DataFrame({
        "tau": [result.taus[i] for i in kept], "estimate": result.effects[kept],
        "se": roots(np.diag(result.vcov))[kept],
    })  # fmt: skip
    return Effects(
        "Sun-Abraham", "shidian", "mean effect over treated unit-years", result.att, result.att_se, event, fit.df,
        fit.n_obs, fit.n_units, fit.n_clusters or 0, result.vcov[np.ix_(kept, kept)], tuple(remarks),
        controls_in(result.regression.omitted, asked),
    )  # fmt: skip
