"""A small simulated world, written once: 12 units a level, four volumes each."""

import pandas as pd
import pytest
import yaml
from shidian.simulate.cities import simulate_cities
from shidian.simulate.world import Size
from shidian.simulate.yearbooks import LEVELS, write_all_reports, write_yearbooks

SEED = 20240601
SMALL = Size(cities=12, counties=12, provinces=8)
YEARS = {"city": [2006, 2010, 2013, 2017], "county": [2014, 2018, 2019, 2022], "province": [2011, 2016, 2017, 2022]}


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """Folder of the small world's workbooks."""
    folder = tmp_path_factory.mktemp("simulated")
    write_yearbooks(folder, SEED, size=SMALL, years=YEARS)
    write_all_reports(folder, SEED)
    return folder


@pytest.fixture(scope="session")
def key(written):
    """The keys of all levels."""
    tables = [pd.read_csv(written / level / "key.csv", dtype=str, keep_default_na=False) for level in LEVELS]
    return pd.concat(tables, ignore_index=True)


@pytest.fixture(scope="session")
def planted(written):
    """Every planted number of all levels."""
    return pd.concat([pd.read_parquet(path) for path in sorted(written.glob("*/planted.parquet"))], ignore_index=True)


@pytest.fixture(scope="session")
def corrections(written):
    """The corrections of all levels."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(written.glob("*/corrections.yaml"))]
    return [entry for text in texts for entry in yaml.safe_load(text)["corrections"]]


@pytest.fixture(scope="session")
def cities():
    """The full-size world of cities, without workbooks."""
    return simulate_cities(SEED)
