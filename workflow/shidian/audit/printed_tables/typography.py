"""Printed text as plain decimal text: signs, widths and separators as typesetters use them, stars, blanks."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

_SIGNS = str.maketrans(
    {
        "\u2212": "-", "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-",
        "\u2217": "*", "\u204e": "*", "\u2605": "*", "\u22c6": "*",
        "\u3010": "[", "\u3011": "]", "\u3014": "(", "\u3015": ")", "\u3001": ",", "\u2009": " ", "\u202f": " ",
    }
)  # fmt: skip
"""Minus signs and dashes, stars, brackets and narrow blanks -> those of a keyboard, after NFKC."""
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}([, ]\d{3})+(\.\d+)?$")
_BLANK = {"", "null", "~", "-", "--", ".", "..", "...", "/", "na", "n/a", "n.a.", "omitted", "(omitted)", "nan"}


def keyboard(text: str) -> str:
    """Return a text with full-width letters, typographic signs and TeX's marks as a keyboard has them."""
    plain = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    plain = re.sub(r"\\sym\{([^}]*)\}|\$?\^\{?([*+\u2020\u2021#]+)\}?\$?", lambda m: m[1] or m[2], plain)
    return plain.replace("$", "").strip()


def is_blank(text: object) -> bool:
    """Say whether a place is printed empty: nothing, a dash, a dot, ``n/a``, ``(omitted)``."""
    return text is None or (isinstance(text, str) and keyboard(text).lower() in _BLANK)


def plain_number(text: object) -> str | None:
    """Return a printed number as plain decimal text, or None where the text is none.

    >>> plain_number("4,850"), plain_number("\u22120.010"), plain_number("0,010"), plain_number(".5")
    ('4850', '-0.010', None, '.5')
    """
    if not isinstance(text, str):
        return None
    plain = keyboard(text)
    if _THOUSANDS.match(plain):
        plain = re.sub("[, ]", "", plain)
    if "_" in plain:  # which Decimal would read
        return None
    plain = re.sub(r"^([-+]) (?=[\d.])", r"\1", plain).removeprefix("+")
    try:
        return plain if Decimal(plain).is_finite() else None
    except InvalidOperation:
        return None


def is_number(text: object) -> bool:
    """Say whether a text is a printed number."""
    return plain_number(text) is not None


def whole_number(text: object) -> int | None:
    """Return a printed whole number, or None."""
    plain = plain_number(text)
    return int(Decimal(plain)) if plain is not None and Decimal(plain) == int(Decimal(plain)) else None
