"""``python -m tests.fuzz --minutes 10``: odd inputs until the time is up, each failure kept in its smallest form.

Batches run in processes of their own: an input that ends the process, or that is not done in time, is kept too. A
failure of which the place in the code is known already is not reported again.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from .subjects import Subject, subjects

KEPT = Path(__file__).parent / "failures"
BATCH, SECONDS_EACH, MEMORY = 300, 20, 6 * 2**30


def main() -> int:
    """Run batches in turn until the time is up; the exit code says whether something was found."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description="Look for inputs that are neither read nor refused."
    )
    parser.add_argument("--minutes", type=float, default=60.0, help="how long")
    parser.add_argument("--only", nargs="*", help="kinds of input; all where none is given")
    parser.add_argument("--batch", nargs=3, metavar=("SUBJECT", "SEED", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.batch:
        return run_batch(options.batch[0], int(options.batch[1]), Path(options.batch[2]))
    end, number, found = time.monotonic() + 60 * options.minutes, 0, 0
    with tempfile.TemporaryDirectory() as place:
        names = options.only or list(subjects(Path(place)))
        counts = dict.fromkeys(names, 0)
        first = int(time.time())
        while time.monotonic() < end:
            name = names[number % len(names)]
            folder = Path(place) / "batch"
            folder.mkdir(exist_ok=True)
            found += _watched(name, first + number, folder)
            counts[name] += BATCH
            number += 1
    print(", ".join(f"{name}: {count:,} inputs" for name, count in counts.items()))
    print(f"{found} failures; kept in {KEPT}" if found else "no failure")
    return int(found > 0)


def _watched(name: str, number: int, folder: Path) -> int:
    """Run one batch in a process of its own and return the number of failures; a process that died is one."""
    command = [sys.executable, "-m", "tests.fuzz", "--batch", name, str(number), str(folder)]
    try:
        done = subprocess.run(command, timeout=BATCH * SECONDS_EACH / 10, check=False)
        code = done.returncode
    except subprocess.TimeoutExpired:
        code = -signal.SIGALRM
    if code < 0:
        current = folder / "current"
        print(f"{name}, seed {number}: ended by signal {-code}; kept as {_keep(name, '.bin', current.read_bytes())}")
    return abs(code) if code > 0 else int(code < 0)


def run_batch(name: str, number: int, folder: Path) -> int:
    """Try one batch and return the number of failures of places not known before."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    subject = subjects(folder)[name]
    known = folder.parent / "known"
    known.touch()
    failures = 0
    while (failed := _first_failure(subject, number, folder, set(known.read_text().splitlines()))) is not None:
        content, where, words = failed
        with known.open("a") as file:
            file.write(f"{where}\n")
        print(f"{name}, seed {number}: {words}\n  kept as {_keep(name, subject.ending, content)}", flush=True)
        failures += 1
    return failures


def _first_failure(subject: Subject, number: int, folder: Path, known: set[str]) -> tuple[bytes, str, str] | None:
    """Return the smallest failing input of a batch, where it fails and how; None where all are well."""
    smallest: list[tuple[bytes, str, str]] = []
    home = folder / subject.name
    home.mkdir(exist_ok=True)

    @seed(number)
    @settings(max_examples=BATCH, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(subject.inputs)
    def trial(content: bytes) -> None:
        (folder / "current").write_bytes(content)
        try:
            with in_time(SECONDS_EACH):
                subject.check(content, home)
        except KeyboardInterrupt:
            raise
        except BaseException as problem:  # a panic of Rust code is no Exception
            where = _place(problem)
            if where in known:
                return
            smallest[:] = [(content, where, f"{type(problem).__name__}: {str(problem)[:200]} at {where}")]
            raise

    try:
        trial()
    except BaseException:
        if not smallest:
            raise
    return smallest[0] if smallest else None


@contextmanager
def in_time(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in what takes longer."""

    def late(*_: object) -> None:
        raise TimeoutError(f"not done in {seconds} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _place(problem: BaseException) -> str:
    """Return the last line of ours in a traceback, which tells failures apart."""
    frames = [
        f for f in traceback.extract_tb(problem.__traceback__) if "/shidian/" in f.filename or "/fuzz/" in f.filename
    ]
    return (
        f"{type(problem).__name__} {Path(frames[-1].filename).name}:{frames[-1].lineno}"
        if frames
        else repr(problem)[:80]
    )


def _keep(name: str, ending: str, content: bytes) -> Path:
    path = KEPT / f"{name}_{hashlib.sha256(content).hexdigest()[:8]}{ending}"
    path.write_bytes(content)
    return path


if __name__ == "__main__":
    raise SystemExit(main())
