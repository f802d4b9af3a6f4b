"""Adoption by columns, variables and formulas in panels by quarters and of every second year."""

import copy

import pytest
from shidian.errors import PanelError, StudyError
from shidian.period import written

from .own_data import SOURCE, STUDY, rows
from .run_study import study_results

FIRST = {101: 2004, 102: 2004, 103: 2004, 104: 2006, 105: 2006, 106: 2006}
QUARTER = {"kind": "quarter"}


def results(tmp_path, treatment, write, period=None, dates=None, years=None, early=False, other=None, **study):
    """Run the made study, dated by its column ``adopted``; ``write`` gives the text of year 2001 + i for i.

    ``early`` writes a date one calendar number before that of the step in which the unit is treated; ``other`` has the
    first year of a unit as some of its rows give it.
    """
    table = "town,town_name,year,wage,people,policy,adopted\n"
    for line in rows():
        first = FIRST.get(line[0]) if (*line[:1], line[2]) not in (other or {}) else other[line[0], line[2]]
        date = "" if first is None else write(first - 2001 - (0.5 if early else 0))
        table += ",".join(map(str, [*line[:2], write(line[2] - 2001), *line[3:], date])) + "\n"
    source, declared = copy.deepcopy(SOURCE), copy.deepcopy(STUDY)
    adopted = {"header": "adopted", "measure": "1", "missing": [""], **({"period": dates} if dates else {})}
    source["tables"][0]["columns"]["adopted"] = adopted
    source["tables"][0]["year"] |= {"kind": period["kind"]} if period and period["kind"] != "year" else {}
    declared |= {"treatment": {"name": "did", **treatment}, "years": years or {"first": write(0), "last": write(7)}}
    declared |= {"exhibits": [{"id": "baseline", "kind": "did_table", "columns": [{}]},
                              {"id": "dynamics", "kind": "event_study", "window": [-3, 3]}]}  # fmt: skip
    declared |= ({"period": period} if period else {}) | study
    return study_results(tmp_path, declared, source, table)


def numbers(found):
    return [one.estimates[["term", "estimate", "se", "n_obs"]].fillna(0).to_dict("list") for one in found.values()]


def quarters(i):
    return written("quarter", 8043 + int(i))


def second_years(i):
    return int(2001 + 2 * i)


DATED = [
    {"adoption": "adopted"},
    {"adoption": "start"},
    {"adoption": "if(adopted > 0, adopted, 0)"},
    {"status": "since(adopted)"},
]


@pytest.mark.parametrize("treatment", DATED, ids=lambda one: next(iter(one.values())))
def test_every_way_to_date_a_treatment_gives_the_numbers_of_its_status(tmp_path, treatment):
    given = {"variables": {**STUDY["variables"], "start": "adopted"}}
    plain = numbers(results(tmp_path / "years", {"status": "on"}, lambda i: int(2001 + i)))
    assert numbers(results(tmp_path / "y", treatment, lambda i: int(2001 + i), **given)) == plain
    assert numbers(results(tmp_path / "q", treatment, quarters, QUARTER, QUARTER, **given)) == plain
    step = {"kind": "year", "step": 2}
    assert numbers(results(tmp_path / "s", treatment, second_years, step, **given)) == plain
    assert numbers(results(tmp_path / "e", treatment, second_years, step, early=True, **given)) == plain


def test_years_in_formulas_are_those_of_the_calendar_also_in_steps(tmp_path):
    status = {"status": "if(town_of > 106, 0, if(town_of > 103, year >= 2011, year >= 2007))"}
    town = {"variables": {**STUDY["variables"], "known": "since(adopted - 100)",
                          "town_of": "if(known, if(adopted == 2007, 101, 104), 107)"}}  # fmt: skip
    step = {"kind": "year", "step": 2}
    plain = numbers(results(tmp_path / "years", {"status": "on"}, lambda i: int(2001 + i)))
    assert numbers(results(tmp_path / "steps", status, second_years, step, **town)) == plain


@pytest.mark.parametrize("treatment", DATED, ids=lambda one: next(iter(one.values())))
def test_plain_numbers_are_no_quarters_of_adoption(tmp_path, treatment):
    given = {"variables": {**STUDY["variables"], "start": "adopted"}}
    with pytest.raises(StudyError, match=r"'adopted' is read as plain numbers.*'period: \{kind: quarter\}'"):
        results(tmp_path, treatment, quarters, QUARTER, **given)


def test_errors_on_dates_say_quarters(tmp_path):
    other = {(104, 2001): 2004, (104, 2002): 2004}
    with pytest.raises(PanelError, match="of unit 104 Town 4 is 2011Q3 in 2010Q4-2011Q1, 2012Q1 in 2011Q2-2012Q3: a"):
        results(tmp_path / "moved", {"adoption": "adopted"}, quarters, QUARTER, QUARTER, other=other)
    with pytest.raises(PanelError, match="of unit 101 goes back to 0 in 2012Q2"):
        results(tmp_path / "back", {"status": "on * (year < '2012Q2')"}, quarters, QUARTER, QUARTER)


def test_formulas_compare_years_with_periods_in_quotes(tmp_path):
    later = {"variables": {**STUDY["variables"], "late": "if(year >= '2012Q1', 1, 0) + in(year, ['2011Q4'])"}}
    plain = {"variables": {**STUDY["variables"], "late": "if(year >= 2006, 1, 0) + in(year, [2005])"}}
    table = [{"id": "baseline", "kind": "did_table", "columns": [{"outcome": "late", "fixed_effects": ["unit"]}]}]
    found = results(tmp_path / "q", {"status": "on"}, quarters, QUARTER, QUARTER, **later, exhibits=table)
    years = results(tmp_path / "y", {"status": "on"}, lambda i: int(2001 + i), **plain, exhibits=table)
    assert numbers(found) == numbers(years)
    for formula, shown in (("year >= 2012", "2012"), ("in(year, ['2012'])", "'2012'"), ("2012 < year", "2012")):
        wrong = {"variables": {**STUDY["variables"], "late": formula}}
        with pytest.raises(StudyError, match=f"'year' is a quarter, {shown} is none: write it in quotes"):
            results(tmp_path / "wrong", {"status": "on"}, quarters, QUARTER, QUARTER, **wrong)
