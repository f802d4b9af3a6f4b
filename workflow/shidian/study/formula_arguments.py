"""The arguments of functions that are no expressions: numbers, texts, lists of values, columns, arguments by name."""

from __future__ import annotations

from typing import NoReturn

from shidian.study.formula_functions import (
    FUNCTIONS,
    LEAVE_OUT,
    MOST_GROUPS,
    MOST_YEARS_BACK,
    UNIT,
    YEARS,
    is_whole,
    named_options,
)
from shidian.study.formula_tokens import Tokens

Literal = float | str


class Arguments(Tokens):
    """Reads arguments of one formula; each method takes one from where the reading stands.

    Raises:
        StudyError: an argument that the function does not take, with what it takes.
    """

    def wrong(self, function: str) -> NoReturn:
        """Raise StudyError with what a function takes."""
        self.fail(f"wrong arguments for {function}: {FUNCTIONS[function].about}")

    def literal(self, function: str, kind: str) -> Literal:
        """Take a number or text, within what its kind allows."""
        value = self.value(function)
        good = {
            "measure": isinstance(value, str),
            "year": isinstance(value, str) or is_whole(value, YEARS),
            "periods": is_whole(value, (1, MOST_YEARS_BACK)),
            "count": is_whole(value, (2, MOST_GROUPS)),
        }
        if not good[kind]:
            self.wrong(function)
        return value

    def value(self, function: str, *, signed: bool = False) -> Literal:
        """Take a number, with a minus sign where it may have one, or a text in quotes."""
        sign = -1.0 if signed and self.take("-") else 1.0
        kind, value, _ = self.peek()
        if kind == "number":
            return sign * self.number()
        if kind != "text":
            self.fail(f"a further argument of {function} must be a number or a text in quotes")
        self.at += 1
        return value[1:-1]

    def values(self, function: str) -> list[Literal]:
        """Take values in square brackets, or one without."""
        if not self.take("["):
            return [self.value(function, signed=True)]
        found = [self.value(function, signed=True)]
        while self.take(","):
            found.append(self.value(function, signed=True))
        self.expect("]")
        return found

    def columns(self, function: str) -> tuple[list[str], list[Literal]]:
        """Take a column, or several in square brackets; ``unit`` and ``leave_out`` are options, given beside them."""
        names: list[str] = []
        options: list[Literal] = []
        several = self.take("[")
        while True:
            kind, value, _ = self.peek()
            if kind != "name":
                self.fail(f"expected the name of a column that {function} is by, without quotes, found {value!r}")
            self.at += 1
            is_option = value == UNIT or (value == LEAVE_OUT and function == "group_mean")
            (options if is_option else names).append(value)
            if not several or not self.take(","):
                break
        if several:
            self.expect("]")
        return names, options

    def by_name_next(self) -> bool:
        """Say whether a comma and an argument given by name come next."""
        return self.peek()[1] == "," and self.peek(2)[:2] == ("operator", ":")

    def by_name(self, function: str) -> tuple[Literal, ...]:
        """Take the arguments that are given by name, and return the options that they make."""
        given: dict[str, Literal] = {}
        while self.by_name_next() and self.take(","):
            kind, name, _ = self.peek()
            if kind != "name" or name in given:
                self.fail(f"'{name}' is given twice" if name in given else f"expected a name, found {name!r}")
            self.at += 2
            kind, word, _ = self.peek()
            if kind == "name":
                self.at += 1
            given[name] = word if kind == "name" else self.value(function, signed=True)
        options = named_options(function, given)
        if options is None:
            self.wrong(function)
        return options
