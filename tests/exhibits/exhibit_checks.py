"""What the tests of all exhibit kinds share: resolving a specification as a study does, and what must hold of any."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shidian.exhibits.referee import estimate_exhibit
from shidian.exhibits.result import Cell, ExhibitResult, StudyInfo
from shidian.study.kinds import kinds
from shidian.study.resolve import resolve_exhibits

from tests.report.chinese import english_left


def run_exhibit(
    kind: str, panel: pd.DataFrame, declared: Mapping[str, Any], study: Mapping[str, Any], info: StudyInfo
) -> ExhibitResult:
    """Check and resolve an exhibit against its schema, the study's defaults filled in, and run it."""
    exhibit = {"id": f"my_{kind}", "kind": kind, **declared}
    (spec,) = resolve_exhibits({"treatment": {"name": info.treatment}, **study, "exhibits": [exhibit]}, {})
    return estimate_exhibit(import_module(kinds()[kind].module), panel, spec, info)


def value(result: ExhibitResult, column: str, term: str, field: str = "estimate") -> Any:
    """Return one field of the one estimate of a column and term."""
    rows = result.estimates
    found = rows.loc[(rows["column"] == column) & (rows["term"] == term), field]
    assert len(found) == 1, (column, term)
    return found.iloc[0]


def check_exhibit(kind: str, result: ExhibitResult, info: StudyInfo, own: Iterable[str] = ()) -> None:
    """Each printed cell rounds the one estimate it refers to; parts are those of the kind; JSON comes back the same.

    Nothing is left in English in a Chinese report but the user's words: labels, and ``own``.
    """
    rows = result.estimates
    assert not rows[["column", "term"]].duplicated().any()
    assert rows["study"].eq(info.study).all()
    assert rows["exhibit"].eq(f"my_{kind}").all()
    assert (result.table is not None) == kinds()[kind].table
    assert (result.figure is not None) == kinds()[kind].figure
    assert result.figure is None or result.figure.kind in kinds()[kind].figures
    cells = [cell for row in result.table.rows for cell in row.cells if cell.ref] if result.table else []
    assert bool(cells) == kinds()[kind].table
    for cell in cells:
        _check_cell(cell, result)
    again = ExhibitResult.from_json(result.to_json())
    pd.testing.assert_frame_equal(again.estimates, rows, check_exact=True)
    assert (again.table, again.notes) == (result.table, result.notes)
    assert again.to_json() == result.to_json()
    left = english_left(again, [*own, *info.labels, *info.labels.values(), info.unit_label, info.treatment])
    assert left == [], left


def _check_cell(cell: Cell, result: ExhibitResult) -> None:
    column, term, field = cell.ref
    if field == "reason":
        reason = value(result, column, term, field)
        assert reason
        assert cell.text in ("—", "empty") or all(part in reason for part in cell.text.split(" ∪ "))
        return
    if cell.text == "—":
        assert np.isnan(value(result, column, term, field))
        return
    fields = ("ci_low", "ci_high") if cell.text.startswith("[") else (field,)
    printed = cell.text.strip("[]").split(", ") if len(fields) == 2 else [cell.text.split(" [")[0]]
    for text, name in zip(printed, fields, strict=True):
        number = value(result, column, term, name) * (100 if text.endswith("%") else 1)
        if text.startswith("< "):
            assert 0 <= number < float(text[2:])
            continue
        assert float(_plain(text)) == pytest.approx(number, abs=0.5000001 * _last_digit(_plain(text)))


def _plain(text: str) -> str:
    return text.strip("()*†%").replace(",", "").replace("∞", "inf")


def _last_digit(text: str) -> float:
    mantissa, _, exponent = text.partition("e")
    return float(10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2])))


def check_order_and_origin(
    run: Callable[[pd.DataFrame, StudyInfo], ExhibitResult], panel: pd.DataFrame, info: StudyInfo
) -> None:
    """The order of the rows changes nothing; simulated data is called so, other data is not."""
    simulated = StudyInfo(info.study, info.unit_label, info.treatment, info.labels, simulated=True, seed=info.seed)
    first = run(panel, simulated)
    second = run(panel.sample(frac=1, random_state=9).reset_index(drop=True), simulated)
    pd.testing.assert_frame_equal(first.estimates, second.estimates, rtol=1e-6, atol=1e-9)
    assert first.table == second.table
    assert any(note.startswith("SIMULATED") for note in first.notes)
    assert not any("SIMULATED" in note for note in run(panel, info).notes)
