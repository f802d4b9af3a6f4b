"""Partialling fixed effects out of the outcome and the regressors (Frisch-Waugh-Lovell)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.crossed import family_of
from shidian.did.slopes import without_effects
from shidian.errors import EstimationError
from shidian.inference.effects import Effect, effects_of, plain, slopes
from shidian.messages import joined, say

DEMEAN_TOLERANCE = 1e-12
COLLINEAR_TOLERANCE = 1e-7
"""A column whose norm falls below this share of its own after partialling out is taken to be explained away:
far above the demeaner's error, far below what rounding of printed data leaves."""
FAR = 1e-3
"""A share of its norm that is beyond doubt more than ``COLLINEAR_TOLERANCE``."""


@dataclass(frozen=True)
class Partialled:
    """Outcome and regressors with the fixed effects taken out.

    Attributes:
        y: (n,) outcome after partialling out.
        X: (n, k) regressors that are estimable, after partialling out.
        terms: names of those regressors.
        omitted: name of each regressor that is not estimable -> the reason.
    """

    y: np.ndarray
    X: np.ndarray
    terms: tuple[str, ...]
    omitted: dict[str, str]


def demean(columns: np.ndarray, effects: Sequence[Effect], weights: np.ndarray | None = None) -> np.ndarray:
    """Return ``columns`` (n, k) less the fixed effects, by alternating projections to 1e-12 of each column's scale.

    The engine is pyfixest's compiled demeaner; where slopes are among the effects, ``shidian.did.slopes``. ``effects``
    are (n,) arrays of codes or ``Slopes``; without any, the columns come back as they are.

    Raises:
        EstimationError: the projections do not converge.
    """
    if not effects or columns.shape[1] == 0:
        return columns.copy()
    from pyfixest.core.demean import demean as project  # 15 ms; `import pyfixest` and feols cost seconds

    centred = columns - np.average(columns, axis=0, weights=weights)
    scale = centred.std(axis=0)
    scale[scale == 0] = 1.0
    if slopes(effects):
        return scale * without_effects(centred / scale, effects, weights)
    codes = np.column_stack([np.unique(e, return_inverse=True)[1] for e in plain(effects)]).astype(np.uintp)
    w = np.ones(len(columns)) if weights is None else np.asarray(weights, dtype=np.float64)
    centred /= scale
    residuals, converged = project(np.ascontiguousarray(centred), codes, w, tol=DEMEAN_TOLERANCE, maxiter=100_000)
    if not converged:
        raise EstimationError(say("the fixed effects could not be partialled out: the projections do not converge"))
    found = np.asarray(residuals)
    found *= scale
    return found


def partial_out(
    frame: pd.DataFrame, outcome: str, regressors: Sequence[str], fixed_effects: Sequence[str],
    weights: np.ndarray | None = None,
) -> Partialled:  # fmt: skip
    """Partial the fixed effects out, by means weighted by ``weights``, and set aside what cannot be estimated.

    Regressors keep their order; of a collinear set the earlier ones stay, as in Stata.

    Raises:
        EstimationError: the outcome does not vary, or not within the fixed effects; a column is not numeric.
    """
    y = numbers(frame, outcome)
    whole = np.column_stack([y, *(numbers(frame, name) for name in regressors)])
    effects = effects_of(frame, fixed_effects)
    within = demean(whole, effects, weights)
    _require_rest(within[:, 0], y, outcome, fixed_effects)
    terms, kept, omitted = estimable(within[:, 1:], whole[:, 1:], list(regressors), fixed_effects)
    return Partialled(within[:, 0], within[:, 1:][:, kept], tuple(terms), omitted)


def require_variation(frame: pd.DataFrame, outcome: str, fixed_effects: Sequence[str]) -> None:
    """Refuse an outcome of which the fixed effects leave nothing: every estimate from it would be rounding error.

    Raises:
        EstimationError: the outcome does not vary, or not within the fixed effects; it is not numeric.
    """
    y = numbers(frame, outcome)
    codes = effects_of(frame, fixed_effects)
    _require_rest(demean(y[:, None], codes)[:, 0], y, outcome, fixed_effects)


def inestimable(frame: pd.DataFrame, regressors: Sequence[str], fixed_effects: Sequence[str]) -> dict[str, str]:
    """Return the regressors that cannot be estimated beside the fixed effects and each other, with the reasons."""
    if not regressors:
        return {}
    raw = np.column_stack([numbers(frame, name) for name in regressors])
    codes = effects_of(frame, fixed_effects)
    return estimable(demean(raw, codes), raw, list(regressors), fixed_effects)[2]


