"""Samples on which staggered estimators print wrong numbers without a word: each made here, run as an exhibit."""

import re

import numpy as np
import pandas as pd
import pytest
from shidian.did.staggered import ESTIMATORS, design
from shidian.exhibits.result import StudyInfo
from shidian.report.words import in_words

from tests.did.simulate import exact_panel, staggered_panel
from tests.exhibits.exhibit_checks import check_exhibit, run_exhibit, value

INFO = StudyInfo("case", "city", "did")
DEFAULTS = {
    "outcome": "y", "controls": [], "fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": "unit"},
    "ssc": "reghdfe",
}  # fmt: skip
COLUMNS = {
    "callaway_santanna": "Callaway-Sant'Anna", "sun_abraham": "Sun-Abraham", "lp_did": "LP-DID", "stacked": "Stacked",
}  # fmt: skip


def run(panel, estimators=tuple(COLUMNS), study=DEFAULTS, **changes):
    spec = {"window": [-4, 3], "estimators": list(estimators), "second_engine": False, **changes}
    result = run_exhibit("staggered_did", panel, spec, study, INFO)
    check_exhibit("staggered_did", result, INFO)
    return result


def made(cohorts, years, effect=2.0, noise=0.3, seed=2, n=20):
    """Return ``n`` units of each cohort (None = never treated) with unit and year effects."""
    rng = np.random.default_rng(seed)
    rows = []
    for i, g in enumerate(np.repeat(np.array(cohorts, dtype=object), n)):
        own = rng.normal()
        for t in years:
            gain = effect if g is not None and t >= g else 0.0
            rows.append((f"u{i:03d}", t, g, own + 0.1 * (t - years[0]) + gain + noise * rng.normal()))
    frame = pd.DataFrame(rows, columns=["unit", "year", "adoption_year", "y"])
    return frame.assign(adoption_year=frame["adoption_year"].astype("Int64"))


def own_long_differences(panel, g, base, year):
    """Return the change of cohort g from base to year less that of the never-treated."""
    wide = panel.pivot(index="unit", columns="year", values="y")
    adopted = panel.groupby("unit")["adoption_year"].first()
    change = wide[year] - wide[base]
    return change[adopted == g].mean() - change[adopted.isna()].mean()


def test_a_cohort_without_outcomes_in_the_year_before_adoption_has_an_earlier_base():
    """Case 02: 2007's outcome is missing in 2006; its base is 2005, and no lead turns into -2."""
    panel = made([2004, 2007, None], range(2001, 2011))
    panel.loc[panel["adoption_year"].eq(2007) & panel["year"].eq(2006), "y"] = np.nan
    result = run(panel, balance="pair")
    cells = {(g, t): own_long_differences(panel, g, b, t) for g, b in ((2004, 2003), (2007, 2005))
             for t in range(g, 2011)}  # fmt: skip
    expected = np.mean(list(cells.values()))
    for column in ("Callaway-Sant'Anna", "Sun-Abraham"):
        assert value(result, column, "ATT") == pytest.approx(expected, abs=1e-9)
        assert value(result, column, "tau-2") == pytest.approx(own_long_differences(panel, 2004, 2003, 2002), abs=1e-9)
    for column in COLUMNS.values():
        assert value(result, column, "ATT") == pytest.approx(2, abs=0.2)
    assert any("Base period where τ = -1 is not observed, by cohort: τ = -2 (2007)." in n for n in result.notes)
    full = run(panel)
    assert "Column Callaway-Sant'Anna: Groups with no unit observed in every year, left out: 2007." in full.notes
    line = full.ledger[full.ledger["reason"] == "not observed in every year"].iloc[0]
    assert (line["units"], line["rows"]) == (20, 180)
    assert "all 20 units of group 2007 (y missing in 2006)" in line["subject"]
    assert any(
        w.startswith(
            "Callaway-Sant'Anna: all 20 units of group 2007 left out for gaps (y missing in 2006): the group is"
        )
        for w in full.warnings
    )


