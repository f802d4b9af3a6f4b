"""Placebo exhibit: the distribution of estimates under pseudo-treatments, and the true estimate's place in it.

The draws are made in chunks by jobs of their own (``draw_chunk``); ``summarise`` joins them with the true estimate.
``run`` does both for studies small enough to need no jobs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.event_study import term_name
from shidian.errors import EstimationError
from shidian.estimates import Fit, normalise
from shidian.exhibits import notes
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, StudyInfo, Table, ledger_frame, ledger_row
from shidian.exhibits.subsample import subsample
from shidian.placebo.distribution import Line, describe, off_centre, significant_shares
from shidian.placebo.draws import ABSORBED, OK, chunk_bounds, draw_frame, gather
from shidian.placebo.prepare import prepare
from shidian.placebo.registry import find_entry
from shidian.placebo.settings import Settings, read_settings

MAX_POINTS = 20_000
"""Most draws shown in the figure; the table always uses all."""

MAX_REASONS = 5
"""Most reasons why draws gave no estimate that the note spells out; it always counts all of them."""

FIELDS = {"estimate": "coefficient", "statistic": "t"}
"""Column of the draws -> what it is called."""


def chunks(spec: Mapping[str, Any], info: StudyInfo) -> list[tuple[int, int]]:
    """Return (first, last) of each chunk of draws that the exhibit declares, ends included."""
    settings = read_settings(spec, info.seed)
    return chunk_bounds(settings.draws, settings.chunk)


def draw_chunk(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo, first: int, last: int) -> pd.DataFrame:
    """Return draws first..last; see ``shidian.placebo.draws.draw_frame``."""
    return draw_frame(_used(panel, spec), spec, info.treatment, info.seed, first, last)


def fit_truth(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> Fit:
    """Return the true estimate by the exhibit's estimator."""
    from shidian.placebo.truth import fit_true

    return fit_true(_used(panel, spec), spec, info.treatment, info.seed)


