"""Instruments as a study file declares them: a variable, a lag of one, or a product with a trend."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from shidian.errors import EstimationError, nearest
from shidian.exhibits.result import StudyInfo
from shidian.inference.sample import require_unit_years
from shidian.messages import say

TREND = say("trend")


def instrument_name(declared: str | Mapping[str, Any]) -> str:
    """Return the name of the instrument's column: ``x``, ``L1.x``, ``x*trend``."""
    if isinstance(declared, str):
        return declared
    if "lag" in declared:
        return f"L{declared.get('periods', 1)}.{declared['lag']}"
    return "*".join(declared["interaction"])


def instrument_label(declared: str | Mapping[str, Any], info: StudyInfo) -> str:
    """Return the printed name of an instrument."""
    if isinstance(declared, str):
        return info.label(declared)
    if "lag" in declared:
        lag = str(declared.get("periods", 1))
        return say("{name} (lag {lag})", name=info.label(declared["lag"]), lag=lag)
    factors = declared["interaction"]
    parts = [TREND if part == TREND and TREND not in info.labels else info.label(part) for part in factors]
    return functools.reduce(lambda left, right: say("{left} × {right}", left=left, right=right), parts)


def instrument_variables(declared: Sequence[str | Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the variables of the panel that instruments are made of."""
    found: list[str] = []
    for item in declared:
        found += [item] if isinstance(item, str) else [item["lag"]] if "lag" in item else item["interaction"]
    return tuple(dict.fromkeys(name for name in found if name != TREND))


def with_instruments(panel: pd.DataFrame, declared: Sequence[str | Mapping[str, Any]]) -> pd.DataFrame:
    """Return the panel with a column for each declared instrument.

    A lag is the value of the same unit so many years earlier, missing where that year is not in the panel.
    ``trend`` in an interaction counts years from the panel's first.

    Raises:
        EstimationError: a variable that the panel has not, or that is called trend; a lag that no row has.
    """
    added = {}
    for item in declared:
        if isinstance(item, str):
            _known(panel, item)
            continue
        name = instrument_name(item)
        if "lag" in item:
            _known(panel, item["lag"])
            added[name] = lagged(panel, item["lag"], int(item.get("periods", 1)))
            if added[name].isna().all():
                raise EstimationError(
                    say("the instrument '{name}' has no value: no unit is observed so many years apart", name=name)
                )
            continue
        product = pd.Series(1.0, index=panel.index)
        for factor in item["interaction"]:
            if factor == TREND and TREND in panel.columns:
                raise EstimationError(
                    say(
                        "'trend' in the instrument '{name}' is both a variable of the panel and the count of years; "
                        "give the variable another name",
                        name=name,
                    )
                )
            if factor == TREND:
                product = product * (panel["year"] - panel["year"].min()).astype(float)
            else:
                _known(panel, factor)
                product = product * panel[factor].astype(float)
        added[name] = product
    return panel.assign(**added)


def lagged(panel: pd.DataFrame, name: str, periods: int) -> pd.Series:
    """Return the variable ``periods`` years earlier of the same unit, by year, not by row."""
    require_unit_years(panel, say("a lag as an instrument"))
    earlier = panel[["unit", "year", name]].assign(year=panel["year"] + periods)
    joined = panel[["unit", "year"]].merge(earlier, on=["unit", "year"], how="left", validate="1:1")
    return pd.Series(joined[name].to_numpy(dtype=float, na_value=float("nan")), index=panel.index)


def lag_warnings(
    declared: Sequence[str | Mapping[str, Any]], outcome: str, endogenous: Sequence[str], info: StudyInfo
) -> list[str]:
    """Return what a referee says to a lag as an instrument."""
    found = []
    for item in declared:
        if isinstance(item, str) or "lag" not in item:
            continue
        name = instrument_label(item, info)
        if item["lag"] in endogenous:
            found.append(
                say(
                    "the instrument {name} is a lag of the endogenous regressor: it is valid only if the error is not "
                    "serially correlated and the lag has no effect of its own on the outcome",
                    name=name,
                )
            )
        elif item["lag"] == outcome:
            found.append(
                say("the instrument {name} is a lag of the outcome: with unit effects it is not exogenous", name=name)
            )
    return found


def _known(panel: pd.DataFrame, name: str) -> None:
    if name not in panel.columns:
        near = nearest(name, panel.columns)
        raise EstimationError(
            say("the panel has no column '{name}' for an instrument{nearest}", name=name, nearest=near)
        )
