"""Controls that the policy itself moves: what a referee would object to in a regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.crossed import is_product
from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.exhibits.result import StudyInfo
from shidian.inference.weights import weights_of
from shidian.messages import joined, say

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
    """Return the controls that the treatment itself predicts at 5%, given the column's effects: bad controls, maybe.

    Products are left aside: what the treatment predicts of them is when, not how much.
    """
    found = []
    plain = [name for name in settings["controls"] if not is_product(name)]
    for name in plain if settings["fixed_effects"] else []:
        arguments = ([settings["treatment"]], settings["fixed_effects"], settings["vcov"], settings["ssc"])
        try:
            row = (
                regress(panel, name, *arguments, singletons=settings.get("singletons"), weights=weights_of(settings))
                .fit.long("", "", "")
                .iloc[0]
            )
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
        parts = [_in_columns(controls, where, labels, alone=len(together) == 1) for where, controls in together.items()]
        warnings.append(
            say(
                "controls that move with {treatment} (p < {level:g}): {controls}. Controlling for what {treatment} "
                "changes hides part of its effect",
                treatment=treatment,
                level=LEVEL,
                controls=joined(parts, "clauses"),
            )
        )
    return warnings


def _in_columns(controls: Sequence[str], where: Sequence[str], labels: Sequence[str], *, alone: bool) -> str:
    """Return controls with the columns in which they move, of all columns nothing where no others do (``alone``)."""
    if list(where) == labels:
        return joined(controls) if alone else say("{controls} in all columns", controls=list(controls))
    if len(where) == 1:
        return say("{controls} in column {name}", controls=list(controls), name=where[0])
    return say("{controls} in columns {names}", controls=list(controls), names=list(where))
