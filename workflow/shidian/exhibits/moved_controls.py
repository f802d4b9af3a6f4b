"""Controls that the policy itself moves: what a referee would object to in a regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.exhibits.notes import columns_named
from shidian.exhibits.result import StudyInfo

LEVEL = 0.05
"""A control moves with the treatment where it is predicted by it at this level."""


@dataclass(frozen=True)
class Moved:
    """The controls of one column that its treatment predicts.

    Attributes:
        treatment: printed name of the treatment.
        controls: printed names of the controls.
    """

    treatment: str = ""
    controls: tuple[str, ...] = ()


def moved_controls(panel: pd.DataFrame, settings: Mapping[str, Any], info: StudyInfo) -> Moved:
    """Return the controls that the treatment itself predicts at 5%, given the column's effects: bad controls, maybe."""
    found = []
    for name in settings["controls"] if settings["fixed_effects"] else []:
        arguments = ([settings["treatment"]], settings["fixed_effects"], settings["vcov"], settings["ssc"])
        try:
            row = regress(panel, name, *arguments, singletons=settings.get("singletons")).fit.long("", "", "").iloc[0]
        except EstimationError:
            continue  # the control itself is absorbed, which the column says already
        if row["p"] < LEVEL:
            found.append(info.label(name))
    return Moved(info.label(settings["treatment"]), tuple(found))


def moved_warnings(columns: Sequence[tuple[str, Moved]]) -> list[str]:
    """Return one warning a treatment for the columns of a table, controls named by column.

    ``columns`` holds (label, controls moved), a column of several treatments once for each.
    """
    labels = list(dict.fromkeys(label for label, _ in columns))
    warnings = []
    for treatment in dict.fromkeys(moved.treatment for _, moved in columns if moved.controls):
        owners: dict[str, list[str]] = {}
        for label, moved in columns:
            for control in moved.controls if moved.treatment == treatment else ():
                owners.setdefault(control, []).append(label)
        together: dict[tuple[str, ...], list[str]] = {}
        for control, where in owners.items():
            together.setdefault(tuple(where), []).append(control)
        every = " in all columns" if len(together) > 1 else ""
        parts = [
            ", ".join(controls) + (every if list(where) == labels else f" in c{columns_named(where)[1:]}")
            for where, controls in together.items()
        ]
        warnings.append(
            f"controls that move with {treatment} (p < {LEVEL:g}): {'; '.join(parts)}. Controlling for what "
            f"{treatment} changes hides part of its effect"
        )
    return warnings
