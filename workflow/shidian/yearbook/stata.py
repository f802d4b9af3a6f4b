"""Files of Stata: their cells, the encoding of their texts, and what their labels say."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shidian.errors import SourceError
from shidian.messages import say
from shidian.yearbook.columns import CellColumn, NumberColumn, TextColumn
from shidian.yearbook.grid import ColumnGrid, Grid
from shidian.yearbook.labels import Labels
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.numbers import cell_text
from shidian.yearbook.plain import refuse_large

if TYPE_CHECKING:
    import pandas as pd

FIRST_UNICODE = 118
"""First format whose texts are UTF-8, that of Stata 14."""
ENCODINGS = ("gb18030", "utf-8", "latin-1")
"""Encodings that the texts of an older file may have, in the order in which they are tried."""


def read_stata(path: Path, encoding: str | None = None, labelled: Sequence[str] = (), limits: Limits = LIMITS) -> Grid:
    """Read a .dta file; stored single-precision numbers are widened exactly, missing values are blank cells.

    The variable names are row 0, observations are numbered from 1. Files before Stata 14 do not say the encoding of
    their texts: they want it declared where these are not ASCII. Of the variables ``labelled`` the labels of their
    values are read; a value without one stays the number that it is.

    Raises:
        SourceError: the file is damaged or too large; an encoding that is not that of the texts, or none declared; a
            variable whose labels are wanted has none.
    """
    frame, says_so = _frame(path)
    labels = tuple(map(str, frame.columns))
    if not labels:
        return Grid("", [[]], labels, first_row=0)
    if says_so and encoding not in (None, "utf-8"):
        raise SourceError(f"{path}: files since Stata 14 have their texts in UTF-8; leave out 'encoding: {encoding}'")
    refuse_large(path, len(labels), len(frame), limits=limits)
    given = None if says_so else encoding or ""
    told = read_labels(path, encoding).values if labelled else {}
    for name in labelled:
        if name not in told:
            raise SourceError(
                f"{path}: value_labels: '{name}' is no variable with labels; those are: {', '.join(told)}"
            )
    columns = [
        _column(path, label, _with_labels(frame.pop(label).to_numpy(), told if label in labelled else {}, label), given)
        for label in labels
    ]
    seen = tuple((say("labels of values read as texts"), name) for name in labelled)
    return replace(ColumnGrid.of(columns, labels, first_row=0), seen=seen)


def _with_labels(values: np.ndarray, told: Mapping[str, Mapping[float, str]], name: str) -> np.ndarray:
    """Return the labels of some values, where there are any."""
    if name not in told:
        return values
    cells = ["" if value != value else told[name].get(float(value), cell_text(value)) for value in values.tolist()]
    return np.array(cells, dtype=object)


def read_labels(path: Path, encoding: str | None = None) -> Labels:
    """Return the labels of a file's variables and of their values, "" and nothing where there are none."""
    from pandas.io.stata import StataReader

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with StataReader(path, convert_categoricals=False) as reader:
            names = list(reader.variable_labels())
            variables = {name: _decoded(text, encoding) for name, text in reader.variable_labels().items()}
            sets = reader.value_labels()
            of = dict(
                zip(names, getattr(reader, "_lbllist", ()), strict=False)
            )  # which set a variable has is said nowhere else
    values = {
        name: {float(code): _decoded(str(text), encoding) for code, text in sets[label].items()}
        for name, label in of.items()
        if label in sets
    }
    return Labels(variables, values)


def likely_encoding(path: Path) -> str | None:
    """Return the encoding in which the texts of a file before Stata 14 read, None where nothing need be declared."""
    frame, says_so = _frame(path)
    texts = [text for name in frame.columns for text in _texts(frame[name].to_numpy())]
    strange = sorted({text for text in texts if not text.isascii()})
    if says_so or not strange:
        return None
    for encoding in ENCODINGS[:2]:
        read = [_read_as(text, encoding) for text in strange]
        if all(text is not None and re.search("[\u3400-\u9fff]", text) for text in read):
            return encoding
    return ENCODINGS[2]


def _frame(path: Path) -> tuple[pd.DataFrame, bool]:
    """Return what pandas reads, and whether the file says how its texts are encoded, and they are."""
    import pandas as pd

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            frame = pd.read_stata(path, convert_categoricals=False, convert_dates=False)
        except Exception as error:  # whatever pandas stumbles over in a damaged file
            raise SourceError(f"{path}: not a readable .dta file, damaged or cut short ({error})") from None
    broken = any(issubclass(one.category, UnicodeWarning) for one in said)
    return frame, _format(path) >= FIRST_UNICODE and not broken


def _format(path: Path) -> int:
    """Return the number of the format that a file is in."""
    with path.open("rb") as file:
        head = file.read(80)
    found = re.search(rb"<release>(\d+)</release>", head)
    return int(found[1]) if found else head[0]


def _column(path: Path, label: str, values: np.ndarray, encoding: str | None) -> CellColumn:
    """Return a variable below its name; ``encoding`` is None where texts are read as they are, "" where it lacks."""
    if values.dtype.kind == "f":
        return NumberColumn(label, values.astype(np.float64, copy=False))
    if values.dtype.kind in "iu":
        return NumberColumn(label, values)
    texts = _texts(values)
    if encoding is not None:
        texts = [text if text.isascii() else _recoded(path, label, text, encoding) for text in texts]
    return TextColumn(pa.array([label, *texts], type=pa.string()))


def _texts(values: np.ndarray) -> list[str]:
    if values.dtype.kind in "fiu":
        return []
    return ["" if value is None or value != value else str(value) for value in values.tolist()]


def _recoded(path: Path, label: str, text: str, encoding: str) -> str:
    """Return a text in its declared encoding; one that Unicode has already read stays."""
    read = _read_as(text, encoding) if encoding else None
    if read is not None:
        return read
    ways = [f"{one} ('{read}')" for one in ENCODINGS if (read := _read_as(text, one)) is not None]
    problem = f"is not {encoding} text" if encoding else "is not ASCII, and the file does not say its encoding"
    raise SourceError(f"{path}: in column '{label}' a text {problem}; it may be read as encoding: {', '.join(ways)}")


def _read_as(text: str, encoding: str) -> str | None:
    if any(ord(letter) > 255 for letter in text):
        return text
    try:
        return text.encode("latin-1").decode(encoding)
    except UnicodeDecodeError:
        return None


def _decoded(text: str, encoding: str | None) -> str:
    read = _read_as(text, encoding) if encoding and not text.isascii() else text
    return " ".join((read or text).split())
