"""Slips to plant in volumes: fifty kinds of what typists, scanners and printers do to a panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from shidian.slips.records import unit_keys

WIDE = ["unit", "period", "series"]
COLUMNS = ("gdp", "industry", "services", "revenue", "spending", "wages", "staff", "people", "area", "beds")


@dataclass(frozen=True)
class Planted:
    """Values with a slip in them: in which period, and in which series."""

    values: pd.DataFrame
    period: int
    series: tuple[str, ...]


Plant = Callable[["Volumes"], Planted]


@dataclass(frozen=True)
class Volumes:
    """A panel (``unit, period, series, value, measure, row``), the place of a slip in it, and chance."""

    values: pd.DataFrame
    series: tuple[str, ...]
    period: int
    rng: np.random.Generator

    def part(self, series: str, period: int | None = None) -> pd.DataFrame:
        """Return the values of a series in a volume, by row."""
        v = self.values
        return v[(v["series"] == series) & (v["period"] == (period or self.period))].sort_values("row")

    def with_values(self, changed: dict[str, pd.Series], period: int | None = None) -> Planted:
        """Return the panel with other values of some series; nan takes a value out."""
        values = self.values.copy()
        for part in changed.values():
            values.loc[part.index, "value"] = part
        return Planted(values.dropna(subset=["value"]), period or self.period, tuple(changed))

    def units(self, part: pd.DataFrame, count: int) -> pd.Index:
        """Return a block of rows of a volume, somewhere in it."""
        start = int(self.rng.integers(2, max(3, len(part) - count - 2)))
        return part.index[start : start + count]


def scaled(factor: float, columns: int = 1, periods: int = 1) -> Plant:
    def plant(v: Volumes) -> Planted:
        parts = [(s, v.part(s, v.period + k)) for s in v.series[:columns] for k in range(periods)]
        values = v.values.copy()
        for _, part in parts:
            values.loc[part.index, "value"] *= factor
        return Planted(values, v.period, tuple(v.series[:columns]))

    return plant


def at_edge(plant: Plant, last: bool) -> Plant:
    """Plant in the first or the last volume that has the column."""

    def planted(v: Volumes) -> Planted:
        there = v.values.loc[v.values["series"] == v.series[0], "period"]
        return plant(Volumes(v.values, v.series, int(there.max() if last else there.min()), v.rng))

    return planted


def province(factor: float, provinces: int = 1) -> Plant:
    def plant(v: Volumes) -> Planted:
        part = v.part(v.series[0])
        counts = part["unit"].str[:2].value_counts()
        chosen = v.rng.choice(counts.index[counts >= 6], provinces, replace=False)
        inside = part["unit"].str[:2].isin(chosen)
        return v.with_values({v.series[0]: part["value"].where(~inside, part["value"] * factor)})

    return plant


def rotated(count: int) -> Plant:
    """Let each of some columns hold the next one's numbers; two are exchanged."""

    def plant(v: Volumes) -> Planted:
        names = v.series[:count]
        by_unit = {name: v.part(name).set_index("unit")["value"] for name in names}
        moved = {
            name: v.part(name)["unit"].map(by_unit[other])
            for name, other in zip(names, [*names[1:], names[0]], strict=True)
        }
        return v.with_values(moved)

    return plant


def exchanged_from(v: Volumes) -> Planted:
    """Let two columns hold each other's numbers from a volume on."""
    one, other = v.series[:2]
    late = v.values["period"] >= v.period
    names = v.values["series"].where(~late, v.values["series"].replace({one: other, other: one}))
    return Planted(v.values.assign(series=names), v.period, (one, other))


def copied(v: Volumes) -> Planted:
    other = v.part(v.series[1]).set_index("unit")["value"]
    return v.with_values({v.series[0]: v.part(v.series[0])["unit"].map(other)})


