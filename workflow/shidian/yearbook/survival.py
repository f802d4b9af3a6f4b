"""Whether the library that reads old Excel files survives a file: tried in a process of its own.

A damaged count inside an .xls file makes it ask for more memory than there is, which ends the whole process.
"""

from __future__ import annotations

import faulthandler
import io
import os
import resource
import signal
from contextlib import suppress

import python_calamine as calamine

MEMORY = 4 * 2**30
"""Bytes that opening a file may ask for beside what the process has."""
SECONDS = 60


def survives(content: bytes) -> bool:
    """Say whether opening a workbook ends by itself, with the book or with an error."""
    child = os.fork()
    if child == 0:
        _open_and_leave(content)
    _, status = os.waitpid(child, 0)
    return not os.WIFSIGNALED(status)


def _open_and_leave(content: bytes) -> None:
    try:
        with suppress(OSError, ValueError):
            _, most = resource.getrlimit(resource.RLIMIT_AS)
            wanted = _size() + MEMORY
            resource.setrlimit(resource.RLIMIT_AS, (wanted if most < 0 else min(wanted, most), most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(SECONDS)
        faulthandler.disable()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # its last words are of no use to anybody
        calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    finally:
        os._exit(0)


def _size() -> int:
    """Return the bytes of address space that this process has."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
