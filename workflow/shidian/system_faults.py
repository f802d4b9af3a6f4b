"""What the machine, not the project, stops a job with: no room, no memory, no right to read, a file cut short."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable
from pathlib import Path

from shidian.errors import out_of_memory

_WORDS = {
    errno.ENOSPC: "there is no room left on the disk; make room and run again",
    errno.EDQUOT: "the quota of the disk is used up; make room and run again",
    errno.EFBIG: "the file is larger than the disk takes",
    errno.EACCES: "no permission; give yourself the right to read and write it (chmod) and run again",
    errno.EPERM: "no permission; give yourself the right to read and write it (chmod) and run again",
    errno.EROFS: "the disk is read-only; write the results elsewhere, or make it writable",
    errno.EISDIR: "it is a folder, a file is wanted",
    errno.ENOTDIR: "a part of its path is a file, a folder is wanted",
    errno.ENOENT: "there is no such file",
    errno.ENAMETOOLONG: "the name is longer than the disk takes",
    errno.EMFILE: "too many files are open; run with fewer cores, or raise the limit (ulimit -n)",
    errno.EIO: "the disk fails to read or write it",
    errno.ESTALE: "the disk over the network has lost it; run again",
}


def sentence_of(problem: BaseException, inputs: Iterable[str] = ()) -> str | None:
    """Return one line that names the file and says what to do; None for a fault that is not the machine's.

    Args:
        problem: what stopped the work.
        inputs: files that it read; where one of them is damaged, any problem is laid to it.
    """
    if isinstance(problem, MemoryError):
        return out_of_memory(problem)
    if isinstance(problem, OSError) and problem.errno in _WORDS:
        file = problem.filename2 or problem.filename
        return f"{os.fsdecode(file)}: {_WORDS[problem.errno]}" if file else _WORDS[problem.errno]
    return next((text for path in inputs if (text := damage(Path(path)))), None)


def damage(path: Path) -> str | None:
    """Say what is wrong with a file that a job reads; None where nothing is seen.

    A file below the results is made again once it is gone.
    """
    try:
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            pq.read_table(path)
        elif path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        elif path.is_file() and not path.stat().st_size:
            return None  # a ledger or a table may be empty
        elif path.is_file():
            path.open("rb").close()
    except OSError as problem:
        return sentence_of(problem) or f"{path}: {problem}; delete it and run again, and it is made again"
    except ValueError:  # Arrow's and JSON's errors are both
        return f"{path}: the file is damaged or cut short; delete it and run again, and it is made again"
    return None


def physical_memory() -> int:
    """Return how many bytes of memory the machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
