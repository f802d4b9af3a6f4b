"""Efficiency scores as variables of the panel: solved frontier by frontier, put together without loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import pandas as pd

from shidian.errors import EstimationError, PanelError
from shidian.ledger import at_step
from shidian.messages import say

SUPER_SBM = "shidian.efficiency.models.super_sbm"
SCORED = ("unit", "year", "score")
ALL_YEARS = "all"
"""Name of the part that holds every year, for frontiers that pool years."""


def solve_part(
    panel: pd.DataFrame, name: str, model: Mapping[str, Any], part: str, module: str = SUPER_SBM
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Solve one part of a model: one year's frontier, or all years where the frontier pools them.

    Args:
        panel: the panel with the model's variables.
        name: name of the model, for the ledger.
        model: the declared model (``exhibits/efficiency/efficiency_scores/spec.yaml``).
        part: a year, or ``all``.
        module: the module of the model's method (``shidian.study.efficiency_models``).

    Returns:
        unit, year and score of each row measured, with what each stage found, and the ledger's lines.

    Raises:
        PanelError: what makes the model impossible for the data; names unit, year, variable.
    """
    rows = panel if part == ALL_YEARS else panel[panel["year"] == int(part)]
    try:
        measured = import_module(module).measure(rows, model)
    except EstimationError as problem:
        raise PanelError(f"efficiency '{name}', {part}: {problem}") from None
    frame = measured.scores
    absent = [column for column in SCORED if column not in frame.columns]
    if absent:
        raise PanelError(f"efficiency '{name}': the scores of its method have no column '{absent[0]}'")
    step = say("efficiency {name} {part}", name=name, part=say("all") if part == ALL_YEARS else part)
    return frame, at_step(step, measured.ledger)


def add_scores(panel: pd.DataFrame, scores: Mapping[str, Sequence[pd.DataFrame]]) -> pd.DataFrame:
    """Add a column a model: the score, over windows the mean score; unit-years not measured stay empty."""
    for name, parts in scores.items():
        table = pd.concat(parts, ignore_index=True).groupby(["unit", "year"])["score"].mean().rename(name).reset_index()
        panel = panel.merge(table, on=["unit", "year"], how="left", validate="1:1")
    return panel
