"""The study's sample ledger: what every step dropped, filled, corrected or left unmatched, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from shidian.ledger import at_step, ledger_frame
from shidian.messages import Words, say
from shidian.report.catalogue import in_language
from shidian.report.ledger_volumes import extraction_lines

TEXTS = ("step", "subject", "reason")
"""Columns that hold words."""


def assemble_ledger(
    extracted: Sequence[pd.DataFrame],
    panel: pd.DataFrame,
    results: Sequence[tuple[str, pd.DataFrame]],
    volumes: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Gather the ledger in the order of the work: extraction, panel, exhibits.

    Args:
        extracted: ledgers of ``shidian.yearbook.extract.extract_file``.
        panel: ledgers of the panel, its indicators and its efficiency scores, one after the other.
        results: (exhibit, ledger of its result) in the order of the report.
        volumes: source -> all its files.
    """
    read = [row for frame in extracted for row in frame.to_dict("records")]
    lines: list[Mapping[Any, Any]] = list(extraction_lines(read, volumes))
    lines += panel.to_dict("records")
    for exhibit, frame in results:
        for line in frame.to_dict("records"):
            lines += at_step(_step(exhibit, str(line["step"])), [line])
    return ledger_frame(lines)


def in_words(ledger: pd.DataFrame, lang: str, messages: Mapping[str, Words]) -> pd.DataFrame:
    """Return the ledger with what was said in it in a language; names and the author's reasons stay as they are."""
    said = {name: [in_language(str(text), lang, messages) for text in ledger[name]] for name in TEXTS}
    return ledger.assign(**said)


def _step(exhibit: str, step: str) -> str:
    return say("{exhibit}: {step}", exhibit=exhibit, step=step)
