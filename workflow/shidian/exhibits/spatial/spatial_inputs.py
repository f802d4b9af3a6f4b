"""What the spatial exhibits share: the sample, the weights and the model options that a study file declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, nearest, no_column
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.samples import by_rows, restricted_to, roles
from shidian.exhibits.spatial.weights_file import contiguity_of_file, weights_of_file
from shidian.exhibits.subsample import policy_sample
from shidian.ledger import about, ledger_row
from shidian.messages import counted, joined, say
from shidian.spatial import distance, weights
from shidian.spatial.arrays import Effects, gaps, unbalanced
from shidian.spatial.weights import Weights
from shidian.used import Used

NORMALISED = {
    "row": say("row-normalised"),
    "spectral": say("divided by the spectral radius"),
    "none": say("not normalised"),
}
VARIABLE_KINDS = ("moran", "map")
"""Kinds that are about one variable; the others regress."""
NEED_INCOME = ("economic_distance", "composite", "product", "income_nested")
"""Kinds of weights that are made of incomes."""
EFFECTS: dict[frozenset[str], Effects] = {
    frozenset(): "none",
    frozenset({"unit"}): "unit",
    frozenset({"year"}): "time",
    frozenset({"unit", "year"}): "twoway",
}


@dataclass(frozen=True)
class Inputs:
    """A balanced sample with its weights.

    Attributes:
        panel: the rows used.
        weights: W of the sample's units.
        sentences: the note's sentences on sample and weights.
        ledger: lines of the sample ledger.
        used: what an estimate on these rows with these weights used.
    """

    panel: pd.DataFrame
    weights: Weights
    sentences: tuple[str, ...]
    ledger: tuple[dict[str, Any], ...]
    used: Used


def prepare(
    panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo, columns: Sequence[str], exhibit: str
) -> Inputs:
    """Return the declared sample, balanced in ``columns`` and what the weights need, and its weights.

    Raises:
        EstimationError: unbalanced without ``unbalanced: drop_units``; whatever makes the weights impossible.
    """
    whole, words = policy_sample(panel, spec, info.label)
    declared = spec["weights"]
    part, ledger, dropped = balance(whole, [*columns, *weights_columns(declared)], spec, info, exhibit)
    W = build_weights(part, declared)
    used = by_rows(part, whole, spatial_roles(spec, info), restricted_to(spec, words))
    restricted = [say("Rows restricted to: {words}.", words=words)] if words else []
    return Inputs(part, W, (_sample_sentence(part, dropped, info), *restricted, describe(W)), ledger, used)


def _sample_sentence(part: pd.DataFrame, dropped: int, info: StudyInfo) -> str:
    n, years = counted(part["unit"].nunique(), info.unit_label), part["year"].nunique()
    if not dropped:
        if years == 1:
            return say("Sample: {units}, one year.", units=n)
        return say("Sample: {n} rows, {units} × {years} years, balanced.", n=len(part), units=n, years=years)
    return say(
        "Sample: {n} rows, {units} × {years} years, balanced; {gone} with missing years or values left out.",
        n=len(part), units=n, years=years, gone=counted(dropped, info.unit_label),
    )  # fmt: skip


def balance(
    panel: pd.DataFrame, columns: Sequence[str], spec: Mapping[str, Any], info: StudyInfo, exhibit: str
) -> tuple[pd.DataFrame, tuple[dict[str, Any], ...], int]:
    """Drop units with gaps where the study asks for it: the rows left, ledger lines, the number of units.

    Raises:
        EstimationError: gaps, and the study does not ask for it; no unit left.
    """
    names = list(dict.fromkeys(columns))
    if spec.get("unbalanced", "error") == "error":  # of a unit without coordinates the weights tell
        declared = spec["weights"]
        facts = (declared.get("longitude", "longitude"), declared.get("latitude", "latitude"))
        names = [name for name in names if name not in facts]
    lacking = gaps(panel, names)
    if not len(lacking):
        return panel, (), 0
    if spec.get("unbalanced", "error") == "error":
        raise unbalanced(lacking, panel["unit"].nunique(), names)
    gone = panel["unit"].astype(str).isin(lacking.index)
    if gone.all():
        raise EstimationError(
            say(
                "every {unit} lacks a year or a value of {names}: none is left",
                unit=info.unit_label,
                names=columns,
            )
        )
    reason = say("missing years or values (balanced panel needed)")
    rows = panel["unit"].astype(str).value_counts()
    lines = [
        ledger_row(say("balanced panel"), about(exhibit, name), reason, units=1, rows=int(rows[name]))
        for name in lacking.index
    ]
    return panel[~gone], tuple(lines), len(lacking)


def regressors_of(spec: Mapping[str, Any], info: StudyInfo) -> list[str]:
    """Return the regressors of a spatial exhibit: the treatment, then the controls."""
    return [spec.get("treatment", info.treatment), *spec.get("controls", [])]


def spatial_roles(spec: Mapping[str, Any], info: StudyInfo) -> dict[str, tuple[str, ...]]:
    """Return role -> variables of a spatial exhibit: of a regression, or of one ``variable``; and of its weights."""
    if spec["kind"] in VARIABLE_KINDS:
        return roles(
            {"outcome": spec.get("variable", spec.get("outcome")), "sample": spec.get("sample")},
            weights=declared_columns(spec.get("weights", {})),
        )
    settings = {"treatment": info.treatment, **spec}
    return roles(settings, weights=declared_columns(spec["weights"]))


def declared_columns(declared: Mapping[str, Any]) -> list[str]:
    """Return the panel columns that declared weights name, none where there are no weights."""
    if not declared or (declared["kind"] in NEED_INCOME and "income" not in declared):
        return []
    return weights_columns(declared)


def weights_columns(declared: Mapping[str, Any]) -> list[str]:
    """Return the panel columns that the declared weights read."""
    kind = declared["kind"]
    columns = []
    if kind not in ("contiguity", "economic_distance", "file"):
        columns += [declared.get("longitude", "longitude"), declared.get("latitude", "latitude")]
    if kind in NEED_INCOME:
        if "income" not in declared:
            raise EstimationError(
                say("weights of kind '{kind}' want 'income', the variable of per-capita GDP", kind=kind)
            )
        columns.append(declared["income"])
    return columns


def build_weights(panel: pd.DataFrame, declared: Mapping[str, Any]) -> Weights:
    """Return the declared weights of the panel's units, normalised as declared (rows by default)."""
    how = declared.get("normalise", "row")
    if declared["kind"] == "composite":
        if how != "row":
            raise EstimationError(say("composite weights are row-normalised: leave 'normalise' out"))
        geographic, economic = components(panel, declared)
        return weights.composite(geographic, economic, float(declared.get("a", 0.5)))
    return weights.normalise(_raw_weights(panel, declared), how)


