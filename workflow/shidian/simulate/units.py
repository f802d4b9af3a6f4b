"""The units of the simulated yearbooks: real names and codes, from resources/regions/simulated_units."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from shidian.errors import SimulationError

RESOURCES = Path(__file__).resolve().parents[3] / "resources"
UNITS = RESOURCES / "regions" / "simulated_units"
MUNICIPALITIES = ("110000", "120000", "310000", "500000")
LEVELS = ("city", "county", "province")
FILES = {"city": "cities.csv", "county": "counties.csv", "province": "provinces.csv"}


def read_units(level: str, most: int | None = None) -> pd.DataFrame:
    """Return the units of a level, sorted by code, with ``region`` (east, central, west) and listed years.

    Args:
        level: ``city``, ``county`` or ``province``.
        most: for a small world, the number of units, taken at even steps of the list.

    Returns:
        Columns code, name, name_en, province_code, region, first_year, last_year; for cities also longitude, latitude.

    Raises:
        SimulationError: no such level, or fewer units than asked.
    """
    if level not in LEVELS:
        raise SimulationError(f"no units of level '{level}': one of {', '.join(LEVELS)}")
    units = _read(FILES[level])
    provinces = _read("provinces.csv").set_index("code")
    if level == "province":
        units["province_code"] = units["code"]
    units["region"] = units["province_code"].map(provinces["region"])
    for column, default in (("first_year", 0), ("last_year", 9999)):
        units[column] = units[column].astype(int) if column in units else default
    for column in {"longitude", "latitude"} & set(units):
        units[column] = units[column].astype(float)
    units = units.sort_values("code", ignore_index=True)
    if most is None:
        return units
    if most > len(units):
        raise SimulationError(f"{most} units of level '{level}' asked, {len(units)} are in the list")
    chosen = np.unique(np.linspace(0, len(units) - 1, most).round().astype(int))
    return units.iloc[chosen].reset_index(drop=True)


def read_provinces() -> pd.DataFrame:
    """Return the provinces: code, name, short_name, name_en, region."""
    return _read("provinces.csv")


def province_names() -> dict[str, tuple[str, str]]:
    """Return province code -> name, name in English."""
    table = read_provinces()
    return {c: (n, e) for c, n, e in zip(table["code"], table["name"], table["name_en"], strict=True)}


def names_by_year() -> pd.DataFrame:
    """Return the names of cities by year: code, name, name_en, first_year, last_year."""
    names = _read("city_names.csv")
    return names.astype({"first_year": int, "last_year": int})


def read_pilots(name: str) -> pd.DataFrame:
    """Return a real pilot list: code, name, first_year (missing where no year is sourced)."""
    pilots = pd.read_csv(RESOURCES / "policies" / "simulated" / f"{name}.csv", dtype="str")
    pilots["first_year"] = pilots["first_year"].astype("Int64")
    return pilots


def read_groups(level: str) -> pd.DataFrame:
    """Return the groups that units of a level belong to: code, name and 0/1 columns or years."""
    return pd.read_csv(Path(__file__).parent / "groups" / f"{level}.csv", dtype={"code": "str"})


def _read(file: str) -> pd.DataFrame:
    return pd.read_csv(UNITS / file, dtype="str", keep_default_na=False)
