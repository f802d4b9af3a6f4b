"""One stack of stacked DID: a cohort and the units that adopt after its window, and its effects as weights of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.did.cohort_base import base_years, cohort_cells, links
from shidian.messages import say


@dataclass(frozen=True)
class Stack:
    """One cohort's stack.

    Attributes:
        rows: rows of the panel with treated (0/1), tau and stack (the cohort).
        cells: one row a year of the cohort beside its bases: cohort, year, tau, base, reason (why it has no effect).
        bases: its base years, latest first.
        weights: (rows, cells) weights that make each effect of the outcome; zero where there is a reason.
        effects: (cells,) the effects that they make.
        profiles: one row a group and year: treated, tau, base_tau (time of the base), value (the group's path relative
            to it), by which the stacks share profiles.
        size: treated units that a base serves, each counted by the mean of its rows' weights.
        compared: control units, counted alike.
        unserved: treated units that none does.
    """

    rows: pd.DataFrame
    cells: pd.DataFrame
    bases: tuple[int, ...]
    weights: np.ndarray
    effects: np.ndarray
    profiles: pd.DataFrame
    size: float
    compared: float
    unserved: tuple[str, ...]


def stack_rows(panel: pd.DataFrame, g: int, first: int, last: int, anticipation: int) -> pd.DataFrame | str:
    """Return the rows of cohort g's stack, or why there is none.

    They are the years of the window, and those from its base on where that lies before.
    """
    adopted = panel["adoption_year"].astype("Float64").fillna(np.inf).to_numpy(dtype=float)
    year = panel["year"].to_numpy()
    if g + first < year.min() or g + last > year.max():
        return say("not observed in the whole window")
    own, clean = adopted == g, adopted - anticipation > g + last
    if not clean.any():
        return say("no unit adopts after its window to compare with")
    before = own & (year < g - anticipation) & np.isin(year, year[clean])
    if not before.any():
        return say("no period before adoption to compare with")
    start = min(g + first, int(year[before].max()))
    inside = (own | clean) & (year >= start) & (year <= g + last)
    return panel[inside].assign(treated=own[inside], tau=year[inside] - g, stack=g).reset_index(drop=True)


def make_stack(
    rows: pd.DataFrame, y: np.ndarray, g: int, anticipation: int, weights: np.ndarray | None = None
) -> Stack:
    """Return a stack's effects, unit and period effects absorbed: changes of the cohort less those of its controls.

    Args:
        rows: what ``stack_rows`` gives.
        y: (rows,) outcome.
        g: the cohort.
        anticipation: years before adoption in which there may be an effect already.
        weights: (rows,) weights above zero; None = each row counts as one.
    """
    w = np.ones(len(rows)) if weights is None else weights
    own = rows["treated"].to_numpy(dtype=bool)
    controls = rows[~own]
    cells = cohort_cells(rows[own], anticipation, set(controls["year"]))
    linked = dict(zip(controls["year"], links(controls["unit"].to_numpy(), controls["year"].to_numpy()), strict=True))
    paths = (_paths(controls, _first_of_link(linked), w[~own]), _paths(rows[own], cells, w[own]))
    effects = cells[cells["year"] != cells["base"]].reset_index(drop=True)
    reasons = [_why_not(int(t), b, linked) for t, b in zip(effects["year"], base_years(effects), strict=True)]
    parts = np.zeros((len(rows), len(effects)))
    for j, (t, b, why) in enumerate(zip(effects["year"], effects["base"], reasons, strict=True)):
        if not why:
            parts[own, j] = paths[1][int(t)]
            parts[~own, j] = paths[0][int(b)] - paths[0][int(t)]
    bases = tuple(sorted({int(b) for b in cells["base"].dropna()}, reverse=True))
    served = rows.loc[own, "year"].map(cells.set_index("year")["base"]).notna()
    unserved = tuple(sorted(set(rows.loc[own].loc[~served, "unit"].astype(str))))
    profiles = pd.concat([
        _profile(paths[1], dict(zip(cells["year"], base_years(cells), strict=True)), y[own], g).assign(treated=True),
        _profile(paths[0], _control_bases(linked, bases[0]), y[~own], g).assign(treated=False),
    ])  # fmt: skip
    by_unit = pd.Series(w, index=rows.index).groupby(rows["unit"], observed=True).mean()
    size = float(by_unit[rows.loc[own].loc[served, "unit"].unique()].sum())
    compared = float(by_unit[controls["unit"].unique()].sum())
    effects = effects.assign(reason=reasons)
    return Stack(rows, effects, bases, parts, parts.T @ y, profiles, size, compared, unserved)


def _why_not(year: int, base: int | None, linked: Mapping[int, int]) -> str:
    if base is None:
        return say("these units are not observed before adoption together with clean controls")
    if year not in linked:
        return say("no clean control is observed in {year}", year=year)
    if linked[year] == linked[base]:
        return ""
    return say("no clean controls link {year} with the base year {base}", year=year, base=base)


def _first_of_link(linked: Mapping[int, int]) -> pd.DataFrame:
    """Return years with the first year of their linked set as base."""
    years = pd.DataFrame({"year": list(linked), "link": list(linked.values())}).sort_values("year")
    return years.assign(base=years.groupby("link")["year"].transform("min"))


def _control_bases(linked: Mapping[int, int], base: int) -> dict[int, int]:
    """Return the base of each year of the controls: the cohort's, or the first of its linked set."""
    own = _first_of_link(linked).set_index("year")["base"]
    return {int(t): base if linked[t] == linked[base] else int(own[t]) for t in linked}


def _paths(rows: pd.DataFrame, bases: pd.DataFrame, w: np.ndarray) -> dict[int, np.ndarray]:
    """Return for each year the (rows,) weights that make of y the year's effect less its base's, units absorbed.

    ``w`` are the rows' own weights in least squares. ``bases`` has one row a year: year, base (missing: the linked set
    has none, and its years weigh nothing).
    """
    year, unit = rows["year"].to_numpy(), np.unique(rows["unit"], return_inverse=True)[1]
    based = bases[bases["base"].notna()]
    free = based.loc[based["year"] != based["base"], "year"].to_numpy(dtype=np.int64)
    paths = {int(t): np.zeros(len(rows)) for t in bases["year"]}
    if not len(free):
        return paths
    kept = np.isin(year, based["year"])
    Z = (kept[:, None] & (year[:, None] == free)).astype(np.float64)
    size = np.bincount(unit, weights=w * kept)
    size = np.where(size > 0, size, 1.0)
    means = np.column_stack([np.bincount(unit, weights=w * z) for z in Z.T]) / size[:, None]
    within = np.where(kept[:, None], Z - means[unit], 0.0)
    rooted = np.sqrt(w)[:, None] * within
    solved = (w[:, None] * within) @ np.linalg.inv(rooted.T @ rooted)
    return paths | {int(t): solved[:, j] for j, t in enumerate(free)}


def _profile(paths: Mapping[int, np.ndarray], bases: Mapping[int, int | None], y: np.ndarray, g: int) -> pd.DataFrame:
    """Return a group's path over time since adoption, relative to its bases."""
    rows = []
    for t, base in bases.items():
        if base is None:
            continue
        rows.append({"tau": t - g, "base_tau": base - g, "value": float((paths[t] - paths[base]) @ y)})
    return pd.DataFrame(rows, columns=["tau", "base_tau", "value"])
