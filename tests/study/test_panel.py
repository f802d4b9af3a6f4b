"""The panel: values equal to arithmetic by hand, every loss in the ledger, every impossibility an error."""

import copy

import numpy as np
import pandas as pd
import pytest
from shidian.errors import PanelError, ShidianError
from shidian.panel.build import build_panel
from shidian.panel.leave_out import leave_out
from shidian.study.plan import load_plan
from shidian.yearbook.extract import extract_file

from .own_data import SOURCE, STUDY, dump, rows, write_project

pytestmark = pytest.mark.usefixtures("own_raw_files")


def built(tmp_path, study=None, table=None, more=()):
    """Build the panel of the user's own study; ``more`` = further sources as (source, CSV text)."""
    write_project(tmp_path, study, table=table)
    for source, text in more:
        dump(tmp_path / "config" / "sources" / f"{source['source']}.yaml", source)
        (tmp_path / "raw" / source["files"][0]["path"]).write_text(text, encoding="utf-8")
    plan = load_plan(tmp_path)
    spec = plan.studies["my_study"].panel
    records = {u.source: extract_file(plan.sources[u.source], 1, plan.raw_root).records for u in spec.sources}
    return build_panel(spec, records, {})


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
    study["variables"]["listed"] = "since(pilots.since)"
    pilots = facts("pilots", {"since": {"header": "since", "measure": "year"}})
    text = "town_name,since\nTown 1,2003\nTown 2,2009\nTown 3,1999\nAtlantis,2003\n"
    panel = built(tmp_path, study, more=[(pilots, text)])
    starts = panel.frame.groupby("unit")["adoption_year"].first()
    assert starts.dropna().to_dict() == {"101": 2004, "103": 2000}
    listed = panel.frame[panel.frame["listed"] == 1].groupby("unit")["year"].min()
    assert listed.to_dict() == {"101": 2003, "103": 2001}
    assert panel.frame["listed"].isin([0, 1]).all()
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


def region_study():
    """Return a study of three prefecture-level cities that changed name or code, in the geography of 2019."""
    study = copy.deepcopy(STUDY)
    study |= {"unit": {"label": "city", "level": "city", "geography": 2019}, "years": {"first": 2009, "last": 2012}}
    study["exhibits"] = study["exhibits"][:1]
    return study


def region_source():
    source = copy.deepcopy(SOURCE)
    source["tables"][0]["unit"] = {"level": "city", "code": "town", "name": "town_name"}
    return source


def region_rows(names):
    rate = {2009: 1.0, 2010: 1.1, 2011: 1.2, 2012: 1.3}
    return [[c, n, y, 3000 * rate[y], 50, int(y > 2010 and c == 420600)] for c, n in names for y in rate]


def test_units_are_followed_through_renames_into_the_studys_geography(tmp_path):
    table = region_rows([(420600, "襄阳市"), (533100, "德宏傣族景颇族自治州")])
    for row in table:
        if row[0] == 420600 and row[2] == 2009:
            row[1] = "襄樊市"
    table += [[522200, "铜仁地区", y, 100, 5, 0] for y in (2009, 2010)]
    table += [[520600, "铜仁市", y, 100, 5, 0] for y in (2011, 2012)]
    write_project(tmp_path, region_study(), region_source(), table)
    plan = load_plan(tmp_path)
    spec = plan.studies["my_study"].panel
    records = {"my_panel": extract_file(plan.sources["my_panel"], 1, plan.raw_root).records}
    frame = build_panel(spec, records, {}).frame
    assert sorted(frame["unit"].unique()) == ["420600", "520600", "533100"]
    assert frame.groupby("unit").size().tolist() == [4, 4, 4]
    assert frame.loc[frame["unit"] == "520600", "unit_name"].unique().tolist() == ["铜仁市"]


