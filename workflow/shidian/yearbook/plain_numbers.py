"""Texts that are numbers beyond doubt, read all at once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PLAIN_NUMBER = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?$"
"""Texts that Arrow and Python read as the same number, so that they need not be parsed one by one."""
PLAIN_COMMA = r"^-?[0-9]+(,[0-9]+)?$"
"""The same where the comma is the decimal mark."""


def plain_numbers(texts: pa.Array, decimal: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers that some texts are, nan for others, and which are such.

    Args:
        texts: the texts of cells.
        decimal: the decimal mark, ``.`` or ``,``.
    """
    comma = decimal == ","
    plain = pc.match_substring_regex(texts, PLAIN_COMMA if comma else PLAIN_NUMBER)
    is_plain = plain.to_numpy(zero_copy_only=False)
    found = texts if is_plain.all() else texts.filter(plain)
    found = pc.replace_substring(found, ",", ".") if comma else found
    values = np.full(len(texts), np.nan)
    values[is_plain] = found.cast(pa.float64()).to_numpy()
    return values, is_plain.copy()