def _require_rest(within: np.ndarray, y: np.ndarray, outcome: str, fixed_effects: Sequence[str]) -> None:
    if not remains(within, y):
        raise EstimationError(
            say(
                "the outcome '{outcome}' does not vary within {effects}: nothing to explain in {n} rows",
                outcome=outcome,
                effects=joined(fixed_effects, "and"),
                n=len(y),
            )
            if fixed_effects and np.ptp(y) > 0
            else say("the outcome '{outcome}' does not vary: nothing to explain in {n} rows", outcome=outcome, n=len(y))
        )


def estimable(
    X: np.ndarray, raw: np.ndarray, names: list[str], fixed_effects: Sequence[str]
) -> tuple[list[str], list[int], dict[str, str]]:
    """Keep the columns that the effects and earlier columns leave alive; give the reason for each other one.

    Args:
        X: (n, k) columns after partialling out ``fixed_effects``.
        raw: (n, k) the same before.
        names: k names.
        fixed_effects: names of the effects partialled out.

    Returns:
        Names of the columns kept, their positions, and the reason of each other one by name.
    """
    omitted: dict[str, str] = {}
    for j, name in enumerate(names):
        if np.ptp(raw[:, j]) == 0:
            omitted[name] = say("constant in the sample (always {value:g})", value=raw[0, j])
        elif fixed_effects and not remains(X[:, j], raw[:, j]):
            omitted[name] = say("absorbed by the fixed effects ({effects})", effects=list(fixed_effects))
    alive = [j for j, name in enumerate(names) if name not in omitted]
    columns = X[:, alive] if fixed_effects else X[:, alive] - X[:, alive].mean(axis=0)
    kept = [alive[i] for i in independent_columns(columns, np.empty((len(X), 0)))]
    for j in alive:
        if j not in kept:
            omitted[names[j]] = _why(names[j], [names[i] for i in kept if i < j])
    return [names[j] for j in kept], kept, {name: omitted[name] for name in names if name in omitted}


def _why(name: str, before: Sequence[str]) -> str:
    """Return why a collinear column is left out: it is the base of the levels of its product, or one too many."""
    family = family_of(name)
    if family and any(family_of(other) == family for other in before):
        return say("the base: the other coefficients of its product are differences from it")
    return say("collinear with {names}", names=list(before))


def independent_columns(x: np.ndarray, base: np.ndarray) -> list[int]:
    """Return the positions of the columns of x that neither ``base`` nor earlier columns of x span."""
    if not x.shape[1]:
        return []
    both = np.column_stack([base, x]) if base.shape[1] else x
    if far_apart(both):
        return list(range(x.shape[1]))
    if len(both) > both.shape[1]:  # the same lengths and angles in as many rows as there are columns
        both = np.asarray(np.linalg.qr(both, mode="r"))
    base, x = both[:, : base.shape[1]], both[:, base.shape[1] :]
    basis = np.empty((len(x), min(both.shape)), order="F")
    found = min(base.shape)
    basis[:, :found] = np.linalg.qr(base)[0] if found else basis[:, :0]
    kept = []
    for j, column in enumerate(x.T):
        rest = column
        for _ in range(2):  # twice is enough (Kahan & Parlett)
            rest = rest - basis[:, :found] @ (basis[:, :found].T @ rest)
        if np.linalg.norm(rest) > COLLINEAR_TOLERANCE * np.linalg.norm(column):
            basis[:, found] = rest / np.linalg.norm(rest)
            found += 1
            kept.append(j)
    return kept


def far_apart(x: np.ndarray) -> bool:
    """Say whether no column, brought to length one, is within ``FAR`` of the space of the others.

    The squared distance is no less than the smallest eigenvalue of the columns' cross-products, which rounding moves
    by far less than ``FAR`` squared; what comes nearer is left to an exact decomposition.
    """
    squares = np.einsum("ij,ij->j", x, x)
    if len(x) < x.shape[1] or not ((squares > 0) & np.isfinite(squares)).all():
        return False
    lengths = np.sqrt(squares)
    return bool(np.linalg.eigvalsh((x.T @ x) / np.outer(lengths, lengths))[0] > FAR**2)


def remains(within: np.ndarray, raw: np.ndarray) -> bool:
    """Say whether partialling out left anything of a column beside rounding error."""
    spread = np.linalg.norm(raw - raw.mean())
    rest = np.linalg.norm(within - within.mean())
    return bool(rest > COLLINEAR_TOLERANCE * spread)


def numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    """Return a column as floats; raises EstimationError for text and for infinite values."""
    try:
        values = frame[name].to_numpy(dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise EstimationError(say("column '{name}' is not numeric ({error})", name=name, error=error)) from error
    if not np.isfinite(values).all():
        raise EstimationError(
            say("column '{name}' holds infinite values: a logarithm of zero, or a division by zero", name=name)
        )
    return values
