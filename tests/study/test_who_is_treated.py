"""Who is treated: nested units, adoption years in a column, status formulas, treatments that end or have doses."""

import copy
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from shidian.errors import PanelError, ShidianError, StudyError

from .built_study import Built, built_study, flat_source

CASES = Path(os.environ.get("SHIDIAN_SHARED", "../shared")) / "cases" / "papers"
YEARS = range(2001, 2007)


def firms(moves=(), text=False):
    """Return 20 firms in cities 1 to 4 (firm f in city f % 4 + 1) over six years; ``moves`` has (firm, year, city)."""
    rng = np.random.default_rng(3)
    names = {1: "Aba", 2: "Bel", 3: "Cor", 4: "Dun"}
    table = []
    for firm in range(1, 21):
        for year in YEARS:
            city = firm % 4 + 1
            for who, since, where in moves:
                city = where if who == firm and year >= since else city
            on = (city == 1 and year >= 2003) or (city == 2 and year >= 2004)
            y = 0.3 * firm + 0.1 * year + 2.0 * on + 0.01 * rng.normal()
            table.append([firm, names[city] if text else city, year, round(float(y), 6)])
    return pd.DataFrame(table, columns=["firm", "city", "year", "y"])


def firm_source(text=False):
    columns = {"city": "text" if text else "1", "y": "1"}
    return flat_source("firms", {"level": "other", "code": "firm", "code_kind": "plain"}, columns, year="year")


def pilot_source(columns=None, year="", **unit):
    given = {"level": "other", "code": "city", "code_kind": "plain"} | unit
    return flat_source("pilots", {k: v for k, v in given.items() if v}, columns or {"first": "1"}, year=year)


STUDY = {
    "study": "firms_study",
    "title": "Firms in pilot cities",
    "unit": {"label": "firm"},
    "years": {"first": 2001, "last": 2006},
    "sources": {"firms": {"role": "frame"}, "pilots": {"join": {"on": "city"}}},
    "treatment": {"name": "did", "adoption": "pilots.first"},
    "variables": {"yy": "y"},
    "outcome": "yy",
    "controls": [],
    "fixed_effects": ["unit", "year"],
    "vcov": {"kind": "cluster", "by": "unit"},
    "ssc": "reghdfe",
    "exhibits": [{"id": "base", "kind": "did_table", "columns": [{}]}],
}
PILOTS = pd.DataFrame({"city": [1, 2], "first": [2003, 2004]})


def nested(folder, *, table=None, pilots=PILOTS, source=None, firm=None, **changes) -> Built:
    study = copy.deepcopy(STUDY) | changes
    table = firms() if table is None else table
    return built_study(folder, study, [(firm or firm_source(), table), (source or pilot_source(), pilots)])


def of(result, field="estimate", term="did", n=0):
    rows = result.estimates
    return float(rows[rows["term"] == term][field].iloc[n])


def test_firms_of_the_pilot_cities_are_treated_and_no_others(tmp_path):
    built = nested(tmp_path)
    frame = built.panel.frame
    starts = frame.groupby("unit")["adoption_year"].first().dropna().astype(int).to_dict()
    assert starts == {str(f): {1: 2003, 2: 2004}[f % 4 + 1] for f in range(1, 21) if f % 4 + 1 in (1, 2)}
    line = built.panel.ledger.set_index("step").loc["join pilots"]
    assert line["units"] == 10
    assert "2 of the 2 units of the list are values of 'city'; 10 of the panel's 20 units lie in them" in line["reason"]
    result = built.results["base"]
    assert of(result) == pytest.approx(2.0, abs=0.01)
    assert any("assigned by city and errors are clustered by unit" in w for w in result.warnings)


def test_a_trace_names_the_list_and_the_column_that_says_in_which_city_a_firm_lies(tmp_path):
    cells = {(c.indicator, c.cell) for t in nested(tmp_path).trace("4", 2005, "did") for c in t.cells}
    assert ("pilots.first", "2:first") in cells
    assert ("firms.city", "24:city") in cells


def test_clusters_of_the_assignments_level_are_not_warned_of(tmp_path):
    changes = {"variables": {"yy": "y", "town": "city"}, "vcov": {"kind": "cluster", "by": "town"}}
    assert not any("assigned by" in w for w in nested(tmp_path, **changes).results["base"].warnings)


