"""Units treated in every year observed: left out or kept, in every exhibit of the policy."""

import numpy as np
import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.exhibits.result import StudyInfo
from shidian.report.words import in_words

from tests.did.simulate import exact_panel
from tests.exhibits.exhibit_checks import check_exhibit, run_exhibit, value

INFO = StudyInfo("cases", "city", "d", {"d": "Pilot"}, seed=1)
DEFAULTS = {
    "outcome": "y", "controls": [], "fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": "unit"},
    "ssc": "reghdfe",
}  # fmt: skip
WEIGHTS = {"kind": "k_nearest", "k": 3}
SPECS = {
    "did_table": {"columns": [{}]},
    "variations": {"variations": [{"label": "Other", "sample": {"last_year": 2008}}], "print_baseline": False},
    "mixed_table": {"columns": [{}]},
    "heterogeneity": {"splits": [{"variable": "south"}]},
    "event_study": {"window": [-3, 3]},
    "honest_did": {"window": [-3, 2], "relative_magnitudes": [], "smoothness": []},
    "goodman_bacon": {},
    "twfe_weights": {},
    "psm_did": {"covariates": ["x"], "base": "pooled", "neighbours": 2, "replacement": True},
    "mediation": {"mediators": ["m"], "replications": 0},
    "spillover_rings": {"edges_km": [0, 150]},
    "conley": {"cutoffs_km": [300]},
    "spatial_did": {"weights": WEIGHTS, "models": ["sar"], "vcov": {"kind": "iid"}},
    "spatial_selection": {"weights": WEIGHTS},
    "placebo": {"draws": 19},
}
ALWAYS = 5
WARNING = (
    "5 cities are treated in every year observed: they serve as controls of the others, and effects that still grow "
    "bias the estimate; `always_treated: leave_out` leaves them out"
)


@pytest.fixture(scope="module")
def panel():
    """Five cities treated before the first year with growing effects, two cohorts, ten never treated; effect 1."""
    starts = [1996] * ALWAYS + [2004] * 5 + [2006] * 5 + [None] * 10
    frame = exact_panel(starts, range(2001, 2010), lambda tau: 1.0 if tau < 5 else 1.0 + 0.3 * (tau - 5))
    rng, n = np.random.default_rng(3), len(starts)
    place = np.repeat(np.arange(n), 9)
    noise = rng.normal(size=(5, len(frame)))
    return frame.assign(
        y=frame["y"] + 0.1 * noise[0], x=noise[1] + 0.2 * (place % 7), m=noise[2] + 0.5 * frame["d"],
        south=(place % 2).astype("int64"), longitude=110 + rng.normal(size=n)[place],
        latitude=30 + rng.normal(size=n)[place], unit_name="City " + frame["unit"],
    )  # fmt: skip


def run(kind, panel, **changes):
    result = run_exhibit(kind, panel, {**SPECS[kind], **changes}, DEFAULTS, INFO)
    if kind not in ("spatial_selection", "placebo"):  # these print other cells than estimates
        check_exhibit(kind, result, INFO)
    return result


def numbers(result):
    return result.estimates[["column", "term", "estimate", "se"]]


@pytest.mark.parametrize("kind", SPECS)
def test_left_out_is_as_if_they_were_not_there(panel, kind):
    """The numbers are those of the panel without them; note and ledger name and count them."""
    without = run(kind, panel, always_treated="leave_out")
    alone = run(kind, panel[~panel["adoption_year"].eq(1996).fillna(False)].reset_index(drop=True))
    pd.testing.assert_frame_equal(numbers(without), numbers(alone), rtol=1e-9)
    names = ", ".join(f"City u{i:02d}" for i in range(ALWAYS))
    assert f"Treated in every year observed and left out: 5 units ({names})." in without.notes
    line = without.ledger[without.ledger["reason"].str.contains("always_treated: leave_out")]
    last = 8 if kind == "variations" else 9
    assert line[["units", "rows"]].to_numpy().tolist() == [[ALWAYS, ALWAYS * last]]
    assert not any("treated in every year observed" in w for w in without.warnings)
    assert any(n.startswith("剔除在观测期内始终处于处理状态的 5 个单元") for n in in_words(without, "zh").notes)


