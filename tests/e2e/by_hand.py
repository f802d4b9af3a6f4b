"""Least squares with explicit dummies and by-hand counting, sharing no code with the workflow."""

import numpy as np
import pandas as pd


def least_squares(panel, outcome, regressors):
    """Return coefficient, clustered error and N of the first regressor, with explicit dummies and by-hand counting."""
    frame = panel.dropna(subset=[outcome, *regressors])
    while True:
        lonely = frame.groupby("unit")["year"].transform("size").eq(1)
        if not lonely.any():
            break
        frame = frame[~lonely]
    units, years = pd.get_dummies(frame["unit"]).to_numpy(float), pd.get_dummies(frame["year"]).to_numpy(float)
    X = np.column_stack([frame[regressors].to_numpy(float), units, years[:, 1:]])
    y = frame[outcome].to_numpy(float)
    coef, *_ = np.linalg.lstsq(X, y, rcond=None)
    residuals = y - X @ coef
    bread = np.linalg.pinv(X.T @ X)
    codes, groups = pd.factorize(frame["unit"])
    scores = np.zeros((len(groups), X.shape[1]))
    np.add.at(scores, codes, X * residuals[:, None])
    n, g, k = len(frame), len(groups), len(regressors) + years.shape[1]
    factor = (n - 1) / (n - k) * g / (g - 1)
    vcov = factor * bread @ (scores.T @ scores) @ bread
    return coef[0], np.sqrt(vcov[0, 0]), n
