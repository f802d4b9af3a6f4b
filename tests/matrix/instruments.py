"""Rows of the matrix: instruments, mediation, thresholds and the U-test."""

from __future__ import annotations

import numpy as np

from tests.matrix.cells import BETWEEN, Asked, Numbers, Refused, Row
from tests.matrix.did import regression
from tests.matrix.peers import feols, numbers, residuals

TREATMENTS = ("switching", "continuous")
CATEGORY = {"fixed_effects": ["unit", "year", "branch"]}


def iv_table(asked: Asked) -> Numbers:
    """Both stages by pyfixest."""
    second = feols(asked.rows, "y", ["x"], asked.effects, asked.weights, instrumented="w ~ z")
    first = regression(asked, "(1) first stage: w", ["z", "x"], "w")
    return {**numbers(second, "(1)", ["w", "x"]), **first}


def mediation(asked: Asked) -> Numbers:
    """Three regressions by pyfixest, and Sobel's z of them."""
    total = regression(asked, "w: total", ["did", "x"])
    mediator = regression(asked, "w: mediator", ["did", "x"], "w")
    direct = regression(asked, "w: direct", ["did", "w", "x"])
    (a, sa), (b, sb) = (
        (one["estimate"], one["se"]) for one in (mediator["w: mediator", "did"], direct["w: direct", "w"])
    )
    indirect = {("w: direct", "indirect effect"): {"estimate": a * b}}
    sobel = {("w: direct", "sobel z"): {"estimate": a * b / np.sqrt(a**2 * sb**2 + b**2 * sa**2)}}
    return {**total, **mediator, **direct, **indirect, **sobel}


def threshold(asked: Asked) -> Numbers:
    """Hansen's search over every value of the threshold variable, and the regime's regression by pyfixest."""
    rows = asked.rows.copy()
    if asked.exhibit.get("drop_incomplete_units"):
        whole = rows.dropna(subset=["y", "x", "w"]).groupby("unit")["year"].transform("size").reindex(rows.index)
        rows = rows[whole == 8].reset_index(drop=True)
    root = np.sqrt(rows[asked.weights] / rows[asked.weights].mean()).to_numpy() if asked.weights else 1.0
    y, none = residuals(rows, ["y", "x"], ["unit"], asked.weights).T * root
    smallest = int(np.ceil(0.01 * len(rows)))
    found = {}
    for gamma in np.sort(rows["w"].unique()):
        low = rows["w"] <= gamma
        if min(low.sum(), (~low).sum()) >= smallest:
            X = residuals(rows.assign(a=rows["x"] * low, b=rows["x"] * ~low), ["a", "b"], ["unit"], asked.weights)
            X = X * np.reshape(root, (-1, 1))
            found[gamma] = ((y - X @ np.linalg.lstsq(X, y, rcond=None)[0]) ** 2).sum()
    gamma = min(found, key=found.get)
    null = ((y - none * (none @ y) / (none @ none)) ** 2).sum()
    freedom = len(rows) - rows["unit"].nunique()
    return {
        ("threshold tests", "threshold 1"): {"estimate": gamma},
        ("threshold tests", "F 1"): {"estimate": (null - found[gamma]) / (found[gamma] / freedom)},
    }


def u_test(asked: Asked) -> Numbers:
    """A regression on x and its square by pyfixest, and its turning point."""
    rows = asked.rows.assign(x2=asked.rows["x"] ** 2)
    fit = feols(rows, "y", ["x", "x2"], asked.effects, asked.weights)
    b, c = fit.coef()[["x", "x2"]]
    found = numbers(fit, "regression", {"x": "x", "x2": "x^2"})
    return {**found, ("U-test", "turning point"): {"estimate": -b / (2 * c)}}


GAPS = Refused("balanced panel", "drop_incomplete_units: true", "`drop_incomplete_units: true`")
ROWS = {
    "iv_table": Row({"endogenous": ["w"], "instruments": ["z"]}, iv_table, "pyfixest", idle=TREATMENTS,
                    category=CATEGORY),
    "mediation": Row({"mediators": ["w"], "replications": 20}, mediation, "pyfixest and Sobel's formula",
                     category=CATEGORY),
    "threshold": Row(
        {"regressors": ["x"], "threshold_variable": "w", "replications": 9, "max_thresholds": 1, "controls": []},
        threshold, "a search over every value", {"effects": BETWEEN},
        idle=TREATMENTS, unless={"gaps": (GAPS, {"drop_incomplete_units": True})}),
    "u_test": Row({"regressor": "x", "controls": []}, u_test, "pyfixest", idle=TREATMENTS, category=CATEGORY),
}  # fmt: skip
"""Kind -> its row."""
