"""Rows of the matrix: kinds that describe the panel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from shidian.exhibits.data.data_checks.estimate import run as summarise
from shidian.exhibits.result import ExhibitResult

from tests.matrix.cells import DATED, Asked, Numbers, Refused, Row
from tests.matrix.made import BRANCHES, MEASURES
from tests.matrix.runs import checked, made_of, resolved

VARIABLES = ["y", "did", "x"]
REGRESSIONS = ("effects",)
ANY_TREATMENT = ("switching", "continuous")


def correlation(asked: Asked) -> Numbers:
    """Pearson's r by statsmodels, on complete rows."""
    r, n = correlations(asked, VARIABLES)
    return {
        (b, a): {"estimate": r[i, j], "n_obs": n} for i, a in enumerate(VARIABLES) for j, b in enumerate(VARIABLES[:i])
    }


def correlations(asked: Asked, names: list[str]) -> tuple[np.ndarray, int]:
    """Return the weighted correlation matrix of some columns by statsmodels, and the complete rows."""
    from statsmodels.stats.weightstats import DescrStatsW

    rows = asked.rows.dropna(subset=names)
    w = rows[asked.weights].to_numpy() if asked.weights else None
    return DescrStatsW(rows[names].to_numpy(dtype=float), w).corrcoef, len(rows)


def descriptives(asked: Asked) -> Numbers:
    """N, mean and standard deviation by statsmodels, whose analytic weights are brought to sum to N."""
    from statsmodels.stats.weightstats import DescrStatsW

    expected: Numbers = {}
    for name in VARIABLES:
        rows = asked.rows.dropna(subset=[name])
        w = rows[asked.weights].to_numpy() if asked.weights else np.ones(len(rows))
        stats = DescrStatsW(rows[name].to_numpy(), w * len(rows) / w.sum(), ddof=1)
        for statistic, value in (("n", len(rows)), ("mean", stats.mean), ("sd", stats.std)):
            expected[statistic, name] = {"estimate": value}
        expected["min", name] = {"estimate": rows[name].min()}
    return expected


def balance(asked: Asked) -> Numbers:
    """Weighted means of the two branches by numpy, their difference by statsmodels' weighted least squares."""
    import statsmodels.api as sm

    expected: Numbers = {}
    for name in VARIABLES:
        rows = asked.rows.dropna(subset=[name])
        rows = rows[rows["zone"].isin([12, 13])]
        second = (rows["zone"] == 13).to_numpy()
        w = rows[asked.weights].to_numpy() if asked.weights else np.ones(len(rows))
        fit = sm.WLS(rows[name].to_numpy(dtype=float), sm.add_constant(second.astype(float)), w).fit()
        for group, own in (("first", ~second), ("second", second)):
            expected[f"{group} n", name] = {"estimate": own.sum()}
            expected[f"{group} mean", name] = {"estimate": np.average(rows[name][own], weights=w[own])}
        expected["difference", name] = {"estimate": fit.params[1], "n_obs": len(rows)}
    return expected


def index_of(rows: pd.DataFrame, epsilon: float) -> tuple[np.ndarray, dict[str, float]]:
    """Return the entropy-weighted index of two indicators and their weights, written out."""
    shifted, divergence = {}, {}
    for name in ("water", "power"):
        x = rows[name].to_numpy()
        shifted[name] = (x - x.min()) / (x.max() - x.min()) + epsilon
        share = shifted[name] / shifted[name].sum()
        divergence[name] = 1 + sum(p * np.log(p) for p in share) / np.log(len(x))
    weights = {name: d / sum(divergence.values()) for name, d in divergence.items()}
    return sum(weights[name] * z for name, z in shifted.items()), weights


def index_weights(asked: Asked) -> Numbers:
    """Entropy weights written out: what an indicator's shares of its total tell of units and years."""
    weights = index_of(asked.rows, 1e-4)[1]
    return {("Weight", name): {"estimate": weight} for name, weight in weights.items()}


def treatment_timing(asked: Asked) -> Numbers:
    """Units by year of adoption, counted."""
    first = asked.rows.groupby("unit")["adopted"].first()
    sizes = first.value_counts()
    counts = {("units", str(year)): {"estimate": n} for year, n in sizes.items()}
    return {**counts, ("units", "never treated"): {"estimate": first.isna().sum()}}


