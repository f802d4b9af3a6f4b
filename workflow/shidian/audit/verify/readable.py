"""Can every result be opened as what its name says it is?"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath

from shidian.audit.bundle.archive import Fault, read_member
from shidian.audit.verify.bundle import Bundle


def check_readable(bundle: Bundle) -> Iterator[Fault]:
    """Yield results that cannot be read: data, tables, documents and figures."""
    for name in sorted(bundle.names):
        what, read = READERS.get(PurePosixPath(name).suffix, ("", None))
        if name.startswith("results/") and read is not None:
            content = read_member(bundle.archive, name)
            try:
                read(content)
            except Exception as problem:  # each library raises what it likes at a broken file
                text = " ".join(str(problem).split())[:120] or type(problem).__name__
                yield Fault("unreadable", name, f"{len(content):,} bytes that are no {what}: {text}")


def _parquet(content: bytes) -> None:
    import pyarrow.parquet as pq

    pq.read_table(io.BytesIO(content))


def _json(content: bytes) -> None:
    json.loads(content)


def _csv(content: bytes) -> None:
    if not list(csv.reader(io.StringIO(content.decode("utf-8-sig")), strict=True)):
        raise ValueError("it is empty")


def _text(content: bytes) -> None:
    if not content.decode("utf-8").strip():
        raise ValueError("it is empty")


def _html(content: bytes) -> None:
    if "</html>" not in content.decode("utf-8")[-200:]:
        raise ValueError("the page does not end")


def _word(content: bytes) -> None:
    import docx

    docx.Document(io.BytesIO(content))


def _excel(content: bytes) -> None:
    import python_calamine

    python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))


def _pdf(content: bytes) -> None:
    import pdfplumber

    with pdfplumber.open(io.BytesIO(content)) as document:
        if not document.pages:
            raise ValueError("it has no pages")


def _png(content: bytes) -> None:
    from matplotlib.image import imread

    imread(io.BytesIO(content), format="png")


def _svg(content: bytes) -> None:
    text = content.decode("utf-8")
    if "<svg" not in text or not text.rstrip().endswith("</svg>"):
        raise ValueError("the drawing does not end")


READERS: Mapping[str, tuple[str, Callable[[bytes], None]]] = {
    ".parquet": ("Parquet file", _parquet),
    ".json": ("JSON", _json),
    ".csv": ("CSV table", _csv),
    ".tex": ("text", _text),
    ".md": ("text", _text),
    ".html": ("HTML page", _html),
    ".docx": ("Word document", _word),
    ".xlsx": ("Excel workbook", _excel),
    ".pdf": ("PDF", _pdf),
    ".png": ("PNG picture", _png),
    ".svg": ("SVG drawing", _svg),
}
"""Ending -> what such a file is, and the function that raises where it is none."""
