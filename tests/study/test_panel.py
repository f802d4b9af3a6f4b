"""The panel: values equal to arithmetic by hand, every loss in the ledger, every impossibility an error."""

import copy

import numpy as np
import pandas as pd
import pytest
from shidian.errors import PanelError, ShidianError
from shidian.panel.build import build_panel
from shidian.study.plan import load_plan
from shidian.yearbook.extract import extract_file

from .own_data import SOURCE, STUDY, dump, rows, write_project


def built(tmp_path, study=None, table=None, more=()):
    """Build the panel of the user's own study; ``more`` = further sources as (source, CSV text)."""
    write_project(tmp_path, study, table=table)
    for source, text in more:
        dump(tmp_path / "config" / "sources" / f"{source['source']}.yaml", source)
        (tmp_path / "raw" / source["files"][0]["path"]).write_text(text, encoding="utf-8")
    plan = load_plan(tmp_path)
    spec = plan.studies["my_study"].panel
    records = {u.source: extract_file(plan.sources[u.source], 1, plan.raw_root).records for u in spec.sources}
    return build_panel(spec, records, {"nicknames": pd.DataFrame({"alias": ["Nick"], "code": ["103"]})})


def facts(name, columns):
    """Return a source of facts of a unit, without years."""
    source = copy.deepcopy(SOURCE)
    source |= {"source": name, "files": [{"path": f"{name}.csv", "what": "made for the tests"}]}
    source["tables"][0] |= {"columns": columns, "unit": {"level": "other", "name": "town_name"}}
    del source["tables"][0]["year"]
    return source


def test_values_are_those_of_the_formulas(tmp_path):
    panel = built(tmp_path)
    frame = panel.frame
    assert list(frame.columns) == ["unit", "unit_name", "year", "adoption_year", "did", "ln_wage", "ln_people"]
    assert len(frame) == 96
    raw = pd.DataFrame(rows(), columns=["unit", "unit_name", "year", "wage", "people", "policy"])
    np.testing.assert_array_equal(frame["ln_wage"], np.log(raw["wage"]))
    np.testing.assert_array_equal(frame["did"], raw["policy"])
    assert frame.groupby("unit")["adoption_year"].first().dropna().tolist() == [2004, 2004, 2004, 2006, 2006, 2006]


def test_the_order_of_the_rows_does_not_matter(tmp_path):
    straight = built(tmp_path / "a")
    shuffled = [rows()[i] for i in np.random.default_rng(1).permutation(96)]
    mixed = built(tmp_path / "b", table=shuffled)
    pd.testing.assert_frame_equal(straight.frame, mixed.frame)


def test_every_value_keeps_the_cell_it_came_from(tmp_path):
    long = built(tmp_path).long
    wage = long[(long["unit"] == "103") & (long["year"] == 2005) & (long["indicator"] == "wage_yuan")].iloc[0]
    line = next(i for i, row in enumerate(rows(), start=2) if row[0] == 103 and row[2] == 2005)
    assert wage["cell_id"] == f"my_panel/1/!{line}:wage"


def test_excluded_units_and_years_are_counted(tmp_path):
    study = copy.deepcopy(STUDY)
    study["sample"] = {"exclude": [{"units": ["Town 12"], "reason": "moved"}, {"years": [2008], "reason": "flood"}]}
    panel = built(tmp_path, study)
    assert len(panel.frame) == 11 * 7
    lost = panel.ledger[panel.ledger["step"] == "exclude"]
    assert lost[["subject", "units", "rows", "reason"]].values.tolist() == [
        ["Town 12", 1, 8, "moved"],
        ["2008", 11, 11, "flood"],
    ]
    study["sample"]["exclude"][0]["units"] = ["Town 21"]
    with pytest.raises(PanelError, match=r"'Town 21', which is no unit of the panel \(did you mean 'Town 2"):
        built(tmp_path, study)


def test_a_policy_list_joins_by_name_and_its_strangers_are_named(tmp_path):
    study = copy.deepcopy(STUDY)
    study["sources"]["pilots"] = {"join": "name"}
    study["treatment"] = {"name": "did", "adoption": "since", "starts": "next_year"}
    pilots = facts("pilots", {"since": {"header": "since", "measure": "year"}})
    text = "town_name,since\nTown 1,2003\nTown 2,2009\nTown 3,1999\nAtlantis,2003\n"
    panel = built(tmp_path, study, more=[(pilots, text)])
    starts = panel.frame.groupby("unit")["adoption_year"].first()
    assert starts.dropna().to_dict() == {"101": 2004, "103": 2000}
    ledger = panel.ledger.set_index("subject")["reason"]
    assert ledger["Atlantis"] == "not among the units of the panel"
    assert ledger["102"] == "adopts after 2008: never treated inside the panel"
    assert "treated from 2001 or before" in ledger["103"]


