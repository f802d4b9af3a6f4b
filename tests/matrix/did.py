"""Rows of the matrix: difference-in-differences tables, event studies and what stands beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import integrate, stats
from shidian.did.event_coefficients import EventCoefficients
from shidian.did.honest import relative_magnitudes_interval, smoothness_interval

from tests.matrix.cells import BETWEEN, DATED, Asked, Numbers, Refused, Row
from tests.matrix.made import BRANCHES
from tests.matrix.peers import dummies_of_time, feols, numbers, residuals

FIRST, LAST = -3, 2
GROUPS = {"fixed_effects": ["unit", "year", "branch"], "vcov": {"kind": "cluster", "by": "branch#year"}}
"""How regressions use the category: its effects, and clusters of it by year."""
BALANCED = Refused("balanced panel", "restrict the sample to units and years without gaps",
                   "a sample without gaps")  # fmt: skip


def regression(asked: Asked, column: str, regressors: Sequence[str], outcome: str = "y", **more: Any) -> Numbers:
    """Return one column by pyfixest, with the study's effects and weights."""
    rows = more.pop("rows", asked.rows)
    return numbers(feols(rows, outcome, regressors, asked.effects, asked.weights, **more), column, regressors)


def did_table(asked: Asked) -> Numbers:
    """Two columns by pyfixest."""
    return {**regression(asked, "(1)", ["did"]), **regression(asked, "(2)", ["did", "x"])}


def variations(asked: Asked) -> Numbers:
    """Baseline and first years by pyfixest."""
    early = asked.rows[asked.rows["year"] <= 2005]
    both = (("Baseline", asked.rows), ("First years", early))
    return {(column, "did"): regression(asked, column, ["did", "x"], rows=rows)[column, "did"] for column, rows in both}


def mixed_table(asked: Asked) -> Numbers:
    """A column with a product by pyfixest, and two-stage least squares by its IV."""
    rows = asked.rows.assign(did_x=asked.rows["did"] * asked.rows["x"])
    moderated = feols(rows, "y", ["did", "did_x", "x"], asked.effects, asked.weights)
    instrumented = feols(rows, "y", ["x"], asked.effects, asked.weights, instrumented="w ~ z")
    first = {"did": "did", "did_x": "x × did", "x": "x"}
    return {**numbers(moderated, "Moderated", first), **numbers(instrumented, "2SLS", ["w", "x"])}


def heterogeneity(asked: Asked) -> Numbers:
    """One regression a group by pyfixest."""
    middle = asked.rows.groupby("unit")["income"].mean()
    high = asked.rows["unit"].map(middle > middle.median())
    groups = (("income: High", asked.rows[high]), ("income: Low", asked.rows[~high]))
    found = [regression(asked, name, ["did", "x"], rows=rows) for name, rows in groups]
    return {**found[0], **found[1]}


def event_fit(asked: Asked) -> tuple[Any, dict[str, str]]:
    """Return the event study as pyfixest's regression on dummies of time, and name of each -> its term."""
    dummies = dummies_of_time(asked.rows, FIRST, LAST)
    rows = pd.concat([asked.rows, dummies], axis=1)
    terms = {name: f"tau{int(name[1:]) + FIRST:+d}" for name in dummies}
    return feols(rows, "y", [*dummies, "x"], asked.effects, asked.weights), terms


def event_study(asked: Asked) -> Numbers:
    """Dummies of time since adoption by pyfixest."""
    fit, terms = event_fit(asked)
    return numbers(fit, "event study", {**terms, "x": "x"})


def honest_did(asked: Asked) -> Numbers:
    """The event study of pyfixest and its covariance, handed to the intervals of Rambachan and Roth."""
    fit, terms = event_fit(asked)
    order = [list(fit.coef().index).index(name) for name in terms]
    b, V = fit.coef().to_numpy()[order], fit._vcov[np.ix_(order, order)]
    event = EventCoefficients(b[:2], b[2:], V)
    e = np.array([1.0, 0, 0])
    facts = {"estimate": b[2], "se": np.sqrt(V[2, 2])}
    relative, smooth = relative_magnitudes_interval(event, e, 1.0, seed=3), smoothness_interval(event, e, 0.0)
    return {
        ("parallel trends", "parallel trends"): facts,
        ("relative magnitudes", "Mbar = 1"): {**facts, "ci_low": relative[0], "ci_high": relative[1]},
        ("smoothness", "M = 0"): {**facts, "ci_low": smooth[0], "ci_high": smooth[1]},
    }


