"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary path to write to, and move it to ``path`` only when everything was written."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".part-{os.getpid()}-{target.name}")
    try:
        yield part
        os.replace(part, target)
    except OSError as problem:  # Arrow says what went wrong, and not with which file
        if problem.errno is None or problem.filename not in (None, str(part)):
            raise
        raise OSError(problem.errno, problem.strerror or str(problem), str(target)) from problem
    else:
        for left in target.parent.glob(f".part-*-{escape(target.name)}"):  # by a job that was killed while writing
            left.unlink(missing_ok=True)
    finally:
        part.unlink(missing_ok=True)
