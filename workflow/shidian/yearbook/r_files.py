"""Files of R: the data frames of an .rds or .RData file."""

from __future__ import annotations

import bz2
import gzip
import lzma
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from shidian.errors import SourceError, nearest
from shidian.messages import say
from shidian.yearbook.grid import ColumnGrid, Grid
from shidian.yearbook.labels import Labels
from shidian.yearbook.limits import LIMITS, MEGABYTE, Limits
from shidian.yearbook.plain import refuse_large
from shidian.yearbook.stored_columns import labelled_column, stored_column

PACKED = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open, b"\xfd7": lzma.open}
"""First bytes of a packed file -> what unpacks it."""
PLAIN = {b"RDX", b"RDA", b"X\n", b"A\n", b"B\n"}
"""First bytes of an unpacked file of R."""
LIKELY = ("gb18030", "big5", "utf-8", "latin-1")
"""Encodings that texts may have, in the order in which they are tried."""
ROW_NAMES = "row.names"
"""Column of the names of rows, where these are texts, as R itself calls them."""
DAY, SECOND = "datetime64[D]", "datetime64[s]"


@dataclass(frozen=True)
class _Labelled:
    """A column with labels: of itself, and of its values."""

    values: np.ndarray
    label: str
    labels: Mapping[object, str]


@dataclass(frozen=True)
class _Frame:
    """A data frame: its columns, and the names of its rows where they are texts."""

    columns: Mapping[str, Any]
    names: Sequence[str] = ()


@dataclass(frozen=True)
class RBook:
    """The data frames of a file of R as sheets, by their names; a file of one and nothing else has no sheets.

    Attributes:
        path: the file.
        frames: the data frames by name.
        alone: whether the file is one data frame and nothing else.
        labelled: columns of which the labels of the values are read.
    """

    path: Path
    frames: Mapping[str, _Frame]
    alone: bool = True
    labelled: Sequence[str] = field(default=())

    @classmethod
    def of(
        cls, path: Path, encoding: str | None = None, labelled: Sequence[str] = (), limits: Limits = LIMITS
    ) -> RBook:
        """Open a file.

        Raises:
            SourceError: it is damaged, no file of R, unpacks to too much, or holds no data frame; its texts are of
                another encoding.
        """
        found = _objects(path, _unpacked(path, limits), encoding)
        frames = {str(name): one for name, one in found.items() if isinstance(one, _Frame)}
        if not frames:
            kinds = ", ".join(sorted({type(one).__name__.strip("_") for one in found.values()})) or "nothing"
            raise SourceError(f"{path}: it holds no data frame but {kinds}; save the data frame in R by saveRDS(x, file)")
        for frame in frames.values():
            height = max((len(column) for column in map(_values, frame.columns.values())), default=0)
            refuse_large(path, len(frame.columns), height, limits=limits)
        return cls(path, frames, len(found) == 1, tuple(labelled))

    @property
    def sheet_names(self) -> list[str]:
        """Names of the data frames where the file holds more than one of them alone."""
        return [] if self.alone else list(self.frames)

    @property
    def labels(self) -> Labels:
        """Labels of columns and of their values, of all data frames."""
        columns = {n: c for f in self.frames.values() for n, c in f.columns.items() if isinstance(c, _Labelled)}
        return Labels(
            {name: column.label for name, column in columns.items() if column.label},
            {name: column.labels for name, column in columns.items()},  # type: ignore[misc]
        )

    def grid(self, sheet: str | None) -> Grid:
        """Read one data frame; the names of its columns are row 0.

        Raises:
            SourceError: there is no data frame of this name; one without columns; no labels where they are wanted.
        """
        names = self.sheet_names
        if names and sheet not in names:
            hint = nearest(sheet, names) if sheet else ""
            raise SourceError(f"{self.path}: say which of its data frames: sheet: {', '.join(names)}{hint}")
        if not names and sheet is not None:
            raise SourceError(f"{self.path}: a file with one data frame has no sheets; leave out 'sheet: {sheet}'")
        frame = self.frames[sheet] if names and sheet else next(iter(self.frames.values()))
        columns = {ROW_NAMES: np.array(frame.names, dtype=object)} if frame.names else {}
        columns |= dict(frame.columns)
        if not columns:
            return Grid(sheet or "", [[]], (), first_row=0)
        for name in self.labelled:
            if not isinstance(columns.get(name), _Labelled):
                known = ", ".join(n for n, c in columns.items() if isinstance(c, _Labelled)) or "none"
                raise SourceError(
                    f"{self.path}: value_labels: '{name}' is no column with labels; those are: {known} (a factor is "
                    "read as its texts without)"
                )
        seen = [(say("labels of values read as texts"), name) for name in self.labelled]
        truths = [name for name, column in columns.items() if _values(column).dtype.kind == "b" or _is_truth(column)]
        seen += [(say("truth values read as 1 and 0"), name) for name in truths]
        cells = [
            labelled_column(name, column.values, column.labels)
            if isinstance(column, _Labelled) and name in self.labelled
            else stored_column(name, _numbers(column) if name in truths else _values(column))
            for name, column in columns.items()
        ]
        grid = ColumnGrid.of(cells, tuple(columns), first_row=0)
        return replace(grid, sheet=sheet or "", seen=tuple(seen))


