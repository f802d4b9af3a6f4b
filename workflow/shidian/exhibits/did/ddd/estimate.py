"""Triple differences: one regression a column, and by time since adoption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from shidian.did.event_study import EventStudy, Window, fit_event_study
from shidian.errors import EstimationError
from shidian.exhibits import notes
from shidian.exhibits.bootstrap_rows import SEVERAL
from shidian.exhibits.did.ddd.words import column_words, event_sentences, event_warnings, triple_warnings
from shidian.exhibits.did.did_column import Outcome, estimate_column, footer_of, heading, refused_column
from shidian.exhibits.did.did_table.estimate import lay_out, table_settings
from shidian.exhibits.did.event_rows import event_ledger, event_long, pretrend_cell
from shidian.exhibits.did.model_words import model_cells, model_of, outcome_words
from shidian.exhibits.did.simultaneous import event_points
from shidian.exhibits.did.triple import Triple, require_variation, triple
from shidian.exhibits.regression_table import Style, TableColumn
from shidian.exhibits.result import ExhibitResult, Figure, StudyInfo
from shidian.exhibits.samples import ADOPTION, by_sample
from shidian.exhibits.subsample import policy_sample
from shidian.inference.weights import weights_of
from shidian.messages import say
from shidian.used import Used

COLUMN = say("by event time")


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Estimate every column of ``spec`` and, with ``window``, the effects by time since adoption."""
    asked = triple_settings(spec, info)
    designs = [_designed(panel, s, info) for s in asked]
    settings = [dict(d.settings) if isinstance(d, Triple) else s for d, s in zip(designs, asked, strict=True)]
    effects = list(dict.fromkeys(name for s in settings for name in s["fixed_effects"]))
    done, figure = list[Outcome](), None
    for s, design in zip(settings, designs, strict=True):
        if s["label"] == COLUMN and "window" in spec:
            outcome, figure = _by_time(panel, s, design, spec, info, effects)
        else:
            outcome = _static(panel, s, design, spec, info, effects)
        done.append(outcome)
    labelled = next((d.info for d in designs if isinstance(d, Triple)), info)
    return replace(lay_out(panel, spec, settings, done, labelled), figure=figure)


def triple_settings(spec: Mapping[str, Any], info: StudyInfo) -> list[dict[str, Any]]:
    """Return the settings of each column, those by event time last."""
    own = {key: spec[key] for key in ("eligible", "group", "further_effects", "sample") if key in spec}
    columns = [*spec.get("columns", [{}]), *([{"label": COLUMN}] if "window" in spec else [])]
    shared = {**spec, "columns": [{**own, **column} for column in columns]}
    return table_settings(shared, info)


def _designed(panel: pd.DataFrame, s: Mapping[str, Any], info: StudyInfo) -> Triple | EstimationError:
    """Return the design of a column whose rows identify it, or why there is none."""
    try:
        design = triple(panel, s, info)
        require_variation(policy_sample(design.panel, s, info.label)[0], design)
    except EstimationError as error:
        return error
    return design


def _static(
    panel: pd.DataFrame, s: Mapping[str, Any], design: Triple | EstimationError, spec: Mapping[str, Any],
    info: StudyInfo, effects: Sequence[str],
) -> Outcome:  # fmt: skip
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    if isinstance(design, EstimationError):
        return refused_column(panel, s, info, exhibit, design, effects)
    found = _with_used(estimate_column(design.panel, s, design.info, exhibit, style, effects), design)
    (column,) = found.columns
    if not column.used.rows:
        return found
    return replace(
        found, sentences=(*column_words(design, column.used), *found.sentences),
        warnings=(*found.warnings, *triple_warnings(design, column.used)), terms={design.term: design.label},
    )  # fmt: skip


def _by_time(
    panel: pd.DataFrame, s: Mapping[str, Any], design: Triple | EstimationError, spec: Mapping[str, Any],
    info: StudyInfo, effects: Sequence[str],
) -> tuple[Outcome, Figure | None]:  # fmt: skip
    """Return the column of effects by time since adoption, and its figure."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    if isinstance(design, EstimationError):
        return refused_column(panel, s, info, exhibit, design, effects), None
    try:
        part, words = policy_sample(design.by_eligible, s, info.label)
        study = fit_event_study(
            part, s["outcome"], s["controls"], s["fixed_effects"], Window.declared(spec), s["vcov"], s["ssc"],
            singletons=s["singletons"], weights=weights_of(s), model=model_of(s),
        )  # fmt: skip
    except EstimationError as error:
        gone = refused_column(design.panel, s, design.info, exhibit, error, effects)
        return _with_used(gone, design), None
    used = _used(by_sample(study.regression.sample, part, s, words, adoption=ADOPTION), design)
    column = TableColumn(
        COLUMN, COLUMN, event_long(study, info, exhibit, COLUMN), heading(s, info),
        footer_of(s, design.info, effects), used,
    )  # fmt: skip
    points, of_band = event_points(study, spec, info)
    times = [effect for effect in study.effects.to_dict("records") if not effect["is_reference"]]
    outcome = Outcome(
        (column,), (*column_words(design, used), *event_sentences(study, s, design, style, words), *of_band),
        tuple(event_ledger(study, part, exhibit, COLUMN)),
        (*event_warnings(study, part, s, design), *triple_warnings(design, used)),
        regression=SEVERAL, terms={effect["term"]: study.window.words(effect["tau"]) for effect in times},
        foot={**pretrend_cell(study, COLUMN), **model_cells(study.regression, COLUMN, style)},
    )  # fmt: skip
    return outcome, Figure("event_study", {"points": points}, _options(study, s, design))


def _options(study: EventStudy, s: Mapping[str, Any], design: Triple) -> dict[str, Any]:
    return {"outcome": outcome_words(s, design.info), "level": 0.95, "ends": study.window.ends}


def _with_used(outcome: Outcome, design: Triple) -> Outcome:
    return replace(outcome, columns=tuple(replace(c, used=_used(c.used, design)) for c in outcome.columns))


def _used(used: Used, design: Triple) -> Used:
    """Return what a column used by the panel's own columns: what was made of them is named by what is behind it."""
    own = {design.eligible: design.behind, design.term: design.info.treatment}
    variables = {role: tuple(dict.fromkeys(own.get(n, n) for n in names)) for role, names in used.variables.items()}
    return replace(used, variables=variables | {"eligible": (design.behind,), "group": (design.group,)})
