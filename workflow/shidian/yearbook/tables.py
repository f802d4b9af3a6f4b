"""Declarations of tables inside a source file: which rows, headers and columns are read as what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shidian.errors import SourceError
from shidian.period import NAMES, written
from shidian.yearbook.addresses import Address, HeaderRef, address_of, header_ref
from shidian.yearbook.number_forms import Writing
from shidian.yearbook.patterns import check_pattern
from shidian.yearbook.pdf_settings import PdfSettings, build_settings
from shidian.yearbook.periods import PARTED, PeriodText
from shidian.yearbook.raw_paths import expand
from shidian.yearbook.unit_columns import UnitColumns, build_unit, header_row_of

TEXT, CATEGORY = "text", "category"
"""Measure of a column whose cells are documents, and header of the document where a file is one."""
HeaderPath = tuple[str, ...]
"""A header as the path to it in the header tree; one element where there is one header row."""


@dataclass(frozen=True)
class Column:
    """One series of a table: where it is, its unit of measure and the years it is valid for.

    ``period`` says how the cells read where they are periods themselves, such as the quarter of adoption. A column
    named by its place has that ``address``, and "column C" as its header. ``override`` is the reason why its unit of
    measure is not the printed one, ``note`` is for who reads the numbers.
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
    override: str = ""
    address: Address | None = None
    note: str = field(default="", repr=False)  # another note reads no other number

    @property
    def is_text(self) -> bool:
        """Whether the cells are documents; the value of a document is its number of characters."""
        return self.measure == TEXT

    @property
    def is_category(self) -> bool:
        """Whether the cells are texts that stand for categories; the value of one is its code."""
        return self.measure == CATEGORY


@dataclass(frozen=True)
class Year:
    """Where the year, or another period, is: a column, a fixed one, that of the file or sheet, or a header row.

    ``text`` says how it reads; ``fixed`` is the number of the period; ``in_header`` is the header row, counted from 1
    at the top, -1 for the lowest, 0 where none holds it; with ``heading_rows`` rows of their own print it above others.
    """

    header: HeaderRef | None = None
    fixed: int | None = None
    from_file: bool = False
    from_sheet: bool = False
    in_header: int = 0
    heading_rows: bool = False
    fill_down: bool = False
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
    sheets: str | None = None
    encoding: str | None = None
    separator: str | None = None
    quote: str | None = None
    decimal: str = "."
    numbers: tuple[str, ...] = ()
    value_labels: tuple[str, ...] = ()
    pdf: PdfSettings | None = None
    continued: tuple[str, ...] = ()
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
    repeated_header: bool = False
    fill_down: tuple[str, ...] = ()
    keep_rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    drop_rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def writing(self) -> Writing:
        """How the table's texts write numbers."""
        return Writing(self.footnote_marks, self.decimal, self.numbers)

    def written(self, year: int) -> str:
        """Return a period of the table as it is written."""
        return written(self.year.text.kind or "year" if self.year else "year", year)


YEARBOOK_KEYS = ("area", "title", "title_occurrence", "subtitles", "header_depth")
TEXT_KEYS = ("document", "skip_lines")
YEAR_PLACES = ("header", "from_file", "from_sheet", "in_header", "heading_rows", "fill_down")
SHARED_KEYS = ("name", "files", "file_name", "valid_from", "valid_to", "encoding", "layout", "unit", "year")
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
    unit = build_unit(f"{where}.unit", entry.pop("unit"))
    footer = Footer(**_tuples(entry.pop("footer", {})))
    ignore = tuple(_path(header) for header in entry.pop("ignore", []))
    for key in ("keep_rows", "drop_rows"):
        if key in entry:
            entry[key] = {header: _listed(texts) for header, texts in entry[key].items()}
    if "sheets" in entry:
        entry["sheets"] = entry["sheets"]["pattern"]
    if "pdf" in entry:
        entry["pdf"] = build_settings(f"{where}.pdf", entry["pdf"])
    if "continued" in entry:
        entry["continued"] = _expanded(f"{where}.continued", entry["continued"])
    name = entry.pop("name", None) or entry.get("title") or entry.get("sheet") or f"table {position}"
    return Table(
        name=name,
        files=files,
        year=year,
        columns=columns,
        unit=unit,
        footer=footer,
        ignore=ignore,
        **_tuples(entry),
    )


def _expanded(where: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return names of tables with braces expanded; each once, or an error."""
    try:
        found = tuple(one for name in names for one in expand(name))
    except SourceError as problem:
        raise SourceError(f"{where}: {problem}") from None
    if len(set(found)) < len(found):
        raise SourceError(f"{where}: a table is named twice")
    return found


def _listed(texts: str | Sequence[str]) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _refuse_foreign_keys(where: str, entry: Mapping[str, Any]) -> None:
    layout = entry["layout"]
    for owner, keys in (("yearbook", YEARBOOK_KEYS), ("text", TEXT_KEYS)):
        for key in keys:
            if key in entry and layout != owner:
                raise SourceError(f"{where}.{key}: belongs to layout: {owner}, the table says layout: {layout}")
    if layout != "text":
        if "columns" not in entry:
            raise SourceError(f"{where}: the key 'columns' is missing")
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
    places: dict[str, Any] = {key: spec[key] for key in YEAR_PLACES if key in spec}
    text = _period(where, {key: spec[key] for key in spec if key not in (*places, "fixed")})
    if "header" in places:
        places["header"] = header_ref(places["header"])
    elif "fill_down" in places:
        raise SourceError(f"{where}.fill_down: years stand in no column ('header') that could be filled down")
    if "in_header" in places:
        places["in_header"] = header_row_of(places["in_header"])
    if places.get("from_file") and text.kind not in ("", "year"):
        raise SourceError(
            f"{where}.from_file: the year of a file is a year, not of a kind {text.kind}; give each file a table and "
            f"its {NAMES.get(text.kind, text.kind)} as 'fixed'"
        )
    fixed = text.declared(f"{where}.fixed", spec["fixed"]) if "fixed" in spec else None
    return Year(**places, fixed=fixed, text=text)


def _period(where: str, spec: Mapping[str, Any]) -> PeriodText:
    text = PeriodText(**spec)
    if text.pattern:
        check_pattern(f"{where}.pattern", text.pattern, ("year", "any"))
    if (text.pivot is not None or text.fiscal) and text.kind not in ("", "year"):
        raise SourceError(f"{where}: 'pivot' and 'fiscal' are of years, not of 'kind: {text.kind}'")
    if text.in_year is not None and text.kind not in PARTED:
        raise SourceError(f"{where}.in_year: only a 'kind' of {', '.join(PARTED)} lies in a year")
    return text


def _column(where: str, name: str, spec: Mapping[str, Any], text: PeriodText) -> Column:
    kept = {key: value for key, value in _tuples(spec).items() if key not in ("header", "period")}
    valid: dict[str, Any] = {
        key: text.declared(f"{where}.{key}", kept[key]) for key in ("valid_from", "valid_to") if key in kept
    }
    period = _period(f"{where}.period", spec["period"]) if "period" in spec else None
    if isinstance(spec["header"], Mapping):
        address = address_of(spec["header"])
        return Column(name, (str(address),), **{**kept, **valid}, period=period, address=address)
    return Column(name, _path(spec["header"]), **{**kept, **valid}, period=period)
