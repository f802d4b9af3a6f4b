"""A paper's transcribed tables as columns, rows, descriptives and groups: what every check is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shidian.audit.printed_tables.cells import Estimate
from shidian.audit.printed_tables.interval import Printed

LEVELS = (0.10, 0.05, 0.01)
"""Levels of one, two and three stars where neither ``star_levels`` nor a note says them."""


@dataclass(frozen=True)
class Read:
    """A printed place that was read: where, of which kind, and as which text."""

    at: str
    kind: str
    text: str


@dataclass(frozen=True)
class Column:
    """One printed column: its terms, its printed numbers, and every other fact as text or list of texts.

    ``levels`` are the levels of its stars, weakest first, ``declared`` whether the file says them, ``stated`` whether
    it says what stands below the coefficients.
    """

    table: str
    name: str
    terms: Mapping[str, Estimate]
    facts: Mapping[str, Any] = field(default_factory=dict)
    numbers: Mapping[str, Printed] = field(default_factory=dict)
    levels: tuple[float, ...] = LEVELS
    declared: bool = False
    stated: bool = False

    @property
    def where(self) -> str:
        """Table and column, as shown."""
        return f"{self.table} {self.name}".strip()

    def number(self, key: str) -> Printed | None:
        """Return a printed number of the column; counts are exact."""
        return self.numbers.get(key)

    @property
    def n(self) -> int | None:
        """Observations printed."""
        return int(self.numbers["n"].value) if "n" in self.numbers else None


@dataclass(frozen=True)
class Descriptive:
    """A variable's printed moments, by name: n, mean, sd, min, max and quantiles."""

    name: str
    moments: Mapping[str, Printed]

    def get(self, key: str) -> Printed | None:
        """Return one moment, or None where it is not printed."""
        return self.moments.get(key)

    @property
    def n(self) -> int | None:
        """Observations printed."""
        return int(self.moments["n"].value) if "n" in self.moments else None


@dataclass(frozen=True)
class Share:
    """A printed percentage: its count and the total that it is of, each missing where it is not printed."""

    name: str
    count: Printed | None
    of: Printed | None
    percent: Printed | None


@dataclass(frozen=True)
class Paper:
    """All that a paper prints, as far as the checks use it.

    Attributes:
        name: name of the file.
        content: the keys that are read, every scalar as text.
        columns: every column of every table.
        descriptives: variable -> its moments over the whole sample.
        groups: split -> group -> variable -> its moments in the group.
        shares: percentages.
        read: every printed place that was read, in the order of the file.
    """

    name: str
    content: Mapping[str, Any]
    columns: tuple[Column, ...]
    descriptives: Mapping[str, Descriptive]
    groups: Mapping[str, Mapping[str, Mapping[str, Descriptive]]] = field(default_factory=dict)
    shares: tuple[Share, ...] = ()
    numbers: Mapping[str, Printed] = field(default_factory=dict)
    read: tuple[Read, ...] = ()

    @property
    def tables(self) -> Mapping[str, Any]:
        """Table -> its content, scalars as text."""
        return self.content.get("tables") or {}

    def sample(self, key: str) -> int | None:
        """Return a whole number of the sample: units, n, first_year, last_year."""
        number = self.numbers.get(f"sample.{key}")
        return None if number is None else int(number.value)

    @property
    def years(self) -> int | None:
        """Number of years of the sample."""
        first, last = self.sample("first_year"), self.sample("last_year")
        return self.sample("periods") if first is None or last is None else last - first + 1

    @property
    def balanced(self) -> bool:
        """Whether the paper's sample is a balanced panel, declared or by units times years."""
        declared = (self.content.get("sample") or {}).get("balanced")
        units, years, n = self.sample("units"), self.years, self.sample("n")
        full = units is not None and years is not None and n == units * years
        return declared == "true" or (declared is None and full)

    @property
    def baseline(self) -> tuple[Column, ...]:
        """The columns of the first table that is called baseline, else none."""
        table = next((c.table for c in self.columns if "baseline" in c.table), None)
        return tuple(c for c in self.columns if table is not None and c.table == table)

    @property
    def outcome(self) -> str | None:
        """The main outcome: the key of ``outcome``, else the variable described first."""
        declared = self.content.get("outcome")
        names = list(declared) if isinstance(declared, Mapping) else [declared] if declared else []
        return next(iter([*names, *self.descriptives]), None)
