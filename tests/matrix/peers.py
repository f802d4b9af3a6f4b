"""Independent computations that several kinds are held to: pyfixest, and least squares written out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyfixest as pf
from pyfixest.demeaners import MapDemeaner

EXACT = MapDemeaner(fixef_tol=1e-13, fixef_maxiter=100_000)


def feols(
    rows: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    effects: Sequence[str],
    weights: str = "",
    vcov: Any = None,
    instrumented: str = "",
) -> Any:
    """Return pyfixest's regression, its default small-sample factor, errors by unit; ``w ~ z`` is instrumented."""
    needed = [outcome, *regressors, *([weights] if weights else [])]
    needed += [name for one in instrumented.split("~") for name in one.split() if name]
    formula = f"{outcome} ~ {' + '.join(regressors) or 1} | {' + '.join(effects).replace('#', '^')}"
    return pf.feols(
        formula + (f" | {instrumented}" if instrumented else ""),
        rows.dropna(subset=needed).reset_index(drop=True),
        vcov=vcov or {"CRV1": "unit"}, weights=weights or None, ssc=pf.ssc(k_fixef="nonnested"),
        fixef_rm="none", demeaner=EXACT,
    )  # fmt: skip


def numbers(fit: Any, column: str, names: dict[str, str] | Sequence[str]) -> dict[tuple[str, str], dict[str, float]]:
    """Return coefficients of a pyfixest fit as numbers of the matrix; ``names`` are terms, or regressor -> term."""
    terms = names if isinstance(names, dict) else {name: name for name in names}
    tidy = {"estimate": fit.coef(), "se": fit.se(), "p": fit.pvalue()}
    return {
        (column, term): {**{key: float(one[name]) for key, one in tidy.items()}, "n_obs": float(fit._N)}
        for name, term in terms.items()
    }


def dummies_of_time(rows: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    """Return columns ``t<k>`` of the time since adoption, ends binned, without that of -1; and their names by k."""
    tau = (rows["year"] - rows["adopted"].astype(float)).clip(first, last)
    return pd.DataFrame({f"t{k - first}": (tau == k) * 1.0 for k in range(first, last + 1) if k != -1})


def residuals(rows: pd.DataFrame, names: Sequence[str], effects: Sequence[str], weights: str = "") -> np.ndarray:
    """Return (n, k) columns without what dummies of the effects explain, by weighted least squares on the dummies."""
    X = np.column_stack([pd.get_dummies(rows[one], dtype=float) for one in effects])
    Y = rows[list(names)].to_numpy(dtype=float)
    root = np.sqrt(rows[weights].to_numpy(dtype=float))[:, None] if weights else 1.0
    return Y - X @ np.linalg.lstsq(X * root, Y * root, rcond=None)[0]


def great_circles(rows: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """Return units in order and their great-circle distances in km, by the spherical law of cosines."""
    places = rows.groupby("unit")[["longitude", "latitude"]].first()
    lon, lat = np.radians(places.to_numpy()).T
    cosine = np.sin(lat)[:, None] * np.sin(lat) + np.cos(lat)[:, None] * np.cos(lat) * np.cos(lon[:, None] - lon)
    return list(places.index), 6371.0088 * np.arccos(np.clip(cosine, -1, 1))