def test_an_unknown_unit_stops_the_run_unless_it_is_accepted(tmp_path):
    table = [*region_rows([(420600, "襄阳市")]), *region_rows([(999900, "无此市")])]
    write_project(tmp_path, region_study(), region_source(), table)
    plan = load_plan(tmp_path)
    records = {"my_panel": extract_file(plan.sources["my_panel"], 1, plan.raw_root).records}
    with pytest.raises(PanelError, match="source 'my_panel': 1 printed units are not certain"):
        build_panel(plan.studies["my_study"].panel, records, {})
    study = region_study()
    study["sources"]["my_panel"]["accept"] = ["unknown"]
    write_project(tmp_path, study, region_source(), table)
    panel = build_panel(load_plan(tmp_path).studies["my_study"].panel, records, {})
    assert panel.frame["unit"].unique().tolist() == ["420600"]
    line = panel.ledger[panel.ledger["subject"] == "999900 无此市"].iloc[0]
    assert line["rows"] == 4
    assert "999900 is no unit of this level" in line["reason"]


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


def gappy():
    """Return the rows with wages missing: town 101 in 2003 and 2004, town 102 in 2002-2005, town 103 in 2001."""
    table = rows()
    for row in table:
        if (row[0], row[2]) in {(101, 2003), (101, 2004), (103, 2001), *((102, y) for y in range(2002, 2006))}:
            row[3] = ""
    return table


def test_only_declared_gaps_are_filled_and_each_is_flagged(tmp_path):
    study = copy.deepcopy(STUDY)
    study["variables"]["wage"] = "wage_yuan"
    study["fill"] = [{"series": "wage_yuan", "max_gap": 2}]
    panel = built(tmp_path, study, table=gappy())
    wage = panel.frame.set_index(["unit", "year"])["wage"]
    given = {(str(r[0]), r[2]): r[3] for r in gappy()}
    step = (given["101", 2005] - given["101", 2002]) / 3
    assert wage["101", 2003] == pytest.approx(given["101", 2002] + step, rel=1e-15)
    assert wage["101", 2004] == pytest.approx(given["101", 2002] + 2 * step, rel=1e-15)
    assert wage["102"].isna().sum() == 4, "a gap of four years stays empty whole"
    assert np.isnan(wage["103", 2001]), "ends are not filled unless declared"
    filled = panel.long[panel.long["flag"] == "interpolated"]
    assert filled[["unit", "year"]].values.tolist() == [["101", 2003], ["101", 2004]]
    assert filled["cell_id"].iloc[0].count("my_panel/1/!") == 2
    line = panel.ledger[panel.ledger["step"] == "fill"].iloc[0]
    assert (line["units"], line["rows"]) == (1, 2)


def test_ends_are_carried_only_where_declared(tmp_path):
    study = copy.deepcopy(STUDY)
    study["variables"]["wage"] = "wage_yuan"
    study["fill"] = [{"series": "wage_yuan", "max_gap": 2, "ends": True}]
    panel = built(tmp_path, study, table=gappy())
    wage = panel.frame.set_index(["unit", "year"])["wage"]
    assert wage["103", 2001] == wage["103", 2002]
    assert set(panel.long["flag"]) >= {"interpolated", "carried"}


def test_checks_report_slips_and_change_nothing(tmp_path):
    table = rows()
    table[10][3] *= 15
    table[20][3] *= 20000
    study = copy.deepcopy(STUDY)
    study["checks"] = {"shares": ["ln_people"]}
    panel, clean = built(tmp_path / "a", study, table=table), built(tmp_path / "b", study)
    found = panel.findings.groupby("check").size().to_dict()
    assert found == {"jump of 10 times": 2, "jump of 10,000 times": 2, "share outside 0 to 1": 96}
    assert clean.findings["check"].unique().tolist() == ["share outside 0 to 1"]
    first = panel.findings[panel.findings["check"] == "jump of 10 times"].iloc[0]
    assert (first["unit"], first["year"], first["cell_id"]) == ("102", 2003, "my_panel/1/!12:wage")
    assert "times the year before" in first["detail"]
    raw = {(str(r[0]), r[2]): r[3] for r in table}
    assert panel.frame.set_index(["unit", "year"]).loc[("102", 2003), "ln_wage"] == np.log(raw["102", 2003])


