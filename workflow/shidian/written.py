"""What each job wrote: the checksum of every result, and whether a result is still what its job wrote.

``results/panel.parquet`` has its record in ``results/.checksums/panel.parquet.sha256``. A result edited by hand,
damaged or replaced no longer fits its record, whatever its date says: a run makes it again, and nothing reads it
(docs/decisions/04_digests_of_meaning.md).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from shidian.checksums import content_checksum, sha256_of
from shidian.errors import ShidianError
from shidian.whole_files import whole

RESULTS, RECORDS, ENDING = "results", ".checksums", ".sha256"


class WrittenError(ShidianError):
    """A result is not what its job wrote."""


def record_of(path: str | Path) -> Path | None:
    """Return where the record of a result stands, whether it is there or not; None for what is no result."""
    parts = Path(path).parts
    if RESULTS not in parts[:-1]:
        return None
    at = len(parts) - 1 - parts[::-1].index(RESULTS)
    return Path(*parts[: at + 1], RECORDS, *parts[at + 1 : -1], parts[-1] + ENDING)


def write_records(paths: Iterable[str]) -> None:
    """Record the checksums of results that were just written."""
    for path in paths:
        record = record_of(path)
        if record is not None:
            with whole(record) as part:
                part.write_text(f"{_checksum(Path(path), content_checksum)}\n", encoding="ascii")


def remove_records(paths: Iterable[str]) -> None:
    """Remove the records of results that are about to be written anew."""
    for record in filter(None, map(record_of, paths)):
        record.unlink(missing_ok=True)


def changed(paths: Iterable[str | Path]) -> list[str]:
    """Return the results, among paths, that are there but are not what their jobs wrote.

    A file without a record is passed over: raw files, and what stands in the results folder without being a result.
    """
    return [str(path) for path in paths if os.path.exists(path) and _is_changed(Path(path))]


def changed_below(*folders: Path) -> list[str]:
    """Return every result below folders of the results that is not what its job wrote, sorted."""
    found: list[Path] = []
    for folder in folders:
        record = record_of(folder / "x")
        if record is not None:
            records = [path.relative_to(record.parent) for path in sorted(record.parent.rglob(f"*{ENDING}"))]
            found += [folder / path.with_name(path.name.removesuffix(ENDING)) for path in records]
    return changed(found)


def require_unchanged(paths: Iterable[str | Path]) -> None:
    """Check that results are what their jobs wrote.

    Raises:
        WrittenError: those that are not, named.
    """
    refuse(changed(paths))


def refuse(names: list[str]) -> None:
    """Raise a ``WrittenError`` that names results which are not what their jobs wrote; none is no error."""
    if names:
        are = "is not what its job wrote" if len(names) == 1 else "are not what their jobs wrote"
        raise WrittenError(
            f"{', '.join(names)} {are} (edited, damaged or replaced since): no number is taken from "
            f"{'it' if len(names) == 1 else 'them'}; `make run` makes {'it' if len(names) == 1 else 'them'} again"
        )


def _is_changed(path: Path) -> bool:
    record = record_of(path)
    try:
        recorded = record.read_text(encoding="ascii").strip() if record else ""
    except (OSError, ValueError):
        return False
    if not recorded or _checksum(path, content_checksum) == recorded or not path.exists():
        return False
    return _checksum(path, sha256_of) != recorded  # read again: a network file system shows an old size for a while


def _checksum(path: Path, checksum: Callable[[Path], str]) -> str:
    """Return the checksum of a file, or that of the names and contents of a folder."""
    if not path.is_dir():
        return checksum(path)
    hidden = ".snakemake_timestamp"  # Snakemake's own, written after the job
    files = sorted(file for file in path.rglob("*") if file.is_file() and file.name != hidden)
    lines = [f"{checksum(file)}  {file.relative_to(path).as_posix()}\n" for file in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
