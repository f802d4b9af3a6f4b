"""Text files that are packed, such as .csv.bz2: what they hold, no further than the limit."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from shidian.errors import SourceError
from shidian.yearbook.limits import LIMITS, MEGABYTE, Limits

PACKED: Mapping[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
"""Last ending of the name of a packed text -> what unpacks it."""


def kind_of(path: Path) -> str:
    """Return the ending that says what a file is, in small letters, without that of its packing.

    >>> kind_of(Path("panel.CSV.bz2")), kind_of(Path("panel.dta"))
    ('.csv', '.dta')
    """
    return Path(path.stem).suffix.lower() if is_packed(path) else path.suffix.lower()


def is_packed(path: Path) -> bool:
    """Say whether the name of a file ends in that of a packed one."""
    return path.suffix.lower() in PACKED


def content_of(path: Path, limits: Limits = LIMITS) -> bytes:
    """Return the bytes of a text file, unpacked where its name says that it is packed.

    Raises:
        SourceError: it is damaged, packed in another way than its name says, or unpacks to more than the limit.
    """
    if not is_packed(path):
        return path.read_bytes()
    try:
        with PACKED[path.suffix.lower()](path, "rb") as file:
            content = bytes(file.read(limits.unpacked_mb * MEGABYTE + 1))
    except FileNotFoundError:
        raise
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise SourceError(
            f"{path}: not a readable {path.suffix} file, damaged or cut short ({error}); get it again"
        ) from None
    limits.refuse(path, "unpacked_mb", len(content) / MEGABYTE, "megabytes or more, unpacked")
    return content
