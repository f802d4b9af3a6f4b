"""The small grammar of variable formulas: ``fin: (loans + deposits) / gdp``. Never Python's ``eval``.

::

    comparison := sum (("==" | "!=" | "<=" | ">=" | "<" | ">") sum)?
    sum        := product (("+" | "-") product)*
    product    := factor (("*" | "/") factor)*
    factor     := "-" factor | power
    power      := atom ("^" "-"? number)?
    atom       := number | name | 'text in quotes' | function "(" comparison ("," argument)* ")" | "(" comparison ")"
                | "if" "(" comparison "," comparison "," comparison ")"
    argument   := comparison | number | 'text in quotes' | column | name ":" (number | name)
                | "[" argument ("," argument)* "]"

Names are series of the sources, variables defined earlier in the file, or ``year``; ``source.series`` says which
source. ``shidian.study.formula_functions`` says which arguments a function takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shidian.errors import hint
from shidian.study.formula_arguments import Arguments
from shidian.study.formula_functions import FUNCTIONS, LEAVE_OUT
from shidian.study.formula_tokens import MOST_PARTS
from shidian.well_known import FUNCTION, well_known


@dataclass(frozen=True)
class Number:
    """A literal number."""

    value: float


@dataclass(frozen=True)
class Name:
    """A series of a source, an earlier variable, or ``year``."""

    name: str


@dataclass(frozen=True)
class Call:
    """A function of one expression, with further literal arguments and ``others``, further expressions or columns."""

    function: str
    argument: Node
    options: tuple[float | str, ...] = ()
    others: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Binary:
    """An operation on two expressions; ``operator`` is one of + - * / ^ and the comparisons."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Negative:
    """Unary minus."""

    operand: Node


@dataclass(frozen=True)
class Text:
    """A literal text, which categories are compared with."""

    value: str


@dataclass(frozen=True)
class If:
    """One expression where a condition holds, another where it does not."""

    condition: Node
    then: Node
    other: Node


Node = Number | Name | Call | Binary | Negative | Text | If

MOST_LEVELS = 50
"""Deepest nesting of brackets and minus signs that is read."""
_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")


def parse_formula(text: str) -> Node:
    """Parse a formula.

    Raises:
        StudyError: what was unexpected, where in the formula, and for functions the nearest valid name.
    """
    return _Parser(text).parse()


def parts_of(node: Node) -> tuple[Node, ...]:
    """Return the expressions that a formula joins, in order of appearance."""
    match node:
        case Call(_, argument, _, others):
            return (argument, *others)
        case Binary(_, left, right):
            return (left, right)
        case Negative(operand):
            return (operand,)
        case If(condition, then, other):
            return (condition, then, other)
    return ()


def with_parts(node: Node, parts: Sequence[Node]) -> Node:
    """Return a formula with other expressions in the places of those that it joins (``parts_of``)."""
    match node:
        case Call():
            return replace(node, argument=parts[0], others=tuple(parts[1:]))
        case Binary(operator):
            return Binary(operator, *parts)
        case Negative():
            return Negative(*parts)
        case If():
            return If(*parts)
    return node


def names_in(node: Node) -> tuple[str, ...]:
    """Return the names that a formula uses, each once, in order of appearance."""
    if isinstance(node, Name):
        return (node.name,)
    return tuple(dict.fromkeys(name for part in parts_of(node) for name in names_in(part)))


def texts_in(node: Node) -> tuple[str, ...]:
    """Return the literal texts of a formula that stand for categories."""
    if isinstance(node, Text):
        return (node.value,)
    listed = node.options if isinstance(node, Call) and node.function == "in" else ()
    found = [text for part in parts_of(node) for text in texts_in(part)]
    return (*found, *(option for option in listed if isinstance(option, str)))


