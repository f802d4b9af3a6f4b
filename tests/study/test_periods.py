"""Studies whose rows are quarters, months, waves, old years or every second year, from the file to the numbers."""

import copy
import os
from pathlib import Path

import pandas as pd
import pytest
import yaml
from shidian.errors import ShidianError, SourceError, StudyError
from shidian.panel.steps import adoption_in_steps
from shidian.period import Period, written
from shidian.study.plan import load_plan
from shidian.yearbook.extract import extract_file

from .own_data import SOURCE, STUDY, rows, write_project
from .run_study import study_results

HEAD = "town,town_name,year,wage,people,policy\n"
ORGAN = Path(os.environ.get("SHIDIAN_SHARED", "../shared")) / "cases" / "papers" / "organ"
EXHIBITS = [
    {"id": "baseline", "kind": "did_table", "columns": [{}]},
    {"id": "dynamics", "kind": "event_study", "window": [-3, 3]},
]


def results(tmp_path, write, period=None, source=None, years=None, **study):
    """Run the made study, its years written otherwise: ``write`` gives the text of year 2001 + i for i."""
    table = HEAD + "".join(",".join(map(str, [*line[:2], write(line[2] - 2001), *line[3:]])) + "\n" for line in rows())
    declared = copy.deepcopy(STUDY) | {"exhibits": EXHIBITS} | ({"period": period} if period else {}) | study
    declared["years"] = years or {"first": write(0), "last": write(7)}
    described = copy.deepcopy(SOURCE)
    described["tables"][0]["year"] |= source or {}
    return study_results(tmp_path, declared, described, table)


def numbers(found):
    return [one.estimates[["term", "estimate", "se", "n_obs"]].fillna(0).to_dict("list") for one in found.values()]


@pytest.mark.parametrize(
    ("kind", "write", "name"),
    [
        ("half", lambda i: written("half", 4020 + i), "half-year"),
        ("quarter", lambda i: written("quarter", 8043 + i), "quarter"),
        ("month", lambda i: written("month", 24155 + i), "month"),
        ("week", lambda i: written("week", 104992 + i), "week"),
        ("day", lambda i: written("day", 735000 + i), "day"),
        ("wave", lambda i: i + 1, "wave"),
        ("integer", lambda i: i - 3, "period"),
        ("year", lambda i: i + 1880, "year"),
        ("year", lambda i: i - 504, "year"),
    ],
)
def test_the_same_panel_by_other_periods_gives_the_same_numbers(tmp_path, kind, write, name):
    plain = results(tmp_path / "years", lambda i: 2001 + i)
    found = results(tmp_path / "other", write, {"kind": kind}, {"kind": kind})
    assert numbers(found) == numbers(plain)
    for result in found.values():
        assert any(f"Town and {name} fixed effects." in note for note in result.notes)
        labels = [row.label for row in result.table.rows]
        assert f"{name.capitalize()} fixed effects" in labels or "effects" not in " ".join(labels)


def test_every_second_year_counts_steps(tmp_path):
    plain = results(tmp_path / "years", lambda i: 2001 + i)
    lagged = {"variables": {**STUDY["variables"], "before": "lag(ln_wage)"}}
    other = results(tmp_path / "steps", lambda i: 2001 + 2 * i, {"kind": "year", "step": 2}, **lagged)
    assert numbers(other) == numbers(plain)
    gaps = results(tmp_path / "gaps", lambda i: 2001 + 2 * i)
    assert numbers(gaps) != numbers(plain)  # without a step every second year is missing, as ever
    with pytest.raises(ShidianError, match=r"a row in 2002, which 'period\.step: 2' passes over"):
        results(tmp_path / "odd", lambda i: 2001 + i, {"kind": "year", "step": 2}, years={"first": 2001, "last": 2007})


def test_two_digits_and_fiscal_years(tmp_path):
    plain = numbers(results(tmp_path / "years", lambda i: 2001 + i))
    years = {"first": 1995, "last": 2002}
    two = results(tmp_path / "two", lambda i: (95 + i) % 100, None, {"pivot": 1930}, years)
    assert numbers(two) == plain
    fiscal = results(tmp_path / "f", lambda i: f"{1994 + i}/{(95 + i) % 100:02d}", None, {"fiscal": "last"}, years)
    assert numbers(fiscal) == plain


def test_samples_and_base_periods_are_written_as_periods(tmp_path):
    quarter = {"kind": "quarter"}
    given = {
        "variables": {**STUDY["variables"], "index": "wage_yuan / base(wage_yuan, '2011Q1')"},
        "sample": {"exclude": [{"years": ["2010Q4"], "reason": "half of it is missing"}]},
        "exhibits": [{"id": "part", "kind": "did_table", "columns": [
            {"outcome": "index", "sample": {"first_year": "2011Q2", "exclude_years": ["2012Q3"]}}]}],
    }  # fmt: skip
    found = results(tmp_path, lambda i: written("quarter", 8043 + i), quarter, quarter, **given)["part"]
    assert found.estimates["n_obs"].iloc[0] == 12 * 5
    assert any("quarters 2011Q2–2012Q3; without the quarter 2012Q3" in note for note in found.notes)


