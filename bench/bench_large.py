"""Estimators on panels of 280 x 15, 3,000 x 20 and 100,000 x 10: CPU seconds, peak memory, and a peer where one can.

Each line is one process of one thread: the panel is made, imports are paid by a run on a small panel, then the job is
timed once (medians of ``RUNS`` processes). The peer is another package on the same design, or the simple way: all rows
x clusters, all pairs of places, all free controls, one regression a draw (scaled from fewer draws). It is left out
where it would not fit into memory or would take minutes.

Run as ``python -m bench.bench_large``, with a word of the lines' names to run those alone.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from dataclasses import dataclass

RUNS = 3
SIZES = ((280, 15), (3_000, 20), (100_000, 10))
SETUP = """
import resource, sys, time
import numpy as np, pandas as pd
n, T = int(sys.argv[1]), int(sys.argv[2])
CONTROLS = ["x0", "x1", "x2", "x3"]
BY_UNIT = {"kind": "cluster", "by": "unit"}
def panel(n, T):
    rng = np.random.default_rng(1)
    unit, year = np.repeat(np.arange(n), T), np.tile(np.arange(T), n)
    g = np.where(unit % 8 < 2, 0, 2 + (unit % 8) * (T - 2) // 8)
    frame = pd.DataFrame({"unit": unit, "year": 2000 + year, "d": ((g > 0) & (year >= g)).astype(float)})
    frame["adoption_year"] = pd.Series(np.where(g > 0, 2000.0 + g, np.nan)).astype("Int64")
    for name in [*CONTROLS, "m", "y", "y2", "y3"]:
        frame[name] = rng.normal(size=n * T)
    frame["lon"], frame["lat"] = rng.uniform(98, 122, n)[unit], rng.uniform(22, 45, n)[unit]
    return frame
"""
MEASURE = """
job(panel(40, 12))
frame = panel(n, T)
begin = time.process_time()
scale = job(frame) or 1
print((time.process_time() - begin) * scale, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
WILD = """
from shidian.did.cluster_sums import cluster_sums
from shidian.did.twfe import regress
from shidian.did.wild_bootstrap import Signs, interval, p_value, romano_wolf, wild_draws
EFFECTS = ["unit", "year"]
def sums(frame, y):
    return cluster_sums(regress(frame, y, ["d", *CONTROLS], EFFECTS, BY_UNIT, "reghdfe"), "d", EFFECTS, "unit")
"""
CONLEY = """
from shidian.spatial.conley import conley_covariance
from shidian.spatial.near import NearPlaces
def parts(frame):
    first = frame.drop_duplicates("unit")
    arrays = frame[CONTROLS].to_numpy(), frame["y"].to_numpy(), frame["unit"].to_numpy(), frame["year"].to_numpy()
    return first["lon"].to_numpy(), first["lat"].to_numpy(), arrays
"""
MATCH = """
from shidian.matching.neighbours import MatchRule, match_neighbours
def parts(frame):
    return frame["y"].to_numpy(), (frame["unit"] % 8 < 3).to_numpy(), np.arange(len(frame))
"""
MEDIATE = """
from shidian.mediation.bootstrap import bootstrap_paths
def job(frame):
    unit, year = frame["unit"].to_numpy(), frame["year"].to_numpy() - 2000
    bootstrap_paths(frame["y"].to_numpy(), frame["d"].to_numpy(), frame["m"].to_numpy(), frame[CONTROLS].to_numpy(),
                    [unit, year], unit, 1000, 1)
"""


@dataclass(frozen=True)
class Line:
    """What is timed: our code, the peer's name and code, and the largest panel (units) that the peer is asked for."""

    name: str
    code: str
    peer_name: str
    peer: str
    peer_units: int
    units: int = 100_000


LINES = (
    Line(
        "wild bootstrap, 9,999 draws, with interval",
        WILD + "\ndef job(frame):\n    interval(wild_draws(sums(frame, 'y'), Signs(frame['unit'].nunique(), 9999, 1)))",
        "rows x clusters, no interval",
        WILD + """
def job(frame):
    G = frame["unit"].nunique()
    r = regress(frame, "y", ["d", *CONTROLS], EFFECTS, BY_UNIT, "reghdfe")
    from shidian.did.within import demean
    codes, Q = frame["unit"].to_numpy(), np.linalg.qr(r.X[:, 1:])[0]
    x, y = r.X[:, 0] - Q @ (Q.T @ r.X[:, 0]), r.y - Q @ (Q.T @ r.y)
    masked = np.zeros((len(x), G))
    masked[np.arange(len(x)), codes] = x
    masked = demean(masked, [codes, frame["year"].to_numpy()])
    masked -= Q @ (Q.T @ masked)
    by = [np.add.reduceat(masked * v[:, None], np.arange(0, len(x), len(x) // G)) for v in (y, x)]
    w = np.vstack(list(Signs(G, 9999, 1).blocks()))
    b = w @ np.bincount(codes, x * y) / (x @ x)
    scores = w @ by[0] - b[:, None] * np.bincount(codes, x * x)
    b / np.sqrt((scores**2).sum(axis=1))
""",
        3_000,
    ),
    Line(
        "Romano-Wolf, 999 draws, 3 outcomes",
        WILD + "\ndef job(frame):\n    romano_wolf([sums(frame, y) for y in ('y', 'y2', 'y3')], 999, 1)",
        "", "", 0,
    ),
    Line(
        "Conley, 100 km, 3 lags",
        CONLEY + """
def job(frame):
    lon, lat, (X, e, unit, year) = parts(frame)
    conley_covariance(X, e, unit, year, NearPlaces(lon, lat), 100.0, "bartlett", 3)
""",
        "all pairs of places",
        CONLEY + """
from shidian.spatial.haversine import great_circle_km
def job(frame):
    lon, lat, (X, e, unit, year) = parts(frame)
    K = np.clip(1 - great_circle_km(lon, lat) / 100, 0, None)
    s = X * e[:, None]
    sum(s[year == t].T @ K @ s[year == t] for t in np.unique(year))
""",
        3_000,
    ),
    Line(
        "Sun-Abraham, 4 controls",
        """
from shidian.did.sun_abraham import fit_sun_abraham
def job(frame):
    fit_sun_abraham(frame, "y", CONTROLS, ["unit", "year"], BY_UNIT)
""",
        "pyfixest.feols, the same dummies",
        """
import pyfixest as pf
def job(frame):
    g = frame["adoption_year"].astype("Float64").fillna(0).to_numpy(dtype=float)
    cell = np.where((g > 0) & (frame["year"] != g - 1), g * 100 + frame["year"] - 2000, 0).astype(int)
    pf.feols("y ~ i(cell, ref=0) + x0 + x1 + x2 + x3 | unit + year", frame.assign(cell=cell), vcov={"CRV1": "unit"})
""",
        3_000,
    ),
    Line(
        "LP-DID, horizons -5 to 10, 4 controls",
        """
from shidian.did.lp_did import fit_lp_did
def job(frame):
    fit_lp_did(frame, "y", CONTROLS, -5, 10)
""",
        "pyfixest.feols on the stacked rows, stacking not timed",
        """
import pyfixest as pf
from shidian.did.lp_did import fit_lp_did
def job(frame):
    global begin
    fitted = fit_lp_did(frame, "y", CONTROLS, -5, 10).regression
    names = {term: f"c{j}" for j, term in enumerate(fitted.fit.terms)}
    rows = fitted.sample.frame.rename(columns={"change in y": "change", "_year_horizon": "yh", **names})
    begin = time.process_time()
    pf.feols(f"change ~ {' + '.join(names.values())} | yh", rows, vcov={"CRV1": "unit"})
""",
        3_000, 3_000,
    ),
    Line(
        "matching without replacement",
        MATCH + "\ndef job(frame):\n    match_neighbours(*parts(frame), MatchRule(replacement=False, support='none'))",
        "looking at all free controls",
        MATCH + """
def job(frame):
    score, treated, key = parts(frame)
    free = np.flatnonzero(~treated)
    for t in np.flatnonzero(treated)[np.argsort(-score[treated])]:
        if len(free):
            free = np.delete(free, np.lexsort((key[free], np.abs(score[free] - score[t]).round(12)))[0])
""",
        280,
    ),
    Line(
        "mediation bootstrap, 1,000 draws",
        MEDIATE,
        "a weighted demeaning a draw (64, scaled)",
        MEDIATE.replace("1000, 1)", "64, 1)\n    return 1000 / 64")
        + "\nfrom shidian.mediation import bootstrap\nbootstrap.LARGEST = bootstrap.DEARER = 0",
        3_000,
    ),
)  # fmt: skip


def measure(code: str, size: tuple[int, int]) -> tuple[float, float]:
    """Return the median CPU seconds and peak megabytes of ``RUNS`` fresh processes."""
    one = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS")
    environment = {**os.environ, **dict.fromkeys(one, "1")}
    command = [sys.executable, "-W", "ignore", "-c", SETUP + code + MEASURE, *map(str, size)]
    runs = [
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()[-2:]
        for _ in range(RUNS if size[0] < 100_000 else 1)
    ]
    seconds, megabytes = (statistics.median(float(run[i]) for run in runs) for i in (0, 1))
    return seconds, megabytes


def main(word: str = "") -> None:
    """Print a line for each estimator and size."""
    for line in LINES:
        if word not in line.name:
            continue
        for size in SIZES:
            if size[0] > line.units:
                continue
            seconds, megabytes = measure(line.code, size)
            text = f"{line.name:44s} {size[0]:7,d} x {size[1]:2d} {seconds:8.2f} s {megabytes:6.0f} MB"
            if size[0] <= line.peer_units:
                theirs, their_megabytes = measure(line.peer, size)
                text += f"   {line.peer_name}: {theirs:.2f} s {their_megabytes:.0f} MB, {theirs / seconds:.1f} times"
            print(text, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
