"""Part of the panel that a column uses, declared in the study file: years, excluded units, values of a variable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from shidian.errors import EstimationError, nearest


def subsample(
    panel: pd.DataFrame, declared: Mapping[str, Any] | None, label: Callable[[str], str] = str
) -> tuple[pd.DataFrame, str]:
    """Return the rows that a declared sample keeps, with the words for the note ("" when it keeps all).

    ``label`` gives the printed name of a variable.

    Keys: ``first_year``, ``last_year``, ``exclude_years`` (list), ``exclude_units`` (codes or names),
    ``keep`` (variable -> value or list of values), ``median`` (``variable``, ``side``, ``of``).

    Raises:
        EstimationError: a unit, year or variable that the panel has not; no row left.
    """
    if not declared:
        return panel, ""
    years, mask, words = panel["year"], pd.Series(True, index=panel.index), []
    if "first_year" in declared or "last_year" in declared:
        first, last = declared.get("first_year", years.min()), declared.get("last_year", years.max())
        mask &= years.between(first, last)
        words.append(f"years {first}–{last}")
    if dropped := list(declared.get("exclude_years", [])):
        _all_known(dropped, set(years), "year")
        mask &= ~years.isin(dropped)
        words.append(f"without the year{'s' * (len(dropped) > 1)} " + ", ".join(map(str, dropped)))
    if dropped := [str(unit) for unit in declared.get("exclude_units", [])]:
        names = panel["unit_name"] if "unit_name" in panel.columns else panel["unit"]
        _all_known(dropped, set(panel["unit"].astype(str)) | set(names.astype(str)), "unit")
        mask &= ~(panel["unit"].astype(str).isin(dropped) | names.astype(str).isin(dropped))
        words.append("without " + ", ".join(dropped))
    for name, value in declared.get("keep", {}).items():
        if name not in panel.columns:
            raise EstimationError(f"the panel has no column '{name}'{nearest(name, panel.columns)}")
        values = value if isinstance(value, list) else [value]
        mask &= panel[name].isin(values)
        words.append(f"{label(name)} = {' or '.join(map(str, values))}")
    if "median" in declared:
        side, said = _side_of_median(panel, declared["median"], label)
        mask &= side
        words.append(said)
    if not mask.any():
        raise EstimationError(f"the declared sample ({'; '.join(words)}) keeps no row")
    return panel[mask], "; ".join(words)


def _side_of_median(
    panel: pd.DataFrame, declared: Mapping[str, Any], label: Callable[[str], str]
) -> tuple[pd.Series, str]:
    """Return which rows lie on the declared side of a variable's median: of rows, or of units by their means."""
    name, side, of = declared["variable"], declared["side"], declared.get("of", "rows")
    if name not in panel.columns:
        raise EstimationError(f"the panel has no column '{name}'{nearest(name, panel.columns)}")
    values = panel[name] if of == "rows" else panel.groupby("unit")[name].transform("mean")
    known = values if of == "rows" else values[~panel["unit"].duplicated()]
    middle = float(known.median())
    chosen = values > middle if side == "high" else values <= middle
    shown = f"{middle:,.0f}" if abs(middle) >= 1000 else f"{middle:.4g}"
    return chosen, f"{label(name)} {'above' if side == 'high' else 'not above'} its median over {of} ({shown})"


def _all_known(wanted: list[Any], known: set[Any], what: str) -> None:
    for value in wanted:
        if value not in known:
            raise EstimationError(f"no {what} '{value}' in the panel{nearest(str(value), map(str, known))}")
