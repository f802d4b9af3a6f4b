"""Texts of a source as variables: effects, clusters, groups, samples; what is compared with them, what is refused."""

import copy

import numpy as np
import pandas as pd
import pytest
from shidian.did.twfe import regress
from shidian.errors import ShidianError

from .own_data import SOURCE, STUDY, rows
from .run_study import csv_text, study_results

pytestmark = pytest.mark.usefixtures("own_raw_files")
INDUSTRY = ["C39", "制造业 A", "F51"]
TABLE = pd.DataFrame(rows(), columns=["town", "town_name", "year", "wage", "people", "policy"])
TABLE["industry"] = [
    INDUSTRY[(town + (year > 2005)) % 3] for town, year in zip(TABLE["town"], TABLE["year"], strict=True)
]
VARIABLES = {
    **STUDY["variables"], "industry": "branch", "big": "if(industry == 'C39', ln_people, 0)",
    "listed": "in(industry, ['C39', '制造业 A'])", "first": "base(industry, 2001)",
    "coarse": "if(in(industry, ['C39', 'F51']), 'both', industry)", "late": "in(year, [2007, 2008])",
    "code": "in(branch, ['F51']) * 10000 + year",
}  # fmt: skip
COLUMNS = [
    {"label": "a", "fixed_effects": ["unit", "industry#year"]},
    {"label": "b", "vcov": {"kind": "cluster", "by": ["unit", "industry"]}},
    {"label": "c", "sample": {"keep": {"industry": ["C39", "F51"]}}},
    {"label": "d", "controls": ["big", "listed", "late", "ln_people#i.coarse"]},
    {"label": "e", "fixed_effects": ["unit", "first#year", "industry"]},
]


def run(tmp_path, exhibits=None, table=TABLE, variables=None, **series):
    source, study = copy.deepcopy(SOURCE), copy.deepcopy(STUDY)
    source["tables"][0]["columns"]["branch"] = {"header": "industry", "measure": "category", **series}
    study |= {"variables": variables or VARIABLES, "exhibits": exhibits or [
        {"id": "t", "kind": "did_table", "columns": COLUMNS},
        {"id": "split", "kind": "heterogeneity", "by": [{"variable": "first", "split": "values"}]},
    ]}  # fmt: skip
    return study_results(tmp_path, study, source, csv_text(table))


def test_texts_are_effects_clusters_samples_and_parts_of_formulas(tmp_path):
    found = run(tmp_path, [{"id": "t", "kind": "did_table", "columns": COLUMNS}])["t"]
    t = TABLE.assign(unit=TABLE["town"], did=TABLE["policy"], ln_wage=np.log(TABLE["wage"]), x=np.log(TABLE["people"]))
    t["iy"] = t["industry"] + t["year"].astype(str)
    first = t["town"].map(t[t["year"] == 2001].set_index("town")["industry"])
    t["fy"] = first + t["year"].astype(str)
    t["both"] = t["industry"].isin(["C39", "F51"])
    t = t.assign(big=t["x"] * (t["industry"] == "C39"), listed=(t["industry"] != "F51") * 1.0, late=t["year"] >= 2007.0,
                 x1=t["x"] * t["both"], x2=t["x"] * ~t["both"])  # fmt: skip
    t["late"] = t["late"].astype(float)
    by = {"kind": "cluster", "by": "unit"}
    expected = {
        "a": regress(t, "ln_wage", ["did", "x"], ["unit", "iy"], by),
        "b": regress(t, "ln_wage", ["did", "x"], ["unit", "year"], {"kind": "cluster", "by": ["unit", "industry"]}),
        "c": regress(t[t["both"]], "ln_wage", ["did", "x"], ["unit", "year"], by),
        "d": regress(t, "ln_wage", ["did", "big", "listed", "late", "x1", "x2"], ["unit", "year"], by),
        "e": regress(t, "ln_wage", ["did", "x"], ["unit", "fy", "industry"], by),
    }
    rows_of_did = found.estimates[found.estimates["term"] == "did"].set_index("column")
    for column, one in expected.items():
        assert rows_of_did.loc[column, "estimate"] == pytest.approx(one.fit.coef[0], rel=1e-9), column
        assert rows_of_did.loc[column, "se"] == pytest.approx(one.fit.se[0], rel=1e-8), column
        assert rows_of_did.loc[column, "n_obs"] == one.fit.n_obs, column
    assert any("industry × year" in note for note in found.notes)


def test_a_blank_or_a_mark_is_a_missing_category(tmp_path):
    gaps = TABLE.assign(industry=TABLE["industry"].mask(TABLE.index == 3, "").mask(TABLE.index == 40, "n.a."))
    found = run(tmp_path, [{"id": "t", "kind": "did_table", "columns": COLUMNS[:1]}], gaps, missing=["", "n.a."])["t"]
    assert found.estimates["n_obs"].dropna().eq(94).all()


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"bad": "ln(branch)"}, r"ln\(…\)' of a category"),
        ({"bad": "branch + 1"}, "'\\+' of a category"),
        ({"bad": "branch == 3"}, "compares a category with a number: put the category's text in quotes"),
        ({"bad": "people_wan == 'big'"}, "the other side of 'big' holds numbers.*measure: category"),
        ({"bad": "people_wan * did"}, "'did' is the treatment.*'interactions'.*since"),
        ({"bad": "in(branch, [3])"}, "lists values of another kind"),
        ({"bad": "if(branch, 1, 0)"}, "wants a condition"),
        ({"bad": "if(people_wan > 3, branch, 0)"}, "category"),
        ({"bad": "branch * people_wan"}, r"'\*' of a category"),
    ],
)
def test_what_is_reckoned_with_a_category_is_refused(tmp_path, variables, message):
    with pytest.raises(ShidianError, match=message):
        run(tmp_path, variables={**STUDY["variables"], **variables})


def test_a_category_is_no_outcome_and_no_control(tmp_path):
    exhibit = {"id": "t", "kind": "did_table", "columns": [{"controls": ["industry"]}]}
    with pytest.raises(ShidianError, match=r"exhibits\[1\]'.*'industry' under 'controls' is a category, not a number"):
        run(tmp_path, [exhibit])
