"""TWFE and the wild cluster bootstrap against pyfixest, in one process each: ``python -m bench.bench_did``.

CPU seconds of the first call (imports and compilation included) and of later calls, one thread, medians of five.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from importlib.util import find_spec

SETUP = """
import time
start = time.process_time()
import numpy as np, pandas as pd
rng = np.random.default_rng(1)
n, T = 280, 15
panel = pd.DataFrame({"unit": np.repeat(np.arange(n), T), "year": np.tile(np.arange(T), n)})
panel["d"] = ((panel["unit"] % 4 > 0) & (panel["year"] >= 5 + 2 * (panel["unit"] % 4))).astype(float)
for j in range(5):
    panel[f"x{j}"] = rng.normal(size=n * T)
panel["y"] = panel["d"] * 0.1 + rng.normal(size=n * T)
names = ["d"] + [f"x{j}" for j in range(5)]
start = time.process_time()
"""
OURS = """
from shidian.did.twfe import regress
from shidian.did.cluster_sums import cluster_sums
from shidian.did.wild_bootstrap import Signs, p_value, wild_draws
def fit():
    return regress(panel, "y", names, ["unit", "year"], {"kind": "cluster", "by": "unit"}, "reghdfe")
def wild(model):
    sums = cluster_sums(model, "d", ["unit", "year"], "unit")
    return p_value(wild_draws(sums, Signs(len(sums.labels), 999, 1)))
"""
PEER = """
from importlib.util import find_spec
import pyfixest as pf
def fit():
    return pf.feols("y ~ " + " + ".join(names) + " | unit + year", panel, vcov={"CRV1": "unit"})
def wild(model):
    if find_spec("wildboottest"):
        return model.wildboottest(param="d", reps=999, seed=1)
"""
MEASURE = """
def seconds(f, *a):
    begin = time.process_time()
    result = f(*a)
    return time.process_time() - begin, result
first, model = seconds(fit)
first = time.process_time() - start
later = sorted(seconds(fit)[0] for _ in range(5))[2]
wild_first = seconds(wild, model)[0]
wild_later = sorted(seconds(wild, model)[0] for _ in range(3))[1]
print(first, later, wild_first, wild_later)
"""
ROWS = ("TWFE, first call", "TWFE, later calls", "wild bootstrap (999), first call", "wild bootstrap, later calls")


def measure(code: str) -> list[float]:
    """Return the four times of one fresh process."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "ignore", "-c", SETUP + code + MEASURE]
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return [float(x) for x in output.split()[-4:]]


def main(runs: int = 5) -> None:
    """Print the medians and their ratios, runs of ours and the peer's paired."""
    pairs = [(measure(OURS), measure(PEER)) for _ in range(runs)]
    for i, row in enumerate(ROWS):
        ours, peer = (statistics.median(pair[side][i] for pair in pairs) for side in (0, 1))
        if row.startswith("wild") and not find_spec("wildboottest"):
            print(f"{row:34s} shidian {ours:8.4f} s   wildboottest is not installed: no ratio")
            continue
        print(f"{row:34s} shidian {ours:8.4f} s   pyfixest {peer:8.4f} s   ratio {peer / ours:6.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
