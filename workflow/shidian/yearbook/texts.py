"""Files that are one document each: unit and year from the file's name, the text as a table of one row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from shidian.errors import SourceError
from shidian.yearbook.grid import Grid
from shidian.yearbook.numbers import parse_year
from shidian.yearbook.tables import TEXT
from shidian.yearbook.text_form import decode

_PATTERNS = {"code": r"(?P<code>\d{6})", "name": r"(?P<name>.+?)", "year": r"(?P<year>\d{4})"}


def read_name(templates: str | tuple[str, ...], path: str) -> dict[str, str]:
    """Return what the name of a file says, by the first template that fits, such as ``{year}年{name}政府工作报告.txt``.

    Raises:
        SourceError: the name is not as any template says, or its year is none.
    """
    listed = (templates,) if isinstance(templates, str) else templates
    for template in listed:
        if (said := _said_by(template, path)) is not None:
            return said
    name, ways = PurePosixPath(path).name, " or ".join(f"'{one}'" for one in listed)
    raise SourceError(f"the file's name '{name}' is not as file_name says, {ways}")


def _said_by(template: str, path: str) -> dict[str, str] | None:
    """Return what a name says by one template, None where it is not as the template says."""
    pattern = re.escape(template)
    for field, one in _PATTERNS.items():
        pattern = pattern.replace(re.escape("{" + field + "}"), one, 1)
    name = PurePosixPath(path).name
    found = re.fullmatch(pattern, name)
    if found is None:
        return None
    if parse_year(found.groupdict().get("year", "2000")) is None:
        raise SourceError(f"'{found['year']}' in the file's name '{name}' is not a year")
    return found.groupdict()


def text_grid(path: Path, encoding: str | None, skip_lines: int, fields: Mapping[str, str]) -> Grid:
    """Return a document as a table of one row: what is known of it, and its text.

    Args:
        path: the file.
        encoding: text encoding; UTF-8 when None.
        skip_lines: lines at the top that are no part of the document (its title, where it was copied from).
        fields: the columns before the text, header -> value.

    Raises:
        SourceError: the bytes are not text of this encoding, or there are fewer lines than are skipped.
    """
    lines = decode(path, encoding).splitlines(keepends=True)
    if len(lines) < skip_lines:
        raise SourceError(f"{path}: {len(lines)} lines, declared: skip_lines: {skip_lines}")
    labels = (*fields, TEXT)
    return Grid("", [list(labels), [*fields.values(), "".join(lines[skip_lines:])]], labels, first_row=0)