def test_parts_and_sources_that_disagree_are_reported(tmp_path):
    second = copy.deepcopy(SOURCE)
    second |= {"source": "again", "files": [{"path": "again.csv", "what": "made for the tests"}]}
    second["tables"][0]["columns"] = {
        "wage_again": {"header": "wage", "measure": "千元"},
        "half_yuan": {"header": "people", "measure": "元"},
        "rest_yuan": {"header": "policy", "measure": "元"},
    }
    lines = ["town,town_name,year,wage,people,policy"]
    for n, r in enumerate(rows()):
        thousand = r[3] / 1000 * (1.2 if n == 5 else 1.0)
        lines.append(f"{r[0]},{r[1]},{r[2]},{thousand!r},{r[3] / 2!r},{r[3] / 2 * (1.5 if n == 7 else 1)!r}")
    study = copy.deepcopy(STUDY)
    study["sources"]["again"] = {}
    study["checks"] = {
        "agree": [{"first": "wage_yuan", "second": "wage_again"}],
        "parts": [{"whole": "wage_yuan", "parts": ["half_yuan", "rest_yuan"]}],
    }
    panel = built(tmp_path, study, more=[(second, "\n".join(lines) + "\n")])
    found = panel.findings.set_index("check")
    assert found.loc["sources disagree", ["unit", "year"]].tolist() == ["101", 2006]
    assert "again/1/!7:wage" in found.loc["sources disagree", "detail"]
    assert found.loc["parts and whole", ["unit", "year"]].tolist() == ["101", 2008]


def test_base_years_make_indices(tmp_path):
    study = copy.deepcopy(STUDY)
    study["variables"]["real"] = "wage_yuan / base(wage_yuan, 2003)"
    frame = built(tmp_path, study).frame.set_index(["unit", "year"])
    assert (frame["real"].xs(2003, level="year") == 1).all()
    raw = {(str(r[0]), r[2]): r[3] for r in rows()}
    assert frame.loc[("105", 2007), "real"] == raw["105", 2007] / raw["105", 2003]


def test_a_trace_names_the_cells_of_every_year_that_the_formula_reads(tmp_path):
    from shidian.trace.value import describe, trace_value

    study = copy.deepcopy(STUDY)
    study["variables"]["growth"] = "wage_yuan / lag(wage_yuan, 2)"
    study["variables"]["twice"] = "growth * 2"
    study["variables"]["before"] = "lag(growth)"
    panel = built(tmp_path, study)
    plan = load_plan(tmp_path)
    cells = extract_file(plan.sources["my_panel"], 1, plan.raw_root).cells.set_index("cell_id")
    declared = plan.studies["my_study"]
    traces = trace_value(declared, panel.frame, panel.long, cells, "104", 2005, "twice")
    assert [t.variable for t in traces] == ["twice", "growth"]
    assert [(c.year, c.raw_text) for c in traces[1].cells] == [
        (y, str(next(r[3] for r in rows() if r[0] == 104 and r[2] == y))) for y in (2003, 2005)
    ]
    assert "formula: wage_yuan / lag(wage_yuan, 2)" in describe(traces)
    treated = trace_value(declared, panel.frame, panel.long, cells, "Town 4", 2005, "did")[0]
    assert (treated.value, len(treated.cells)) == (0.0, 8)
    before = trace_value(declared, panel.frame, panel.long, cells, "104", 2006, "before")
    assert [(t.variable, t.year, [c.year for c in t.cells]) for t in before] == [
        ("before", 2006, []), ("growth", 2005, [2003, 2005])
    ]  # fmt: skip
    assert before[0].value == before[1].value == traces[1].value
    for unit, year, variable, words in (
        ("Town 99", 2005, "did", "no unit 'Town 99'"),
        ("104", 1999, "did", "no row of unit 104 in 1999"),
        ("104", 2005, "grwth", "did you mean 'growth'?"),
    ):
        with pytest.raises(PanelError) as problem:
            trace_value(declared, panel.frame, panel.long, cells, unit, year, variable)
        assert words in str(problem.value)