def _unpacked(path: Path, limits: Limits) -> bytes:
    """Return the bytes of a file unpacked, no further than the limit."""
    with path.open("rb") as file:
        head = file.read(2)
    most = limits.unpacked_mb * MEGABYTE
    try:
        with (PACKED[head](path, "rb") if head in PACKED else path.open("rb")) as file:
            content = file.read(most + 1)
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise SourceError(f"{path}: not a readable file of R, damaged or cut short ({error}); get it again") from None
    limits.refuse(path, "unpacked_mb", len(content) / MEGABYTE, "megabytes or more, unpacked")
    if not any(content.startswith(mark) for mark in PLAIN):
        raise SourceError(f"{path}: this is no file of R, whatever its name says; name it after what it is")
    return bytes(content)


def _objects(path: Path, content: bytes, encoding: str | None) -> dict[str, Any]:
    """Return the named objects of a file; that of an .rds file is called by the file, a list is its elements."""
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
        for column in one.columns.values() if isinstance(one, _Frame) else ():
            values = _values(column)
            if values.dtype.kind in "SO":
                yield from (value for value in values.tolist() if isinstance(value, bytes))


def _constructors() -> dict[str | bytes, Any]:
    """Return how objects of R's classes are made; a class that stands in none is what it is without it."""
    import rdata

    kept = {name: rdata.conversion.DEFAULT_CLASS_MAP[name] for name in ("srcref", "srcfile", "srcfilecopy")}
    return kept | {
        "data.frame": _frame, "factor": _factor, "ordered": _factor, "haven_labelled": _labelled, "labelled": _labelled,
        "Date": lambda values, attrs: _dates(values, DAY), "POSIXct": lambda values, attrs: _dates(values, SECOND),
        "integer64": lambda values, attrs: np.asarray(values, dtype=np.float64).view(np.int64),
    }  # fmt: skip


def _frame(columns: Any, attrs: Mapping[str, Any]) -> _Frame:
    names = attrs.get("row.names")
    texts = names is not None and np.asarray(names).dtype.kind in "OUS"
    columns = columns if isinstance(columns, dict) else {}
    return _Frame({str(name): column for name, column in columns.items()}, list(map(str, names)) if texts else ())


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
    return _Labelled(
        _values(values), str(label[0]) if label is not None else "", dict(zip(labels.values.tolist(), texts, strict=True))
    )


def _dates(values: Any, kind: str) -> np.ndarray:
    """Return days or seconds since 1970 as dates; what is missing, or no number, is none."""
    numbers = np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)
    whole = np.floor(np.where(np.isfinite(numbers), numbers, 0)).astype(np.int64)
    dates = whole.astype(kind).astype("datetime64[us]")
    return np.where(np.isfinite(numbers), dates, np.datetime64("NaT"))


def _values(column: Any) -> np.ndarray:
    """Return the values of a column: numbers with nan where one is missing, or objects."""
    if isinstance(column, _Labelled):
        return column.values
    if isinstance(column, np.ma.MaskedArray):
        return column.astype(np.float64).filled(np.nan) if column.mask.any() else np.asarray(column.data)
    values = np.asarray(getattr(column, "values", column))
    return values if values.ndim == 1 else np.array([str(one) for one in values], dtype=object)


def _is_truth(column: Any) -> bool:
    return isinstance(column, np.ma.MaskedArray) and column.dtype.kind == "b"


def _numbers(column: Any) -> np.ndarray:
    return np.ma.filled(np.ma.asarray(column).astype(np.float64), np.nan)


def likely_encoding_of_r(path: Path) -> str | None:
    """Return the encoding in which the texts of a file read, None where it says its own: for a draft."""
    for encoding in (None, *LIKELY):
        try:
            RBook.of(path, encoding)
        except SourceError:
            if encoding == LIKELY[-1]:
                raise
        else:
            return encoding
    return None
