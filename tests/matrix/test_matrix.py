"""The matrix has a row for every kind, a test for every cell, and a page that says the same."""

import re

import pytest
from shidian.study.kinds import kinds

from tests.matrix.page import NOTES, PAGE, page
from tests.matrix.shapes import SHAPES
from tests.matrix.table import FAMILIES, MATRIX


def test_every_kind_has_a_row():
    assert set(MATRIX) == set(kinds()), "a kind without its row in tests/matrix: add what every shape of a panel does"
    assert sum(len(family.ROWS) for family in FAMILIES) == len(MATRIX), "a kind has one row"


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__.rpartition(".")[2])
def test_every_cell_of_a_family_is_a_test(family):
    tests = PAGE.parents[1] / "tests" / "matrix" / f"test_{family.__name__.rpartition('.')[2]}.py"
    text = tests.read_text(encoding="utf-8")
    assert f"from {family.__name__} import ROWS" in text
    assert re.search(r"cells\(ROWS\)", text)


@pytest.mark.parametrize("kind", MATRIX)
def test_a_row_speaks_of_shapes_that_there_are(kind):
    row = MATRIX[kind]
    assert {*row.refused, *row.idle, *row.unless} <= set(SHAPES)
    assert not {*row.refused} & {*row.idle, *row.unless}
    assert row.by or set(row.refused) == set(SHAPES)
    assert all(one.words for one in row.refused.values())


def test_the_page_is_current():
    assert {name.replace(" ", "_") for name in NOTES} == set(SHAPES)
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/matrix.md is not what the rows say: run `make docs`"
