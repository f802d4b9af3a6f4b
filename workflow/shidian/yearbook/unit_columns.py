"""Declarations of the units of a table: headers, names of rows, sheets or files that say which unit it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shidian.errors import SourceError
from shidian.yearbook.addresses import HeaderRef, header_ref
from shidian.yearbook.patterns import check_pattern


@dataclass(frozen=True)
class Indented:
    """Names that stand in one of several columns, by their level: 1 is the first of ``columns``.

    Attributes:
        columns: how many columns hold names.
        read: levels whose rows are read; all but ``province`` when empty.
        province: level of the province that the rows below lie in.
    """

    columns: int
    read: tuple[int, ...] = ()
    province: int | None = None

    @property
    def levels(self) -> tuple[int, ...]:
        """Levels whose rows are read."""
        return self.read or tuple(level for level in range(1, self.columns + 1) if level != self.province)


@dataclass(frozen=True)
class UnitColumns:
    """Headers that say which unit a row describes, or the one unit of the whole table.

    With ``row_number`` each row is a unit of its own. ``in_header`` is the header row that holds the names of units,
    counted from 1 at the top, -1 for the lowest, 0 where none does. ``fill_down`` are the keys printed once for
    several rows, ``code_missing`` the marks of rows without a code, ``code_pattern`` what stands around the codes.
    """

    level: str
    row_number: bool = False
    from_file: bool = False
    from_sheet: bool = False
    in_header: int = 0
    code: HeaderRef | None = None
    code_kind: str = "gb2260"
    code_pattern: str = ""
    code_missing: tuple[str, ...] = ()
    name: HeaderRef | None = None
    name_columns: int = 1
    name_optional: bool = False
    province: HeaderRef | None = None
    city: HeaderRef | None = None
    fixed_name: str | None = None
    fixed_code: str | None = None
    aliases: str | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    province_rows: Mapping[str, str] = field(default_factory=dict)
    fill_down: tuple[str, ...] = ()
    indented: Indented | None = None

    @property
    def headers(self) -> dict[str, HeaderRef]:
        """The columns that hold keys of the unit, by key."""
        found = {"code": self.code, "name": self.name, "province": self.province, "city": self.city}
        return {key: header for key, header in found.items() if header is not None}


def build_unit(where: str, spec: Mapping[str, Any]) -> UnitColumns:
    """Build the declaration of units from its checked YAML entry; ``where`` names file and key.

    Raises:
        SourceError: keys that contradict each other.
    """
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in spec.items()}
    for key in ("code", "name", "province", "city"):
        if key in given:
            given[key] = header_ref(given[key])
    if "in_header" in given:
        given["in_header"] = header_row_of(given["in_header"])
    if "indented" in given:
        given["indented"] = _indented(f"{where}.indented", given["indented"])
    filled = given.pop("fill_down", ())
    unit = UnitColumns(**given)
    keys = tuple(unit.headers) if filled is True else filled
    for key in keys:
        if key not in unit.headers:
            raise SourceError(f"{where}.fill_down: '{key}' is not declared, so that no column of it can be filled down")
    if filled and not keys:
        raise SourceError(
            f"{where}.fill_down: no column of code, name, province or city is declared that could be filled"
        )
    unit = UnitColumns(**given, fill_down=keys)
    _check(where, unit)
    _check_code_pattern(f"{where}.code_pattern", unit)
    return unit


def _check_code_pattern(where: str, unit: UnitColumns) -> None:
    if not unit.code_pattern:
        return
    if unit.code is None:
        raise SourceError(f"{where}: no column of codes is declared; write 'code: HEADER' beside it")
    check_pattern(where, unit.code_pattern, ("code",))


def header_row_of(value: bool | int) -> int:
    """Return the header row that ``in_header`` declares: true is the lowest, -1."""
    return -1 if value is True else int(value)


def _indented(where: str, spec: Mapping[str, Any]) -> Indented:
    columns, province = int(spec["columns"]), spec.get("province")
    for level in (*spec.get("read", ()), *([] if province is None else [province])):
        if level > columns:
            raise SourceError(f"{where}: there is no level {level} among {columns} columns")
    return Indented(columns, tuple(spec.get("read", ())), province)


def _check(where: str, unit: UnitColumns) -> None:
    elsewhere = {
        "in_header": unit.in_header, "from_sheet": unit.from_sheet, "from_file": unit.from_file,
        "fixed_name": unit.fixed_name, "fixed_code": unit.fixed_code,
    }  # fmt: skip
    said = [key for key, value in elsewhere.items() if value]
    others = [*said[1:], *unit.headers]
    if said and others and said[0] in ("in_header", "from_sheet", "from_file"):
        raise SourceError(f"{where}: '{said[0]}' and '{others[0]}' both say which unit it is; keep one of them")
    if (unit.in_header or unit.from_sheet) and unit.province_rows:
        raise SourceError(f"{where}.province_rows: no rows are named where '{said[0]}' says the unit")
    if unit.code_missing and (unit.code is None or unit.name is None or unit.name_optional):
        raise SourceError(
            f"{where}.code_missing: a row without a code is known by its name: declare 'code' and 'name', and no "
            "'name_optional'"
        )
    if unit.from_sheet and (unit.only or unit.skip):
        raise SourceError(f"{where}: 'only' and 'skip' name rows or columns; name sheets not read under ignore_sheets")
    if unit.indented is None:
        return
    if unit.name is None:
        raise SourceError(f"{where}.indented: declare 'name', the header of the first column of names")
    for key, given in (("name_columns", unit.name_columns > 1), ("province_rows", unit.province_rows)):
        if given:
            raise SourceError(f"{where}.{key}: 'indented' says the columns and provinces; leave one of the two out")
    if "name" in unit.fill_down:
        raise SourceError(f"{where}.fill_down: names are not filled down where they are indented over several columns")
    if unit.province is not None and unit.indented.province is not None:
        raise SourceError(f"{where}.indented.province: 'province' says the province already; leave one of the two out")
