"""A paper's transcribed tables (``resources/published/<name>.yaml``) as columns, rows and descriptives.

Keys that this reader does not know are left alone, and remarks of the transcriber (``printed_oddities``, ``note``)
are never read: a checker that reads its answers checks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from shidian.audit.printed_tables.interval import Printed, is_number
from shidian.errors import AuditError
from shidian.schema import read_yaml

READ_KEYS = (
    "title", "source", "unit", "sample", "treatment", "outcome", "descriptives", "descriptives_columns", "tables",
    "variables", "star_levels",
)  # fmt: skip
"""Keys of the file that the checker reads; every other one is the transcriber's remark."""
_MOMENTS = {3: ("n", "mean", "sd"), 4: ("mean", "sd", "min", "max"), 5: ("n", "mean", "sd", "min", "max")}
"""Length of a descriptives row -> what its numbers are, where the file does not say (``descriptives_columns``)."""


@dataclass(frozen=True)
class Estimate:
    """A printed coefficient, its standard error and stars; missing where the text prints none."""

    coef: Printed
    se: Printed | None = None
    stars: int | None = None


@dataclass(frozen=True)
class Column:
    """One printed column: its terms, observations, R², and every other key as the transcriber gave it."""

    table: str
    name: str
    terms: Mapping[str, Estimate]
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """Table and column, as shown."""
        return f"{self.table} {self.name}".strip()

    def number(self, key: str) -> Printed | None:
        """Return a fact of the column as a printed number; counts are exact."""
        text = self.facts.get(key)
        return Printed(str(text), exact=key == "n") if is_number(text) else None

    @property
    def n(self) -> int | None:
        """Observations printed."""
        number = self.number("n")
        return None if number is None else int(number.value)


@dataclass(frozen=True)
class Descriptive:
    """A variable's printed moments, by name: n, mean, sd, min, max."""

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
class Paper:
    """All that a paper prints, as far as the checks use it; ``tables`` keeps the raw text form of every table."""

    name: str
    content: Mapping[str, Any]
    columns: tuple[Column, ...]
    descriptives: Mapping[str, Descriptive]

    @property
    def tables(self) -> Mapping[str, Any]:
        """Table -> its content, scalars as text."""
        return self.content.get("tables") or {}

    def sample(self, key: str) -> int | None:
        """Return a whole number of the sample: units, n, first_year, last_year."""
        text = (self.content.get("sample") or {}).get(key)
        return int(text) if isinstance(text, str) and text.lstrip("-").isdigit() else None

    @property
    def years(self) -> int | None:
        """Number of years of the sample."""
        first, last = self.sample("first_year"), self.sample("last_year")
        return None if first is None or last is None else last - first + 1

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


def read_paper(path: Path) -> Paper:
    """Read a file of transcribed tables, every scalar as the text that was printed.

    Raises:
        AuditError: no such file, no valid YAML, nothing to check in it, or a place that holds no printed number.
    """
    read_yaml(path, AuditError)  # syntax and keys given twice, in words
    loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    if not isinstance(loaded, Mapping):
        raise AuditError(f"{path}: expected a mapping with the keys 'sample', 'descriptives', 'tables'")
    content = {key: loaded[key] for key in READ_KEYS if key in loaded}
    for key in ("tables", "descriptives", "sample", "treatment", "variables"):
        if content.get(key) and not isinstance(content[key], Mapping):
            raise AuditError(f"{path}: at '{key}': expected a mapping, found {content[key]!r}")
    columns = tuple(_columns(content.get("tables") or {}, str(path)))
    descriptives = _descriptives(content, str(path))
    return Paper(path.stem, content, columns, descriptives)


