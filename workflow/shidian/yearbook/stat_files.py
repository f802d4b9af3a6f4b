"""Files of SPSS and SAS: their cells, the encoding of their texts, their dates, missing values and labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shidian.errors import SourceError
from shidian.messages import say
from shidian.yearbook.grid import ColumnGrid, Grid
from shidian.yearbook.labels import Labels
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.plain import refuse_large
from shidian.yearbook.stored_columns import labelled_column, stored_column

if TYPE_CHECKING:
    import pandas as pd

KINDS = {".sav": "sav", ".zsav": "sav", ".por": "por", ".sas7bdat": "sas7bdat", ".xpt": "xport"}
"""Ending of a file's name -> the function of pyreadstat that reads it."""
NAMES = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "gb18030": "GB18030", "gbk": "GBK", "gb2312": "GB2312", "big5": "BIG5",
    "latin-1": "ISO-8859-1", "cp1252": "WINDOWS-1252",
}  # fmt: skip
"""Name of an encoding as it is declared -> as the library names it."""
LIKELY = ("gb18030", "big5", "utf-8", "cp1252")
"""Encodings that texts may have, in the order in which they are tried."""
UNICODE = ("UTF-8", "UTF8", "65001")
WESTERN = ("WINDOWS-1252", "ISO-8859-1", "ISO-8859-15")
_STRANGE = re.compile("[^\0-\x7f]+")
PROTECTED = b"ENCRYPTED"
"""What stands near the beginning of a file of SPSS with a password."""
SPSS_EPOCH, SPSS_PERIODS = "1582-10-14", ("MOYR", "QYR", "WKYR")
"""Day from which SPSS counts seconds, and its formats of dates that the library leaves as such seconds."""


def read_stat_file(
    path: Path, encoding: str | None = None, labelled: Sequence[str] = (), limits: Limits = LIMITS
) -> Grid:
    """Read a file of SPSS (.sav, .zsav, .por) or SAS (.sas7bdat, .xpt).

    The variable names are row 0, observations are numbered from 1. Dates are texts such as 2013-04-30; missing values,
    those too that the file declares as such, are blank cells. Of the variables ``labelled`` the labels of their values
    are read; a value without one stays as it is.

    Raises:
        SourceError: the file is damaged, protected or too large; its texts are not of the encoding that it says or that
            is declared, or neither says one; a variable whose labels are wanted has none.
    """
    about = _read(path, encoding, metadataonly=True)[1]
    height = getattr(about, "number_rows", None) or 0
    refuse_large(path, len(about.column_names), max(height, 0), limits=limits)
    frame, told = _read(path, encoding)
    refuse_large(path, len(about.column_names), len(frame), limits=limits)
    names = tuple(map(str, told.column_names))
    if not names:
        return Grid("", [[]], names, first_row=0)
    _check_encoding(path, frame, told, encoding)
    labels = labels_of(told).values
    for name in labelled:
        if name not in labels:
            known = ", ".join(labels) or "none (SAS keeps them in a file apart, .sas7bcat)"
            raise SourceError(f"{path}: value_labels: '{name}' is no variable with labels; those are: {known}")
    seen = [(say("labels of values read as texts"), name) for name in labelled]
    columns = []
    for name in names:
        values, gone = _without_missing(frame.pop(name).to_numpy(), told.missing_ranges.get(name, ()))
        seen += (
            [(say("values that the file declares as missing, read as blank cells"), f"{name}: {gone}")] if gone else []
        )
        values = _dated(values, (told.original_variable_types.get(name) or "").upper())
        columns.append(labelled_column(name, values, labels[name]) if name in labelled else stored_column(name, values))
    return replace(ColumnGrid.of(columns, names, first_row=0), seen=tuple(seen))


def labels_of(told: Any) -> Labels:
    """Return the labels that a file says, of its variables and of their values."""
    variables = {name: label for name, label in told.column_names_to_labels.items() if label}
    values = {str(name): dict(texts) for name, texts in told.variable_value_labels.items() if texts}
    return Labels(variables, values)


def likely_encoding(path: Path) -> str | None:
    """Return the encoding in which the texts of a file read, None where nothing need be declared."""
    for encoding in (None, *LIKELY):
        try:
            _check_encoding(path, *_read(path, encoding), encoding)
        except SourceError:
            if encoding == LIKELY[-1]:
                raise
        else:
            return encoding
    return None


def read_labels(path: Path, encoding: str | None = None) -> Labels:
    """Return the labels of a file's variables and of their values."""
    return labels_of(_read(path, encoding, metadataonly=True)[1])


def _reader(path: Path, encoding: str | None) -> Callable[..., tuple[pd.DataFrame, Any]]:
    import pyreadstat

    kind = KINDS[path.suffix.lower()]
    read = getattr(pyreadstat, f"read_{kind}")
    said = {"user_missing": True} if kind == "sav" else {}
    return partial(read, **said, **({"encoding": NAMES[encoding]} if encoding else {}))


