"""Spatial weights described: links, reach and eigenvalues of the declared matrix and of those it is made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.regression_table import DASH, Style
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, StudyInfo, Table
from shidian.exhibits.samples import refused
from shidian.exhibits.spatial.spatial_inputs import (
    Inputs,
    components,
    coordinates,
    geographic,
    prepare,
    regressors_of,
    spatial_roles,
)
from shidian.ledger import ledger_frame
from shidian.messages import aside, say
from shidian.printed import whole_or
from shidian.spatial import weights as spatial_weights
from shidian.spatial.haversine import great_circle_km
from shidian.spatial.weights import Weights
from shidian.spatial.weights_summary import COUNTS, blocks, summary, within_distance

MOST_CELLS = 100
"""Cells a side of the pictures of the matrices."""
STEP_KM = 50.0
"""Steps of the curve of weight by distance."""
ROWS = {
    "units": say("Units"), "links": say("Links"), "share of links": say("Share of links"),
    "fewest neighbours": say("Fewest neighbours"), "mean neighbours": say("Mean neighbours"),
    "most neighbours": say("Most neighbours"), "islands": say("Islands"), "smallest weight": say("Smallest weight"),
    "largest weight": say("Largest weight"), "smallest row sum": say("Smallest row sum"),
    "largest row sum": say("Largest row sum"), "largest column sum": say("Largest column sum"),
    "mean distance of links, km": say("Mean distance of links, km"),
    "mean distance by weight, km": say("Mean distance by weight, km"),
    "largest eigenvalue": say("Largest eigenvalue"), "lower end of ρ": say("Lower end of ρ"),
    "upper end of ρ": say("Upper end of ρ"), "complex eigenvalues": say("Complex eigenvalues"),
}  # fmt: skip
"""Number of a summary -> label of its row."""


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Describe the weights of the models' sample, beside the geographic and the economic ones of mixed kinds."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    regressors = regressors_of(spec, info)
    try:
        inputs = prepare(panel, spec, info, [spec["outcome"], *regressors], exhibit)
        matrices = compared(inputs, spec["weights"])
        km = _distances(inputs, spec["weights"])
        found = {name: summary(W, km) for name, W in matrices.items()}
    except EstimationError as error:
        return notes.refusal(exhibit, info, ["weights"], error, refused(panel, spatial_roles(spec, info)))
    labels = {name: _label(name, spec["weights"]) for name in matrices}
    figure, words = _figure(matrices, km, spec["weights"])
    return ExhibitResult(
        estimates=_long(found, inputs, info, exhibit),
        table=_table(found, labels, style),
        figure=figure,
        notes=(
            *inputs.sentences,
            *(say("{matrix}: {kind}.", matrix=labels[name], kind=W.kind)
              for name, W in matrices.items() if W is not inputs.weights),
            aside(say(
                "A link is an ordered pair of units with a weight. The largest column sum is the weight of one unit "
                "in the lags of all others. I − ρW is regular between the ends of ρ."
            )),
            *_conditions(matrices, found, labels), *words, *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame(inputs.ledger),
        used=dict.fromkeys(matrices, inputs.used),
    )  # fmt: skip


def compared(inputs: Inputs, declared: Mapping[str, Any]) -> dict[str, Weights]:
    """Return the declared matrix under its kind, after those it is made of, normalised as it is."""
    kind, how = declared["kind"], inputs.weights.normalisation
    parts: dict[str, Weights] = {}
    if kind in ("composite", "product"):
        parts = dict(zip(("geographic", "economic"), components(inputs.panel, declared), strict=True))
    elif kind == "income_nested":
        parts = {"geographic": geographic(inputs.panel, declared)}
    return {name: spatial_weights.normalise(W, how) for name, W in parts.items()} | {kind: inputs.weights}


def _distances(inputs: Inputs, declared: Mapping[str, Any]) -> np.ndarray | None:
    """Return the distances between units in km where the weights are made from their places."""
    if declared["kind"] in ("contiguity", "economic_distance"):
        return None
    _, longitude, latitude = coordinates(inputs.panel, declared)
    return great_circle_km(longitude, latitude)


def _label(name: str, declared: Mapping[str, Any]) -> str:
    words = {
        "geographic": say("Geographic"), "economic": say("Economic"),
        "composite": say("Composite, a = {a:g}", a=declared.get("a", 0.5)),
        "inverse_distance": say("Inverse distance"), "k_nearest": say("Nearest neighbours"),
        "contiguity": say("Contiguity"), "economic_distance": say("Economic distance"), "product": say("Product"),
        "income_nested": say("Nested"),
    }  # fmt: skip
    return words[name]


def _figure(
    matrices: Mapping[str, Weights], km: np.ndarray | None, declared: Mapping[str, Any]
) -> tuple[Figure, list[str]]:
    """Return the traditional and the declared matrix as a picture, and their weight by distance; the note's words."""
    shown = {name: W for name, W in matrices.items() if name != "economic"}
    pictures, profiles, size = [], [], 1
    steps = np.arange(0, (0 if km is None else km.max()) + STEP_KM, STEP_KM)
    for name, W in shown.items():
        cells, size = blocks(W.matrix, MOST_CELLS)
        row, column = np.indices(cells.shape).reshape(2, -1)
        pictures.append(pd.DataFrame({"matrix": name, "row": row, "column": column, "weight": _short(cells.ravel())}))
        if km is not None:
            profiles.append(pd.DataFrame({"matrix": name, "km": steps, "share": within_distance(W, km, steps)}))
    data = {"cells": pd.concat(pictures, ignore_index=True)}
    if profiles:
        data["profile"] = pd.concat(profiles, ignore_index=True)
    words = say("Figure: rows and columns are the units in the order of their codes; grey: no weight.")
    if size > 1:
        words = say(
            "Figure: rows and columns are the units in the order of their codes, a cell the mean over {n} × {n} units; "
            "grey: no weight.",
            n=size,
        )
    return Figure("weights_matrix", data, {"a": f"{declared.get('a', 0.5):g}", "size": size}), [words]


