"""A simulated world: the raw items that yearbooks print, and the variables and truths behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from shidian.errors import SimulationError, nearest
from shidian.simulate.treat import NEVER, scaled
from shidian.simulate.truth import Truth


@dataclass(frozen=True)
class Size:
    """Size of a world; None = full size.

    Attributes:
        cities, counties, provinces: number of units, taken at even steps of the lists.
    """

    cities: int | None = None
    counties: int | None = None
    provinces: int | None = None


@dataclass(frozen=True)
class Panel:
    """One study as the simulator knows it, without any workbook.

    Attributes:
        truth: what was planted.
        units: the sample's units: code, name, region …
        years: (T,) years of the sample.
        variables: variable of the study -> (n, T) values computed from the raw items.
        assignment: code, name, first_year, dates of every unit of the sample.
    """

    truth: Truth
    units: pd.DataFrame
    years: np.ndarray
    variables: Mapping[str, np.ndarray]
    assignment: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return the panel as rows: unit, unit_name, region, year, adoption_year and one column a variable."""
        n, years = len(self.units), len(self.years)
        rows = {name: np.repeat(self.units[name].to_numpy(), years) for name in ("code", "name", "region")}
        table = pd.DataFrame({"unit": rows["code"], "unit_name": rows["name"], "region": rows["region"]})
        table["year"] = np.tile(self.years, n)
        adoption = self.assignment["first_year"].replace(NEVER, pd.NA).astype("Int64")
        table["adoption_year"] = adoption.repeat(years).to_numpy()
        for name, values in self.variables.items():
            table[name] = values.ravel()
        return table


@dataclass(frozen=True)
class World:
    """All that one family of yearbooks prints.

    Attributes:
        level: city, county or province.
        units: code, name, province_code, region, first_year, last_year.
        years: (T,) years.
        items: raw item -> (n, T) values in the item's unit of measure, missing where the unit is not listed.
        panels: study -> its panel.
        secrets: further truths by name, such as true efficiency, (n, T).
    """

    level: str
    units: pd.DataFrame
    years: np.ndarray
    items: Mapping[str, np.ndarray]
    panels: Mapping[str, Panel]
    secrets: Mapping[str, np.ndarray] = field(default_factory=dict)

    def item(self, name: str) -> np.ndarray:
        """Return the (n, T) values of a raw item."""
        if name not in self.items:
            raise SimulationError(f"no raw item '{name}' is simulated for {self.level}{nearest(name, self.items)}")
        return self.items[name]


def sample_of(truth: Truth, units: pd.DataFrame, years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the (n,) units and (T,) years of a study's sample."""
    code = units["code"]
    rows = ~code.isin(truth.excluded)
    if truth.only:
        rows &= code.isin(truth.only)
    return rows.to_numpy(), (years >= truth.first) & (years <= truth.last)


def grid(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the (n, T) mask of a sample."""
    return np.asarray(rows[:, None] & columns[None, :])


def shrink(truth: Truth, share: float) -> Truth:
    """Return the truth for a small world: batches scaled by the share of the units, moments as near as may be."""
    if share == 1:
        return truth
    covariates = {name: replace(m, exact=False) for name, m in truth.covariates.items()}
    equations = {name: replace(e, moments=replace(e.moments, exact=False)) for name, e in truth.equations.items()}
    truth = replace(truth, covariates=covariates, equations=equations)
    policy = replace(truth.treatment, batches=scaled(truth.treatment.batches, share), limited=True)
    return replace(truth, treatment=policy)
