"""Values outside the range that a study declares for a variable."""

import copy
from pathlib import Path
from typing import Any

import pytest
from shidian.errors import PanelError, StudyError
from shidian.panel.build import Panel
from shidian.report.catalogue import in_language

from ..study.built_study import built_study
from ..study.own_data import SOURCE, STUDY, rows

TABLE = "town,town_name,year,wage,people,policy\n" + "\n".join(",".join(map(str, row)) for row in rows())


def built(folder: Path, **keys: Any) -> Panel:
    study = copy.deepcopy(STUDY)
    study["variables"]["people"] = {"formula": "people_wan", **keys}
    return built_study(folder, study, [(copy.deepcopy(SOURCE), TABLE)]).panel


def test_a_value_out_of_range_stops(tmp_path: Path) -> None:
    said = (
        r"'people' \[万人\] is outside its range 0 to 12.5 in 82 of 96 unit-years, the first being 102 Town 2 in 2007 "
        r"with 12.6 \(median of all 16.85\)"
    )
    with pytest.raises(PanelError, match=said):
        built(tmp_path, range=[0, 12.5])
    with pytest.raises(PanelError, match=r"outside its range 12 to … in"):
        built(tmp_path, range=[12, None])


def test_a_range_is_of_the_measure_that_the_variable_is_in(tmp_path: Path) -> None:
    assert built(tmp_path, measure="人", range=[100_000, 300_000]).findings.empty
    with pytest.raises(PanelError, match=r"'people' \[人\] is outside its range"):
        built(tmp_path, measure="人", range=[0, 100])


def test_implausible_values_are_reported(tmp_path: Path) -> None:
    panel = built(tmp_path, plausible=[11.25, None])
    assert panel.findings["value"].tolist() == [11.0, 11.1, 11.2]
    first = panel.findings.iloc[0]
    assert (first["check"], first["indicator"], first["unit"], first["year"]) == (
        "implausible value",
        "people",
        "101",
        2001,
    )
    assert first["detail"] == "outside 11.25 to …"
    assert in_language(first["check"], "zh") == "数值可疑"
    assert "implausible value: see checks.csv; the values stand as printed" in panel.ledger["reason"].tolist()


def test_bounds_stand_in_order(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"at 'variables.people': range: \[1, 0\] holds no value: the smaller bound"):
        built(tmp_path, range=[1, 0])
