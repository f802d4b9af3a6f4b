"""The treatment of a study as the rest of the program sees it: what dates it, of what kind it is."""

from __future__ import annotations

from dataclasses import dataclass

from shidian.study.formula_variable import Variable

STAYS, SWITCHING, CONTINUOUS = "stays", "switching", "continuous"
"""Kinds of treatment: it stays once it starts, it may end again, it has doses."""
ANY_TREATMENT = (STAYS, SWITCHING, CONTINUOUS)
UNDATED = ("error", "leave_out", "never_treated")
"""What may become of units that a list of pilots names without a year."""
NEVER = (0, 9999)
"""Numbers in the place of an adoption year that mean never, unless the study says otherwise."""


@dataclass(frozen=True)
class Treatment:
    """The treatment: its column, and what dates it, a series (``source.series``) or a formula.

    ``dated_by`` is "adoption" (the unit's adoption year) or "status" (the treatment of each unit-year); ``by_year``
    says that an adoption year stands in every row of the unit, so that a blank means never and not "on the list
    without a year". ``never`` are the numbers and flags of records that mean never treated; ``delay`` years pass
    between the adoption year and the first treated year; ``undated`` is one of ``UNDATED``; ``kind`` says whether the
    treatment stays, switches or has doses.
    """

    name: str
    dated_by: str
    series: str = ""
    formula: Variable | None = None
    delay: int = 0
    undated: str = UNDATED[0]
    by_year: bool = False
    never: tuple[float | str, ...] = NEVER
    kind: str = STAYS

    @property
    def inputs(self) -> tuple[str, ...]:
        """Every ``source.series`` that it is read from."""
        return (self.series,) if self.series else tuple(self.formula.inputs.values() if self.formula else ())

    @property
    def dating(self) -> str:
        """The series or the formula, as it is named to the user."""
        return self.series or (self.formula.formula if self.formula else "")