@pytest.mark.parametrize(
    ("source", "join", "words"),
    [
        (pilot_source(), None, "stand under 'city', which is a column of the frame 'firms'"),
        (pilot_source(), "code", "Write 'sources.pilots.join: {on: city}'"),
        (pilot_source(code="place"), None, "stand under 'place', those of the frame 'firms' under 'firm'"),
        (pilot_source(code="firm", level="city"), None, ""),
        (pilot_source(code="place", level="city"), None, "of level city, those of the frame 'firms' of level other"),
    ],
)
def test_units_of_another_kind_are_refused_by_check(tmp_path, source, join, words):
    pilots = PILOTS.rename(columns={"city": source["tables"][0]["unit"]["code"]})
    sources = {"firms": {"role": "frame"}, "pilots": {"join": join} if join else {}}
    if not words:
        assert nested(tmp_path, source=source, pilots=pilots, sources=sources).panel.frame["did"].sum() > 0
        return
    with pytest.raises(StudyError) as problem:
        nested(tmp_path, source=source, pilots=pilots, sources=sources)
    assert words in str(problem.value)


def test_few_matches_stop_the_run_and_a_key_lets_them_pass(tmp_path):
    pilots = pd.DataFrame({"firm": [7, *range(1000, 1040)], "first": 2003})
    sources = {"firms": {"role": "frame"}, "pilots": {}}
    with pytest.raises(PanelError) as problem:
        nested(tmp_path / "a", source=pilot_source(code="firm"), pilots=pilots, sources=sources)
    assert "1 of its 41 units are units of the panel, 1 of the panel's 20" in str(problem.value)
    assert "'sources.pilots.join: {on: <column of the panel>}'" in str(problem.value)
    sources["pilots"] = {"least_matched": 0}
    built = nested(tmp_path / "b", source=pilot_source(code="firm"), pilots=pilots, sources=sources)
    assert built.panel.frame.groupby("unit")["did"].max().sum() == 1
    assert "1 of its 41 units are units of the panel, which has 20" in set(built.panel.ledger["reason"])


def test_a_column_that_matches_nothing_is_named_with_its_values(tmp_path):
    with pytest.raises(PanelError, match=r"none of its 2 units \(91, 92\) is a value of 'city' \(2, 3, 4, 1\)"):
        nested(tmp_path, pilots=PILOTS.assign(city=[91, 92]))


def test_names_join_as_codes_do(tmp_path):
    by_code = nested(tmp_path / "a")
    pilots = pd.DataFrame({"city": ["Aba", "Bel"], "first": [2003, 2004]})
    source = pilot_source(code=None, code_kind=None, name="city")
    by_name = nested(tmp_path / "b", table=firms(text=True), pilots=pilots, source=source, firm=firm_source(text=True))
    pd.testing.assert_frame_equal(by_code.panel.frame, by_name.panel.frame)


def test_values_of_a_citys_year_serve_its_firms_and_gaps_are_filled_by_city(tmp_path):
    gdp = pd.DataFrame(
        [[c, y, 100.0 * c + y - 2000] for c in range(1, 5) for y in YEARS], columns=["city", "year", "gdp"]
    )
    gdp.loc[(gdp["city"] == 3) & (gdp["year"] == 2004), "gdp"] = np.nan
    source = pilot_source({"gdp": "1"}, year="year")
    changes = {
        "treatment": {"name": "did", "status": "(city <= 2) * (year >= 2003)", "kind": "switching"},
        "variables": {"yy": "y", "g": "gdp", "before": "lag(gdp)"},
        "fill": [{"series": "gdp", "max_gap": 1}],
    }
    built = nested(tmp_path, table=firms(moves=[(2, 2004, 1)]), source=source, pilots=gdp, **changes)
    frame = built.panel.frame.set_index(["unit", "year"])
    assert frame.loc["2", "g"].tolist() == [301, 302, 303, 104, 105, 106], "firm 2 moves from city 3 to 1 in 2004"
    assert frame.loc["6", "g"].tolist() == [301, 302, 303, 304, 305, 306], "the gap of city 3 is filled in the city"
    assert frame.loc["2", "before"].tolist()[1:] == [301, 302, 303, 104, 105]
    assert any("move between units of 'pilots'" in reason for reason in built.panel.ledger["reason"])


