"""From an estimate of an exhibit back to its sample, its variables and the workbook cells behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, PanelError, nearest
from shidian.exhibits.subsample import LEAVE_OUT, policy_sample
from shidian.exhibits.truth.recovery import PSEUDO_TRUE
from shidian.inference.sample import estimation_sample, singletons_of
from shidian.messages import joined, say
from shidian.study.model import Study
from shidian.trail.cells import CellIndex
from shidian.trail.columns import column_specification, regressors_of, variables_of
from shidian.trail.lineage import Origin, lineage, origins


@dataclass(frozen=True)
class Panels:
    """A study and the tables that its exhibits are estimated from.

    Attributes:
        study: the study.
        frame: its panel.
        long: raw values behind the panel.
        files: source -> paths of its raw files, in order.
    """

    study: Study
    frame: pd.DataFrame
    long: pd.DataFrame
    files: Mapping[str, tuple[str, ...]]

    @cached_property
    def origins(self) -> dict[str, Origin]:
        """Column of the panel -> how it is made."""
        return origins(self.study)

    @cached_property
    def cells(self) -> CellIndex:
        """Which workbook cells stand behind which rows."""
        return CellIndex(self.frame, self.long, self.origins)


@dataclass(frozen=True)
class TracedVariable:
    """A variable behind an estimate: how it and what is behind it are made, and how many workbook cells that took."""

    name: str
    origins: tuple[Origin, ...]
    n_cells: int


@dataclass(frozen=True)
class TracedSample:
    """Rows of the panel behind an estimate, and whether they are exactly those that the estimate used.

    ``rows`` are positions in the panel. ``words`` says what of the panel was left in, "" for all of it.
    """

    rows: np.ndarray
    n_panel: int
    n_missing: int
    n_singletons: int
    words: str
    exact: bool


@dataclass(frozen=True)
class EstimateTrace:
    """Where the estimates of one column of an exhibit come from.

    Attributes:
        exhibit, kind, column: which.
        variables: the panel columns that enter, each with what is behind it.
        sample: rows behind a regression; None where the exhibit takes the panel as it is.
        n_cells: workbook cells behind all of it.
        files: raw files these cells lie in.
        seed: seed of the exhibit's random draws, None where nothing is drawn.
        n_draws: how many draws.
        draws_lie: folder of the draws, "" where they are not kept.
        estimates: (exhibit, column) of other exhibits that the numbers are taken from.
        noise_free: where these are pseudo-true values, the result that holds them: made by the same exhibit from the
            simulated panel without disturbances; "" otherwise.
    """

    exhibit: str
    kind: str
    column: str
    variables: tuple[TracedVariable, ...] = ()
    sample: TracedSample | None = None
    n_cells: int = 0
    files: tuple[str, ...] = ()
    seed: int | None = None
    n_draws: int = 0
    draws_lie: str = ""
    estimates: tuple[tuple[str, str], ...] = field(default=())
    noise_free: str = ""

    @property
    def ends_somewhere(self) -> bool:
        """Whether the trail ends in workbook cells or in another estimate that is named."""
        return bool(self.n_cells or self.estimates)


def trace_column(panels: Panels, exhibit: str, column: str, estimates: pd.DataFrame) -> EstimateTrace:
    """Trace the estimates of one column of an exhibit.

    Args:
        panels: the study with its panel and raw values.
        exhibit: id of the exhibit.
        column: a value of ``column`` in its estimates.
        estimates: the exhibit's estimates (long schema).

    Raises:
        PanelError: an exhibit or a column that is not there, with the nearest one that is.
    """
    ids = [e["id"] for e in panels.study.exhibits]
    if exhibit not in ids:
        raise PanelError(f"study '{panels.study.study}' has no exhibit '{exhibit}'{nearest(exhibit, ids)}")
    mine = estimates[estimates["column"] == column]
    if mine.empty:
        known = [str(c) for c in estimates["column"].unique()]
        raise PanelError(f"exhibit '{exhibit}' has no column '{column}'{nearest(column, known)}")
    declared = panels.study.exhibit(exhibit)
    kind = str(declared["kind"])
    if kind == "comparison":
        return _compared(exhibit, column, panels.study.study)
    spec = column_specification(declared, column)
    known_columns = set(panels.origins)
    treatment = panels.study.regressor
    names = variables_of(spec, treatment, known_columns) or _named_terms(mine, known_columns) or _checked(kind, panels)
    sample = _sample(panels, spec, mine) if "outcome" in spec else None
    rows = sample.rows if sample else np.arange(len(panels.frame))
    behind = {name: panels.cells.codes(name, rows) for name in names}
    cells = np.unique(np.concatenate([*behind.values(), np.empty(0, dtype=np.int64)]))
    traced = tuple(TracedVariable(name, _made_of(panels, name), len(codes)) for name, codes in behind.items())
    seed = mine["seed"].dropna()
    return EstimateTrace(
        exhibit, kind, column, traced, sample, len(cells), _files(panels, cells),
        int(seed.iloc[0]) if len(seed) else None, int(spec.get("draws", 0)),
        f"results/{panels.study.study}/placebo/{exhibit}" if kind == "placebo" else "",
    )  # fmt: skip


def _compared(exhibit: str, column: str, study: str) -> EstimateTrace:
    """Return the trace of a compared number: the estimate it is taken from, or its twin without disturbances."""
    other, _, own = column.removesuffix(PSEUDO_TRUE).partition(": ")
    noise_free = f"results/{study}/pseudo_true/{other}.json" if column.endswith(PSEUDO_TRUE) else ""
    return EstimateTrace(exhibit, "comparison", column, estimates=((other, own),), noise_free=noise_free)


def _named_terms(mine: pd.DataFrame, known: set[str]) -> tuple[str, ...]:
    return tuple(term for term in dict.fromkeys(mine["term"].astype(str)) if term in known)


def _checked(kind: str, panels: Panels) -> tuple[str, ...]:
    """Return what an exhibit that names no variable is about: all of them for data checks, else the treatment."""
    return tuple(panels.origins) if kind == "data_checks" else (panels.study.regressor,)


def _made_of(panels: Panels, name: str) -> tuple[Origin, ...]:
    last = panels.study.panel.last_year
    return tuple({origin.name: origin for origin in lineage(panels.origins, name, last).values()}.values())


def _sample(panels: Panels, spec: Mapping[str, Any], mine: pd.DataFrame) -> TracedSample:
    """Return the rows that a regression of this specification uses; ``exact``: the estimate's N is their number."""
    part, words = policy_sample(panels.frame, spec)
    if spec.get("always_treated") == LEAVE_OUT:
        words = joined([*[words] * bool(words), say("without units treated in every year observed")], "clauses")
    needed = regressors_of(spec, panels.study.regressor)
    columns = [name for name in needed if name in part.columns]
    try:
        singletons = singletons_of(spec.get("ssc", "reghdfe"), spec.get("singletons"))
        sample = estimation_sample(part, columns, spec.get("fixed_effects", []), singletons=singletons)
    except EstimationError:
        return TracedSample(np.arange(0), len(panels.frame), len(part), 0, words, exact=False)
    rows = part.index.difference(pd.Index(sample.dropped["row"]), sort=False).to_numpy()
    n_obs = mine["n_obs"].dropna()
    exact = bool(len(n_obs) and (n_obs == len(rows)).all())
    return TracedSample(rows, len(panels.frame), sample.n_missing, sample.n_singletons, words, exact)


def _files(panels: Panels, codes: np.ndarray) -> tuple[str, ...]:
    """Return the raw files of cells; a cell's id begins with its source and the number of the file in it."""
    places = {tuple(str(cell).split("/", 2)[:2]) for cell in panels.cells.ids[codes]}
    return tuple(panels.files[source][int(number) - 1] for source, number in sorted(places))
