"""The kinds of exhibit: which module makes each, and whether it prints a table, a figure or both.

Only names stand here, so that the graph of jobs is built without importing an estimator.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of exhibit.

    ``module`` is imported by the job alone, and its digest decides what reruns; ``figure`` names the kind of figure
    that it hands on, a module of ``shidian.report.figures``, empty where there is none.
    """

    module: str
    table: bool = True
    figure: str = ""

    @property
    def figure_modules(self) -> tuple[str, ...]:
        """The module that draws the figure."""
        return (f"shidian.report.figures.{self.figure}",) if self.figure else ()


KINDS: dict[str, Kind] = {
    "descriptives": Kind("shidian.exhibits.descriptives"),
    "treatment_timing": Kind("shidian.exhibits.treatment_timing", figure="treatment_timing"),
    "did_table": Kind("shidian.exhibits.did_table"),
    "event_study": Kind("shidian.exhibits.event_study", figure="event_study"),
    "goodman_bacon": Kind("shidian.exhibits.goodman_bacon", figure="bacon"),
    "staggered_did": Kind("shidian.exhibits.staggered_did", figure="coefficient_plot"),
    "twfe_weights": Kind("shidian.exhibits.twfe_weights", figure="density"),
    "honest_did": Kind("shidian.exhibits.honest_did", figure="honest_did"),
    "heterogeneity": Kind("shidian.exhibits.heterogeneity"),
    "variations": Kind("shidian.exhibits.variations"),
    "vif": Kind("shidian.exhibits.vif"),
    "correlation": Kind("shidian.exhibits.correlation"),
    "placebo": Kind("shidian.exhibits.placebo", figure="placebo"),
    "comparison": Kind("shidian.exhibits.comparison"),
}
"""Kind as written in a study file -> what makes it."""
