"""Choice of the composite weights a Wg + (1 − a) We: AIC and BIC of each model over a grid of a."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.regression_table import DASH, Style
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, StudyInfo, Table
from shidian.exhibits.samples import refused
from shidian.exhibits.spatial.spatial_did.estimate import LEE_YU_WORDS, lags_of
from shidian.exhibits.spatial.spatial_inputs import (
    Inputs,
    components,
    effects_of,
    prepare,
    regressors_of,
    spatial_roles,
)
from shidian.ledger import about, ledger_frame, ledger_row
from shidian.messages import aside, say
from shidian.spatial.logdet import log_determinant
from shidian.spatial.models import fit_spatial
from shidian.spatial.weights import Weights, composite

CRITERIA = {"aic": "AIC", "bic": "BIC"}
NAMES = {"sar": say("sar"), "sem": say("sem"), "sdm": say("sdm"), "log_likelihood": say("log_likelihood"),
         "spatial": say("spatial")}  # fmt: skip


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Fit every model at every a; the smallest AIC and BIC of each model are marked."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    regressors = regressors_of(spec, info)
    grid = [float(a) for a in spec.get("grid", np.arange(11) / 10)]
    try:
        inputs = prepare(panel, spec, info, [spec["outcome"], *regressors], exhibit)
        mixed = components(inputs.panel, spec["weights"])
        curve = fit_grid(inputs, mixed, spec, grid, regressors)
    except EstimationError as error:
        return notes.refusal(exhibit, info, list(CRITERIA), error, refused(panel, spatial_roles(spec, info)))
    failed = curve[curve["reason"] != ""]
    lines = [
        ledger_row(say("estimation"), about(exhibit, f"{r['model']} a = {r['a']:g}"), r["reason"])
        for r in failed.to_dict("records")
    ]
    best = {(m, c): _best(curve, m, c) for m in spec["models"] for c in CRITERIA}
    text = [
        aside(say("Smallest {criterion} of {model}: a = {a:g}.", criterion=CRITERIA[c], model=m.upper(), a=a))
        for (m, c), a in best.items()
        if a is not None
    ]
    estimates = _long(curve, info, exhibit)
    objections = _against(spec["weights"], best)
    return ExhibitResult(
        estimates=estimates,
        table=_table(curve, grid, spec["models"], best, style),
        figure=Figure("weights_curve", {"curve": curve[curve["reason"] == ""].drop(columns="reason")}, {}),
        notes=(*_sentences(inputs, mixed, spec, info), *text, *objections, *notes.simulated_sentence(info)),
        warnings=tuple(objections),
        ledger=ledger_frame([*inputs.ledger, *lines]),
        used=dict.fromkeys(estimates["column"], inputs.used),
    )  # fmt: skip


def _sentences(inputs: Inputs, mixed: tuple[Weights, Weights], spec: Mapping[str, Any], info: StudyInfo) -> list[str]:
    return [
        say(
            "Weights a Wg + (1 − a) We of the row-standardised matrices: Wg = {geographic}, We = {economic} "
            "(1/|difference of mean per-capita GDP|); a = 1 is the traditional geographic matrix, a = 0 the "
            "economic one.",
            geographic=mixed[0].kind, economic=mixed[1].kind,
        ),
        inputs.sentences[0],
        notes.effects_sentence(spec["fixed_effects"], info),
        say("Maximum likelihood, {how}.", how=LEE_YU_WORDS[spec.get("lee_yu", "transformation")]),
        say(
            "AIC and BIC count slopes, spatial parameters and σ²; fixed effects are the same in all. † marks the "
            "smallest of a column."
        ),
    ]  # fmt: skip


def fit_grid(
    inputs: Inputs, mixed: tuple[Weights, Weights], spec: Mapping[str, Any], grid: list[float], regressors: list[str]
) -> pd.DataFrame:
    """Return model, a, aic, bic, log_likelihood, spatial (ρ or λ), n_obs, n_units and reason, one row a fit.

    ``mixed`` are the geographic and the economic matrix.
    """
    geographic, economic = mixed
    rows = []
    for a in grid:
        W = composite(geographic, economic, a)
        logdet = log_determinant(W)
        for model in spec["models"]:
            row: dict[str, Any] = {"model": model, "a": a, "reason": ""}
            try:
                result = fit_spatial(
                    inputs.panel, spec["outcome"], regressors, W, model, lags_of(model, spec, regressors),
                    effects_of(spec["fixed_effects"]), "iid", spec.get("lee_yu", "transformation"), logdet=logdet,
                )  # fmt: skip
                fit = result.fit
                row |= {k: fit.extra[k] for k in ("aic", "bic", "log_likelihood")}
                row |= {"spatial": float(fit.coef[-1]), "n_obs": fit.n_obs, "n_units": fit.n_units}
            except EstimationError as error:
                row["reason"] = str(error)
            rows.append(row)
    columns = ["model", "a", "aic", "bic", "log_likelihood", "spatial", "n_obs", "n_units", "reason"]
    return pd.DataFrame(rows, columns=columns)


def _against(weights: Mapping[str, Any], best: Mapping[tuple[str, str], float | None]) -> list[str]:
    """Return the sentence that names the models whose smallest criterion is not at the declared a; none if all are."""
    declared = weights.get("a")
    if declared is None:
        return []
    other = [
        say("{criterion} of {model} a = {a:g}", criterion=CRITERIA[c], model=m.upper(), a=a)
        for (m, c), a in best.items()
        if a not in (None, declared)
    ]
    if not other:
        return []
    return [say("The weights are declared with a = {a:g}, but {other} is smallest.", a=declared, other=other)]


def _best(curve: pd.DataFrame, model: str, criterion: str) -> float | None:
    rows = curve[(curve["model"] == model) & curve[criterion].notna()]
    return None if rows.empty else float(rows.sort_values([criterion, "a"], kind="stable")["a"].iloc[0])


def column_name(model: str, criterion: str) -> str:
    """Return the column of the estimates that holds a criterion of a model."""
    return say("{model} {criterion}", model=NAMES.get(model, model), criterion=NAMES.get(criterion, criterion))


def _long(curve: pd.DataFrame, info: StudyInfo, exhibit: str) -> pd.DataFrame:
    frames = []
    for row in curve.to_dict("records"):
        term = f"a = {row['a']:g}"
        if row["reason"]:
            frames += [
                missing(info.study, exhibit, column_name(row["model"], c), term, row["reason"]) for c in CRITERIA
            ]
            continue
        names = [*CRITERIA, "log_likelihood", "spatial"]
        numbers = {
            "column": [column_name(row["model"], c) for c in names],
            "term": term,
            "estimate": [row[c] for c in names],
        }
        frame = pd.DataFrame(numbers).assign(
            study=info.study, exhibit=exhibit, n_obs=row["n_obs"], n_units=row["n_units"]
        )
        frames.append(normalise(frame))
    return pd.concat(frames, ignore_index=True)


def _table(
    curve: pd.DataFrame,
    grid: list[float],
    models: list[str],
    best: Mapping[tuple[str, str], float | None],
    style: Style,
) -> Table:
    header = (
        (("", 1), *((m.upper(), 2) for m in models)),
        (("a", 1), *((label, 1) for _ in models for label in CRITERIA.values())),
    )
    place = curve.set_index(["model", "a"])
    rows = []
    for a in grid:
        cells = []
        for m in models:
            for c in CRITERIA:
                value = float(place[c].loc[[(m, a)]].iloc[0])
                text = DASH if np.isnan(value) else style.rounded(value, 2) + ("†" if best[m, c] == a else "")
                cells.append(Cell(text, (f"{m} {c}", f"a = {a:g}", "reason" if np.isnan(value) else "estimate")))
        rows.append(Row(f"{a:g}", tuple(cells)))
    return Table(header, tuple(rows))
