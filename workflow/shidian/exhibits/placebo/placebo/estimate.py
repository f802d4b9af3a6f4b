"""Placebo exhibit: the distribution of estimates under pseudo-treatments, and the observed estimate's place in it.

The draws are made in chunks by jobs of their own (``draw_chunk``); ``summarise`` joins them with the observed estimate.
``run`` does both for studies small enough to need no jobs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from shidian.did.event_window import term_name
from shidian.errors import EstimationError
from shidian.estimates import Fit
from shidian.exhibits import notes
from shidian.exhibits.always_treated import with_always_treated
from shidian.exhibits.crossed import entered
from shidian.exhibits.did.event_words import normalisation_ledger, normalisation_warnings
from shidian.exhibits.placebo.distribution_table import (
    distribution_estimates,
    distributions,
    table_by_event_time,
    table_by_statistic,
)
from shidian.exhibits.placebo.figures import draws_figure, event_figure
from shidian.exhibits.placebo.words import placebo_notes
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.exhibits.samples import by_sample, roles
from shidian.exhibits.subsample import policy_sample
from shidian.ledger import about, ledger_frame, ledger_row
from shidian.messages import say
from shidian.placebo.assign import distinct_assignments
from shidian.placebo.columns import ADOPTION
from shidian.placebo.distribution import off_centre
from shidian.placebo.draws import chunk_bounds, draw_frame, gather
from shidian.placebo.prepare import Prepared, design_of, prepare
from shidian.placebo.settings import Settings, read_settings
from shidian.printed import statistic_name
from shidian.used import Used


def chunks(spec: Mapping[str, Any], info: StudyInfo) -> list[tuple[int, int]]:
    """Return (first, last) of each chunk of draws that the exhibit declares, ends included."""
    settings = read_settings(spec, info.seed)
    return chunk_bounds(settings.draws, settings.chunk)


def draw_chunk(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo, first: int, last: int) -> pd.DataFrame:
    """Return draws first..last; see ``shidian.placebo.draws.draw_frame``."""
    panel, spec = entered(panel, spec)
    return draw_frame(_used(panel, spec), spec, info.treatment, info.seed, first, last)


def fit_observed(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> Fit:
    """Return the observed estimate by the exhibit's estimator."""
    from shidian.placebo.observed import fit_observed

    panel, spec = entered(panel, spec)
    return fit_observed(_used(panel, spec), spec, info.treatment, info.seed)


