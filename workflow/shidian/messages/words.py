"""Texts that remember what they were made of, so that they can be said again in another language.

Every text is a ``str`` in English with the template and arguments behind it. Frames and exceptions keep only the
``str``; ``said`` gives back what was behind a text of this process, so nothing has to be carried beside it. A result
file keeps them as JSON (``behind``, ``read_behind``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from shidian.messages.period_names import english

Argument = Any
"""A number, the user's own words, other ``Words``, or a list of these."""

_SAID: dict[str, Words] = {}

COUNT = re.compile(r"\b(?:\d{1,3}(?:,\d{3})+|\d+|no)\b")
"""A count in an English sentence."""
COUNTS = frozenset(("n", "of", "rows", "draws", "total", "pairs", "programs", "cells"))
"""Arguments of templates that count things: their thousands have separators."""


class Language(Protocol):
    """How a language puts words together."""

    def template(self, english: str) -> str:
        """Return the template of a message, the English one where the language has none."""

    def fill(self, template: str, spoken: Mapping[str, Any]) -> str:
        """Return a template of the language with its arguments, which are said in it already."""

    def count(self, n: int, noun: str, none: str) -> str:
        """Return a number of things."""

    def join(self, parts: list[str], by: str) -> str:
        """Return a list ("list", "and", "or"), clauses ("clauses") or sentences ("sentences") as one text."""

    def capital(self, text: str) -> str:
        """Return a text as it opens a sentence."""

    def turn(self, sentences: list[str]) -> str:
        """Return sentences that differ in their counts alone as one, the counts in turn."""

    def of_period(self, template: str, name: str) -> str:
        """Return a template that says the name of a period where it said year."""


class Words(str):
    """An English text with what it was made of.

    Attributes:
        how: "say", "count", "join", "capital", "turn", "aside" or "period".
        parts: what it was made from; the template of a message under "".
    """

    __slots__ = ("how", "parts")
    how: str
    parts: dict[str, Argument]

    def __new__(cls, how: str, parts: Mapping[str, Argument]) -> Words:
        """Make the English text of the parts."""
        return cls.of(how, {name: _argument(value) if name else value for name, value in parts.items()})  # "": template

    @classmethod
    def of(cls, how: str, parts: dict[str, Argument]) -> Words:
        """Make the English text of parts that are arguments already: plain texts among them stay plain."""
        words = super().__new__(cls, _text(how, parts, ENGLISH))
        words.how, words.parts = how, parts
        return words

    def __reduce__(self) -> tuple[Any, ...]:
        return Words.of, (self.how, self.parts)

    def __deepcopy__(self, memo: object) -> Words:
        return self  # it does not change

    def text(self, language: Language) -> str:
        """Return the words in a language."""
        return _text(self.how, self.parts, language)

    def encoded(self) -> dict[str, Any]:
        """Return the words as JSON can hold them."""
        return {self.how: {name: _encoded(value) for name, value in self.parts.items()}}


def say(template: str, /, **arguments: Argument) -> str:
    """Return a message: ``template`` with its arguments filled in, as ``str.format`` does.

    A list among the arguments reads "a, b"; a text that was said before in this process keeps what is behind it.
    """
    return keep(Words("say", {"": template, **arguments}))


def counted(n: int, noun: str, none: str = "0") -> str:
    """Return "1 city", "3 cities": a count with the noun in number, ``none`` in the place of zero."""
    return keep(Words("count", {"n": n, "noun": noun, "none": none}))


def number(n: int, none: str = "0") -> str:
    """Return a count alone, ``none`` in the place of zero: an argument, no text, since "no" may mean something else."""
    return Words("count", {"n": n, "noun": "", "none": none})


def joined(parts: Iterable[Argument], by: str = "list") -> str:
    """Return texts as one.

    ``by``: "list" ("a, b"), "and" ("a, b and c"), "or", "either" ("a or b or c"), "commas", "clauses" ("a; b") or
    "sentences" ("A. B.").
    """
    known = list(parts)
    if len(known) < 2:  # nothing is joined
        return said(str(known[0])) if known else ""
    return keep(Words("join", {"parts": known, "by": by}))


