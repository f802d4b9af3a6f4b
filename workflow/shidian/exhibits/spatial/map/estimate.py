"""Choropleth maps of a variable, or of local Moran clusters, in declared years: common classes, pilots outlined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, no_column
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, StudyInfo, Table
from shidian.exhibits.samples import by_rows, refused, unit_years
from shidian.exhibits.spatial.base_map import SEA, base_map, reaches_the_sea
from shidian.exhibits.spatial.moran.estimate import year_values
from shidian.exhibits.spatial.spatial_inputs import prepare, spatial_roles
from shidian.exhibits.spatial.weights_file import unit_names
from shidian.exhibits.subsample import needed_by, subsample
from shidian.ledger import about, ledger_frame, ledger_row
from shidian.messages import say
from shidian.regions.polygons import prefecture_outlines
from shidian.spatial.classes import class_breaks, classify
from shidian.spatial.moran import CLUSTERS, local_moran
from shidian.used import Used

METHOD_WORDS = {
    "natural_breaks": say("natural breaks (Fisher-Jenks)"), "quantiles": say("quantiles"),
    "breaks": say("declared breaks"),
}  # fmt: skip


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Return the classes of every unit in every year; units without an outline are listed."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    variable = spec.get("variable", spec.get("outcome"))
    variables = spatial_roles(spec, info) | {"treatment": (info.treatment,)}
    try:
        part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
        if variable not in part.columns:
            raise no_column(variable, part.columns)
        years = _years(part, spec)
        units = part.loc[part["year"].isin(years), ["year", "unit", variable]].rename(columns={variable: "value"})
        units = units.assign(unit=units["unit"].astype(str)).sort_values(["year", "unit"], kind="stable")
        frame, labels, sentences = _classes(panel, units.reset_index(drop=True), spec, info, variable, style)
        layers = base_map(spec["map"], unit_names(panel)) if "map" in spec else None
    except EstimationError as error:
        return notes.refusal(exhibit, info, [str(variable)], error, refused(panel, variables))
    frame = frame.assign(treated=_treated(part, frame, info, spec.get("outline", "treated")))
    outlined = prefecture_outlines() if layers is None else set(layers["unit"])
    lost = sorted(set(frame["unit"]) - set(outlined))
    rows = frame["unit"].value_counts()
    lines = [
        ledger_row(say("map"), about(exhibit, code), say("no outline for this unit"), units=1, rows=int(rows[code]))
        for code in lost
    ]
    empty = int((frame["class"] < 0).sum())
    known = frame[frame["class"] >= 0]
    counts = known.groupby(["class", "year"]).size()
    sentences += [say("Rows restricted to: {words}.", words=words)] if words else []
    sentences += [say("{n} unit-years without a value are grey.", n=empty)] if empty else []
    sentences += [say("Without an outline, so not drawn: {units}.", units=_names(part, lost))] if lost else []
    return ExhibitResult(
        estimates=_long(counts, labels, years, info, exhibit),
        table=_table(counts, labels, years),
        figure=Figure(
            "map",
            {"units": frame[["year", "unit", "value", "class", "treated"]],
             "classes": pd.DataFrame({"class": np.arange(len(labels)), "label": labels}),
             **({} if layers is None else {"layers": layers})},
            {"variable": info.measured(str(variable)), "clusters": spec.get("classes", "natural_breaks") == "clusters",
             "treated_label": _policy(info), "outline": spec.get("outline", "treated") != "none",
             **_based(spec, layers)},
        ),
        notes=(*sentences, *_outline_sentences(spec, info), *notes.simulated_sentence(info)),
        ledger=ledger_frame(lines),
        warnings=(say("{n} units have no outline and are missing from the map", n=len(lost)),) if lost else (),
        used={str(year): _used(part, known, year, variables, words, spec, info) for year in years},
    )  # fmt: skip


def _used(
    part: pd.DataFrame, known: pd.DataFrame, year: int, variables: Mapping[str, Iterable[str]], words: str,
    spec: Mapping[str, Any], info: StudyInfo,
) -> Used:  # fmt: skip
    """Return what the classes of one year used; those of local clusters are tested by permutations."""
    rows, asked = unit_years(part, known[known["year"] == year]), part[part["year"] == year]
    used = by_rows(rows, asked, variables, words, len(asked) - len(rows))
    if spec.get("classes", "natural_breaks") != "clusters":
        return used
    return used.drawn(int(spec.get("seed", info.seed)), int(spec.get("permutations", 999)))


def _years(panel: pd.DataFrame, spec: Mapping[str, Any]) -> list[int]:
    have = sorted(int(y) for y in panel["year"].unique())
    wanted = list(dict.fromkeys(int(y) for y in spec["years"]))
    lacking = [y for y in wanted if y not in have]
    if lacking:
        raise EstimationError(
            say(
                "'years' names {year}, and the panel's years are {first} to {last}",
                year=lacking[0],
                first=have[0],
                last=have[-1],
            )
        )
    return wanted


def _classes(
    panel: pd.DataFrame, units: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo, variable: str, style: Style
) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Return the unit-years with their class, the classes' labels, and the note's sentences."""
    method = spec.get("classes", "natural_breaks")
    if method == "clusters":
        return _clusters(panel, units, spec, info, variable)
    values = units["value"].to_numpy(dtype=np.float64)
    if method == "breaks":
        breaks = np.array(sorted(float(b) for b in spec.get("breaks", [])))
        if not len(breaks):
            raise EstimationError(say("classes 'breaks' wants the list 'breaks' of upper class bounds"))
    else:
        breaks = class_breaks(values, int(spec.get("n_classes", 5)), method)
    finite = values[np.isfinite(values)]
    if not len(finite):
        raise EstimationError(say("'{name}' has no value in these years", name=variable))
    bounds = [min(float(finite.min()), float(breaks[0])), *breaks.tolist(), max(float(finite.max()), float(breaks[-1]))]
    labels = [f"{style.number(a)} – {style.number(b)}" for a, b in pairwise(bounds)]
    if method == "breaks":
        labels[0], labels[-1] = f"≤ {style.number(bounds[1])}", f"> {style.number(bounds[-2])}"
    text = say(
        "{variable}: {n} classes by {method} over all years shown.",
        variable=info.label(variable), n=len(labels), method=METHOD_WORDS[method],
    )  # fmt: skip
    return units.assign(**{"class": classify(values, breaks)}), labels, [text]