def calls_in(node: Node) -> tuple[Call | If, ...]:
    """Return the functions that a formula calls, with their arguments."""
    called = (node,) if isinstance(node, Call | If) else ()
    return (*called, *(call for part in parts_of(node) for call in calls_in(part)))


def functions_in(node: Node) -> set[str]:
    """Return the functions that a formula uses."""
    return {"if" if isinstance(call, If) else call.function for call in calls_in(node)}


class _Parser(Arguments):
    """Recursive descent over the tokens of one formula."""

    level = 0

    def parse(self) -> Node:
        node = self._comparison()
        if self.peek()[0] != "end":
            self.fail(f"unexpected '{self.peek()[1]}'")
        return node

    def _comparison(self) -> Node:
        node = self._sum()
        operator = self.take(*_COMPARISONS)
        return Binary(operator, node, self._sum()) if operator else node

    def _sum(self) -> Node:
        node = self._product()
        while operator := self.take("+", "-"):
            node = Binary(operator, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._factor()
        while operator := self.take("*", "/"):
            node = Binary(operator, node, self._factor())
        return node

    def _factor(self) -> Node:
        self.level += 1
        if self.level > MOST_LEVELS:
            self.fail(f"nested deeper than {MOST_LEVELS} levels")
        node = Negative(self._factor()) if self.take("-") else self._powered()
        self.level -= 1
        return node

    def _powered(self) -> Node:
        node = self._atom()
        if self.take("^"):
            sign = -1.0 if self.take("-") else 1.0
            kind, _, _ = self.peek()
            if kind != "number":
                self.fail("a power must be a number")
            return Binary("^", node, Number(sign * self.number()))
        return node

    def _atom(self) -> Node:
        kind, value, _ = self.peek()
        if self.take("("):
            node = self._comparison()
            self.expect(")")
            return node
        if kind == "number":
            return Number(self.number())
        self.at += 1
        if kind == "text":
            return Text(value[1:-1])
        if kind == "name":
            return self._call(value) if self.peek()[1] == "(" else Name(value)
        self.at -= 1
        self.fail(f"expected a name, a number or '(', found {value!r}")

    def _call(self, function: str) -> Node:
        if function not in FUNCTIONS:
            self.fail(f"unknown function '{function}'{hint(function, FUNCTIONS, well_known(function, FUNCTION))}")
        self.expect("(")
        argument = self._comparison()
        if function == "if":
            self.expect(",")
            then = self._comparison()
            self.expect(",")
            other = self._comparison()
            self.expect(")")
            return If(argument, then, other)
        options, others = self._further(function)
        if self.peek()[1] == ",":
            self.wrong(function)
        self.expect(")")
        return Call(function, argument, tuple(options), tuple(others))

    def _further(self, function: str) -> tuple[list[float | str], list[Node]]:
        """Take the arguments after the first, as ``FUNCTIONS`` says."""
        options: list[float | str] = []
        others: list[Node] = []
        for takes in FUNCTIONS[function].takes:
            if takes == "named*":
                options += self.by_name(function)
                continue
            taken, most = 0, MOST_PARTS if takes[-1] in "*+" else 1
            while taken < most and not self.by_name_next() and self.take(","):
                self._argument(function, takes.rstrip("?*+"), options, others)
                taken += 1
            if not taken and takes[-1] not in "?*":
                self.wrong(function)
        one_kind = len({isinstance(option, str) for option in options}) == 1
        if (function == "in" and not one_kind) or (function == "group_mean" and [*options, *others] == [LEAVE_OUT]):
            self.wrong(function)
        return options, others

    def _argument(self, function: str, kind: str, options: list[float | str], others: list[Node]) -> None:
        """Take one argument of a kind: it is one more option, or one more expression."""
        if kind == "expression":
            others.append(self._comparison())
        elif kind == "column":
            names, words = self.columns(function)
            others += [Name(name) for name in names]
            options += words
        elif kind == "values":
            options += self.values(function)
        else:
            options.append(self.literal(function, kind))
