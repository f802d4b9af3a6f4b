"""Rows of the matrix: space."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

from tests.matrix.cells import DATED, WEIGHTS, Asked, Numbers, Refused, Row
from tests.matrix.did import regression
from tests.matrix.peers import feols, great_circles, numbers

EDGES = (0, 60, 120)
CUTOFF = 200
BREAKS = (1.0, 2.5)
PLACE = {"kind": "inverse_distance", "longitude": "longitude", "latitude": "latitude"}


def whole(asked: Asked, names: list[str]) -> pd.DataFrame:
    """Return the rows of units with a value of some columns in every year, sorted."""
    rows = asked.rows.dropna(subset=names).sort_values(["unit", "year"])
    return rows[rows.groupby("unit")["year"].transform("size") == 8].reset_index(drop=True)


def inverse_distance(rows: pd.DataFrame) -> np.ndarray:
    """Return the row-normalised inverse distances of the units of some rows."""
    km = great_circles(rows)[1]
    np.fill_diagonal(km, np.inf)
    return 1 / km / (1 / km).sum(axis=1, keepdims=True)


def by_year(rows: pd.DataFrame, name: str) -> np.ndarray:
    """Return the (units, years) values of a column."""
    return rows.pivot(index="unit", columns="year", values=name).to_numpy(dtype=float)


def two_way(Y: np.ndarray) -> np.ndarray:
    """Return (units, years) values without the means of units and years, as one vector."""
    return np.asarray(Y - Y.mean(axis=0) - Y.mean(axis=1, keepdims=True) + Y.mean()).ravel()


def lag_model(rows: pd.DataFrame, W: np.ndarray) -> dict[str, float]:
    """Return the spatial-lag model with unit and year effects by Lee and Yu's transformed likelihood, maximised."""
    Y = by_year(rows, "y")
    n, T = Y.shape
    N, eigen = (n - 1) * (T - 1), np.linalg.eigvals(W)
    y, Wy = two_way(Y), two_way(W @ Y)
    X = np.column_stack([two_way(by_year(rows, name)) for name in ("did", "x")])

    def fit(rho: float) -> tuple[np.ndarray, float]:
        b = np.linalg.lstsq(X, y - rho * Wy, rcond=None)[0]
        return b, float(((y - rho * Wy - X @ b) ** 2).sum() / N)

    def loglik(rho: float) -> float:
        jacobian = np.log(np.abs(1 - rho * eigen)).sum() - np.log(1 - rho)
        return float(-N / 2 * (np.log(2 * np.pi * fit(rho)[1]) + 1) + (T - 1) * jacobian)

    rho = minimize_scalar(lambda r: -loglik(r), bounds=(-0.99, 0.99), method="bounded", options={"xatol": 1e-12}).x
    (did, x), sigma2 = fit(rho)
    return {"did": did, "x": x, "rho": rho, "sigma2": sigma2, "log_likelihood": loglik(rho)}


def spatial_did(asked: Asked) -> Numbers:
    """The likelihood of the spatial lag, maximised by scipy."""
    rows = whole(asked, ["y", "did", "x"])
    found = lag_model(rows, inverse_distance(rows))
    return {("SAR-DID", term): {"estimate": number} for term, number in found.items() if term != "rho"}


def weights_choice(asked: Asked) -> Numbers:
    """The likelihood of the spatial lag under each mixture of the two matrices, maximised by scipy."""
    rows = whole(asked, ["y", "did", "x", "income"])
    income = by_year(rows, "income").mean(axis=1)
    gap = np.abs(income[:, None] - income)
    np.fill_diagonal(gap, np.inf)
    near, alike = inverse_distance(rows), 1 / gap / (1 / gap).sum(axis=1, keepdims=True)
    return {
        ("sar log_likelihood", f"a = {a:g}"): {
            "estimate": lag_model(rows, a * near + (1 - a) * alike)["log_likelihood"]
        }
        for a in (0, 0.5, 1)
    }


