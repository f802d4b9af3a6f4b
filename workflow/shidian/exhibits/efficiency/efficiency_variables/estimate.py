"""The variables of an efficiency model by role, as papers tabulate their index system: unit and spread of each, and the
indicators and weights of those that are entropy indices themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from shidian.efficiency.declared import rows_of_model, years_sentences
from shidian.errors import EstimationError, nearest, no_column
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.data.descriptives.estimate import spread
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.samples import by_rows, model_roles
from shidian.exhibits.subsample import needed_by, subsample
from shidian.indicators.entropy_index import entropy_index
from shidian.messages import say
from shidian.used import Rows

ROLES = {
    "inputs": say("Inputs"), "desirable": say("Desirable outputs"), "undesirable": say("Undesirable outputs"),
}  # fmt: skip
HEADS = {
    "weight": say("Entropy weight"), "n": "N", "mean": say("Mean"), "sd": say("SD"), "min": say("Min"),
    "max": say("Max"),
}  # fmt: skip


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Describe each input and output of ``model``; the entropy ``indices`` among them with their indicators.

    In the long schema the statistic is the ``column``, the variable the ``term``.

    Raises:
        EstimationError: a variable that the panel has not; an index that is no input or output of the model, or that
            its indicators do not give on these rows.
    """
    style, exhibit = Style.of(spec), notes.exhibit_id(spec)
    part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
    roles = {role: [str(name) for name in np.atleast_1d(spec["model"].get(role, []))] for role in ROLES}
    used = [name for names in roles.values() for name in names]
    indices: Mapping[str, Mapping[str, str]] = spec.get("indices", {})
    for name in [*used, *(one for polarity in indices.values() for one in polarity)]:
        if name not in part.columns:
            raise no_column(name, part.columns)
    for name in indices:
        if name not in used:
            raise unused_index(name, used)
    place = {str(name): n for n, name in enumerate(part.columns)}
    weights = {
        name: _weights(part, name, sorted(polarity, key=place.__getitem__), polarity, spec)
        for name, polarity in indices.items()
    }
    of = {one: found[one] for found in weights.values() for one in found}
    names = [n for name in used for n in (name, *weights.get(name, {}))]
    measured = rows_of_model(part, spec["model"])
    frames = [_long(measured[name], name, of.get(name)) for name in dict.fromkeys(names)]
    estimates = pd.concat(frames, ignore_index=True).assign(study=info.study, exhibit=exhibit)
    units = {str(name): str(text) for name, text in spec.get("measures", {}).items()}
    shown = [key for key in HEADS if key != "weight" or weights]
    header = (("", 1), *([(say("Unit"), 1)] if units else []), *((HEADS[key], 1) for key in shown))
    rows = tuple(_rows(roles, weights, units, estimates, shown, style, info))
    text = [
        notes.described_sentence(len(measured), measured["unit"].nunique(), words, info),
        *years_sentences(spec["model"]),
        *[_index_sentence(weights, spec, info)] * bool(weights),
        *notes.simulated_sentence(info),
    ]
    variables = model_roles(spec["model"]) | {"indicators": [one for found in weights.values() for one in found]}
    described = by_rows(measured[names].dropna(how="all"), part, {r: n for r, n in variables.items() if n}, words)
    described = replace(described, of_terms={name: Rows.of(measured[name].dropna().index) for name in names})
    return ExhibitResult(
        normalise(estimates),
        Table((header,), rows),
        notes=tuple(text),
        used=dict.fromkeys(estimates["column"], described),
    )


def unused_index(name: str, used: list[str]) -> EstimationError:
    """Return the error of an index that is no variable of the model."""
    near = nearest(name, used)
    return EstimationError(say("the index '{name}' is no input or output of the model{near}", name=name, near=near))


def _weights(
    part: pd.DataFrame, name: str, indicators: list[str], polarity: Mapping[str, str], spec: Mapping[str, Any]
) -> dict[str, float]:
    epsilon, missing = float(spec.get("baseline", 1e-4)), spec.get("missing", "error")
    found = entropy_index(part[indicators], dict(polarity), epsilon=epsilon, missing=missing)
    ours = part[name].to_numpy(dtype=float)
    if not np.allclose(found.score.to_numpy(dtype=float), ours, rtol=1e-9, atol=0, equal_nan=True):
        raise EstimationError(
            say(
                "'{name}' was computed on other rows than the exhibit sees: its weights cannot be told from them",
                name=name,
            )
        )
    return dict(zip(found.weights["indicator"].astype(str), found.weights["weight"].astype(float), strict=True))


def _long(values: pd.Series, name: str, weight: float | None) -> pd.DataFrame:
    known = values.astype("float64").dropna()
    all_of = {
        "weight": weight, "n": len(known), "mean": known.mean(), "sd": known.std(ddof=1), "min": known.min(),
        "max": known.max(),
    }  # fmt: skip
    shown = {key: float(value) for key, value in all_of.items() if value is not None}
    reasons = ["" if pd.notna(value) else say("{n} values", n=len(known)) for value in shown.values()]
    return pd.DataFrame({
        "column": [HEADS[key] for key in shown], "term": name, "estimate": list(shown.values()), "reason": reasons,
        "n_obs": len(known),
    })  # fmt: skip


def _rows(
    roles: Mapping[str, list[str]], weights: Mapping[str, Mapping[str, float]], units: Mapping[str, str],
    estimates: pd.DataFrame, shown: list[str], style: Style, info: StudyInfo,
) -> Iterator[Row]:  # fmt: skip
    value = estimates.set_index(["term", "column"])["estimate"]
    width = len(shown) + bool(units)
    for k, (role, names) in enumerate((role, names) for role, names in roles.items() if names):
        yield Row(ROLES[role], (Cell(""),) * width, rule_above=k > 0)
        for name in names:
            for one in (name, *weights.get(name, {})):
                cells = [Cell(units.get(one, ""))] * bool(units)
                cells += [_cell(one, HEADS[key], value, style) for key in shown]
                yield Row(("– " if one != name else "") + info.label(one), tuple(cells))


def _cell(name: str, column: str, value: pd.Series, style: Style) -> Cell:
    if (name, column) not in value.index:
        return Cell("")
    number = float(value[(name, column)])
    if pd.isna(number):
        return Cell(notes.DASH, (column, name, "reason"))
    if column == HEADS["n"]:
        return Cell(f"{int(number):,}", (column, name, "estimate"))
    own = value.loc[name].drop(HEADS["n"], errors="ignore").dropna()
    beside = float(own.abs().max())
    return Cell(spread(number, style, beside), (column, name, "estimate"))


def _index_sentence(weights: Mapping[str, Mapping[str, float]], spec: Mapping[str, Any], info: StudyInfo) -> str:
    return say(
        "{names}: entropy index of the indicators below, over all rows, min-max normalised and shifted by {epsilon:g}.",
        names=[info.label(name) for name in weights],
        epsilon=float(spec.get("baseline", 1e-4)),
    )