def test_a_move_does_not_switch_the_treatment_without_a_word(tmp_path):
    table = firms(moves=[(1, 2005, 3)])
    with pytest.raises(PanelError) as problem:
        nested(tmp_path / "a", table=table)
    for words in ("of unit 1 is 2004 in 2001-2004, none in 2005-2006", "'city' is 2 in 2001-2004, 3 in 2005-2006",
                  "join: {on: city, moves: first_year}"):  # fmt: skip
        assert words in str(problem.value)
    sources = {"firms": {"role": "frame"}, "pilots": {"join": {"on": "city", "moves": "first_year"}}}
    stayed = nested(tmp_path / "b", table=table, sources=sources).panel.frame
    assert stayed["did"].tolist() == nested(tmp_path / "c").panel.frame["did"].tolist()
    harmless = nested(tmp_path / "d", table=firms(moves=[(2, 2005, 4)])).panel.frame
    assert harmless.loc[harmless["unit"] == "2", "did"].sum() == 0, "neither city is on the list"


def test_a_firm_without_a_city_is_neither_treated_nor_a_control(tmp_path):
    table = firms().astype({"city": "Int64"})
    table.loc[table["firm"] == 5, "city"] = pd.NA
    with pytest.raises(PanelError, match=r"'city' does not say in which unit of 'pilots' 1 units of .* lie \(5\)"):
        nested(tmp_path, table=table)


def test_rows_in_any_order_and_units_under_other_codes_give_the_same_treatment(tmp_path):
    plain = nested(tmp_path / "a")
    table = firms().sample(frac=1, random_state=5)
    shuffled = nested(tmp_path / "b", table=table, pilots=PILOTS.iloc[::-1])
    pd.testing.assert_frame_equal(plain.panel.frame, shuffled.panel.frame)
    renamed = firms().assign(city=lambda t: t["city"] * 1000 + 7)
    other = nested(tmp_path / "c", table=renamed, pilots=PILOTS.assign(city=PILOTS["city"] * 1000 + 7))
    pd.testing.assert_frame_equal(plain.panel.frame, other.panel.frame)


@pytest.mark.parametrize("on", ["town", "place - 100"])
def test_a_variable_or_a_formula_may_say_where_a_unit_lies(tmp_path, on):
    firm = firm_source()
    changes = {
        "variables": {"yy": "y", "place": "firms.city + 100", "town": "place - 100"},
        "sources": {"firms": {"role": "frame"}, "pilots": {"join": {"on": on}}},
    }
    found = nested(tmp_path / "a", firm=firm, **changes).panel.frame
    assert found["did"].tolist() == nested(tmp_path / "b").panel.frame["did"].tolist()


@pytest.mark.parametrize(
    ("join", "words"),
    [
        ({"on": "cty"}, "no source of the study provides 'cty' and no variable has this name (did you mean 'city'?)"),
        ({"on": "first"}, "is read from 'pilots', which joins by a column itself"),
        ({"on": "city", "level": "city"}, "regions need 'unit.geography'"),
        ({"on": "city", "move": "first_year"}, "move"),
        ({"on": "y"}, "which is no code of a unit"),
    ],
)
def test_a_column_that_cannot_be_joined_on_is_named(tmp_path, join, words):
    with pytest.raises(ShidianError) as problem:
        nested(tmp_path, sources={"firms": {"role": "frame"}, "pilots": {"join": join}})
    assert words in str(problem.value)


def test_regions_are_resolved_in_the_studys_geography(tmp_path):
    codes = {1: 420600, 2: 330100, 3: 110100, 4: 310100}
    table = firms().assign(city=lambda t: t["city"].map(codes))
    table.loc[table["city"] == 110100, "city"] = 370100
    table.loc[table["city"] == 310100, "city"] = 370200
    pilots = pd.DataFrame({"name": ["襄樊市", "杭州市"], "first": [2003, 2004]})
    source = pilot_source(level="city", code=None, code_kind=None, name="name")
    built = nested(tmp_path, table=table, pilots=pilots, source=source, unit={"label": "firm", "geography": 2009})
    assert built.panel.frame["did"].tolist() == nested(tmp_path / "b").panel.frame["did"].tolist()


def demeaned(frame, name, unit="unit"):
    """Return a column of a balanced panel without the means of units and years."""
    by_unit, by_year = (frame.groupby(key)[name].transform("mean") for key in (unit, "year"))
    return frame[name] - by_unit - by_year + frame[name].mean()


