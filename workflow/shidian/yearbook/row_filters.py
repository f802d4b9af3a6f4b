"""Rows that are read or left out by what another column says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from shidian.errors import SourceError, nearest
from shidian.yearbook.data_rows import distinct_texts
from shidian.yearbook.fills import Fills
from shidian.yearbook.headers import Headers
from shidian.yearbook.layout import Place
from shidian.yearbook.numbers import clean, match_key

MOST_TEXTS = 8
"""Most texts of left-out rows that a line of the ledger lists."""


@dataclass(frozen=True)
class LeftOut:
    """Rows that one filter leaves out: the header, the texts of the rows with their counts, how many rows."""

    header: str
    texts: Mapping[str, int]
    count: int

    @property
    def detail(self) -> str:
        """The texts with their counts, the most frequent first."""
        ranked = sorted(self.texts.items(), key=lambda pair: -pair[1])
        more = "; ..." if len(ranked) > MOST_TEXTS else ""
        return "; ".join(f"{text} ({count})" for text, count in ranked[:MOST_TEXTS]) + more


def filter_rows(place: Place, headers: Headers, fills: Fills, rows: np.ndarray) -> tuple[np.ndarray, list[LeftOut]]:
    """Return the rows that ``keep_rows`` and ``drop_rows`` leave, and what each filter leaves out.

    Raises:
        SourceError: a declared text stands in no row, or no row is left.
    """
    left_out: list[LeftOut] = []
    stays = np.ones(len(rows), dtype=bool)
    for filters, keep in ((place.table.keep_rows, True), (place.table.drop_rows, False)):
        for header, wanted in filters.items():
            column = headers.single[header]
            texts, codes = distinct_texts(place.grid, fills.rows(column, rows), column)
            _refuse_absent(place, header, wanted, texts)
            among = {match_key(text) for text in wanted}
            out = np.array([(match_key(text) in among) != keep for text in texts], dtype=bool)[codes] & stays
            counts = np.bincount(codes[out], minlength=len(texts)).tolist()
            said = {clean(text): count for text, count in zip(texts, counts, strict=True) if count}
            left_out.append(LeftOut(header, said, int(out.sum())))
            stays &= ~out
    if not stays.any():
        raise SourceError(f"{place}: keep_rows and drop_rows leave no row")
    return rows[stays], left_out


def _refuse_absent(place: Place, header: str, wanted: tuple[str, ...], texts: list[str]) -> None:
    found = {match_key(text): clean(text) for text in texts}
    for text in wanted:
        if match_key(text) not in found:
            shown = list(found.values())
            raise SourceError(
                f"{place}: no row holds '{text}' under '{header}'{nearest(text, shown)}; found: "
                f"{' | '.join(shown[:12])}{' | ...' if len(shown) > 12 else ''}"
            )