def test_a_unit_of_measure_that_changes_between_years_is_converted(tmp_path):
    source = copy.deepcopy(SOURCE)
    early, late = copy.deepcopy(source["tables"][0]), copy.deepcopy(source["tables"][0])
    source["files"] = [{"path": "early.csv", "what": "x"}, {"path": "late.csv", "what": "x"}]
    early |= {"name": "early", "files": [1]}
    late |= {"name": "late", "files": [2]}
    late["columns"]["wage_yuan"] = {"header": "wage", "measure": "万元"}
    source["tables"] = [early, late]
    write_project(tmp_path, STUDY, source)
    head = "town,town_name,year,wage,people,policy\n"
    for name, years, scale in (("early", range(2001, 2005), 1), ("late", range(2005, 2009), 10000)):
        lines = [f"{r[0]},{r[1]},{r[2]},{r[3] / scale!r},{r[4]},{r[5]}" for r in rows() if r[2] in years]
        (tmp_path / "raw" / f"{name}.csv").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    plan = load_plan(tmp_path)
    parts = [extract_file(plan.sources["my_panel"], n, plan.raw_root).records for n in (1, 2)]
    panel = build_panel(plan.studies["my_study"].panel, {"my_panel": pd.concat(parts, ignore_index=True)}, {})
    straight = built(tmp_path / "straight")
    shift = panel.frame["ln_wage"] - straight.frame["ln_wage"]
    assert shift.std() == pytest.approx(0, abs=1e-12)
    assert panel.findings[panel.findings["check"].str.startswith("jump")].empty
    assert panel.ledger[panel.ledger["step"] == "convert"]["rows"].sum() == 48


def test_units_listed_without_a_year_stop_the_run_or_leave_the_exhibits(tmp_path):
    study = copy.deepcopy(STUDY)
    study["sources"]["pilots"] = {"join": "name"}
    study["treatment"] = {"name": "did", "adoption": "since"}
    pilots = facts("pilots", {"since": {"header": "since", "measure": "year"}})
    text = "town_name,since\nTown 1,2003\nTown 2,\nTown 3,\n"
    with pytest.raises(PanelError, match=r"2 units without a year \(102 Town 2, 103 Town 3, ...\).*undated: leave_out"):
        built(tmp_path, study, more=[(pilots, text)])
    study["treatment"]["undated"] = "leave_out"
    panel = built(tmp_path, study, more=[(pilots, text)])
    assert panel.frame["unit"].nunique() == 12, "they still count in indicators"
    kept = leave_out(panel.frame)
    assert sorted(set(panel.frame["unit"]) - set(kept["unit"])) == ["102", "103"]
    assert list(kept.columns) == ["unit", "unit_name", "year", "adoption_year", "did", "ln_wage", "ln_people"]
    line = panel.ledger.set_index("subject").loc["Town 2, Town 3"]
    assert (line["units"], line["rows"]) == (2, 16)


def test_rows_may_count_in_indicators_and_leave_the_exhibits(tmp_path):
    study = copy.deepcopy(STUDY)
    study["variables"]["late"] = "year >= 2007"
    study["sample"] = {
        "exclude": [
            {"units": ["Town 12"], "counts_in_indicators": True, "reason": "large"},
            {"where": "late", "reason": "flood"},
        ]
    }
    panel = built(tmp_path, study)
    assert len(panel.frame) == 96
    kept = leave_out(panel.frame)
    assert (len(kept), kept["year"].max()) == (11 * 6, 2006)
    lines = panel.ledger[panel.ledger["step"] == "exclude"]
    assert lines["rows"].tolist() == [8, 22]
    assert lines["subject"].tolist()[1].startswith("late: Town 1, Town 2")
    study["sample"]["exclude"][1]["where"] = "lat"
    with pytest.raises(ShidianError, match=r"no variable 'lat' under 'variables' \(did you mean 'late'"):
        built(tmp_path, study)
