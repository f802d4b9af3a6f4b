"""Files of R: the data frames of an .rds or .RData file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from shidian.errors import SourceError, nearest
from shidian.messages import say
from shidian.yearbook.grid import ColumnGrid, Grid
from shidian.yearbook.labels import Labels
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.plain import refuse_large
from shidian.yearbook.r_objects import LIKELY, Frame, Labelled, as_numbers, is_truth, read_objects, unpacked, values_of
from shidian.yearbook.stored_columns import labelled_column, stored_column

ROW_NAMES = "row.names"
"""Column of the names of rows, where these are texts, as R itself calls them."""


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
    frames: Mapping[str, Frame]
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
        found = read_objects(path, unpacked(path, limits), encoding)
        frames = {str(name): one for name, one in found.items() if isinstance(one, Frame)}
        if not frames:
            kinds = ", ".join(sorted({type(one).__name__.strip("_") for one in found.values()})) or "nothing"
            raise SourceError(
                f"{path}: it holds no data frame but {kinds}; save the data frame in R by saveRDS(x, file)"
            )
        for frame in frames.values():
            height = max((len(column) for column in map(values_of, frame.columns.values())), default=0)
            refuse_large(path, len(frame.columns), height, limits=limits)
        return cls(path, frames, len(found) == 1, tuple(labelled))

    @property
    def sheet_names(self) -> list[str]:
        """Names of the data frames where the file holds more than one of them alone."""
        return [] if self.alone else list(self.frames)

    @property
    def labels(self) -> Labels:
        """Labels of columns and of their values, of all data frames."""
        columns = {n: c for f in self.frames.values() for n, c in f.columns.items() if isinstance(c, Labelled)}
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
            if not isinstance(columns.get(name), Labelled):
                known = ", ".join(n for n, c in columns.items() if isinstance(c, Labelled)) or "none"
                raise SourceError(
                    f"{self.path}: value_labels: '{name}' is no column with labels; those are: {known} (a factor is "
                    "read as its texts without)"
                )
        seen = [(say("labels of values read as texts"), name) for name in self.labelled]
        truths = [name for name, column in columns.items() if values_of(column).dtype.kind == "b" or is_truth(column)]
        seen += [(say("truth values read as 1 and 0"), name) for name in truths]
        cells = [
            labelled_column(name, column.values, column.labels)
            if isinstance(column, Labelled) and name in self.labelled
            else stored_column(name, as_numbers(column) if name in truths else values_of(column))
            for name, column in columns.items()
        ]
        grid = ColumnGrid.of(cells, tuple(columns), first_row=0)
        return replace(grid, sheet=sheet or "", seen=tuple(seen))


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
