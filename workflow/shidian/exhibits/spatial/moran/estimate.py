"""Moran's I of a variable year by year, its scatter plot, and the clusters of local Moran's I."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.regression_table import DASH, Style
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, StudyInfo, Table
from shidian.exhibits.samples import refused
from shidian.exhibits.spatial.spatial_inputs import Inputs, prepare, spatial_roles
from shidian.ledger import about, ledger_frame, ledger_row
from shidian.messages import say
from shidian.spatial.moran import CLUSTERS, local_moran, moran
from shidian.used import Rows, Used
from shidian.variance import roots

STATISTIC, EXPECTED, PERMUTATION = say("Moran's I"), "E(I)", say("permutation p")


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Test each declared year; draw the scatter of ``scatter_years`` and count their local clusters."""
    exhibit, style, variable = notes.exhibit_id(spec), Style.of(spec), spec.get("variable", spec.get("outcome"))
    try:
        inputs = prepare(panel, spec, info, [variable], exhibit)
        years = _declared_years(inputs.panel, spec, "years", every=True)
        shown = _declared_years(inputs.panel, spec, "scatter_years", every=False)
    except EstimationError as error:
        return notes.refusal(exhibit, info, [STATISTIC], error, refused(panel, spatial_roles(spec, info)))
    tests, lines = _test_years(inputs, variable, years, spec, info)
    local = pd.concat([_local(inputs, variable, year, spec, info) for year in shown], ignore_index=True)
    slopes = tests.loc[tests["year"].isin(shown), ["year", "I", "p_permutation"]].reset_index(drop=True)
    return ExhibitResult(
        estimates=_long(tests, local, info, exhibit, int(spec.get("seed", info.seed))),
        table=_table(tests, style),
        figure=Figure(
            "moran_scatter",
            {"points": local[["year", "unit", "name", "z", "lag", "cluster"]], "slopes": slopes},
            {"variable": info.label(variable)},
        ),
        notes=(
            _test_sentence(variable, spec, info),
            *inputs.sentences, *_cluster_sentences(local, spec, info), notes.stars_sentence(style.stars),
            *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame([
            *inputs.ledger, *(ledger_row(say("estimation"), about(exhibit, str(year)), why) for year, why in lines),
        ]),
        used=_used(inputs, years, shown, int(spec.get("seed", info.seed)), int(spec.get("permutations", 999))),
    )  # fmt: skip


def _used(inputs: Inputs, years: list[int], shown: list[int], seed: int, draws: int) -> dict[str, Used]:
    """Return what the tests used, a year a term, and the local statistics of each year shown."""
    of_years = {year: Rows.of(inputs.panel.index[inputs.panel["year"] == year]) for year in {*years, *shown}}
    rows = Rows.of(inputs.panel.index[inputs.panel["year"].isin(years)])
    tests = replace(inputs.used, rows=rows, declared=rows, of_terms={str(year): of_years[year] for year in years})
    found = {STATISTIC: tests, EXPECTED: tests, PERMUTATION: tests.drawn(seed, draws)}
    return found | {
        local_column(year): replace(inputs.used, rows=of_years[year], declared=of_years[year]).drawn(seed, draws)
        for year in shown
    }


def local_column(year: int) -> str:
    """Return the column of the local statistics of a year."""
    return say("local I {year}", year=year)


def _test_sentence(variable: str, spec: Mapping[str, Any], info: StudyInfo) -> str:
    return say(
        "Global Moran's I of {variable}. z and p under randomisation (two-sided); permutation p from {n} "
        "permutations, (1 + as extreme)/(1 + permutations), seed {seed}. Scatter plot: the slope is I; filled points "
        "have a significant local I.",
        variable=info.label(variable), n=int(spec.get("permutations", 999)), seed=spec.get("seed", info.seed),
    )  # fmt: skip


def year_values(inputs: Inputs, variable: str, year: int) -> np.ndarray:
    """Return the values of one year in the order of the weights' codes."""
    rows = inputs.panel[inputs.panel["year"] == year]
    values = rows.assign(unit=rows["unit"].astype(str)).set_index("unit")[variable]
    return values.reindex(list(inputs.weights.codes)).to_numpy(dtype=np.float64)


def _declared_years(panel: pd.DataFrame, spec: Mapping[str, Any], key: str, every: bool) -> list[int]:
    have = sorted(int(y) for y in panel["year"].unique())
    wanted = [int(y) for y in spec.get(key, have if every else [have[0], have[-1]])]
    lacking = [y for y in wanted if y not in have]
    if lacking:
        raise EstimationError(
            say(
                "'{key}' names {year}, and the sample's years are {first} to {last}",
                key=key,
                year=lacking[0],
                first=have[0],
                last=have[-1],
            )
        )
    return list(dict.fromkeys(wanted))


def _test_years(
    inputs: Inputs, variable: str, years: list[int], spec: Mapping[str, Any], info: StudyInfo
) -> tuple[pd.DataFrame, list[tuple[int, str]]]:
    rows, lines = [], []
    W = inputs.weights
    for year in years:
        try:
            m = moran(
                year_values(inputs, variable, year), W, int(spec.get("permutations", 999)),
                int(spec.get("seed", info.seed)), year,
            )  # fmt: skip
        except EstimationError as error:
            lines.append((year, str(error)))
            rows.append({"year": year, "reason": str(error)})
            continue
        rows.append({
            "year": year, "I": m.I, "expected": m.expected, "se": float(roots(m.variance)), "z": m.z, "p": m.p,
            "p_permutation": m.p_permutation, "n": W.n, "reason": "",
        })  # fmt: skip
    columns = ["year", "I", "expected", "se", "z", "p", "p_permutation", "n", "reason"]
    return pd.DataFrame(rows, columns=columns), lines


def _local(inputs: Inputs, variable: str, year: int, spec: Mapping[str, Any], info: StudyInfo) -> pd.DataFrame:
    found = local_moran(
        year_values(inputs, variable, year), inputs.weights, int(spec.get("permutations", 999)),
        int(spec.get("seed", info.seed)), float(spec.get("level", 0.05)), year,
    )  # fmt: skip
    first = inputs.panel.drop_duplicates("unit")
    names = dict(zip(first["unit"].astype(str), first.get("unit_name", first["unit"]).astype(str), strict=True))
    return found.assign(year=year, name=found["unit"].map(names))


def _long(tests: pd.DataFrame, local: pd.DataFrame, info: StudyInfo, exhibit: str, seed: int) -> pd.DataFrame:
    frames = []
    for row in tests.to_dict("records"):
        term = str(row["year"])
        if row["reason"]:
            frames.append(missing(info.study, exhibit, STATISTIC, term, row["reason"]))
            continue
        numbers = pd.DataFrame([
            {"column": STATISTIC, "estimate": row["I"], "se": row["se"], "statistic": row["z"], "p": row["p"]},
            {"column": EXPECTED, "estimate": row["expected"]},
            {"column": PERMUTATION, "estimate": row["p_permutation"], "seed": seed},
        ])  # fmt: skip
        frames.append(normalise(numbers.assign(study=info.study, exhibit=exhibit, term=term, n_units=row["n"])))
    units = local[["p"]].assign(column=local["year"].map(local_column), term=local["unit"])
    units = units.assign(estimate=local["local_i"], study=info.study, exhibit=exhibit, seed=seed)
    frames.append(normalise(units))
    return pd.concat(frames, ignore_index=True)


def _table(tests: pd.DataFrame, style: Style) -> Table:
    heads = (say("Year"), STATISTIC, EXPECTED, "z", "p", say("Permutation p"))
    header = (tuple((head, 1) for head in heads),)
    rows = []
    for row in tests.to_dict("records"):
        term = str(row["year"])
        if row["reason"]:
            rows.append(Row(term, (Cell(DASH, (STATISTIC, term, "reason")), *(Cell(DASH) for _ in range(4)))))
            continue
        rows.append(Row(term, (
            Cell(style.number(row["I"]) + style.mark(row["p"]), (STATISTIC, term, "estimate")),
            Cell(style.number(row["expected"]), (EXPECTED, term, "estimate")),
            Cell(style.number(row["z"]), (STATISTIC, term, "statistic")),
            Cell(style.p(row["p"]), (STATISTIC, term, "p")),
            Cell(style.p(row["p_permutation"]), (PERMUTATION, term, "estimate")),
        )))  # fmt: skip
    return Table(header, tuple(rows))


def _cluster_sentences(local: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> list[str]:
    text = []
    for year, part in local.groupby("year", sort=True):
        counts = part["cluster"].value_counts()
        listed = [say("{n} {cluster}", n=int(counts.get(name, 0)), cluster=name) for name in CLUSTERS]
        text.append(
            say(
                "Local Moran's I, {year} (p < {level:g}): {counts}.",
                year=str(year),
                level=float(spec.get("level", 0.05)),
                counts=listed,
            )
        )
    return text
