"""Indicators that come from texts: each document is segmented once, and serves the unit-years that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pandas as pd

from shidian.errors import PanelError
from shidian.indicators.inputs import Computed
from shidian.indicators.keyword_counts import keyword_share
from shidian.ledger import ledger_row_of
from shidian.messages import say
from shidian.study.model import Indicator

METHOD = {
    "label": {"en": "Share of dictionary words", "zh": "词频占比"},
    "formula": "words of the dictionary / all words of the text, after Chinese word segmentation",
    "source": "text analysis of governments' work reports",
    "roles": ("text",),
    "options": {
        "dictionary": {"description": "The words that are counted, config/dictionaries/<name>.txt with one word a "
                       "line; their share is taken among all words of the text.", "type": "string"},
        "words": {"description": "A dictionary of further words that segmentation must not split; they are not "
                  "counted.", "type": "string"},
    },
    "required": ("dictionary",),
}  # fmt: skip
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""


@dataclass(frozen=True)
class Texts:
    """What indicators of texts read.

    Attributes:
        long: raw values behind the panel (``results/<study>/panel_long.parquet``): which document serves a unit-year.
        cells: cells of the sources that hold texts, indexed by cell_id; ``raw_text`` is the document.
        dictionaries: name -> its words.
    """

    long: pd.DataFrame
    cells: pd.DataFrame
    dictionaries: Mapping[str, tuple[str, ...]]


def load_dictionary(path: Path | str) -> tuple[str, ...]:
    """Read a dictionary: one word a line; blank lines and what follows ``#`` are passed over.

    Raises:
        PanelError: the file is not UTF-8, holds no word, a word twice, or a word with a blank inside.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as problem:
        raise PanelError(f"{path}: not UTF-8 text (byte {problem.start})") from None
    words: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        word = line.partition("#")[0].strip()
        if not word:
            continue
        if len(word.split()) > 1:
            raise PanelError(f"{path}, line {number}: '{word}' holds a blank; write one word a line")
        if word in words:
            raise PanelError(f"{path}, line {number}: '{word}' stands in line {words[word]} too")
        words[word] = number
    if not words:
        raise PanelError(f"{path}: the dictionary holds no word")
    return tuple(words)


def share_of_keywords(keyed: pd.DataFrame, indicator: Indicator, texts: Texts) -> Computed:
    """Return the share of dictionary words in the document of each unit-year, missing where there is none.

    Args:
        keyed: the panel, indexed by unit and year.
        indicator: the declared indicator, method keyword_share.
        texts: documents and dictionaries.

    Returns:
        The shares on the panel's index, and the ledger's lines: documents counted, unit-years without one.

    Raises:
        PanelError: no unit-year has a document.
        EstimationError: a document without any word.
    """
    (qualified,) = indicator.texts
    source, _, name = qualified.partition(".")
    mine = texts.long[(texts.long["source_id"] == source) & (texts.long["indicator"] == name)]
    served = mine[mine["value"].notna()].set_index(["unit", "year"])["cell_id"]
    cell_ids = served.reindex(keyed.index)
    if cell_ids.isna().all():
        raise PanelError(f"indicator '{indicator.name}': no unit and year of the panel has a text '{qualified}'")
    documents = texts.cells.loc[sorted(cell_ids.dropna().unique()), "raw_text"]
    words = texts.dictionaries[indicator.option("words")] if indicator.option("words") else ()
    counts = keyword_share(documents.to_dict(), texts.dictionaries[indicator.option("dictionary")], words)
    counted = say(
        "counted in {n} texts: {found:,} dictionary words among {of:,} words",
        n=len(counts),
        found=int(counts["keywords"].sum()),
        of=int(counts["words"].sum()),
    )
    lines = [ledger_row_of(keyed[cell_ids.notna()], say("indicators"), indicator.name, counted)]
    if cell_ids.isna().any():
        years = keyed.index.get_level_values("year")
        without = sorted(set(years) - set(years[cell_ids.notna()]))
        reason = say("no text: left empty")
        if without:
            reason = say("no text: left empty; no text at all in {years}", years=spans(without))
        lines.append(ledger_row_of(keyed[cell_ids.isna()], say("indicators"), indicator.name, reason))
    return Computed(cell_ids.map(counts["share"]).astype(float), tuple(lines))


def spans(years: list[int]) -> str:
    """Write years shortly.

    >>> spans([2007, 2019, 2020, 2021])
    '2007, 2019-2021'
    """
    runs = [[y for _, y in run] for _, run in groupby(enumerate(years), lambda pair: pair[1] - pair[0])]
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
