"""The robust staggered estimators written out: means of differences, and least squares on dummies.

Errors too where they can be had independently: of Callaway and Sant'Anna from influence functions as their paper has
them, of Sun and Abraham and of local projections from pyfixest's covariances.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.matrix.cells import Asked, Numbers
from tests.matrix.did import FIRST, LAST, event_fit
from tests.matrix.peers import feols, numbers

Errors = dict[int | None, float]
"""Time since adoption, None for the overall effect -> standard error, clustered by unit."""
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
        **averaged("Callaway-Sant'Anna", group_time(rows), errors=group_time_errors(rows)),
        **averaged("Sun-Abraham", saturated(rows), errors=saturated_errors(rows)),
        **averaged("Imputation (BJS)", imputed(rows), before=False),
        **averaged("Two-stage (Gardner)", imputed(rows), before=False),
        **averaged("LP-DID", projections(rows), errors=projection_errors(rows)),
        **averaged("Stacked", stacked(rows), every_time=True),
    }
    return expected


def averaged(
    column: str, cells: Cells, before: bool = True, every_time: bool = False, errors: Errors | None = None
) -> Numbers:
    """Return means of cells by time since adoption and over all from adoption on, by size or each time alike.

    ``errors`` are those of the times, and of the overall effect under None.
    """
    frame = pd.DataFrame(cells, columns=["tau", "effect", "size"])
    frame["product"] = frame["effect"] * frame["size"]
    sums = frame.groupby("tau")[["product", "size"]].sum()
    means = sums["product"] / sums["size"]
    after = sums[sums.index >= 0]
    total = means[means.index >= 0].mean() if every_time else after["product"].sum() / after["size"].sum()
    inside = [tau for tau in means.index if (FIRST if before else 0) <= tau <= LAST and tau != -1]
    found = {None: total, **{tau: means[tau] for tau in inside}}
    return {
        (column, "ATT" if tau is None else f"tau{tau:+d}"): {
            "estimate": effect,
            **({"se": errors[tau]} if errors and tau in errors else {}),
        }
        for tau, effect in found.items()
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


def group_time_errors(rows: pd.DataFrame) -> Errors:
    """Return the errors of Callaway and Sant'Anna's means: influence functions of cells and of the cohorts' shares."""
    wide = rows.pivot(index="unit", columns="year", values="y").dropna()
    w = rows.pivot(index="unit", columns="year", values="own").reindex(wide.index)
    first = rows.groupby("unit")["adopted"].first().reindex(wide.index).astype(float)
    of_first, n = w[wide.columns[0]] / w[wide.columns[0]].mean(), len(wide)
    cells = []
    for g in sorted(first.dropna().unique()):
        for t in wide.columns:
            change, psi, effect = wide[t] - wide[g - 1], 0.0, 0.0
            for who, sign in ((first == g, 1), (first.isna(), -1)):
                own = w[g - 1] * who
                mean = np.average(change, weights=own)
                psi, effect = psi + sign * n * own * (change - mean) / own.sum(), effect + sign * mean
            cells.append((int(t - g), g, effect, psi))
    inside = {g: of_first * (first == g) for g in first.dropna().unique()}

    def error(kept: list[tuple[int, float, float, pd.Series]]) -> float:
        sizes = np.array([inside[g].mean() for _, g, _, _ in kept])
        moved = pd.concat([inside[g] - inside[g].mean() for _, g, _, _ in kept], axis=1).to_numpy()
        share = moved / sizes.sum() - moved.sum(axis=1, keepdims=True) * sizes / sizes.sum() ** 2
        psi = pd.concat([one for *_, one in kept], axis=1).to_numpy() @ (sizes / sizes.sum())
        psi = psi + share @ np.array([effect for _, _, effect, _ in kept])
        return float(np.sqrt((psi**2).sum()) / n)

    found: Errors = {tau: error([c for c in cells if c[0] == tau]) for tau in {c[0] for c in cells} if tau != -1}
    return {**found, None: error([c for c in cells if c[0] >= 0])}


def saturated_errors(rows: pd.DataFrame) -> Errors:
    """Return the errors of Sun and Abraham's means by pyfixest's covariance of all cohorts' effects, shares given."""
    tau, cohort = rows["year"] - rows["adopted"].astype(float), rows["adopted"].astype(float)
    keys = sorted({(g, t) for g, t in zip(cohort, tau, strict=True) if g == g and t != -1})
    X = pd.DataFrame({f"c{j}": ((cohort == g) & (tau == t)) * 1.0 for j, (g, t) in enumerate(keys)})
    fit = feols(rows.assign(**X), "y", list(X), ["unit", "year"], "own")
    V = pd.DataFrame(fit._vcov, index=fit._coefnames, columns=fit._coefnames)
    size = X.mul(rows["own"], axis=0).sum()

    def error(names: list[str]) -> float:
        share = size[names] / size[names].sum()
        return float(np.sqrt(share @ V.loc[names, names] @ share))

    times = {t: [f"c{j}" for j, (_, one) in enumerate(keys) if one == t] for _, t in keys}
    after = [name for t, names in times.items() if t >= 0 for name in names]
    return {**{int(t): error(names) for t, names in times.items()}, None: error(after)}


def projection_errors(rows: pd.DataFrame) -> Errors:
    """Return the errors of local projections by pyfixest's regression of all horizons at once, shares given."""
    found = stacks(rows)
    stack = pd.concat([one.assign(h=f"h{n}") for n, one in enumerate(found.values())], ignore_index=True)
    X = pd.DataFrame({f"h{n}": (stack["h"] == f"h{n}") * stack["on"] for n in range(len(found))})
    fit = feols(stack.assign(cell=stack["g"].astype(str) + stack["h"], **X), "change", list(X), ["cell"], "own")
    V = pd.DataFrame(fit._vcov, index=fit._coefnames, columns=fit._coefnames)
    share = X.mul(stack["own"], axis=0).sum()[[f"h{n}" for n, h in enumerate(found) if h >= 0]]
    share /= share.sum()
    errors: Errors = {h: float(np.sqrt(V.loc[f"h{n}", f"h{n}"])) for n, h in enumerate(found)}
    return {**errors, None: float(np.sqrt(share @ V.loc[share.index, share.index] @ share))}


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
    cells = []
    for h, stack in stacks(rows).items():
        X = np.column_stack([stack["on"], pd.get_dummies(stack["g"], dtype=float)])
        b = solved(X, stack["change"], stack["own"])
        cells.append((h, float(b[0]), float(stack["on"] @ stack["own"])))
    return cells


def stacks(rows: pd.DataFrame) -> dict[int, pd.DataFrame]:
    """Return horizon -> changes since the year before, of those who adopt in a year and of clean controls, by year.

    Years in which nobody adopts have controls alone: they move no effect, and count in the small-sample factor.
    """
    wide, w = (rows.pivot(index="unit", columns="year", values=name) for name in ("y", "own"))
    first = rows.groupby("unit")["adopted"].first().astype(float).fillna(np.inf)
    found = {}
    for h in range(FIRST, LAST + 1):
        parts = []
        for g in wide.columns[1:]:
            if g + h in wide.columns and h != -1:
                change = (wide[g + h] - wide[g - 1]).dropna()
                of = first.reindex(change.index)
                kept = (of == g) | (of > max(g, g + h))
                facts = {"change": change, "on": (of == g) * 1.0, "g": g, "own": w.loc[change.index, g + h]}
                parts.append(pd.DataFrame(facts)[kept].rename_axis("unit").reset_index())
        if parts:
            found[h] = pd.concat(parts, ignore_index=True)
    return found


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
