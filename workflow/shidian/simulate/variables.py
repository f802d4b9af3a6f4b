"""The studies' variables computed from raw items, as ``shidian`` will compute them from the workbooks.

Written for the simulator alone, so that what was planted can be checked before any workbook is written.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from shidian.simulate.invert import theil

Items = Mapping[str, np.ndarray]
SECTORS = ("primary", "secondary", "tertiary")


def theil_of(items: Items, urban_population: np.ndarray, rural_population: np.ndarray) -> np.ndarray:
    """Theil index of urban and rural incomes."""
    share = urban_population / (urban_population + rural_population)
    return theil(items["urban_income_yuan"] / items["rural_income_yuan"], share)


def city_variables(items: Items, productivity_scale: float, listed: np.ndarray) -> dict[str, np.ndarray]:
    """Variables of the three city studies except efficiency; ``listed`` marks the cities that enter national sums."""
    gdp, population = items["gdp_wan_yuan"], items["resident_population_wan"]
    deflator = items["gdp_deflator"] / 100
    y = np.stack([items[f"{s}_value_added_wan_yuan"] for s in SECTORS], axis=-1) / gdp[..., None]
    workers = np.stack([items[f"employed_{s}_wan"] for s in SECTORS], axis=-1)
    shares = workers / workers.sum(axis=-1, keepdims=True)
    productivity = y * (gdp / deflator)[..., None] / workers / productivity_scale  # 10,000 yuan over 10,000 persons
    rural = population - items["urban_population_wan"]
    talent = items["employed_research_persons"] + items["employed_information_persons"]
    national = np.where(listed, talent, 0).sum(axis=0) / np.where(listed, items["employed_wan"], 0).sum(axis=0)
    lnagdp = np.log(items["pgdp_yuan"] / deflator)
    return {
        "theil": theil_of(items, items["urban_population_wan"], rural),
        "income_ratio": items["urban_income_yuan"] / items["rural_income_yuan"],
        "ais": (y * productivity).sum(axis=-1),
        "ris": (y * np.log(y / shares)).sum(axis=-1),
        "lnagdp": lnagdp,
        "lnagdp2": lnagdp**2,
        "open": items["fdi_wan_usd"] * items["usd_exchange_rate"] / gdp,
        "gov": items["fiscal_expenditure_wan_yuan"] / gdp,
        "talents": talent / 1e4 / items["employed_wan"],
        "ainternet": items["broadband_users_wan"] / population,
        "urban": items["urban_population_wan"] / population,
        "lq": talent / items["employed_wan"] / national,
        "eco": gdp / items["area_km2"] / 1e4,
        "fin": (items["deposits_wan_yuan"] + items["loans_wan_yuan"]) / gdp,
        "industry": y[..., 1] + y[..., 2],
        "ln_stru": np.log(y @ np.array([1.0, 2.0, 3.0])),
        "ln_energy_intensity": np.log(items["energy_wan_tce"] * 1e4 / gdp),
        "ln_innovation_index": np.log(items["innovation_index"]),
    }


def county_variables(items: Items) -> dict[str, np.ndarray]:
    """Variables of the county study."""
    gdp, people = items["gdp_wan_yuan"], items["population_wan"]
    urban, rural = items["urban_population_wan"], items["rural_population_wan"]
    share = urban / (urban + rural)
    ratio = items["urban_income_yuan"] / items["rural_income_yuan"]
    mean = share * ratio + 1 - share
    return {
        "theil": theil_of(items, urban, rural),
        "gini": share * (1 - share) * np.abs(ratio - 1) / mean,
        "pgdp": gdp / people / 1e4,
        "pgra": items["grain_t"] * 1e3 / (people * 1e4),
        "ind": items["secondary_value_added_wan_yuan"] / gdp,
        "serv": items["tertiary_value_added_wan_yuan"] / gdp,
        "fiscal": items["fiscal_revenue_wan_yuan"] / items["fiscal_expenditure_wan_yuan"],
        "edu": items["secondary_students_persons"] / (people * 1e4),
        "financial": items["loans_wan_yuan"] / gdp,
        "com": items["telephone_users"] / (people * 1e4),
        "atl": items["machinery_power_wan_kw"] / rural,
        "ln_aux_firms": np.log(items["new_auxiliary_firms"]),
        "ln_processing_firms": np.log(items["new_processing_firms"]),
        "gi_products": items["gi_products"],
        "ruggedness": items["ruggedness"],
    }


def province_variables(items: Items) -> dict[str, np.ndarray]:
    """Variables of the provincial study except the index of new-quality productive forces."""
    people = items["population_wan"]
    return {
        "gap": np.log((items["urban_income_yuan"] - items["rural_income_yuan"]) / 1e4),
        "education": items["education_expenditure_yi_yuan"] / 100,
        "patent": items["patents_granted"] / people,
        "digeco": items["web_pages_wan"] / 1e6,
        "high_education_share": 100 * items["higher_education_population_wan"] / people,
    }
