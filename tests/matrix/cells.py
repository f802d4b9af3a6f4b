"""What a row of the matrix says of a kind, and how each of its cells is held to it."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shidian.errors import EstimationError, ShidianError
from shidian.exhibits.result import ExhibitResult

from tests.matrix.made import BRANCHES
from tests.matrix.runs import run, shaped
from tests.matrix.shapes import SHAPES

RELABELLED = ("quarters", "two_yearly", "nested")
"""Shapes in which the study is the plain one under other names."""
PLAIN: dict[str, ExhibitResult] = {}
"""Kind -> what the plain study finds."""
HELD: set[str] = set()
"""Kinds whose plain study has been held to its independent computation in this process."""
FIELDS = ("estimate", "se", "p", "ci_low", "ci_high", "n_obs")
SAMPLED = {"sample": {"keep": {"home": list(BRANCHES[:3])}}}
"""Keys by which most kinds use the category: rows kept by its texts."""
Numbers = dict[tuple[str, str], Mapping[str, float]]
"""(column, term) -> field -> number."""


@dataclass(frozen=True)
class Asked:
    """What an independent program is given: rows, the column that weights them, effects, and the kind's own keys."""

    rows: pd.DataFrame
    weights: str
    effects: tuple[str, ...]
    exhibit: Mapping[str, Any]

    @property
    def complete(self) -> pd.DataFrame:
        """The rows with a value of the control."""
        return self.rows.dropna(subset=["x"]).reset_index(drop=True)


@dataclass(frozen=True)
class Refused:
    """A cell that is refused: by a line that names ``key`` and says what to ``use``; when it runs if not checked."""

    key: str
    use: str
    words: str = ""


@dataclass(frozen=True)
class Row:
    """What the matrix says of a kind.

    Attributes:
        exhibit: the keys of its exhibit; years of 2001 to 2008 are written as each shape writes them.
        peer: the independent computation of its numbers.
        by: that computation in words.
        refused: shape -> its refusal; every other shape is equal.
        idle: shapes that do not enter the kind: its numbers are those of the plain study, too.
        runner: how it is run in a shape.
        category: keys by which it uses the text category, in the place of a sample kept by it; None where it uses none,
            and its numbers are the plain study's.
        drawn: pattern of columns that hang on random draws by period, which relabelled periods do not repeat.
        unless: shape -> its refusal, and the keys with which it is equal.
    """

    exhibit: Mapping[str, Any]
    peer: Callable[[Asked], Numbers]
    by: str
    refused: Mapping[str, Refused] = field(default_factory=dict)
    idle: tuple[str, ...] = ()
    runner: Callable[[str, dict[str, Any]], ExhibitResult] = run
    category: Mapping[str, Any] | None = field(default_factory=lambda: SAMPLED)
    drawn: str = "$^"
    unless: Mapping[str, tuple[Refused, Mapping[str, Any]]] = field(default_factory=dict)


def exhibit_of(kind: str, row: Row, shape: str, **more: Any) -> dict[str, Any]:
    """Return the exhibit of a kind as the study of a shape writes it."""
    keys = {**row.exhibit, **more}
    return {"id": "cell", "kind": kind, **_written(keys, shaped(shape).of_year)}


def check_cell(kind: str, row: Row, shape: str) -> None:
    """Hold one cell to what its row says."""
    if shape in row.refused:
        check_refused(kind, row, shape, row.refused[shape])
    elif shape == "category" and row.category is not None:
        check_category(kind, row)
    elif shape in RELABELLED:
        check_relabelled(kind, row, shape)
    else:
        check_peer(kind, row, shape)


def check_peer(kind: str, row: Row, shape: str) -> None:
    """The numbers are those of the independent computation; of a shape that does not enter, the plain study's too."""
    refused, more = row.unless.get(shape, (None, {}))
    if refused:
        check_refused(kind, row, shape, refused)
    found, one = row.runner(shape, exhibit_of(kind, row, shape, **more)), shaped(shape)
    asked = Asked(one.rows.copy(), one.weights, one.effects, {**row.exhibit, **more})
    compare(found, row.peer(asked))
    if shape in row.idle or shape == "category":
        same(found.estimates, plainly(kind, row).estimates)