def components(panel: pd.DataFrame, declared: Mapping[str, Any]) -> tuple[Weights, Weights]:
    """Return the geographic and the economic matrix behind composite weights."""
    return geographic(panel, declared), distance.economic_distance(*_income(panel, declared))


def describe(W: Weights) -> str:
    """Return the note's sentence on the weights."""
    links = W.matrix > 0
    neighbours = links.sum(axis=1)
    fewest, most = int(neighbours.min()), int(neighbours.max())
    clauses = [say("{kind}, {normalised}", kind=W.kind, normalised=NORMALISED[W.normalisation])]
    if fewest == most:
        clauses.append(say("each has {neighbours}", neighbours=counted(most, "neighbour")))
    else:
        clauses.append(
            say(
                "{fewest} to {most} neighbours, {mean:.1f} on average",
                fewest=fewest,
                most=most,
                mean=neighbours.mean(),
            )
        )
    clauses += [say("without neighbours: {units}", units=W.islands)] if W.islands else []
    return say("Weights: {what}.", what=joined(clauses, "clauses"))


def effects_of(fixed_effects: Sequence[str]) -> Effects:
    """Return the spatial models' name of the declared fixed effects.

    Raises:
        EstimationError: effects other than unit and year.
    """
    found = EFFECTS.get(frozenset(fixed_effects))
    if found is None:
        odd = sorted(set(fixed_effects) - {"unit", "year"})
        raise EstimationError(
            say("spatial models have unit and year fixed effects; they cannot have '{name}'", name=odd[0])
        )
    return found


