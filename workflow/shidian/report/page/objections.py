"""What a referee would object to, said once: sentences that several exhibits share, with where each was said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shidian.messages import Words
from shidian.report.study_report import ReportExhibit

_FIELD = re.compile(r"\{[^}]*\}")
_HEAD = 90
"""Most characters of the line that stands for a folded sentence."""


@dataclass(frozen=True)
class Objection:
    """One objection.

    Attributes:
        head: how it begins.
        said: (exhibit, its own sentence), in printed order; the sentences differ in columns and numbers alone.
    """

    head: str
    said: tuple[tuple[ReportExhibit, str], ...]

    @property
    def where(self) -> tuple[ReportExhibit, ...]:
        """The exhibits that say it, each once."""
        return tuple({exhibit.meta.id: exhibit for exhibit, _ in self.said}.values())

    @property
    def variants(self) -> tuple[tuple[str, tuple[ReportExhibit, ...]], ...]:
        """Each sentence once with the exhibits that say it."""
        texts = dict.fromkeys(text for _, text in self.said)
        return tuple((text, tuple(e for e, own in self.said if own == text)) for text in texts)


def objections(exhibits: Iterable[ReportExhibit]) -> tuple[Objection, ...]:
    """Return the warnings of all exhibits, those made of one message as one, the ones said least often first."""
    found: dict[str, list[tuple[ReportExhibit, str]]] = {}
    for exhibit in exhibits:
        for text in exhibit.result.warnings:
            found.setdefault(_kind(exhibit, text), []).append((exhibit, text))
    made = [Objection(heading(min((text for _, text in said), key=len)), tuple(said)) for said in found.values()]
    return tuple(sorted(made, key=lambda one: len(one.said)))


def repeated(found: Iterable[Objection]) -> Mapping[tuple[str, str], Objection]:
    """Return (exhibit, sentence) -> objection, of those that more than one exhibit makes."""
    several = [one for one in found if len(one.where) > 1]
    return {(exhibit.meta.id, text): one for one in several for exhibit, text in one.said}


def heading(text: str) -> str:
    """Return how a sentence begins, up to its first colon, semicolon or full stop where that is short."""
    ends = [at for stop in (": ", ". ", "; ", "：", "。", "；") if 0 < (at := text.find(stop)) <= _HEAD]
    if ends:
        return text[: max(ends) if min(ends) < 20 else min(ends)]
    return text if len(text) <= _HEAD else text[:_HEAD].rsplit(" ", 1)[0] + "…"


def _kind(exhibit: ReportExhibit, text: str) -> str:
    """Return what two sentences have in common that are said of different columns: the message's template.

    Of a sentence within a sentence ("Column (1): ...") it is the template that says more.
    """
    words = exhibit.result.messages.get(text)
    return max(_templates(words), key=lambda one: len(_FIELD.sub("", one)), default="") or text


def _templates(words: Any) -> Iterator[str]:
    if isinstance(words, list):
        for one in words:
            yield from _templates(one)
    elif isinstance(words, Words):
        yield from [str(words.parts[""])] if "" in words.parts else []
        for name, part in words.parts.items():
            yield from _templates(part) if name else ()
