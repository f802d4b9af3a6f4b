"""What the objects of a file of R hold: data frames and their columns."""

from __future__ import annotations

import bz2
import gzip
import lzma
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from shidian.errors import SourceError
from shidian.yearbook.limits import MEGABYTE, Limits

PACKED: Mapping[bytes, Callable[..., Any]] = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open, b"\xfd7": lzma.open}
"""First bytes of a packed file -> what unpacks it."""
PLAIN = {b"RDX", b"RDA", b"X\n", b"A\n", b"B\n"}
"""First bytes of an unpacked file of R."""
LIKELY = ("gb18030", "big5", "utf-8", "latin-1")
"""Encodings that texts may have, in the order in which they are tried."""
DAY, SECOND = "datetime64[D]", "datetime64[s]"


@dataclass(frozen=True)
class Labelled:
    """A column with labels: of itself, and of its values."""

    values: np.ndarray
    label: str
    labels: Mapping[object, str]


@dataclass(frozen=True)
class Frame:
    """A data frame: its columns, and the names of its rows where they are texts."""

    columns: Mapping[str, Any]
    names: Sequence[str] = ()


def unpacked(path: Path, limits: Limits) -> bytes:
    """Return the bytes of a file unpacked, no further than the limit.

    Raises:
        SourceError: it is damaged, unpacks to more, or is no file of R.
    """
    with path.open("rb") as file:
        head = file.read(2)
    most = limits.unpacked_mb * MEGABYTE
    try:
        with PACKED[head](path, "rb") if head in PACKED else path.open("rb") as file:
            content = file.read(most + 1)
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise SourceError(f"{path}: not a readable file of R, damaged or cut short ({error}); get it again") from None
    limits.refuse(path, "unpacked_mb", len(content) / MEGABYTE, "megabytes or more, unpacked")
    if not any(content.startswith(mark) for mark in PLAIN):
        raise SourceError(f"{path}: this is no file of R, whatever its name says; name it after what it is")
    return bytes(content)


def read_objects(path: Path, content: bytes, encoding: str | None) -> dict[str, Any]:
    """Return the named objects of a file; that of an .rds file is called by the file, a list is its elements.

    Raises:
        SourceError: the file is damaged, or its texts are not of the encoding that it says or that is declared.
    """
    import rdata

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = rdata.parser.parse_data(content)
            found = rdata.conversion.convert(parsed, constructor_dict=_constructors(), default_encoding=encoding)
    except UnicodeDecodeError as error:
        raise SourceError(_other_encoding(path, error.object, encoding)) from None
    except Exception as error:  # whatever the library stumbles over in a damaged file
        raise SourceError(f"{path}: not a readable file of R, damaged or cut short ({error!r}); get it again") from None
    found = found if isinstance(found, dict) else {path.stem: found}
    for bad in _undecoded(found.values()):
        raise SourceError(_other_encoding(path, bad, encoding))
    return found


def _other_encoding(path: Path, text: bytes, encoding: str | None) -> str:
    fit = []
    for name in LIKELY:
        try:
            fit.append(f"{name} ('{text.decode(name)}')")
        except UnicodeDecodeError:
            continue
    said = f"of the declared encoding, {encoding}" if encoding else "of the encoding that the file says"
    return f"{path}: the text {text!r} is not {said}; it may be read as encoding: {', '.join(fit)}"


def _undecoded(objects: Any) -> Iterator[bytes]:
    """Give the texts that the library left as bytes, as they are of another encoding than is said."""
    for one in objects:
        for column in one.columns.values() if isinstance(one, Frame) else ():
            values = values_of(column)
            if values.dtype.kind in "SO":
                yield from (value for value in values.tolist() if isinstance(value, bytes))


def _constructors() -> dict[str | bytes, Any]:
    """Return how objects of R's classes are made; a class that stands in none is what it is without it."""
    import rdata

    kept: dict[str | bytes, Any] = {
        name: rdata.conversion.DEFAULT_CLASS_MAP[name] for name in ("srcref", "srcfile", "srcfilecopy")
    }
    return kept | {
        "data.frame": _frame, "factor": _factor, "ordered": _factor, "haven_labelled": _labelled, "labelled": _labelled,
        "Date": lambda values, attrs: _dates(values, DAY), "POSIXct": lambda values, attrs: _dates(values, SECOND),
        "integer64": _long_integers,
    }  # fmt: skip


def _frame(columns: Any, attrs: Mapping[str, Any]) -> Frame:
    names = attrs.get("row.names", ())
    texts = np.asarray(names).dtype.kind in "OUS"
    columns = columns if isinstance(columns, dict) else {}
    return Frame({str(name): column for name, column in columns.items()}, list(map(str, names)) if texts else ())


def _factor(codes: Any, attrs: Mapping[str, Any]) -> np.ndarray:
    levels = [str(level) for level in attrs["levels"]]
    codes = np.ma.filled(np.ma.asarray(codes), 0).tolist()
    return np.array([levels[code - 1] if 0 < code <= len(levels) else None for code in codes], dtype=object)


def _labelled(values: Any, attrs: Mapping[str, Any]) -> Any:
    labels = attrs.get("labels")
    if labels is None or not hasattr(labels, "coords"):
        return values
    texts = [str(text) for text in next(iter(labels.coords.values())).values]
    label = attrs.get("label")
    return Labelled(
        values_of(values),
        str(label[0]) if label is not None else "",
        dict(zip(labels.values.tolist(), texts, strict=True)),
    )


def _long_integers(values: Any, attrs: Mapping[str, Any]) -> np.ndarray:
    """Return the integers of the package bit64, which stand in the bits of numbers; the least is a missing one."""
    integers = np.asarray(values, dtype=np.float64).view(np.int64)
    gone = integers == np.iinfo(np.int64).min
    return np.where(gone, np.nan, integers.astype(np.float64)) if gone.any() else integers


def _dates(values: Any, kind: str) -> np.ndarray:
    """Return days or seconds since 1970 as dates; what is missing, or no number, is none."""
    numbers = np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)
    whole = np.floor(np.where(np.isfinite(numbers), numbers, 0)).astype(np.int64)
    dates = whole.astype(kind).astype("datetime64[us]")
    return np.where(np.isfinite(numbers), dates, np.datetime64("NaT"))


def values_of(column: Any) -> np.ndarray[Any, Any]:
    """Return the values of a column: numbers with nan where one is missing, or objects."""
    if isinstance(column, Labelled):
        return column.values
    if isinstance(column, np.ma.MaskedArray):
        return as_numbers(column) if column.mask.any() else np.asarray(column.data)
    values = np.asarray(getattr(column, "values", column))
    return values if values.ndim == 1 else np.array([str(one) for one in values], dtype=object)


def is_truth(column: Any) -> bool:
    """Say whether a column holds truth values, some of them missing."""
    return isinstance(column, np.ma.MaskedArray) and column.dtype.kind == "b"


def as_numbers(column: Any) -> np.ndarray:
    """Return truth values as 1 and 0, nan where one is missing."""
    return np.asarray(np.ma.filled(np.ma.asarray(column).astype(np.float64), np.nan))