def unit_fact(panel: pd.DataFrame, column: str) -> pd.Series:
    """Return a fact of each unit (code -> value), such as its longitude.

    Raises:
        EstimationError: no such column; a unit with two values.
    """
    if column not in panel.columns:
        near = nearest(column, panel.columns)
        raise EstimationError(
            say(
                "the panel has no column '{name}'{nearest}; declare it as a variable of the study",
                name=column,
                nearest=near,
            )
        )
    grouped = panel.assign(unit=panel["unit"].astype(str)).groupby("unit")[column]
    varies = grouped.nunique() > 1
    if varies.any():
        raise EstimationError(
            say(
                "unit '{unit}' has several values of '{name}', a fact of the unit",
                unit=varies.index[varies][0],
                name=column,
            )
        )
    return grouped.first().sort_index()


def coordinates(panel: pd.DataFrame, declared: Mapping[str, Any]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return codes, longitudes and latitudes of the panel's units, sorted by code."""
    longitude = unit_fact(panel, declared.get("longitude", "longitude"))
    latitude = unit_fact(panel, declared.get("latitude", "latitude"))
    codes = [str(code) for code in longitude.index]
    return codes, longitude.to_numpy(dtype=np.float64), latitude.to_numpy(dtype=np.float64)


def _income(panel: pd.DataFrame, declared: Mapping[str, Any]) -> tuple[list[str], np.ndarray]:
    """Return codes and mean per-capita GDP over the sample's years."""
    name = declared["income"]
    if name not in panel.columns:
        raise no_column(name, panel.columns)
    means = panel.assign(unit=panel["unit"].astype(str)).groupby("unit")[name].mean().sort_index()
    return [str(code) for code in means.index], means.to_numpy(dtype=np.float64)


def geographic(panel: pd.DataFrame, declared: Mapping[str, Any]) -> Weights:
    """Return the geographic matrix behind composite, product and nested weights, not normalised."""
    return distance.inverse_distance(
        *coordinates(panel, declared), float(declared.get("power", 1)), declared.get("cutoff_km")
    )


def _raw_weights(panel: pd.DataFrame, declared: Mapping[str, Any]) -> Weights:
    kind = declared["kind"]
    if kind == "inverse_distance":
        return geographic(panel, declared)
    if kind == "k_nearest":
        if "k" not in declared:
            raise EstimationError(say("weights of kind 'k_nearest' want 'k', the number of neighbours"))
        return distance.k_nearest(*coordinates(panel, declared), int(declared["k"]))
    if kind == "economic_distance":
        return distance.economic_distance(*_income(panel, declared))
    if kind == "product":
        return weights.product(*components(panel, declared))
    if kind == "income_nested":
        return distance.income_nested(geographic(panel, declared), _income(panel, declared)[1])
    if kind == "file":
        return weights_of_file(panel, declared)
    if kind == "contiguity" and "file" in declared:
        return contiguity_of_file(panel, declared)
    if kind == "contiguity":
        from shidian.regions.polygons import prefecture_outlines

        outlines = {code: outline.rings for code, outline in prefecture_outlines().items()}
        return distance.contiguity(sorted(panel["unit"].astype(str).unique()), outlines)
    raise EstimationError(say("no weights of kind '{kind}'", kind=kind))
