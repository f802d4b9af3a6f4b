"""Numbers as texts write them where a source file says so: decimal commas, parentheses, percent signs, spaces."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shidian.messages import say
from shidian.yearbook.numbers import HALF_WIDTH, NUMBER, parse_number

PARENTHESES, PERCENT, SPACES = FORMS = ("parentheses", "percent", "spaces")
"""Ways of writing a number that are read by declaration: ``(5)``, ``12.3%``, ``1 234``."""
SAID = {
    PARENTHESES: say("numbers in parentheses read as negative"),
    PERCENT: say("percent signs cut off"),
    SPACES: say("spaces within numbers read as thousands marks"),
}
"""Way of writing -> the event that it stands for."""
_SPACES = re.compile("[ \u00a0\u2007\u2009\u202f]")
_SPACED = re.compile("[+-]?[1-9]\\d{0,2}([ \u00a0\u2007\u2009\u202f]\\d{3})+([.,]\\d*)?")
_DECIMAL_COMMA = re.compile(r"[+-]?([1-9]\d{0,2}(\.\d{3})+|\d+)(,\d*)?([eE][+-]?\d+)?|[+-]?,\d+([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Writing:
    """How the texts of a table write numbers.

    Attributes:
        marks: footnote marks, cut off behind.
        decimal: the decimal mark, ``.`` or ``,``; the other one separates thousands.
        forms: those of ``FORMS`` that are declared.
    """

    marks: tuple[str, ...] = ()
    decimal: str = "."
    forms: tuple[str, ...] = ()

    def read(self, text: str) -> tuple[float | None, tuple[str, ...]]:
        """Return the number that a text writes, None where it writes none, and the declared forms it took."""
        if self.decimal == "." and not self.forms:
            return parse_number(text, self.marks), ()
        text = text.strip()
        for mark in self.marks:
            text = text.removesuffix(mark).rstrip()
        normal, used = text.translate(HALF_WIDTH), []
        if PARENTHESES in self.forms and re.fullmatch(r"\(\s*[^-+()\s][^()]*\)%?", normal):
            normal = "-" + normal.replace("(", "").replace(")", "").strip()
            used.append(PARENTHESES)
        if PERCENT in self.forms and normal.endswith("%"):
            normal = normal[:-1].rstrip()
            used.append(PERCENT)
        if SPACES in self.forms and _SPACED.fullmatch(normal):
            normal = _SPACES.sub("", normal)
            used.append(SPACES)
        return self._plain(normal), tuple(used)

    def _plain(self, text: str) -> float | None:
        if self.decimal == ".":
            return float(text.replace(",", "")) if NUMBER.fullmatch(text) else None
        if not _DECIMAL_COMMA.fullmatch(text):
            return None
        return float(text.replace(".", "").replace(",", "."))

    def advice(self, text: str) -> str:
        """Say what to declare so that a text is read as a number; empty where nothing helps."""
        other = "," if self.decimal == "." else "."
        undeclared = tuple(form for form in FORMS if form not in self.forms)
        for forms in (*((form,) for form in undeclared), undeclared):
            if forms and Writing(self.marks, self.decimal, (*self.forms, *forms)).read(text)[0] is not None:
                _, used = Writing(self.marks, self.decimal, (*self.forms, *forms)).read(text)
                return f"declare 'numbers: [{', '.join(dict.fromkeys((*self.forms, *used)))}]' if it is one"
        if Writing(self.marks, other, self.forms).read(text)[0] is not None:
            return f"declare 'decimal: \"{other}\"' where '{other}' is the decimal mark"
        return ""


def guess_writing(texts: Iterable[str]) -> Writing:
    """Guess how texts write numbers, for a draft: only what some of them cannot be read without."""
    texts = [text for text in texts if text]
    unread = [text for text in texts if parse_number(text) is None]
    points = [text for text in texts if parse_number(text) is not None and not _DECIMAL_COMMA.fullmatch(text)]
    commas = any(_DECIMAL_COMMA.fullmatch(text) for text in unread)
    decimal = "," if commas and not points else "."
    used = {form for text in unread for form in Writing((), decimal, FORMS).read(text)[1]}
    return Writing((), decimal, tuple(form for form in FORMS if form in used))