def _clusters(
    panel: pd.DataFrame, units: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo, variable: str
) -> tuple[pd.DataFrame, list[str], list[str]]:
    if "weights" not in spec:
        raise EstimationError(say("a map of local Moran clusters wants 'weights'"))
    inputs = prepare(panel, spec, info, [variable], notes.exhibit_id(spec))
    seed, level = int(spec.get("seed", info.seed)), float(spec.get("level", 0.05))
    draws = int(spec.get("permutations", 999))
    found = pd.concat([
        local_moran(year_values(inputs, variable, year), inputs.weights, draws, seed, level, year).assign(year=year)
        for year in sorted(units["year"].unique().tolist())
    ])  # fmt: skip
    found["class"] = found["cluster"].map({name: i for i, name in enumerate(CLUSTERS)})
    merged = units.merge(found[["year", "unit", "class"]], on=["year", "unit"], how="left")
    merged["class"] = merged["class"].fillna(-1).astype("int64")
    text = say(
        "Local Moran's I of {variable}, {n} conditional permutations, seed {seed}, p < {level:g}.",
        variable=info.label(variable), n=draws, seed=seed, level=level,
    )  # fmt: skip
    return merged, list(CLUSTERS), [text, *inputs.sentences]


def _treated(panel: pd.DataFrame, frame: pd.DataFrame, info: StudyInfo, which: str) -> np.ndarray:
    """Return whether each unit-year is treated, or the unit is in any year of the panel; of doses, which none is."""
    if which == "none" and not panel[info.treatment].dropna().isin([0, 1]).all():
        return np.zeros(len(frame), dtype=bool)
    rows = panel.assign(unit=panel["unit"].astype(str))
    if which == "ever_treated":
        status = rows.groupby("unit")[info.treatment].max()
        return np.asarray(frame["unit"].map(status).to_numpy(dtype=np.float64) == 1)
    keys = pd.MultiIndex.from_frame(frame[["year", "unit"]])
    status = rows.set_index(["year", "unit"])[info.treatment].reindex(keys)
    return np.asarray(status.to_numpy(dtype=np.float64) == 1)


def _names(panel: pd.DataFrame, codes: list[str]) -> list[str]:
    first = panel.drop_duplicates("unit")
    names = dict(zip(first["unit"].astype(str), first.get("unit_name", first["unit"]).astype(str), strict=True))
    return [say("{name} ({code})", name=names[code], code=code) if names[code] != code else code for code in codes]


def _long(counts: Any, labels: list[str], years: list[int], info: StudyInfo, exhibit: str) -> pd.DataFrame:
    rows = [
        {"column": str(year), "term": label, "estimate": float(counts.get((c, year), 0))}
        for c, label in enumerate(labels)
        for year in years
    ]
    return normalise(pd.DataFrame(rows).assign(study=info.study, exhibit=exhibit))


def _table(counts: Any, labels: list[str], years: list[int]) -> Table:
    header = (((say("Units in class"), 1), *((str(year), 1) for year in years)),)
    rows = [
        Row(label, tuple(Cell(f"{int(counts.get((c, year), 0)):,}", (str(year), label, "estimate")) for year in years))
        for c, label in enumerate(labels)
    ]
    return Table(header, tuple(rows))


def _policy(info: StudyInfo) -> str:
    return info.policy or info.label(info.treatment)


def _outline_sentences(spec: Mapping[str, Any], info: StudyInfo) -> list[str]:
    label = _policy(info)
    words = {
        "treated": [say("Bold outline: {policy} in force that year.", policy=label)],
        "ever_treated": [say("Bold outline: {policy} in any year.", policy=label)],
    }
    return [*words.get(spec.get("outline", "treated"), []), _base_sentence(spec.get("map", {}))]


def _base_sentence(base: Mapping[str, Any]) -> str:
    """Say whose outlines are drawn, and whether the map may be printed in China."""
    if not base:
        return say(
            "Outlines: npm package echarts 4.9.0 (Apache-2.0), simplified; no national boundary, no islands of the "
            "South China Sea, no review number: not for publication in China."
        )
    if "review_number" in base:
        return say("Base map: {file}, review number {number}.", file=base["base"], number=base["review_number"])
    return say("Base map: {file}, without a review number: not for publication in China.", file=base["base"])


def _based(spec: Mapping[str, Any], layers: pd.DataFrame | None) -> dict[str, Any]:
    """Return what the drawing needs of the base map: the box of its inset and its review number."""
    if layers is None:
        return {}
    base = spec["map"]
    inset = base.get("inset", list(SEA) if reaches_the_sea(layers) else "none")
    number = {"review_number": base["review_number"]} if "review_number" in base else {}
    return {**({} if inset == "none" else {"inset": list(inset)}), **number}
