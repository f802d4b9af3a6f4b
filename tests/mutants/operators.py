"""Small faults of arithmetic, planted one at a time: where a line of source admits one and how it then reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

BINARY = {ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"), ast.Pow: ("**", "*")}
COMPARED = {ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"),
            ast.Eq: ("==", "!="), ast.NotEq: ("!=", "==")}  # fmt: skip
DROPPED = ("sqrt", "abs", "log", "exp", "square")
SWAPPED = {"max": "min", "min": "max", "maximum": "minimum", "minimum": "maximum", "sf": "cdf", "cdf": "sf",
           "any": "all", "all": "any", "mean": "sum", "sum": "mean", "std": "var", "var": "std"}  # fmt: skip
TINY, HUGE = 1e-5, 1e5
"""Constants beyond these are tolerances and sizes of blocks, which no printed digit shows."""


@dataclass(frozen=True)
class Mutant:
    """One planted fault.

    Attributes:
        file: path below the project's root.
        line: number of the line, for the report.
        text: the line without its indent, by which the fault is known when lines move.
        start: first byte replaced in the file.
        end: first byte after it.
        replacement: what stands there instead.
    """

    file: str
    line: int
    text: str
    start: int
    end: int
    replacement: str

    def planted(self, source: bytes) -> bytes:
        """Return the source with the fault."""
        return source[: self.start] + self.replacement.encode() + source[self.end :]

    def reads(self, source: bytes) -> str:
        """Return the line (or lines) with the fault, without indent."""
        first = source.rfind(b"\n", 0, self.start) + 1
        last = source.find(b"\n", self.end)
        rest = source[self.end : last if last >= 0 else len(source)]
        return (source[first : self.start] + self.replacement.encode() + rest).decode().strip()


def mutants_of(file: str, source: bytes) -> list[Mutant]:
    """Return every fault that the operators can plant in a file, in order of place."""
    lines = source.split(b"\n")
    begins = [0]
    for line in lines:
        begins.append(begins[-1] + len(line) + 1)
    found = []
    for start, end, replacement in _edits(ast.parse(source), source, begins):
        number = next(i for i, (a, b) in enumerate(pairwise(begins)) if a <= start < b)
        text = lines[number].decode().strip()
        found.append(Mutant(file, number + 1, text, start, end, replacement))
    return sorted(set(found), key=lambda m: (m.start, m.end, m.replacement))


def _edits(tree: ast.AST, source: bytes, begins: list[int]) -> Iterator[tuple[int, int, str]]:
    for node in _numeric_nodes(tree):
        if not isinstance(node, ast.expr | ast.keyword):
            continue
        start = begins[node.lineno - 1] + node.col_offset
        end = begins[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)

        def place(part: ast.expr) -> tuple[int, int]:
            return (
                begins[part.lineno - 1] + part.col_offset,
                begins[(part.end_lineno or 0) - 1] + (part.end_col_offset or 0),
            )

        if isinstance(node, ast.BinOp) and type(node.op) in BINARY and not _is_text(node.left, node.right):
            old, new = BINARY[type(node.op)]
            yield _token(source, place(node.left)[1], place(node.right)[0], old, new)
        elif isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
            for (left, right), op in zip(pairwise(operands), node.ops, strict=True):
                if type(op) in COMPARED:
                    old, new = COMPARED[type(op)]
                    yield _token(source, place(left)[1], place(right)[0], old, new)
        elif isinstance(node, ast.BoolOp):
            old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            for left, right in pairwise(node.values):
                yield _token(source, place(left)[1], place(right)[0], old, new)
        elif isinstance(node, ast.UnaryOp):
            if isinstance(node.op, ast.USub | ast.Not | ast.Invert):
                yield start, start + (3 if isinstance(node.op, ast.Not) else 1), ""
        elif isinstance(node, ast.Call):
            yield from _called(node, source, start, end, place)
        elif isinstance(node, ast.Attribute) and node.attr == "T":
            yield end - 2, end, ""
        elif isinstance(node, ast.Constant):
            yield from ((start, end, other) for other in _other_number(node.value))


def _called(node: ast.Call, source: bytes, start: int, end: int, place) -> Iterator[tuple[int, int, str]]:  # type: ignore[no-untyped-def]
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    last = place(node.func)[1]
    if name in DROPPED and len(node.args) == 1 and not node.keywords:
        yield start, last, ""
    if name in SWAPPED:
        yield last - len(name), last, SWAPPED[name]
    for keyword in node.keywords:
        if keyword.arg in ("axis", "ddof") and isinstance(keyword.value, ast.Constant) and keyword.value.value in (0, 1):
            yield *place(keyword.value), str(1 - int(keyword.value.value))


def _numeric_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what computes: no docstrings, annotations, errors, texts, decorators, and nothing twice."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "type_comment"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom):
                continue
            if isinstance(child, ast.keyword) and child.arg in ("axis", "ddof"):
                continue
            yield child
            yield from _numeric_nodes(child)


def _is_text(*parts: ast.expr) -> bool:
    texts = (ast.JoinedStr, ast.List, ast.ListComp, ast.Tuple)
    return any(isinstance(p, texts) or (isinstance(p, ast.Constant) and isinstance(p.value, str)) for p in parts)


def _token(source: bytes, first: int, last: int, old: str, new: str) -> tuple[int, int, str]:
    """Return the edit of an operator that stands between two operands, brackets and line ends around it."""
    at = re.search(rb"(?<![\w*<>=!])" + re.escape(old.encode()) + rb"(?![\w*<>=!])", source[first:last])
    assert at, (source[first:last], old)
    return first + at.start(), first + at.end(), new


def _other_number(value: object) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if isinstance(value, int):
        if value < HUGE:
            yield str(value + 1)
    elif value == 0.95:
        yield "0.9"
    elif TINY < abs(value) < HUGE:
        yield repr(value * 1.5)
