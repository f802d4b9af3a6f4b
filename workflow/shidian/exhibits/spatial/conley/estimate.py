"""The DID with Conley (1999) standard errors for several distance cut-offs, beside the declared ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.twfe import Regression, regress
from shidian.errors import EstimationError
from shidian.estimates import Fit
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings, long_with_omitted
from shidian.exhibits.regression_table import Style, TableColumn, regression_table, used_by
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.exhibits.samples import by_sample, refused, roles
from shidian.exhibits.spatial.spatial_inputs import coordinates
from shidian.exhibits.subsample import policy_sample
from shidian.inference.covariance import ADJUSTED, make_positive
from shidian.inference.sample import require_unit_years
from shidian.inference.weights import weights_of
from shidian.ledger import ledger_frame
from shidian.messages import joined, say
from shidian.spatial.conley import conley_covariance
from shidian.spatial.near import NearPlaces, check_places


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Estimate once; print the declared errors and one column of Conley errors a cut-off."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    settings = column_settings(spec, {}, 0, info)
    treatment, controls = settings["treatment"], settings["controls"]
    places = (spec.get("longitude", "longitude"), spec.get("latitude", "latitude"))
    try:
        part, words = policy_sample(panel, spec, info.label)
        base = regress(
            part, settings["outcome"], [treatment, *controls], settings["fixed_effects"], settings["vcov"],
            settings["ssc"], singletons=settings["singletons"], weights=weights_of(settings),
        )  # fmt: skip
        regressions = {"(1)": base} | with_conley_errors(part, base, spec, at_one_place=info.individuals)
    except EstimationError as error:
        return notes.refusal(exhibit, info, [treatment], error, refused(panel, roles(settings, coordinates=places)))
    used = by_sample(base.sample, part, settings, words)
    outcome = info.label(settings["outcome"])
    kinds = {"(1)": say("as declared")} | {label: conley_kind(km) for label, km in cutoffs(spec).items()}
    adjusted = [label for label, r in regressions.items() if r is not base and is_adjusted(r.fit)]
    columns = [
        TableColumn(
            label, label, long_with_omitted(r, info.study, exhibit, label), outcome,
            {say("Standard errors"): kinds[label]},
            used if r is base else replace(used, variables=roles(settings, clusters=(), coordinates=places), ssc=""),
        )
        for label, r in regressions.items()
    ]  # fmt: skip
    terms = {name: info.label(name) for name in (treatment, *controls)}

    return ExhibitResult(
        estimates=pd.concat([c.estimates for c in columns], ignore_index=True),
        table=regression_table(columns, terms, style, ["n_obs", "r2"]),
        notes=(
            *([say("Rows restricted to: {words}.", words=words)] if words else []),
            notes.effects_sentence(settings["fixed_effects"], info),
            _in_columns(["(1)"], notes.errors_sentence(base.fit, info, style.errors_words(base.fit.df))),
            _conley_sentence(spec, info, style),
            *([_in_columns(adjusted, say("the covariance is {adjusted}.", adjusted=ADJUSTED))] if adjusted else []),
            *notes.weights_sentences(settings, base.sample, info),
            notes.sample_sentence(base.fit, info), *notes.omitted_sentences(base.omitted, info),
            notes.stars_sentence(style.stars), *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame([
            *notes.sample_ledger(exhibit, "(1)", base.sample, part),
            *notes.omitted_ledger(exhibit, "(1)", base.omitted),
        ]),
        warnings=base.warnings,
        used=used_by(columns),
    )  # fmt: skip


def _in_columns(labels: list[str], sentence: str) -> str:
    return say("{columns}: {sentence}", columns=notes.columns_named(labels), sentence=sentence)


def _conley_sentence(spec: Mapping[str, Any], info: StudyInfo, style: Style) -> str:
    kernel = {"uniform": say("uniform"), "bartlett": say("bartlett")}[spec.get("kernel", "uniform")]
    normal = say("normal distribution (z statistics)") if style.parentheses == "t" else say("normal distribution")
    return say(
        "Other columns: Conley (1999) errors, {kernel} kernel up to the cut-off within a year, and a {unit}'s own "
        "errors over {lags} years (Bartlett); no small-sample factor; {normal}.",
        kernel=kernel, unit=info.unit_label, lags=int(spec.get("lags", 0)), normal=normal,
    )  # fmt: skip


def cutoffs(spec: Mapping[str, Any]) -> dict[str, float]:
    """Return label -> cut-off in km of the columns beside the first: (2), (3), ..."""
    return {f"({i})": float(km) for i, km in enumerate(spec["cutoffs_km"], start=2)}


def conley_kind(km: float) -> str:
    """Return what the errors of a cut-off are called."""
    return say("Conley, {km:g} km", km=km)


def is_adjusted(fit: Fit) -> bool:
    """Say whether a covariance of several terms was made positive semi-definite."""
    return fit.unadjusted is not None and len(fit.terms) > 1


def with_conley_errors(
    panel: pd.DataFrame, base: Regression, spec: Mapping[str, Any], *, at_one_place: bool = False
) -> dict[str, Regression]:
    """Return the same regression with Conley errors, one a cut-off, labelled (2), (3), ...

    ``at_one_place`` says that units may share a place, as individuals do.
    """
    frame = base.sample.frame
    rows = panel[panel["unit"].isin(frame["unit"].unique())]
    codes, longitude, latitude = coordinates(rows, spec)
    place = {code: i for i, code in enumerate(codes)}
    if at_one_place:
        points = np.column_stack([longitude, latitude])
        _, first, of = np.unique(points, axis=0, return_index=True, return_inverse=True)
        place = dict(zip(codes, of.tolist(), strict=True))
        codes, longitude, latitude = [codes[i] for i in first], longitude[first], latitude[first]
    near = NearPlaces(*check_places(codes, longitude, latitude, say("Conley errors"), apart=not at_one_place))
    unit = frame["unit"].astype(str).map(place).to_numpy(dtype=np.int64)
    if "year" not in frame.columns:
        frame = frame.assign(year=panel.loc[base.sample.rows, "year"].to_numpy())
    require_unit_years(frame, say("a Conley error"))
    found = {}
    for label, km_off in cutoffs(spec).items():
        V = conley_covariance(
            base.X, base.residuals, unit, frame["year"].to_numpy(), near, km_off, spec.get("kernel", "uniform"),
            int(spec.get("lags", 0)),
        )  # fmt: skip
        assert base.fit.floor is not None
        positive = make_positive(V, base.fit.floor)
        fit = replace(
            base.fit, vcov=positive, unadjusted=V if positive is not V else None, df=float("inf"), n_clusters=None,
            vcov_kind=conley_kind(km_off), ssc=say("none"),
        )  # fmt: skip
        if is_adjusted(fit):
            fit = replace(fit, vcov_kind=joined([fit.vcov_kind, ADJUSTED], "commas"))
        found[label] = replace(base, fit=fit)
    return found
