"""Texts that are written in several ways within a cell: superscript runs are footnote marks, no digits of a number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from shidian.yearbook.sheet_xml import local

RAISED = str.maketrans("0123456789+-=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾")
LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_TABLES = {"superscript": RAISED, "subscript": LOWERED}


def marked_text(runs: Sequence[tuple[str, str]]) -> str | None:
    """Return the text of a cell with its raised and lowered digits as such, where they are marks; None where not.

    Those of a number are (37 and a raised 1 are 37¹, never 371), and raised ones at the end of a Chinese name; those
    of a unit of measure are not (km²), nor those within a text.

    Args:
        runs: the parts of the text, each with "superscript", "subscript" or "".
    """
    texts = [text for text, _ in runs]
    marks = [text.translate(_TABLES.get(place, {})) for text, place in runs]
    plain = "".join(text for text, place in runs if not place)
    if marks == texts:
        return None
    number = any(map(str.isdigit, "".join(texts))) and not any(map(str.isalpha, plain))
    named = runs[-1][1] == "superscript" and re.search("[\u3400-\u9fff)）]\\s*$", plain) and not plain.endswith("米")
    return "".join(marks) if number or named else None


def marked_strings(xml: bytes) -> dict[int, str]:
    """Return the shared strings of a workbook that hold marks, by their numbers."""
    if b"script" not in xml:
        return {}
    items = [element for element in ElementTree.fromstring(xml) if local(element, "si")]
    return {i: text for i, item in enumerate(items) if (text := marked_text(list(runs_of(item)))) is not None}


def runs_of(item: ElementTree.Element) -> Iterator[tuple[str, str]]:
    """Give the parts of a rich text and where each is set, "" for those on the line."""
    for run in item:
        if local(run, "t"):
            yield run.text or "", ""
        elif local(run, "r"):
            text = "".join(part.text or "" for part in run if local(part, "t"))
            settings = [e.get("val", "") for e in run.iter() if local(e, "vertAlign")]
            yield text, settings[-1] if settings and settings[-1] in _TABLES else ""