def spatial_selection(asked: Asked) -> Numbers:
    """Elhorst's Lagrange-multiplier tests of the residuals of least squares, on the transformed observations."""
    rows = whole(asked, ["y", "did", "x"])
    W, Y = inverse_distance(rows), by_year(rows, "y")
    n, T = Y.shape
    J = np.eye(n) - 1 / n
    X = np.column_stack([two_way(by_year(rows, name)) for name in ("did", "x")])
    y = two_way(Y)
    b = np.linalg.lstsq(X, y, rcond=None)[0]
    e = y - X @ b
    s2 = e @ e / ((n - 1) * (T - 1))
    V = J @ W @ J
    trace = (T - 1) * np.trace(V @ V + V.T @ V)
    lagged = (V @ (X @ b).reshape(n, T)).ravel()
    left = lagged - X @ np.linalg.lstsq(X, lagged, rcond=None)[0]
    lag = (e @ two_way(W @ Y) / s2) ** 2 / (left @ left / s2 + trace)
    error = (e @ (V @ e.reshape(n, T)).ravel() / s2) ** 2 / trace
    return {("χ²", "LM lag"): {"estimate": lag}, ("χ²", "LM error"): {"estimate": error}}


def moran(asked: Asked) -> Numbers:
    """Moran's I by its double sum, year by year."""
    rows = whole(asked, ["y"])
    W, Y = inverse_distance(rows), by_year(rows, "y")
    Z = Y - Y.mean(axis=0)
    years = sorted(rows["year"].unique())
    return {("Moran's I", str(t)): {"estimate": z @ W @ z / (z @ z)} for t, z in zip(years, Z.T, strict=True)}


def weights_summary(asked: Asked) -> Numbers:
    """Numbers of the matrix by numpy."""
    rows = whole(asked, ["y", "did", "x"])
    W, km = inverse_distance(rows), great_circles(rows)[1]
    n, links = len(W), W > 0
    facts = {
        "units": n, "links": links.sum(), "largest weight": W.max(), "smallest weight": W[links].min(),
        "largest column sum": W.sum(axis=0).max(), "mean distance of links, km": km[links].mean(),
        "lower end of ρ": 1 / np.linalg.eigvals(W).real.min(),
    }  # fmt: skip
    return {("inverse_distance", term): {"estimate": number} for term, number in facts.items()}


def choropleth(asked: Asked) -> Numbers:
    """Units a class and year, counted."""
    shown = asked.rows[asked.rows["year"].isin([2001, 2008])]
    ends = (shown["y"].min(), *BREAKS, shown["y"].max())
    expected: Numbers = {}
    names = [f"{low:.4f} – {high:.4f}" for low, high in pairwise(ends)]
    names[0], names[-1] = f"≤ {BREAKS[0]:.4f}", f"> {BREAKS[-1]:.4f}"
    for name, (low, high) in zip(names, pairwise(ends), strict=True):
        for year, part in shown.groupby("year"):
            inside = (part["y"] > low) & (part["y"] <= high) | ((part["y"] == low) & (low == ends[0]))
            expected[str(year), name] = {"estimate": inside.sum()}
    return expected


def conley(asked: Asked) -> Numbers:
    """pyfixest, and sums over pairs of units within the cut-off in a year."""
    fit = feols(asked.rows, "y", ["did", "x"], asked.effects, asked.weights)
    rows = asked.complete
    codes, km = great_circles(asked.rows)
    at = rows["unit"].map({code: i for i, code in enumerate(codes)}).to_numpy()
    crossed = rows.assign(**{"branch#year": rows["branch"] + rows["year"].astype(str)})
    w = np.sqrt(rows[asked.weights].to_numpy()) if asked.weights else np.ones(len(rows))
    D = np.column_stack([pd.get_dummies(crossed[one], dtype=float) for one in asked.effects]) * w[:, None]
    Y = rows[["did", "x", "y"]].to_numpy(dtype=float) * w[:, None]
    within = Y - D @ np.linalg.lstsq(D, Y, rcond=None)[0]
    X, y = within[:, :2], within[:, 2]
    bread = np.linalg.inv(X.T @ X)
    s = X * (y - X @ bread @ X.T @ y)[:, None]
    pairs = (rows["year"].to_numpy()[:, None] == rows["year"].to_numpy()) & (km[np.ix_(at, at)] <= CUTOFF)
    V = bread @ s.T @ pairs @ s @ bread
    b = fit.coef()
    spatial = {("(2)", name): {"estimate": b[name], "se": np.sqrt(V[i, i])} for i, name in enumerate(("did", "x"))}
    return {**numbers(fit, "(1)", ["did", "x"]), **spatial}


