"""Levels of the stars: as declared under ``star_levels``, else as a note of the table prints them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from shidian.audit.printed_tables.paper import LEVELS
from shidian.audit.printed_tables.typography import is_number, keyboard, plain_number
from shidian.errors import AuditError

_MARKS = r"(?<![*\w])([*+\u2020\u2021#]{1,4})(?![*])"
_ONE = re.compile(rf"{_MARKS}\s*(?:denotes?|indicates?|means?|:|=|:)?\s*(?:significan\w+ at(?: the)?\s*)?"
                  rf"p?\s*[<\u2264=]*\s*(0?\.\d+|\d{{1,2}}(?:\.\d+)?\s*%)", re.IGNORECASE)  # fmt: skip
_LISTED = re.compile(rf"{_MARKS}(?:\s*(?:,|and|;|/)+\s*{_MARKS})+", re.IGNORECASE)
_LEVEL = re.compile(r"(\d{1,2}(?:\.\d+)?)\s*%|(0?\.\d+)")


def star_levels(declared: Any, notes: list[Any], where: str) -> tuple[dict[str, float], bool]:
    """Return mark -> level, weakest first, and whether the file says so (``LEVELS`` where it does not).

    Args:
        declared: ``[0.10, 0.05, 0.01]`` or ``{"+": 0.10, "*": 0.05}``; or None.
        notes: notes under the table; the first that names marks and levels counts.
        where: place of the declaration, for errors.

    Raises:
        AuditError: levels that are none.
    """
    if declared is not None:
        return _declared(declared, where), True
    for note in notes:
        if isinstance(note, str) and (found := noted_levels(note)):
            return found, True
    return {"*" * (k + 1): level for k, level in enumerate(LEVELS)}, False


def noted_levels(note: str) -> dict[str, float]:
    """Return mark -> level as a note says it, weakest first; empty where it says none.

    >>> noted_levels("*** p<0.01, ** p<0.05, * p<0.1")
    {'*': 0.1, '**': 0.05, '***': 0.01}
    """
    text = keyboard(note)
    found = {marks: _level(level) for marks, level in _ONE.findall(text)}
    listed = _LISTED.search(text)
    if listed and len(found) < 2:
        marks = re.findall(r"[*+\u2020\u2021#]+", listed[0])
        levels = [float(a) / 100 if a else float(b) for a, b in _LEVEL.findall(text[listed.end() :])][: len(marks)]
        found = dict(zip(marks, levels, strict=True)) if len(levels) == len(marks) else {}
    ordered = dict(sorted(found.items(), key=lambda pair: -pair[1]))
    return ordered if all(0 < level < 0.5 for level in ordered.values()) else {}


def _level(text: str) -> float:
    return float(text.rstrip("% ")) / 100 if "%" in text else float(text)


def _declared(declared: Any, where: str) -> dict[str, float]:
    values = declared.values() if isinstance(declared, Mapping) else declared if isinstance(declared, list) else [""]
    if not values or not all(is_number(v) and 0 < float(plain_number(v) or 0) < 1 for v in values):
        raise AuditError(f"{where}: expected levels such as [0.10, 0.05, 0.01] or {{'+': 0.10, '*': 0.05}}")
    levels = [float(plain_number(v) or 0) for v in values]
    if isinstance(declared, Mapping):
        pairs = zip((keyboard(mark) for mark in declared), levels, strict=True)
        return dict(sorted(pairs, key=lambda pair: -pair[1]))
    return {"*" * (k + 1): level for k, level in enumerate(sorted(levels, reverse=True))}
