"""From an estimate of an exhibit back to its sample, its variables and the workbook cells behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from shidian.errors import PanelError, nearest
from shidian.exhibits.result import ExhibitResult
from shidian.study.model import Study
from shidian.trace.cells import CellIndex
from shidian.trace.lineage import Origin, lineage, origins
from shidian.used import Used


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
    """Rows of the panel behind an estimate, as the estimate says that it used them.

    Attributes:
        rows: their positions in the panel; of an estimate that was refused, those that it was asked of.
        n_panel: rows of the panel.
        n_missing: rows left out for a missing value.
        n_singletons: rows left out as singletons.
        n_separated: rows left out as separated, in a nonlinear model.
        words: what of the panel was left in, "" for all of it.
        counts: what N counts where that is not rows, "" where it is.
        n_idle: rows that the method leaves out for another reason, such as units that were not matched.
        refused: no estimate came of these rows.
        noise_free: the file of the panel without disturbances, where the rows are of that; "" otherwise.
    """

    rows: np.ndarray
    n_panel: int
    n_missing: int = 0
    n_singletons: int = 0
    words: str = ""
    counts: str = ""
    n_idle: int = 0
    refused: bool = False
    noise_free: str = ""
    n_separated: int = 0


@dataclass(frozen=True)
class EstimateTrace:
    """Where the estimates of one column of an exhibit come from.

    Attributes:
        exhibit, kind, column: which.
        variables: the panel columns that enter, each with what is behind it.
        sample: rows behind it; None where these are the panel as a whole, or another estimate's.
        n_cells: workbook cells behind all of it.
        files: raw files these cells lie in.
        seed: seed of the exhibit's random draws, None where nothing is drawn.
        n_draws: how many draws.
        draws_lie: folder of the draws, "" where they are not kept.
        estimates: (exhibit, column) of other exhibits that the numbers are taken from.
        noise_free: of numbers on the simulated panel without disturbances, the file that they come from: the result of
            the same exhibit, or that panel; "" otherwise.
        cells: (n_cells,) codes of these cells, rising (``Panels.cells``).
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
    cells: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64), compare=False, repr=False)

    @property
    def ends_somewhere(self) -> bool:
        """Whether the trail ends in workbook cells, in another estimate that is named, or in the simulator's panel."""
        return bool(self.n_cells or self.estimates or self.noise_free)


def trace_column(panels: Panels, exhibit: str, column: str, result: ExhibitResult) -> EstimateTrace:
    """Trace the estimates of one column of an exhibit, by what it says that it used.

    Args:
        panels: the study with its panel and raw values.
        exhibit: id of the exhibit.
        column: a value of ``column`` in its estimates.
        result: the exhibit's result.

    Raises:
        PanelError: an exhibit or a column that is not there, with the nearest one that is.
    """
    ids = [e["id"] for e in panels.study.exhibits]
    if exhibit not in ids:
        raise PanelError(f"study '{panels.study.study}' has no exhibit '{exhibit}'{nearest(exhibit, ids)}")
    if column not in result.used:
        raise PanelError(f"exhibit '{exhibit}' has no column '{column}'{nearest(column, result.used)}")
    used, folder = result.used[column], f"results/{panels.study.study}"
    kind = str(panels.study.exhibit(exhibit)["kind"])
    if used.taken:
        estimates = tuple((one.exhibit, one.column) for one in used.taken)
        twins = [f"{folder}/pseudo_true/{one.exhibit}.json" for one in used.taken if one.noise_free]
        return EstimateTrace(exhibit, kind, column, estimates=estimates, noise_free="".join(twins[:1]))
    sample, noise_free = None, f"{folder}/noise_free_panel.parquet" if used.noise_free else ""
    rows = np.arange(len(panels.frame))
    if used.rows is not None:
        sample = _sample(used, len(panels.frame), noise_free)
        rows = sample.rows
    names = [name for name in used.names if name in panels.origins] or list(panels.origins)
    behind = {name: panels.cells.codes(name, rows[:0] if noise_free else rows) for name in names}
    cells = panels.cells.distinct(behind.values())
    traced = tuple(TracedVariable(name, _made_of(panels, name), len(codes)) for name, codes in behind.items())
    return EstimateTrace(
        exhibit, kind, column, traced, sample, len(cells), _files(panels, cells), used.seed, used.draws,
        f"{folder}/placebo/{exhibit}" if kind == "placebo" else "", noise_free=noise_free, cells=cells,
    )  # fmt: skip


def _sample(used: Used, n_panel: int, noise_free: str) -> TracedSample:
    """Return the rows behind an estimate; of one that was refused, those that it was asked of."""
    refused = not used.rows
    rows = used.declared if refused else used.rows
    positions = np.arange(n_panel) if rows is None else rows.positions
    gone = used.n_missing + used.n_singletons + used.n_separated
    idle = 0 if refused or used.declared is None else len(used.declared) - gone - len(positions)
    return TracedSample(
        positions, n_panel, used.n_missing, used.n_singletons, used.words, used.counts, idle, refused, noise_free,
        used.n_separated,
    )  # fmt: skip


def _made_of(panels: Panels, name: str) -> tuple[Origin, ...]:
    last = panels.study.panel.last_year
    return tuple({origin.name: origin for origin in lineage(panels.origins, name, last).values()}.values())


def _files(panels: Panels, codes: np.ndarray) -> tuple[str, ...]:
    """Return the raw files of cells."""
    return tuple(panels.files[source][number - 1] for source, number in panels.cells.files_of(codes))
