"""Estimators drawn one by one: each draw is what the estimator's own exhibit finds on that draw's panel."""

from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from placebo_panels import BASE, INFO, make_panel
from shidian.errors import EstimationError, SpecificationError
from shidian.exhibits.did.staggered_did import estimate as staggered_did
from shidian.exhibits.matching.psm_did import estimate as psm_did
from shidian.exhibits.placebo.placebo import estimate as placebo
from shidian.exhibits.placebo.words import draws_without_a_number
from shidian.placebo.assign import draw_assignments
from shidian.placebo.draws import pseudo_panel
from shidian.placebo.prepare import prepare
from shidian.placebo.registry import estimator_modules, find_estimator
from shidian.placebo.settings import read_settings
from shidian.placebo_estimators import DEFAULT, estimators
from shidian.study.kinds import kind_spec

CS = {**BASE, "estimator": "callaway_santanna", "controls": [], "draws": 6}
MATCHING = {"base": "base_year", "base_year": 2003, "neighbours": 2, "caliper": 0.5, "keep": "analytic"}
PSM = {**BASE, "estimator": "psm_did", "options": MATCHING, "draws": 6}
MODES = {
    "permute": {},
    "random": {"mode": "random", "adoption_years": [2004, 2006]},
    "strata": {"strata": "province"},
    "in time": {"mode": "in_time"},
    "never treated": {"pool": "never_treated"},
}


def panels(panel: pd.DataFrame, spec: dict) -> list[pd.DataFrame]:
    """Return the panel of each draw."""
    settings = read_settings(spec, INFO.seed)
    prepared = prepare(panel, settings)
    drawn = zip(*draw_assignments(prepared.scheme, settings.seed, 0, settings.draws - 1), strict=True)
    return [pseudo_panel(prepared, settings, "policy", units, cohorts) for units, cohorts in drawn]


def exhibit_numbers(module, panel: pd.DataFrame, spec: dict, column: str, term: str) -> tuple[float, float]:
    rows = module.run(panel, spec, INFO).estimates
    found = rows[(rows["column"] == column) & (rows["term"] == term)]
    assert len(found) == 1
    return found["estimate"].iloc[0], found["se"].iloc[0]


@pytest.mark.parametrize("rule", [None, "varying"])
def test_weighted_callaway_santanna_draws_are_those_of_its_exhibit(rule: str | None) -> None:
    panel = make_panel(n=60, seed=3)
    panel["people"] = np.random.default_rng(4).uniform(0.2, 6, len(panel))
    more = {"fix_weights": rule} if rule else {}
    spec = {**CS, "weights": "people", "options": more}
    draws = placebo.draw_chunk(panel, spec, INFO, 0, 5)
    exhibit = {
        "id": "robust", "kind": "staggered_did", "estimators": ["callaway_santanna"], "window": [-3, 3],
        **more, **{k: spec[k] for k in ("outcome", "controls", "fixed_effects", "vcov", "ssc", "weights")},
    }  # fmt: skip
    for draw, drawn in zip(draws.itertuples(), panels(panel, spec), strict=True):
        want = exhibit_numbers(staggered_did, drawn, exhibit, "Callaway-Sant'Anna", "ATT")
        assert (draw.estimate, draw.se) == pytest.approx(want, rel=1e-10)
    plain = placebo.draw_chunk(panel, {**spec, "weights": None, "options": {}}, INFO, 0, 5)
    assert not np.allclose(draws["estimate"], plain["estimate"])


@pytest.mark.parametrize("mode", [m for m in MODES if m != "in time"])
@pytest.mark.parametrize("control_group", ["never_treated", "not_yet_treated"])
def test_callaway_santanna_draws_are_those_of_its_exhibit(mode: str, control_group: str) -> None:
    panel = make_panel(n=60, seed=3)
    spec = {**CS, **MODES[mode], "options": {"control_group": control_group}}
    draws = placebo.draw_chunk(panel, spec, INFO, 0, 5)
    exhibit = {
        "id": "robust", "kind": "staggered_did", "estimators": ["callaway_santanna"], "window": [-3, 3],
        "control_group": control_group, **{k: spec[k] for k in ("outcome", "controls", "fixed_effects", "vcov", "ssc")},
    }  # fmt: skip
    for draw, drawn in zip(draws.itertuples(), panels(panel, spec), strict=True):
        want = exhibit_numbers(staggered_did, drawn, exhibit, "Callaway-Sant'Anna", "ATT")
        assert (draw.estimate, draw.se) == pytest.approx(want, rel=1e-12)
    truth = placebo.fit_observed(panel, spec, INFO)
    want = exhibit_numbers(staggered_did, panel, exhibit, "Callaway-Sant'Anna", "ATT")
    assert (truth.coef[0], truth.se[0]) == pytest.approx(want, rel=1e-12)
    assert truth.n_obs == len(panel)


