"""A small simulated world, written once: 12 units a level, four volumes each."""

import pytest
from shidian.simulate.cities import simulate_cities
from shidian.simulate.world import Size
from shidian.simulate.yearbooks import write_yearbooks

SEED = 20240601
SMALL = Size(cities=12, counties=12, provinces=8)
YEARS = {"city": [2006, 2010, 2013, 2017], "county": [2014, 2018, 2019, 2022], "province": [2011, 2016, 2017, 2022]}


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """Folder of the small world's workbooks."""
    folder = tmp_path_factory.mktemp("simulated")
    write_yearbooks(folder, SEED, size=SMALL, years=YEARS)
    return folder


@pytest.fixture(scope="session")
def cities():
    """The full-size world of cities, without workbooks."""
    return simulate_cities(SEED)
