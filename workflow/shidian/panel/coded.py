"""Long frames whose repeating texts are categories: put together, sorted and looked up by their codes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

REPEATING = ("source_id", "unit", "unit_code", "unit_name", "province", "indicator", "measure", "flag")
"""Columns of records and raw values whose texts repeat."""
LAST_YEAR = 9999
"""Stands for no year where years are sorted: after all."""


def category(values: pd.Series) -> pd.Series:
    """Return texts as categories in sorted order."""
    coded = values.astype("category")
    known = coded.cat.categories
    return coded if known.is_monotonic_increasing else coded.cat.reorder_categories(sorted(known))


def with_categories(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a long frame with its repeating texts as categories."""
    names = [name for name in REPEATING if name in frame and not isinstance(frame[name].dtype, pd.CategoricalDtype)]
    return frame.astype(dict.fromkeys(names, "category")) if names else frame


def stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return frames of the same columns one below the other; categories stay categories."""
    if len(parts) == 1:
        return parts[0]
    coded = [name for name in parts[0] if all(isinstance(part[name].dtype, pd.CategoricalDtype) for part in parts)]
    known = {name: sorted({text for part in parts for text in part[name].cat.categories}) for name in coded}
    alike = [part.assign(**{str(n): part[n].cat.set_categories(known[n]) for n in coded}) for part in parts]
    return pd.concat(alike, ignore_index=True)


def codes_of(column: pd.Series) -> tuple[np.ndarray, int]:
    """Return numbers in the order of a column's texts or years, and one more than the largest; missing is last."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.fillna(LAST_YEAR).to_numpy(dtype=np.int64), LAST_YEAR + 1
    coded = category(column)
    codes, n = coded.cat.codes.to_numpy(dtype=np.int32), len(coded.cat.categories)
    missing = codes < 0
    return (np.where(missing, np.int32(n), codes) if missing.any() else codes), n + 1


def key_of(frame: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Return one number a row that sorts as some columns of texts and years do."""
    key = np.zeros(len(frame), dtype=np.int64)
    for name in names:
        codes, size = codes_of(frame[name])
        key *= size
        key += codes
    return key


def sorted_rows(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the rows sorted by some columns, equal ones in their order; what is sorted is not copied."""
    key = key_of(frame, names)
    if (key[1:] >= key[:-1]).all():
        return frame.reset_index(drop=True)
    return frame.take(np.argsort(key, kind="stable")).reset_index(drop=True)


def of_series(long: pd.DataFrame, qualified: str) -> np.ndarray:
    """Return the positions of the values of ``source.series``."""
    source, _, series = qualified.partition(".")
    return np.flatnonzero((long["source_id"] == source).to_numpy() & (long["indicator"] == series).to_numpy())


def qualified_names(long: pd.DataFrame) -> pd.Categorical:
    """Return ``source.series`` of each value."""
    source, series = (long[name].astype("category") for name in ("source_id", "indicator"))
    n = len(series.cat.categories)
    codes = source.cat.codes.to_numpy().astype(np.int64) * n + series.cat.codes.to_numpy()
    used, names = pd.unique(codes), [f"{a}.{b}" for a in source.cat.categories for b in series.cat.categories]
    order = sorted(used.tolist(), key=lambda code: names[code])
    place = np.zeros(len(names), dtype=np.int32)
    place[order] = np.arange(len(order))
    return pd.Categorical.from_codes(place[codes], pd.Index([names[code] for code in order], dtype="str"))


class Places:
    """Where raw values stand among the rows of a panel, which are sorted by unit and year.

    Args:
        rows: unit and year of every row.
        units: the units of the raw values, as categories; only these are looked up.
    """

    def __init__(self, rows: pd.DataFrame, units: pd.Series) -> None:
        self._units = pd.Index(rows["unit"].unique())
        self._category = self._units.get_indexer(units.astype("category").cat.categories)
        self._of_row = self._units.get_indexer(rows["unit"])
        self._keys = self._of_row * (LAST_YEAR + 1) + rows["year"].to_numpy(dtype=np.int64)
        self._categories = units.astype("category").dtype

    def values(self, given: pd.DataFrame) -> np.ndarray:
        """Return the (n,) value of every row, nan where there is none.

        Args:
            given: unit, year and value, each unit and year once; without any year they stand in every year.
        """
        unit = self._category[given["unit"].astype(self._categories).cat.codes.to_numpy()]
        value = given["value"].to_numpy(dtype=float)
        if given["year"].isna().all():
            of_unit = np.full(len(self._units), np.nan)
            of_unit[unit[unit >= 0]] = value[unit >= 0]
            return of_unit[self._of_row]
        keys = unit * (LAST_YEAR + 1) + given["year"].to_numpy(dtype=np.int64)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        there = self._keys[at] == keys
        values = np.full(len(self._keys), np.nan)
        values[at[there]] = value[there]
        return values
