"""Rows of the matrix: efficiency."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from tests.matrix.cells import WEIGHTS, Asked, Numbers, Row
from tests.matrix.data import index_of
from tests.matrix.peers import feols, numbers

FIRST, LAST = 2003, 2006
"""Years measured: few, since every score is a linear program."""
INPUTS, GOOD, BAD = ("capital", "labour"), "gdp", "so2"
MODEL = {"inputs": list(INPUTS), "desirable": [GOOD], "undesirable": [BAD], "super_efficiency": False,
         "years": {"first": FIRST, "last": LAST}}  # fmt: skip
EPSILONS = (1e-3, 1e-4)


@cache
def _sbm(frontier: bytes, shape: tuple[int, int], o: int) -> float:
    """Return the slacks-based measure of row o among (n, 4) rows, by scipy's linear programs (Tone 2001, 2003)."""
    Z = np.frombuffer(frontier).reshape(shape)
    n, (m, s) = len(Z), (len(INPUTS), 2)
    z = Z[o]
    signs = np.array([-1.0] * m + [1.0] + [-1.0])
    cost = np.concatenate([[1.0], np.zeros(n), -1 / (m * z[:m]), np.zeros(s)])
    scaled = np.concatenate([[1.0], np.zeros(n), np.zeros(m), 1 / (s * z[m:])])
    balance = np.column_stack([-z, Z.T, np.diag(-signs)])
    found = linprog(cost, A_eq=np.vstack([scaled, balance]), b_eq=[1.0, *np.zeros(4)], method="highs")
    return float(found.fun)


def measured(asked: Asked) -> pd.DataFrame:
    """Return the rows of the years measured, sorted."""
    rows = asked.rows[asked.rows["year"].between(FIRST, LAST)]
    return rows.sort_values(["unit", "year"]).reset_index(drop=True)


def scores(rows: pd.DataFrame, pooled: bool = False) -> pd.Series:
    """Return the score of every row against those of its year, or of all years, by constant returns."""
    found = pd.Series(np.nan, index=rows.index)
    parts = [rows] if pooled else [part for _, part in rows.groupby("year")]
    for part in parts:
        Z = np.ascontiguousarray(part[[*INPUTS, GOOD, BAD]].to_numpy(dtype=float))
        found[part.index] = [_sbm(Z.tobytes(), Z.shape, o) for o in range(len(Z))]
    return found


def efficiency_scores(asked: Asked) -> Numbers:
    """Scores by scipy's linear programs, by year."""
    rows = measured(asked)
    found = rows.assign(score=scores(rows)).groupby("year")["score"]
    return {
        (column, str(year)): {"estimate": number}
        for column, of_year in (("N", found.size()), ("Mean", found.mean()), ("SD", found.std()), ("Min", found.min()))
        for year, number in of_year.items()
    }


def score_intervals(asked: Asked) -> Numbers:
    """Uncorrected scores by scipy's linear programs; the draws are those of the plain study."""
    rows = measured(asked)
    found = rows.assign(score=scores(rows)).groupby("year")["score"].mean()
    return {("Score", str(year)): {"estimate": number} for year, number in found.items()}


def second_stage(asked: Asked) -> Numbers:
    """pyfixest on scores of scipy's linear programs."""
    rows = measured(asked)
    fit = feols(rows.assign(score=scores(rows)), "score", ["did", "x"], asked.effects, asked.weights)
    return numbers(fit, "Scores", ["did", "x"])


def efficiency_variables(asked: Asked) -> Numbers:
    """Mean, deviation and bounds by pandas."""
    names = [*INPUTS, GOOD, BAD]
    facts = measured(asked)[names].agg(["count", "mean", "std", "min", "max"])
    heads = {"N": "count", "Mean": "mean", "SD": "std", "Min": "min", "Max": "max"}
    return {(head, name): {"estimate": facts.loc[key, name]} for head, key in heads.items() for name in names}


def epsilon_sensitivity(asked: Asked) -> Numbers:
    """Scores by scipy's linear programs with the index of each shift as output, and pyfixest on them."""
    expected: Numbers = {}
    for epsilon in EPSILONS:
        rows = asked.rows.sort_values(["unit", "year"]).reset_index(drop=True)
        rows = rows.assign(**{GOOD: index_of(rows, epsilon)[0]})
        rows = rows[rows["year"].between(FIRST, LAST)].reset_index(drop=True)
        rows["score"] = scores(rows)
        expected["Mean", f"{epsilon:g}"] = {"estimate": rows["score"].mean()}
        expected |= numbers(
            feols(rows, "score", ["did", "x"], asked.effects, asked.weights), f"ε = {epsilon:g}", ["did"]
        )
    return expected


def productivity_change(asked: Asked) -> Numbers:
    """Changes of the scores of scipy's linear programs against all years: geometric means by year."""
    rows = measured(asked)
    rows["score"], rows["own"] = scores(rows, pooled=True), scores(rows)
    before = rows.groupby("unit")[["score", "own", "year"]].shift()
    follows = before["year"] == rows["year"] - 1
    expected: Numbers = {}
    for head, name in (("Index", "score"), ("Efficiency change", "own")):
        change = np.log(rows[name] / before[name])[follows].groupby(rows["year"])
        expected |= {(head, str(year)): {"estimate": np.exp(m)} for year, m in change.mean().items()}
        expected |= {("Pairs", str(year)): {"estimate": n} for year, n in change.size().items()}
    return expected


def score_density(asked: Asked) -> Numbers:
    """Moments by pandas."""
    parts = asked.rows[asked.rows["year"].isin([2001, 2008])].groupby("year")["gie"]
    return {
        (column, str(year)): {"estimate": number}
        for column, of_year in (("mean", parts.mean()), ("sd", parts.std()))
        for year, number in of_year.items()
    }


ANY = ("effects", "switching", "continuous")
PROGRAMS = "scipy's linear programs"
INDEXED = {**MODEL, "desirable": ["living"]}
ROWS = {
    "efficiency_variables": Row({"model": MODEL}, efficiency_variables, "pandas", {"weights": WEIGHTS}, idle=ANY),
    "efficiency_scores": Row({"model": MODEL}, efficiency_scores, PROGRAMS, {"weights": WEIGHTS}, idle=ANY),
    "score_intervals": Row({"model": MODEL, "replications": 20}, score_intervals, PROGRAMS, {"weights": WEIGHTS},
                           idle=ANY, drawn="Corrected|Bias|error|width|Overlap"),
    "second_stage": Row({"model": MODEL, "replications": 20, "bootstrap": "smoothed"}, second_stage,
                        f"{PROGRAMS} and pyfixest",
                        drawn="Bias|Over"),
    "epsilon_sensitivity": Row({"model": INDEXED, "indices": ["living"], "epsilons": list(EPSILONS)},
                               epsilon_sensitivity, f"{PROGRAMS} and pyfixest"),
    "productivity_change": Row({"model": MODEL}, productivity_change, PROGRAMS, {"weights": WEIGHTS}, idle=ANY),
    "score_density": Row({"variable": "gie", "years": [2001, 2008]}, score_density, "pandas", {"weights": WEIGHTS},
                         idle=ANY),
}  # fmt: skip
"""Kind -> its row."""