def _descriptives(content: Mapping[str, Any], path: str) -> dict[str, Descriptive]:
    found = {}
    declared = content.get("descriptives_columns")
    for name, values in (content.get("descriptives") or {}).items():
        where = f"{path}: at 'descriptives.{name}'"
        if not isinstance(values, list):
            raise AuditError(f"{where}: expected a list of numbers, found {values!r}")
        keys = tuple(declared) if declared else _MOMENTS.get(len(values))
        if keys is None or len(keys) != len(values):
            raise AuditError(
                f"{where}: {len(values)} numbers, expected n, mean, sd, min, max; or 'descriptives_columns'"
            )
        found[name] = Descriptive(name, dict(_moments(keys, values, where)))
    return found


def _moments(keys: tuple[str, ...], values: list[Any], where: str) -> Iterator[tuple[str, Printed]]:
    """Yield moments; a whole number beside decimals (the 0 and 1 of a range) is exact, and so is a count."""
    decimals = any(is_number(v) and "." in v for k, v in zip(keys, values, strict=True) if k != "n")
    for key, value in zip(keys, values, strict=True):
        if value in ("null", "", "~"):
            continue
        if not is_number(value):
            raise AuditError(f"{where}: '{value}' is no number")
        yield key, Printed(value, exact=key == "n" or (decimals and "." not in value))


def _columns(tables: Mapping[str, Any], path: str) -> Iterator[Column]:
    for table, content in tables.items():
        if isinstance(content, Mapping):
            yield from _table_columns(table, content, path)


def _table_columns(table: str, content: Mapping[str, Any], path: str) -> Iterator[Column]:
    """Yield the columns of one table: those under ``columns``, those that stand in the table, and its loose rows."""
    rows = content.get("rows") if isinstance(content.get("rows"), Mapping) else {}
    declared = content.get("columns") if isinstance(content.get("columns"), Mapping) else {}
    shared = {k: v for k, v in content.items() if isinstance(v, str) or (isinstance(v, list) and not _triple(v))}
    assert isinstance(rows, Mapping)
    assert isinstance(declared, Mapping)
    inline = {k: v for k, v in content.items() if isinstance(v, Mapping) and k not in ("columns", "rows")}
    for name, facts in {**inline, **declared}.items():
        here = f"{path}: at 'tables.{table}"
        if not isinstance(facts, Mapping):
            raise AuditError(f"{here}.{name}': expected a mapping, found {facts!r}")
        terms = _terms(facts, f"{here}.{name}")
        terms |= {
            term: _estimate(cells[name], f"{here}.rows.{term}.{name}'")
            for term, cells in rows.items()
            if isinstance(cells, Mapping) and isinstance(cells.get(name), list)
        }
        yield Column(table, name, terms, {**shared, **{k: v for k, v in facts.items() if not _triple(v)}})
    for term, cells in rows.items():
        strange = [c for c in cells if c not in declared] if isinstance(cells, Mapping) else []
        if strange:
            raise AuditError(f"{path}: at 'tables.{table}.rows.{term}': '{strange[0]}' is no column of the table")
    loose = {k: v for k, v in {**content, **rows}.items() if _triple(v)}
    if loose:
        yield Column(table, "", _terms(loose, f"{path}: at 'tables.{table}"), shared)


def _terms(facts: Mapping[str, Any], where: str) -> dict[str, Estimate]:
    return {name: _estimate(value, f"{where}.{name}'") for name, value in facts.items() if _triple(value)}


def _triple(value: Any) -> bool:
    """Say whether a value has the form of [coef, se, stars], the last two possibly null."""
    numbers = isinstance(value, list) and 2 <= len(value) <= 3 and is_number(value[0])
    return numbers and all(v in ("null", "") or is_number(v) for v in value[1:])


def _estimate(value: list[Any], where: str) -> Estimate:
    if not _triple(value):
        raise AuditError(f"{where}: expected [coefficient, standard error, stars], found {value!r}")
    coef, se, stars = [*value, "null"][:3]
    if is_number(stars) and stars not in ("0", "1", "2", "3"):
        raise AuditError(f"{where}: stars are counted 0 to 3, found {stars!r}")
    return Estimate(Printed(coef), Printed(se) if is_number(se) else None, int(stars) if is_number(stars) else None)