def check_relabelled(kind: str, row: Row, shape: str) -> None:
    """Every number is that of the plain study, and the plain study's are those of the independent computation."""
    found, before = row.runner(shape, exhibit_of(kind, row, shape)).estimates, plainly(kind, row).estimates
    if shape != "nested":
        left_out = [rows["column"].str.contains(row.drawn) for rows in (found, before)]
        found, before = found[~left_out[0]], before[~left_out[1]]
    same(found, before)
    if kind not in HELD:
        check_peer(kind, row, "plain")
        HELD.add(kind)


def check_category(kind: str, row: Row) -> None:
    """What is told by texts is what is told by the numbers that stand for them."""
    assert row.category
    text = exhibit_of(kind, row, "category", **row.category)
    number = exhibit_of(kind, row, "category", **coded(row.category))
    assert text != number
    found, by_code = row.runner("category", text).estimates, row.runner("category", number).estimates
    same(found, by_code)
    assert not _equal(found, plainly(kind, row).estimates), "the category makes no difference here"


def check_refused(kind: str, row: Row, shape: str, expected: Refused) -> None:
    """It is refused, by check or as what it prints, in one line with the key and what to use; nothing is estimated."""
    said = refusal(kind, row, shape)
    assert len(said.splitlines()) == 1, said
    assert expected.key in said, said
    assert expected.use in said, said


def refusal(kind: str, row: Row, shape: str) -> str:
    """Return how the kind refuses a shape: what check says, else the reasons of an exhibit without any number."""
    more = (row.category or {}) if shape == "category" else {}
    try:
        found = row.runner(shape, exhibit_of(kind, row, shape, **more)).estimates
    except EstimationError as problem:
        return str(problem)
    except ShidianError as problem:
        text = str(problem)
        return text if "'cell'" in text or "exhibits[1]" in text else f"names no exhibit:\n{text}"
    assert found["estimate"].isna().all(), found
    (reason,) = set(found["reason"])
    return str(reason)


def plainly(kind: str, row: Row) -> ExhibitResult:
    """Return what the plain study finds, estimated once in this process."""
    if kind not in PLAIN:
        PLAIN[kind] = row.runner("plain", exhibit_of(kind, row, "plain"))
    return PLAIN[kind]


def compare(found: ExhibitResult, expected: Numbers) -> None:
    """Hold a result's numbers to expected ones."""
    rows = found.estimates.set_index(["column", "term"])
    assert expected
    for place, fields in expected.items():
        assert place in rows.index, (place, list(rows.index), found.warnings)
        for name, number in fields.items():
            message = f"{place} {name} {rows.loc[place, 'reason']}"
            np.testing.assert_allclose(float(rows.loc[place, name]), number, rtol=1e-6, atol=1e-9, err_msg=message)


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Hold two tables of estimates to the same numbers; columns and terms are named by other periods or groups."""
    assert len(one) == len(other)
    assert one["estimate"].notna().any()
    a, b = (rows[list(FIELDS)].to_numpy(dtype=float) for rows in (one, other))
    np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-8)


def _equal(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    a, b = (rows[list(FIELDS)].to_numpy(dtype=float) for rows in (one, other))
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-6, equal_nan=True)


def coded(value: Any) -> Any:
    """Return keys with the category's codes in the place of its texts."""
    if isinstance(value, Mapping):
        return {coded(key): coded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [coded(one) for one in value]
    if value in BRANCHES:
        return BRANCHES.index(value) + 1
    if isinstance(value, str):
        return re.sub(r"\bhome\b", "home_code", re.sub(r"\bbranch\b", "code", value))
    return value


def _written(value: Any, of_year: Callable[[int], Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: _written(one, of_year) for key, one in value.items()}
    if isinstance(value, list):
        return [_written(one, of_year) for one in value]
    year = isinstance(value, int) and not isinstance(value, bool) and 2001 <= value <= 2008
    return of_year(value) if year else copy.deepcopy(value)


def cells(rows: Mapping[str, Row]) -> list[Any]:
    """Return every cell of some kinds as the parameters of a test."""
    return [pytest.param(kind, shape, id=f"{kind}-{shape}") for kind in rows for shape in SHAPES]


WEIGHTS = Refused("takes no weights of rows", "unweighted: true", "`unweighted: true`")
STAYS = "`did_table`, `iv_table`, ..."
SWITCHING = Refused("treatment.kind: switching", "did_table", STAYS)
CONTINUOUS = Refused("treatment.kind: continuous", "did_table", STAYS)
BETWEEN = Refused("fixed_effects", "[unit, year]", "`[unit, year]`")
DATED = {"switching": SWITCHING, "continuous": CONTINUOUS}
"""Refusals of every kind of adoption years."""
