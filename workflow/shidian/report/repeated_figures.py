"""A figure is printed once: where a later table has the same, it says where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from shidian.exhibits.result import Figure
from shidian.messages import say
from shidian.report.catalogue import in_language
from shidian.report.study_report import ReportExhibit


def without_repeated_figures(exhibits: Iterable[ReportExhibit]) -> tuple[ReportExhibit, ...]:
    """Return numbered exhibits, each figure drawn once: a table whose figure stands under an earlier one says so."""
    drawn: list[tuple[Figure, str]] = []
    kept = []
    for exhibit in exhibits:
        figure = exhibit.result.figure
        first = next((number for other, number in drawn if figure is not None and shows_no_more(figure, other)), "")
        if figure is not None and first and exhibit.result.table is not None:
            note = in_language(say("Its figure is that of {number}.", number=first), exhibit.meta.lang, {})
            result = replace(exhibit.result, figure=None, notes=(*exhibit.result.notes, note))
            exhibit = replace(exhibit, result=result, png=None, pdf=None)
        elif figure is not None:
            drawn.append((figure, exhibit.meta.number))
        kept.append(exhibit)
    return tuple(kept)


def shows_no_more(one: Figure, other: Figure) -> bool:
    """Say whether a figure draws what another does, or its first panels or lines alone."""
    alike = one.kind == other.kind and one.data.keys() == other.data.keys() and dict(one.options) == dict(other.options)
    return alike and all(one.data[name].equals(other.data[name].iloc[: len(one.data[name])]) for name in one.data)
