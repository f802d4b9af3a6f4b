"""The styles of an .xlsx file: which of them make a date of a number, and which scale it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from xml.etree import ElementTree

import numpy as np

from shidian.yearbook.cell_formats import BUILT_IN, Scaled, scaling
from shidian.yearbook.sheet_xml import local

BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Numbers of the formats that show a date or a time in some language."""
_HARMLESS = re.compile(
    r"\[(?:Red|Blue|Green|Black|White|Cyan|Magenta|Yellow|\$[^\]\"\\]*|[<>=]+[-.\d]+)\]|General", re.I
)
_ESCAPED = re.compile(r"[\\_*]\[")
_OF_DATES = re.compile(r"[dmhysap]", re.I)


@dataclass(frozen=True)
class Styles:
    """What is known of the styles of a workbook, by their numbers.

    Attributes:
        is_number: whether a number in this style is certainly shown as one.
        scaled: the styles that show another size than is stored.
    """

    is_number: np.ndarray
    scaled: Mapping[int, Scaled]


@lru_cache(maxsize=8)
def read_styles(xml: bytes) -> Styles:
    """Read the part that holds the styles of a workbook; empty where there is none.

    Raises:
        ValueError: a style has no number of a format.
        xml.etree.ElementTree.ParseError: it is no XML.
    """
    own, styles = dict[int, str](), list[int]()
    for element in ElementTree.fromstring(xml) if xml else ():
        if local(element, "numFmts"):
            own |= {int(e.get("numFmtId", -1)): e.get("formatCode", "") for e in element}
        elif local(element, "cellXfs"):
            styles = [int(e.get("numFmtId", 0)) for e in element]
    formats = BUILT_IN | own
    scaled = {i: found for i, number in enumerate(styles) if (found := scaling(formats.get(number, ""))) is not None}
    return Styles(np.array([_is_number(number, own) for number in styles], dtype=bool), scaled)


def _is_number(number: int, own: Mapping[int, str]) -> bool:
    """Say whether a format is certainly not one of dates: none of their letters stands in it."""
    if number not in own:
        return number not in BUILT_IN_DATES
    return not _ESCAPED.search(own[number]) and _OF_DATES.search(_HARMLESS.sub("", own[number])) is None