def shifted(by: int, rows: int, columns: int | None = 1) -> Plant:
    """Move the numbers of a block of rows down; ``columns`` None: those of all columns."""

    def plant(v: Volumes) -> Planted:
        changed = {}
        first = v.part(v.series[0])
        block = set(first.loc[v.units(first, min(rows, len(first) - 4)), "unit"])
        for name in v.series[:columns]:
            part = v.part(name)
            moved = part["value"].shift(by).bfill().ffill()
            changed[name] = part["value"].where(~part["unit"].isin(block), moved)
        return v.with_values(changed)

    return plant


def repeated(columns: int | None, share: float = 1.0) -> Plant:
    def plant(v: Volumes) -> Planted:
        changed = {}
        for name in v.series[:columns]:
            part = v.part(name)
            before = part["unit"].map(v.part(name, v.period - 1).set_index("unit")["value"]).fillna(part["value"])
            changed[name] = part["value"].where(v.rng.random(len(part)) > share, before)
        return v.with_values(changed)

    return plant


def exchanged(v: Volumes) -> Planted:
    other = {v.period: v.period + 1, v.period + 1: v.period}
    values = v.values.assign(period=v.values["period"].map(lambda t: other.get(t, t)))
    return Planted(values, v.period, v.series)


def replaced(by: Callable[[pd.Series, Volumes], pd.Series]) -> Plant:
    def plant(v: Volumes) -> Planted:
        part = v.part(v.series[0])
        return v.with_values({v.series[0]: by(part["value"], v)})

    return plant


def sampled(share: float, value: float) -> Plant:
    return replaced(lambda values, v: values.where(v.rng.random(len(values)) > share, value))


def lost_province(v: Volumes) -> Planted:
    part = v.part(v.series[0])
    counts = part["unit"].str[:2].value_counts()
    label = v.rng.choice(counts.index[counts >= 6])
    return v.with_values({v.series[0]: part["value"].where(part["unit"].str[:2] != label)})


def growth_rates(values: pd.Series, v: Volumes) -> pd.Series:
    part = v.part(v.series[0])
    before = part["unit"].map(v.part(v.series[0], v.period - 1).set_index("unit")["value"])
    return (100 * (values / before - 1)).round(1).where(before > 0, 7.0)


def cumulated(values: pd.Series, v: Volumes) -> pd.Series:
    part = v.part(v.series[0])
    before = [part["unit"].map(v.part(v.series[0], t).set_index("unit")["value"]) for t in (v.period - 1, v.period - 2)]
    return values + sum(one.fillna(values) for one in before)


def per_head(values: pd.Series, v: Volumes) -> pd.Series:
    return values / v.part(v.series[0])["unit"].map(v.part(v.series[-1]).set_index("unit")["value"])


def of_one_unit(values: pd.Series, v: Volumes) -> pd.Series:
    provinces = v.part(v.series[0])["unit"].str[:2]
    return values.groupby(provinces).transform("first")