def pretrend_power(asked: Asked) -> Numbers:
    """The event study of pyfixest; probabilities of its two coefficients before adoption by integrals over one."""
    fit, terms = event_fit(asked)
    order = [list(fit.coef().index).index(name) for name in terms]
    b, V = fit.coef().to_numpy()[order], fit._vcov[np.ix_(order, order)]
    line, S, bound = 0.1 * np.array([-2.0, -1, 1, 2, 3]), V[:2, :2], 1.96 * np.sqrt(np.diag(V)[:2])
    slope, left = S[1, 0] / S[0, 0], np.sqrt(S[1, 1] - S[1, 0] ** 2 / S[0, 0])

    def inside(mean: np.ndarray, power: int, at: int) -> float:
        """Return the integral of the ``at``-th coefficient to a power over the box."""

        def density(x: float) -> float:
            centre = mean[1] + slope * (x - mean[0])
            low, high = (-bound[1] - centre) / left, (bound[1] - centre) / left
            share = stats.norm.cdf(high) - stats.norm.cdf(low)
            moment = centre * share + left * (stats.norm.pdf(low) - stats.norm.pdf(high))
            return float(stats.norm.pdf(x, mean[0], np.sqrt(S[0, 0])) * (moment if power and at else x**power * share))

        return float(integrate.quad(density, -bound[0], bound[0], epsabs=1e-12)[0])

    missed, none = inside(line[:2], 0, 0), inside(np.zeros(2), 0, 0)
    before = np.array([inside(line[:2], 1, at) / missed for at in (0, 1)])
    after = line[2:] + V[2:, :2] @ np.linalg.solve(S, before - line[:2])
    facts = {
        "slope": 0.1, "power": 1 - missed, "bayes factor": missed / none, "effect": b[2:].mean(),
        "violation": 0.2, "after passing": after.mean(),
    }  # fmt: skip
    return {("Slope 0.1", term): {"estimate": number} for term, number in facts.items()}


def goodman_bacon(asked: Asked) -> Numbers:
    """Every two-by-two as pyfixest's regression on its groups and years, and the coefficient of all rows."""
    rows = asked.rows.assign(cohort=asked.rows["adopted"].astype("Int64").fillna(9999).astype(int), own=1.0)
    if asked.weights:  # those of the units' first years, which the exhibit declares
        rows["own"] = rows.sort_values("year").groupby("unit")[asked.weights].transform("first")
    sums: dict[str, list[tuple[float, float]]] = {}
    for name, part in two_by_twos(rows):
        sums.setdefault(name, []).append((twfe(part), part["own"].sum() * variation(part)))
    expected: Numbers = {("estimate", "twfe"): {"estimate": twfe(rows)}}
    for name, found in sums.items():
        b, s = np.array(found).T
        expected["estimate", name] = {"estimate": b @ s / s.sum()}
        expected["weight", name] = {"estimate": s.sum() / (rows["own"].sum() * variation(rows))}
    return expected


