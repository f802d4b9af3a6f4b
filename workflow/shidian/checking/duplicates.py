"""Two numbers of a source for one unit, period and series."""

from __future__ import annotations

import pandas as pd

from shidian.slips.records import unit_keys


def with_units(records: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Return the records with a column ``key`` that is equal for all of a unit, under whatever name it is printed.

    Args:
        records: records of a source.
        units: its printed units, with ``unit`` where it is certain.
    """
    printed = ["unit_code", "unit_name", "province"]
    certain = units[units["unit"].notna()].rename(columns={"code": "unit_code", "name": "unit_name"})
    certain = certain.assign(unit=certain["level"] + " " + certain["unit"])
    several = certain.groupby(printed, dropna=False)["unit"].transform("nunique") > 1
    known = certain[~several].drop_duplicates(printed)[[*printed, "unit"]]
    found = records[printed].merge(known, on=printed, how="left")["unit"].set_axis(records.index)
    return records.assign(key=found.where(found.notna(), unit_keys(records)))


def doubled(records: pd.DataFrame) -> pd.DataFrame:
    """Return the records with key, period and series of an earlier one, with the place of the first (``_first``).

    Equal facts without a period are one fact.
    """
    key = ["key", "year", "indicator"]
    facts = records["year"].isna() & records.duplicated([*key, "value"])
    kept = records[~facts]
    again = kept.duplicated(key)
    firsts = kept[~again & kept.duplicated(key, keep=False)]
    columns = [*key, "file", "sheet", "cell", "value"]
    return kept[again].merge(firsts[columns], on=key, suffixes=("", "_first"), how="left")
