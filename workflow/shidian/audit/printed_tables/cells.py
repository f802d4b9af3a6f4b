"""One printed cell: a coefficient, its stars, and what stands below it, in each form in which a cell is typed.

``[0.010, 0.020, 3]``, ``["0.010***", "(0.020)"]``, ``"0.010*** (0.020) [0.001, 0.019]"`` and
``{b: 0.010, se: 0.020, stars: 3}`` are the same cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shidian.audit.printed_tables.interval import Interval, Printed
from shidian.audit.printed_tables.keys import CELL, check_keys
from shidian.audit.printed_tables.typography import is_blank, is_number, keyboard, plain_number, whole_number
from shidian.errors import AuditError

_NUMBER = r"[-+]?\s?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_MARKS = r"[*+\u2020\u2021#]+(?:\s?\*+)*"
_HEAD = re.compile(rf"({_NUMBER})\s*({_MARKS})?\s*")
_BRACKET = re.compile(rf"[(\[{{|]\s*([^)\]}}|]*?)\s*({_MARKS})?\s*[)\]}}|]\s*({_MARKS})?\s*[,;/]?\s*")
_LABEL = re.compile(r"(?:95%\s*)?(s\.e\.|se|t|z|p|ci)(?:-?(?:value|stat\w*))?\s*[=:]?\s*(?=[-+<>.\d\[])", re.IGNORECASE)
_RANGE = tuple(re.compile(rf"({_NUMBER})\s*(?:{sep})\s*({_NUMBER})$") for sep in (r",\s|;|to|~|:", "[-,]"))
_EXPECTED = 'expected [coefficient, standard error, stars], "0.010*** (0.020)" or {b: 0.010, se: 0.020, stars: 3}'


@dataclass(frozen=True)
class Estimate:
    """A printed coefficient, what is printed below it and its stars; missing where the text prints none.

    ``elasticity`` and ``percent`` are the same effect in other units where a paper prints both.
    """

    coef: Printed
    se: Printed | None = None
    stars: int | None = None
    t: Printed | None = None
    z: Printed | None = None
    p: Printed | None = None
    ci: tuple[Printed, Printed] | None = None
    elasticity: Printed | None = None
    percent: Printed | None = None
    at: str = ""
    marked: bool = False
    """Whether the cell is text, in which a missing mark means no star where the table has stars at all."""

    @property
    def size(self) -> Interval | None:
        """Absolute t or z that the digits allow: as printed, else coefficient over standard error."""
        given = self.t or self.z
        if given is not None:
            return given.interval.size()
        if self.se is None or self.se.value <= 0:
            return None
        se = self.se.interval
        return self.coef.interval.size() / Interval(max(0.0, se.low), se.high)

    @property
    def beside(self) -> bool:
        """Whether anything stands beside the coefficient that tells its precision."""
        return any(v is not None for v in (self.se, self.t, self.z, self.p, self.ci))

    def __str__(self) -> str:
        shown = {"": self.se, "t ": self.t, "z ": self.z, "p ": self.p}
        text = "".join(f" ({name}{value})" for name, value in shown.items() if value is not None)
        return f"{self.coef}{text}{f' [{self.ci[0]}, {self.ci[1]}]' if self.ci else ''}"


@dataclass(frozen=True)
class CellStyle:
    """How a table prints its cells: what stands below the coefficient, in order, and its marks, weakest first."""

    below: tuple[str, ...] = ("se",)
    marks: tuple[str, ...] = ("*", "**", "***")


def is_cell(value: Any) -> bool:
    """Say whether a value is meant as a cell: a list, text with brackets or stars, a mapping of a cell's keys."""
    if isinstance(value, Mapping):
        return isinstance(value.get("b"), str) and all(key in CELL for key in value)
    if isinstance(value, list):
        return bool(value) and not isinstance(value[0], Mapping) and any(map(_numeric, value))
    head = _HEAD.match(keyboard(value)) if isinstance(value, str) else None
    return head is not None and not is_number(value) and (bool(head[2]) or "(" in keyboard(value) or "[" in value)


def _numeric(value: Any) -> bool:
    return isinstance(value, str) and _HEAD.match(keyboard(value)) is not None


def read_cell(value: Any, where: str, at: str, style: CellStyle) -> Estimate | None:
    """Return a cell, or None where nothing is printed.

    Raises:
        AuditError: the cell is none, or holds more than ``below`` names.
    """
    if is_blank(value):
        return None
    try:
        if isinstance(value, Mapping):
            return _from_mapping(value, where, at, style)
        if isinstance(value, list):
            return _from_list(value, at, style)
        return _from_text(keyboard(str(value)), at, style)
    except ValueError as problem:
        raise AuditError(f"{where}: {problem}, found {value!r}") from None


