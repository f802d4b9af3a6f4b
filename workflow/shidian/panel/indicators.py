"""Compute the declared indicators of a study on its panel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pandas as pd

from shidian.errors import EstimationError, PanelError
from shidian.indicators.inputs import Computed, Inputs
from shidian.ledger import ledger_row_of
from shidian.messages import say
from shidian.panel.keyword_share import Texts, share_of_keywords
from shidian.study.indicator_methods import method
from shidian.study.model import KEYWORD_SHARE, Indicator

WEIGHT_COLUMNS = ("index", "indicator", "polarity", "minimum", "maximum", "entropy", "divergence", "weight", "constant")

WAY_OUT = (
    "Correct the cell (`shidian correct`), or leave the unit or its year out by 'exclude', in the study's sample or, "
    "for your own data, under 'real_sources' in config/config.yaml"
)


@dataclass(frozen=True)
class WithIndicators:
    """The panel with its indicators.

    Attributes:
        panel: the panel, a column an indicator added in the order declared.
        weights: weights of the entropy indices (``WEIGHT_COLUMNS``).
        ledger: what was winsorised or could not be computed (step, subject, units, rows, reason).
    """

    panel: pd.DataFrame
    weights: pd.DataFrame
    ledger: list[dict[str, Any]]


def add_indicators(panel: pd.DataFrame, declared: Sequence[Indicator], texts: Texts | None = None) -> WithIndicators:
    """Add the declared indicators to a panel, in their order; one may use those before it.

    ``texts`` is what keyword shares read; it may be left out where none is declared.

    Raises:
        PanelError: an indicator that cannot be computed; names it, and the unit and year where one is at fault.
    """
    panel = panel.copy()
    weights, ledger = [pd.DataFrame(columns=list(WEIGHT_COLUMNS))], list[dict[str, Any]]()
    keyed = panel.set_index(["unit", "year"])
    for indicator in declared:
        try:
            computed = _compute(keyed, indicator, texts)
        except EstimationError as problem:
            raise PanelError(f"indicator '{indicator.name}': {problem}{_way_out(panel, str(problem))}") from None
        values = computed.values.to_numpy(dtype=float)
        keyed[indicator.name] = panel[indicator.name] = values
        weights += [computed.weights.reindex(columns=list(WEIGHT_COLUMNS))] * bool(len(computed.weights))
        ledger += computed.ledger
        gone = panel[panel[indicator.name].isna()]
        if len(gone) and indicator.method != KEYWORD_SHARE:  # its own line says which years have no text
            reason = say("an input is missing: left empty")
            ledger.append(ledger_row_of(gone, say("indicators"), indicator.name, reason))
    return WithIndicators(panel, pd.concat(weights, ignore_index=True) if len(weights) > 1 else weights[0], ledger)


def _way_out(panel: pd.DataFrame, problem: str) -> str:
    """Return the names of the units that an error names by code, and what to do about them; "" where it names none."""
    named = dict.fromkeys(re.findall(r"unit ([^\s,]+),", problem))
    if not named:
        return ""
    names = dict(zip(panel["unit"], panel["unit_name"], strict=True)) if "unit_name" in panel else {}
    known = ", ".join(f"{unit} {names[unit]}" for unit in named if unit in names and names[unit] != unit)
    return f"{f' ({known})' if known else ''}. {WAY_OUT}"


def _compute(keyed: pd.DataFrame, indicator: Indicator, texts: Texts | None) -> Computed:
    if indicator.method == KEYWORD_SHARE:
        assert texts is not None
        return share_of_keywords(keyed, indicator, texts)
    declared = method(indicator.method)
    rows = keyed.index.to_frame()
    sizes = dict(indicator.sizes)
    columns = {role: (keyed if name in keyed else rows)[name] for role, name in indicator.inputs}
    columns = {role: column * sizes[role] if role in sizes else column for role, column in columns.items()}
    options = {**declared.defaults, **dict(indicator.options)}
    given = Inputs(indicator.name, columns, options, keyed, indicator.node)
    result = import_module(declared.module).compute(given)
    return result if isinstance(result, Computed) else Computed(result)
