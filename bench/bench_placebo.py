"""Placebo draws against a loop of ``pyfixest.feols`` in the same run, one thread, CPU time.

``python -m bench.bench_placebo``. Ratios are medians of five paired runs. Our side is everything a chunk job does:
sample, partialling out, random numbers, coefficients, standard errors, t, p and the tidy frame. The peer's side is
the treatment column of a draw and ``feols`` with clustered errors and its p-value; its first, compiling call is not
timed. The ratio depends on the draws over which the preparation is spread: 20,000 and 5,000 are both printed. feols is
the usual way, not the fastest simple one: that is a loop of numpy over draws of a balanced panel, outcome and controls
partialled out once, which is printed too.
"""

from __future__ import annotations

import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from shidian.placebo.draws import draw_frame
from shidian.placebo.prepare import prepare
from shidian.placebo.settings import read_settings

from bench.goals import ratio, verdict

RUNS, PEER_DRAWS, PARTIALLED_DRAWS, FEWER_DRAWS = 5, 20, 1000, 5000
CASES = {
    "280 x 15, 5 controls": ({"n": 280, "years": 15, "controls": 5}, 20_000, 2700),
    "280 x 13 unbalanced": ({"n": 280, "years": 13, "controls": 0, "share": 0.95}, 20_000, 900),
    "1,287 x 9, 8 controls": ({"n": 1287, "years": 9, "controls": 8}, 10_000, 900),
}
"""Case -> panel, draws a run, ratio asked for."""