def _from_mapping(given: Mapping[str, Any], where: str, at: str, style: CellStyle) -> Estimate | None:
    check_keys(given, CELL, where)
    if is_blank(given.get("b")):
        raise ValueError("a cell has a coefficient, b")
    head = _from_text(keyboard(str(given["b"])), at, style)
    parts = {key: _part(key, given[key], at) for key in CELL[1:] if key != "stars" and not is_blank(given.get(key))}
    if not is_blank(given.get("stars")):
        parts["stars"] = _stars(keyboard(str(given["stars"])), style)
    return replace(head, **parts)


def _from_list(given: Sequence[Any], at: str, style: CellStyle) -> Estimate | None:
    if is_blank(given[0]):
        if all(map(is_blank, given)):
            return None
        raise ValueError(_EXPECTED)
    head = _from_text(keyboard(_scalar(given[0])), at, style)
    rest, parts = list(given[1:]), {}
    for kind in style.below:
        if kind == "ci" and len(rest) > 1 and is_number(rest[0]) and is_number(rest[1]):
            rest[:2] = [rest[:2]]
        if rest and not is_blank(rest[0]):
            parts[kind] = _part(kind, rest[0], at)
        rest = rest[1:]
    if len(rest) > 1:
        raise ValueError(f"more numbers than below: [{', '.join(style.below)}] names; {_EXPECTED}")
    stars = _stars(keyboard(_scalar(rest[0])), style) if rest and not is_blank(rest[0]) else None
    if stars is not None or rest:
        head = replace(head, stars=stars if stars is not None else head.stars, marked=False)
    return replace(head, **parts)


def _from_text(text: str, at: str, style: CellStyle) -> Estimate:
    head = _HEAD.match(text)
    coef = plain_number(head[1].strip().rstrip(",")) if head else None
    if head is None or coef is None:
        raise ValueError(_EXPECTED)
    rest, marks, parts = text[head.end() :], head[2] or "", {}
    kinds = list(style.below)
    while rest:
        bracket = _BRACKET.match(rest) or re.match(rf"({_NUMBER})()\s*({_MARKS})?\s*", rest)
        if bracket is None:
            raise ValueError(_EXPECTED)
        label = _LABEL.match(bracket[1])
        kind = label[1].lower().replace("s.e.", "se") if label else next((k for k in kinds if k not in parts), "")
        inside = bracket[1][label.end() :] if label else bracket[1]
        if not label and any(pattern.match(inside) for pattern in _RANGE) and not is_number(inside):
            kind = "ci"
        if not kind or kind in parts:
            raise ValueError(f"'{bracket[1]}' stands where below: [{', '.join(style.below)}] names nothing")
        parts[kind] = _part(kind, inside, at)
        marks = marks or bracket[2] or bracket[3] or ""
        rest = rest[bracket.end() :]
    return Estimate(Printed(coef, at=at), stars=_stars(marks, style) if marks else None, at=at, marked=True, **parts)


def _part(kind: str, value: Any, at: str) -> Any:
    """Return one of the numbers below a coefficient; an interval as its two ends."""
    if kind == "ci":
        ends = value if isinstance(value, list) else _ends(keyboard(str(value)).strip("()[] "))
        numbers = [plain_number(end) for end in ends]
        if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
            raise ValueError("an interval has two ends, [low, high]")
        return Printed(numbers[0], at=at), Printed(numbers[1], at=at)
    text = keyboard(_scalar(value)).strip("()[]{}| ")
    relation = text[0] if kind == "p" and text[:1] in ("<", ">") else ""
    number = plain_number(text.removeprefix(relation).strip("= ").rstrip("%" if kind == "percent" else ""))
    if number is None:
        raise ValueError(f"'{text}' is no number; {_EXPECTED}")
    return Printed(number, at=at, relation=relation)


def _ends(text: str) -> tuple[str, ...]:
    match = next((m for pattern in _RANGE if (m := pattern.match(text))), None)
    return (match[1], match[2]) if match else ()


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise ValueError(_EXPECTED)


def _stars(text: str, style: CellStyle) -> int:
    """Return how many levels a mark or a count of stars passes."""
    marks = text.replace(" ", "")
    if marks in style.marks:
        return style.marks.index(marks) + 1
    count = whole_number(marks)
    if count is not None and 0 <= count <= len(style.marks):
        return count
    if set(marks) == {"*"} or count is not None:
        raise ValueError(f"stars are counted 0 to {len(style.marks)}, found '{marks}'")
    raise ValueError(f"the mark '{marks}' is none of star_levels ({', '.join(style.marks)})")
