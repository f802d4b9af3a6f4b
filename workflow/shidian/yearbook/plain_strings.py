"""The shared strings of an .xlsx file, where they are written plainly: all at once."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shidian.yearbook.rich_text import marked_text, runs_of
from shidian.yearbook.sheet_xml import local
from shidian.yearbook.xml_tags import Grammar, Tags

_ENDS = (b"/si", b"phoneticPr /")
_GRAMMAR = Grammar.of({
    b"": (b"si", b""),
    b"si": (b"t", b"t "),
    b"t": (b"/t",),
    b"t ": (b"/t",),
    b"/t": _ENDS,
    b"phoneticPr /": (b"/si",),
    b"/si": (b"si", b""),
})  # fmt: skip
PRESERVED = "{http://www.w3.org/XML/1998/namespace}space"
BLANKS, SPACE = " \t\r\n", ord(" ")
_NONE = pa.array([], type=pa.string())


def plain_strings(xml: bytes, space: str) -> pa.Array | None:
    """Return the shared strings of a workbook; None where some are written in a way that is not read here.

    Args:
        xml: the part that holds them, empty where there is none.
        space: the namespace of its elements.
    """
    if not xml:
        return _NONE
    start, stop = xml.find(b"<si>"), xml.rfind(b"</si>") + len(b"</si>")
    if start < 0:
        start = stop = xml.rfind(b"</sst>")
    if not is_utf8(xml) or start < 0:
        return None
    frame = xml[:start] + xml[stop:]
    if b"<!" in frame or ElementTree.fromstring(frame).tag != f"{{{space}}}sst":
        return None
    tags = Tags.of(xml, start, stop, _GRAMMAR)
    if tags is None or not tags.have_plain_attributes(_GRAMMAR.names):
        return _rich_strings(xml, start)
    is_trimmed = tags.kinds == _GRAMMAR.kind(b"t")
    return texts_within(tags, np.flatnonzero(is_trimmed | (tags.kinds == _GRAMMAR.kind(b"t "))), is_trimmed)


def is_utf8(xml: bytes) -> bool:
    """Say whether a part declares to be in UTF-8, or in nothing, and has no mark of another encoding."""
    if not xml.startswith(b"<"):
        return False
    declared = xml[: xml.find(b">")].lower() if xml.startswith(b"<?xml") else b""
    return b"encoding" not in declared or b'encoding="utf-8"' in declared or b"encoding='utf-8'" in declared


def _rich_strings(xml: bytes, start: int) -> pa.Array | None:
    """Return the strings of which some are written in several ways within, raised and lowered digits as such."""
    if xml.find(b"<!", start) >= 0 or not _is_usual(xml, start, len(xml)):
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
    return element.get(PRESERVED) == "preserve" or (element.text or "").strip(BLANKS) == (element.text or "")


def _is_usual(xml: bytes, start: int, stop: int) -> bool:
    """Say whether nothing stands in a text that writers do not agree on: a carriage return, a letter as ``_x000D_``."""
    return xml.find(b"\r", start, stop) < 0 and xml.find(b"_x", start, stop) < 0


def texts_within(tags: Tags, at: np.ndarray, is_trimmed: np.ndarray) -> pa.Array | None:
    """Return what stands between some tags and the next; None where it is no UTF-8, or writers do not agree on it.

    Args:
        tags: those of the part.
        at: which of them, ascending.
        is_trimmed: of each tag whether blanks at the ends of its text are none of it.
    """
    if not len(at):
        return _NONE
    first, last = tags.closes[at] + 1, tags.opens[at + 1] - 1
    blank_ends = (tags.data[first] <= SPACE) | (tags.data[last] <= SPACE)
    if (blank_ends & is_trimmed[at] & (first <= last)).any() or not _is_usual(tags.xml, first[0], last[-1] + 1):
        return None
    texts = tags.texts(at)
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        return None
    marked = pc.match_substring(texts, "&")
    if not pc.any(marked).as_py():
        return texts
    meant = [ElementTree.fromstring(f"<t>{text}</t>").text or "" for text in texts.filter(marked).to_pylist()]
    if any("\r" in text or text.strip(BLANKS) != text for text in meant):
        return None
    return pc.replace_with_mask(texts, marked, pa.array(meant, type=pa.string()))