def test_callaway_santanna_draws_agree_with_diff_diff() -> None:
    """The peer's own estimates on the same draws, without covariates."""
    from diff_diff import CallawaySantAnna

    panel = make_panel(n=60, seed=3)
    draws = placebo.draw_chunk(panel, CS, INFO, 0, 5)
    for draw, drawn in zip(draws.itertuples(), panels(panel, CS), strict=True):
        data = drawn.assign(first=drawn["adoption_year"].fillna(0).astype("int64"))
        fit = CallawaySantAnna(control_group="never_treated", base_period="universal").fit(
            data, outcome="y", unit="unit", time="year", first_treat="first"
        )
        assert draw.estimate == pytest.approx(fit.overall_att, abs=1e-10)
        assert draw.se == pytest.approx(fit.overall_se, rel=1e-6)


@pytest.mark.parametrize("mode", MODES)
def test_psm_did_draws_are_those_of_its_exhibit(mode: str) -> None:
    panel = make_panel(n=60, seed=3, balanced=False)
    spec = {**PSM, **MODES[mode]}
    draws = placebo.draw_chunk(panel, spec, INFO, 0, 5)
    exhibit = {"id": "matched", "kind": "psm_did", **MATCHING}
    exhibit |= {k: spec[k] for k in ("outcome", "controls", "fixed_effects", "vcov", "ssc")}
    for draw, drawn in zip(draws.itertuples(), panels(panel, spec), strict=True):
        want = exhibit_numbers(psm_did, drawn, exhibit, "(1)", "policy")
        assert (draw.estimate, draw.se) == pytest.approx(want, rel=1e-12, nan_ok=True)
        assert (draw.status == "ok") == np.isfinite(want[0])
    assert (draws["status"] == "ok").sum() >= 4
    truth = placebo.fit_observed(panel, spec, INFO)
    want = exhibit_numbers(psm_did, panel, exhibit, "(1)", "policy")
    assert (truth.coef[0], truth.se[0]) == pytest.approx(want, rel=1e-12)


def test_the_note_says_what_was_estimated_and_on_which_sample() -> None:
    panel = make_panel(balanced=False)
    complete = panel.groupby("unit")["year"].transform("size") == 8
    text = " ".join(placebo.run(panel, {**CS, "options": {"control_group": "not_yet_treated"}}, INFO).notes)
    assert "Estimator: Callaway-Sant'Anna, the mean over treated unit-years" in text
    assert "(control_group: not_yet_treated); outcome: y; controls: none." in text
    assert "from the influence function, clustered by city" in text
    assert f"Sample: {complete.sum()} rows" in text  # it wants units without gaps
    assert "fixed effects" not in text
    assert "convention of" not in text
    result = placebo.run(make_panel(), PSM, INFO)
    text = " ".join(result.notes)
    assert "PSM-DID" in text
    assert "(base: base_year, base_year: 2003, neighbours: 2, caliper: 0.5, keep: analytic)" in text
    assert "Unit" not in text
    assert "City and year fixed effects." in text
    assert result.table.rows[0].cells[0].text == f"{placebo.fit_observed(make_panel(), PSM, INFO).coef[0]:.4f}"


def test_a_draw_that_cannot_be_matched_is_counted() -> None:
    """One covariate that often leaves the three treated units no near control, or a single one to a single unit."""
    panel = make_panel(n=12)
    panel["adoption_year"] = panel["unit"].map({"c000": 2005, "c006": 2005, "c009": 2005}).astype("Int64")
    panel["policy"] = (panel["year"] >= panel["adoption_year"]).fillna(False).astype("int64")
    panel["size"] = panel["unit"].str[1:].astype(float) ** 3
    options = {"base": "base_year", "base_year": 2003, "covariates": ["size"], "caliper": 0.2}
    spec = {**PSM, "controls": [], "options": options, "draws": 40}
    draws = placebo.draw_chunk(panel, spec, INFO, 0, 39)
    failed = draws["status"] != "ok"
    assert 0 < failed.sum() < 40
    assert draws["status"].str.startswith("the matched sample is empty").any()
    assert draws.loc[failed, ["estimate", "se", "statistic", "p"]].isna().all(axis=None)
    counted = draws_without_a_number(draws, read_settings(spec, 0))
    assert sum(int(sentence.split(" of ")[0]) for sentence in counted) == failed.sum()


def test_a_draw_without_a_standard_error_is_counted() -> None:
    """One treated unit matched to one control: two clusters whose scores are zero, so t would be infinite."""
    panel = make_panel(n=30)
    panel["adoption_year"] = panel["adoption_year"].where(panel["unit"] == panel["unit"][panel["policy"].argmax()])
    panel["policy"] = (panel["year"] >= panel["adoption_year"]).fillna(False).astype("int64")
    spec = {**PSM, "controls": [], "options": {"base": "pooled", "neighbours": 1, "covariates": ["x1"]}, "draws": 60}
    draws = placebo.draw_chunk(panel, spec, INFO, 0, 59)
    bad = draws["status"] == "the estimator gave no standard error"
    assert bad.sum() >= 2
    assert draws.loc[bad, ["estimate", "se", "statistic", "p"]].isna().all(axis=None)
    good = draws.loc[draws["status"] == "ok"]
    assert len(good) >= 2
    assert (good["se"] > 1e-6).all()
    reason = "draws gave no estimate and are left out there: the estimator gave no standard error."
    assert f"{bad.sum()} of 60 {reason}" in draws_without_a_number(draws, read_settings(spec, 0))


