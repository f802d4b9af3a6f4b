"""The simulated worlds: printed moments, planted effects, real names, declared batches."""

import numpy as np
import pytest
from shidian.did.twfe import regress
from shidian.errors import SimulationError
from shidian.simulate.pseudo_true import pseudo_true
from shidian.simulate.truth import load_truth, parse_truth, studies
from shidian.simulate.units import read_pilots, read_units
from shidian.simulate.world import Size
from shidian.simulate.worlds import simulate_panel

SEED = 20240601
DEVIATING = {"talents": 0.06, "ind": 0.05, "serv": 0.03, "gi_products": 0.05}
"""Variable -> relative deviation of the mean that the studies' truths explain; every other mean holds to 1%."""

SIZES = {
    "income_gap_cities": (280, 13),
    "green_innovation_cities": (280, 15),
    "talent_agglomeration": (29, 18),
    "industry_clusters_counties": (1287, 9),
    "productive_forces_provinces": (31, 12),
}


def fitted(study, **change):
    panel = simulate_panel(study, SEED, **change)
    b = panel.truth.baseline
    fit = regress(
        panel.frame(), b.outcome, [b.regressor, *b.controls], b.fixed_effects, {"kind": "cluster", "by": "unit"}
    ).fit
    at = list(fit.terms).index(b.regressor)
    return fit.coef[at], np.sqrt(fit.vcov[at, at])


@pytest.mark.parametrize("study", studies())
def test_printed_moments_are_those_of_the_panel(study):
    panel = simulate_panel(study, SEED)
    for name, printed in panel.truth.printed.items():
        values = panel.variables[name]
        near = DEVIATING.get(name, 0.01)
        assert values.mean() == pytest.approx(printed.mean, rel=near), name
        assert values.std() == pytest.approx(printed.sd, rel=near), name


@pytest.mark.parametrize("study", studies())
def test_the_printed_sizes(study):
    panel = simulate_panel(study, SEED)
    units, years = SIZES[study]
    frame = panel.frame()
    assert frame["unit"].nunique() == units
    assert len(frame) == units * years
    numbers = frame[list(panel.variables)].to_numpy(dtype=float)
    assert np.isfinite(numbers).all()


@pytest.mark.parametrize("study", ["income_gap_cities", "industry_clusters_counties"])
def test_the_noise_free_baseline_is_the_planted_effect(study):
    value = pseudo_true(study, SEED)
    assert value.value == pytest.approx(value.planted, abs=1e-7)
    assert value.planted == value.printed


@pytest.mark.parametrize("study", ["green_innovation_cities", "talent_agglomeration"])
def test_the_noise_free_baseline_is_near_the_planted_effect_where_it_is_an_average(study):
    """Effects differ between regions, or between central cities and others: the line weights them otherwise."""
    value = pseudo_true(study, SEED)
    assert value.value == pytest.approx(value.planted, abs=0.002)


def test_the_thresholds_average_to_near_the_printed_slope():
    values = [pseudo_true("productive_forces_provinces", seed).value for seed in range(5)]
    assert np.mean(values) == pytest.approx(load_truth("productive_forces_provinces").baseline.planted, abs=0.2)


@pytest.mark.parametrize("study", studies())
def test_the_planted_effect_is_recovered_from_the_noisy_panel(study):
    estimate, se = fitted(study)
    assert abs(estimate - pseudo_true(study, SEED).value) < 3.5 * se
    assert abs(estimate) > 3 * se


def test_channels_of_the_income_gap_are_consistent_with_the_total():
    truth = load_truth("income_gap_cities")
    terms, delta = truth.equations["theil"].terms, {m: truth.equations[m].terms["did"] for m in ("ais", "ris")}
    indirect = {m: delta[m] * terms[m] for m in delta}
    assert terms["did"] + sum(indirect.values()) == pytest.approx(truth.baseline.planted, abs=1e-6)
    assert indirect["ais"] / truth.baseline.planted == pytest.approx(0.3171, abs=0.001)
    assert indirect["ris"] / truth.baseline.planted == pytest.approx(0.3513, abs=0.001)


@pytest.mark.parametrize(
    ("outcome", "effect"),
    [("ln_energy_intensity", -0.2155), ("ln_stru", 0.0240), ("ln_innovation_index", 0.0942)],
)
def test_mediators_of_green_innovation_carry_the_printed_effects(outcome, effect):
    panel = simulate_panel("green_innovation_cities", SEED, disturbed=False)
    assert regress(panel.frame(), outcome, ["did"], ["unit", "year"]).fit.coef[0] == pytest.approx(effect, abs=1e-6)


def test_channels_of_green_innovation_are_planted_and_add_up():
    panel = simulate_panel("green_innovation_cities", SEED)
    equations = load_truth("green_innovation_cities").equations
    mediators = ["ln_energy_intensity", "ln_stru", "ln_innovation_index"]
    share = sum(equations[m].terms["did"] * equations["gie"].terms[m] for m in [*mediators, "ln_it_share"]) / 0.0150
    assert share == pytest.approx(0.478, abs=0.005)
    b = panel.truth.baseline
    fit = regress(
        panel.frame(), "gie", ["did", *mediators, *b.controls], b.fixed_effects, {"kind": "cluster", "by": "unit"}
    ).fit
    for name in mediators:
        at = list(fit.terms).index(name)
        planted, se = equations["gie"].terms[name], np.sqrt(fit.vcov[at, at])
        assert abs(fit.coef[at] - planted) < 3.5 * se
        assert abs(fit.coef[at]) > 2.6 * se


def test_another_estimator_can_be_graded():
    pooled = pseudo_true("income_gap_cities", SEED, estimator=lambda p: float(p.loc[p["did"] == 1, "theil"].mean()))
    assert 0.05 < pooled.value < 0.2


