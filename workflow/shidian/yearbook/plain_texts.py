"""Texts within an XML part, where all writers and readers mean the same by them."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shidian.yearbook.xml_tags import slices

BLANKS, SPACE = " \t\r\n", ord(" ")
NONE = pa.array([], type=pa.string())


def is_utf8(xml: bytes) -> bool:
    """Say whether a part declares to be in UTF-8, or in nothing, and has no mark of another encoding."""
    if not xml.startswith(b"<"):
        return False
    declared = xml[: xml.find(b">")].lower() if xml.startswith(b"<?xml") else b""
    return b"encoding" not in declared or b'encoding="utf-8"' in declared or b"encoding='utf-8'" in declared


def is_usual(xml: bytes) -> bool:
    """Say whether nothing stands in a text that writers do not agree on: a carriage return, a letter as ``_x000D_``."""
    return b"\r" not in xml and b"_x" not in xml


def plain_texts(xml: bytes, starts: np.ndarray, stops: np.ndarray, is_trimmed: np.ndarray | bool) -> pa.Array | None:
    """Return the texts between some places; None where they are no UTF-8, or writers do not agree on them.

    Args:
        xml: a piece of XML.
        starts: where each begins, ascending.
        stops: where each ends.
        is_trimmed: whether blanks at the ends of a text are none of it.
    """
    if not len(starts):
        return NONE
    if not is_usual(xml):
        return None
    data = np.frombuffer(xml, dtype=np.uint8)
    blank_ends = (data[starts] <= SPACE) | (data[stops - 1] <= SPACE)
    texts = slices(xml, starts, stops)
    if (blank_ends & is_trimmed & (starts < stops)).any() or not _is_valid(texts):
        return None
    marked = pc.match_substring(texts, "&") if b"&" in xml else pa.array([False])
    if not pc.any(marked).as_py():
        return texts
    meant = [ElementTree.fromstring(f"<t>{text}</t>").text or "" for text in texts.filter(marked).to_pylist()]
    if any("\r" in text or text.strip(BLANKS) != text for text in meant):
        return None
    return pc.replace_with_mask(texts, marked, pa.array(meant, type=pa.string()))


def _is_valid(texts: pa.Array) -> bool:
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