@pytest.mark.parametrize("estimator", ["twfe", "feols", "event_study"])
def test_two_clusters_give_no_standard_error(estimator: str) -> None:
    """The scores of two clusters are zero under two-way effects, whichever of the engines sums them."""
    panel = make_panel(n=2)
    panel["adoption_year"] = panel["unit"].map({"c000": 2004}).astype("Int64")
    panel["policy"] = (panel["year"] >= panel["adoption_year"]).fillna(False).astype("int64")
    spec = {**BASE, "controls": [], "estimator": estimator, "draws": 8}
    spec |= {"window": [-2, 1]} if estimator == "event_study" else {}
    draws = placebo.draw_chunk(panel, spec, INFO, 0, 7)
    assert (draws["status"] == "the estimator gave no standard error").all()
    assert draws[["estimate", "se", "statistic", "p"]].isna().all(axis=None)
    with pytest.raises(EstimationError, match="the estimator gave no standard error"):
        placebo.fit_observed(panel, spec, INFO)
    hetero = placebo.draw_chunk(panel, {**spec, "vcov": {"kind": "hetero"}}, INFO, 0, 7)
    if estimator == "event_study":  # one row a cell at τ = 0 and in the reference: it is fitted exactly there
        exact = hetero["term"] == "tau+0"
        assert (hetero.loc[exact, "status"] == "the estimator gave no standard error").all()
        hetero = hetero[~exact]
    assert (hetero["status"] == "ok").all()


def test_many_reasons_are_summed_up() -> None:
    draws = placebo.draw_chunk(make_panel(), {**BASE, "draws": 40}, INFO, 0, 39)
    draws["status"] = [f"reason {d % 8}" if d < 30 else "ok" for d in draws["draw"]]
    counted = draws_without_a_number(draws, read_settings({**BASE, "draws": 40}, 0))
    assert len(counted) == 6
    assert counted[0] == "4 of 40 draws gave no estimate and are left out there: reason 0."
    assert counted[-1] == "10 of 40 draws gave no estimate and are left out there: 3 other reasons."


BAD = [
    (CS, {"options": {"control": "never_treated"}}, r"no option 'control' \(did you mean 'control_group'\?\); its op"),
    (CS, {"options": {"control_group": "all"}}, "'control_group' is one of never_treated, not_yet_treated, not 'all'"),
    (CS, {"fixed_effects": ["unit", "province_year"]}, r"'fixed_effects' are \[unit, year\], not"),
    (CS, {"mode": "in_time"}, "mode 'in_time' drops the treated units' years .* balanced panel"),
    (CS, {"options": {"fix_weights": "own"}}, "'fix_weights' is one of base_period, first_period, varying, not 'own'"),
    (PSM, {"weights": "weight"}, "the placebo estimator 'psm_did' takes no weights"),
    (PSM, {"options": {"control_group": "never_treated"}}, "'psm_did' has no option 'control_group'"),
    (BASE, {"options": {"neighbours": 2}}, "'twfe' has no option 'neighbours'; it has no options"),
]


@pytest.mark.parametrize(("spec", "changes", "message"), BAD, ids=[m[:40] for _, _, m in BAD])
def test_settings_that_no_draw_could_use_stop_the_first_chunk(spec: dict, changes: dict, message: str) -> None:
    with pytest.raises(SpecificationError, match=message):
        placebo.draw_chunk(make_panel(), {**spec, **changes}, INFO, 0, 5)


def test_a_truth_without_covariates_or_match_is_an_error() -> None:
    with pytest.raises(EstimationError, match="the matching has no covariate"):
        placebo.run(make_panel(), {**PSM, "controls": []}, INFO)
    with pytest.raises(EstimationError, match="base year of the matching, 1990, is not a year"):
        placebo.run(make_panel(), {**PSM, "options": {"base": "base_year", "base_year": 1990}}, INFO)


def test_the_schema_names_what_is_registered() -> None:
    properties = kind_spec("placebo")["properties"]
    assert properties["estimator"]["enum"] == list(estimators())
    assert set(properties["options"]["properties"]) == {o for entry in estimators().values() for o in entry.options}
    for name, entry in estimators().items():
        (module,) = estimator_modules({"estimator": name})
        assert import_module(module).ESTIMATOR["words"] == entry.words
        assert entry.batched or find_estimator(name).__module__ == module
    assert estimator_modules({}) == (estimators()[DEFAULT].module,)