def _used(panel: pd.DataFrame, spec: Mapping[str, Any]) -> pd.DataFrame:
    part = subsample(panel, spec.get("sample"))[0]
    if spec.get("options", {}).get("unbalanced", "error") == "drop_units":
        from shidian.exhibits.spatial_placebo import without_gaps

        return without_gaps(part, spec)
    return part


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Make all draws in this process and summarise them."""
    parts = [draw_chunk(panel, spec, info, first, last) for first, last in chunks(spec, info)]
    return summarise(parts, fit_truth(panel, spec, info), spec, info, panel)


def summarise(
    draws: pd.DataFrame | Iterable[pd.DataFrame],
    true_fit: Fit,
    spec: Mapping[str, Any],
    info: StudyInfo,
    panel: pd.DataFrame | None = None,
) -> ExhibitResult:
    """Return quantiles, randomisation p-values and figure data of all declared draws.

    Args:
        draws: the chunks (or one frame) with every declared draw.
        true_fit: the true estimate; its terms name those of the draws.
        spec: the exhibit's resolved specification.
        info: the study.
        panel: the panel, to report in the ledger what the placebo sample leaves out.

    Raises:
        EstimationError: a draw that is missing, a term without a true estimate, no draw with a number.
    """
    settings = read_settings(spec, info.seed)
    frame = gather([draws] if isinstance(draws, pd.DataFrame) else draws, settings.draws)
    terms = list(dict.fromkeys(frame["term"]))
    truth = _truth(true_fit, terms)
    columns = _columns(frame, truth, terms)
    decimals = int(spec.get("digits", 4))
    words = "" if panel is None else subsample(panel, spec.get("sample"))[1]
    several = settings.estimator == "event_study"
    return ExhibitResult(
        estimates=_estimates(columns, info.study, notes.exhibit_id(spec), true_fit, settings.seed),
        table=_by_event_time(columns, terms, decimals) if several else _by_statistic(columns, decimals),
        figure=_event_figure(columns, truth, settings) if several else _figure(frame, truth, terms[0], settings, info),
        notes=_notes(frame, true_fit, settings, words, info),
        ledger=_ledger(settings, spec, info, panel),
        warnings=_warnings(frame, terms, info),
    )


def _truth(fit: Fit, terms: list[str]) -> pd.DataFrame:
    lacking = [t for t in terms if t not in fit.terms]
    if lacking:
        raise EstimationError(f"the true fit has no term '{lacking[0]}'; it has {', '.join(fit.terms)}")
    rows = fit.long("", "", "").set_index("term")
    return rows.loc[terms, ["estimate", "se", "statistic", "ci_low", "ci_high"]]


Columns = dict[tuple[str, str], list[Line]]
"""(term, coefficient or t) -> the numbers of its distribution."""


def _columns(frame: pd.DataFrame, truth: pd.DataFrame, terms: list[str]) -> Columns:
    columns: Columns = {}
    for term in terms:
        draws = frame.loc[frame["term"] == term]
        for field, name in FIELDS.items():
            true_value = float(truth[field].to_numpy()[terms.index(term)])
            columns[term, name] = describe(draws[field].to_numpy(), true_value)
        columns[term, "t"] += significant_shares(draws["p"].to_numpy())
    return columns


def _estimates(columns: Columns, study: str, exhibit: str, fit: Fit, seed: int) -> pd.DataFrame:
    """Return the numbers in the long schema; ``se`` is the Monte-Carlo standard error where there is one."""
    constants: dict[str, Any] = {
        "study": study, "exhibit": exhibit, "n_obs": fit.n_obs, "n_units": fit.n_units, "n_clusters": fit.n_clusters,
        "vcov": fit.vcov_kind, "ssc": fit.ssc, "seed": seed,
    }  # fmt: skip
    parts = []
    for key, lines in columns.items():
        part = pd.DataFrame([(line.key, line.number, line.error) for line in lines], columns=["term", "estimate", "se"])
        parts.append(normalise(part.assign(column=_name(key), **constants)))
    frame = pd.concat(parts, ignore_index=True)
    frame.loc[frame["estimate"].isna(), "reason"] = "one draw has no standard deviation"
    return frame


def _name(key: tuple[str, str]) -> str:
    return f"{key[0]}: {key[1]}"


def _cell(line: Line | None, column: str, decimals: int) -> Cell:
    """Print one number; randomisation p-values carry their Monte-Carlo standard error in parentheses."""
    if line is None or np.isnan(line.number):
        return Cell("")
    text = f"{line.number:.{decimals}f}"
    if line.key.startswith("p_"):
        text += f" ({line.error:.{decimals}f})"
    return Cell(text, (column, line.key, "estimate"))


def _by_statistic(columns: Columns, decimals: int) -> Table:
    """Lay out one coefficient: a row a number, a column for the coefficient and one for t."""
    by_column = {_name(key): {line.key: line for line in lines} for key, lines in columns.items()}
    labels = {line.key: line.label for lines in columns.values() for line in lines}
    rows = tuple(
        Row(
            label,
            tuple(_cell(lines.get(key), name, decimals) for name, lines in by_column.items()),
            rule_above=key in ("mean", "p_two_sided", "share_10"),
        )
        for key, label in labels.items()
    )
    return Table(((("", 1), ("Coefficient", 1), ("t", 1)),), rows)


def _by_event_time(columns: Columns, terms: list[str], decimals: int) -> Table:
    """Lay out an event study: a row an event time."""
    shown = ("truth", "mean", "sd", "q2.5", "q97.5", "p_two_sided")
    by_column = {key: {line.key: line for line in lines} for key, lines in columns.items()}
    rows = []
    for term in terms:
        coefficient, t = by_column[term, "coefficient"], by_column[term, "t"]
        cells = [_cell(coefficient[key], _name((term, "coefficient")), decimals) for key in shown]
        cells.append(_cell(t["p_two_sided"], _name((term, "t")), decimals))
        rows.append(Row(f"τ = {int(term.removeprefix('tau'))}", tuple(cells)))
    heads = [coefficient[key].label for key in shown] + ["Randomisation p of t, two-sided"]
    return Table(((("Years relative to adoption", 1), *((head, 1) for head in heads)),), tuple(rows))


def _figure(frame: pd.DataFrame, truth: pd.DataFrame, term: str, settings: Settings, info: StudyInfo) -> Figure:
    """Return the draws with their p-values, and the true estimate."""
    field = "estimate" if settings.statistic == "coefficient" else "statistic"
    shown = frame.loc[(frame["status"] == OK) & (frame["draw"] < MAX_POINTS)]
    points = shown[["draw", field, "p"]].set_axis(["draw", "estimate", "p"], axis=1).reset_index(drop=True)
    line = truth.loc[[term], [field, "se"]].set_axis(["estimate", "se"], axis=1).reset_index(drop=True)
    what = "Placebo estimate" if settings.statistic == "coefficient" else "t statistic of the placebo estimate"
    return Figure("placebo", {"draws": points, "truth": line}, {"x_label": f"{what} of {info.label(term)}"})


def _event_figure(columns: Columns, truth: pd.DataFrame, settings: Settings) -> Figure:
    """Return the true event study and, behind it, the quantiles of the draws at each event time."""
    keys = ["q2.5", "q25", "q50", "q75", "q97.5"]
    bands = []
    window = settings.event_window
    by_term = {term_name(k): k for k in window.estimated()}
    for (term, name), lines in columns.items():
        if name == "coefficient":
            by_key = {line.key: line.number for line in lines}
            bands.append([by_term[term], *(by_key[key] for key in keys)])
    points = truth.assign(tau=[by_term[term] for term in truth.index])
    data = {
        "points": points[["tau", "estimate", "ci_low", "ci_high"]].reset_index(drop=True),
        "bands": pd.DataFrame(bands, columns=["tau", "low", "lower", "middle", "upper", "high"]),
    }
    return Figure("placebo", data, {"reference": list(window.reference), "binned": window.ends == "bin"})


def _notes(frame: pd.DataFrame, fit: Fit, settings: Settings, words: str, info: StudyInfo) -> tuple[str, ...]:
    """Return the sentences of the note: how draws were made, what was absorbed, errors, clusters, seed."""
    controls = ", ".join(info.label(c) for c in settings.controls)
    entry = find_entry(settings.estimator)
    sentences = [
        f"{settings.draws} placebo draws: {_how_drawn(settings)}. Draw d uses the random stream ({settings.seed}, d).",
        "Randomisation p = (1 + number of draws at least as extreme) / (1 + number of draws); "
        "its Monte-Carlo standard error is in parentheses. "
        "That of t is the studentised test, of estimate / standard error.",
        *_excluded(frame, settings),
        f"Estimator: {_estimator(settings)}; outcome: {info.label(settings.outcome)}; controls: {controls or 'none'}.",
        *([notes.effects_sentence(settings.fixed_effects, info)] if entry.fixed_effects else []),
        notes.errors_sentence(fit, info, "Standard errors"),
        f"True estimate: {notes.sample_sentence(fit, info)}",
        *([f"Restricted to {words}."] if words else []),
    ]
    if settings.draws > MAX_POINTS and settings.estimator != "event_study":
        sentences.append(f"The figure shows draws 0 to {MAX_POINTS - 1}, the table all.")
    return (*sentences, *notes.simulated_sentence(info))


def _how_drawn(settings: Settings) -> str:
    text = {
        "permute": "which units are treated is permuted, the size of each adoption cohort kept",
        "random": "treated units and their adoption years are both drawn at random",
        "in_time": "adoption of the treated units is moved earlier and years from the true adoption on are dropped",
    }[settings.mode]
    text += f", within each {settings.strata}" if settings.strata else ""
    text += f", each {settings.assign_by} as a whole" if settings.assign_by != "unit" else ""
    return text + (", among units never treated, the treated ones left out" if settings.pool != "all" else "")


def _estimator(settings: Settings) -> str:
    """Name the estimator, what it estimates and with which options."""
    options = [f"{key}: {_words(value)}" for key, value in settings.options.items()]
    return f"{find_entry(settings.estimator).words}" + (f" ({', '.join(options)})" if options else "")


def _words(value: Any) -> str:
    """Write the value of an option as the study file has it, without its brackets."""
    if isinstance(value, Mapping):
        return " ".join(f"{key} {_words(v)}" for key, v in value.items())
    return " ".join(map(_words, value)) if isinstance(value, list) else str(value).lower()


def _excluded(frame: pd.DataFrame, settings: Settings) -> list[str]:
    """Say how many draws gave no number, and why; for an event study, how many at some event time."""
    bad = frame.loc[frame["status"] != OK].drop_duplicates(["draw", "status"])
    if bad.empty:
        return ["Every draw gave an estimate."]
    where = " of some event time" if settings.estimator == "event_study" else ""
    reasons = bad["status"].where(bad["status"] != ABSORBED, "fixed effects and controls absorb the pseudo-treatment")
    counts = reasons.value_counts().rename_axis("reason").reset_index(name="draws")
    counts = counts.sort_values(["draws", "reason"], ascending=[False, True], ignore_index=True)
    shown = list(counts.head(MAX_REASONS).itertuples(index=False, name=None))
    rest = counts.iloc[MAX_REASONS:]
    if len(rest):
        shown.append((f"{len(rest)} other reasons", int(rest["draws"].sum())))
    return [
        f"{n} of {settings.draws} draws gave no estimate{where} and are left out there: {reason}."
        for reason, n in shown
    ]


def _warnings(frame: pd.DataFrame, terms: list[str], info: StudyInfo) -> tuple[str, ...]:
    warnings = []
    for term in terms:
        text = off_centre(frame.loc[frame["term"] == term, "estimate"].to_numpy())
        if text:
            warnings.append(f"The distribution of the placebo coefficient of {info.label(term)} {text}.")
    return tuple(warnings)


def _ledger(settings: Settings, spec: Mapping[str, Any], info: StudyInfo, panel: pd.DataFrame | None) -> pd.DataFrame:
    """Return what the placebo sample leaves out of the panel; draws without a number are in the notes."""
    if panel is None:
        return ledger_frame([])
    used, declared = _used(panel, spec), subsample(panel, spec.get("sample"))[0]
    prepared = prepare(used, settings, info.treatment)
    design = prepared.design
    gone = declared["unit"].nunique() - used["unit"].nunique()
    lines = [
        *([(gone, len(declared) - len(used), "missing years or values (balanced panel needed)")] if gone else []),
        *prepared.left_out,
        *((0, n, why) for n, why in ((design.n_missing, "missing value"), (design.n_singletons, "singleton")) if n),
        *((0, 0, f"control {c} absorbed by fixed effects or earlier controls") for c in design.dropped_controls),
    ]
    subject = f"{notes.exhibit_id(spec)} draws"
    return ledger_frame([ledger_row("placebo sample", subject, why, units=units, rows=n) for units, n, why in lines])