def column_study(folder, first, **treatment):
    """Run a panel whose column ``first`` gives the year of adoption, {town: entries by year or one for all}."""
    rows = []
    rng = np.random.default_rng(1)
    for town in range(1, 9):
        for year in YEARS:
            entry = first.get(town, "")
            entry = entry[year - 2001] if isinstance(entry, list) else entry
            rows.append([town, year, entry, round(float(rng.normal()), 6), int(year >= 2004), int(town <= 4)])
    table = pd.DataFrame(rows, columns=["town", "year", "first", "y", "post", "pilot"])
    columns = {"first": "1", "y": "1", "post": "1", "pilot": "1"}
    source = flat_source("towns", {"level": "other", "code": "town", "code_kind": "plain"}, columns, year="year")
    declared = {"name": "did", "adoption": "first"} | treatment
    study = copy.deepcopy(STUDY) | {
        "study": "towns_study", "sources": {"towns": {"role": "frame"}},
        "treatment": {k: v for k, v in declared.items() if v != ""},
    }  # fmt: skip
    return built_study(folder, study, [(source, table)])


def starts_of(built):
    return built.panel.frame.groupby("unit")["adoption_year"].first().dropna().astype(int).to_dict()


@pytest.mark.parametrize("never", ["", 0, 9999])
def test_a_column_repeats_one_fact_and_zero_blank_and_9999_mean_never(tmp_path, never):
    built = column_study(tmp_path, {1: 2003, 2: 2004, **dict.fromkeys(range(3, 9), never)})
    assert starts_of(built) == {"1": 2003, "2": 2004}
    shown = "blank" if never == "" else str(never)
    assert any(
        f"'towns.first' says with {shown} that they are never treated" in r for r in built.panel.ledger["reason"]
    )


def test_a_file_of_the_panel_read_without_its_years_gives_one_fact_a_unit(tmp_path):
    table = firms().assign(first=lambda t: t["city"].map({1: 2003, 2: 2004}).fillna(0).astype(int))
    table = table[["firm", "first"]]
    source = flat_source("pilots", {"level": "other", "code": "firm", "code_kind": "plain"}, {"first": "1"})
    changes = {"sources": {"firms": {"role": "frame"}, "pilots": {}}}
    built = nested(tmp_path / "a", source=source, pilots=table, **changes)
    assert starts_of(built) == starts_of(nested(tmp_path / "b"))
    table.loc[9, "first"] = 2005
    with pytest.raises(ShidianError, match=r"unit 2 has two numbers for 'first'; the other is at .*cell 10:first"):
        nested(tmp_path / "c", source=source, pilots=table, **changes)


def test_marks_of_never_may_be_declared(tmp_path):
    entries = {1: 2003, **dict.fromkeys(range(2, 9), -1)}
    with pytest.raises(PanelError, match=r"of unit 2 is -1, which is no year; .*'never: \[-1\]'"):
        column_study(tmp_path / "a", entries)
    assert starts_of(column_study(tmp_path / "b", entries, never=[-1])) == {"1": 2003}


def test_two_years_of_adoption_are_named(tmp_path):
    with pytest.raises(PanelError, match=r"of unit 3 is 2003 in 2001-2004, 2005 in 2005-2006: a unit has one year"):
        column_study(tmp_path, {1: 2003, 3: [2003] * 4 + [2005] * 2})
    with pytest.raises(PanelError, match=r"of unit 3 is blank in 2001, 2003 in 2002-2006"):
        column_study(tmp_path, {1: 2003, 3: ["", *[2003] * 5]})


def test_a_status_under_adoption_is_told_where_it_belongs(tmp_path):
    with pytest.raises(PanelError, match=r"is 0 in 2001-2003, 1 in 2004-2006: .* name it under 'status'"):
        column_study(tmp_path, {}, adoption="post")


def test_a_formula_may_give_the_status_or_the_year(tmp_path):
    first = {t: 2004 if t <= 4 else "" for t in range(1, 9)}
    column = column_study(tmp_path / "a", first)
    status = column_study(tmp_path / "b", first, adoption="", status="post * pilot")
    year = column_study(tmp_path / "c", first, adoption="2004 * pilot")
    for other in (status, year):
        pd.testing.assert_frame_equal(column.panel.frame, other.panel.frame)
    assert [c.measure for c in status.trace("1", 2005, "did")] == ["0 or 1"]
    with pytest.raises(ShidianError, match="no source of the study provides 'pst' and no variable has this name"):
        column_study(tmp_path / "d", first, adoption="", status="pst")


