"""The small grammar of variable formulas: ``fin: (loans + deposits) / gdp``. Never Python's ``eval``.

::

    comparison := sum (("==" | "!=" | "<=" | ">=" | "<" | ">") sum)?
    sum        := product (("+" | "-") product)*
    product    := factor (("*" | "/") factor)*
    factor     := "-" factor | power
    power      := atom ("^" "-"? number)?
    atom       := number | name | 'text in quotes' | function "(" comparison ("," argument)* ")" | "(" comparison ")"
                | "if" "(" comparison "," comparison "," comparison ")"
    argument   := number | 'unit in quotes' | "[" argument ("," argument)* "]"

Names are series of the sources, variables defined earlier in the file, or ``year``; ``source.series`` says which
source.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import NoReturn

from shidian.errors import StudyError, hint
from shidian.well_known import FUNCTION, well_known

FUNCTIONS: dict[str, str] = {
    "ln": "natural logarithm",
    "log10": "logarithm to base 10",
    "exp": "exponential",
    "sqrt": "square root",
    "abs": "absolute value",
    "lag": "value of the same unit k years earlier: lag(x, k), k a whole number from 1, 1 when not given",
    "base": "the unit's own value in a base year, in every year: x / base(x, 2005) is an index with 2005 = 1",
    "since": "1 from the year that is the value of x on, 0 before it and for units without one: since(pilot_year), the "
    "dummy of another policy from its list",
    "if": "a where the condition holds, b where it does not: if(industry == 'C39', output, 0)",
    "in": "1 where x is one of the values listed, 0 where it is another: in(industry, ['C39', 'C40']), in(year, [2009, "
    "2010])",
    "to": "converted to another unit of the same kind: to(x, 'yuan/person')",
}


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
    """A function of one expression with further literal arguments."""

    function: str
    argument: Node
    options: tuple[float | str, ...] = ()


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

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)?)"
    r"|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<operator>==|!=|<=|>=|[-+*/^(),<>\[\]]))"
)
MOST_PARTS, MOST_LEVELS = 400, 50
"""Longest formula, in numbers, names and signs, and deepest nesting of brackets and minus signs that is read."""
YEARS, MOST_YEARS_BACK = (1900, 2100), 200
_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")


def parse_formula(text: str) -> Node:
    """Parse a formula.

    Raises:
        StudyError: what was unexpected, where in the formula, and for functions the nearest valid name.
    """
    return _Parser(text).parse()


def names_in(node: Node) -> tuple[str, ...]:
    """Return the names that a formula uses, each once, in order of appearance."""
    match node:
        case Name(name):
            return (name,)
        case Call(_, argument, _):
            return names_in(argument)
        case Binary(_, left, right):
            return tuple(dict.fromkeys([*names_in(left), *names_in(right)]))
        case Negative(operand):
            return names_in(operand)
        case If(condition, then, other):
            return tuple(dict.fromkeys([*names_in(condition), *names_in(then), *names_in(other)]))
    return ()


def texts_in(node: Node) -> tuple[str, ...]:
    """Return the literal texts of a formula that stand for categories."""
    match node:
        case Text(value):
            return (value,)
        case Call(function, argument, options):
            listed = [option for option in options if isinstance(option, str)] if function == "in" else []
            return (*texts_in(argument), *listed)
        case Binary(_, left, right):
            return (*texts_in(left), *texts_in(right))
        case Negative(operand):
            return texts_in(operand)
        case If(condition, then, other):
            return (*texts_in(condition), *texts_in(then), *texts_in(other))
    return ()


def functions_in(node: Node) -> set[str]:
    """Return the functions that a formula uses."""
    match node:
        case Call(function, argument, _):
            return {function} | functions_in(argument)
        case Binary(_, left, right):
            return functions_in(left) | functions_in(right)
        case Negative(operand):
            return functions_in(operand)
        case If(condition, then, other):
            return {"if"} | functions_in(condition) | functions_in(then) | functions_in(other)
    return set()


class _Parser:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = self._tokenise()
        self.at = 0
        self.level = 0

    def parse(self) -> Node:
        node = self._comparison()
        if self._peek()[0] != "end":
            self._fail(f"unexpected '{self._peek()[1]}'")
        return node

    def _tokenise(self) -> list[tuple[str, str, int]]:
        tokens, position = [], 0
        end = len(self.text.rstrip())
        while position < end:
            found = _TOKEN.match(self.text, position)
            if not found:
                raise StudyError(f"formula '{_short(self.text)}': cannot read '{self.text[position:].strip()[:12]}'")
            kind = found.lastgroup or ""
            tokens.append((kind, found.group(kind), found.start(kind)))
            position = found.end()
            if len(tokens) > MOST_PARTS:
                raise StudyError(
                    f"formula '{_short(self.text)}' has more than {MOST_PARTS} parts: make variables of some of them"
                )
        return [*tokens, ("end", "end of the formula", end)]

    def _peek(self) -> tuple[str, str, int]:
        return self.tokens[self.at]

    def _take(self, *operators: str) -> str | None:
        kind, value, _ = self._peek()
        if kind == "operator" and value in operators:
            self.at += 1
            return value
        return None

    def _expect(self, operator: str) -> None:
        if not self._take(operator):
            self._fail(f"expected '{operator}', found {self._peek()[1]!r}")

    def _fail(self, what: str) -> NoReturn:
        raise StudyError(f"formula '{_short(self.text)}': {what} at position {self._peek()[2] + 1}")

    def _comparison(self) -> Node:
        node = self._sum()
        operator = self._take(*_COMPARISONS)
        return Binary(operator, node, self._sum()) if operator else node

    def _sum(self) -> Node:
        node = self._product()
        while operator := self._take("+", "-"):
            node = Binary(operator, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._factor()
        while operator := self._take("*", "/"):
            node = Binary(operator, node, self._factor())
        return node

    def _factor(self) -> Node:
        self.level += 1
        if self.level > MOST_LEVELS:
            self._fail(f"nested deeper than {MOST_LEVELS} levels")
        node = Negative(self._factor()) if self._take("-") else self._powered()
        self.level -= 1
        return node

    def _powered(self) -> Node:
        node = self._atom()
        if self._take("^"):
            sign = -1.0 if self._take("-") else 1.0
            kind, _, _ = self._peek()
            if kind != "number":
                self._fail("a power must be a number")
            return Binary("^", node, Number(sign * self._number()))
        return node

    def _atom(self) -> Node:
        kind, value, _ = self._peek()
        if self._take("("):
            node = self._comparison()
            self._expect(")")
            return node
        if kind == "number":
            return Number(self._number())
        self.at += 1
        if kind == "text":
            return Text(value[1:-1])
        if kind == "name":
            return self._call(value) if self._peek()[1] == "(" else Name(value)
        self.at -= 1
        self._fail(f"expected a name, a number or '(', found {value!r}")

    def _number(self) -> float:
        """Take a number that a float can hold: 1e999 is infinite, 1e-999 is zero."""
        text = self._peek()[1]
        value = float(text)
        if not math.isfinite(value) or (value == 0 and text.strip("0.")[:1] not in ("", "e", "E")):
            self._fail(f"the number {text[:20]} is beyond what can be computed with")
        self.at += 1
        return value

    def _call(self, function: str) -> Node:
        if function not in FUNCTIONS:
            self._fail(f"unknown function '{function}'{hint(function, FUNCTIONS, well_known(function, FUNCTION))}")
        self._expect("(")
        argument = self._comparison()
        if function == "if":
            self._expect(",")
            then = self._comparison()
            self._expect(",")
            other = self._comparison()
            self._expect(")")
            return If(argument, then, other)
        options: list[float | str] = []
        while self._take(","):
            options += self._listed(function) if function == "in" else [self._option(function)]
        self._expect(")")
        self._check_options(function, options)
        return Call(function, argument, tuple(options))

    def _listed(self, function: str) -> list[float | str]:
        """Take values in square brackets, or one without."""
        if not self._take("["):
            return [self._option(function)]
        values = [self._option(function)]
        while self._take(","):
            values.append(self._option(function))
        self._expect("]")
        return values

    def _option(self, function: str) -> float | str:
        sign = -1.0 if function == "in" and self._take("-") else 1.0
        kind, value, _ = self._peek()
        if kind == "number":
            return sign * self._number()
        if kind != "text":
            self._fail(f"a further argument of {function} must be a number or a text in quotes")
        self.at += 1
        return value[1:-1]

    def _check_options(self, function: str, options: list[float | str]) -> None:
        if function == "to":
            good = len(options) == 1 and isinstance(options[0], str)
        elif function == "base":
            good = len(options) == 1 and (isinstance(options[0], str) or _is_whole(options[0], YEARS))
        elif function == "in":
            good = bool(options) and len({isinstance(option, str) for option in options}) == 1
        elif function == "lag":
            good = not options or (len(options) == 1 and _is_whole(options[0], (1, MOST_YEARS_BACK)))
        else:
            good = not options
        if not good:
            self._fail(f"wrong arguments for {function}: {FUNCTIONS[function]}")


def _is_whole(value: float | str, within: tuple[int, int]) -> bool:
    """Say whether an argument is a whole number within two others."""
    return isinstance(value, float) and value == int(value) and within[0] <= value <= within[1]


def _short(text: str) -> str:
    """Return a formula as messages repeat it."""
    return text if len(text) <= 200 else f"{text[:200]} ..."
