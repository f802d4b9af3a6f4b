"""The exhibit: its table, note, figure and ledger say what the draws are; every bad input has its error."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from placebo_panels import BASE, INFO, make_panel
from shidian.did.event_study import Window, fit_event_study
from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.exhibits.placebo.placebo import estimate as placebo
from shidian.exhibits.result import ExhibitResult
from shidian.placebo.draws import gather
from shidian.placebo.prepare import prepare
from shidian.placebo.settings import read_settings
from shidian.report.figures.draw import render_figure


def test_numbers_of_the_table_are_those_of_the_draws() -> None:
    panel = make_panel(balanced=False)
    result = placebo.run(panel, BASE, INFO)
    draws = gather([placebo.draw_chunk(panel, BASE, INFO, a, b) for a, b in placebo.chunks(BASE, INFO)], 200)
    truth = regress(panel, "y", ["policy", "x1", "x2"], ["unit", "year"], BASE["vcov"], "reghdfe").fit
    found = result.estimates.set_index(["column", "term"])["estimate"]
    coefficient, t = found["policy: coefficient"], found["policy: t"]
    assert coefficient["observed"] == pytest.approx(truth.coef[0], abs=1e-10)
    assert t["observed"] == pytest.approx(truth.coef[0] / truth.se[0], abs=1e-8)
    assert coefficient["mean"] == pytest.approx(draws["estimate"].mean())
    assert coefficient["sd"] == pytest.approx(draws["estimate"].std())
    assert coefficient["q2.5"] == pytest.approx(draws["estimate"].quantile(0.025))
    assert t["q95"] == pytest.approx(draws["statistic"].quantile(0.95))
    assert t["share_5"] == pytest.approx((draws["p"] < 0.05).mean())
    as_extreme = (draws["estimate"].abs() >= abs(truth.coef[0])).sum()
    assert coefficient["p_two_sided"] == pytest.approx((1 + as_extreme) / 201)
    as_extreme = (draws["statistic"] <= truth.coef[0] / truth.se[0]).sum()
    assert t["p_left"] == pytest.approx((1 + as_extreme) / 201)
    for row in result.table.rows:
        for cell in row.cells:
            if cell.ref:
                assert cell.ref[2] == "estimate"
                assert cell.text.split(" ")[0] == f"{found[cell.ref[:2]]:.4f}"
    assert result.figure.data["draws"]["estimate"].tolist() == draws["estimate"].tolist()
    assert ExhibitResult.from_json(result.to_json()).to_json() == result.to_json()
    png, pdf = render_figure(result.figure)
    assert png.startswith(b"\x89PNG")
    assert pdf.startswith(b"%PDF")


def test_the_note_says_how_draws_were_made() -> None:
    spec = {**BASE, "mode": "random", "strata": "province", "draws": 40, "statistic": "t"}
    result = placebo.run(make_panel(), spec, INFO)
    text = " ".join(result.notes)
    for part in (
        "40 placebo draws: treated units and their adoption years are both drawn at random, within each province",
        "random stream (7, d)", "clustered by city (CRV1)", "convention of reghdfe", "40 clusters",
        "Every draw gave an estimate.", "Randomisation p = (1 + number",
        "the studentised test, of estimate / standard error",
    ):  # fmt: skip
        assert part in text
    assert result.figure.options["x_label"] == "t statistic of the placebo estimate of policy"
    assert "SIMULATED" not in text
    simulated = placebo.run(make_panel(), spec, type(INFO)("study", "city", "policy", simulated=True, seed=7))
    assert "SIMULATED" in " ".join(simulated.notes)


def test_what_the_placebo_sample_leaves_out_is_in_the_ledger() -> None:
    panel = make_panel()
    treated = panel["adoption_year"].notna()
    panel.loc[(~treated).idxmax(), "y"] = np.nan
    spec = {**BASE, "draws": 10}
    ledger = placebo.run(panel, {**spec, "mode": "in_time"}, INFO).ledger.set_index("reason")["rows"]
    after = (panel["year"] >= panel["adoption_year"]).fillna(False).sum()
    assert ledger["years from the true adoption on"] == after
    assert ledger["missing value"] == 1
    ledger = placebo.run(panel, {**spec, "pool": "never_treated"}, INFO).ledger.set_index("reason")
    reason = "truly treated; draws are among the others"
    assert ledger.loc[reason, ["units", "rows"]].tolist() == [16, int(treated.sum())]


def test_leads_leave_out_units_without_a_year_left_in_the_sample() -> None:
    """A lagged control is missing in 2001: the sample begins in 2002, and lead 2 would treat 2004's adopters always."""
    panel = lagged(make_panel())
    early = panel["adoption_year"].eq(2004).fillna(False) & (panel["year"] < 2004)
    spec = {**BASE, "mode": "in_time", "leads": [1, 2], "draws": 2}
    result = placebo.run(panel, spec, INFO)
    ledger = result.ledger.set_index("reason")
    reason = "adopts within 2 years of its first year in the sample: no year is left before the earliest lead"
    units = panel.loc[early, "unit"].nunique()
    assert units >= 2
    assert ledger.loc[reason, ["units", "rows"]].tolist() == [units, 3 * units]
    kept = panel.loc[~panel["unit"].isin(panel.loc[early, "unit"])]
    assert ledger.loc["missing value", "rows"] == kept["unit"].nunique()
    prepared = prepare(panel, read_settings(spec, INFO.seed), "policy")
    assert prepared.scheme.table is not None
    assert prepared.design.years[prepared.scheme.table].min() == 2003
    draws = placebo.draw_chunk(panel, spec, INFO, 0, 1)
    pd.testing.assert_frame_equal(draws, placebo.draw_chunk(kept, spec, INFO, 0, 1))
    later = placebo.run(kept, spec, INFO).ledger["reason"]
    assert reason not in later.tolist()