def test_undated_units_are_never_treated_where_declared_and_no_advice_loses_the_controls(tmp_path):
    frame = firms().drop(columns="city")
    source = flat_source("firms", {"level": "other", "code": "firm", "code_kind": "plain"}, {"y": "1"}, year="year")
    pilots = pd.DataFrame({"firm": range(1, 21), "first": [2003.0] * 5 + [np.nan] * 15}).astype({"first": "Int64"})
    changes = {"sources": {"firms": {"role": "frame"}, "pilots": {}}}
    given = {"table": frame, "firm": source, "source": pilot_source(code="firm"), "pilots": pilots}
    with pytest.raises(PanelError) as problem:
        nested(tmp_path / "a", **given, **changes)
    assert "'undated: never_treated'" in str(problem.value)
    assert "leave_out" not in str(problem.value), "all others are treated"
    changes["treatment"] = {"name": "did", "adoption": "pilots.first", "undated": "never_treated"}
    panel = nested(tmp_path / "b", **given, **changes).panel.frame
    assert panel.groupby("unit")["did"].max().sum() == 5
    assert panel["unit"].nunique() == 20


def test_a_treatment_that_ends_or_has_doses_is_declared(tmp_path):
    entries = {t: [0, 1, 0, 1, 1, 0] if t <= 4 else 0 for t in range(1, 9)}
    doses = {t: [0, 0.5, 2, 1, 1, 0] if t <= 4 else 0 for t in range(1, 9)}
    with pytest.raises(PanelError, match=r"goes back to 0 in 2003: .*'kind: switching'"):
        column_study(tmp_path / "a", entries, adoption="", status="first")
    with pytest.raises(PanelError, match=r"neither 0 nor 1 in 2002; a dose is declared by 'kind: continuous'"):
        column_study(tmp_path / "b", doses, adoption="", status="first")
    for kind, given in (("switching", entries), ("continuous", doses)):
        built = column_study(tmp_path / kind, given, adoption="", status="first", kind=kind)
        frame = built.panel.frame
        assert frame["adoption_year"].isna().all()
        assert frame.loc[frame["unit"] == "2", "did"].tolist() == given[2]
        y, did = (demeaned(frame, name) for name in ("yy", "did"))
        assert of(built.results["base"]) == pytest.approx((y * did).sum() / (did**2).sum(), abs=1e-10)


@pytest.mark.parametrize("kind", ["switching", "continuous"])
@pytest.mark.parametrize(
    "exhibit",
    [{"kind": "event_study", "window": [-2, 2]}, {"kind": "goodman_bacon"}, {"kind": "placebo", "draws": 20},
     {"kind": "staggered_did", "window": [-2, 2]}, {"kind": "treatment_timing"}],
)  # fmt: skip
def test_exhibits_of_adoption_years_refuse_it_and_name_the_others(tmp_path, kind, exhibit):
    study = copy.deepcopy(STUDY) | {"exhibits": [{"id": "mine", **exhibit}]}
    study["treatment"] = {"name": "did", "status": "city", "kind": kind}
    with pytest.raises(StudyError) as problem:
        built_study(tmp_path, study, [(firm_source(), firms()), (pilot_source(), PILOTS)])
    line = next(x for x in str(problem.value).splitlines() if "exhibit 'mine'" in x)
    assert f"the kind {exhibit['kind']} needs a treatment that stays" in line
    assert f"'treatment.kind: {kind}'" in line
    assert "did_table" in line
    assert "iv_table" in line


def test_always_treated_units_have_no_year_to_be_told_by(tmp_path):
    study = copy.deepcopy(STUDY) | {"treatment": {"name": "did", "status": "city", "kind": "continuous"}}
    study["exhibits"] = [{"id": "mine", "kind": "did_table", "columns": [{}, {"always_treated": "leave_out"}]}]
    with pytest.raises(StudyError, match="exhibit 'mine': 'always_treated: leave_out' tells units by their year"):
        built_study(tmp_path, study, [(firm_source(), firms()), (pilot_source(), PILOTS)])


def case(folder, name, change=None, more=()):
    """Run a case of published papers from its own files."""
    if not (CASES / name).is_dir():
        pytest.skip("$SHIDIAN_SHARED has no cases of papers")
    study = yaml.safe_load((CASES / name / "study.yaml").read_text(encoding="utf-8"))
    if change:
        change(study)
    found = []
    for source in study["sources"]:
        path = next(p for d in (name, *more) for p in (CASES / d).glob("*.yaml")
                    if yaml.safe_load(p.read_text(encoding="utf-8")).get("source") == source)  # fmt: skip
        declared = yaml.safe_load(path.read_text(encoding="utf-8"))
        file = declared["files"][0]["path"]
        place = next(CASES / d / file for d in (name, *more) if (CASES / d / file).exists())
        found.append((declared, place.read_text(encoding="utf-8")))
    return built_study(folder, study, found)