def aside(text: str) -> str:
    """Return a sentence as one that a journal's note leaves out: how it was checked, what a method's words mean.

    It reads the same; ``is_aside`` knows it again, also inside a sentence that was made of it.
    """
    return keep(Words("aside", {"text": text}))


def is_aside(text: Argument, known: Mapping[str, Words] | None = None) -> bool:
    """Say whether a sentence is an aside or made of one; ``known``: what is behind texts, else this process knows."""
    words = (known or {}).get(text) or said(text) if isinstance(text, str) else text
    if isinstance(words, list):
        return any(is_aside(one) for one in words)
    if not isinstance(words, Words):
        return False
    return words.how == "aside" or any(is_aside(v) for n, v in words.parts.items() if n and isinstance(v, list | Words))


def capital(text: str) -> str:
    """Return a text as it opens a sentence: an argument, since "City" may be the user's own word."""
    return Words("capital", {"text": text})


def in_turn(sentences: Iterable[str]) -> str:
    """Return sentences of columns that differ in their counts alone as one: "Sample, columns in turn: 10, 20 rows."."""
    return keep(Words("turn", {"sentences": list(sentences)}))


def with_names(text: str, name: Callable[[str], str]) -> str:
    """Return a text with the user's own words in it as ``name`` gives them; one that was not said stays as it is."""
    words = said(text)
    return keep(_renamed(words, name)) if isinstance(words, Words) else text


def _renamed(value: Argument, name: Callable[[str], str]) -> Argument:
    if isinstance(value, Words):
        if (other := name(str(value))) != value:  # the user's word and one of ours may be the same
            return other
        fixed = {"", "by"} if value.how == "join" else {""}
        return Words(value.how, {k: v if k in fixed else _renamed(v, name) for k, v in value.parts.items()})
    if isinstance(value, list):
        return [_renamed(one, name) for one in value]
    return name(value) if isinstance(value, str) else value


def said(text: str) -> str:
    """Return what is behind a text that was said in this process; the text itself where it was not."""
    return text if isinstance(text, Words) else _SAID.get(text, text)


def decoded(content: Any) -> Any:
    """Return what ``Words.encoded`` gave."""
    if isinstance(content, list):
        return [decoded(value) for value in content]
    if isinstance(content, Mapping):
        ((how, parts),) = content.items()
        return Words.of(how, {name: decoded(value) for name, value in parts.items()})
    return content


def behind(texts: Iterable[str]) -> dict[str, Any]:
    """Return, as JSON can hold it, what is behind those of the texts that were said: text -> template and arguments."""
    found = {str(text): said(text) for text in texts}
    return {text: words.encoded() for text, words in sorted(found.items()) if isinstance(words, Words)}


def read_behind(content: Mapping[str, Any]) -> dict[str, Words]:
    """Return text -> words of what ``behind`` gave; this process knows them from now on."""
    return {text: keep(decoded(one)) for text, one in content.items()}


def keep(words: Words) -> Words:
    """Return words, which this process knows by their text from now on."""
    _SAID[str(words)] = words
    return words


def _argument(value: Argument) -> Argument:
    """Return an argument as it is kept: plain numbers, words where a text or an error was said, lists."""
    if isinstance(value, BaseException):
        value = str(value)
    if isinstance(value, str):
        return said(value)
    if hasattr(value, "item"):
        return value.item()
    if value is None or isinstance(value, bool | int | float):
        return value
    return [_argument(one) for one in value]


def _encoded(value: Argument) -> Any:
    if isinstance(value, Words):
        return value.encoded()
    if isinstance(value, list):
        return [_encoded(one) for one in value]
    if isinstance(value, float) and value - value != 0:
        return str(value)  # nan and infinities: only their text is ever printed
    return value


def _text(how: str, parts: Mapping[str, Argument], language: Language) -> str:
    if how in ("join", "turn"):
        texts = [str(_spoken(one, language)) for one in parts["parts" if how == "join" else "sentences"]]
        return language.join(texts, parts["by"]) if how == "join" else language.turn(texts)
    if how == "period":
        return str(_spoken(parts["text"], InPeriods(language, parts["name"])))
    spoken = {name: _spoken(value, language) for name, value in parts.items() if name}
    if how == "say":
        spoken |= {name: Count(value) for name, value in spoken.items() if name in COUNTS and type(value) is int}
        return language.fill(language.template(parts[""]), spoken)
    if how == "count":
        return language.count(Count(parts["n"]), _noun(parts["noun"], language), spoken["none"])
    return str(spoken["text"]) if how == "aside" else language.capital(spoken["text"])


