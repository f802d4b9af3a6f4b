"""How the kinds of exhibits say what a column used (``shidian.used``): from its settings and its estimation sample."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from shidian.crossed import columns_behind, is_product
from shidian.exhibits.subsample import LEAVE_OUT
from shidian.inference.sample import Sample
from shidian.inference.weights import weights_of
from shidian.messages import joined, say
from shidian.used import Rows, Used

LISTS = {"added": "add", "moderators": "interactions", "controls": "controls", "fixed_effects": "fixed_effects"}
"""Role -> key of a column's settings that lists its variables."""
ADOPTION = ("adoption_year",)
"""What places a row in event time."""
MODEL = ("inputs", "desirable", "undesirable")
"""Roles in an efficiency model."""


def roles(settings: Mapping[str, Any], **more: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return role -> variables of a column's settings, outcome and treatment first; those without a variable are out.

    ``more`` gives further roles, and may take the place of one that the settings name.
    """
    errors, sample = settings.get("vcov"), settings.get("sample") or {}
    by = errors.get("by", ()) if isinstance(errors, Mapping) else ()
    restricted = [*sample.get("keep", {}), *([sample["median"]["variable"]] if "median" in sample else [])]
    found: dict[str, Iterable[str]] = {name: _one(settings.get(name)) for name in ("outcome", "treatment")}
    found |= {role: settings.get(key) or () for role, key in LISTS.items()}
    weighting = weights_of(settings)
    found |= {"clusters": _one(by) if isinstance(by, str) else by, "sample": restricted}
    found |= {"weights": (weighting.variable,) if weighting else ()} | more
    named = {role: tuple(map(str, names)) for role, names in found.items()}
    return {
        role: columns_behind(names) if any(map(is_product, names)) else names for role, names in named.items() if names
    }


def model_roles(model: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return role -> variables of an efficiency model."""
    named = {role: model.get(role) or () for role in MODEL}
    return {role: _one(names) if isinstance(names, str) else tuple(names) for role, names in named.items() if names}


def by_sample(
    sample: Sample, part: pd.DataFrame, settings: Mapping[str, Any], words: str = "", **more: Iterable[str]
) -> Used:
    """Return what a regression on an estimation sample used.

    Args:
        sample: the estimation sample, taken from ``part``.
        part: the declared sample, its index that of the panel.
        settings: of the column.
        words: what ``part`` is restricted to.
        more: further roles, see ``roles``.
    """
    convention, singletons = str(settings.get("ssc") or ""), str(settings.get("singletons") or "")
    return Used(
        Rows.of(sample.rows), Rows.of(part.index), roles(settings, **more), sample.n_missing, sample.n_singletons,
        restricted_to(settings, words), ssc=convention, singletons=singletons, n_separated=sample.n_separated,
    )  # fmt: skip


def by_rows(
    rows: Rows | pd.DataFrame, part: pd.DataFrame, variables: Mapping[str, Iterable[str]], words: str = "",
    n_missing: int = 0,
) -> Used:  # fmt: skip
    """Return what an estimate on these rows of ``part`` used; a frame stands for the rows of its index."""
    used = rows if isinstance(rows, Rows) else Rows.of(rows.index)
    return Used(used, Rows.of(part.index), {r: tuple(names) for r, names in variables.items()}, n_missing, words=words)


def refused(panel: pd.DataFrame, variables: Mapping[str, Iterable[str]]) -> Used:
    """Return what a column used that was refused: no rows of those that it was asked of."""
    return by_rows(Rows(), panel, variables)


def unit_years(panel: pd.DataFrame, keys: pd.DataFrame) -> Rows:
    """Return the rows of ``panel`` whose ``unit`` and ``year`` stand among the keys."""
    wanted = pd.MultiIndex.from_frame(keys[["unit", "year"]].astype({"unit": str, "year": "int64"}))
    have = pd.MultiIndex.from_frame(panel[["unit", "year"]].astype({"unit": str, "year": "int64"}))
    return Rows.of(panel.index[have.isin(wanted)])


def restricted_to(settings: Mapping[str, Any], words: str) -> str:
    """Return what rows are restricted to, units treated throughout included where they are left out."""
    if settings.get("always_treated") != LEAVE_OUT:
        return words
    return joined([*[words] * bool(words), say("without units treated in every year observed")], "clauses")


def _one(name: Any) -> tuple[str, ...]:
    return (str(name),) if name else ()