def test_the_firms_case_is_refused_and_then_right(tmp_path):
    with pytest.raises(StudyError, match=r"Write 'sources.pilot_city.join: \{on: city\}'"):
        case(tmp_path / "a", "firms")

    def change(study):
        study["sources"]["pilot_city"] = {"join": {"on": "city"}}

    built = case(tmp_path / "b", "firms", change)
    frame = built.panel.frame
    raw = pd.read_csv(CASES / "firms" / "firms.csv")
    ever = frame.groupby("unit")["did"].max()
    assert sorted(map(int, ever[ever == 1].index)) == sorted(raw.loc[raw["city"].isin([1, 2]), "firm"].unique())
    raw["did"] = (raw["year"] >= raw["city"].map({1: 2003, 2: 2004}).fillna(9999)).astype(int)
    y, did = (demeaned(raw, name, "firm") for name in ("y", "did"))
    by_hand = (y * did).sum() / (did**2).sum()
    assert of(built.results["base"]) == pytest.approx(by_hand, abs=1e-10)


def test_minimum_wages_by_a_column_of_the_panel(tmp_path):
    def change(study):
        study["sources"] = {"mpdta": {"role": "frame"}}
        study["treatment"]["adoption"] = "first_treat"
        study["exhibits"] = [e for e in study["exhibits"] if e["id"] == "cs"]

    built = _mpdta(tmp_path, change)
    rows = built.results["cs"].estimates
    found = rows[rows["column"] == "Callaway-Sant'Anna"].set_index("term")["estimate"]
    published = {"tau+0": -0.0199, "tau+1": -0.0510, "tau+2": -0.1373, "tau+3": -0.1008, "ATT": -0.0400}
    assert found[list(published)].to_dict() == pytest.approx(published, abs=5.1e-5)


def _mpdta(folder, change):
    if not (CASES / "mpdta").is_dir():
        pytest.skip("$SHIDIAN_SHARED has no cases of papers")
    study = yaml.safe_load((CASES / "mpdta" / "study.yaml").read_text(encoding="utf-8"))
    change(study)
    source = yaml.safe_load((CASES / "mpdta" / "source.yaml").read_text(encoding="utf-8"))
    table = source["tables"][0]
    table["columns"]["first_treat"] = {"header": "first.treat", "measure": "1"}
    table["ignore"] = ["treat"]
    return built_study(folder, study, [(source, (CASES / "mpdta" / "mpdta.csv").read_text(encoding="utf-8"))])


def test_minimum_wages_by_a_list_with_blanks(tmp_path):
    with pytest.raises(PanelError, match="declare 'undated: never_treated' under 'treatment'; all other units are"):
        case(tmp_path / "a", "mpdta_blank", lambda study: study["treatment"].pop("undated"), more=("mpdta",))

    def change(study):
        study["treatment"]["undated"] = "never_treated"

    built = case(tmp_path / "b", "mpdta_blank", change, more=("mpdta",))
    result = built.results["twfe"]
    assert (of(result, term="treated"), of(result, "se", term="treated")) == pytest.approx((-0.0365, 0.0133), abs=5e-5)
    assert of(result, "n_obs", term="treated") == 2500


def test_union_membership_switches(tmp_path):
    pytest.importorskip("linearmodels")
    from linearmodels.datasets import wage_panel

    data = wage_panel.load()[["nr", "year", "lwage", "union", "married", "expersq"]]
    source = flat_source(
        "wages", {"level": "other", "code": "nr", "code_kind": "plain"},
        {"lwage": "1", "union": "1", "married": "1", "expersq": "1"}, year="year",
    )  # fmt: skip
    study = copy.deepcopy(STUDY) | {
        "study": "wages_study", "years": {"first": 1980, "last": 1987}, "sources": {"wages": {"role": "frame"}},
        "treatment": {"name": "member", "status": "union", "kind": "switching"},
        "variables": {"lw": "lwage", "wed": "married", "sq": "expersq"}, "outcome": "lw", "controls": ["wed", "sq"],
        "vcov": {"kind": "iid"}, "ssc": "areg",
    }  # fmt: skip
    result = built_study(tmp_path, study, [(source, data)]).results["base"]
    for term, value, se in (("member", 0.0800, 0.0193), ("wed", 0.0467, 0.0183), ("sq", -0.0052, 0.0007)):
        assert (of(result, term=term), of(result, "se", term=term)) == pytest.approx((value, se), abs=5.1e-5)
    assert of(result, "n_obs", term="member") == 4360
