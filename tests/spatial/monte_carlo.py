"""Monte Carlo check of the spatial panel models with planted dependence: bias, standard errors, coverage.

``python -m tests.spatial.monte_carlo`` prints the tables of docs/monte_carlo_spatial.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from shidian.spatial.effects import effects
from shidian.spatial.logdet import log_determinant
from shidian.spatial.models import SpatialFit, fit_spatial
from shidian.spatial.weights import Weights

from tests.spatial.spatial_panels import draw_panel, hub_weights, planar_weights

SEED = 20240601
REPLICATIONS = 500
UNITS, YEARS = 280, 15
X = ["x1", "x2"]
BETA, THETA, DEPENDENCE = (1.0, -0.5), (0.3, 0.2), 0.4
CELLS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "SAR": ({"rho": DEPENDENCE}, {"model": "sar"}),
    "SEM": ({"lam": DEPENDENCE}, {"model": "sem"}),
    "SDM": ({"rho": DEPENDENCE, "theta": THETA}, {"model": "sdm"}),
    "SDM, skewed AR(1) errors, clustered": (
        {"rho": DEPENDENCE, "theta": THETA, "skewed": True, "serial": 0.5},
        {"model": "sdm", "vcov": {"kind": "cluster", "by": "unit"}},
    ),
}
"""Name -> (what draws the panel, how it is estimated); two-way fixed effects, the default transformation."""
SMALL: dict[str, dict[str, Any]] = {
    "Q(Wy), Lee-Yu transformation (default)": {},
    "Q(Wy), bias correction": {"lee_yu": "correction"},
    "Q(Wy), no correction": {"lee_yu": "none"},
    "W(Qy), Lee-Yu transformation": {"demeaning": "demean_first"},
    "W(Qy), no correction": {"lee_yu": "none", "demeaning": "demean_first"},
}
DESIGNS = {"46 units, 10 years, 6 nearest neighbours": (46, 10), "20 units, 100 years, one hub": (20, 100)}


def truth(weights: Weights, drawn: Mapping[str, Any]) -> dict[str, float]:
    """Return the planted coefficients and effects of x1."""
    rho, theta = drawn.get("rho", 0.0), drawn.get("theta", (0.0, 0.0))
    S = np.linalg.solve(
        np.eye(weights.n) - rho * weights.matrix, BETA[0] * np.eye(weights.n) + theta[0] * weights.matrix
    )
    direct, total = float(np.trace(S) / weights.n), float(S.sum() / weights.n)
    return {
        "x1": BETA[0], "x2": BETA[1], "W*x1": theta[0], "W*x2": theta[1], "rho": rho, "lambda": drawn.get("lam", 0.0),
        "direct": direct, "indirect": total - direct, "total": total,
    }  # fmt: skip


def numbers(result: SpatialFit) -> dict[str, tuple[float, float]]:
    """Return term -> (estimate, standard error), the effects of x1 included where the model has spillovers."""
    found = dict(zip(result.fit.terms, zip(result.fit.coef, result.fit.se, strict=True), strict=True))
    if result.options.model != "sem":
        table = effects(result, ["x1"], draws=1000, seed=SEED).table
        found |= dict(zip(table["effect"], zip(table["estimate"], table["se"], strict=True), strict=True))
    return {k: (float(b), float(se)) for k, (b, se) in found.items()}


def one_draw(cell: str, draw: int, weights: Weights, logdet: Any) -> dict[str, tuple[float, float]]:
    """Return the numbers of one cell on one draw; draw d uses the random stream (SEED, d)."""
    drawn, estimated = CELLS[cell]
    rng = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(draw,)))
    panel = draw_panel(weights, YEARS, rng, beta=BETA, **drawn)
    return numbers(fit_spatial(panel, "y", X, weights, logdet=logdet, **estimated))


def table(replications: int = REPLICATIONS) -> pd.DataFrame:
    """Return one row a cell and term, with the gates' verdict."""
    weights = planar_weights(UNITS)
    logdet = log_determinant(weights)
    rows = []
    for cell, (drawn, _) in CELLS.items():
        draws = [one_draw(cell, d, weights, logdet) for d in range(replications)]
        rows += [{"cell": cell, **row} for row in summary(draws, truth(weights, drawn))]
    frame = pd.DataFrame(rows)
    low, high = coverage_band(replications, len(frame))
    mc_error = frame["sd"] / np.sqrt(replications)
    unbiased = frame["bias"].abs() <= 0.1 * frame["mean se"] + 3.5 * mc_error
    return frame.assign(passes=unbiased & frame["coverage"].between(low, high))


def small_samples(replications: int = 400) -> pd.DataFrame:
    """Return bias and coverage of the options in two designs where they differ."""
    rows = []
    for design, (n, T) in DESIGNS.items():
        weights = planar_weights(n) if "neighbours" in design else hub_weights(n)
        logdet = log_determinant(weights)
        for name, options in SMALL.items():
            draws = []
            for d in range(replications):
                rng = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(1, d)))
                panel = draw_panel(weights, T, rng, rho=DEPENDENCE, beta=BETA, theta=THETA)
                fit = fit_spatial(panel, "y", X, weights, "sdm", logdet=logdet, **options).fit
                draws.append(dict(zip(fit.terms, zip(fit.coef, fit.se, strict=True), strict=True)))
            found = summary(draws, truth(weights, {"rho": DEPENDENCE, "theta": THETA}))
            rows += [{"design": design, "option": name, **row} for row in found if row["term"] in ("x1", "W*x1", "rho")]
    return pd.DataFrame(rows)


def summary(draws: list[dict[str, tuple[float, float]]], true: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return bias, standard deviation, mean standard error and coverage of each term."""
    rows = []
    for term in draws[0]:
        b, se = np.array([d[term] for d in draws]).T
        covered = np.abs(b - true[term]) <= stats.norm.ppf(0.975) * se
        rows.append({
            "term": term, "truth": true[term], "bias": float(b.mean() - true[term]), "sd": float(b.std(ddof=1)),
            "mean se": float(se.mean()), "coverage": float(covered.mean()),
        })  # fmt: skip
    return rows


def coverage_band(replications: int, cells: int) -> tuple[float, float]:
    """Return the exact binomial 99.9% band around 95%, Bonferroni over the cells."""
    tail = 0.001 / cells / 2
    low, high = stats.binom.ppf([tail, 1 - tail], replications, 0.95) / replications
    return float(low), float(high)


def markdown(frame: pd.DataFrame) -> str:
    """Return the frame as a Markdown table."""
    head = "| " + " | ".join(frame.columns) + " |\n|" + "---|" * len(frame.columns)
    lines = [
        "| " + " | ".join(f"{v:.4f}" if isinstance(v, float) else str(v) for v in row) + " |"
        for row in frame.itertuples(index=False)
    ]
    return "\n".join([head, *lines])


if __name__ == "__main__":
    print(markdown(table()), markdown(small_samples()), sep="\n\n")
