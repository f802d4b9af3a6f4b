"""Monte Carlo check of the DID estimators on panels with a planted effect: bias, standard errors, coverage, size.

``python -m tests.did.monte_carlo`` prints the table of docs/monte_carlo_did.md. The design meets each estimator's
assumptions: parallel trends, AR(1) errors, effects that grow with time since adoption (constant for TWFE). An estimate
is graded against its pseudo-true value, the same estimator on the same design without noise.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats
from shidian.did.event_study import Window, fit_event_study
from shidian.did.staggered import ESTIMATORS, design, estimate
from shidian.did.twfe import regress
from shidian.did.wild_bootstrap import cluster_sums, p_value, rademacher

from tests.did.simulate import staggered_panel

SEED = 20240601
REPLICATIONS = 500
UNITS, YEARS, RHO = 120, 10, 0.5
WINDOW = (-3, 2)
BY_UNIT = {"kind": "cluster", "by": "unit"}
LEVEL = 0.05
WILD_UNITS, WILD_DRAWS = 12, 399


def growing(tau: np.ndarray) -> np.ndarray:
    """Return the planted effect: 1 on adoption, 0.25 more each year."""
    return 1 + 0.25 * tau


def constant(tau: np.ndarray) -> np.ndarray:
    """Return the planted effect of the design that TWFE is made for."""
    return np.ones_like(tau)


def planted(name: str):
    """Return the effect under which an estimator's assumptions hold."""
    return constant if name == "twfe" else growing


def estimates(seed: int, noise: float = 1.0) -> Iterator[tuple[str, float, float, float]]:
    """Yield (cell, estimate, standard error, df) of every estimator on one draw."""
    panels = {effect: staggered_panel(seed, effect, noise, UNITS, YEARS, RHO) for effect in (growing, constant)}
    for name in ESTIMATORS:
        effects = estimate(name, design(panels[planted(name)], "y", [], WINDOW))
        yield f"{name}: overall", effects.att, effects.att_se, effects.df
        one = effects.event.set_index("tau").loc[1]
        yield f"{name}: τ = 1", float(one["estimate"]), float(one["se"]), effects.df


def rejections(seed: int) -> Iterator[tuple[str, bool]]:
    """Yield (test, rejected) of tests whose null hypothesis is true."""
    panel = staggered_panel(seed, growing, 1.0, UNITS, YEARS, RHO)
    study = fit_event_study(panel, "y", [], ["unit", "year"], Window(-3, 2), BY_UNIT)
    assert study.pretrend is not None
    yield "joint pre-trend test", study.pretrend.p < LEVEL
    few = staggered_panel(seed, lambda tau: 0 * tau, 1.0, WILD_UNITS, YEARS, RHO)
    regression = regress(few, "y", ["d"], ["unit", "year"], BY_UNIT)
    sums = cluster_sums(regression, "d", ["unit", "year"], "unit")
    weights, _ = rademacher(sums.labels, WILD_DRAWS, seed)
    yield f"wild cluster bootstrap, {WILD_UNITS} clusters", p_value(sums, weights) < LEVEL


def draw_seeds(replications: int) -> list[int]:
    """Return the seeds of the replications, each derived from SEED alone."""
    return [int(np.random.SeedSequence(SEED, spawn_key=(d,)).generate_state(1)[0]) for d in range(replications)]


def table(replications: int = REPLICATIONS) -> pd.DataFrame:
    """Run the experiment; one row a cell with the two gates."""
    seeds = draw_seeds(replications)
    truth = {cell: value for cell, value, _, _ in estimates(seeds[0], noise=0.0)}
    draws = pd.DataFrame(
        [(cell, b, se, df) for seed in seeds for cell, b, se, df in estimates(seed)],
        columns=["cell", "estimate", "se", "df"],
    )
    tests = pd.DataFrame([pair for seed in seeds for pair in rejections(seed)], columns=["cell", "rejected"])
    cells = draws["cell"].nunique() + tests["cell"].nunique()
    rows = []
    for cell, part in draws.groupby("cell", sort=False):
        gap = part["estimate"] - truth[cell]
        quantile = np.where(np.isinf(part["df"]), stats.norm.ppf(0.975), stats.t.ppf(0.975, part["df"].clip(upper=1e9)))
        covered = int((gap.abs() <= quantile * part["se"]).sum())
        low, high = band(replications, 1 - LEVEL, cells)
        limit = 0.1 * part["se"].mean() + 3.5 * part["estimate"].std() / np.sqrt(replications)
        rows.append({
            "cell": cell, "truth": truth[cell], "bias": gap.mean(), "allowed": limit, "sd": part["estimate"].std(),
            "mean_se": part["se"].mean(), "rate": covered / replications, "low": low, "high": high,
            "passes": abs(gap.mean()) <= limit and low <= covered / replications <= high,
        })  # fmt: skip
    for cell, part in tests.groupby("cell", sort=False):
        low, high = band(replications, LEVEL, cells)
        rate = part["rejected"].mean()
        rows.append({"cell": cell, "rate": rate, "low": low, "high": high, "passes": low <= rate <= high})
    return pd.DataFrame(rows)


def band(n: int, p: float, cells: int, level: float = 0.999) -> tuple[float, float]:
    """Return the exact binomial band of a rate, Bonferroni over the cells gated."""
    tail = (1 - level) / cells / 2
    return float(stats.binom.ppf(tail, n, p) / n), float(stats.binom.ppf(1 - tail, n, p) / n)


def markdown(frame: pd.DataFrame) -> str:
    """Return the table as printed in docs/."""
    head = "| cell | truth | bias | allowed | SD of estimates | mean SE | coverage or size | band | passes |"
    lines = [head, "|" + "---|" * 9]
    for row in frame.to_dict("records"):
        numbers = [row.get(k) for k in ("truth", "bias", "allowed", "sd", "mean_se")]
        cells = ["" if v is None or pd.isna(v) else f"{v:.4f}" for v in numbers]
        cells += [f"{row['rate']:.3f}", f"{row['low']:.3f}–{row['high']:.3f}", "yes" if row["passes"] else "NO"]
        lines.append(f"| {row['cell']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown(table(int(sys.argv[1]) if len(sys.argv) > 1 else REPLICATIONS)))
