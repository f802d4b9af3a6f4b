"""The numbers, names, texts and signs that a formula is made of, read from its first to its last."""

from __future__ import annotations

import math
import re
from typing import NoReturn

from shidian.errors import StudyError

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)?)"
    r"|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<operator>==|!=|<=|>=|[-+*/^(),:<>\[\]]))"
)
MOST_PARTS = 400
"""Longest formula, in numbers, names and signs."""


class Tokens:
    """The tokens of one formula, and how far they are read.

    Raises:
        StudyError: something that is no token, or too many of them.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = self._tokenise()
        self.at = 0

    def _tokenise(self) -> list[tuple[str, str, int]]:
        tokens, position = [], 0
        end = len(self.text.rstrip())
        while position < end:
            found = _TOKEN.match(self.text, position)
            if not found:
                raise StudyError(f"formula '{short(self.text)}': cannot read '{self.text[position:].strip()[:12]}'")
            kind = found.lastgroup or ""
            tokens.append((kind, found.group(kind), found.start(kind)))
            position = found.end()
            if len(tokens) > MOST_PARTS:
                raise StudyError(
                    f"formula '{short(self.text)}' has more than {MOST_PARTS} parts: make variables of some of them"
                )
        return [*tokens, ("end", "end of the formula", end)]

    def peek(self, ahead: int = 0) -> tuple[str, str, int]:
        """Return kind, text and place of the next token, or of one after it; the last is the end."""
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def take(self, *operators: str) -> str | None:
        """Take the next token where it is one of these signs."""
        kind, value, _ = self.peek()
        if kind == "operator" and value in operators:
            self.at += 1
            return value
        return None

    def expect(self, operator: str) -> None:
        """Take a sign that must come; raises StudyError where it does not."""
        if not self.take(operator):
            self.fail(f"expected '{operator}', found {self.peek()[1]!r}")

    def fail(self, what: str) -> NoReturn:
        """Raise StudyError that says what was unexpected, and where."""
        raise StudyError(f"formula '{short(self.text)}': {what} at position {self.peek()[2] + 1}")

    def number(self) -> float:
        """Take a number that a float can hold: 1e999 is infinite, 1e-999 is zero."""
        text = self.peek()[1]
        value = float(text)
        if not math.isfinite(value) or (value == 0 and text.strip("0.")[:1] not in ("", "e", "E")):
            self.fail(f"the number {text[:20]} is beyond what can be computed with")
        self.at += 1
        return value


def short(text: str) -> str:
    """Return a formula as messages repeat it."""
    return text if len(text) <= 200 else f"{text[:200]} ..."
