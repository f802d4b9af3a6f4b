"""A variable of the panel that a formula makes of series of sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shidian.measures import CATEGORY, Measure
from shidian.study.by_hand import Factors
from shidian.study.grammar import Node
from shidian.study.logarithms import Logs

Bounds = tuple[float | None, float | None]
"""Smallest and largest value, None where there is no such bound."""


@dataclass(frozen=True)
class Variable:
    """One variable: its formula as written and as computed, and the unit of measure it is given in.

    ``node`` has its conversions written out as factors. ``inputs`` maps the names in the formula to
    ``source.series``; names of earlier variables and ``year`` are not in it. ``factor`` converts the computed value
    to the declared one; ``by_hand`` are the numbers that the formula multiplies by where none is declared;
    ``texts`` the texts in the formula of a category; ``range`` what values are possible, ``plausible`` what is likely;
    ``absent`` why it has no value anywhere, "" where it has; ``logs`` what a logarithm is of.
    """

    name: str
    formula: str
    node: Node
    inputs: Mapping[str, str]
    measure: Measure
    measure_text: str
    factor: float
    missing_where_invalid: bool
    by_hand: Factors = ()
    texts: tuple[str, ...] = ()
    range: Bounds = (None, None)
    plausible: Bounds = (None, None)
    absent: str = ""
    logs: Logs | None = None

    @property
    def is_category(self) -> bool:
        """Whether its values are texts."""
        return self.measure == CATEGORY