def test_pilots_keep_their_real_years_and_simulated_ones_are_marked():
    panel = simulate_panel("income_gap_cities", SEED)
    real = read_pilots("innovative_city").dropna().set_index("code")["first_year"]
    assigned = panel.assignment.set_index("code")
    for code, year in real.items():
        if code in assigned.index:
            assert assigned.loc[code, "first_year"] == year
            assert assigned.loc[code, "dates"] == "real"
    drawn = assigned[assigned["dates"] == "simulated"]
    assert drawn["first_year"].value_counts().to_dict() == {2010: 23, 2011: 4, 2012: 4, 2013: 4}
    assert set(drawn.index) <= set(read_pilots("innovative_city")["code"])
    assert set(assigned.loc[assigned["first_year"] == 9999, "dates"]) == {""}


def test_declared_batches_and_the_printed_number_of_treated_cities():
    clusters = simulate_panel("green_innovation_cities", SEED).assignment
    treated = clusters[clusters["first_year"] < 9999]
    assert treated["first_year"].value_counts().to_dict() == {2013: 10, 2014: 20, 2017: 25}
    assert len(treated) == 55
    counties = simulate_panel("industry_clusters_counties", SEED).assignment["first_year"]
    assert counties[counties < 9999].value_counts().to_dict() == {2020: 200, 2021: 130, 2022: 110}


def test_names_and_codes_are_real_and_unique():
    for level in ("city", "county", "province"):
        units = read_units(level)
        assert units["code"].is_unique
        assert units["code"].str.fullmatch(r"\d{6}").all()
        assert set(units["region"]) == {"east", "central", "west"}
    assert len(read_units("county")) == 1287
    assert read_units("county")["name"].is_unique
    assert (read_units("county")["region"] == "east").sum() == 494  # 4,446 rows of the printed eastern sample


def test_location_quotients_average_to_one_over_all_listed_cities(cities):
    talent = cities.items["employed_research_persons"] + cities.items["employed_information_persons"]
    total = cities.items["employed_wan"]
    quotient = talent / total / (np.nansum(talent, axis=0) / np.nansum(total, axis=0))
    major = cities.panels["talent_agglomeration"]
    rows = cities.units["code"].isin(major.units["code"]).to_numpy()
    assert quotient[rows][:, :18] == pytest.approx(major.variables["lq"], rel=1e-9)


def test_sectors_add_up_and_everything_is_positive(cities):
    items = cities.items
    sectors = [v for n, v in items.items() if n.startswith("employed_") and n.endswith("_persons")]
    assert len(sectors) == 19
    assert np.nansum(sectors, axis=0) == pytest.approx(np.nan_to_num(items["employed_wan"]) * 1e4, rel=1e-9)
    shares = sum(items[f"{s}_value_added_wan_yuan"] for s in ("primary", "secondary", "tertiary"))
    assert np.nan_to_num(shares) == pytest.approx(np.nan_to_num(items["gdp_wan_yuan"]))
    for name, values in items.items():
        assert np.nanmin(values) > 0, name


def test_expenditures_are_parts_of_public_expenditure(cities):
    parts = sum(cities.items[f"{n}_expenditure_wan_yuan"] for n in ("education", "science", "environment"))
    assert np.nanmax(parts / cities.items["fiscal_expenditure_wan_yuan"]) < 1


def test_a_city_has_numbers_only_while_it_is_listed(cities):
    row = cities.units.index[cities.units["name"] == "巢湖市"][0]
    listed = np.isfinite(cities.items["gdp_wan_yuan"][row])
    assert cities.years[listed].tolist() == list(range(2002, 2011))


def test_a_batch_larger_than_its_pool_is_an_error():
    raw = dict(load_truth("income_gap_cities").raw)
    raw["treatment"] = {**raw["treatment"], "batches": {"2010": 30, "2011": 20}}
    truth = parse_truth(raw, "config/truth/income_gap_cities.yaml")
    with pytest.raises(SimulationError, match="the batch of 2011 has 20 units, but only 5 are left"):
        simulate_panel("income_gap_cities", SEED, truth=truth)


def test_an_unattainable_printed_moment_is_an_error():
    raw = dict(load_truth("income_gap_cities").raw)
    raw["covariates"] = {**raw["covariates"], "urban": {"mean": 0.5, "sd": 0.9, "min": 0, "max": 1}}
    with pytest.raises(SimulationError, match=r"moments of 'urban' cannot be attained: sd 0\.9"):
        simulate_panel("income_gap_cities", SEED, truth=parse_truth(raw, "config/truth/income_gap_cities.yaml"))


def test_errors_of_the_truth_file_are_named():
    with pytest.raises(SimulationError, match=r"no planted truth for the study 'income_gap' \(did you mean"):
        load_truth("income_gap")
    raw = dict(load_truth("income_gap_cities").raw) | {"covariats": {}}
    with pytest.raises(SimulationError, match=r"unknown key 'covariats' \(did you mean 'covariates'\?\)"):
        parse_truth(raw, "config/truth/income_gap_cities.yaml")
    with pytest.raises(SimulationError, match="says that it is the truth of 'income_gap_cities'"):
        parse_truth(load_truth("income_gap_cities").raw, "config/truth/other.yaml")
    with pytest.raises(SimulationError, match="no parameter 'rhoo'"):
        load_truth("green_innovation_cities").parameter("rhoo")


def test_a_world_of_more_units_than_there_are_is_an_error():
    with pytest.raises(SimulationError, match="2000 units of level 'county' asked, 1287 are in the list"):
        simulate_panel("industry_clusters_counties", SEED, Size(counties=2000))
