"""The kinds of exhibit: which module makes each, and whether it prints a table, a figure or both.

Only names stand here, so that the graph of jobs is built without importing an estimator.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of exhibit. ``module`` is imported by the job alone; its digest decides what reruns."""

    module: str
    table: bool
    figure: bool


KINDS: dict[str, Kind] = {
    "descriptives": Kind("shidian.exhibits.descriptives", table=True, figure=False),
    "treatment_timing": Kind("shidian.exhibits.treatment_timing", table=True, figure=True),
    "did_table": Kind("shidian.exhibits.did_table", table=True, figure=False),
    "event_study": Kind("shidian.exhibits.event_study", table=True, figure=True),
    "goodman_bacon": Kind("shidian.exhibits.goodman_bacon", table=True, figure=True),
    "iv_table": Kind("shidian.exhibits.iv_table", table=True, figure=False),
    "threshold": Kind("shidian.exhibits.threshold", table=True, figure=True),
    "u_test": Kind("shidian.exhibits.u_test", table=True, figure=False),
    "psm_did": Kind("shidian.exhibits.psm_did", table=True, figure=True),
    "mediation": Kind("shidian.exhibits.mediation", table=True, figure=False),
    "placebo": Kind("shidian.exhibits.placebo", table=True, figure=True),
    "comparison": Kind("shidian.exhibits.comparison", table=True, figure=False),
}
"""Kind as written in a study file -> what makes it."""
