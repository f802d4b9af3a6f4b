"""Office files without a clock in them: the same content gives the same bytes."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""The date that Word and Excel files carry: none of the run's own clock may enter a result."""
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def normalise_zip(content: bytes) -> bytes:
    """Rewrite a zip (docx, xlsx) with fixed dates, its members sorted behind ``[Content_Types].xml``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            new.writestr(entry, old.read(name))
    return buffer.getvalue()
