"""Compute the declared indicators of a study on its panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shidian.derive.texts import Texts, share_of_keywords
from shidian.errors import EstimationError, PanelError
from shidian.indicators.entropy import entropy_index
from shidian.indicators.income import gini_two_groups, income_ratio, log_income_gap, theil_urban_rural
from shidian.indicators.structure import (
    location_quotient,
    rationalisation,
    upgrading_by_productivity,
    upgrading_by_share,
)
from shidian.indicators.transform import chain_index, deflate, winsorise
from shidian.panel.compute import Scope, compute_variable
from shidian.study.model import FORMULA, KEYWORD_SHARE, Indicator, Variable
from shidian.study.units import PURE

WEIGHT_COLUMNS = ("index", "indicator", "polarity", "minimum", "maximum", "entropy", "divergence", "weight", "constant")


@dataclass(frozen=True)
class Derived:
    """The panel with its indicators.

    Attributes:
        panel: the panel, a column an indicator added in the order declared.
        weights: weights of the entropy indices (``WEIGHT_COLUMNS``).
        ledger: what was winsorised or could not be computed (step, subject, units, rows, reason).
    """

    panel: pd.DataFrame
    weights: pd.DataFrame
    ledger: list[dict[str, Any]]


def derive_indicators(panel: pd.DataFrame, declared: Sequence[Indicator], texts: Texts | None = None) -> Derived:
    """Add the declared indicators to a panel, in their order; one may use those before it.

    ``texts`` is what keyword shares read; it may be left out where none is declared.

    Raises:
        PanelError: an indicator that cannot be computed; names it, and the unit and year where one is at fault.
    """
    panel = panel.copy()
    weights, ledger = [pd.DataFrame(columns=list(WEIGHT_COLUMNS))], []
    keyed = panel.set_index(["unit", "year"])
    for indicator in declared:
        try:
            if indicator.method == "entropy_index":
                values, table, lines = _entropy(keyed, indicator)
                weights.append(table)
                ledger += lines
            elif indicator.method in _WITH_LEDGER:
                values, lines = _WITH_LEDGER[indicator.method](keyed, indicator)
                ledger += lines
            elif indicator.method == KEYWORD_SHARE:
                assert texts is not None
                values, lines = share_of_keywords(keyed, indicator, texts)
                ledger += lines
            else:
                values = _METHODS[indicator.method](keyed, indicator)
        except EstimationError as problem:
            raise PanelError(f"indicator '{indicator.name}': {problem}") from None
        keyed[indicator.name] = values.to_numpy(dtype=float)
        panel[indicator.name] = values.to_numpy(dtype=float)
        gone = int(panel[indicator.name].isna().sum())
        if gone and indicator.method != KEYWORD_SHARE:  # its own line says which years have no text
            units = int(panel.loc[panel[indicator.name].isna(), "unit"].nunique())
            reason = "an input is missing: left empty"
            ledger.append(
                {"step": "indicators", "subject": indicator.name, "units": units, "rows": gone, "reason": reason}
            )
    return Derived(panel, pd.concat(weights, ignore_index=True) if len(weights) > 1 else weights[0], ledger)


def _columns(keyed: pd.DataFrame, indicator: Indicator) -> list[pd.Series]:
    """Return the inputs of an indicator, those of one kind in one size."""
    sizes = dict(indicator.sizes)
    return [keyed[name] * sizes[role] if role in sizes else keyed[name] for role, name in indicator.inputs]


def _entropy(keyed: pd.DataFrame, indicator: Indicator) -> tuple[pd.Series, pd.DataFrame, list[dict[str, Any]]]:
    names = [variable for _, variable in indicator.inputs]
    cost = indicator.option("cost", [])
    strangers = [name for name in cost if name not in names]
    if strangers:
        raise EstimationError(f"'{strangers[0]}' under 'cost' is none of its inputs")
    polarity = {name: "cost" if name in cost else "benefit" for name in names}
    missing = indicator.option("missing", "error")
    index = entropy_index(
        keyed[names], polarity, epsilon=indicator.option("epsilon", 1e-4), missing=missing
    )  # fmt: skip
    table = index.weights.assign(index=indicator.name)
    lines = [
        {"step": "indicators", "subject": f"{indicator.name}: {row['indicator']}", "units": 0, "rows": 0,
         "reason": "constant over all rows: weight zero"}
        for row in table[table["constant"].astype(bool)].to_dict("records")
    ]  # fmt: skip
    return index.score, table.reindex(columns=list(WEIGHT_COLUMNS)), lines


def _winsorised(keyed: pd.DataFrame, indicator: Indicator) -> tuple[pd.Series, list[dict[str, Any]]]:
    (values,) = _columns(keyed, indicator)
    lower, upper = indicator.option("lower", 0.01), indicator.option("upper", 0.99)
    result = winsorise(values, lower, upper)
    reason = f"set to the quantiles {lower:g} ({result.low:g}) and {upper:g} ({result.high:g})"
    rows = result.n_low + result.n_high
    return result.values, [
        {"step": "indicators", "subject": indicator.name, "units": 0, "rows": rows, "reason": reason}
    ]


def _formula(keyed: pd.DataFrame, indicator: Indicator) -> tuple[pd.Series, list[dict[str, Any]]]:
    """Compute a formula over columns of the panel; their sizes were settled when the study was read."""
    text, lenient = indicator.option("formula"), indicator.option("invalid") == "missing"
    inputs = dict(indicator.inputs)
    assert indicator.node is not None
    variable = Variable(indicator.name, text, indicator.node, {}, PURE, "", 1.0, lenient)
    rows = keyed.index.to_frame(index=False).assign(unit_name=keyed["unit_name"].to_numpy())
    columns = {name: rows["year"] if name == "year" else keyed[name] for name in inputs}
    arrays = {name: column.to_numpy(dtype=float, na_value=np.nan) for name, column in columns.items()}
    values, ledger = compute_variable(variable, Scope(rows, arrays))
    return pd.Series(values, index=keyed.index), [{**line, "step": "indicators"} for line in ledger]


def _years(keyed: pd.DataFrame) -> pd.Series:
    return pd.Series(keyed.index.get_level_values("year"), index=keyed.index)


def _units(keyed: pd.DataFrame) -> pd.Series:
    return pd.Series(keyed.index.get_level_values("unit"), index=keyed.index)


_WITH_LEDGER: dict[str, Callable[[pd.DataFrame, Indicator], tuple[pd.Series, list[dict[str, Any]]]]] = {
    "winsorise": _winsorised,
    FORMULA: _formula,
}
_METHODS: dict[str, Callable[[pd.DataFrame, Indicator], pd.Series]] = {
    "theil": lambda k, i: theil_urban_rural(*_columns(k, i)),
    "gini": lambda k, i: gini_two_groups(*_columns(k, i)),
    "income_ratio": lambda k, i: income_ratio(*_columns(k, i)),
    "log_income_gap": lambda k, i: log_income_gap(*_columns(k, i)),
    "location_quotient": lambda k, i: location_quotient(_columns(k, i)[0], _columns(k, i)[1], _years(k)),
    "upgrading": lambda k, i: upgrading_by_share(_columns(k, i)),
    "productivity_upgrading": lambda k, i: upgrading_by_productivity(
        _columns(k, i)[:3], _columns(k, i)[3:], i.option("scale", 1.0)
    ),
    "rationalisation": lambda k, i: rationalisation(_columns(k, i)[:3], _columns(k, i)[3:]),
    "deflate": lambda k, i: deflate(*_columns(k, i)),
    "chain_index": lambda k, i: chain_index(_columns(k, i)[0], _units(k), _years(k), i.option("base_year")),
}
