"""Who is treated: adoption years in a column, status formulas, treatments that end or have doses."""

import copy

import numpy as np
import pandas as pd
import pytest
from shidian.errors import PanelError, ShidianError, StudyError

from .built_study import built_study, flat_source
from .firms_in_cities import (
    PILOTS,
    STUDY,
    column_study,
    demeaned,
    firm_source,
    firms,
    nested,
    of,
    pilot_source,
    starts_of,
)


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


def test_a_map_of_doses_outlines_nothing(tmp_path):
    study = copy.deepcopy(STUDY) | {"treatment": {"name": "did", "status": "city", "kind": "continuous"}}
    study["exhibits"] = [{"id": "mine", "kind": "map", "years": [2003]}]
    sources = [(firm_source(), firms()), (pilot_source(), PILOTS)]
    with pytest.raises(StudyError, match=r"exhibit 'mine': the kind map outlines .* write 'outline: none' to draw"):
        built_study(tmp_path / "a", study, sources)
    study["exhibits"][0]["outline"] = "none"
    result = built_study(tmp_path / "b", study, sources).results["mine"]
    assert result.figure is not None
    assert not result.figure.data["units"]["treated"].any()


def test_always_treated_units_have_no_year_to_be_told_by(tmp_path):
    study = copy.deepcopy(STUDY) | {"treatment": {"name": "did", "status": "city", "kind": "continuous"}}
    study["exhibits"] = [{"id": "mine", "kind": "did_table", "columns": [{}, {"always_treated": "leave_out"}]}]
    with pytest.raises(StudyError, match="exhibit 'mine': 'always_treated: leave_out' tells units by their year"):
        built_study(tmp_path, study, [(firm_source(), firms()), (pilot_source(), PILOTS)])
