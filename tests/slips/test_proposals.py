"""Rules that hold between the columns of a source are proposed; those that only happen to hold are not."""

import numpy as np
import pandas as pd
from shidian.slips.paths import Paths, paths_of
from shidian.slips.proposals import Proposal, proposals, sum_proposals
from shidian.slips.records import sizes_of

MEASURES = {
    "gdp": "亿元", "primary": "亿元", "secondary": "亿元", "tertiary": "万元", "per_head": "元/人", "people": "万人",
    "people_urban": "万人", "births": "人",
}  # fmt: skip


def columns(seed: int = 1, units: int = 30, years: int = 6) -> pd.DataFrame:
    """Return columns of cities: GDP is the sum of three, and people times GDP per head, up to 5 per cent."""
    rng = np.random.default_rng(seed)
    rows = pd.MultiIndex.from_product(
        [[f"{13 + i % 3}{i // 3 + 1:02d}00" for i in range(units)], range(2005, 2005 + years)], names=["unit", "period"]
    )
    people = np.exp(rng.normal(5.5, 0.5, len(rows)))
    per_head = np.exp(rng.normal(10.5, 0.3, len(rows)))
    gdp = people * per_head / 1e4
    shares = rng.dirichlet([2, 8, 8], len(rows))
    made = {
        "gdp": gdp, "primary": gdp * shares[:, 0], "secondary": gdp * shares[:, 1],
        "tertiary": gdp * shares[:, 2] * 1e4, "per_head": per_head,
        "people": people * np.exp(rng.uniform(-0.05, 0.05, len(rows))),
        "people_urban": people * rng.uniform(0.3, 0.8, len(rows)),
        "births": people * 100,
    }  # fmt: skip
    wide = pd.DataFrame(made, index=rows).rename_axis(columns="series")
    long = wide.stack().rename("value").reset_index()
    return long.assign(measure=long["series"].map(MEASURES), row=1)


def paths(values: pd.DataFrame) -> list[Paths]:
    return paths_of(values, sizes_of(values["measure"].unique()))


def said(found: list[Proposal]) -> set[str]:
    return {one.rule for one in found}


def test_sums_products_and_parts() -> None:
    found = proposals(paths(columns()))
    assert said(found) == {"gdp = secondary + tertiary + primary", "gdp = people * per_head", "people >= people_urban"}
    (product,) = (one for one in found if "*" in one.rule)
    assert (product.rows, product.tolerance) == (180, 0.05)


def test_a_volume_that_breaks_a_rule_does_not_hide_it() -> None:
    values = columns(years=12)
    volume = (values["period"] == 2008) & (values["series"] == "gdp")
    values.loc[volume & (values["unit"] < "13"), "value"] *= 10
    broken = values.assign(value=values["value"].where(~(volume & (values["unit"].isin(["130100", "140100"]))), 1.0))
    (total,) = (one for one in proposals(paths(broken)) if "+" in one.rule)
    assert (total.rows, total.broken) == (360, 2)


def test_sizes_and_order_do_not_matter() -> None:
    values = columns()
    first = said(proposals(paths(values)))
    larger = values["series"] == "secondary"
    scaled = values.assign(
        value=values["value"].where(~larger, values["value"] * 1e4), measure=values["measure"].where(~larger, "万元")
    )
    assert said(proposals(paths(scaled.sample(frac=1, random_state=3)))) == first


def test_the_sum_of_a_provinces_units() -> None:
    cities = columns()
    gdp = cities[cities["series"] == "gdp"]
    sums = gdp.groupby([gdp["unit"].str[:2], "period"])["value"].sum().rename("value").reset_index()
    noise = np.random.default_rng(2).uniform(0.97, 1.08, len(sums))
    provinces = pd.concat([
        sums.assign(series="gdp_yuan", measure="元", value=sums["value"] * 1e8 * noise),
        sums.assign(series="savings", measure="元", value=sums["value"] ** 2),
    ]).assign(row=1)  # fmt: skip
    units, wholes = paths(cities), paths(provinces)
    groups, labels = (np.array([unit[:2] for unit in one[0].units], dtype=object) for one in (units, wholes))
    found = list(sum_proposals(units, groups, wholes, labels, ("cities", "provinces")))
    assert found == []  # three provinces of six years are too few to learn from
    more = paths(columns(units=60, years=12))
    gdp = columns(units=60, years=12).query("series == 'gdp'")
    sums = gdp.groupby([gdp["unit"].str[:2], "period"])["value"].sum().rename("value").reset_index()
    wholes = paths(sums.assign(series="gdp_yuan", measure="元", value=sums["value"] * 1e8 / 0.95, row=1))
    groups, labels = (np.array([unit[:2] for unit in one[0].units], dtype=object) for one in (more, wholes))
    (one,) = sum_proposals(more, groups, wholes, labels, ("cities", "provinces"))
    assert one == Proposal("provinces.gdp_yuan = sum(cities.gdp)", 36, 0, 0.1)