def two_by_twos(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the rows of each comparison of two cohorts and its type."""
    for k, late in combinations(sorted(rows["cohort"].unique()), 2):
        pair = rows[rows["cohort"].isin([k, late])]
        if late == 9999:
            yield "Treated vs never treated", pair
        else:
            yield "Earlier vs later treated", pair[pair["year"] < late]
            yield "Later vs earlier treated", pair[pair["year"] >= k]


def twfe(rows: pd.DataFrame) -> float:
    """Return the coefficient of the treatment with effects of unit and year."""
    return float(feols(rows, "y", ["did"], ["unit", "year"], "own").coef()["did"])


def variation(rows: pd.DataFrame) -> float:
    """Return the weighted sum of squares of the treatment within units and years."""
    within = residuals(rows, ["did"], ["unit", "year"], "own")[:, 0]
    return float(rows["own"] @ within**2)


def twfe_weights(asked: Asked) -> Numbers:
    """The coefficient by pyfixest, and the weights as residuals of the treatment on dummies."""
    rows = asked.complete
    w = rows[asked.weights] if asked.weights else pd.Series(1.0, index=rows.index)
    D, x = residuals(rows, ["did", "x"], ["unit", "year"], asked.weights).T
    e = ((D - x * (w @ (x * D)) / (w @ x**2)) * w)[rows["did"] == 1]
    weight, share = e / e.sum(), w[e.index] / w[e.index].sum()
    beta = float(feols(rows, "y", ["did", "x"], ["unit", "year"], asked.weights).coef()["did"])
    column = "Two-way fixed effects"
    return {
        (column, "beta"): {"estimate": beta},
        (column, "n_positive"): {"estimate": (weight > 1e-10).sum()},
        (column, "n_negative"): {"estimate": (weight < -1e-10).sum()},
        (column, "sigma"): {"estimate": abs(beta) / np.sqrt(share @ (weight / share - 1) ** 2)},
    }


def ddd(asked: Asked) -> Numbers:
    """Triple differences by pyfixest, with effects of unit, zone by year and eligible by year."""
    home = asked.rows[asked.rows["year"] == 2001].set_index("unit")["code"]
    large = asked.rows["unit"].map(home)
    rows = asked.rows.assign(large=(large == 1).where(large.notna()).astype(float)).dropna(subset=["large"])
    rows = rows.assign(both=rows["large"] * rows["did"]).reset_index(drop=True)
    effects = ("unit", "zone#year", "large#year")
    dummies = dummies_of_time(rows.assign(adopted=rows["adopted"].where(rows["large"] == 1)), FIRST, LAST)
    terms = {name: f"tau{int(name[1:]) + FIRST:+d}" for name in dummies}
    timed = feols(pd.concat([rows, dummies], axis=1), "y", [*dummies, "x"], effects, asked.weights)
    return {
        **numbers(feols(rows, "y", ["both", "x"], effects, asked.weights), "(1)", {"both": TRIPLE, "x": "x"}),
        **numbers(timed, "by event time", {**terms, "x": "x"}),
    }


TRIPLE = "home_code_1 × did"
UNTIMED = Refused("treatment.kind", "leave 'window' out", "no `window`")
VARYING = Refused("'pop' of unit", "weight by a variable that holds one year's", "weights of a base year")
ROWS = {
    "did_table": Row({"columns": [{"controls": []}, {}]}, did_table, "pyfixest", category=GROUPS),
    "variations": Row({"variations": [{"label": "First years", "sample": {"last_year": 2005}}]}, variations, "pyfixest",
                      category=GROUPS),
    "mixed_table": Row(
        {"columns": [{"label": "Moderated", "interactions": ["x"]},
                     {"label": "2SLS", "treatment": "w", "instruments": ["z"]}]},
        mixed_table, "pyfixest", category={"fixed_effects": ["unit", "year", "branch"]}),
    "heterogeneity": Row(
        {"splits": [{"variable": "income", "split": "median"}]}, heterogeneity, "pyfixest",
        category={"splits": [{"variable": "home"}]}),
    "ddd": Row(
        {"eligible": {"variable": "home_code", "equals": [1]}, "group": "zone", "window": [FIRST, LAST]}, ddd,
        "pyfixest", {"effects": BETWEEN, "switching": UNTIMED, "continuous": UNTIMED},
        category={"eligible": {"variable": "home", "equals": [BRANCHES[0], BRANCHES[1]]}}),
    "event_study": Row({"window": [FIRST, LAST]}, event_study, "pyfixest", DATED, category=GROUPS),
    "honest_did": Row({"window": [FIRST, LAST], "relative_magnitudes": [1], "smoothness": [0]}, honest_did,
                      "intervals of pyfixest's coefficients and covariance", DATED, category=GROUPS),
    "pretrend_power": Row({"window": [FIRST, LAST], "slopes": [0.1]}, pretrend_power,
                          "integrals over pyfixest's coefficients and covariance", DATED, category=GROUPS),
    "goodman_bacon": Row({}, goodman_bacon, "pyfixest of every two-by-two",
                         {**DATED, "effects": BETWEEN, "gaps": BALANCED},
                         unless={"weights": (VARYING, {"weights": "first_pop"})}),
    "twfe_weights": Row({}, twfe_weights, "pyfixest and residuals of the treatment",
                        {**DATED, "effects": BETWEEN}),
}  # fmt: skip
"""Kind -> its row."""
