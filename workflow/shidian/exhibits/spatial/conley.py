"""The DID with Conley (1999) standard errors for several distance cut-offs, beside the declared ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.twfe import Regression, regress
from shidian.errors import EstimationError
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings, long_with_omitted
from shidian.exhibits.regression_table import Style, TableColumn, regression_table
from shidian.exhibits.result import ExhibitResult, StudyInfo, ledger_frame
from shidian.exhibits.spatial.spatial_inputs import coordinates
from shidian.exhibits.subsample import policy_sample
from shidian.spatial.conley import conley_covariance
from shidian.spatial.distance import distances


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Estimate once; print the declared errors and one column of Conley errors a cut-off."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    settings = column_settings(spec, {}, 0, info)
    treatment, controls = settings["treatment"], settings["controls"]
    try:
        part, words = policy_sample(panel, spec, info.label)
        base = regress(
            part, settings["outcome"], [treatment, *controls], settings["fixed_effects"], settings["vcov"],
            settings["ssc"], singletons=settings["singletons"],
        )  # fmt: skip
        regressions = {"(1)": base} | with_conley_errors(part, base, spec)
    except EstimationError as error:
        return notes.refusal(exhibit, info, [treatment], error)
    outcome = info.label(settings["outcome"])
    kinds = {label: "as declared" if r is base else r.fit.vcov_kind for label, r in regressions.items()}
    columns = [
        TableColumn(
            label, label, long_with_omitted(r, info.study, exhibit, label), outcome, {"Standard errors": kinds[label]}
        )
        for label, r in regressions.items()
    ]  # fmt: skip
    terms = {name: info.label(name) for name in (treatment, *controls)}
    kernel = spec.get("kernel", "uniform")
    lags = int(spec.get("lags", 0))
    return ExhibitResult(
        estimates=pd.concat([c.estimates for c in columns], ignore_index=True),
        table=regression_table(columns, terms, style, ["n_obs", "r2"]),
        notes=(
            *([f"Rows restricted to: {words}."] if words else []),
            notes.effects_sentence(settings["fixed_effects"], info),
            f"Column (1): {notes.errors_sentence(base.fit, info, style.errors_words())}",
            f"Other columns: Conley (1999) errors, {kernel} kernel up to the cut-off within a year, and a "
            f"{info.unit_label}'s own errors over {lags} years (Bartlett); no small-sample factor; normal "
            "distribution.",
            notes.sample_sentence(base.fit, info), *notes.omitted_sentences(base.omitted, info),
            notes.stars_sentence(style.stars), *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame([
            *notes.sample_ledger(exhibit, "(1)", base.sample, part),
            *notes.omitted_ledger(exhibit, "(1)", base.omitted),
        ]),
        warnings=base.warnings,
    )  # fmt: skip


def with_conley_errors(panel: pd.DataFrame, base: Regression, spec: Mapping[str, Any]) -> dict[str, Regression]:
    """Return the same regression with Conley errors, one a cut-off, labelled (2), (3), ..."""
    frame = base.sample.frame
    rows = panel[panel["unit"].isin(frame["unit"].unique())]
    codes, longitude, latitude = coordinates(rows, spec)
    km = distances(codes, longitude, latitude, "Conley errors")
    place = {code: i for i, code in enumerate(codes)}
    unit = frame["unit"].astype(str).map(place).to_numpy(dtype=np.int64)
    if "year" not in frame.columns:
        raise EstimationError("Conley errors pair units within a year: 'year' must be a fixed effect here")
    found = {}
    for i, cutoff in enumerate(spec["cutoffs_km"], start=2):
        V = conley_covariance(
            base.X, base.residuals, unit, frame["year"].to_numpy(), km, float(cutoff), spec.get("kernel", "uniform"),
            int(spec.get("lags", 0)),
        )  # fmt: skip
        fit = replace(
            base.fit, vcov=V, df=float("inf"), n_clusters=None, vcov_kind=f"Conley, {cutoff:g} km", ssc="none"
        )
        found[f"({i})"] = replace(base, fit=fit)
    return found
