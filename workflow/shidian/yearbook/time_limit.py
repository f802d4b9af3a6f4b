"""How long one file may take."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from shidian.errors import SourceError
from shidian.yearbook.limits import where


class _TooLong(BaseException):
    """Raised in the middle of whatever runs; no library takes it for a fault of the file."""


@contextmanager
def within(seconds: int, path: Path | str) -> Iterator[None]:
    """Refuse a file that takes longer than some seconds (``SourceError``).

    The clock is that of the main thread, where files are read; elsewhere nothing is measured. What a compiled library
    does is let finish: sizes are limited before it begins.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)  # again each second, should a library swallow the first
    try:
        yield
    except _TooLong:
        signal.setitimer(signal.ITIMER_REAL, 0)
        raise SourceError(
            f"{path}: reading takes more than {seconds:,} seconds {where('seconds')}; split the file, or raise it"
        ) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before or signal.SIG_DFL)