@pytest.mark.parametrize("kind", SPECS)
def test_kept_by_default_they_are_warned_of_and_named(panel, kind):
    if kind == "placebo":  # which hands out adoption years of the sample
        panel = panel.assign(adoption_year=panel["adoption_year"].clip(lower=2001))
    kept = run(kind, panel)
    pd.testing.assert_frame_equal(numbers(kept), numbers(run(kind, panel, always_treated="keep")))
    assert kept.warnings.count(WARNING) == 1
    assert any(n.startswith("Treated in every year observed and kept: 5 units (City u00, ") for n in kept.notes)
    few = run(kind, panel[~panel["adoption_year"].le(2001).fillna(False)])
    assert not any("treated in every year" in text for text in (*few.warnings, *few.notes))


def test_the_static_coefficient_is_bent_by_them_and_right_without(panel):
    kept, without = (run("did_table", panel, always_treated=how) for how in ("keep", "leave_out"))
    assert value(without, "(1)", "d") == pytest.approx(1, abs=0.1)
    assert abs(value(kept, "(1)", "d") - 1) > 3 * abs(value(without, "(1)", "d") - 1)


def test_a_column_may_differ_from_the_table(panel):
    columns = [{}, {"always_treated": "leave_out"}, {"treatment": "m"}]
    table = run("did_table", panel, columns=columns)
    both = run("did_table", panel, columns=[{}])
    assert value(table, "(1)", "d") == value(both, "(1)", "d")
    assert value(table, "(2)", "d") != value(table, "(1)", "d")
    assert f"Column (1): {WARNING}" in table.warnings
    assert any(n.startswith("Column (2): Treated in every year observed and left out: 5 units") for n in table.notes)
    assert not any("Column (3)" in w and "every year" in w for w in table.warnings)


def test_they_are_found_within_the_rows_that_are_used(panel):
    """A unit whose outcomes before adoption are missing, or whose years before are left out, has none before."""
    gone = panel.assign(y=panel["y"].where(~(panel["unit"].eq("u05") & (panel["year"] < 2004))))
    result = run("did_table", gone, always_treated="leave_out")
    assert any(
        "left out: 6 units (City u00, City u01, City u02, City u03, City u04, City u05)" in n for n in result.notes
    )
    late = run("event_study", panel, sample={"first_year": 2004}, always_treated="leave_out")
    assert any("left out: 10 units" in n for n in late.notes)
    early = run("event_study", panel, sample={"first_year": 2003}, window=[-3, 3], anticipation=1,
                always_treated="leave_out")  # fmt: skip
    assert any(
        n.startswith("Treated or anticipating in every year observed and left out: 10 units") for n in early.notes
    )


def test_everybody_treated_throughout_is_refused(panel):
    only = panel[panel["adoption_year"].eq(1996).fillna(False)]
    result = run_exhibit("did_table", only, {"columns": [{}], "always_treated": "leave_out"}, DEFAULTS, INFO)
    assert result.estimates["reason"].tolist() == ["every unit is treated in every year observed: none is left"]


def test_a_placebo_test_names_the_unit_whose_adoption_year_it_cannot_hand_out(panel):
    with pytest.raises(EstimationError, match="unit u00 adopts in 1996, before the sample's first year 2001; `always_"):
        run("placebo", panel)
    lost = panel[(panel["year"] != 2006) & ~panel["adoption_year"].eq(1996).fillna(False)]
    with pytest.raises(EstimationError, match="unit u10 adopts in 2006, a year without rows in the sample"):
        run("placebo", lost)


def test_case_06(shared):
    frame = pd.read_csv(shared / "cases" / "estimators" / "06_always_treated" / "data.csv", dtype={"unit": str})
    frame = frame.assign(adoption_year=frame["adoption_year"].astype("Int64"), d=frame["did"])
    tables = {how: run("did_table", frame, always_treated=how) for how in ("keep", "leave_out")}
    assert value(tables["keep"], "(1)", "d") == pytest.approx(0.858, abs=5e-4)
    assert value(tables["leave_out"], "(1)", "d") == pytest.approx(1.096, abs=5e-4)
    assert any(w.startswith("15 cities are treated in every year observed") for w in tables["keep"].warnings)
    studies = {how: run("event_study", frame, always_treated=how) for how in ("keep", "leave_out")}
    assert value(studies["keep"], "event study", "tau-2") == pytest.approx(0.61, abs=5e-3)
    assert value(studies["leave_out"], "event study", "tau-2") == pytest.approx(-0.34, abs=5e-3)
