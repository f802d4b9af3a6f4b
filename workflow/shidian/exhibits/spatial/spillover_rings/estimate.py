"""Spillover rings: the effect on units whose neighbours within so many km are treated (Butts 2021)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings, long_with_omitted
from shidian.exhibits.regression_table import Style, TableColumn, regression_table, used_by
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.exhibits.samples import by_sample, refused, roles
from shidian.exhibits.spatial.spatial_inputs import coordinates
from shidian.exhibits.subsample import policy_sample
from shidian.inference.weights import weights_of
from shidian.ledger import ledger_frame
from shidian.messages import capital, say
from shidian.spatial.near import NearPlaces, check_places
from shidian.spatial.rings import ring_indicators

WITHOUT, WITH = say("without rings"), say("with rings")


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Estimate the DID without and with ring indicators."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    settings = column_settings(spec, {}, 0, info)
    treatment, controls = settings["treatment"], settings["controls"]
    places = (spec.get("longitude", "longitude"), spec.get("latitude", "latitude"))
    try:
        part, words = policy_sample(panel, spec, info.label)
        rings = declared_rings(part, spec, treatment)
        with_rings = part.assign(**rings)
        arguments = (settings["fixed_effects"], settings["vcov"], settings["ssc"])
        first, second = (
            regress(
                frame, settings["outcome"], terms, *arguments, singletons=settings["singletons"],
                weights=weights_of(settings),
            )
            for frame, terms in (
                (part, [treatment, *controls]), (with_rings, [treatment, *rings.columns, *controls]),
            )
        )  # fmt: skip
    except EstimationError as error:
        return notes.refusal(exhibit, info, [treatment], error, refused(panel, roles(settings, coordinates=places)))
    used = {WITHOUT: by_sample(first.sample, part, settings, words)}
    used[WITH] = by_sample(second.sample, part, settings, words, coordinates=places)
    columns = [
        TableColumn(
            label, f"({i})", long_with_omitted(r, info.study, exhibit, label), info.label(settings["outcome"]),
            used=used[label],
        )
        for i, (label, r) in enumerate(((WITHOUT, first), (WITH, second)), start=1)
    ]  # fmt: skip
    terms = {treatment: info.label(treatment), **{r: capital(r) for r in rings.columns}}
    terms |= {name: info.label(name) for name in controls}
    return ExhibitResult(
        estimates=pd.concat([c.estimates for c in columns], ignore_index=True),
        table=regression_table(columns, terms, style, ["n_obs", "n_units", "r2"]),
        notes=(
            *_sentences(rings, spec, info), *([say("Rows restricted to: {words}.", words=words)] if words else []),
            notes.effects_sentence(settings["fixed_effects"], info),
            notes.errors_sentence(second.fit, info, style.errors_words(second.fit.df)),
            *notes.weights_sentences(settings, second.sample, info),
            notes.sample_sentence(second.fit, info),
            *notes.omitted_sentences(second.omitted, info),
            notes.stars_sentence(style.stars), *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame([
            *notes.sample_ledger(exhibit, WITH, second.sample, part),
            *notes.omitted_ledger(exhibit, WITH, second.omitted),
        ]),
        warnings=second.warnings,
        used=used_by(columns),
    )  # fmt: skip


def declared_rings(panel: pd.DataFrame, spec: Mapping[str, Any], treatment: str) -> pd.DataFrame:
    """Return the ring indicators; for untreated unit-years alone unless ``of`` is ``all``."""
    codes, longitude, latitude = coordinates(panel, spec)
    near = NearPlaces(*check_places(codes, longitude, latitude, say("spillover rings")))
    edges = [float(e) for e in spec["edges_km"]]
    rings = ring_indicators(panel, treatment, codes, near, edges, spec.get("nearest_only", True))
    if spec.get("of", "untreated") == "untreated":
        rings = rings.mul((panel[treatment] != 1).astype("int64"), axis=0)
    return rings


def _sentences(rings: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> list[str]:
    untreated = spec.get("of", "untreated") == "untreated"
    nearest = spec.get("nearest_only", True)
    return [
        say(
            "A ring is 1 when another {unit} at that great-circle distance is treated in the year; for {whom}, "
            "{which} with a treated {unit} counts. Unit-years in a ring: {counts}.",
            unit=info.unit_label, whom=say("untreated unit-years") if untreated else say("all unit-years"),
            which=say("the nearest ring") if nearest else say("every ring"),
            counts=[say("{ring} {n}", ring=name, n=int(rings[name].sum())) for name in rings.columns],
        ),
        say("The treatment's coefficient compares with units that are untreated and beyond the last ring."),
    ]  # fmt: skip
