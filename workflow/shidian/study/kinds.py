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
    "placebo": Kind("shidian.exhibits.placebo", table=True, figure=True),
    "moran": Kind("shidian.exhibits.moran", table=True, figure=True),
    "spatial_selection": Kind("shidian.exhibits.spatial_selection", table=True, figure=False),
    "weights_choice": Kind("shidian.exhibits.weights_choice", table=True, figure=True),
    "spatial_did": Kind("shidian.exhibits.spatial_did", table=True, figure=False),
    "spillover_rings": Kind("shidian.exhibits.spillover_rings", table=True, figure=False),
    "conley": Kind("shidian.exhibits.conley", table=True, figure=False),
    "map": Kind("shidian.exhibits.map", table=True, figure=True),
    "comparison": Kind("shidian.exhibits.comparison", table=True, figure=False),
}
"""Kind as written in a study file -> what makes it."""
