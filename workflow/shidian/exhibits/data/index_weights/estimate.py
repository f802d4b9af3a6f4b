"""Weights of an entropy-weighted index: what each indicator counts, and how far it tells units apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, no_column
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.samples import by_rows
from shidian.indicators.entropy_index import EntropyIndex, entropy_index
from shidian.messages import say

SHOWN = {"weight": say("Weight"), "entropy": say("Entropy e"), "divergence": "1 − e"}


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Print the weights of the study's index ``entropy_index``, and their sums where ``groups`` are declared.

    Raises:
        EstimationError: an indicator that the panel has not; weights that do not give the panel's index, because the
            index was computed on rows that the exhibits do not see.
    """
    index, style, exhibit = spec["entropy_index"], Style.of(spec), notes.exhibit_id(spec)
    found = _recomputed(panel, index)
    table = found.weights.set_index("indicator")
    groups = {str(name): str(group) for name, group in spec.get("groups", {}).items()}
    frame = pd.concat(
        [pd.DataFrame({"term": table.index, "column": SHOWN[key], "estimate": table[key].to_numpy()}) for key in SHOWN],
        ignore_index=True,
    )
    sums = table["weight"].groupby(table.index.map(lambda name: groups.get(name, ""))).sum() if groups else pd.Series()
    by_group = pd.DataFrame({"term": sums.index, "column": "Group weight", "estimate": sums.to_numpy(dtype=float)})
    constants: dict[str, Any] = {"study": info.study, "exhibit": exhibit, "n_obs": found.n_obs}
    estimates = normalise(pd.concat([frame, by_group], ignore_index=True).assign(**constants))
    names = list(index["inputs"])
    used = by_rows(
        panel[names].dropna(), panel, {"index": (str(index["name"]),), "indicators": names}, n_missing=found.n_missing
    )
    return ExhibitResult(
        estimates,
        _table(table, groups, sums, style, info),
        notes=(
            say(
                "Entropy weights over {n} pooled rows; min–max normalised, shifted by {epsilon:g}; {missing} rows "
                "without an indicator left out.",
                n=found.n_obs,
                epsilon=found.epsilon,
                missing=notes.number_or_no(found.n_missing),
            ),
            *notes.simulated_sentence(info),
        ),
        warnings=tuple(
            say("{indicator} is constant: weight zero", indicator=info.label(str(n)))
            for n in table.index[table["constant"]]
        ),
        used=dict.fromkeys(estimates["column"], used),
    )


def _recomputed(panel: pd.DataFrame, index: Mapping[str, Any]) -> EntropyIndex:
    names = list(index["inputs"])
    for name in [*names, index["name"]]:
        if name not in panel.columns:
            raise no_column(name, panel.columns)
    polarity = {name: "cost" if name in index.get("cost", []) else "benefit" for name in names}
    missing = index.get("missing", "error")
    found = entropy_index(panel[names], polarity, epsilon=float(index.get("epsilon", 1e-4)), missing=missing)
    ours = panel[index["name"]].to_numpy(dtype=float)
    if not np.allclose(found.score.to_numpy(dtype=float), ours, rtol=1e-9, atol=0, equal_nan=True):
        raise EstimationError(
            say(
                "'{index}' was computed on other rows than the exhibits see: its weights cannot be told from them",
                index=index["name"],
            )
        )
    return found


def _table(table: pd.DataFrame, groups: Mapping[str, str], sums: pd.Series, style: Style, info: StudyInfo) -> Table:
    order = list(dict.fromkeys(groups.get(str(name), "") for name in table.index))
    rows: list[Row] = []
    for group in order:
        if group:
            rows.append(Row(group, _group_cells(group, sums, style), rule_above=bool(rows)))
        for name in table.index:
            if groups.get(str(name), "") == group:
                sign = "−" if table.loc[name, "polarity"] == "cost" else "+"
                cells = [
                    Cell(style.number(float(table.loc[name, k])), (SHOWN[k], str(name), "estimate")) for k in SHOWN
                ]
                rows.append(Row(("  " if group else "") + info.label(str(name)), (Cell(sign), *cells)))
    header = (((say("Indicator"), 1), (say("Direction"), 1), *((text, 1) for text in SHOWN.values())),)
    return Table(header, tuple(rows))


def _group_cells(group: str, sums: pd.Series, style: Style) -> tuple[Cell, ...]:
    weight = Cell(style.number(float(sums[group])), ("Group weight", group, "estimate"))
    return (Cell(""), weight, Cell(""), Cell(""))
