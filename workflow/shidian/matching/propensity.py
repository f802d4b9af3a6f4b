"""The propensity score: a logit by Newton's method, with its errors worded for the user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shidian.errors import EstimationError
from shidian.messages import say

ITERATIONS = 100


@dataclass(frozen=True)
class Logit:
    """A fitted logit.

    Attributes:
        terms: names of the coefficients, the constant first.
        coef: coefficients.
        vcov: inverse information matrix.
        loglik: log likelihood.
        loglik_null: log likelihood with the constant alone.
        score: (n,) fitted probabilities.
        index: (n,) linear predictors, the log odds.
    """

    terms: tuple[str, ...]
    coef: np.ndarray
    vcov: np.ndarray
    loglik: float
    loglik_null: float
    score: np.ndarray
    index: np.ndarray

    @property
    def pseudo_r2(self) -> float:
        """McFadden's 1 - L / L0."""
        return 1 - self.loglik / self.loglik_null


def fit_logit(treated: np.ndarray, covariates: np.ndarray, names: Sequence[str]) -> Logit:
    """Fit P(treated) = 1 / (1 + exp(-x b)) by maximum likelihood (Newton-Raphson, as Stata and R's glm).

    Args:
        treated: (n,) zeros and ones.
        covariates: (n, k) without the constant.
        names: k names.

    Raises:
        EstimationError: one group is empty, a covariate is constant or collinear, or the groups are
            separated.
    """
    d = np.asarray(treated, dtype=float)
    n_treated = int(d.sum())
    if n_treated in (0, len(d)):
        raise EstimationError(
            say(
                "the logit needs treated and untreated rows: {n_treated} of {n} are treated",
                n_treated=n_treated,
                n=len(d),
            )
        )
    x = np.asarray(covariates, dtype=float)
    centre, spread = x.mean(axis=0), x.std(axis=0)
    for name, value, s in zip(names, centre, spread, strict=True):
        if s <= 1e-12 * max(abs(float(value)), 1e-300):
            raise EstimationError(say("the matching covariate '{name}' is constant in the sample", name=name))
    standard = np.column_stack([np.ones(len(d)), (x - centre) / spread])
    if np.linalg.matrix_rank(standard, tol=1e-9 * np.sqrt(len(d))) < standard.shape[1]:
        raise EstimationError(say("the matching covariates are collinear: {names}", names=list(names)))
    coef = _newton(d, standard, names)
    index = standard @ coef
    p = _probability(index)
    information = (standard * (p * (1 - p))[:, None]).T @ standard
    # back from standardised covariates: b_j / s_j, and the constant less sum of b_j m_j / s_j
    back = np.diag(np.concatenate([[1.0], 1 / spread]))
    back[0, 1:] = -centre / spread
    share = d.mean()
    return Logit(
        terms=("const", *names), coef=back @ coef, vcov=back @ np.linalg.inv(information) @ back.T,
        loglik=_loglik(d, index), loglik_null=_loglik(d, np.full(len(d), np.log(share / (1 - share)))),
        score=p, index=index,
    )  # fmt: skip


def _newton(d: np.ndarray, x: np.ndarray, names: Sequence[str]) -> np.ndarray:
    b = np.zeros(x.shape[1])
    current = _loglik(d, x @ b)
    for _ in range(ITERATIONS):
        p = _probability(x @ b)
        w = np.maximum(p * (1 - p), 1e-300)
        step = np.linalg.lstsq((x * w[:, None]).T @ x, x.T @ (d - p), rcond=None)[0]
        scale = 1.0
        while (proposed := _loglik(d, x @ (b + scale * step))) < current - 1e-12 * abs(current) and scale > 1e-6:
            scale /= 2
        b, current = b + scale * step, proposed
        if np.max(np.abs(scale * step)) < 1e-11 * (1 + np.max(np.abs(b))):
            return b
        if np.max(np.abs(b)) > 1e3 or current > -1e-6:
            break
    raise EstimationError(
        say(
            "the logit does not converge: a combination of {names} separates treated from untreated rows "
            "perfectly; use fewer covariates",
            names=list(names),
        )
    )


def _probability(index: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(index, -700, 700)))


def _loglik(d: np.ndarray, index: np.ndarray) -> float:
    return float(np.sum(d * index - np.logaddexp(0, index)))