def _short(values: np.ndarray) -> np.ndarray:
    """Return the values to four digits, which a picture does not show."""
    return np.array([float(f"{v:.3e}") for v in values.tolist()])


def _conditions(
    matrices: Mapping[str, Weights], found: Mapping[str, Mapping[str, float]], labels: Mapping[str, str]
) -> list[str]:
    """Return the sentences on islands and complex eigenvalues."""
    lonely = [
        say("{matrix}: without neighbours {units}.", matrix=labels[name], units=W.islands)
        for name, W in matrices.items()
        if W.islands
    ]
    some = any(numbers.get("complex eigenvalues", 0) > 0 for numbers in found.values())
    text = aside(
        say("Complex eigenvalues come from asymmetric weights; the ends of ρ are those of the real eigenvalues.")
    )
    return [*lonely, *([text] if some else [])]


def _long(found: Mapping[str, Mapping[str, float]], inputs: Inputs, info: StudyInfo, exhibit: str) -> pd.DataFrame:
    rows = [
        {"column": name, "term": term, "estimate": value}
        for name, numbers in found.items()
        for term, value in numbers.items()
    ]
    return normalise(pd.DataFrame(rows).assign(study=info.study, exhibit=exhibit, n_units=inputs.weights.n))


def _table(found: Mapping[str, Mapping[str, float]], labels: Mapping[str, str], style: Style) -> Table:
    terms = list(dict.fromkeys(term for numbers in found.values() for term in numbers))
    rows = []
    for term in terms:
        cells = []
        for name, numbers in found.items():
            if term not in numbers:
                cells.append(Cell(DASH))
                continue
            cells.append(Cell(_text(term, numbers[term], style), (name, term, "estimate")))
        rows.append(Row(ROWS[term], tuple(cells)))
    return Table(((("", 1), *((labels[name], 1) for name in found)),), tuple(rows))


def _text(term: str, value: float, style: Style) -> str:
    """Return a number of the summary: counts whole, a mean of counts with two decimals where it is not, km with one."""
    if term in COUNTS:
        return f"{int(value):,}"
    if term == "mean neighbours":
        return whole_or(value, 2)
    return style.rounded(value, 1) if term.endswith("km") else style.number(value)