@pytest.mark.parametrize(
    ("period", "source", "years", "words"),
    [
        (None, {"kind": "quarter"}, {"first": 2010, "last": 2012}, "declare 'period: {kind: quarter}' in the study"),
        ({"kind": "quarter"}, {}, None, "declare 'kind: quarter' under 'year' in config/sources/my_panel.yaml"),
        ({"kind": "quarter"}, {"kind": "quarter"}, {"first": 2010, "last": "2012Q3"},
         "at 'years.first': 2010 is no quarter; write it as 2013Q4"),
        ({"kind": "quarter"}, {"kind": "quarter"}, {"first": "2012Q3", "last": "2010Q4"},
         "the first quarter 2012Q3 is after the last 2010Q4"),
        ({"kind": "fortnight"}, {}, None, "'fortnight' is not one of"),
        ({"kind": "quarter", "step": 0}, {"kind": "quarter"}, None, "less than the minimum of 1"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_what_to_declare(tmp_path, period, source, years, words):
    with pytest.raises(StudyError) as caught:
        results(tmp_path, lambda i: written("quarter", 8043 + i), period, source, years)
    assert words in str(caught.value)


def test_a_column_of_quarters_that_is_not_declared_names_the_key(tmp_path):
    with pytest.raises(SourceError, match="'2010Q4' is not a year; for a quarter declare 'kind: quarter'"):
        results(tmp_path, lambda i: written("quarter", 8043 + i), years={"first": 2010, "last": 2012})


def test_a_base_period_that_is_none_is_refused(tmp_path):
    quarter = {"kind": "quarter"}
    for text, words in (("2011", "write the quarter in quotes"), ("'2011Q5'", "no quarter; write it as 2013Q4")):
        variables = {**STUDY["variables"], "index": f"base(wage_yuan, {text})"}
        with pytest.raises(StudyError, match=words):
            results(tmp_path, lambda i: written("quarter", 8043 + i), quarter, quarter, variables=variables)
    variables = {**STUDY["variables"], "index": "base(wage_yuan, '2005')"}
    with pytest.raises(StudyError, match="without 'period' in the study"):
        results(tmp_path, lambda i: 2001 + i, variables=variables)


@pytest.mark.skipif(not ORGAN.exists(), reason="$SHIDIAN_SHARED/cases/papers/organ is not there")
def test_kessler_and_roth_by_quarters_from_the_file_as_it_is(tmp_path):
    source = yaml.safe_load((ORGAN / "source.yaml").read_text())
    source["tables"][0] |= {"year": {"header": "Quarter", "kind": "quarter"}, "ignore": ["period"]}
    study = yaml.safe_load((ORGAN / "study.yaml").read_text())
    study |= {"period": {"kind": "quarter"}, "years": {"first": "2010Q4", "last": "2012Q1"}}
    study["exhibits"] = study["exhibits"][:2]
    found = study_results(tmp_path, study, source, (ORGAN / "organ_donation2.csv").read_text())
    (row,) = found["did"].estimates.to_dict("records")
    assert (round(row["estimate"], 4), round(row["se"], 4), row["n_obs"]) == (-0.0225, 0.0061, 162)
    taus = found["es"].estimates.set_index("term")["estimate"].round(3).to_dict()
    assert [taus[f"tau{t:+d}"] for t in (-3, -2, 0, 1, 2)] == [-0.003, 0.006, -0.022, -0.020, -0.022]
    assert "State and quarter fixed effects." in found["did"].notes


def listed(tmp_path, period):
    """Write the made study by quarters with its adoption in a list: towns 101 to 103 adopt in 2011Q3."""
    quarter, source = {"kind": "quarter"}, copy.deepcopy(SOURCE)
    source["tables"][0]["year"] |= quarter
    column = {"header": "since", "measure": "year", "missing": [""]} | period
    source["files"].append({"path": "list.csv", "what": "made for the tests"})
    source["tables"][0]["files"] = [1]
    unit = {"level": "other", "code": "town", "code_kind": "plain"}
    flat = {"layout": "flat", "encoding": "utf-8", "files": [2]}
    source["tables"].append(flat | {"unit": unit, "columns": {"adopted": column}})
    study = copy.deepcopy(STUDY) | {"period": quarter, "years": {"first": "2010Q4", "last": "2012Q3"}}
    study |= {"exhibits": EXHIBITS, "treatment": {"name": "did", "adoption": "adopted"}}
    write_project(tmp_path, study, source)
    text = "town,since\n101,2011Q3\n102,Q32011\n103,2011-08-15\n104,\n"
    (tmp_path / "raw" / "list.csv").write_text(text, encoding="utf-8")
    return load_plan(tmp_path)


def test_quarters_of_adoption_come_from_a_list_that_says_how_they_read(tmp_path):
    plan = listed(tmp_path, {"period": {"kind": "quarter"}})
    records = extract_file(plan.sources["my_panel"], 2, plan.raw_root).records
    assert records["value"].dropna().tolist() == [8046.0] * 3
    assert records["flag"].tolist() == ["as_printed"] * 3 + ["blank"]
    with pytest.raises(StudyError, match=r"'adopted' is read as plain numbers.*'period: \{kind: quarter\}'"):
        listed(tmp_path, {})


def test_adoption_between_two_steps_counts_from_the_next():
    found, ledger = adoption_in_steps(pd.Series({"a": 2003.0, "b": 2004.0}), Period("year", 2, 1))
    assert found.tolist() == [1001, 1002]
    assert [(line["subject"], line["units"]) for line in ledger] == [("b", 1)]
    assert "adopts in 2004" in ledger[0]["reason"]
