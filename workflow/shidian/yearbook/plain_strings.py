"""The shared strings of an .xlsx file, where they are written plainly: all at once."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa

from shidian.yearbook.plain_texts import BLANKS, NONE, is_usual, is_utf8, plain_texts
from shidian.yearbook.rich_text import marked_text, runs_of
from shidian.yearbook.sheet_xml import local
from shidian.yearbook.xml_tags import OPEN, Grammar, Tags

PRESERVED = "{http://www.w3.org/XML/1998/namespace}space"
BEGIN, END = b"<si><t>", b"</t></si>"
MARK = b"\x01"
"""A character that no XML may hold: it stands for an end and a beginning."""
_PHONETIC = re.compile(rb'<phoneticPr(?: \w+="\w*")*/>')
_GRAMMAR = Grammar.of({
    b"": (b"si", b""),
    b"si": (b"t", b"t "),
    b"t": (b"/t",),
    b"t ": (b"/t",),
    b"/t": (b"/si",),
    b"/si": (b"si", b""),
}, texts=(b"t", b"t "))  # fmt: skip


def plain_strings(xml: bytes, space: str) -> pa.Array | None:
    """Return the shared strings of a workbook; None where some are written in a way that is not read here.

    Args:
        xml: the part that holds them, empty where there is none.
        space: the namespace of its elements.
    """
    if not xml:
        return NONE
    start, stop = xml.find(b"<si>"), xml.rfind(b"</si>") + len(b"</si>")
    if start < 0:
        start = stop = xml.rfind(b"</sst>")
    if not is_utf8(xml) or start < 0:
        return None
    frame = xml[:start] + xml[stop:]
    if b"<!" in frame or ElementTree.fromstring(frame).tag != f"{{{space}}}sst":
        return None
    items = xml[start:stop]
    if found := _PHONETIC.search(items):  # how to pronounce a text is the same for all in most files
        items = items.replace(found[0] + b"</si>", b"</si>")
    found = _simple(items)
    tags = Tags.of(items, 0, len(items), _GRAMMAR) if found is None else None
    if tags is not None and tags.have_plain_attributes(_GRAMMAR.names):
        is_trimmed = tags.kinds == _GRAMMAR.kind(b"t")
        at = np.flatnonzero(is_trimmed | (tags.kinds == _GRAMMAR.kind(b"t ")))
        found = plain_texts(items, tags.closes[at] + 1, tags.opens[at + 1], is_trimmed[at])
    return _rich_strings(xml, start) if found is None else found


def _simple(items: bytes) -> pa.Array | None:
    """Return the strings where each is one text and nothing else; None where they are not, or not plain texts."""
    if not (items.startswith(BEGIN) and items.endswith(END)) or MARK in items:
        return None
    body = items[len(BEGIN) : -len(END)].replace(END + BEGIN, MARK) + MARK
    if body.find(OPEN) >= 0:
        return None
    stops = np.flatnonzero(np.frombuffer(body, dtype=np.uint8) == MARK[0])
    starts = np.append(0, stops[:-1] + 1)
    return plain_texts(body, starts, stops, is_trimmed=True)


def _rich_strings(xml: bytes, start: int) -> pa.Array | None:
    """Return the strings of which some are written in several ways within, raised and lowered digits as such."""
    if xml.find(b"<!", start) >= 0 or not is_usual(xml[start:]):
        return None
    texts, may_have_marks = [], b"script" in xml
    for item in ElementTree.fromstring(xml):
        parts = [part for part in item if not (local(part, "phoneticPr") or local(part, "rPh"))]
        runs = [run for part in parts for run in (part if local(part, "r") else (part,)) if not local(run, "rPr")]
        plain = len(parts) == 1 and local(parts[0], "t")
        if not local(item, "si") or not (plain or all(local(part, "r") for part in parts)) or not parts:
            return None
        if not all(local(run, "t") and len(run) == 0 and _is_meant(run) for run in runs):
            return None
        marked = marked_text(list(runs_of(item))) if may_have_marks else None
        texts.append("".join(run.text or "" for run in runs) if marked is None else marked)
    return pa.array(texts, type=pa.string())


def _is_meant(element: ElementTree.Element) -> bool:
    text = element.text or ""
    return element.get(PRESERVED) == "preserve" or text.strip(BLANKS) == text
