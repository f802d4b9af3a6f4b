"""What the properties are asked of: every exhibit that estimates an effect, and every estimator in a registry.

``test_registries`` fails where one is missing here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from shidian.errors import EstimationError
from shidian.exhibits.result import ExhibitResult, StudyInfo, no_estimates

from tests.exhibits.exhibit_checks import run_exhibit
from tests.properties.panels import EFFECT, Shape

INFO = StudyInfo("drawn", "city", "did", {}, seed=5)
STUDY = {
    "outcome": "y", "controls": [], "fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": "unit"},
    "ssc": "reghdfe",
}  # fmt: skip
WINDOW = [-3, 2]
BY_TIME = re.compile(r"tau([+-]\d+)$")
STAGGERED = (
    "twfe", "callaway_santanna", "sun_abraham", "imputation", "two_stage", "lp_did", "stacked", "etwfe",
)  # fmt: skip


def by_time(column: str, term: str) -> float | None:
    """Return the planted effect by time since adoption, and of the terms that average it."""
    found = BY_TIME.match(term)
    return None if found is None else EFFECT * (int(found.group(1)) >= 0)


def named(*terms: str) -> Callable[[str, str], float | None]:
    """Return the truth of terms that estimate the effect."""
    return lambda column, term: EFFECT if term in terms else by_time(column, term)


@dataclass(frozen=True)
class Subject:
    """One estimator behind one exhibit.

    Attributes:
        kind: kind of the exhibit.
        declared: its keys, of the panel's shape.
        truth: column and term -> what it is without disturbances; None where that is not known.
        study: keys of the study that differ from ``STUDY``.
        regressors: columns whose unit of measure may not matter, beside the outcome's.
        comparable: whether it wants panels with never-treated units and no gaps to say anything.
        drawn: pattern of columns and terms that hang on random draws over units, and so on their names.
        in_units: pattern of terms without an error that are in the outcome's unit, or count something by it.
        estimator: name in the registry, where the kind has one.
        noise: disturbances of the panels on which the truth is asked; where none at all would make it refuse.
    """

    kind: str
    declared: Callable[[Shape], Mapping[str, Any]]
    truth: Callable[[str, str], float | None]
    study: Mapping[str, Any] = field(default_factory=dict)
    regressors: tuple[str, ...] = ()
    comparable: bool = False
    drawn: str = "$^"
    in_units: str = "$^"
    estimator: str = ""
    noise: float = 0.0

    @property
    def outcome(self) -> str:
        """The column that it explains."""
        return str(self.study.get("outcome", STUDY["outcome"]))

    def run(self, frame: pd.DataFrame, shape: Shape) -> ExhibitResult:
        """Run the exhibit as a study does; one that stops with a sentence has no estimates and that one warning."""
        try:
            return run_exhibit(self.kind, frame, self.declared(shape), {**STUDY, **self.study}, INFO)
        except EstimationError as refusal:
            return ExhibitResult(no_estimates(), warnings=(str(refusal),))


def _always(**declared: Any) -> Callable[[Shape], Mapping[str, Any]]:
    return lambda shape: declared


def _matching(shape: Shape) -> dict[str, Any]:
    return {"covariates": ["trait", "size"], "base": "base_year", "base_year": shape.first_year, "neighbours": 2}


def _robust(key: str, *controls: str) -> Callable[[Shape], Mapping[str, Any]]:
    def declared(shape: Shape) -> Mapping[str, Any]:
        group = "never_treated" if max(shape.starts) > 9_000 else "not_yet_treated"
        return {"window": WINDOW, "estimators": [key], "control_group": group, "controls": list(controls)}

    return declared


def _placebo(estimator: str, **more: Any) -> Callable[[Shape], Mapping[str, Any]]:
    def declared(shape: Shape) -> Mapping[str, Any]:
        options = {key: value(shape) if callable(value) else value for key, value in more.items()}
        return {"estimator": estimator, "draws": 9, "chunk": 9, **options}

    return declared


def _of_placebo(column: str, term: str) -> float | None:
    if term != "observed" or "coefficient" not in column:
        return None
    at = BY_TIME.search(column.split(":")[0])
    return EFFECT if at is None else EFFECT * (int(at.group(1)) >= 0)


def _of_heterogeneity(column: str, term: str) -> float | None:
    return EFFECT if term == "did" or term.startswith("did | ") else None


def _of_bacon(column: str, term: str) -> float | None:
    return EFFECT if column == "estimate" else None


def _of_the_whole(column: str, term: str) -> float | None:
    """With controls the comparisons are not the effect, only their weighted sum is: each moves with the controls."""
    return EFFECT if (column, term) == ("estimate", "twfe") else None


def _of_rings(column: str, term: str) -> float | None:
    return 0.0 if term.startswith("ring ") else named("did")(column, term)


def _of_honest(column: str, term: str) -> float | None:
    return EFFECT


def _unknown(column: str, term: str) -> float | None:
    return None


PLACE = {"weights": {"kind": "inverse_distance", "power": 2}}
SUBJECTS: dict[str, Subject] = {
    "did_table": Subject("did_table", _always(columns=[{}, {"controls": ["x"]}]), named("did"), regressors=("x",)),
    "two ways": Subject("did_table", _always(columns=[{}]), named("did"),
                        {"vcov": {"kind": "cluster", "by": ["unit", "year"]}}),
    "few clusters": Subject("did_table", _always(columns=[{}]), named("did"),
                            {"vcov": {"kind": "cluster", "by": "region"}}),
    "variations": Subject("variations", _always(variations=[{"label": "x", "controls": ["x"]}]), named("did"),
                          regressors=("x",)),
    "mixed_table": Subject("mixed_table", lambda shape: {"columns": [{}, {"matching": _matching(shape)}]}, named("did"),
                           regressors=("trait",)),
    "heterogeneity": Subject(
        "heterogeneity",
        _always(splits=[{"variable": "trait", "split": "median", "label": "Trait"},
                        {"variable": "trait", "split": "median", "label": "Product", "form": "interaction"}]),
        _of_heterogeneity),
    "event_study": Subject("event_study", _always(window=WINDOW), by_time),
    "poisson": Subject("did_table", _always(columns=[{}, {"controls": ["x"]}], model="poisson"), named("did"),
                       {"outcome": "y_n"}, ("x",), in_units="pseudo R2"),
    "event_study poisson": Subject("event_study", _always(window=WINDOW, model="poisson"), by_time,
                                   {"outcome": "y_n"}, in_units="pseudo R2"),
    "ddd": Subject("ddd", _always(eligible="chosen", group="pair", window=WINDOW, controls=["x"]),
                   named("chosen × did"), {"outcome": "y_d"}, ("x",)),
    "event_study full": Subject("event_study", _always(window=[-9, 9]), by_time),
    "honest_did": Subject("honest_did", _always(window=WINDOW, relative_magnitudes=[1], smoothness=[0]), _of_honest,
                          in_units="M = "),
    "pretrend_power": Subject("pretrend_power", _always(window=WINDOW), _unknown,
                              in_units="slope|effect|violation|after passing"),
    "synthetic_did": Subject(
        "synthetic_did", _always(estimators=["sdid", "did"], inference="jackknife", weights_found="exact"),
        named("ATT")),
    "goodman_bacon": Subject("goodman_bacon", _always(), _of_bacon, in_units="."),
    "twfe_weights": Subject("twfe_weights", _always(), named("beta"), in_units="beta|sigma"),
    **{f"staggered {key}": Subject("staggered_did", _robust(key), named("ATT"), estimator=key) for key in STAGGERED},
    **{f"staggered {key} controls": Subject("staggered_did", _robust(key, "x", "v"), named("ATT"), regressors=("x",),
                                            estimator=key)
       for key in ("callaway_santanna", "imputation", "lp_did")},
    "twfe_weights controls": Subject("twfe_weights", _always(controls=["x", "v"]), named("beta"), regressors=("x",),
                                     in_units="beta|sigma"),
    "goodman_bacon controls": Subject("goodman_bacon", _always(controls=["x", "v"]), _of_the_whole, regressors=("x",),
                                      in_units="."),
    "psm_did": Subject("psm_did", lambda shape: {"columns": [_matching(shape)], "covariates": ["trait", "size"]},
                       named("did"), regressors=("trait",)),
    "iv_table": Subject("iv_table", _always(columns=[{"endogenous": ["w"], "instruments": ["z", "q"]}]),
                        lambda column, term: 2.0 if (column, term) == ("(1)", "w") else None,
                        {"outcome": "y_w", "controls": ["x"]}, ("w", "z", "x"), in_units="ar_set"),
    "threshold": Subject(
        "threshold", _always(regressors=["w"], threshold_variable="q", replications=9, trim=0.1, max_thresholds=1),
        _unknown, {"outcome": "y_w"}, ("w", "q"), comparable=True, drawn="threshold tests", in_units="threshold"),
    "u_test": Subject("u_test", _always(regressor="q"), _unknown, regressors=("q",), in_units="turning point"),
    "mediation": Subject(
        "mediation", _always(mediators=["m"], replications=9),
        lambda column, term: {("m: direct", "did"): EFFECT, ("m: direct", "m"): 0.6}.get((column, term)),
        {"outcome": "y_m"}, ("m",), drawn="bootstrap|share", in_units="bootstrap"),
    "conley": Subject("conley", _always(cutoffs_km=[300], lags=1), named("did")),
    "spillover_rings": Subject("spillover_rings", _always(edges_km=[0, 300]), _of_rings),
    "spatial_did": Subject("spatial_did", _always(**PLACE, models=["sar", "sdm"], draws=50), _unknown,
                           {"controls": ["x"]}, ("x",), comparable=True, drawn=".",
                           in_units="log_likelihood|aic|bic|sigma2"),
    "placebo twfe": Subject("placebo", _placebo("twfe"), _of_placebo, drawn="^(?!truth).", in_units=".",
                            comparable=True, estimator="twfe", noise=1e-7),
    "placebo event_study": Subject("placebo", _placebo("event_study", window=WINDOW), _of_placebo, drawn="^(?!truth).",
                                   in_units=".", comparable=True, estimator="event_study", noise=1e-7),
    "placebo feols": Subject("placebo", _placebo("feols"), _of_placebo, drawn="^(?!truth).", in_units=".",
                             comparable=True, estimator="feols", noise=1e-7),
    "placebo callaway_santanna": Subject("placebo", _placebo("callaway_santanna"), _of_placebo, drawn="^(?!truth).",
                                         in_units=".", comparable=True, estimator="callaway_santanna", noise=1e-7),
    "placebo psm_did": Subject("placebo", _placebo("psm_did", options=_matching), _of_placebo, drawn="^(?!truth).",
                               in_units=".", comparable=True, estimator="psm_did", noise=1e-7),
    "placebo spatial": Subject("placebo", _placebo("spatial", options=PLACE), _unknown, drawn="^(?!truth).",
                               in_units=".", comparable=True, estimator="spatial", noise=1e-7),
}  # fmt: skip
"""Name -> subject. ``comparable`` ones get panels on which they can say something at all; the others get all."""
NO_EFFECT = {
    "descriptives", "balance", "correlation", "vif", "index_weights", "data_checks", "extraction_grade",
    "efficiency_variables",
    "efficiency_scores", "efficiency_recovery", "epsilon_sensitivity", "score_intervals", "second_stage",
    "coverage", "productivity_change", "trend", "score_density", "treatment_timing", "psm_scores", "moran",
    "spatial_selection", "weights_summary", "weights_choice", "map", "comparison", "panels",
    "dagum_gini", "sigma_convergence", "beta_convergence", "markov_chain",
}  # fmt: skip
"""Kinds that estimate no effect of a policy; what they print has properties of its own elsewhere."""
