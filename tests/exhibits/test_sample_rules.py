"""Rules of a declared sample: what each keeps, in which order, and what note and ledger say of them."""

import numpy as np
import pandas as pd
import pytest
from shidian.errors import EstimationError, StudyError
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.sample_rules import apply_rules

from tests.exhibits.exhibit_checks import run_exhibit, value

INFO = StudyInfo("made", "firm", "did", {"province": "Province"})
STUDY = {
    "outcome": "y", "controls": ["x"], "fixed_effects": ["unit", "year"], "ssc": "reghdfe",
    "vcov": {"kind": "cluster", "by": "unit"},
}  # fmt: skip


@pytest.fixture(scope="module")
def firms():
    """Thirty firms over six years, a tenth of rows missing, some values of x too; two provinces have one firm."""
    rng = np.random.default_rng(11)
    frame = pd.DataFrame(
        [(f"f{i:02d}", year) for i in range(30) for year in range(2001, 2007)], columns=["unit", "year"]
    )
    number = frame["unit"].str[1:].astype(int)
    frame["province"] = np.where(number < 2, 90 + number, number % 4)
    frame["did"] = ((number % 3 == 0) & (frame["year"] >= 2004)).astype(float)
    frame["x"], frame["y"] = rng.normal(size=(2, len(frame)))
    frame = frame[rng.uniform(size=len(frame)) > 0.09].reset_index(drop=True)
    frame["x"] = frame["x"].mask(rng.uniform(size=len(frame)) < 0.03)
    adopted = np.where(frame["unit"].str[1:].astype(int) % 3 == 0, 2004.0, np.nan)
    return frame.assign(unit_name=frame["unit"], adoption_year=pd.array(adopted, dtype="Float64").astype("Int64"))


def by_hand(frame, rule):
    """Return the rows that a rule keeps, unit by unit."""
    units = dict(list(frame.groupby("unit")))
    years = set(frame["year"])
    kept = {
        "complete": frame["x"].notna(),
        "complete_years": frame["unit"].isin([u for u, p in units.items() if {2002, 2005} <= set(p["year"])]),
        "observed_every_year": frame["unit"].isin([u for u, p in units.items() if set(p["year"]) == years]),
        "balanced": frame["unit"].isin([u for u, p in units.items() if set(p[p["x"].notna()]["year"]) == years]),
        "min_periods": frame["unit"].isin([u for u, p in units.items() if len(p) >= 5]),
        "drop_groups": ~frame["province"].isin([90, 91]),
        "one_row": [row.year == units[row.unit]["year"].min() for row in frame.itertuples()],
    }[rule]  # fmt: skip
    return frame[np.asarray(kept)]


DECLARED = {
    "complete": ["x"], "complete_years": [2002, 2005], "observed_every_year": True, "balanced": True, "min_periods": 5,
    "drop_groups": {"by": "province", "fewer_than": 2}, "one_row": {"which": "first"},
}  # fmt: skip


@pytest.mark.parametrize("rule", DECLARED)
def test_a_rule_keeps_what_it_says_and_counts_the_rest(firms, rule):
    kept, (cut,) = apply_rules(firms, {rule: DECLARED[rule]}, ["y", "x"])
    expected = by_hand(firms, rule)
    assert 0 < len(expected) < len(firms)
    pd.testing.assert_frame_equal(kept, expected)
    assert cut.rows == len(firms) - len(expected)
    assert cut.units == firms["unit"].nunique() - expected["unit"].nunique()


def test_rules_follow_each_other_in_one_order_however_they_are_written(firms):
    both = {"min_periods": 5, "complete": ["x"]}
    kept, cuts = apply_rules(firms, both)
    first = firms[firms["x"].notna()]
    pd.testing.assert_frame_equal(kept, first[first.groupby("unit")["year"].transform("size") >= 5])
    pd.testing.assert_frame_equal(kept, apply_rules(firms, dict(reversed(both.items())))[0])
    assert [cut.rows for cut in cuts] == [len(firms) - len(first), len(first) - len(kept)]


def test_an_exhibit_uses_them_and_says_so_in_note_ledger_and_used(firms):
    declared = {"columns": [{"sample": {"min_periods": 5}}, {"sample": {"balanced": True}}]}
    found = run_exhibit("did_table", firms, declared, STUDY, INFO)
    five = firms[firms.groupby("unit")["year"].transform("size") >= 5]
    assert value(found, "(1)", "did", "n_obs") == five["x"].notna().sum()
    assert value(found, "(2)", "did", "n_obs") == len(by_hand(firms, "balanced"))
    assert any("units observed in at least 5 years" in note for note in found.notes)
    lines = found.ledger[found.ledger["step"] == "declared sample"]
    assert lines["subject"].tolist() == ["my_did_table (1)", "my_did_table (2)"]
    assert lines["rows"].tolist() == [len(firms) - len(five), len(firms) - len(by_hand(firms, "balanced"))]
    assert len(found.used["(2)"].declared) == len(by_hand(firms, "balanced"))


def test_the_ledger_counts_the_rows_that_a_column_took(firms):
    """A regressor with gaps that no key of the column names is no reason for the ledger to count more than is gone."""
    gappy = firms.assign(did=firms["did"].mask(firms.index % 41 == 0))
    settings = {"outcome": "y", "controls": [], "sample": {"balanced": True}, "variables": ["y"]}
    found = run_exhibit("descriptives", gappy, settings, {}, INFO)
    lines = found.ledger[found.ledger["step"] == "declared sample"]
    kept = gappy["unit"].map(gappy.groupby("unit")["year"].nunique()) == gappy["year"].nunique()
    assert lines["rows"].tolist() == [(~kept).sum()]
    assert value(found, "n", "y", "estimate") == kept.sum()


def test_what_a_rule_cannot_do_is_named(firms):
    for declared, words in (
        ({"complete": ["z"]}, "the panel has no column 'z'"),
        ({"complete_years": [1999]}, "no year '1999' in the panel"),
        ({"min_periods": 7}, "none is left by 'units observed in at least 7 years'"),
        ({"drop_groups": {"by": "nowhere", "fewer_than": 2}}, "the panel has no column 'nowhere'"),
    ):
        with pytest.raises(EstimationError, match=words):
            apply_rules(firms, declared)
    with pytest.raises(StudyError, match=r"unknown key 'ballanced'.*did you mean 'balanced'"):
        run_exhibit("did_table", firms, {"columns": [{"sample": {"ballanced": True}}]}, STUDY, INFO)


def test_a_rule_that_is_false_is_none(firms):
    kept, cuts = apply_rules(firms, {"balanced": False, "observed_every_year": False}, ["y"])
    assert kept is firms
    assert cuts == []