PLANTS: dict[str, Plant] = {
    **{f"a column {what}": scaled(f) for what, f in (
        ("ten times", 10), ("a hundred times", 100), ("a thousand times", 1e3), ("ten thousand times", 1e4),
        ("a tenth", 0.1), ("a hundredth", 0.01), ("a thousandth", 1e-3), ("a ten-thousandth", 1e-4),
    )},
    "a column ten thousand times in the first volume": at_edge(scaled(1e4), last=False),
    "a column a ten-thousandth in the last volume": at_edge(scaled(1e-4), last=True),
    "a column ten times in the last volume": at_edge(scaled(10), last=True),
    "a column ten thousand times in two volumes": scaled(1e4, periods=2),
    "all columns ten times": scaled(10, columns=99),
    "three columns a hundredth": scaled(0.01, columns=3),
    **{f"a province {what}": province(f) for what, f in (
        ("ten times", 10), ("a tenth", 0.1), ("a hundred times", 100), ("ten thousand times", 1e4),
        ("a ten-thousandth", 1e-4),
    )},
    "two provinces ten times": province(10, 2),
    "a province ten times in the last volume": at_edge(province(10), last=True),
    "two columns exchanged": rotated(2), "three columns rotated": rotated(3), "five columns moved by one": rotated(5),
    "two columns exchanged in the first volume": at_edge(rotated(2), last=False),
    "two columns exchanged in the last volume": at_edge(rotated(2), last=True),
    "two columns exchanged from a volume on": exchanged_from,
    "a column printed over another": copied,
    "30 rows one down": shifted(1, 30), "30 rows one up": shifted(-1, 30), "20 rows two down": shifted(2, 20),
    "40 rows three up": shifted(-3, 40), "12 rows one down, all columns": shifted(1, 12, None),
    "20 rows one up, all columns": shifted(-1, 20, None), "the whole sheet one down": shifted(1, 9999),
    "the whole sheet one down, all columns": shifted(1, 9999, None),
    "30 rows one down in the last volume": at_edge(shifted(1, 30), last=True),
    "a column of the year before": repeated(1), "all columns of the year before": repeated(None),
    "two thirds of a column of the year before": repeated(1, 0.67),
    "two volumes exchanged": exchanged,
    "a third zeros": sampled(1 / 3, 0.0), "a sixth below zero": sampled(1 / 6, -1.0),
    "half of the units lost": sampled(0.5, np.nan), "a third of the units lost": sampled(0.34, np.nan),
    "a province lost": lost_province,
    "growth rates for levels": replaced(growth_rates),
    "an index for levels": replaced(lambda values, v: 100 + values.rank() % 13),
    "three years added up": replaced(cumulated), "per head for totals": replaced(per_head),
    "the first unit's number for all of its province": replaced(of_one_unit),
    "sorted by size": replaced(lambda values, v: pd.Series(np.sort(values)[::-1], values.index)),
    "rows the other way round": replaced(lambda values, v: pd.Series(values.to_numpy()[::-1], values.index)),
    "rows at random": replaced(lambda values, v: pd.Series(v.rng.permutation(values), values.index)),
}  # fmt: skip
"""Kind of slip -> what plants it."""


def made_volumes(rng: np.random.Generator, units: int = 200, first: int = 2004, periods: int = 12) -> pd.DataFrame:
    """Return a panel as yearbooks print one: ten columns of cities that grow, each with its own size and noise."""
    codes = [f"{11 + i // 12}{i % 12 + 1:02d}00" for i in range(units)]
    years = np.arange(first, first + periods)
    size, growth = rng.normal(0, 1, units), rng.normal(0.06, 0.03, units)
    frames = []
    for k, name in enumerate(COLUMNS):
        level = 8 + 0.7 * k + size + rng.normal(0, 0.5, units)
        drift = np.zeros(len(years)) if name == "area" else growth.mean() * np.arange(len(years)) * (1 - 0.08 * k)
        walk = np.cumsum(rng.normal(0, 0.005 if name in ("area", "people") else 0.06, (len(years), units)), axis=0)
        values = np.exp(level + drift[:, None] + walk).round(2)
        frames.append(pd.DataFrame(values, index=years, columns=codes).stack().rename("value").reset_index())
        frames[-1] = frames[-1].set_axis(["period", "unit", "value"], axis=1).assign(series=name, measure="1")
    found = pd.concat(frames, ignore_index=True)
    return found.assign(row=found.groupby(["series", "period"])["unit"].rank().astype(int))


def real_volumes(records: pd.DataFrame, names: Sequence[str], first: int, last: int) -> pd.DataFrame:
    """Return some columns of a real source as one sheet a year, its rows in the order of the codes."""
    found = records[records["value"].notna() & records["indicator"].isin(names) & records["year"].between(first, last)]
    found = found.assign(unit=unit_keys(found)).rename(columns={"year": "period", "indicator": "series"})
    found = found[["unit", "period", "series", "value", "measure"]].astype({"unit": str, "series": str, "period": int})
    found = found.drop_duplicates(WIDE).reset_index(drop=True)
    return found.assign(row=found.groupby(["series", "period"])["unit"].rank().astype(int))