def test_absorbed_draws_are_counted_and_left_out() -> None:
    """Provinces of two units, province x year effects: a draw that treats both units of a province is absorbed."""
    panel = make_panel(n=10)
    panel["adoption_year"] = panel["unit"].map({"c000": 2005, "c006": 2005}).astype("Int64")
    panel["policy"] = (panel["year"] >= panel["adoption_year"]).fillna(False).astype("int64")
    spec = {**BASE, "fixed_effects": ["unit", "province_year"], "controls": [], "draws": 300}
    draws = placebo.draw_chunk(panel, spec, INFO, 0, 299)
    absorbed = draws["status"] == "absorbed"
    assert 15 < absorbed.sum() < 60  # 5 of the 45 pairs of units, 33 of 300 draws
    assert draws.loc[absorbed, ["estimate", "se", "statistic", "p"]].isna().all(axis=None)
    assert draws.loc[~absorbed, "estimate"].notna().all()
    slow = placebo.draw_chunk(panel, {**spec, "estimator": "feols"}, INFO, 0, 59)
    assert slow["status"].tolist() == draws["status"].tolist()[:60]
    result = placebo.run(panel, spec, INFO)
    reason = "fixed effects and controls absorb the pseudo-treatment"
    assert f"{absorbed.sum()} of 300 draws gave no estimate and are left out there: {reason}." in result.notes
    assert len(result.figure.data["draws"]) == 300 - absorbed.sum()
    found = result.estimates.set_index(["column", "term"])["estimate"]
    kept = draws.loc[~absorbed, "estimate"]
    more = (kept.abs() >= abs(found["policy: coefficient", "observed"]) * (1 - 1e-10)).sum()
    assert found["policy: coefficient", "p_two_sided"] == pytest.approx((1 + more) / (1 + len(kept)))


