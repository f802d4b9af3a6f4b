"""Declarations of tables inside a source file: which rows, headers and columns are read as what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shidian.errors import SourceError
from shidian.period import NAMES, written
from shidian.yearbook.number_forms import Writing
from shidian.yearbook.periods import PARTED, PeriodText

TEXT, CATEGORY = "text", "category"
"""Measure of a column whose cells are documents, and header of the document where a file is one."""
HeaderPath = tuple[str, ...]
"""A header as the path to it in the header tree; one element where there is one header row."""


@dataclass(frozen=True)
class Column:
    """One series of a table: where it is, its unit of measure and the years it is valid for.

    ``period`` says how the cells read where they are periods themselves, such as the quarter of adoption.
    """

    series: str
    header: HeaderPath
    measure: str
    missing: tuple[str, ...] = ("",)
    where: Mapping[str, str] = field(default_factory=dict)
    valid_from: int | None = None
    valid_to: int | None = None
    occurrence: int | None = None
    period: PeriodText | None = None
    as_shown: bool | None = None

    @property
    def is_text(self) -> bool:
        """Whether the cells are documents; the value of a document is its number of characters."""
        return self.measure == TEXT

    @property
    def is_category(self) -> bool:
        """Whether the cells are texts that stand for categories; the value of one is its code."""
        return self.measure == CATEGORY


@dataclass(frozen=True)
class UnitColumns:
    """Headers that say which unit a row describes, or the one unit of the whole table.

    With ``row_number`` each row is a unit of its own.
    """

    level: str
    row_number: bool = False
    from_file: bool = False
    code: str | None = None
    code_kind: str = "gb2260"
    name: str | None = None
    name_columns: int = 1
    name_optional: bool = False
    province: str | None = None
    fixed_name: str | None = None
    fixed_code: str | None = None
    aliases: str | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    province_rows: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Year:
    """Where the year, or another period, is: a column, a fixed one, that of the file, or the lowest header row.

    ``text`` says how it reads; ``fixed`` is the number of the period.
    """

    header: str | None = None
    fixed: int | None = None
    from_file: bool = False
    in_header: bool = False
    text: PeriodText = field(default_factory=PeriodText)


@dataclass(frozen=True)
class Footer:
    """Rows that are not data."""

    texts: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    blank_rows: int = 0


@dataclass(frozen=True)
class Table:
    """One table in one or several files. ``year`` is None for facts without a year."""

    name: str
    layout: str
    unit: UnitColumns
    columns: tuple[Column, ...]
    year: Year | None = None
    files: tuple[int, ...] = ()
    sheet: str | None = None
    encoding: str | None = None
    separator: str | None = None
    quote: str | None = None
    decimal: str = "."
    numbers: tuple[str, ...] = ()
    value_labels: tuple[str, ...] = ()
    file_name: str | None = None
    skip_lines: int = 0
    header_row: int | None = None
    header_depth: int = 1
    area: str | None = None
    title: str | None = None
    title_occurrence: int | None = None
    subtitles: tuple[str, ...] = ()
    valid_from: int | None = None
    valid_to: int | None = None
    expect: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[HeaderPath, ...] = ()
    ignore_patterns: tuple[str, ...] = ()
    blank_headers: int = 0
    footer: Footer = Footer()
    footnote_marks: tuple[str, ...] = ()

    @property
    def writing(self) -> Writing:
        """How the table's texts write numbers."""
        return Writing(self.footnote_marks, self.decimal, self.numbers)

    def written(self, year: int) -> str:
        """Return a period of the table as it is written."""
        return written(self.year.text.kind or "year" if self.year else "year", year)


YEARBOOK_KEYS = ("area", "title", "title_occurrence", "subtitles", "header_depth")
TEXT_KEYS = ("document", "file_name", "skip_lines")
SHARED_KEYS = ("name", "files", "valid_from", "valid_to", "encoding", "layout", "unit", "year")
"""Keys that a table of any layout may have."""


def build_table(where: str, position: int, entry: dict[str, Any], n_files: int) -> Table:
    """Build one table from its checked YAML entry.

    Args:
        where: file and key for messages.
        position: number of the table in the source file, from 1.
        entry: the mapping written in the source file.
        n_files: number of files that the source declares.

    Raises:
        SourceError: the entry contradicts itself in a way that the schema cannot see.
    """
    entry = dict(entry)
    files = tuple(entry.pop("files", range(1, n_files + 1)))
    for number in files:
        if number > n_files:
            raise SourceError(f"{where}.files: there is no file {number}; the source declares {n_files}")
    _refuse_foreign_keys(where, entry)
    if "document" in entry:
        entry["columns"] = {entry.pop("document"): {"header": TEXT, "measure": TEXT}}
    year = _year(f"{where}.year", entry.pop("year")) if "year" in entry else None
    text = year.text if year else PeriodText()
    columns = tuple(_column(f"{where}.columns.{n}", n, spec, text) for n, spec in entry.pop("columns").items())
    if text.kind not in ("", "year") and (entry.get("valid_from") or entry.get("valid_to")):
        raise SourceError(f"{where}: valid_from and valid_to of a table are years of files, not of a kind {text.kind}")
    unit = UnitColumns(**_tuples(entry.pop("unit")))
    footer = Footer(**_tuples(entry.pop("footer", {})))
    ignore = tuple(_path(header) for header in entry.pop("ignore", []))
    name = entry.pop("name", None) or entry.get("title") or entry.get("sheet") or f"table {position}"
    table = Table(
        name=name,
        files=files,
        year=year,
        columns=columns,
        unit=unit,
        footer=footer,
        ignore=ignore,
        **_tuples(entry),
    )
    _check(where, table)
    return table


