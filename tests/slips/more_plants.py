"""Further slips to plant: what separators, page breaks, labels of years and copied rows do to a panel."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from .plants import Plant, Planted, Volumes, at_edge, rotated

Change = Callable[[pd.Series, Volumes], pd.Series]


def from_row_on(columns: int | None) -> Plant:
    """Drop one row of the sheet and move all below it up; the last row is left without a number."""

    def plant(v: Volumes) -> Planted:
        rows = v.part(v.series[0])
        lost = rows["unit"].iloc[int(v.rng.integers(len(rows) // 5, len(rows) // 2))]
        changed = {}
        for name in v.series[:columns]:
            part = v.part(name)
            late = part["unit"] >= lost
            changed[name] = part["value"].where(~late, part["value"].shift(-1))
        return v.with_values(changed)

    return plant


def other_year(by: int, share: float, columns: int | None) -> Plant:
    """Let the first rows of a sheet hold the numbers of another year."""

    def plant(v: Volumes) -> Planted:
        changed = {}
        for name in v.series[:columns]:
            part = v.part(name)
            other = part["unit"].map(v.part(name, v.period + by).set_index("unit")["value"]).fillna(part["value"])
            first = np.arange(len(part)) < share * len(part)
            changed[name] = part["value"].where(~first, other)
        return v.with_values(changed)

    return plant


def each(change: Change, columns: int | None = None) -> Plant:
    """Change the numbers of columns of one volume, of those in which it changes a tenth of them or more."""

    def plant(v: Volumes) -> Planted:
        parts = {name: v.part(name)["value"] for name in v.series}
        changed = {name: change(values, v) for name, values in parts.items()}
        telling = [name for name in v.series if (changed[name] != parts[name]).mean() >= 0.1]
        return v.with_values({name: changed[name] for name in (telling or list(v.series))[:columns]})

    return plant


def within_province(plant: Plant) -> Plant:
    """Plant in the rows of one province alone."""

    def planted(v: Volumes) -> Planted:
        part = v.part(v.series[0])
        counts = part["unit"].str[:2].value_counts()
        label = v.rng.choice(counts.index[counts >= 6])
        whole = plant(v)
        inside = v.values["unit"].str[:2] == label
        values = v.values.copy()
        values.loc[inside, "value"] = whole.values["value"].reindex(values.index)[inside]
        return Planted(values.dropna(subset=["value"]), whole.period, whole.series)

    return planted


def decimal_comma(values: pd.Series, v: Volumes) -> pd.Series:
    """Read 12,5 as 125 and 12,34 as 1234: a decimal comma taken for a separator of thousands; 12 stays."""
    texts = values.map(lambda x: f"{x:.2f}".rstrip("0").rstrip("."))
    return texts.str.replace(".", "").astype(float)


def thousands_as_decimals(values: pd.Series, v: Volumes) -> pd.Series:
    """Read 12,345 as 12.345."""
    return values.where(values < 1000, values / 1000)


def before_separator_lost(values: pd.Series, v: Volumes) -> pd.Series:
    """Read 12,345 as 345."""
    return values.where(values < 1000, values % 1000)


def largest(factor: float, share: float) -> Change:
    return lambda values, v: values.where(values < values.quantile(1 - share - 0.01), values * factor)


def smallest(factor: float, share: float) -> Change:
    return lambda values, v: values.where(values > values.quantile(share + 0.01), values * factor)


def first_digit_lost(values: pd.Series, v: Volumes) -> pd.Series:
    """Read the last digits of a number alone, where the column is too narrow for the longest."""
    width = 10.0 ** np.floor(np.log10(values.abs().quantile(0.8)))
    return values.where(values < width, values % width)


def labels_late(v: Volumes) -> Planted:
    """Let every volume from one on stand under the year after it; what was there is printed once more."""
    late = v.values[v.values["period"] >= v.period - 1]
    late = late.assign(period=late["period"] + 1)
    values = pd.concat([v.values[v.values["period"] < v.period], late[late["period"] <= v.values["period"].max()]])
    return Planted(values.reset_index(drop=True), v.period, v.series)


def labels_early(v: Volumes) -> Planted:
    """Let every volume from one on stand under the year before it; the last year is missing."""
    early = v.values[v.values["period"] > v.period]
    values = pd.concat([v.values[v.values["period"] < v.period], early.assign(period=early["period"] - 1)])
    return Planted(values.reset_index(drop=True), v.period, v.series)


def row_repeated(v: Volumes) -> Planted:
    """Print one unit's row under the next unit's name too."""
    rows = v.part(v.series[0])["unit"]
    at = int(v.rng.integers(2, len(rows) - 2))
    one, other = rows.iloc[at], rows.iloc[at + 1]
    changed = {}
    for name in v.series:
        part = v.part(name).set_index("unit")
        if one in part.index and other in part.index:
            copied = part["value"].copy()
            copied[other] = part["value"][one]
            changed[name] = pd.Series(copied.to_numpy(), v.part(name).index)
    return v.with_values(changed)


def rows_exchanged(v: Volumes) -> Planted:
    """Exchange the rows of two units beside each other."""
    rows = v.part(v.series[0])["unit"]
    at = int(v.rng.integers(2, len(rows) - 2))
    one, other = rows.iloc[at], rows.iloc[at + 1]
    here = v.values["period"] == v.period
    swap = v.values["unit"].where(~here, v.values["unit"].replace({one: other, other: one}))
    return Planted(v.values.assign(unit=swap), v.period, v.series)


def added_from(v: Volumes) -> Planted:
    """Add up a column since a volume: what each prints is its own number and those before it."""
    name = v.series[0]
    values = v.values.copy()
    late = values[(values["series"] == name) & (values["period"] >= v.period - 1)].sort_values("period")
    values.loc[late.index, "value"] = late.groupby("unit")["value"].cumsum()
    return Planted(values, v.period, (name,))


def provinces_exchanged(v: Volumes) -> Planted:
    """Let two provinces' blocks hold each other's numbers, row by row."""
    large = {name: (n := v.part(name)["unit"].str[:2].value_counts()).index[n >= 6] for name in v.series}
    name = next(name for name in v.series if len(large[name]) > 1)
    part = v.part(name)
    one, other = v.rng.choice(large[name], 2, replace=False)
    values = part["value"].copy()
    a, b = (part.index[part["unit"].str[:2] == label] for label in (one, other))
    n = min(len(a), len(b))
    values[a[:n]], values[b[:n]] = part["value"][b[:n]].to_numpy(), part["value"][a[:n]].to_numpy()
    return v.with_values({name: values})


MORE_PLANTS: dict[str, Plant] = {
    "a row dropped, all below one up": from_row_on(1),
    "a row dropped, all below one up, all columns": from_row_on(None),
    "half of the rows of the year before": other_year(-1, 0.5, 1),
    "half of the rows of the year before, all columns": other_year(-1, 0.5, None),
    "half of the rows of two years later, all columns": other_year(2, 0.5, None),
    "a decimal comma read as thousands": each(decimal_comma, 1),
    "thousands read as decimals": each(thousands_as_decimals, 1),
    "thousands read as decimals, all columns": each(thousands_as_decimals),
    "digits before a separator lost": each(before_separator_lost, 1),
    "the first digit of long numbers lost": each(first_digit_lost, 1),
    "a ten-thousandth for the largest tenth": each(largest(1e-4, 0.1), 1),
    "ten thousand times for the smallest tenth": each(smallest(1e4, 0.1), 1),
    "a tenth for the largest tenth": each(largest(0.1, 0.1), 1),
    "years labelled one late from a volume on": labels_late,
    "years labelled one early from a volume on": labels_early,
    "a row printed under the next unit too": row_repeated,
    "two rows exchanged": rows_exchanged,
    "added up from a volume on": added_from,
    "two columns exchanged in one province": within_province(rotated(2)),
    "two columns exchanged in one province of the last volume": within_province(at_edge(rotated(2), last=True)),
    "two provinces exchanged": provinces_exchanged,
}
"""Kind of slip -> what plants it."""
