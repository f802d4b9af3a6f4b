"""The languages that messages are said in beside English: PO files, one a folder of the package, read by Babel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from shidian.extensions import PACKAGE, folders
from shidian.messages.period_names import chinese
from shidian.messages.words import ENGLISH, Language, Words, counts_in_turn, said

ROOMS = PACKAGE / "exhibits"
_CHINESE = re.compile("[一-鿿（）“”]")
_COUNT = re.compile(r"(?<![\d.,(])(?:\d{1,3}(?:,\d{3})+|\d+)(?![\d.)]|,\d)")


@dataclass(frozen=True)
class Chinese:
    """Chinese: no plurals, its own commas, a measure word between a number and the user's nouns.

    Attributes:
        templates: English template or noun -> Chinese. A noun carries its measure word ("row" -> "行").
    """

    templates: Mapping[str, str]

    def template(self, english: str) -> str:
        """Return the Chinese template."""
        return self.templates.get(english, english)

    def fill(self, template: str, spoken: Mapping[str, Any]) -> str:
        """Return the template formatted, without the blanks that it leaves for Latin letters around Chinese ones."""
        for name, value in spoken.items():
            if _CHINESE.match(str(value)[:1]):
                template = re.sub(rf"(?<=[一-鿿]) (?={{{name}[:}}])", "", template)
            if _CHINESE.match(str(value)[-1:]):
                template = re.sub(rf"({{{name}(?::[^}}]*)?}}) (?=[一-鿿])", r"\1", template)
        return template.format(**spoken)

    def count(self, n: int, noun: str, none: str) -> str:
        """Return "3 行", and "3 个城市" for a noun of the user's; none of them are 0."""
        if not noun:
            return f"{n}"
        return f"{n} {self.templates[noun]}" if noun in self.templates else f"{n} 个{noun}"

    def join(self, parts: list[str], by: str) -> str:
        """Return texts joined by "、", "和", "或", "；" or nothing."""
        if by in ("and", "or") and len(parts) > 1:
            last = {"and": "和", "or": "或"}[by]
            return f"{'、'.join(parts[:-1])}{last}{parts[-1]}"
        return {"clauses": "；", "commas": "，", "sentences": "", "either": "或"}.get(by, "、").join(parts)

    def capital(self, text: str) -> str:
        """Return the text: Chinese has no capitals."""
        return text

    def turn(self, sentences: list[str]) -> str:
        """Return "样本（各列依次）：10、20 行……"."""
        return counts_in_turn(sentences, _COUNT, "、").replace("：", "（各列依次）：", 1)

    def of_period(self, template: str, name: str) -> str:
        """Return a template that says the name of a period where it said 年."""
        return chinese(template, name)


def language(lang: str) -> Language:
    """Return a language by its code, "en" or "zh"."""
    return ENGLISH if lang == "en" else Chinese(templates(lang))


def templates(lang: str) -> dict[str, str]:
    """Return English template -> template of a language, of all its files; of two that differ ours counts."""
    return _templates(lang, folders())


@cache
def _templates(lang: str, extensions: tuple[Path, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in (*(path for folder in extensions for path in catalogues_of(folder, lang)), *catalogues(lang)):
        found |= read_catalogue(path)
    return found


def read_catalogue(path: Path) -> dict[str, str]:
    """Return English template -> translation of one PO file, those that have one."""
    from babel.messages.pofile import read_po  # only reports in another language need it

    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id and message.string}


def catalogues(lang: str) -> list[Path]:
    """Return our PO files of a language: that of each kind's room, and one for each other folder of the package."""
    return [*sorted((PACKAGE / "report" / "languages" / lang).glob("*.po")), *sorted(ROOMS.glob(f"*/*/{lang}.po"))]


def catalogues_of(extension: Path, lang: str) -> list[Path]:
    """Return the PO files of a language that an extension has: in the rooms of kinds, or beside other files."""
    return sorted(extension.rglob(f"{lang}.po"))


def in_language(text: str, lang: str, messages: Mapping[str, Words] | None = None) -> str:
    """Return a text in a language: what ``messages`` or this process know to be behind it; else the text itself."""
    if lang == "en":
        return str(text)
    words = (messages or {}).get(text) or said(text)
    return words.text(language(lang)) if isinstance(words, Words) else text


def as_read(text: str, lang: str, messages: Mapping[str, Words]) -> str:
    """Return a text of a result in a language: of one that was read, by its own ``messages`` alone.

    What else this process has said would make the print of a result hang on who prints it.
    """
    known = isinstance(text, Words) or not messages or text in messages
    return in_language(text, lang, messages) if known else text
