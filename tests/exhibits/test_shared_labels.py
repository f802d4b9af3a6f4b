"""Two variables with one printed label are told apart wherever the label is printed."""

import numpy as np
import pandas as pd
from shidian.exhibits.result import StudyInfo, told_apart

from tests.exhibits.exhibit_checks import run_exhibit

STUDY = {
    "outcome": "y", "controls": ["gdp", "gdp_w"], "fixed_effects": ["unit", "year"],
    "vcov": {"kind": "cluster", "by": "unit"}, "ssc": "reghdfe",
}  # fmt: skip


def test_labels_that_several_variables_share_have_the_names_behind_them():
    assert told_apart({"a": "GDP", "b": "GDP", "c": "Pop", "GDP": "GDP"}) == {
        "a": "GDP (a)", "b": "GDP (b)", "c": "Pop", "GDP": "GDP"
    }  # fmt: skip
    info = StudyInfo("demo", "city", "did", {"a": "GDP", "b": "GDP"})
    assert (info.label("a"), info.label("b"), info.label("x")) == ("GDP (a)", "GDP (b)", "x")


def test_rows_and_notes_of_a_table_tell_them_apart():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"unit": np.repeat([f"u{i}" for i in range(20)], 6), "year": np.tile(range(2001, 2007), 20)})
    frame["did"] = ((frame.index // 6 < 8) & (frame["year"] > 2003)).astype(float)
    frame["adoption_year"] = pd.array(np.where(frame.index // 6 < 8, 2004, np.nan), dtype="Float64").astype("Int64")
    frame[["y", "gdp", "gdp_w"]] = rng.normal(size=(120, 3))
    info = StudyInfo("demo", "city", "did", {"did": "Pilot", "gdp": "GDP", "gdp_w": "GDP"})
    labels = [row.label for row in run_exhibit("did_table", frame, {"columns": [{}]}, STUDY, info).table.rows]
    assert {"Pilot", "GDP (gdp)", "GDP (gdp_w)"} <= set(labels)