def test_a_policy_list_that_matches_nothing_is_an_error(tmp_path):
    study = copy.deepcopy(STUDY)
    study["sources"]["pilots"] = {"join": "name"}
    study["treatment"] = {"name": "did", "adoption": "since"}
    pilots = facts("pilots", {"since": {"header": "since", "measure": "year"}})
    with pytest.raises(PanelError, match=r"'pilots.since' matches no unit of the panel"):
        built(tmp_path, study, more=[(pilots, "town_name,since\nAtlantis,2003\n")])


def test_aliases_join_by_a_declared_table(tmp_path):
    study = copy.deepcopy(STUDY)
    study["sources"]["heights"] = {"join": "alias", "aliases": "nicknames"}
    study["variables"]["height"] = "height_m"
    heights = facts("heights", {"height_m": {"header": "height", "measure": "m"}})
    study["units"] = {"m": ""}
    panel = built(tmp_path, study, more=[(heights, "town_name,height\nNick,12\nMick,13\n")])
    assert panel.frame.loc[panel.frame["unit"] == "103", "height"].unique().tolist() == [12.0]
    assert panel.frame.loc[panel.frame["unit"] != "103", "height"].isna().all()
    assert panel.ledger.set_index("subject").loc["Mick", "reason"] == "not in the alias table"


def test_names_that_two_units_share_do_not_join(tmp_path):
    table = [[r[0], "Town 1" if r[0] == 102 else r[1], *r[2:]] for r in rows()]
    study = copy.deepcopy(STUDY)
    study["sources"]["pilots"] = {"join": "name"}
    study["treatment"] = {"name": "did", "adoption": "since"}
    pilots = facts("pilots", {"since": {"header": "since", "measure": "year"}})
    with pytest.raises(PanelError, match=r"'Town 1' is the name of several units \(101, 102\)"):
        built(tmp_path, study, table=table, more=[(pilots, "town_name,since\nTown 1,2003\n")])


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        (3, 0, "'ln_wage = ln(wage_yuan)' has no value in 1 unit-years, the first being 101 Town 1 in 2001"),
        (3, "many", "many"),
        (5, 2, "the status 'my_panel.on' of unit 101 is neither 0 nor 1 in 2001"),
        (5, "", "the status 'my_panel.on' of unit 101 is missing in 2001"),
        (5, 1, "of unit 101 goes back to 0 in 2002"),
        (2, 2002, "2002"),
    ],
)
def test_a_bad_cell_is_named(tmp_path, column, value, words):
    table = rows()
    table[0][column] = value
    with pytest.raises(ShidianError) as problem:
        built(tmp_path, table=table)
    assert words in str(problem.value)


def test_invalid_values_are_left_empty_only_when_declared(tmp_path):
    table = rows()
    table[0][3] = 0
    study = copy.deepcopy(STUDY)
    study["variables"]["ln_wage"] = {"formula": "ln(wage_yuan)", "invalid": "missing"}
    panel = built(tmp_path, study, table=table)
    assert panel.frame["ln_wage"].isna().sum() == 1
    line = panel.ledger[panel.ledger["subject"] == "ln_wage"].iloc[0]
    assert (line["units"], line["rows"]) == (1, 1)
    assert "logarithm of zero" in line["reason"]


def test_lags_look_up_calendar_years(tmp_path):
    study = copy.deepcopy(STUDY)
    study["variables"]["lagged"] = "lag(wage_yuan, 2)"
    table = [r for r in rows() if not (r[0] == 101 and r[2] == 2003)]
    frame = built(tmp_path, study, table=table).frame.set_index(["unit", "year"])
    raw = {(str(r[0]), r[2]): r[3] for r in table}
    assert frame["lagged"].isna().sum() == 12 * 2 + 1 - 0
    assert frame.loc[("101", 2006), "lagged"] == raw["101", 2004]
    assert np.isnan(frame.loc[("101", 2005), "lagged"])


def test_a_study_outside_the_years_of_its_source_is_an_error(tmp_path):
    study = {**STUDY, "years": {"first": 1990, "last": 1995}}
    with pytest.raises(PanelError, match=r"no row in 1990-1995; its years are 2001-2008"):
        built(tmp_path, study)