def test_a_group_lost_to_gaps_beside_other_gaps_is_told_apart():
    """The group that is lost and the units of other groups have a line each; its own times are dashes, not absent."""
    panel = made([2004, 2008, None], range(2001, 2011))
    panel.loc[panel["adoption_year"].eq(2008) & panel["year"].eq(2010), "y"] = np.nan
    panel = panel[~(panel["unit"].isin(["u000", "u045"]) & panel["year"].eq(2002))]
    result = run(panel, window=[-7, 6], estimators=["callaway_santanna"])
    lines = result.ledger[result.ledger["reason"] == "not observed in every year"].set_index("subject")
    group = lines[lines.index.str.endswith("all 20 units of group 2008 (y missing in 2010)")]
    other = lines[lines.index.str.endswith("2 units (no row in 2002)")]
    assert (group["units"].item(), group["rows"].item()) == (20, 180)
    assert (other["units"].item(), other["rows"].item()) == (2, 18)
    for tau in ("tau-7", "tau-5"):
        assert value(result, "Callaway-Sant'Anna", tau, "reason") == "no unit of group 2008 is observed in every year"
    assert "tau-1" not in set(result.estimates["term"])
    assert value(result, "Callaway-Sant'Anna", "tau+6") == pytest.approx(2, abs=0.5)


@pytest.mark.parametrize("always", [0, 2])
def test_no_relative_time_of_the_window_is_observed_after_adoption(always):
    """Years 2000, 2006, 2008 and adoption in 2002: times are -2, 4, 6; averages over them exist, others are refused."""
    panel = exact_panel([2002] * 4 + [1990] * always + [None] * 8, [2000, 2006, 2008])
    result = run(panel, window=[-3, 2], estimators=list(ESTIMATORS))
    overall = result.estimates[result.estimates["term"] == "ATT"].set_index("column")
    for name in ("Callaway-Sant'Anna", "Sun-Abraham", "Imputation (BJS)", "Two-stage (Gardner)"):
        assert overall.loc[name, "estimate"] == pytest.approx(1)
    for name in ("LP-DID", "Stacked"):
        assert np.isnan(overall.loc[name, "estimate"])
        assert overall.loc[name, "reason"]
    after = result.estimates["term"].isin(["tau+0", "tau+1", "tau+2"]) & (result.estimates["column"] != "TWFE")
    assert result.estimates.loc[after, "estimate"].isna().all()


def test_all_treated_units_lost_to_gaps_are_named():
    panel = made([2004, 2007, None], range(2001, 2011))
    panel.loc[panel["adoption_year"].notna() & panel["year"].eq(2009), "y"] = np.nan
    result = run(panel, estimators=["callaway_santanna"])
    told = (
        "no treated unit is observed in every year, and Callaway-Sant'Anna with balance full wants such units "
        "(all 20 units of group 2004, y missing in 2009; all 20 units of group 2007, y missing in 2009): "
        "take balance pair, or fill the gaps"
    )
    assert value(result, "Callaway-Sant'Anna", "ATT", "reason") == told
    assert result.ledger["reason"].tolist()[-1] == told
    paired = run(panel, estimators=["callaway_santanna"], balance="pair")
    assert value(paired, "Callaway-Sant'Anna", "ATT") == pytest.approx(2, abs=0.2)


def test_a_two_yearly_panel_has_its_base_two_years_before():
    """Case 03: years 2001, 2003, ..., adoption 2003 and 2005; time counts in years."""
    panel = made([2003, 2005, None], range(2001, 2011, 2), effect=1.0)
    result = run(panel, window=[-4, 6])
    for column in COLUMNS.values():
        rows = result.estimates[result.estimates["column"] == column]
        assert set(rows["term"]) <= {"ATT", "tau-4", "tau+0", "tau+2", "tau+4", "tau+6"}
    expected = [own_long_differences(panel, g, g - 2, g + 2) for g in (2003, 2005)]
    for column in ("Callaway-Sant'Anna", "Sun-Abraham"):
        assert value(result, column, "tau+2") == pytest.approx(np.mean(expected), abs=1e-9)
    assert any("Reference τ = -2." in note for note in result.notes)
    figure = result.figure.data["points"]
    assert figure.loc[figure["is_reference"], "tau"].eq(-2).all()


