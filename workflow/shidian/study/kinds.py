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


def _kind(name: str, *figures: str, table: bool = True, dated: bool = False, planted: bool = False) -> tuple[str, Kind]:
    return name, Kind(f"shidian.exhibits.{name}", figures, table, dated, planted)


KINDS: dict[str, Kind] = dict([
    _kind("descriptives"),
    _kind("correlation"),
    _kind("vif"),
    _kind("index_weights"),
    _kind("data_checks"),
    _kind("extraction_grade", planted=True),
    _kind("efficiency_variables"),
    _kind("efficiency_scores"),
    _kind("efficiency_recovery", planted=True),
    _kind("epsilon_sensitivity"),
    _kind("score_intervals"),
    _kind("second_stage"),
    _kind("productivity_change"),
    _kind("score_trend", "trend", table=False),
    _kind("score_density", "density", table=False),
    _kind("treatment_timing", "treatment_timing", dated=True),
    _kind("did_table"),
    _kind("variations"),
    _kind("mixed_table"),
    _kind("heterogeneity"),
    _kind("event_study", "event_study", dated=True),
    _kind("honest_did", "honest_did", dated=True),
    _kind("goodman_bacon", "bacon", dated=True),
    _kind("twfe_weights", "twfe_weights", dated=True),
    _kind("staggered_did", "coefficient_plot", dated=True),
    _kind("psm_did", "balance", dated=True),
    _kind("psm_scores", "density", table=False, dated=True),
    _kind("iv_table"),
    _kind("threshold", "lr_curve"),
    _kind("u_test"),
    _kind("mediation"),
    _kind("placebo", "placebo", "placebo_event_study", dated=True),
    _kind("moran", "moran_scatter"),
    _kind("spatial_selection"),
    _kind("weights_summary", "weights_matrix"),
    _kind("weights_choice", "weights_curve"),
    _kind("spatial_did"),
    _kind("spillover_rings", dated=True),
    _kind("conley"),
    _kind("map", "map"),
    _kind("comparison"),
])  # fmt: skip
"""Kind as written in a study file -> what makes it."""
