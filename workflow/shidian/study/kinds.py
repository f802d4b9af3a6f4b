"""The kinds of exhibit: which module makes each, and whether it prints a table, a figure or both.

Only names stand here, so that the graph of jobs is built without importing an estimator.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of exhibit.

    ``module`` is imported by the job alone, and its digest decides what reruns; ``figures`` names the kinds of figure
    that it may hand on, each a module of ``shidian.report.figures``; none where there is no figure. ``dated`` says that
    it needs a treatment with adoption years, ``planted`` that it needs a planted truth: a study on real sources leaves
    it out.
    """

    module: str
    figures: tuple[str, ...] = ()
    table: bool = True
    dated: bool = False
    planted: bool = False

    @property
    def figure(self) -> bool:
        """Whether a figure is drawn."""
        return bool(self.figures)

    @property
    def figure_modules(self) -> tuple[str, ...]:
        """The modules that draw the figures."""
        return tuple(f"shidian.report.figures.{name}" for name in self.figures)


def _kind(
    folder: str, name: str, *figures: str, table: bool = True, dated: bool = False, planted: bool = False
) -> tuple[str, Kind]:
    return name, Kind(f"shidian.exhibits.{folder}.{name}", figures, table, dated, planted)


KINDS: dict[str, Kind] = dict([
    _kind("data", "descriptives"),
    _kind("data", "correlation"),
    _kind("data", "vif"),
    _kind("data", "index_weights"),
    _kind("data", "data_checks"),
    _kind("truth", "extraction_grade", planted=True),
    _kind("efficiency", "efficiency_variables"),
    _kind("efficiency", "efficiency_scores"),
    _kind("truth", "efficiency_recovery", planted=True),
    _kind("efficiency", "epsilon_sensitivity"),
    _kind("efficiency", "score_intervals"),
    _kind("efficiency", "second_stage"),
    _kind("efficiency", "productivity_change"),
    _kind("efficiency", "score_trend", "trend", table=False),
    _kind("efficiency", "score_density", "density", table=False),
    _kind("data", "treatment_timing", "treatment_timing", dated=True),
    _kind("did", "did_table"),
    _kind("did", "variations"),
    _kind("did", "mixed_table"),
    _kind("did", "heterogeneity"),
    _kind("did", "event_study", "event_study", dated=True),
    _kind("did", "honest_did", "honest_did", dated=True),
    _kind("did", "goodman_bacon", "bacon", dated=True),
    _kind("did", "twfe_weights", "twfe_weights", dated=True),
    _kind("did", "staggered_did", "coefficient_plot", dated=True),
    _kind("matching", "psm_did", "balance", dated=True),
    _kind("matching", "psm_scores", "density", table=False, dated=True),
    _kind("iv", "iv_table"),
    _kind("threshold", "threshold", "lr_curve"),
    _kind("threshold", "u_test"),
    _kind("mediation", "mediation"),
    _kind("placebo", "placebo", "placebo", "placebo_event_study", dated=True),
    _kind("spatial", "moran", "moran_scatter"),
    _kind("spatial", "spatial_selection"),
    _kind("spatial", "weights_summary", "weights_matrix"),
    _kind("spatial", "weights_choice", "weights_curve"),
    _kind("spatial", "spatial_did"),
    _kind("spatial", "spillover_rings", dated=True),
    _kind("spatial", "conley"),
    _kind("spatial", "map", "map"),
    _kind("truth", "comparison"),
])  # fmt: skip
"""Kind as written in a study file -> what makes it."""
