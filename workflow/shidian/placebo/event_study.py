"""The event study under pseudo-treatments: all event-time coefficients of every draw.

``y_it = sum_k beta_k 1[t - g_i = k] + X'c + mu_i + lambda_t + e_it`` with event times beyond the window binned into
its ends and reference times left out; the outcome and the controls are partialled out once, the event-time dummies
in each draw.
"""

from __future__ import annotations

import numpy as np

from shidian.did.event_study import Window
from shidian.inference.small_sample import cluster_factor, hetero_factor
from shidian.placebo.design import Design
from shidian.placebo.projection import independent


def draw_dummies(design: Design, units: np.ndarray, cohorts: np.ndarray, window: Window) -> np.ndarray:
    """Return the (N, K) event-time dummies when ``units`` adopt in years ``cohorts`` (positions)."""
    adoption = np.full(design.n_units, np.nan)
    adoption[units] = design.years[cohorts]
    tau = design.year - adoption[design.unit]
    if window.ends == "bin":
        tau = np.clip(tau, window.first, window.last)
    return (tau[:, None] == np.array(window.estimated())[None, :]).astype(float)


def fit_columns(design: Design, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Regress the design's outcome on (N, K) treatment columns, everything else partialled out.

    Returns (K,) coefficients and their (K, K) covariance; nan for columns that the fixed effects, the controls or
    earlier columns absorb, which also leave the count of parameters.
    """
    weight, controls = design.weight[:, None], design.controls
    net = design.projector.residuals(columns)
    net -= controls @ (controls.T @ (weight * net))
    used = np.flatnonzero(independent(net, design.weight, np.sum(weight * columns**2, axis=0)))
    n_columns = columns.shape[1]
    coef, covariance = np.full(n_columns, np.nan), np.full((n_columns, n_columns), np.nan)
    if not len(used):
        return coef, covariance
    net = net[:, used]
    bread = np.linalg.inv(net.T @ (weight * net))
    b = bread @ (net.T @ (design.weight * design.y))
    n_parameters = design.n_parameters - (n_columns - len(used))
    coef[used] = b
    covariance[np.ix_(used, used)] = _covariance(design, net, b, bread, n_parameters)
    return coef, covariance


def _covariance(design: Design, net: np.ndarray, b: np.ndarray, bread: np.ndarray, n_parameters: int) -> np.ndarray:
    """Return the iid, HC1 or CRV1 covariance of ``b`` (Cameron & Miller 2015)."""
    n_rows = len(design.y)
    error = design.y - net @ b
    if design.vcov.kind == "iid":
        return bread * float(np.sum(design.weight * error**2)) / (n_rows - n_parameters)
    influence = (net @ bread) * (design.weight * error)[:, None]  # squares of it cannot cancel to less than zero
    if design.n_clusters is None:
        return hetero_factor(n_rows, n_parameters) * influence.T @ influence
    sums = np.column_stack([np.bincount(design.cluster, s, design.n_clusters) for s in influence.T])
    return cluster_factor(n_rows, n_parameters, design.n_clusters) * sums.T @ sums