def test_adoption_between_two_surveys():
    """Adoption in 2004 and 2005 of a panel of odd years: each cohort has its own base, times are years since."""
    panel = made([2004, 2005, None], range(1999, 2012, 2), effect=1.0, noise=0.0)
    result = run(panel, window=[-5, 4])
    rows = result.estimates
    after = rows["term"].isin(["ATT", "tau+0", "tau+1", "tau+2", "tau+3", "tau+4"])
    assert rows.loc[after, "estimate"].to_numpy() == pytest.approx(1, abs=1e-9)
    assert rows.loc[~after, "estimate"].to_numpy() == pytest.approx(0, abs=1e-9)
    assert {"tau+1", "tau+2", "tau-3", "tau-4"} <= set(rows.loc[rows["column"] == "LP-DID", "term"])


def test_a_lost_calendar_year_before_adoption():
    """Case 15: one cohort of 2007, no year 2006."""
    panel = made([2007, None], [2003, 2004, 2005, 2007, 2008, 2009, 2010, 2011], effect=1.0, noise=1e-6, n=10)
    result = run(panel)
    rows = result.estimates.set_index("term")["estimate"]
    assert rows[["tau-4", "tau-3"]].to_numpy() == pytest.approx(0, abs=1e-5)
    assert rows.drop(["tau-4", "tau-3"]).to_numpy() == pytest.approx(1, abs=1e-5)
    assert "Base period where τ = -1 is not observed, by cohort: τ = -2 (2007)." in result.notes


def test_gaps_do_not_move_stacked_did():
    """Case 16: a fifth of the rows missing, no noise, years that differ by more than a trend."""
    panel = staggered_panel(seed=4, effect=lambda tau: 1.0 + 0 * tau, noise=0.0)
    panel = panel[np.random.default_rng(1).random(len(panel)) > 0.2]
    result = run(panel, ["stacked"], window=[-3, 2])
    rows = result.estimates.set_index("term")["estimate"]
    assert rows[["ATT", "tau+0", "tau+1", "tau+2"]].to_numpy() == pytest.approx(1, abs=1e-9)
    assert rows[["tau-3", "tau-2"]].to_numpy() == pytest.approx(0, abs=1e-9)
    assert any("The stacks have gaps" in note for note in result.notes)
    assert not any(
        "The stacks have gaps" in n for n in run(staggered_panel(4, lambda tau: 1.0 + tau), ["stacked"]).notes
    )


def test_never_treated_units_left_out_for_gaps_are_counted():
    """Case 11: the control x is missing in 2004 for the never-treated alone."""
    panel = made([2004, 2006, None], range(2001, 2009), n=15)
    panel["x"] = np.sin(np.arange(len(panel)))
    panel.loc[panel["adoption_year"].isna() & panel["year"].eq(2004), "x"] = np.nan
    study = {**DEFAULTS, "controls": ["x"]}
    result = run(panel, study=study)
    told = "no never-treated unit is left to compare with: all 15 were left out for gaps (x missing in 2004)"
    assert value(result, "Callaway-Sant'Anna", "ATT", "reason").startswith(told)
    assert any("2004 in 2004, 2006 in 2004 (no never-treated unit is observed in 2004 (x missing in 2004))" in n
               for n in result.notes)  # fmt: skip
    assert value(result, "Sun-Abraham", "ATT") == pytest.approx(2, abs=0.3)
    paired = run(panel, ["callaway_santanna"], study, balance="pair")
    assert value(paired, "Callaway-Sant'Anna", "ATT") == pytest.approx(2, abs=0.3)
    panel.loc[panel["adoption_year"].isna(), "x"] = np.nan
    result = run(panel, study=study)
    told = "all 15 were left out (x missing in 2001-2008)"
    for column in ("Callaway-Sant'Anna", "Sun-Abraham"):
        assert told in value(result, column, "ATT", "reason")
    assert f"no never-treated unit is in the sample: {told}" in result.warnings
    assert not any(w.startswith("no never-treated units:") for w in result.warnings)