def _refuse_foreign_keys(where: str, entry: Mapping[str, Any]) -> None:
    layout = entry["layout"]
    for owner, keys in (("yearbook", YEARBOOK_KEYS), ("text", TEXT_KEYS)):
        for key in keys:
            if key in entry and layout != owner:
                raise SourceError(f"{where}.{key}: belongs to layout: {owner}, the table says layout: {layout}")
    if layout != "text":
        if "columns" not in entry:
            raise SourceError(f"{where}: the key 'columns' is missing")
        if entry["unit"].get("from_file"):
            raise SourceError(f"{where}.unit.from_file: belongs to layout: text, the table says layout: {layout}")
        return
    strangers = [key for key in entry if key not in (*TEXT_KEYS, *SHARED_KEYS)]
    if strangers:
        raise SourceError(f"{where}.{strangers[0]}: a table with layout: text has no such key")
    if "document" not in entry or not entry["unit"].get("from_file") or not entry.get("year", {}).get("from_file"):
        raise SourceError(
            f"{where}: layout: text needs 'document', 'unit: {{from_file: true}}' and 'year: {{from_file: true}}'"
        )


def _path(header: str | Sequence[str]) -> HeaderPath:
    return (header,) if isinstance(header, str) else tuple(header)


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}


def _year(where: str, spec: Mapping[str, Any]) -> Year:
    places = {key: spec[key] for key in ("header", "from_file", "in_header") if key in spec}
    text = _period(where, {key: spec[key] for key in spec if key not in (*places, "fixed")})
    if places.get("from_file") and text.kind not in ("", "year"):
        raise SourceError(
            f"{where}.from_file: the year of a file is a year, not of a kind {text.kind}; give each file a table and "
            f"its {NAMES.get(text.kind, text.kind)} as 'fixed'"
        )
    fixed = text.declared(f"{where}.fixed", spec["fixed"]) if "fixed" in spec else None
    return Year(**places, fixed=fixed, text=text)


def _period(where: str, spec: Mapping[str, Any]) -> PeriodText:
    text = PeriodText(**spec)
    if (text.pivot is not None or text.fiscal) and text.kind not in ("", "year"):
        raise SourceError(f"{where}: 'pivot' and 'fiscal' are of years, not of 'kind: {text.kind}'")
    if text.in_year is not None and text.kind not in PARTED:
        raise SourceError(f"{where}.in_year: only a 'kind' of {', '.join(PARTED)} lies in a year")
    return text


def _column(where: str, name: str, spec: Mapping[str, Any], text: PeriodText) -> Column:
    kept = {key: value for key, value in _tuples(spec).items() if key not in ("note", "header", "period")}
    valid: dict[str, Any] = {
        key: text.declared(f"{where}.{key}", kept[key]) for key in ("valid_from", "valid_to") if key in kept
    }
    period = _period(f"{where}.period", spec["period"]) if "period" in spec else None
    return Column(name, _path(spec["header"]), **{**kept, **valid}, period=period)


def _check_row_number(where: str, table: Table) -> None:
    """Refuse what says of a row which unit it describes where each row is one of its own."""
    unit = table.unit
    if not unit.row_number:
        return
    if unit.level != "other":
        raise SourceError(f"{where}.unit.level: with 'row_number' the rows are no regions: write 'level: other'")
    for key in ("code", "name", "province", "fixed_name", "fixed_code", "from_file", "aliases", "only", "skip",
                "province_rows"):  # fmt: skip
        if getattr(unit, key):
            raise SourceError(
                f"{where}.unit.{key}: with 'row_number' each row is a unit of its own; leave '{key}' out, or "
                "'row_number', and read the column of what a row lies in as a series"
            )
    for column in table.columns:
        if column.where:
            raise SourceError(
                f"{where}.columns.{column.series}.where: in a table with one row a series several rows describe a "
                "unit; 'row_number' would make each a unit of its own"
            )


def _check(where: str, table: Table) -> None:
    _check_row_number(where, table)
    read = [h for h in (table.unit.code, table.unit.name, table.unit.province) if h]
    read += [table.year.header] if table.year and table.year.header else []
    taken = {(header,) for header in read} | {column.header for column in table.columns}
    for path in table.ignore:
        if path in taken:
            raise SourceError(f"{where}.ignore: '{' / '.join(path)}' is also read; declare it once")
    seen: dict[tuple[Any, ...], str] = {}
    for column in table.columns:
        key = (column.header, column.occurrence, tuple(sorted(column.where.items())))
        if key in seen:
            header = " / ".join(column.header)
            raise SourceError(f"{where}.columns: {seen[key]} and {column.series} read the same column '{header}'")
        seen[key] = column.series
        if column.period and column.is_text:
            raise SourceError(f"{where}.columns.{column.series}: measure text has no 'period'")
        if column.valid_from is not None and column.valid_to is not None and column.valid_from > column.valid_to:
            raise SourceError(f"{where}.columns.{column.series}: valid_from is after valid_to")
    for name, patterns in (
        ("ignore_patterns", table.ignore_patterns),
        ("footer.patterns", table.footer.patterns),
    ):
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise SourceError(f"{where}.{name}: '{pattern}' is not a regular expression: {error}") from None
