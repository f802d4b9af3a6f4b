"""What every job of the workflow shares: its log, its error message, and outputs that appear whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from shidian.errors import ShidianError
from shidian.extensions import folders
from shidian.system_faults import sentence_of
from shidian.whole_files import whole
from shidian.written import remove_records, require_unchanged, write_records


class Task(Protocol):
    """What Snakemake tells a script: its log, the files that it reads and those that it writes."""

    @property
    def log(self) -> Sequence[str]:
        """Path of the log, first."""

    @property
    def input(self) -> Iterable[str]:
        """Paths that the job reads."""

    @property
    def output(self) -> Iterable[str]:
        """Paths that the job writes."""


@contextmanager
def job(task: Task) -> Iterator[None]:
    """Send everything that is printed to the job's log, and end with one clear line for a mistake of the user's.

    A result that is not what its own job wrote is not read; of what this job writes the checksums are recorded
    (``shidian.written``). A ``ShidianError`` is the user's: its text alone is written; so is what the machine stops a
    job with, want of memory, a full disk or an input cut short. Anything else is ours and keeps its traceback.
    """
    log = task.log[0]
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w", encoding="utf-8") as file:
        sys.stdout.flush()
        sys.stderr.flush()
        outside = os.dup(2)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            require_unchanged(task.input)
            remove_records(task.output)
            yield
            write_records(task.output)
        except ShidianError as problem:
            _end(f"error: {problem}", outside)
        except Exception as problem:
            said = sentence_of(problem, task.input)
            _end(f"error: {said}" if said else f"{whose_fault(problem)}\n{traceback.format_exc()}", outside)
        finally:
            os.close(outside)


def _end(text: str, outside: int) -> NoReturn:
    """Write the last words of a job into its log, or out of it where the disk has no room for them, and end."""
    try:
        print(text, flush=True)
    except OSError:
        os.write(outside, f"{text}\n".encode())
        os.dup2(outside, 1)  # what could not be written is not tried again
    sys.exit(1)


def whose_fault(problem: BaseException) -> str:
    """Return the line above a traceback: a fault inside a user's extension is not ours to mend."""
    frames = traceback.extract_tb(problem.__traceback__)
    theirs = [f for f in frames if any(Path(f.filename).is_relative_to(folder) for folder in folders())]
    if not theirs:
        return "internal error; please report it with this log:"
    return f"error in the extension, {theirs[-1].filename}, line {theirs[-1].lineno}: {problem}"


def write_files(targets: Iterable[str], write: Callable[[Path], object], root: str | None = None) -> None:
    """Let ``write`` fill a temporary folder, then move its files into the targets' places.

    Every target must have been written; what else was written is an error, since nothing would track it. Targets lie
    in one folder, or anywhere below ``root`` where it is given.
    """
    paths = [Path(target) for target in targets]
    base = Path(root) if root else paths[0].parent
    base.mkdir(parents=True, exist_ok=True)
    wanted = {path.relative_to(base) for path in paths}
    with tempfile.TemporaryDirectory(prefix=".part-", dir=base) as folder:
        write(Path(folder))
        written = {path.relative_to(folder) for path in Path(folder).rglob("*") if path.is_file()}
        if written != wanted:
            raise RuntimeError(f"files written and files declared differ: {sorted(map(str, written ^ wanted))}")
        for name in sorted(wanted):
            (base / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(Path(folder) / name, base / name)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file whole."""
    with whole(path) as part:
        part.write_text(text, encoding="utf-8")


def write_parquet(path: str | Path, frame: pd.DataFrame | pa.Table) -> None:
    """Write a Parquet file whole, the same bytes for the same frame."""
    with whole(path) as part:
        if isinstance(frame, pa.Table):
            pq.write_table(frame, part, compression="zstd")
        else:
            frame.to_parquet(part, index=False, compression="zstd")


def write_csv(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a CSV file whole, numbers to full precision."""
    with whole(path) as part:
        frame.to_csv(part, index=False, lineterminator="\n")
