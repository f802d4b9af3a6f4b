"""Rows of the matrix: kinds on the distribution of a variable over units and its change."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.matrix.cells import WEIGHTS, Asked, Numbers, Row
from tests.matrix.made import BRANCHES
from tests.matrix.peers import feols, numbers
from tests.matrix.spatial import GAPS, PLACE, inverse_distance, whole

REGRESSIONS = ("effects",)
ANY_TREATMENT = ("switching", "continuous")
ZONES = [11, 12, 13]


def dagum_gini(asked: Asked) -> Numbers:
    """Dagum's double sums written out, every value beside every other."""
    rows = asked.rows.dropna(subset=["gie"])
    rows = rows[rows["zone"].isin(ZONES)]
    expected: Numbers = {}
    for year, mine in rows.groupby("year"):
        w = mine[asked.weights].to_numpy() if asked.weights else np.ones(len(mine))
        y, w, zone = mine["gie"].to_numpy(), w / w.sum(), mine["zone"].to_numpy()
        mean, pairs = w @ y, np.abs(y[:, None] - y) * np.outer(w, w)
        gini = pairs.sum() / (2 * mean)
        within = sum(pairs[np.ix_(zone == z, zone == z)].sum() for z in ZONES) / (2 * mean)
        between = 0.0
        for j, h in ((j, h) for j in ZONES for h in ZONES if j < h):
            (p, a), (q, b) = ((w[zone == z].sum(), np.average(y[zone == z], weights=w[zone == z])) for z in (j, h))
            between += p * q * abs(a - b) / mean
            g = pairs[np.ix_(zone == j, zone == h)].sum() / (p * q) / (a + b)
            expected[f"Gini, {j} and {h}", str(year)] = {"estimate": g}
        numbers = {"Gini": gini, "Inside groups": within, "Net between groups": between}
        numbers["Transvariation"] = gini - within - between
        for name, value in numbers.items():
            expected[name, str(year)] = {"estimate": value}
            if name != "Gini":
                expected[f"{name}, %", str(year)] = {"estimate": 100 * value / gini}
    return expected


def sigma_convergence(asked: Asked) -> Numbers:
    """Standard deviations of logarithms by numpy, the test as the correlation of sums and differences by scipy."""
    from scipy import stats

    rows = asked.rows.dropna(subset=["gie"]).assign(log=lambda d: np.log(d["gie"]))
    expected: Numbers = {("All", str(year)): {"estimate": np.std(mine)} for year, mine in rows.groupby("year")["log"]}
    ends = [rows["year"].min(), rows["year"].max()]
    a, b = rows.pivot(index="unit", columns="year", values="log")[ends].dropna().to_numpy().T
    chi2 = -(len(a) - 2.5) * np.log(1 - stats.pearsonr(a + b, a - b).statistic ** 2)
    expected["All", "variance, first over last"] = {"estimate": np.var(a) / np.var(b), "n_units": len(a)}
    expected["All", "χ² of equal variance"] = {"estimate": chi2}
    expected["All", "p of equal variance"] = {"estimate": stats.chi2.sf(chi2, 1)}
    return expected


def beta_convergence(asked: Asked) -> Numbers:
    """pyfixest on differences of logarithms made by pandas; the speed and its error by the derivative."""
    rows = asked.rows.dropna(subset=["gie"]).assign(level=lambda d: np.log(d["gie"]))
    after = rows[["unit", "year", "level"]].assign(year=rows["year"] - 1).rename(columns={"level": "after"})
    rows = rows.merge(after, on=["unit", "year"]).assign(growth=lambda d: d["after"] - d["level"])
    expected: Numbers = {}
    fit, column = feols(rows, "growth", ["level", "x"], ["year"]), "Conditional (OLS)"
    kept = 1 + fit.coef()["level"]
    expected[column, "speed of convergence"] = {"estimate": -np.log(kept), "se": fit.se()["level"] / kept}
    expected[column, "half-life"] = {"estimate": -np.log(2) / np.log(kept)}
    return {**numbers(fit, column, ["level", "x"]), **expected}


def markov_chain(asked: Asked) -> Numbers:
    """Classes cut and transitions crossed by pandas, neighbours by great circles, the statistic as a table's."""
    from scipy.stats.contingency import expected_freq

    rows = whole(asked, ["gie"])
    W = inverse_distance(rows)
    wide = rows.pivot(index="unit", columns="year", values="gie")
    cuts = np.quantile(rows["gie"], [1 / 3, 2 / 3])
    lag = pd.DataFrame(W @ wide.to_numpy(), wide.index, wide.columns)
    years = sorted(rows["year"].unique())
    start, end, near = (
        np.concatenate([np.digitize(frame[y + later], cuts, right=True) for y in years[:-1]])
        for frame, later in ((wide, 0), (wide, 1), (lag, 0))
    )
    expected: Numbers = {}
    blocks = {"": np.full(len(start), True)} | {f"neighbours in class {r + 1}: ": near == r for r in set(near)}
    for block, mask in blocks.items():
        table = pd.crosstab(start[mask], end[mask]).reindex(index=range(3), columns=range(3), fill_value=0)
        for i in range(3):
            expected["Transitions", f"{block}class {i + 1}"] = {"estimate": table.loc[i].sum()}
            if table.loc[i].sum():
                p = table.loc[i] / table.loc[i].sum()
                expected |= {(f"to {j + 1}", f"{block}class {i + 1}"): {"estimate": p[j]} for j in range(3)}
    tables = [pd.crosstab(near[start == i], end[start == i]).to_numpy() for i in range(3)]
    q = sum(((t - expected_freq(t)) ** 2 / expected_freq(t)).sum() for t in tables)
    df = sum((t.shape[0] - 1) * (t.shape[1] - 1) for t in tables)
    expected["Transitions", f"same whatever the neighbours: Q, χ²({df})"] = {"estimate": q}
    return expected


ROWS = {
    "dagum_gini": Row({"variable": "gie", "groups": {"variable": "zone"}, "sample": {"keep": {"zone": ZONES}}},
                      dagum_gini, "double sums written out", idle=(*REGRESSIONS, *ANY_TREATMENT),
                      category={"groups": {"variable": "branch"}, "sample": {"keep": {"branch": list(BRANCHES[:3])}}}),
    "sigma_convergence": Row({"variable": "gie"}, sigma_convergence, "numpy and scipy", {"weights": WEIGHTS},
                             idle=(*REGRESSIONS, *ANY_TREATMENT)),
    "beta_convergence": Row(
        {"variable": "gie", "controls": ["x"], "fixed_effects": ["year"], "forms": ["conditional"]}, beta_convergence,
        "pyfixest on differences by pandas", {"weights": WEIGHTS}, idle=(*REGRESSIONS, *ANY_TREATMENT)),
    "markov_chain": Row({"variable": "gie", "classes": 3, "weights": PLACE}, markov_chain, "pandas' cross tables",
                        {"weights": WEIGHTS}, idle=(*REGRESSIONS, *ANY_TREATMENT), unless=GAPS),
}  # fmt: skip
"""Kind -> its row."""