def _used(panel: pd.DataFrame, spec: Mapping[str, Any]) -> pd.DataFrame:
    part = policy_sample(panel, spec)[0]
    if spec.get("options", {}).get("unbalanced", "error") == "drop_units":
        from shidian.exhibits.placebo.estimators.spatial import without_gaps

        return without_gaps(part, spec)
    return part


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Make all draws in this process and summarise them."""
    parts = [draw_chunk(panel, spec, info, first, last) for first, last in chunks(spec, info)]
    return summarise(parts, fit_observed(panel, spec, info), spec, info, panel)


def summarise(
    draws: pd.DataFrame | Iterable[pd.DataFrame],
    observed_fit: Fit,
    spec: Mapping[str, Any],
    info: StudyInfo,
    panel: pd.DataFrame | None = None,
) -> ExhibitResult:
    """Return quantiles, randomisation p-values and figure data of all declared draws.

    Args:
        draws: the chunks (or one frame) with every declared draw.
        observed_fit: the observed estimate; its terms name those of the draws.
        spec: the exhibit's resolved specification.
        info: the study.
        panel: the panel, to report in the ledger what the placebo sample leaves out.

    Raises:
        EstimationError: a draw that is missing, a term without an observed estimate, no draw with a number.
    """
    if panel is not None:
        panel, spec = entered(panel, spec)
    settings = read_settings(spec, info.seed)
    frame = gather([draws] if isinstance(draws, pd.DataFrame) else draws, settings.draws)
    terms = list(dict.fromkeys(frame["term"]))
    observed = _observed(observed_fit, terms)
    columns = distributions(frame, observed, terms)
    decimals, statistic = int(spec.get("digits", 4)), statistic_name(observed_fit.df)
    words = "" if panel is None else policy_sample(panel, spec)[1]
    prepared = None if panel is None else prepare(_used(panel, spec), settings, info.treatment)
    asked = None if prepared is None else prepared.columns
    distinct = None if prepared is None else distinct_assignments(prepared.scheme)
    if settings.estimator == "event_study":
        window = settings.event_window if asked is None else asked.window
        times = {term_name(k): k for k in window.estimated()}
        table = table_by_event_time(columns, {term: times[term] for term in terms}, decimals, statistic)
        figure = event_figure(columns, observed, window)
    else:
        table = table_by_statistic(columns, decimals, statistic)
        figure = draws_figure(frame, observed, terms[0], settings, info, statistic)
    estimates = distribution_estimates(columns, info.study, notes.exhibit_id(spec), observed_fit, settings.seed)
    used = _what_was_used(panel, spec, settings, words, observed_fit, info)
    result = ExhibitResult(
        estimates=estimates,
        table=table,
        figure=figure,
        notes=placebo_notes(frame, observed_fit, settings, words, info, asked, distinct),
        ledger=_ledger(prepared, spec, panel),
        warnings=(
            *([] if asked is None else normalisation_warnings(asked.normalisation)),
            *_warnings(frame, terms, info),
        ),
        used=dict.fromkeys(estimates["column"], used),
    )
    return result if panel is None else with_always_treated(result, panel, spec, info)


def _what_was_used(
    panel: pd.DataFrame | None, spec: Mapping[str, Any], settings: Settings, words: str, fit: Fit, info: StudyInfo
) -> Used:
    """Return what the observed estimate and every draw used: the rows of the design, and the stream of the draws."""
    declared = {"treatment": info.treatment, **spec, "singletons": settings.singletons}
    more = {name: [text] for name in ("strata", "weights") if (text := getattr(settings, name))}
    variables = roles(declared, assigned_by=(settings.assign_by,), adoption=(ADOPTION,), **more)
    if panel is None:
        return Used(variables=variables).drawn(settings.seed, settings.draws)
    used = _used(panel, spec)
    asked = policy_sample(panel, spec)[0]
    found = replace(by_sample(design_of(used, settings).sample, asked, declared, words), variables=variables)
    of_these = say("those of them that the estimator itself uses") if fit.n_obs != len(found.rows or ()) else ""
    return replace(found, counts=of_these, seed=settings.seed, draws=settings.draws)


def _observed(fit: Fit, terms: list[str]) -> pd.DataFrame:
    lacking = [t for t in terms if t not in fit.terms]
    if lacking:
        raise EstimationError(
            say("the observed fit has no term '{term}'; it has {terms}", term=lacking[0], terms=list(fit.terms))
        )
    rows = fit.long("", "", "").set_index("term")
    return rows.loc[terms, ["estimate", "se", "statistic", "ci_low", "ci_high"]]


def _warnings(frame: pd.DataFrame, terms: list[str], info: StudyInfo) -> tuple[str, ...]:
    warnings = []
    for term in terms:
        text = off_centre(frame.loc[frame["term"] == term, "estimate"].to_numpy())
        if text:
            warnings.append(
                say("The distribution of the placebo coefficient of {name} {what}.", name=info.label(term), what=text)
            )
    return tuple(warnings)


def _ledger(prepared: Prepared | None, spec: Mapping[str, Any], panel: pd.DataFrame | None) -> pd.DataFrame:
    """Return what the placebo sample leaves out of the panel; draws without a number are in the notes."""
    if panel is None or prepared is None:
        return ledger_frame([])
    used, declared = _used(panel, spec), policy_sample(panel, spec)[0]
    design, exhibit = prepared.design, notes.exhibit_id(spec)
    gone = declared["unit"].nunique() - used["unit"].nunique()
    lines = [
        *([(gone, len(declared) - len(used), say("missing years or values (balanced panel needed)"))] if gone else []),
        *prepared.left_out,
        *design.dropped_rows,
        *(
            (0, 0, say("control {name} absorbed by fixed effects or earlier controls", name=c))
            for c in design.dropped_controls
        ),
    ]
    rows = [
        ledger_row(say("placebo sample"), about(exhibit, say("draws")), why, units=units, rows=n)
        for units, n, why in lines
    ]
    if prepared.columns is not None:
        rows += normalisation_ledger(prepared.columns.normalisation, exhibit)
        rows += [
            ledger_row(say("estimation"), about(exhibit, term_name(tau)), why)
            for tau, why in prepared.columns.missing.items()
        ]
    return ledger_frame(rows)