def test_units_of_one_cohort_observed_at_different_times():
    """Half of a cohort is seen in even years before adoption, half in odd ones: each half has a base of its own."""
    panel = made([2005, None], range(2001, 2010), effect=1.0, noise=0.0)
    number = panel["unit"].str[1:].astype(int)
    treated = panel["adoption_year"].notna()
    first = treated & (number % 2 == 0) & panel["year"].isin([2001, 2003, 2004, 2006, 2008])
    second = treated & (number % 2 == 1) & panel["year"].isin([2002, 2005, 2007, 2009])
    result = run(panel[first | second | ~treated], ["sun_abraham", "stacked"], window=[-3, 3])
    rows = result.estimates
    after = rows["term"].isin(["ATT", "tau+0", "tau+1", "tau+2", "tau+3"])
    assert rows.loc[after, "estimate"].to_numpy() == pytest.approx(1, abs=1e-9)
    assert rows.loc[~after, "estimate"].to_numpy() == pytest.approx(0, abs=1e-9)
    assert any("by cohort: τ = -3 (2005)" in note for note in result.notes)


def test_a_year_without_never_treated_units_is_no_base_and_has_no_effect():
    panel = made([2005, None], range(2001, 2010), effect=1.0, noise=0.0)
    panel = panel[~(panel["adoption_year"].isna() & panel["year"].isin([2004, 2006]))]
    result = run(panel, balance="pair")
    assert any("by cohort: τ = -2 (2005)" in note for note in result.notes)
    for column in COLUMNS.values():
        assert value(result, column, "ATT") == pytest.approx(1, abs=1e-9)
        assert np.isnan(value(result, column, "tau+1"))
        assert "2006" in value(result, column, "tau+1", "reason") or column == "LP-DID"
        assert any("2005 in 2006" in note for note in result.notes)


def test_anticipation_moves_the_base_and_spares_its_years_the_test():
    rng = np.random.default_rng(3)
    panel = made([2005, 2007, None], range(2000, 2011), effect=1.0, noise=0.0)
    early = panel["year"] == panel["adoption_year"] - 1
    panel["y"] += 0.5 * early.fillna(False).to_numpy(dtype=float)
    result = run(panel, anticipation=1, control_group="not_yet_treated", window=[-4, 2])
    rows = result.estimates
    for term, truth in {"tau-4": 0, "tau-3": 0, "tau-1": 0.5, "tau+0": 1, "tau+2": 1, "ATT": 1}.items():
        assert rows.loc[rows["term"] == term, "estimate"].to_numpy() == pytest.approx(truth, abs=1e-9), term
    assert "tau-2" not in set(rows["term"])
    assert any("Reference τ = -2." in note for note in result.notes)
    assert any(note.startswith("Anticipation of 1 years allowed for") for note in result.notes)
    noisy = panel.assign(y=panel["y"] + rng.normal(0, 0.1, len(panel)))
    note = next(n for n in run(noisy, anticipation=1, window=[-4, 2]).notes if n.startswith("Callaway"))
    assert "χ²(8)" in note  # 2000-2003 less the base, 2000-2005 less the base, and no τ = -1
    with pytest.raises(Exception, match="a window of effects runs from -3 or earlier"):
        design(panel, "y", [], (-2, 2), anticipation=2)


