"""Balanced panels as year × unit arrays, and their within transformations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from shidian.did.within import COLLINEAR_TOLERANCE, independent_columns
from shidian.errors import EstimationError, no_column
from shidian.inference.sample import require_unit_years
from shidian.messages import joined, say
from shidian.spatial.weights import MOST_NAMED

Effects = Literal["none", "unit", "time", "twoway"]
EFFECTS: tuple[Effects, ...] = ("none", "unit", "time", "twoway")


@dataclass(frozen=True)
class Balanced:
    """A balanced panel.

    Attributes:
        codes: (n,) unit codes, sorted.
        years: (T,) years, sorted.
        names: names of the columns.
        values: (number of columns, T, n).
    """

    codes: tuple[str, ...]
    years: tuple[int, ...]
    names: tuple[str, ...]
    values: np.ndarray

    def column(self, name: str) -> np.ndarray:
        """Return the (T, n) values of one column."""
        return np.asarray(self.values[self.names.index(name)])


def gaps(panel: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """Return, for each unit with a missing year or value in ``columns``, the number of years it lacks (by code).

    Raises:
        EstimationError: a column that the panel has not, a unit-year given twice.
    """
    for name in columns:
        if name not in panel.columns:
            raise no_column(name, panel.columns)
    require_unit_years(panel, say("a spatial panel model"))
    complete = panel[list(columns)].notna().all(axis=1)
    have = complete.groupby(panel["unit"].astype(str)).sum()
    lacking = panel["year"].nunique() - have
    return lacking[lacking > 0].sort_index().astype("int64")


def unbalanced(lacking: pd.Series, n_units: int, columns: Sequence[str]) -> EstimationError:
    """Return the error of an unbalanced panel: which units to drop."""
    units = [say("{code} ({n})", code=code, n=n) for code, n in lacking.head(MOST_NAMED).items()]
    more = len(lacking) - MOST_NAMED
    named = say("{names} and {n} more", names=units, n=more) if more > 0 else joined(units)
    return EstimationError(
        say(
            "spatial panel models need a balanced panel, and {n} of {all} units lack years or values of {columns} "
            "(years lacking in parentheses): {units}; leave these units or years out, or write "
            "'unbalanced: drop_units'",
            n=len(lacking),
            all=n_units,
            columns=columns,
            units=named,
        )
    )


def balanced(panel: pd.DataFrame, columns: Sequence[str]) -> Balanced:
    """Return the columns as year × unit arrays.

    Raises:
        EstimationError: an unbalanced panel (names the units to drop), fewer than two units, a column that is not
            numeric or holds infinite values.
    """
    names = tuple(dict.fromkeys(columns))
    for name in names:
        if name not in panel.columns:
            raise no_column(name, panel.columns)
    unit, codes = _codes(panel["unit"])
    years, year = np.unique(panel["year"].to_numpy(), return_inverse=True)
    if len(codes) < 2:
        raise EstimationError(say("a spatial model needs two units or more; the sample has {n}", n=len(codes)))
    place = year * len(codes) + unit
    values = np.empty((len(names), len(years) * len(codes)))
    whole = len(place) == values.shape[1] and bool((np.bincount(place, minlength=len(place)) == 1).all())
    for k, name in enumerate(names):
        values[k, place] = column = _numbers(panel, name)
        whole = whole and not np.isnan(column).any()
    if not whole:
        raise unbalanced(gaps(panel, names), len(codes), names)
    shape = (len(names), len(years), len(codes))
    return Balanced(codes, tuple(map(int, years)), names, values.reshape(shape))


def _codes(column: pd.Series) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return each row's place among the sorted codes, and these; only distinct values are made texts and sorted."""
    place, distinct = pd.factorize(column, use_na_sentinel=False)
    names = [str(code) for code in distinct.tolist()]
    codes = sorted(set(names))
    at = {code: i for i, code in enumerate(codes)}
    return np.array([at[name] for name in names])[place], tuple(codes)


def _numbers(panel: pd.DataFrame, name: str) -> np.ndarray:
    try:
        values = panel[name].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise EstimationError(say("column '{name}' is not numeric ({error})", name=name, error=error)) from error
    if np.isinf(values).any():
        raise EstimationError(
            say("column '{name}' holds infinite values: a logarithm of zero, or a division by zero", name=name)
        )
    return np.asarray(values)


def within(values: np.ndarray, effects: Effects) -> np.ndarray:
    """Return Q times (..., T, n) values: less unit means, year means, or both (plus the grand mean)."""
    if effects not in EFFECTS:
        raise EstimationError(
            say("no fixed effects '{name}' of a spatial model: one of {valid}", name=effects, valid=EFFECTS)
        )
    if effects in ("unit", "twoway"):
        values = values - values.mean(axis=-2, keepdims=True)
    if effects in ("time", "twoway"):
        values = values - values.mean(axis=-1, keepdims=True)
    return values


def check_rank(X: np.ndarray, raw: np.ndarray, names: Sequence[str], effects: Effects) -> None:
    """Check that (N, k) columns are linearly independent after the within transformation.

    Raises:
        EstimationError: names the first column that the effects absorb, else the first that earlier columns explain.
    """
    for j, name in enumerate(names):
        if np.linalg.norm(X[:, j]) <= COLLINEAR_TOLERANCE * np.linalg.norm(raw[:, j]):
            raise EstimationError(_absorbed(name, effects))
    kept = independent_columns(X, np.empty((len(X), 0)))
    for j, name in enumerate(names):
        if j not in kept:
            raise EstimationError(
                say("'{name}' cannot be estimated: it is collinear with {others}", name=name, others=names[:j])
            )


def _absorbed(name: str, effects: Effects) -> str:
    if effects == "none":
        return say("'{name}' cannot be estimated: it is always zero; leave it out", name=name)
    return say(
        "'{name}' cannot be estimated: it does not vary within the {effects} fixed effects; leave it out",
        name=name, effects=effects_words(effects),
    )  # fmt: skip


def effects_words(effects: Effects) -> str:
    """Return what fixed effects are called."""
    return {"none": "none", "unit": say("unit"), "time": say("time"), "twoway": say("twoway")}[effects]
