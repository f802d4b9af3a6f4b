"""What every job of the workflow shares: its log, its error message, and outputs that appear whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path

import pandas as pd

from shidian.errors import ShidianError


@contextmanager
def job(log: str) -> Iterator[None]:
    """Send everything that is printed to the job's log, and end with one clear line for a mistake of the user's.

    A ``ShidianError`` is the user's: its text alone is written. Anything else is ours and keeps its traceback.
    """
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w", encoding="utf-8") as file:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield
        except ShidianError as problem:
            print(f"error: {problem}", flush=True)
            sys.exit(1)
        except Exception:
            print(f"internal error; please report it with this log:\n{traceback.format_exc()}", flush=True)
            sys.exit(1)


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary path to write to, and move it to ``path`` only when everything was written."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".part-{os.getpid()}-{target.name}")
    try:
        yield part
        os.replace(part, target)
        for left in target.parent.glob(f".part-*-{escape(target.name)}"):  # by a job that was killed while writing
            left.unlink(missing_ok=True)
    finally:
        part.unlink(missing_ok=True)


def write_files(targets: Iterable[str], write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a temporary folder, then move the files of the targets' names into their places.

    Every target must have been written; what else was written is an error, since nothing would track it.
    """
    wanted = {Path(target).name: Path(target) for target in targets}
    parent = next(iter(wanted.values())).parent
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=parent) as folder:
        write(Path(folder))
        written = {path.name for path in Path(folder).iterdir()}
        if written != set(wanted):
            raise RuntimeError(f"files written and files declared differ: {sorted(written ^ set(wanted))}")
        for name, target in wanted.items():
            os.replace(Path(folder) / name, target)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file whole."""
    with whole(path) as part:
        part.write_text(text, encoding="utf-8")


def write_parquet(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a Parquet file whole, the same bytes for the same frame."""
    with whole(path) as part:
        frame.to_parquet(part, index=False, compression="zstd")


def write_csv(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a CSV file whole, numbers to full precision."""
    with whole(path) as part:
        frame.to_csv(part, index=False, lineterminator="\n")