def make_panel(n: int, years: int, controls: int, share: float = 1.0, seed: int = 1) -> pd.DataFrame:
    """Return a panel of n units, a fifth treated in all years but the first two; ``share`` of its rows is kept."""
    rng = np.random.default_rng(seed)
    unit, year = np.repeat(np.arange(n), years), np.tile(np.arange(2001, 2001 + years), n)
    adoption = np.full(n, np.nan)
    treated = rng.permutation(n)[: n // 5]
    adoption[treated] = rng.integers(2003, 2001 + years, len(treated))
    data: dict[str, Any] = {
        "unit": np.char.add("u", np.char.zfill(unit.astype(str), 6)), "year": year,
        "adoption_year": pd.array(adoption[unit], dtype="Float64").astype("Int64"),
        "y": rng.normal(size=n)[unit] + rng.normal(size=n * years),
    }  # fmt: skip
    data |= {f"x{j}": rng.normal(size=n)[unit] + rng.normal(size=n * years) for j in range(controls)}
    frame = pd.DataFrame(data)
    return frame.loc[np.sort(rng.permutation(len(frame))[: int(share * len(frame))])].reset_index(drop=True)


def spec_of(controls: int, **changes: Any) -> dict[str, Any]:
    """Return the specification of a placebo exhibit on such a panel."""
    return {
        "outcome": "y", "controls": [f"x{j}" for j in range(controls)], "fixed_effects": ["unit", "year"],
        "vcov": {"kind": "cluster", "by": "unit"}, "ssc": "fixest", **changes,
    }  # fmt: skip


def cpu(task: Callable[[], Any]) -> float:
    """Return the CPU seconds of a task."""
    start = time.process_time()
    task()
    return time.process_time() - start


def peer(panel: pd.DataFrame, controls: int) -> Callable[[], None]:
    """Return the loop of feols over some draws."""
    import pyfixest

    design = prepare(panel, read_settings(spec_of(controls), 1)).design
    formula = "y ~ D" + "".join(f" + x{j}" for j in range(controls)) + " | unit + year"
    rng = np.random.default_rng(2)

    def loop(draws: int = PEER_DRAWS) -> None:
        for _ in range(draws):
            adoption = np.full(design.n_units, 9999)
            adoption[rng.permutation(design.n_units)[: design.n_units // 5]] = rng.choice(design.years[2:])
            frame = design.frame.assign(D=(design.year >= adoption[design.unit]).astype(float))
            fit = pyfixest.feols(formula, frame, vcov={"CRV1": "unit"}, store_data=False)
            fit.pvalue()["D"]

    loop(1)
    return loop


def partialled_loop(panel: pd.DataFrame, controls: int) -> Callable[[], None]:
    """Return the loop of numpy over some draws: demeaning, projection, coefficient and clustered error of each."""
    units, years = panel["unit"].nunique(), panel["year"].nunique()

    def within(values: np.ndarray) -> np.ndarray:
        values = values - values.mean(axis=1, keepdims=True)
        return values - values.mean(axis=0)

    columns = [within(panel[name].to_numpy().reshape(units, years)).ravel() for name in spec_of(controls)["controls"]]
    Q = np.linalg.qr(np.column_stack(columns))[0]
    y = within(panel["y"].to_numpy().reshape(units, years)).ravel()
    y -= Q @ (Q.T @ y)
    rng, time_of = np.random.default_rng(2), np.arange(years)
    k = controls + 1 + years
    factor = (len(y) - 1) / (len(y) - k) * units / (units - 1)

    def loop(draws: int = PARTIALLED_DRAWS) -> None:
        for _ in range(draws):
            adoption = np.full(units, 9999)
            adoption[rng.permutation(units)[: units // 5]] = rng.integers(2, years, units // 5)
            d = within((time_of >= adoption[:, None]).astype(float)).ravel()
            d -= Q @ (Q.T @ d)
            square = d @ d
            b = d @ y / square
            sums = (d * (y - b * d)).reshape(units, years).sum(axis=1)
            float(np.sqrt(factor * (sums @ sums)) / square)

    loop(1)
    return loop


def compare() -> None:
    """Print draws a second of both sides and the ratio, for each panel."""
    print(f"{'panel':<24}{'draws':>8}{'feols, draws/s':>16}{'batched, draws/s':>18}  ratio, preparation included")
    for name, (shape, most, asked) in CASES.items():
        panel, controls = make_panel(**shape), shape["controls"]
        loop = peer(panel, controls)
        for draws in (most, FEWER_DRAWS):
            slow, fast = paired(panel, controls, loop, PEER_DRAWS, draws)
            found = ratio(slow, fast)
            said = verdict(found, asked) if draws == most else f"{found:,.0f} times"
            print(f"{name:<24}{draws:>8,}{1 / median(slow):>16.1f}{1 / median(fast):>18,.0f}  {said}", flush=True)
    panel = make_panel(**CASES["280 x 15, 5 controls"][0])
    slow, fast = paired(panel, 5, partialled_loop(panel, 5), PARTIALLED_DRAWS, FEWER_DRAWS)
    print(f"280 x 15, {FEWER_DRAWS:,} draws: {ratio(slow, fast):.1f} times a loop of numpy, partialled out once "
          f"({1 / median(slow):,.0f} draws/s)", flush=True)  # fmt: skip


def paired(
    panel: pd.DataFrame, controls: int, loop: Callable[[], Any], drawn: int, draws: int
) -> tuple[list[float], list[float]]:
    """Return seconds a draw of a peer's loop of ``drawn`` draws, and of ours of ``draws``, paired runs."""
    spec = spec_of(controls, draws=draws)
    draw_frame(panel, spec, "D", 1, 0, 9)
    slow, fast = [], []
    for _ in range(RUNS):
        slow.append(cpu(loop) / drawn)
        fast.append(cpu(lambda: draw_frame(panel, spec, "D", 1, 0, draws - 1)) / draws)
    return slow, fast


def other_engines() -> None:
    """Print draws a second of the engines that have no ratio asked for."""
    panel = make_panel(**CASES["280 x 15, 5 controls"][0])
    panel["province_year"] = panel["unit"].str[-1] + "_" + panel["year"].astype(str)
    changes = {
        "heteroskedastic (HC1)": (4000, {"vcov": {"kind": "hetero"}}),
        "province x year effects": (4000, {"fixed_effects": ["unit", "province_year"]}),
        "event study, -6 to 4": (300, {"estimator": "event_study", "window": [-6, 4]}),
    }
    print(f"\n{'280 x 15, 5 controls':<28}{'draws/s':>10}")
    for name, (draws, change) in changes.items():
        spec = spec_of(5, draws=draws, **change)
        draw_frame(panel, spec, "D", 1, 0, 1)
        print(f"{name:<28}{draws / cpu(lambda s=spec, d=draws: draw_frame(panel, s, 'D', 1, 0, d - 1)):>10,.0f}")  # type: ignore[misc]


def peak_memory() -> float:
    """Return the peak resident memory of this process in MB (Linux)."""
    status = Path("/proc/self/status").read_text()
    return float(status.split("VmHWM:")[1].split()[0]) / 1024


def curve(n: int, years: int, controls: int, draws: int) -> None:
    """Print seconds and peak memory of some draws on one panel, in a process of its own."""
    panel, spec = make_panel(n, years, controls), spec_of(controls, draws=draws)
    draw_frame(make_panel(50, years, controls), spec, "D", 1, 0, 0)  # compiled code is loaded once a process
    before = peak_memory()
    preparing = cpu(lambda: draw_frame(panel, spec, "D", 1, 0, 0))
    seconds = cpu(lambda: draw_frame(panel, spec, "D", 1, 0, draws - 1))
    each = (seconds - preparing) / (draws - 1)
    print(
        f"{n:>8,}{years:>7}{draws:>10,}{preparing:>13.2f}{seconds:>8.2f}{1e6 * each:>12.1f}{1e9 * each / n:>17.1f}"
        f"{peak_memory():>9,.0f}{before:>19,.0f}",
        flush=True,
    )


def curves() -> None:
    """Print how time and memory grow with draws and with units."""
    heads = ("units", "years", "draws", "one draw, s", "all, s", "us a draw", "ns a draw, unit", "peak MB")
    widths = (8, 7, 10, 13, 8, 12, 17, 9)
    print("\n" + "".join(f"{h:>{w}}" for h, w in zip(heads, widths, strict=True)) + f"{'before drawing, MB':>19}")
    points = [(1287, 9, 8, d) for d in (12_500, 25_000, 50_000, 100_000)]
    points += [(n, 10, 2, 200_000_000 // n) for n in (300, 1_000, 3_000, 10_000, 30_000, 100_000)]
    for point in points:
        command = [sys.executable, "-m", "bench.bench_placebo", "curve", *map(str, point)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["curve"]:
        curve(*map(int, sys.argv[2:]))
    else:
        compare()
        other_engines()
        curves()