def spillover_rings(asked: Asked) -> Numbers:
    """pyfixest on indicators of a treated unit in the nearest ring, made by distances."""
    rows = asked.rows.reset_index(drop=True)
    codes, km = great_circles(rows)
    place = {code: i for i, code in enumerate(codes)}
    rings = [f"ring{i}" for i in range(len(EDGES) - 1)]
    for _, part in rows.groupby("year"):
        treated = [place[unit] for unit in part.loc[part["did"] == 1, "unit"]]
        for index, unit in part["unit"].items():
            near = [km[place[unit], j] for j in treated if j != place[unit]]
            inside = [any(low < d <= high for d in near) for low, high in pairwise(EDGES)]
            first = inside.index(True) if any(inside) and rows.loc[index, "did"] == 0 else -1
            rows.loc[index, rings] = [float(i == first) for i in range(len(rings))]
    terms = {f"ring{i}": f"ring {low}–{high} km" for i, (low, high) in enumerate(pairwise(EDGES))}
    fit = feols(rows, "y", ["did", *rings, "x"], asked.effects, asked.weights)
    return {**regression(asked, "without rings", ["did", "x"]), **numbers(fit, "with rings", {"did": "did", **terms})}


OWN_EFFECTS = Refused("fixed_effects", "[unit, year]", "`[unit, year]`")
BALANCED = Refused("balanced panel", "unbalanced: drop_units", "`unbalanced: drop_units`")
GAPS = {"gaps": (BALANCED, {"unbalanced": "drop_units"})}
OUTLINES = {
    "continuous": (Refused("treatment.kind: continuous", "outline: none", "`outline: none`"), {"outline": "none"})
}
MODELS = {"weights": WEIGHTS, "effects": OWN_EFFECTS}
CATEGORY = {"fixed_effects": ["unit", "year", "branch"]}
DESCRIBED = ("effects", "switching", "continuous")
ROWS = {
    "conley": Row({"cutoffs_km": [CUTOFF]}, conley, "pyfixest and sums over pairs", category=CATEGORY),
    "spillover_rings": Row({"edges_km": list(EDGES)}, spillover_rings, "pyfixest on rings by distance", DATED,
                           category=CATEGORY),
    "map": Row({"years": [2001, 2008], "classes": "breaks", "breaks": list(BREAKS)}, choropleth, "units counted",
               {"weights": WEIGHTS}, idle=("effects", "switching"), unless=OUTLINES),
    "moran": Row({"weights": PLACE, "permutations": 99}, moran, "its double sum", {"weights": WEIGHTS},
                 idle=DESCRIBED, unless=GAPS, drawn="permutation|local"),
    "weights_summary": Row({"weights": PLACE}, weights_summary, "numpy", {"weights": WEIGHTS}, idle=DESCRIBED,
                           unless=GAPS),
    "weights_choice": Row(
        {"weights": {**PLACE, "kind": "composite", "income": "income"}, "models": ["sar"], "grid": [0, 0.5, 1]},
        weights_choice, "its likelihood maximised by scipy", MODELS, unless=GAPS),
    "spatial_did": Row({"weights": PLACE, "models": ["sar", "sdm"], "draws": 50}, spatial_did,
                       "its likelihood maximised by scipy", MODELS, unless=GAPS),
    "spatial_selection": Row({"weights": PLACE}, spatial_selection, "the tests written out", MODELS, unless=GAPS),
}  # fmt: skip
"""Kind -> its row."""
