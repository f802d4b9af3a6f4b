"""Speed of Super-SBM side by side with PuLP + CBC and warm-started HiGHS: ``python -m bench.bench_efficiency``.

280 units x 15 years, three inputs, three desirable outputs, one undesirable; SBM for all, Super-SBM for the
efficient. CPU seconds of one thread (children included: CBC is one), medians of five runs in which all peers are
measured one after the other; the slow peers on a subset, their rates in programs a second. Scores are checked
against HiGHS first.

The goals of 4,000 and 60 were set when PuLP + CBC solved 31 programs a second; it solves 67 now, and ours 230,000
(CRS) and 194,000 (VRS) where the prototype solved 141,000 and 148,000. What is left: 4 to 5 µs a program, of which 82
% in the compiled simplex: 4 to 5 pivots over 18 (CRS) or 32 (VRS) columns, and once a program the price of all 280
columns that its certificate needs, 5 to 8 % of it. Four ways of writing the same arithmetic (transposed inverse, rows
in threes and fours, no allocation, a fused pool) returned the same bytes in the same time (-4 to +6 %, which is
noise). Fewer pivots, by starting from the basis of the unit before, would be another path to the same optimum and move
the last digits of every score.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import highspy
import numpy as np
import pulp
from shidian.efficiency import bootstrap_scores, build_technology, measure
from shidian.efficiency.definition import sbm_model, solve, super_sbm_model
from shidian.efficiency.result import NOT_NEEDED
from shidian.efficiency.technology import Technology

from bench.goals import verdict

UNITS, YEARS, COUNTS = 280, 15, (3, 3, 1)
PULP_UNITS = 10
RUNS = 5
PULP_GOAL, WARM_GOAL = 4000, 60


def simulated(seed: int = 0) -> Technology:
    """Return a panel of 280 x 15 log-normal observations."""
    rng = np.random.default_rng(seed)
    n = UNITS * YEARS
    values = np.exp(rng.normal(0, 1, (n, 1)) + 0.5 * rng.normal(size=(n, sum(COUNTS))))
    unit, year = np.tile(np.arange(UNITS), YEARS), np.repeat(2007 + np.arange(YEARS), UNITS)
    x, y, b = np.split(values, np.cumsum(COUNTS)[:-1], axis=1)
    return build_technology(x, y, b, unit=unit, year=year)


def cpu(run: Callable[[], object]) -> float:
    """Return the CPU seconds of a call, child processes included."""
    start, children = time.process_time(), _children()
    run()
    return time.process_time() - start + _children() - children


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def programs_of(technology: Technology, year: int, efficient: np.ndarray, units: int) -> list[tuple[int, bool]]:
    """Return (unit of the year, super stage?) of the programs of the first units of a year."""
    rows = np.flatnonzero(technology.year == year)
    tasks = [(o, False) for o in range(units)]
    return tasks + [(o, True) for o in range(units) if efficient[rows[o]]]


def run_pulp(technology: Technology, tasks: list[tuple[int, bool]], year: int, returns: str) -> None:
    """Solve programs by PuLP and CBC, one model each."""
    values = technology.values[technology.year == year]
    solver = pulp.PULP_CBC_CMD(msg=False, threads=1)
    for o, above in tasks:
        reference = np.delete(values, o, axis=0) if above else values
        build = super_sbm_model if above else sbm_model
        solve(build(reference.T, values[o], technology.counts, technology.weights, returns, "none"), solver)  # type: ignore[arg-type]


class WarmHighs:
    """One HiGHS model a year and stage; each unit changes its coefficients and starts from the last basis."""

    def __init__(self, values: np.ndarray, technology: Technology, returns: str, above: bool) -> None:
        self.values = values / np.exp(np.log(values).mean(axis=0))  # raw units would make HiGHS wrong
        self.sign, self.weights = technology.counts.sign, technology.weights
        self.m, self.above = technology.counts.inputs, above
        n, K = values.shape
        self.n, self.K = n, K
        model = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1)):
            model.setOptionValue(option, value)
        inf = highspy.kHighsInf
        rows = 1 + K + (returns == "vrs")
        for i in range(rows):
            free = above and 1 <= i <= K
            lower, upper = (
                (-inf, 0.0) if free and self.sign[i - 1] > 0 else (0.0, inf) if free else (float(i == 0),) * 2
            )
            model.addRow(lower, upper, 0, np.zeros(0, np.int32), np.zeros(0))
        ones = [K + 1] if returns == "vrs" else []
        for j in range(n):
            index = np.array([*range(1, K + 1), *ones], np.int32)
            model.addCol(0.0, 0.0, inf, len(index), index, np.array([*self.values[j], *[1.0] * len(ones)]))
        for i in range(K):
            entry = self.sign[i] * (-1.0 if above else 1.0)
            model.addCol(0.0, 0.0, inf, 2, np.array([0, 1 + i], np.int32), np.array([1.0, entry]))
        index = np.array([0, *range(1, K + 1), *ones], np.int32)
        model.addCol(1.0, 0.0, inf, len(index), index, np.array([1.0] * (K + 1) + [-1.0] * len(ones)))
        self.model = model

    def score(self, o: int) -> float:
        """Return unit o's score."""
        model, z = self.model, self.values[o]
        direction = -1.0 if self.above else 1.0
        for i in range(self.K):
            weight = direction * self.weights[i] / z[i]
            is_input = i < self.m
            model.changeColCost(self.n + i, -weight if is_input else 0.0)
            model.changeCoeff(0, self.n + i, 0.0 if is_input else weight)
            model.changeCoeff(1 + i, self.n + self.K, -z[i])
        if self.above:
            model.changeColBounds(o, 0.0, 0.0)
        model.run()
        objective = float(model.getInfo().objective_function_value)
        if self.above:
            model.changeColBounds(o, 0.0, highspy.kHighsInf)
        return objective


