"""Every variable of the five studies is computed from items that some simulated table prints."""

from pathlib import Path

import pytest
import yaml
from shidian.errors import SimulationError
from shidian.measures import parse_measure
from shidian.simulate.catalogue import check_variables, family, study_items, used_items
from shidian.simulate.cities import simulate_cities
from shidian.simulate.counties import simulate_counties
from shidian.simulate.provinces import simulate_provinces
from shidian.simulate.truth import load_truth, studies
from shidian.simulate.world import Size

SMALL = Size(12, 12, 8)
NAMES = {  # published name -> our name, where they differ
    "income_gap_cities": {},
    "industry_clusters_counties": {},
    "productive_forces_provinces": {},
    "green_innovation_cities": {
        "energy": "ln_energy_intensity",
        "stru": "ln_stru",
        "innov": "ln_innovation_index",
        "digital": "ln_digital",
    },
    "talent_agglomeration": {},
}


def published_variables(study, folder):
    """Every variable that the study's printed tables name: descriptives, regressors, controls, mediators, outcomes."""
    printed = yaml.safe_load((folder / f"{study}.yaml").read_text(encoding="utf-8"))
    found = set(printed.get("descriptives", {})) | set(printed.get("controls", {}))
    for table in printed.get("tables", {}).values():
        found |= set(table.get("rows", {})) if isinstance(table, dict) else set()
    found |= set(printed.get("tables", {}).get("table7_mediation", {}))
    found |= set(printed.get("outcome", {}))
    return found - {"_cons", "nqp2"}


@pytest.mark.parametrize("study", studies())
def test_no_published_variable_is_missing(study, shared):
    published = published_variables(study, shared / "published")
    assert published, study
    names = {NAMES[study].get(v, v) for v in published}
    check_variables(study, load_truth(study).unit, names)


@pytest.mark.parametrize("study", studies())
def test_no_variable_of_the_truth_is_missing(study):
    truth = load_truth(study)
    latent = {"rank", "ln_it_share", "ruggedness_trend", "nqp_low", "nqp_middle", "nqp_high"}
    # `urban` of the counties is only the population share inside the Theil index
    latent |= {"urban"} if study == "industry_clusters_counties" else set()
    needed = {
        truth.baseline.outcome,
        truth.baseline.regressor,
        *truth.baseline.controls,
        *truth.covariates,
        *truth.equations,
    }
    check_variables(study, truth.unit, needed - latent)


@pytest.mark.parametrize("simulate", [simulate_cities, simulate_counties, simulate_provinces])
def test_every_printed_item_is_simulated_and_every_simulated_item_printed(simulate):
    world = simulate(1, SMALL)
    elsewhere = {"gdp_deflator", "usd_exchange_rate"}
    for year in world.years:
        printed = {column.item for table in family(world.level).tables(int(year)) for column in table.columns}
        assert printed == set(world.items) - elsewhere


@pytest.mark.parametrize("level", ["city", "county", "province"])
def test_units_of_measure_are_known_and_factors_agree_with_them(level):
    extra = {"万个": "10000 个"}
    kind = family(level)
    first = {c.item: c for table in kind.tables(0) for c in table.columns}
    for year in range(2002, 2023):
        for table in kind.tables(year):
            for column in table.columns:
                before, now = (parse_measure(c.measure, extra) for c in (first[column.item], column))
                assert now.dims == before.dims
                assert before.factor / now.factor == pytest.approx(column.factor)


def test_indicator_names_are_distinct():
    for level in ("city", "county", "province"):
        names = [c.series for table in family(level).tables(2015) for c in table.columns]
        assert len(names) == len(set(names))


def test_used_items_are_those_of_the_studies():
    assert "urban_income_yuan" in used_items("city")
    assert "employed_mining_persons" not in used_items("city")
    assert "gdp_deflator" in study_items()["elsewhere"]


def test_a_variable_without_items_is_an_error():
    with pytest.raises(
        SimulationError, match=r"no raw items are listed for the variable 'theill' \(did you mean 'theil'\?\)"
    ):
        check_variables("income_gap_cities", "city", ["theill"])


def test_a_variable_that_no_table_provides_is_an_error():
    with pytest.raises(
        SimulationError, match="the variable 'atl' needs 'machinery_power_wan_kw', which no city table prints"
    ):
        check_variables("industry_clusters_counties", "city", ["atl"])


def test_unknown_levels_are_errors():
    with pytest.raises(SimulationError, match=r"no yearbooks of level 'cities' \(did you mean 'city'\?\)"):
        family("cities")


def test_catalogue_lists_stay_beside_the_package():
    folder = Path(family.__code__.co_filename).parent
    assert {p.name for p in folder.glob("*.yaml")} == {"catalogue.yaml", "study_items.yaml"}
