"""Stacked DID (Wing, Freedman & Hollingsworth 2024) on the common sample."""

from __future__ import annotations

from shidian.did.staggered.borrowed import fit_diff_diff, from_diff_diff
from shidian.did.staggered.design import Design, Effects
from shidian.errors import EstimationError


def stacked(asked: Design) -> Effects:
    """Stack the cohorts with their not yet treated controls and average the effects after adoption."""
    from diff_diff import StackedDiD

    if asked.cluster != "unit":
        raise EstimationError("stacked DID clusters by unit only")
    if asked.controls:
        raise EstimationError("stacked DID takes no controls")
    estimator = StackedDiD(kappa_pre=-asked.first, kappa_post=asked.last, control_group="not_yet_treated")
    fit, said = fit_diff_diff(estimator, asked)
    target = f"mean of τ = 0 to {asked.last} over cohorts observed in the whole window"
    trimmed = [int(g) for g in fit.trimmed_groups]
    remarks = [f"cohorts {', '.join(map(str, sorted(trimmed)))} not observed in the whole window"] * bool(trimmed)
    remarks += [s for s in said if not s.startswith("Trimmed")]
    return from_diff_diff("Stacked", target, fit, asked, remarks, fit.n_clusters - 1.0)