def test_event_study_exhibit() -> None:
    panel = make_panel(balanced=False)
    spec = {**BASE, "estimator": "event_study", "window": [-3, 2], "draws": 100}
    result = placebo.run(panel, spec, INFO)
    study = fit_event_study(panel, "y", ["x1", "x2"], ["unit", "year"], Window(-3, 2), BASE["vcov"], "reghdfe")
    want = study.effects.set_index("term")
    found = result.estimates.set_index(["column", "term"])["estimate"]
    fit = placebo.fit_observed(panel, spec, INFO)
    assert fit.terms == ("tau-3", "tau-2", "tau+0", "tau+1", "tau+2")
    for term, coef, se in zip(fit.terms, fit.coef, fit.se, strict=True):
        assert coef == pytest.approx(want.loc[term, "estimate"], abs=1e-9)
        assert se == pytest.approx(want.loc[term, "se"], abs=1e-9)
        assert found[f"{term}: coefficient", "observed"] == coef
    assert [row.label for row in result.table.rows] == ["τ = -3", "τ = -2", "τ = 0", "τ = 1", "τ = 2"]
    assert result.figure.data["bands"]["tau"].tolist() == [-3, -2, 0, 1, 2]
    assert render_figure(result.figure)[0].startswith(b"\x89PNG")
    assert ExhibitResult.from_json(result.to_json()).to_json() == result.to_json()


def test_event_times_that_no_unit_reaches_are_absorbed_in_that_draw() -> None:
    panel = make_panel()
    spec = {**BASE, "estimator": "event_study", "window": [-6, 2], "mode": "random", "treated": 2, "draws": 60}
    draws = placebo.draw_chunk(panel, spec, INFO, 0, 59)
    gone = draws.loc[draws["status"] == "absorbed"]
    assert set(gone["term"]) >= {"tau-6"}
    assert draws.loc[draws["status"] == "ok", "estimate"].notna().all()
    assert gone["estimate"].isna().all()


def test_a_distribution_off_centre_is_a_warning() -> None:
    """In-time placebos of units that were rising before they were treated: anticipation, not chance."""
    panel = make_panel()
    rising = panel["adoption_year"].notna() * (panel["year"] - 2001) * 0.5
    result = placebo.run(panel.assign(y=panel["y"] + rising), {**BASE, "mode": "in_time"}, INFO)
    assert len(result.warnings) == 1
    assert "is not centred at zero" in result.warnings[0]
    assert not placebo.run(panel, BASE, INFO).warnings


def test_a_control_that_is_absorbed_is_dropped_and_said() -> None:
    panel = make_panel().assign(constant_of_unit=lambda p: p["unit"].str[1:].astype(float))
    result = placebo.run(panel, {**BASE, "controls": ["x1", "constant_of_unit"], "draws": 10}, INFO)
    assert "control constant_of_unit absorbed by fixed effects or earlier controls" in result.ledger["reason"].tolist()
    without = placebo.run(panel, {**BASE, "controls": ["x1"], "draws": 10}, INFO)
    np.testing.assert_allclose(result.estimates["estimate"], without.estimates["estimate"], atol=1e-9)


def lost_year(panel: pd.DataFrame) -> pd.DataFrame:
    return panel[panel["year"] != 2005]


def late(panel: pd.DataFrame) -> pd.DataFrame:
    panel.loc[panel["unit"] == "c001", ["adoption_year", "policy"]] = [2030, 0]
    return panel


def before_the_first(panel: pd.DataFrame) -> pd.DataFrame:
    panel.loc[panel["unit"] == "c001", "adoption_year"] = 1999
    panel["policy"] = (panel["year"] >= panel["adoption_year"]).fillna(False).astype("int64")
    return panel


