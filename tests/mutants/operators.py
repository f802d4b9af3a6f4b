"""Small faults of arithmetic, planted one at a time: where a line of source admits one and how it then reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, TypeAlias

BINARY = {ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"), ast.Pow: ("**", "*")}
COMPARED = {ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"),
            ast.Eq: ("==", "!="), ast.NotEq: ("!=", "==")}  # fmt: skip
DROPPED = ("sqrt", "abs", "log", "exp", "square")
SWAPPED = {"max": "min", "min": "max", "maximum": "minimum", "minimum": "maximum", "sf": "cdf", "cdf": "sf",
           "any": "all", "all": "any", "mean": "sum", "sum": "mean", "std": "var", "var": "std"}  # fmt: skip
CHOSEN = ("axis", "ddof")
"""Keywords that are 0 or 1."""
SILENT = (ast.Raise, ast.JoinedStr, ast.Import, ast.ImportFrom)
"""What holds no arithmetic of a printed number."""
TINY, HUGE = 1e-5, 1e5
"""Constants beyond these are tolerances and sizes of blocks, which no printed digit shows."""


@dataclass(frozen=True)
class Mutant:
    """One planted fault.

    Attributes:
        file: path below the project's root.
        line: number of the line, for the report.
        text: the line without its indent, by which the fault is known when lines move.
        reads: the line with the fault.
        start: first byte replaced in the file.
        end: first byte after it.
        replacement: what stands there instead.
    """

    file: str
    line: int
    text: str
    reads: str
    start: int
    end: int
    replacement: str

    def planted(self, source: bytes) -> bytes:
        """Return the source with the fault."""
        return source[: self.start] + self.replacement.encode() + source[self.end :]


def mutant(file: str, source: bytes, start: int, end: int, replacement: str) -> Mutant:
    """Return the fault that puts ``replacement`` in the place of the bytes from ``start`` to ``end``."""
    first, last = source.rfind(b"\n", 0, start) + 1, source.find(b"\n", end)
    last = last if last >= 0 else len(source)
    after = source[first:start] + replacement.encode() + source[end:last]
    text = source[first : source.find(b"\n", start)].decode().strip()
    return Mutant(file, source.count(b"\n", 0, start) + 1, text, after.decode().strip(), start, end, replacement)


def mutants_of(file: str, source: bytes) -> list[Mutant]:
    """Return every fault that the operators can plant in a file, in order of place."""
    edits = sorted(set(_Edits(source).all()))
    return [mutant(file, source, *edit) for edit in edits]


Edit: TypeAlias = tuple[int, int, str]


class _Edits:
    """The edits of a source: first byte, first byte after, replacement."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.begins = [0]
        for line in source.split(b"\n"):
            self.begins.append(self.begins[-1] + len(line) + 1)

    def all(self) -> Iterator[Edit]:
        for node in _numeric_nodes(ast.parse(self.source)):
            for kind, edits in self._by_node.items():
                if isinstance(node, kind):
                    yield from edits(self, node)

    def start(self, node: ast.expr) -> int:
        return self.begins[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr) -> int:
        return self.begins[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)

    def binary(self, node: ast.BinOp) -> Iterator[Edit]:
        if type(node.op) in BINARY and not _is_text(node.left, node.right):
            yield self.token(node.left, node.right, *BINARY[type(node.op)])

    def compared(self, node: ast.Compare) -> Iterator[Edit]:
        operands = [node.left, *node.comparators]
        for (left, right), op in zip(pairwise(operands), node.ops, strict=True):
            if type(op) in COMPARED:
                yield self.token(left, right, *COMPARED[type(op)])

    def joined(self, node: ast.BoolOp) -> Iterator[Edit]:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        yield from (self.token(left, right, old, new) for left, right in pairwise(node.values))

    def unary(self, node: ast.UnaryOp) -> Iterator[Edit]:
        if isinstance(node.op, ast.USub | ast.Not | ast.Invert):
            yield self.start(node), self.start(node) + (3 if isinstance(node.op, ast.Not) else 1), ""

    def called(self, node: ast.Call) -> Iterator[Edit]:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        last = self.end(node.func)
        if name in DROPPED and len(node.args) == 1 and not node.keywords:
            yield self.start(node), last, ""
        if name in SWAPPED:
            yield last - len(name), last, SWAPPED[name]
        for keyword in node.keywords:
            value = keyword.value
            if keyword.arg in CHOSEN and isinstance(value, ast.Constant) and value.value in (0, 1):
                yield self.start(value), self.end(value), str(1 - int(value.value))

    def transposed(self, node: ast.Attribute) -> Iterator[Edit]:
        if node.attr == "T":
            yield self.end(node) - 2, self.end(node), ""

    def constant(self, node: ast.Constant) -> Iterator[Edit]:
        yield from ((self.start(node), self.end(node), other) for other in _other_number(node.value))

    def token(self, left: ast.expr, right: ast.expr, old: str, new: str) -> Edit:
        """Return the edit of an operator that stands between two operands, brackets and line ends around it."""
        first, last = self.end(left), self.start(right)
        at = re.search(rb"(?<![\w*<>=!])" + re.escape(old.encode()) + rb"(?![\w*<>=!])", self.source[first:last])
        assert at, (self.source[first:last], old)
        return first + at.start(), first + at.end(), new

    _by_node: ClassVar[dict[type, Any]] = {
        ast.BinOp: binary, ast.Compare: compared, ast.BoolOp: joined, ast.UnaryOp: unary, ast.Call: called,
        ast.Attribute: transposed, ast.Constant: constant,
    }  # fmt: skip


def _numeric_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what computes: no docstrings, annotations, errors, texts, decorators, and nothing twice."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "type_comment"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, SILENT):
                continue
            if isinstance(child, ast.keyword) and child.arg in CHOSEN:
                continue
            yield child
            yield from _numeric_nodes(child)


def _is_text(*parts: ast.expr) -> bool:
    texts = (ast.JoinedStr, ast.List, ast.ListComp, ast.Tuple)
    return any(isinstance(p, texts) or (isinstance(p, ast.Constant) and isinstance(p.value, str)) for p in parts)


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