def _read(path: Path, encoding: str | None, metadataonly: bool = False) -> tuple[pd.DataFrame, Any]:
    """Read a file by the library; a fault of it is said in one line."""
    if encoding is not None and encoding not in NAMES:
        raise SourceError(f"{path}: no {path.suffix} file is encoded as {encoding}; known: {', '.join(NAMES)}")
    with path.open("rb") as file:
        head = file.read(64)
    if PROTECTED in head:
        raise SourceError(f"{path}: the file is protected by a password; open it in SPSS and save it without")
    if encoding is not None and path.suffix.lower() == ".por":
        raise SourceError(f"{path}: the texts of a .por file have no other encoding; leave out 'encoding: {encoding}'")
    try:
        return _reader(path, encoding)(str(path), metadataonly=metadataonly)
    except Exception as error:  # whatever the library stumbles over in a damaged file
        if "convert string" in str(error) or isinstance(error, UnicodeDecodeError):
            fit = [f"{one} ('{text}')" for one in LIKELY if one != encoding and (text := _first_strange(path, one))]
            said = f"as declared, {encoding}" if encoding else "UTF-8, or of the encoding that the file says"
            raise SourceError(
                f"{path}: its texts are not {said}; they may be read as encoding: {', '.join(fit) or 'none known'}"
            ) from None
        what = "" if head.strip(b"\0") else " (it is empty)"
        raise SourceError(
            f"{path}: not a readable {path.suffix} file, damaged, cut short or of another kind{what} ({error}); "
            "get the file again"
        ) from None


def _reads(path: Path, encoding: str | None) -> tuple[pd.DataFrame, Any] | None:
    """Read a file in some encoding, None where it does not read."""
    try:
        return tuple(_reader(path, encoding)(str(path)))
    except Exception:  # the library's own, and what it passes on
        return None


def _check_encoding(path: Path, frame: pd.DataFrame, told: Any, encoding: str | None) -> None:
    """Refuse an encoding other than the file says for sure, and texts of which neither says one."""
    said = (told.file_encoding or "").upper()
    if encoding is not None:
        itself = _reads(path, None)
        if itself and (itself[1].file_encoding or "").upper() in UNICODE and NAMES[encoding] != "UTF-8":
            raise SourceError(f"{path}: the file says that its texts are UTF-8; leave out 'encoding: {encoding}'")
        return
    if (
        said.startswith(WESTERN)
        and _looks_chinese(_all_texts(frame, told))
        and (text := _first_strange(path, LIKELY[0]))
    ):
        raise SourceError(
            f"{path}: the file says that its texts are {said}, but they read as Chinese ('{text}'); declare encoding: "
            f"{LIKELY[0]}, or encoding: cp1252 where they are Western"
        )
    if not said and (strange := next((text for text in _all_texts(frame, told) if not text.isascii()), None)):
        fit = [f"{one} ('{read_as}')" for one in LIKELY if (read_as := _first_strange(path, one))]
        raise SourceError(
            f"{path}: the text '{strange}' is not ASCII, and the file does not say its encoding; it may be read as "
            f"encoding: {', '.join(fit)}"
        )


def _first_strange(path: Path, encoding: str) -> str | None:
    found = _reads(path, encoding)
    return next((text for text in _all_texts(*found) if not text.isascii()), None) if found else None


def _looks_chinese(texts: Sequence[str]) -> bool:
    """Say whether texts read in a Western encoding are rather Chinese: their letters beyond ASCII come in pairs."""
    runs = [run for text in texts for run in _STRANGE.findall(text)]
    return bool(runs) and all(len(run) % 2 == 0 for run in runs)


def _all_texts(frame: pd.DataFrame, told: Any) -> list[str]:
    """Return the texts of a file, once each: cells, names of variables, labels."""
    labels = labels_of(told)
    texts = {str(name) for name in told.column_names} | set(labels.variables.values())
    texts |= {text for of_values in labels.values.values() for text in of_values.values()}
    for name in frame.columns:
        if frame[name].dtype.kind not in "fiuMm":
            texts |= {value for value in frame[name].to_numpy() if isinstance(value, str)}
    return sorted(texts)


def _without_missing(values: np.ndarray, ranges: Sequence[Mapping[str, Any]]) -> tuple[np.ndarray, int]:
    """Return values without those that a file declares as missing, and how many these are."""
    if not ranges:
        return values, 0
    gone = np.array([any(_lies_in(value, one) for one in ranges) for value in values.tolist()], dtype=bool)
    kept = values.astype(object if values.dtype.kind not in "fiu" else np.float64)
    kept[gone] = np.nan
    return kept, int(gone.sum())


def _lies_in(value: object, one: Mapping[str, Any]) -> bool:
    try:
        return bool(one["lo"] <= value <= one["hi"])
    except TypeError:  # a blank, or a text among numbers
        return False


def _dated(values: np.ndarray, written: str) -> np.ndarray:
    """Return the dates of a format of SPSS that the library leaves as seconds."""
    if values.dtype.kind != "f" or not written.startswith(SPSS_PERIODS):
        return values
    seconds = np.where(np.isnan(values), 0, values).astype("timedelta64[s]")
    days = np.datetime64(SPSS_EPOCH) + seconds
    return np.where(np.isnan(values), np.datetime64("NaT"), days)