def twice(panel: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([panel, panel.iloc[:1]], ignore_index=True)


def differing(panel: pd.DataFrame) -> pd.DataFrame:
    panel.loc[(panel["unit"] == "c001") & (panel["year"] > 2006), ["adoption_year", "policy"]] = [2007, 1]
    panel.loc[(panel["unit"] == "c001") & (panel["year"] <= 2006), ["adoption_year", "policy"]] = [2008, 0]
    return panel


def ending(panel: pd.DataFrame) -> pd.DataFrame:
    treated = panel.loc[panel["policy"] == 1, "unit"].iloc[0]
    panel.loc[(panel["unit"] == treated) & (panel["year"] == 2008), "policy"] = 0
    return panel


def untreated(panel: pd.DataFrame) -> pd.DataFrame:
    return panel.assign(adoption_year=pd.array([pd.NA] * len(panel), dtype="Int64"), policy=0)


def mostly_treated(panel: pd.DataFrame) -> pd.DataFrame:
    never = panel.loc[panel["adoption_year"].isna(), "unit"].unique()
    return panel.loc[~panel["unit"].isin(never[2:])]


def one_year_before(panel: pd.DataFrame) -> pd.DataFrame:
    panel["adoption_year"] = panel["adoption_year"].where(panel["adoption_year"].isna(), 2002)
    panel["policy"] = (panel["year"] >= panel["adoption_year"]).fillna(False).astype("int64")
    return panel


def lagged(panel: pd.DataFrame) -> pd.DataFrame:
    panel.loc[panel["year"] == 2001, "x1"] = np.nan
    return panel


def infinite(name: str, value: float = np.inf) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(panel: pd.DataFrame) -> pd.DataFrame:
        panel.loc[(panel["unit"] == "c003") & (panel["year"] == 2005), name] = value
        return panel

    return change


BAD = [
    ({"draws": 0}, None, "'draws' of a placebo exhibit is a whole number from 1 to 10000000, not 0"),
    ({"chunk": 0}, None, "'chunk' of a placebo exhibit is a whole number from 1"),
    ({"draws": 2.5}, None, "'draws' of a placebo exhibit is a whole number"),
    ({"mode": "permut"}, None, r"'mode' is one of permute, random, in_time, not 'permut' \(did you mean 'permute'\?\)"),
    ({"statistic": "f"}, None, "'statistic' is one of coefficient, t"),
    ({"ssc": "stata"}, None, "ssc is one of fixest, reghdfe, xtreg"),
    ({"vcov": {"kind": "cluster", "by": ["unit", "year"]}}, None, "clustered by one column, not by unit and year"),
    ({"vcov": {"kind": "robust"}}, None, "kind is iid, hetero or cluster"),
    ({"ssc": "xtreg", "vcov": {"kind": "hetero"}}, None, "xtreg has no unclustered robust errors"),
    ({"outcome": "yy"}, None, r"the panel has no column 'yy'"),
    ({"strata": "provinz"}, None, r"the panel has no column 'provinz' \(did you mean 'province'\?\)"),
    ({"assign_by": "provinces"}, None, "the panel has no column 'provinces'"),
    ({"assign_by": "province"}, None, "province p0 has rows with different adoption years"),
    ({"mode": "random", "treated": 41}, None, "each draw treats 41 units, but only 40 can be drawn"),
    ({"mode": "random", "treated": 0}, None, "1 or more, not 0"),
    ({"mode": "random", "treated": 4, "strata": "province"}, None, "'treated' and 'strata' exclude each other"),
    ({"treated": 4}, None, "'treated' belongs to mode 'random'"),
    ({"mode": "random", "adoption_years": [2003, 2031]}, None, "adoption year 2031 is outside the sample's years"),
    ({"adoption_years": [2003]}, None, "'adoption_years' belongs to mode 'random'"),
    ({"mode": "in_time", "strata": "province"}, None, "'strata' and 'pool' do not apply"),
    ({"mode": "in_time", "leads": [1, 1], "draws": 2}, None, "'leads' are distinct numbers of years"),
    ({"mode": "in_time", "leads": [1, 2]}, None, "'draws' is 200, but each of the 2 'leads' is one draw"),
    ({"mode": "in_time", "leads": [9], "draws": 1}, None, "no treated unit has years enough before its adoption"),
    ({"mode": "in_time", "leads": [5], "draws": 1}, lagged, "no treated unit has years enough before its adoption"),
    ({"mode": "in_time"}, one_year_before, "no treated unit has years enough before its adoption"),
    ({"pool": "never_treated"}, mostly_treated, "each draw treats 16 units, but only 2 can be drawn"),
    ({"pool": "never_treated", "strata": "province"}, mostly_treated, "stratum 'p.' has treated units but no unit"),
    ({"estimator": "event_study"}, None, "'window' and the estimator 'event_study' go together"),
    ({"window": [-3, 2]}, None, "'window' and the estimator 'event_study' go together"),
    ({"estimator": "event_study", "window": [-3, 2], "ends": "drop"}, None, "choose 'bin' or 'omit'"),
    ({"estimator": "callaway"}, None, "no placebo estimator 'callaway'"),
    ({"sample": {"keep": {"region": 1}}}, None, "the panel has no column 'region'"),
    ({"weights": "x1"}, None, r"the weight 'x1' of unit c\d+ in 20\d\d .* is negative"),
    ({"weights": "weight"}, infinite("weight"), "the weight 'weight' of unit c003 in 2005 is infinite"),
    ({}, infinite("y", -np.inf), "'y' must be finite; unit c003 in 2005 has -inf: a logarithm of zero"),
    ({"estimator": "feols"}, infinite("x2"), "'x2' must be finite; unit c003 in 2005 has inf: a logarithm of zero"),
    ({}, late, "unit c001 adopts in 2030, which is outside the sample's years 2001-2008"),
    ({}, before_the_first, "unit c001 adopts in 1999, before the sample's first year 2001"),
    ({"estimator": "event_study", "window": [-3, 2]}, twice, "unit 'c000' has 2 rows in 2001"),
    ({}, lost_year, r"unit c\d+ adopts in 2005, a year that is not in the sample"),
    ({}, differing, "unit c001 has rows with different adoption years"),
    ({}, ending, "placebo draws need a treatment that starts in the adoption year and stays"),
    ({}, untreated, "no unit of the sample is treated"),
    ({"mode": "in_time"}, untreated, "no unit of the sample is treated: there is no adoption year to move"),
    ({"fixed_effects": ["unit", "year", "unit_year"]}, None, "the panel has no column 'unit_year'"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "change_panel", "message"), BAD, ids=[m[:45] for _, _, m in BAD])
def test_bad_input_is_a_named_error(changes: dict, change_panel, message: str) -> None:
    panel = make_panel()
    if change_panel:
        panel = change_panel(panel)
    with pytest.raises(EstimationError, match=message):
        placebo.run(panel, {**BASE, **changes}, INFO)


def test_a_regression_takes_several_rows_of_a_unit_in_a_year() -> None:
    frame = placebo.draw_chunk(twice(make_panel()), BASE, INFO, 0, 4)
    assert frame["status"].eq("ok").all()


def test_draws_outside_those_declared() -> None:
    with pytest.raises(EstimationError, match="draws 150 to 200 are not among the declared draws 0 to 199"):
        placebo.draw_chunk(make_panel(), BASE, INFO, 150, 200)


def test_leads_beyond_those_declared() -> None:
    spec = {k: v for k, v in BASE.items() if k != "draws"} | {"mode": "in_time", "leads": [1, 2]}
    with pytest.raises(EstimationError, match="draws 0 to 2 are not among the declared draws 0 to 1"):
        placebo.draw_chunk(make_panel(), spec, INFO, 0, 2)


def test_too_many_levels_for_the_batched_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shidian.placebo.projection.MAX_LEVELS", 30)
    with pytest.raises(EstimationError, match="have 40 levels; the placebo engine takes 30"):
        placebo.run(make_panel(), {**BASE, "fixed_effects": ["unit", "province_year"]}, INFO)


def test_missing_keys() -> None:
    with pytest.raises(EstimationError, match="the placebo exhibit needs 'vcov'"):
        placebo.run(make_panel(), {k: v for k, v in BASE.items() if k != "vcov"}, INFO)
