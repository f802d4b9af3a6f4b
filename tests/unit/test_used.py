"""Rows of a sample are kept as ranges, and what columns used is read back as it was written."""

import numpy as np
import pytest
from shidian.used import WHOLE_PANEL, Rows, Taken, Used, decoded, encoded


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        ([], ""),
        ([7], "7"),
        ([3, 2, 2, 0, 1, 5], "0-3,5"),
        (range(1, 41, 13), "1-40/13"),
        ([0, 1, 2, 10, 20, 30, 31, 32], "0-2,10-30/10,31-32"),
        ([0, 4], "0,4"),
        ([0, 4, 6], "0,4,6"),
    ],
)
def test_rows_are_ranges(labels, text):
    rows = Rows.of(labels)
    assert str(rows) == text
    assert Rows.read(text) == rows
    assert rows.positions.tolist() == sorted(set(labels))
    assert len(rows) == len(set(labels))


def test_any_rows_are_read_back():
    rng = np.random.default_rng(5)
    for _ in range(300):
        labels = np.flatnonzero(rng.random(rng.integers(1, 60)) < rng.random())
        rows = Rows.of(labels)
        assert Rows.read(str(rows)) == rows
        assert rows.positions.tolist() == labels.tolist()
        assert len(rows) == len(labels)


def test_columns_that_used_the_same_are_written_together_and_samples_once():
    rows, fewer = Rows.of(range(10)), Rows.of(range(5))
    one = Used(
        fewer, rows, {"outcome": ("y",), "controls": ("a", "b")}, 5, words="years 2000–2004", ssc="reghdfe", seed=0
    )
    other = Used(rows, rows, {"outcome": ("y",)}, of_terms={"2001": fewer})
    taken = Used(noise_free=True, taken=(Taken("baseline", "(4)", True),))
    used = {"(1)": one, "(2)": other, "(3)": one, "weights": WHOLE_PANEL, "planted": taken}
    content = encoded(used)
    assert content["samples"] == ["0-4", "0-9", ""]
    assert [group["columns"] for group in content["columns"]] == [["(1)", "(3)"], ["(2)"], ["weights"], ["planted"]]
    assert decoded(content) == used
    assert one.names == ("y", "a", "b")
    assert other.of_term("2001") == fewer
    assert other.of_term("2002") == rows
