"""A panel built on codes: of a source only what the study uses, in the same order and with the same values."""

import numpy as np
import pandas as pd
import pytest
from shidian.panel import records as record_files
from shidian.panel.coded import Places, key_of, qualified_names, sorted_rows, stacked
from shidian.panel.records import long_tables, read_long, read_records
from shidian.trace.cells import CellIndex, cells_of
from shidian.trace.lineage import Origin
from shidian.yearbook.arrow import write_tables

RECORDS = pd.DataFrame({
    "source_id": "s", "unit_code": ["1", "1", "1", "1", "2", "2"], "unit_name": ["甲", "甲", "甲", "甲", "乙", "乙"],
    "province": pd.array([None] * 6, dtype="str"),
    "year": pd.array([2001, 2001, 2002, 2002, 2001, None], dtype="Int64"),
    "indicator": ["a", "b", "a", "b", "b", "a"], "value": [1.0, 2.0, np.nan, 4.0, 5.0, 6.0], "measure": "1",
    "flag": ["as_printed", "as_printed", "dash", "as_printed", "as_printed", "as_printed"],
    "cell_id": [f"s/1/!{i}:x + y" for i in range(6)],
})  # fmt: skip


def test_of_other_series_one_record_a_unit_and_year_is_read(tmp_path):
    """The second unit's only dated record is of a series that is not used: its unit and year are read all the same."""
    RECORDS.to_parquet(tmp_path / "r.parquet", row_group_size=4)
    found = read_records([tmp_path / "r.parquet", tmp_path / "r.parquet"], ["a"])
    assert found["indicator"].tolist() == ["a", "a", "b", "a"] * 2
    assert found["cell_id"].tolist() == [RECORDS["cell_id"][i] for i in (0, 2, 4, 5)] * 2
    assert isinstance(found["unit_name"].dtype, pd.CategoricalDtype)
    whole = read_records([tmp_path / "r.parquet"], ["a", "b"])
    pd.testing.assert_frame_equal(whole.astype(RECORDS.dtypes.to_dict()), RECORDS)


@pytest.mark.parametrize("rows", [1, 4, 100])
def test_raw_values_are_written_as_they_are(tmp_path, monkeypatch, rows):
    monkeypatch.setattr(record_files, "ROWS", rows)
    long = RECORDS[["unit_name", "year", "indicator", "value", "flag", "cell_id"]].astype({"flag": "category"})
    write_tables(tmp_path / "l.parquet", long_tables(long))
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "l.parquet"), long.astype({"flag": "str"}))


def test_rows_sort_as_their_texts_do():
    frame = RECORDS.iloc[[5, 3, 0, 4, 2, 1]].reset_index(drop=True)
    for coded in (frame, frame.astype({"unit_code": "category", "indicator": "category"})):
        found = sorted_rows(coded, ["unit_code", "year", "indicator"])
        assert found["cell_id"].tolist() == RECORDS["cell_id"].tolist()
    backwards = frame["unit_code"].astype(pd.CategoricalDtype(["2", "1"]))
    assert np.array_equal(key_of(frame.assign(unit_code=backwards), ["unit_code"]), key_of(frame, ["unit_code"]))


def test_stacked_categories_stay_categories():
    one, two = (RECORDS.iloc[part].astype({"indicator": "category", "flag": "category"}) for part in ([0, 2], [1, 4]))
    found = stacked([one, two])
    assert list(found["indicator"].cat.categories) == ["a", "b"]
    assert found["cell_id"].tolist() == RECORDS["cell_id"][[0, 2, 1, 4]].tolist()
    assert list(qualified_names(found)) == ["s.a", "s.a", "s.b", "s.b"]


def test_places_of_values_among_the_rows_of_a_panel():
    rows = pd.DataFrame({"unit": ["1", "1", "3"], "year": [2001, 2003, 2001]})
    given = pd.DataFrame({"unit": ["3", "1", "2", "1"], "year": [2001, 2003, 2001, 2002], "value": [1.0, 2, 3, 4]})
    places = Places(rows, given["unit"])
    np.testing.assert_array_equal(places.values(given), [np.nan, 2, 1])
    always = given.iloc[:3].assign(year=pd.array([None] * 3, dtype="Int64"))
    np.testing.assert_array_equal(places.values(always), [2, 2, 1])


def test_the_cells_behind_an_interpolated_value_are_two(tmp_path):
    """Also where the column's own name holds what joins the two; and two columns of one cell count it once."""
    ends = ["s/1/!2:x + y", "s/12/!4:x + y"]
    long = pd.DataFrame({
        "unit": "1", "year": pd.array([2001, 2002, 2003, 2003], dtype="Int64"), "source_id": "s",
        "indicator": ["a", "a", "a", "b"], "flag": ["as_printed", "interpolated", "as_printed", "as_printed"],
        "cell_id": [ends[0], " + ".join(ends), ends[1], ends[1]],
    })  # fmt: skip
    write_tables(tmp_path / "l.parquet", long_tables(long))
    origins = {name: Origin(name, name, reads=(f"s.{name}",)) for name in ("a", "b")}
    frame = pd.DataFrame({"unit": "1", "year": [2001, 2002, 2003]})
    for given in (long, read_long(tmp_path / "l.parquet")):
        index = CellIndex(frame, given, origins)
        assert [len(index.codes("a", np.array([row]))) for row in range(3)] == [1, 2, 1]
        assert len(np.union1d(index.codes("a", np.arange(3)), index.codes("b", np.arange(3)))) == 2
        assert index.files_of(index.codes("a", np.arange(3))) == [("s", 1), ("s", 12)]
        assert len(index.codes("b", np.array([0]))) == 0
    assert cells_of(ends[0], "as_printed") == [ends[0]]
    assert cells_of(" + ".join(ends), "interpolated") == ends