class Count(int):
    """A whole number that is printed with separators between thousands."""

    def __format__(self, spec: str) -> str:
        """Return the number as a format says it, with separators where it says nothing."""
        return super().__format__(spec or ",")


def _spoken(value: Argument, language: Language) -> Any:
    if isinstance(value, Words):
        return value.text(language)
    if isinstance(value, list):
        return language.join([str(_spoken(one, language)) for one in value], "list")
    return value


def _noun(noun: Argument, language: Language) -> str:
    """Return a noun as ``count`` looks it up: in English where it is a word of ours, which may have been said alone."""
    alone = isinstance(noun, Words) and noun.how == "say" and len(noun.parts) == 1
    return str(noun) if alone else str(_spoken(noun, language))


def counts_in_turn(sentences: list[str], count: re.Pattern[str], comma: str = ", ") -> str:
    """Return the first of the sentences with those counts that differ between them given in turn."""
    counts = zip(*(count.findall(sentence) for sentence in sentences), strict=True)
    texts = [comma.join(values if len(set(values)) > 1 else values[:1]) for values in counts]
    before = count.split(sentences[0])
    return "".join(text for pair in zip(before, [*texts, ""], strict=True) for text in pair)


@dataclass(frozen=True)
class English:
    """The language of the templates."""

    def template(self, english: str) -> str:
        """Return the template itself."""
        return english

    def fill(self, template: str, spoken: Mapping[str, Any]) -> str:
        """Return the template formatted."""
        return template.format(**spoken)

    def count(self, n: int, noun: str, none: str) -> str:
        """Return "1 city", "3 cities", "2 counties"; a Chinese noun has no number."""
        shown = f"{n}" if n else none
        if n == 1 or not noun or not noun.isascii():
            return f"{shown} {noun}".rstrip()
        if noun.endswith("y") and noun[-2:-1] not in "aeiou":
            return f"{shown} {noun[:-1]}ies"
        return f"{shown} {noun}s"

    def join(self, parts: list[str], by: str) -> str:
        """Return texts joined by comma, "and", "or", semicolon or blank."""
        if by in ("and", "or") and len(parts) > 1:
            return f"{', '.join(parts[:-1])} {by} {parts[-1]}"
        return {"clauses": "; ", "sentences": " ", "either": " or "}.get(by, ", ").join(parts)

    def capital(self, text: str) -> str:
        """Return a text with its first letter in upper case."""
        return text[:1].upper() + text[1:]

    def turn(self, sentences: list[str]) -> str:
        """Return "Sample, columns in turn: 10, 20 rows of ..."."""
        return counts_in_turn(sentences, COUNT).replace(": ", ", columns in turn: ", 1)

    def of_period(self, template: str, name: str) -> str:
        """Return a template that says the name of a period where it said year."""
        return english(template, name)


@dataclass(frozen=True)
class InPeriods:
    """A language that says the name of a period where its templates say year."""

    language: Language
    name: str

    def template(self, english: str) -> str:
        """Return the template of a message."""
        return self.language.of_period(self.language.template(english), self.name)

    def fill(self, template: str, spoken: Mapping[str, Any]) -> str:
        """Return the template with its arguments."""
        return self.language.fill(template, spoken)

    def count(self, n: int, noun: str, none: str) -> str:
        """Return a number of things."""
        return self.language.of_period(self.language.count(n, noun, none), self.name)

    def join(self, parts: list[str], by: str) -> str:
        """Return texts as one."""
        return self.language.join(parts, by)

    def capital(self, text: str) -> str:
        """Return a text as it opens a sentence."""
        return self.language.capital(text)

    def turn(self, sentences: list[str]) -> str:
        """Return sentences that differ in their counts alone as one."""
        return self.language.turn(sentences)

    def of_period(self, template: str, name: str) -> str:
        """Return a template that says the name of a period where it said year."""
        return self.language.of_period(template, name)


ENGLISH = English()
