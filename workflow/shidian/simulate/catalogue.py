"""The tables of the simulated yearbooks: what each prints, in which unit of measure, in which years."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shidian.errors import SimulationError, nearest

HERE = Path(__file__).resolve().parent
SIMULATED = "SIMULATED 模拟数据"
"""Stands in every title, cover and sheet of a simulated workbook."""
_SUFFIX = re.compile(
    r"_(wan_yuan|yi_yuan|yuan|wan_usd|yi_usd|wan_m3|wan_kwh|wan_kw|wan_tce|wan_t|t|ha|km2|persons|pct|wan)$"
)


@dataclass(frozen=True)
class Column:
    """One series as printed in one year; the printed number is ``factor`` times the simulated item."""

    item: str
    header: str
    header_en: str
    measure: str
    measure_en: str
    decimals: int
    factor: float = 1.0

    @property
    def series(self) -> str:
        """Name of the series in the source files: the item without its unit, which may change between years."""
        return _SUFFIX.sub("", self.item)


@dataclass(frozen=True)
class Table:
    """One printed table in one year."""

    number: str
    title: str
    title_en: str
    unit_row: tuple[str, ...]
    pairs: bool
    blocks: int
    beside: bool
    columns: tuple[Column, ...]

    def header(self, column: Column) -> str:
        """Return the header as printed, with its unit where the table has no unit row."""
        unit = [] if self.unit_row or column.measure == "1" else [f"({column.measure})"]
        unit_en = [] if self.unit_row or column.measure_en in ("", "1") else [f"({column.measure_en})"]
        english = [column.header_en] if column.header_en else []
        return "\n".join([column.header, *unit, *english, *unit_en])


@dataclass(frozen=True)
class Family:
    """One family of yearbooks.

    Attributes:
        level: city, county or province.
        volume, volume_en: title of the volumes.
        file: name of a volume's file, with ``{year}``.
        source: id of the source file.
        name_header: header of the column of names.
        english_names: names in English stand in a second column under the same header.
        heading_rows: units stand under rows that name their province.
        total_rows: rows of totals above the units.
        last_rows: rows below the units that are no units.
        raw: tables as declared.
    """

    level: str
    volume: str
    volume_en: str
    file: str
    source: str
    name_header: str
    english_names: bool
    heading_rows: bool
    total_rows: tuple[str, ...]
    last_rows: tuple[str, ...]
    raw: tuple[Mapping[str, Any], ...]

    def tables(self, year: int) -> list[Table]:
        """Return the tables as printed for one data year."""
        return [_table(raw, year) for raw in self.raw]


@cache
def _catalogue() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load((HERE / "catalogue.yaml").read_text(encoding="utf-8"))
    return loaded


def family(level: str) -> Family:
    """Return the yearbooks of a level."""
    levels = [name for name in _catalogue() if name != "mess"]
    if level not in levels:
        raise SimulationError(f"no yearbooks of level '{level}'{nearest(level, levels)}")
    raw = _catalogue()[level]
    return Family(
        level, raw["volume"], raw["volume_en"], raw["file"], raw["source"], raw["name_header"], raw["english_names"],
        raw["heading_rows"], tuple(raw["total_rows"]), tuple(raw.get("last_rows", ())), tuple(raw["tables"]),
    )  # fmt: skip


def mess_settings() -> Mapping[str, Any]:
    """Return how much mess is planted."""
    settings: Mapping[str, Any] = _catalogue()["mess"]
    return settings


def _table(raw: Mapping[str, Any], year: int) -> Table:
    columns = {item: Column(item, *spec) for item, spec in raw["columns"].items()}
    unit_row = tuple(raw.get("unit_row", ()))
    for item, change in raw.get("changes", {}).items():
        if year >= change["from"]:
            columns[item] = _changed(columns[item], change)
    for change in raw.get("unit_row_changes", []):
        if year >= change["from"]:
            unit_row = tuple(change["unit_row"])
            columns = {item: _changed(column, change) for item, column in columns.items()}
    return Table(
        raw["number"], raw["title"], raw["title_en"], unit_row, raw["scopes"] == "both", raw["blocks"],
        raw.get("beside", False), tuple(columns.values()),
    )  # fmt: skip


def _changed(column: Column, change: Mapping[str, Any]) -> Column:
    return Column(
        column.item, change.get("header", column.header), change.get("header_en", column.header_en),
        change.get("measure", column.measure), change.get("measure_en", column.measure_en),
        change.get("decimals", column.decimals), change.get("factor", column.factor),
    )  # fmt: skip


@cache
def study_items() -> Mapping[str, Mapping[str, Any]]:
    """Return study -> variable -> raw items, and under ``elsewhere`` the items that stand in no yearbook table."""
    loaded: Mapping[str, Mapping[str, Any]] = yaml.safe_load((HERE / "study_items.yaml").read_text(encoding="utf-8"))
    return loaded


def used_items(level: str) -> set[str]:
    """Return the items of a level that some study's variable needs."""
    printed = {column.item for table in family(level).tables(9999) for column in table.columns}
    needed = {
        item for study, vs in study_items().items() if study != "elsewhere" for items in vs.values() for item in items
    }
    return printed & needed


def check_variables(study: str, level: str, variables: Iterable[str]) -> None:
    """Check that every variable of a study can be computed from what is printed.

    Raises:
        SimulationError: names the variable, or the item, that no table provides.
    """
    known, elsewhere = study_items().get(study, {}), study_items()["elsewhere"]
    printed = {column.item for table in family(level).tables(9999) for column in table.columns}
    for variable in variables:
        if variable not in known:
            raise SimulationError(
                f"{study}: no raw items are listed for the variable '{variable}'{nearest(variable, known)}"
            )
        for item in known[variable]:
            if item not in printed and item not in elsewhere:
                raise SimulationError(
                    f"{study}: the variable '{variable}' needs '{item}', which no {level} table prints"
                    f"{nearest(item, printed)}"
                )
