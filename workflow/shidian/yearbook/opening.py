"""Opening a workbook by the library, whose failures become errors in one line; workbooks with a password."""

from __future__ import annotations

import io
import os
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import python_calamine as calamine

from shidian.errors import SourceError
from shidian.yearbook.mended_archive import mended
from shidian.yearbook.old_workbook import legible

DEFAULT_PASSWORD = "VelvetSweatshop"
"""Excel's password for files that are encrypted although nobody chose a password: the usual yearbook .xls."""
OLD = b"\xd0\xcf\x11\xe0"
"""First bytes of an .xls file, and of an encrypted one of any kind."""
UNREADABLE = (
    calamine.CalamineError, zipfile.BadZipFile, ElementTree.ParseError, struct.error, OSError, ValueError, KeyError,
)  # fmt: skip
"""What a damaged workbook ends in."""


def opened(path: Path, content: bytes) -> tuple[calamine.CalamineWorkbook, bytes]:
    """Open a file as what its name says, else as what its bytes say, else mended; with the content that was opened.

    Raises:
        PasswordError: the workbook is protected, or another error of the library where it opens in no way.
    """

    def by_name() -> calamine.CalamineWorkbook:
        return calamine.CalamineWorkbook.from_path(str(path))

    first = (lambda: book_of(legible(content)),) if content[:4] == OLD else ()
    for way in (*first, by_name, lambda: book_of(content)):
        if (book := _if_it_opens(way)) is not None:
            return book, content
    if (changed := mended(content)) is None:
        return by_name(), content
    return book_of(changed), changed


def book_of(content: bytes) -> calamine.CalamineWorkbook:
    """Open the bytes of a workbook."""
    return calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))


def _if_it_opens(way: Callable[[], calamine.CalamineWorkbook]) -> calamine.CalamineWorkbook | None:
    """Return what a way of opening a workbook gives; None where the library refuses the file or panics."""
    try:
        return way()
    except (calamine.CalamineError, OSError):
        return None
    except BaseException as error:
        if not _is_panic(error):
            raise
        return None


def _is_panic(error: BaseException) -> bool:
    """Say whether an error is the library's own failure, which is no Exception to Python."""
    return type(error).__name__ == "PanicException"


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Raise a SourceError for what a damaged workbook ends in; a panic of the library is no Exception to Python."""
    try:
        with _without_last_words():
            yield
    except UNREADABLE as error:
        raise SourceError(_damaged(path, error)) from None
    except BaseException as error:
        if not _is_panic(error):
            raise
        raise SourceError(_damaged(path, error)) from None


@contextmanager
def _without_last_words() -> Iterator[None]:
    """Keep from the terminal what the library prints when it panics: the error says it in one line."""
    sys.stderr.flush()
    terminal, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
        os.close(nowhere)


def decrypt(path: Path) -> io.BytesIO:
    """Decrypt a workbook with Excel's default password.

    Raises:
        SourceError: it has another password.
    """
    import msoffcrypto

    plain = io.BytesIO()
    try:
        with path.open("rb") as stream:
            office = msoffcrypto.OfficeFile(stream)
            office.load_key(password=DEFAULT_PASSWORD)
            office.decrypt(plain)
    except Exception:  # of its own kinds or any other, by how the file is encrypted
        raise SourceError(
            f"{path}: the workbook is protected by a password other than Excel's default; "
            "open it in Excel, remove the password and save it"
        ) from None
    plain.seek(0)
    return plain


def _damaged(path: Path, error: BaseException) -> str:
    if "Cell limit" in str(error):
        return f"{path}: the workbook is not read: a sheet reaches over more cells than any is read ({error})"
    return f"{path}: not a readable workbook, damaged or cut short ({error}); get the file again"
