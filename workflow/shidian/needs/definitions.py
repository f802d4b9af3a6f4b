"""What a series of a simulated source is, in Chinese and English, and which table of which yearbook prints it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from shidian.simulate.catalogue import family
from shidian.study.variables import SeriesInfo

DISTRICTS = "_districts"
LEVELS = ("city", "county", "province")


@dataclass(frozen=True)
class Definition:
    """A series in words: ``zh``, ``en`` ("" where nobody says it), and ``where`` it is usually printed."""

    zh: str
    en: str = ""
    where: str = ""


def definition(source: str, series: str, info: SeriesInfo, title: str) -> Definition:
    """Return what a series is; of a source that is not among the simulated yearbooks, its header and title say it.

    Args:
        source: id of the simulated source.
        series: the series.
        info: what the source declares of it.
        title: title of the source.
    """
    plain = series.removesuffix(DISTRICTS)
    said = _said().get(plain)
    printed = _printed(source).get(plain)
    if printed is not None:
        words = Definition(printed.zh, (said.en if said else "") or printed.en, printed.where)
    elif said is not None:
        words = Definition(said.zh, said.en, said.where or title)
    else:
        words = Definition(info.title, "", title)
    if series == plain:
        return words
    return Definition(f"{words.zh}（市辖区）", f"{words.en}, districts under the city", words.where)


@cache
def _said() -> Mapping[str, Definition]:
    text = (Path(__file__).parent / "definitions.yaml").read_text(encoding="utf-8")
    return {name: Definition(**words) for name, words in yaml.safe_load(text).items()}


@cache
def _printed(source: str) -> Mapping[str, Definition]:
    """Return the series of a family of yearbooks; a header of later years wins."""
    return dict(_columns(source))


def _columns(source: str) -> Iterator[tuple[str, Definition]]:
    for level in LEVELS:
        kind = family(level)
        if kind.source == source:
            for year in (2002, 2021):
                for table in kind.tables(year):
                    for column in table.columns:
                        header, english = (text.removeprefix("#") for text in (column.header, column.header_en))
                        yield column.series, Definition(header, english, f"{kind.volume}, {table.title}")