def test_units_that_anticipate_by_the_last_year_are_not_never_treated():
    panel = made([2004, 2010, None], range(2001, 2010), effect=1.0, noise=0.0)
    assert design(panel, "y", [], (-2, 2)).panel["adoption_year"].nunique() == 1
    assert design(panel, "y", [], (-2, 2), anticipation=1).panel["adoption_year"].nunique() == 2


def test_always_treated_units_are_left_out_or_kept_by_name():
    """Case 06: units treated before the first year, with effects that grow."""
    panel = made([1999, 2004, 2006, None], range(2001, 2009), effect=1.0, noise=0.0, n=5)
    growing = panel["adoption_year"].eq(1999).fillna(False)
    panel.loc[growing, "y"] += 0.3 * (panel.loc[growing, "year"] - 1999)
    out = run(panel, ["twfe", "sun_abraham"])
    assert value(out, "TWFE", "ATT") == pytest.approx(1, abs=1e-9)
    line = out.ledger[out.ledger["step"] == "robust estimators"].iloc[0]
    assert (line["units"], line["rows"], line["reason"]) == (5, 40, "no year before adoption")
    kept = run(panel, ["twfe", "sun_abraham"], always_treated="keep")
    assert value(kept, "TWFE", "ATT") < 0.9
    assert "cannot use the 5 treated from their first year on" in value(kept, "Sun-Abraham", "ATT", "reason")
    assert any(n.startswith("Kept as controls of TWFE, treated from their first year on: u000") for n in kept.notes)
    assert any("5 units treated from their first year on are controls of TWFE" in w for w in kept.warnings)


def test_few_units_without_gaps_are_a_warning():
    panel = staggered_panel(seed=4, effect=lambda tau: 1.0 + 0 * tau)
    panel = panel[np.random.default_rng(1).random(len(panel)) > 0.15]
    result = run(panel, ["callaway_santanna", "sun_abraham"])
    used = value(result, "Callaway-Sant'Anna", "ATT", "n_units")
    assert used < 20
    assert any(w.startswith(f"Callaway-Sant'Anna: uses {used} of 60 units") for w in result.warnings)
    assert any(w.startswith("Callaway-Sant'Anna: only ") for w in result.warnings) == (used < 10)


@pytest.mark.parametrize(("case", "column", "expected"), [
    ("02_sunab_reference_unobserved", "Sun-Abraham", 1.9985),
    ("15_one_cohort_reference_year_missing", "Sun-Abraham", 1.0),
    ("16_stacked_with_gaps", "Stacked", 1.0),
])  # fmt: skip
def test_the_cases_themselves(shared, case, column, expected):
    panel = pd.read_csv(shared / "cases" / "estimators" / case / "data.csv").astype({"adoption_year": "Int64"})
    assert value(run(panel), column, "ATT") == pytest.approx(expected, abs=5e-5)


def test_every_sentence_and_warning_has_its_chinese():
    panel = made([2004, 2007, None], range(2001, 2011))
    gap = (panel["adoption_year"].eq(2007) & panel["year"].eq(2006)).fillna(False)
    panel = panel.assign(y=panel["y"].mask(gap))
    panel = panel[~(panel["unit"].isin(["u001", "u045"]) & panel["year"].isin([2003, 2005]))]
    for changes in (
        {},
        {"balance": "pair", "anticipation": 1},
        {"balance": "none", "control_group": "not_yet_treated"},
    ):
        result = run(panel, **changes)
        chinese = in_words(result, "zh")
        said = [*chinese.notes[1:], *chinese.warnings]
        assert len(said) > 6
        for text in said:
            plain = re.sub(r"[\w.-]+ missing in [\d, -]+( and \d+ more)?|no row in [\d, -]+|y missing", "", text)
            assert not re.search(r"(?<![A-Za-z'-])(the|of|not|and|are|is|by|units?)\b", plain), text