def trend(asked: Asked) -> Numbers:
    """Means by year, of all and of units that have the treatment, or a dose of it, in some year and in none."""
    ever = asked.rows.groupby("unit")["did"].transform("max") > 0
    rows = asked.rows.assign(group=np.where(ever, "Treated", "Never treated"))
    groups = [("All", rows), *rows.groupby("group")]
    return {
        (str(name), str(year)): {
            "estimate": np.average(part["y"], weights=part[asked.weights] if asked.weights else None),
            "n_obs": len(part),
        }
        for name, mine in groups
        for year, part in mine.groupby("year")
    }


def coverage(asked: Asked) -> Numbers:
    """Values counted by pandas, every unit in every year from the first to the last."""
    rows, expected = asked.rows, Numbers()
    units, years = rows["unit"].nunique(), range(rows["year"].min(), rows["year"].max() + 1)
    for name in VARIABLES:
        wide = rows.pivot_table(index="unit", columns="year", values=name, aggfunc="count")
        wide = wide.reindex(index=rows["unit"].unique(), columns=years).fillna(0)
        expected["unit_years", name] = {"estimate": wide.to_numpy().sum()}
        expected["share", name] = {"estimate": wide.to_numpy().mean()}
        expected["complete", name] = {"estimate": (wide.sum(axis=1) == len(years)).sum()}
        expected["none", name] = {"estimate": (wide.sum(axis=1) == 0).sum()}
        expected |= {(str(year), name): {"estimate": wide[year].sum() / units} for year in years}
    return expected


def vif(asked: Asked) -> Numbers:
    """Diagonal of the inverse correlation matrix."""
    names = ["did", "x", "w"]
    inverse = np.linalg.inv(correlations(asked, names)[0])
    return {("vif", name): {"estimate": inverse[i, i]} for i, name in enumerate(names)}


def data_checks(asked: Asked) -> Numbers:
    """Values of three times the year before, or a third of it, counted by pandas: of every number, of no category."""
    rows = asked.rows.sort_values(["unit", "year"])
    expected: Numbers = {}
    for name, measure in MEASURES.items():
        own = rows.dropna(subset=[name]) if measure == "1" else rows.iloc[:0]
        before = own.groupby("unit")[[name, "year"]].shift()
        with np.errstate(all="ignore"):
            jump = np.abs(np.log(own[name].astype(float) / before[name].astype(float)))
        kept = (own["year"] == before["year"] + 1) & (own[name] > 0) & (before[name] > 0)
        hit = own[kept & (jump >= np.log(3))]
        if len(hit):
            term = f"jump of 3 times: towns.{name}"
            expected |= {
                ("findings", term): {"estimate": len(hit)},
                ("units", term): {"estimate": hit["unit"].nunique()},
            }
    return expected


def summarised(shape: str, exhibit: dict[str, Any]) -> ExhibitResult:
    """Return what the job makes of the findings of the checks; no line of it is of the category."""
    spec, info = resolved(checked(shape, exhibit), exhibit["id"])
    found = summarise(made_of(shape).findings, spec, info)
    assert not found.estimates["term"].str.contains("branch").any()
    return found


INDEX_OF_TEXTS = {"entropy_index": {"name": "living", "inputs": ["branch", "power"]}}
ROWS = {
    "descriptives": Row({"variables": VARIABLES}, descriptives, "statsmodels", idle=REGRESSIONS),
    "correlation": Row({"variables": VARIABLES}, correlation, "statsmodels", idle=REGRESSIONS),
    "balance": Row({"variables": VARIABLES, "by": "zone", "sample": {"keep": {"zone": [12, 13]}}}, balance,
                   "weighted least squares of statsmodels",
                   category={"by": "branch", "sample": {"keep": {"branch": list(BRANCHES[:2])}}}),
    "vif": Row({"variables": ["did", "x", "w"]}, vif, "inverse correlations", idle=REGRESSIONS),
    "index_weights": Row(
        {"entropy_index": "living"}, index_weights, "entropies written out",
        {"category": Refused("entropy_index", "numbers", "an indicator that is a number")},
        idle=("weights", *REGRESSIONS, *ANY_TREATMENT), category=INDEX_OF_TEXTS),
    "trend": Row({"variable": "y"}, trend, "means by year", idle=REGRESSIONS),
    "coverage": Row({"variables": VARIABLES}, coverage, "values counted", idle=("weights", *REGRESSIONS)),
    "data_checks": Row({}, data_checks, "jumps counted", idle=("weights", *REGRESSIONS, *ANY_TREATMENT), category=None,
                       runner=summarised),
    "treatment_timing": Row({}, treatment_timing, "units counted", DATED, idle=("weights", *REGRESSIONS)),
}  # fmt: skip
"""Kind -> its row."""
