"""One trial: a copy of the project with one fault, the tests that reach it until one fails, in a process of its own.

The packages that the tests need are imported once and every trial is forked from there, so that a trial costs its
tests alone. Files keep a time of their own for each fault: compiled code of another fault is never taken for its own.
Numba's compiled kernels come along and stay, so that only the file with the fault is compiled again.
"""

from __future__ import annotations

import importlib
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.mutants import reach
from tests.mutants.operators import Mutant
from tests.mutants.selection import ROOT

PARTS = ("workflow", "tests", "bench", "config", "resources", "docs")
PEERS = (
    "numpy", "pandas", "scipy.stats", "scipy.optimize", "scipy.sparse.csgraph", "numba", "pyfixest", "statsmodels.api",
    "linearmodels", "diff_diff", "hypothesis", "matplotlib.figure", "highspy", "pytest",
)  # fmt: skip
FIRST = 1800
"""Seconds of processor time that tests may take without a fault; with one, thrice what they took and some more."""
MEMORY = 8 << 30
NO_SUCH_TEST = 4
"""Exit code of pytest for arguments that it cannot use."""
Outcome = Literal["killed", "survived", "timeout"]


@dataclass(frozen=True)
class Trial:
    """The outcome of one fault: a failing test killed it, none did, or the tests did not end in their time."""

    mutant: Mutant
    outcome: Outcome
    seconds: float


class Scratch:
    """A copy of the project in which faults are planted and taken out again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in PARTS:
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("*.pyc", "raw"))
        shutil.copy(ROOT / "pyproject.toml", folder)
        self._stamp = 1_000_000_000
        for name in PEERS:
            importlib.import_module(name)

    def passes(self, tests: Sequence[str], noted: Path) -> None:
        """Keep in a file what the tests run without a fault.

        Raises:
            RuntimeError: they fail.
        """
        if self._run(tests, FIRST, noted) != 0:
            raise RuntimeError(f"the tests fail without a fault: {' '.join(tests)}")

    def attempt(self, planted: Mutant, reached: reach.Reach) -> Trial:
        """Plant a fault, run the tests that reach it, take it out."""
        tests = reached.tests(planted)
        path = self.folder / planted.file
        source, age = path.read_bytes(), path.stat()
        kernels = _kernels(path)
        for file in kernels:
            file.unlink()
        start = time.monotonic()
        self._stamp += 10
        path.write_bytes(planted.planted(source))
        os.utime(path, (self._stamp, self._stamp))
        try:
            code = self._run(tests, 30 + 3 * int(reached.usual(tests)))
        finally:
            path.write_bytes(source)
            os.utime(path, ns=(age.st_atime_ns, age.st_mtime_ns))
            for file, compiled in kernels.items():
                file.write_bytes(compiled)
        outcome: Outcome = "timeout" if code is None else "killed" if code else "survived"
        return Trial(planted, outcome, time.monotonic() - start)

    def _run(self, tests: Sequence[str], seconds: int, noted: Path | None = None) -> int | None:
        """Return the exit code of pytest in a forked process, None where it used up its time."""
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            try:
                os._exit(_pytest(self.folder, tests, seconds, noted))
            except BaseException:  # whatever breaks the run, it must not come back into the parent
                os._exit(1)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return None if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL) else 1
        if os.WEXITSTATUS(status) == NO_SUCH_TEST:
            raise RuntimeError(f"tests that are not there (delete what --reach keeps): {' '.join(tests)}")
        return os.WEXITSTATUS(status)


def _kernels(path: Path) -> dict[Path, bytes]:
    """Return the compiled kernels of a file and of those beside it that compile its functions into their own."""
    if b"njit" not in path.read_bytes():
        return {}
    users = [p for p in path.parent.glob("*.py") if b"njit" in (text := p.read_bytes()) and path.stem.encode() in text]
    stems = {path.stem, *(user.stem for user in users)}
    found = (path.parent / "__pycache__").glob("*.nb*")
    return {file: file.read_bytes() for file in found if file.name.split(".")[0] in stems}


def _pytest(folder: Path, tests: Sequence[str], seconds: int, noted: Path | None) -> int:
    import pytest

    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.environ.setdefault("SHIDIAN_SHARED", str(ROOT.parent / "shared"))
    os.environ["PYTHONPATH"] = f"{folder}:{folder / 'workflow'}"  # of what the tests start themselves
    os.chdir(folder)
    for name in [name for name in sys.modules if name.partition(".")[0] in ("tests", "shidian")]:
        del sys.modules[name]
    sys.path[:] = [str(folder), str(folder / "workflow"), *(p for p in sys.path if p not in ("", str(ROOT)))]
    if not noted:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
    chosen = [
        "-x", "-q", "--no-header", "--disable-warnings", "--hypothesis-seed=0", "-o", "addopts=--strict-markers",
        "-p", "no:cacheprovider", "-m", "not slow and not workflow and not e2e",
    ]  # fmt: skip
    recorder = reach.Recorder(folder)
    code = int(pytest.main([*chosen, *tests], [recorder] if noted else []))
    if noted:
        recorder.write(noted)
    return 0 if code == 5 else code
