"""Estimators on panels of 280 x 15, 3,000 x 20 and 100,000 x 10: CPU seconds, peak memory, and a peer where one can.

Each figure is of processes of their own with one thread: the panel is made, imports are paid by a run on a small
panel, then the job is timed once (medians of ``RUNS`` processes, one at 100,000 x 10); so the peak is the estimator's,
imports and panel included (about 250 MB). The peer is another package on the same design, or the simple way: all rows
x clusters, all pairs of places, all free controls, one regression a draw (scaled from fewer draws). A size or a peer
that is left out says why; what takes longer than ``PATIENCE`` is ended and says so. The lines: ``bench.estimators``.

Run as ``python -m bench.bench_large``, with a word of the lines' names to run those alone, and a number of units to
run that size alone.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

from bench.estimators import LINES
from bench.estimators.line import MEASURE, SETUP, Line

RUNS = 3
PATIENCE = 900
"""Seconds after which a process is ended."""
SIZES = ((280, 15), (3_000, 20), (100_000, 10))


def measure(code: str, size: tuple[int, int]) -> tuple[float, float] | str:
    """Return the median CPU seconds and peak megabytes of ``RUNS`` fresh processes, or what stopped one."""
    one = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS")
    environment = {**os.environ, **dict.fromkeys(one, "1")}
    command = [sys.executable, "-W", "ignore", "-c", SETUP + code + MEASURE, *map(str, size)]
    runs = []
    for _ in range(RUNS if size[0] < 100_000 else 1):
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            return f"ended after {PATIENCE} s"
        if done.returncode:
            return f"stopped: {(done.stderr.strip().splitlines() or [f'signal {-done.returncode}'])[-1][:100]}"
        runs.append(done.stdout.split()[-2:])
    seconds, megabytes = (statistics.median(float(run[i]) for run in runs) for i in (0, 1))
    return seconds, megabytes


def described(line: Line, size: tuple[int, int]) -> str:
    """Return the figures of one line at one size, or the reason why there are none."""
    if size[0] > line.units:
        return f"not run: {line.why}"
    ours = measure(line.code, size)
    if isinstance(ours, str):
        return ours
    text = f"{ours[0]:8.2f} s {ours[1]:6.0f} MB   "
    if not line.peer:
        return f"{text}no peer: {line.peer_why}"
    if size[0] > line.peer_units:
        return f"{text}{line.peer_name} not run: {line.peer_why}"
    theirs = measure(line.peer, size)
    if isinstance(theirs, str):
        return f"{text}{line.peer_name} {theirs}"
    return f"{text}{line.peer_name}: {theirs[0]:.2f} s {theirs[1]:.0f} MB, {theirs[0] / ours[0]:.1f} times"


def main(word: str = "", units: str = "") -> None:
    """Print a line for each estimator and size."""
    for line in LINES:
        for size in SIZES:
            if word in line.name and units in ("", str(size[0])):
                print(f"{line.name:52s} {size[0]:7,d} x {size[1]:2d} {described(line, size)}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