def run_warm(technology: Technology, year: int, efficient: np.ndarray, returns: str) -> np.ndarray:
    """Solve one year's two stages by warm-started HiGHS."""
    rows = technology.year == year
    values = technology.values[rows]
    sbm = WarmHighs(values, technology, returns, False)
    scores = np.array([sbm.score(o) for o in range(len(values))])
    above = WarmHighs(values, technology, returns, True)
    for o in np.flatnonzero(efficient[rows]):
        scores[o] = above.score(o)
    return scores


def compare(technology: Technology, returns: str, runs: int) -> None:
    """Print rates and ratios of one kind of returns to scale."""
    fast = measure(technology, returns=returns, engine="fast")
    oracle = measure(technology, returns=returns, engine="highs")
    order = np.argsort(fast.row)
    worst = np.nanmax(np.abs(fast.score - oracle.score) / np.maximum(1.0, oracle.score))
    print(f"{returns}: largest difference from HiGHS {worst:.1e}; counts {fast.counts()}")
    if not worst < 1e-9:
        raise SystemExit("the compiled engine and HiGHS disagree")
    efficient = (fast.superstage.status != NOT_NEEDED)[order]
    programs = fast.counts()["programs"]
    year = 2007
    warm_programs = UNITS + int(efficient[technology.year == year].sum())
    warm = run_warm(technology, year, efficient, returns)
    gap = np.nanmax(np.abs(warm - fast.score[order][technology.year == year]))
    print(f"  warm-started HiGHS differs by {gap:.1e} on {year}")
    tasks = programs_of(technology, year, efficient, PULP_UNITS)
    rates: dict[str, list[float]] = {"fast": [], "pulp": [], "warm": []}
    for _ in range(runs):
        rates["fast"].append(programs / cpu(lambda: measure(technology, returns=returns, engine="fast")))
        rates["warm"].append(warm_programs / cpu(lambda: run_warm(technology, year, efficient, returns)))
        rates["pulp"].append(len(tasks) / cpu(lambda: run_pulp(technology, tasks, year, returns)))
    fast_rate, pulp_rate, warm_rate = (np.array(rates[name]) for name in ("fast", "pulp", "warm"))
    print(f"  programs a second: compiled {np.median(fast_rate):,.0f}, PuLP + CBC {np.median(pulp_rate):,.1f}, "
          f"warm-started HiGHS {np.median(warm_rate):,.0f}")  # fmt: skip
    print(f"  compiled against PuLP + CBC {verdict(float(np.median(fast_rate / pulp_rate)), PULP_GOAL)}, "
          f"against warm-started HiGHS {verdict(float(np.median(fast_rate / warm_rate)), WARM_GOAL)}")  # fmt: skip
    yearly = [cpu(lambda: measure(technology, returns=returns, engine="fast")) for _ in range(runs)]
    pooled = [cpu(lambda: measure(technology, returns=returns, frontier="global", engine="fast")) for _ in range(runs)]
    print(f"  yearly frontiers {np.median(yearly):.3f} s, global frontier of {len(technology.unit)} "
          f"{np.median(pooled):.3f} s, ratio {np.median(np.array(pooled) / np.array(yearly)):.1f}")  # fmt: skip


def peak_memory() -> None:
    """Print the peak memory of a process that measures the global frontier, and of one that only imports."""
    script = (
        "import resource\nfrom bench.bench_efficiency import simulated, measure\n{}"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    work = "measure(simulated(), frontier='global', returns='vrs', engine='fast')\n"
    peaks = [
        float(
            subprocess.run(
                [sys.executable, "-c", script.format(body)], capture_output=True, text=True, check=True
            ).stdout
        )
        for body in ("", work)
    ]
    print(f"peak memory: global frontier {peaks[1]:.0f} MB, of which imports {peaks[0]:.0f} MB")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--replications", type=int, default=1000)
    options = parser.parse_args()
    technology = simulated()
    for returns in ("crs", "vrs"):
        compare(technology, returns, options.runs)
    peak_memory()
    for returns in ("crs", "vrs"):
        seconds = cpu(
            lambda returns=returns: bootstrap_scores(  # type: ignore[misc]
                technology, seed=1, replications=options.replications, returns=returns, engine="fast"
            )
        )
        print(f"bootstrap {returns}: {options.replications} replications of {UNITS} x {YEARS} in {seconds:.1f} s")


if __name__ == "__main__":
    main()
