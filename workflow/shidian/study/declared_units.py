"""What a source file says of the units that its rows describe: their level, and the headers they stand under."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shidian.yearbook.source import Source


@dataclass(frozen=True)
class DeclaredUnits:
    """Units of a source as declared.

    Attributes:
        level: country, province, city, county or other.
        aliases: id of their table of aliases, "" for none.
        code, name: headers of their codes and names, "" where there are none.
        official: whether the codes are those of the standard GB/T 2260.
        series: header -> series of every column that the source reads.
        row_number: whether each row is a unit of its own, by its number in the file.
        followed: whether such a row holds several periods, under headers.
    """

    level: str
    aliases: str = ""
    code: str = ""
    name: str = ""
    official: bool = False
    series: Mapping[str, str] = field(default_factory=dict)
    row_number: bool = False
    followed: bool = False

    def title(self, join: str) -> str:
        """Return the header of what a join by code or by name compares, "" where no header stands above it."""
        return self.name if join == "name" else self.code or self.name

    def series_under(self, title: str) -> str:
        """Return the series that has a title as its header or its name, "" where none has."""
        wanted = plain(title)
        return next((name for header, name in self.series.items() if wanted in (plain(header), plain(name))), "")


def plain(title: str) -> str:
    """Return a title without case, blanks and punctuation, so that "City code" is "city_code"."""
    return re.sub(r"[\W_]+", "", title).lower()


def units_of(source: Source) -> DeclaredUnits:
    """Return what a source declares of its units, those of its first table."""
    unit = source.tables[0].unit
    series = {" / ".join(column.header): column.series for table in source.tables for column in table.columns}
    return DeclaredUnits(
        level=unit.level,
        aliases=unit.aliases or "",
        code=str(unit.code or ""),
        name=str(unit.name or ""),
        official=bool(unit.code) and unit.code_kind == "gb2260",
        series=series,
        row_number=unit.row_number,
        followed=any(table.year and table.year.in_header for table in source.tables),
    )
