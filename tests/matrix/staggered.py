"""The robust staggered estimators written out: means of differences, and least squares on dummies."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.matrix.cells import Asked, Numbers
from tests.matrix.did import FIRST, LAST, event_fit
from tests.matrix.peers import feols, numbers

Cells = list[tuple[int, float, float]]
"""Time since adoption, effect, size of the cohort there."""


def staggered_did(asked: Asked) -> Numbers:
    """Every estimator's overall effect and effects by time since adoption; TWFE with its errors by pyfixest."""
    bare = Asked(asked.rows.assign(x=0.0), asked.weights, asked.effects, asked.exhibit)
    fit, terms = event_fit(bare)
    rows = asked.rows.assign(own=asked.rows[asked.weights] if asked.weights else 1.0)
    expected = {
        **numbers(fit, "TWFE", terms),
        **numbers(feols(rows, "y", ["did"], asked.effects, asked.weights), "TWFE", {"did": "ATT"}),
        **averaged("Callaway-Sant'Anna", group_time(rows)),
        **averaged("Sun-Abraham", saturated(rows)),
        **averaged("Imputation (BJS)", imputed(rows), before=False),
        **averaged("Two-stage (Gardner)", imputed(rows), before=False),
        **averaged("LP-DID", projections(rows)),
        **averaged("Stacked", stacked(rows), every_time=True),
    }
    return expected


def averaged(column: str, cells: Cells, before: bool = True, every_time: bool = False) -> Numbers:
    """Return means of cells by time since adoption and over all from adoption on, by size or each time alike."""
    frame = pd.DataFrame(cells, columns=["tau", "effect", "size"])
    frame["product"] = frame["effect"] * frame["size"]
    sums = frame.groupby("tau")[["product", "size"]].sum()
    means = sums["product"] / sums["size"]
    after = sums[sums.index >= 0]
    total = means[means.index >= 0].mean() if every_time else after["product"].sum() / after["size"].sum()
    inside = [tau for tau in means.index if (FIRST if before else 0) <= tau <= LAST and tau != -1]
    return {
        (column, "ATT"): {"estimate": total},
        **{(column, f"tau{tau:+d}"): {"estimate": means[tau]} for tau in inside},
    }


def group_time(rows: pd.DataFrame) -> Cells:
    """Return Callaway and Sant'Anna's effects against never treated units, of units observed in every year.

    Units have the weights of the base period in each comparison, and in the cohort's size those of the first year.
    """
    wide = rows.pivot(index="unit", columns="year", values="y").dropna()
    w = rows.pivot(index="unit", columns="year", values="own").reindex(wide.index)
    first = rows.groupby("unit")["adopted"].first().reindex(wide.index)
    never = first.isna()
    cells = []
    for g in sorted(first.dropna().unique()):
        mine = (first == g).fillna(False).astype(bool)
        for t in wide.columns:
            change = wide[t] - wide[g - 1]
            treated, control = (np.average(change[one], weights=w.loc[one, g - 1]) for one in (mine, never))
            cells.append((int(t - g), float(treated - control), float(w.loc[mine, wide.columns[0]].sum())))
    return cells


def saturated(rows: pd.DataFrame) -> Cells:
    """Return Sun and Abraham's effects: dummies of every cohort and time but -1, by least squares."""
    tau = rows["year"] - rows["adopted"].astype(float)
    cohort = rows["adopted"].astype(float)
    keys = sorted({(g, t) for g, t in zip(cohort, tau, strict=True) if g == g and t != -1})
    X = np.column_stack([((cohort == g) & (tau == t)).to_numpy(float) for g, t in keys])
    effects = pd.get_dummies(rows["unit"], dtype=float), pd.get_dummies(rows["year"], dtype=float)
    b = solved(np.column_stack([X, *effects]), rows["y"], rows["own"])
    return [(int(t), float(b[j]), float(X[:, j] @ rows["own"])) for j, (_, t) in enumerate(keys)]


def solved(X: np.ndarray, y: pd.Series, w: pd.Series) -> np.ndarray:
    """Return weighted least squares."""
    root = np.sqrt(w.to_numpy(dtype=float))
    return np.linalg.lstsq(X * root[:, None], y.to_numpy(dtype=float) * root, rcond=None)[0]


def imputed(rows: pd.DataFrame) -> Cells:
    """Return outcomes of treated rows less what unit and year effects of untreated rows predict."""
    free = rows["did"] == 0
    X = np.column_stack([pd.get_dummies(rows[one], dtype=float) for one in ("unit", "year")])
    b = solved(X[free], rows.loc[free, "y"], rows.loc[free, "own"])
    tau = (rows["year"] - rows["adopted"].astype(float))[~free]
    gap, size = (rows["y"] - X @ b)[~free], rows.loc[~free, "own"]
    return [(int(t), float(e), float(w)) for t, e, w in zip(tau, gap, size, strict=True)]


def projections(rows: pd.DataFrame) -> Cells:
    """Return effects of local projections: changes since the year before, of those who adopt and of clean controls."""
    wide, w = (rows.pivot(index="unit", columns="year", values=name) for name in ("y", "own"))
    first = rows.groupby("unit")["adopted"].first().astype(float).fillna(np.inf)
    cells = []
    for h in range(FIRST, LAST + 1):
        parts = []
        for g in sorted(first[np.isfinite(first)].unique()):
            if g + h in wide.columns and h != -1:
                change = (wide[g + h] - wide[g - 1]).dropna()
                of = first.reindex(change.index)
                kept = (of == g) | (of > max(g, g + h))
                facts = {"change": change, "on": (of == g) * 1.0, "g": g, "own": w.loc[change.index, g + h]}
                parts.append(pd.DataFrame(facts)[kept])
        if parts:
            stack = pd.concat(parts)
            X = np.column_stack([stack["on"], pd.get_dummies(stack["g"], dtype=float)])
            b = solved(X, stack["change"], stack["own"])
            cells.append((h, float(b[0]), float(stack["on"] @ stack["own"])))
    return cells


def stacked(rows: pd.DataFrame) -> Cells:
    """Return effects of each cohort's stack, by least squares with effects of its units and years."""
    first = rows["adopted"].astype(float).fillna(np.inf)
    cells = []
    for g in sorted(first[np.isfinite(first)].unique()):
        if g + FIRST < rows["year"].min() or g + LAST > rows["year"].max():
            continue
        inside = rows["year"].between(g + FIRST, g + LAST) & ((first == g) | (first > g + LAST))
        stack = rows[inside].reset_index(drop=True)
        own = stack["adopted"].astype(float) == g
        taus = [t for t in range(FIRST, LAST + 1) if t != -1]
        X = np.column_stack([(own & (stack["year"] == g + t)).to_numpy(float) for t in taus])
        effects = (pd.get_dummies(stack[one], dtype=float) for one in ("unit", "year"))
        b = solved(np.column_stack([X, *effects]), stack["y"], stack["own"])
        size = stack[own].groupby("unit")["own"].mean().sum()
        cells += [(t, float(b[j]), float(size)) for j, t in enumerate(taus)]
    return cells
