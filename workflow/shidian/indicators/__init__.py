"""Indicators: pure functions from columns of a panel to an indicator, one small module a family."""

from shidian.indicators.entropy import EntropyIndex, entropy_index
from shidian.indicators.income import gini_two_groups, income_ratio, log_income_gap, theil_urban_rural
from shidian.indicators.inequality import (
    coefficient_of_variation,
    gini,
    theil_decomposition,
    theil_l,
    theil_t,
    variation_among,
)
from shidian.indicators.keywords import keyword_share
from shidian.indicators.structure import (
    location_quotient,
    rationalisation,
    upgrading_by_productivity,
    upgrading_by_share,
)
from shidian.indicators.transform import chain_index, deflate, winsorise

__all__ = [
    "EntropyIndex",
    "chain_index",
    "coefficient_of_variation",
    "deflate",
    "entropy_index",
    "gini",
    "gini_two_groups",
    "income_ratio",
    "keyword_share",
    "location_quotient",
    "log_income_gap",
    "rationalisation",
    "theil_decomposition",
    "theil_l",
    "theil_t",
    "theil_urban_rural",
    "upgrading_by_productivity",
    "upgrading_by_share",
    "variation_among",
    "winsorise",
]
