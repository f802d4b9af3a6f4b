"""The data of a 2SLS regression after the fixed effects are absorbed, with what had to be dropped and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.inference.absorb import Absorption
from shidian.inference.sample import Sample, estimation_sample
from shidian.inference.small_sample import Convention, count_parameters, is_nested

Vcov = Literal["iid", "robust", "cluster"]
SmallSample = Literal["ivreghdfe", "ivreg2", "reghdfe", "xtreg", "fixest"]

ABSORBED = 1e-9
"""A column is absorbed when its norm falls below this share of what it was."""
COLLINEAR = 1e-8
"""A column is collinear when the part that earlier columns leave is below this share of it."""


@dataclass(frozen=True)
class IVDesign:
    """Arrays of one 2SLS regression, fixed effects (or the constant) projected out of all.

    Attributes:
        y: (n,) outcome.
        endogenous: (n, K1) endogenous regressors.
        exogenous: (n, K2) included exogenous regressors.
        instruments: (n, L1) excluded instruments.
        names: names of the endogenous, exogenous and instrument columns kept.
        cluster: (n,) cluster codes, or None.
        vcov: kind of covariance behind every test and standard error.
        n_absorbed: parameters counted for the absorbed effects, the constant included.
        small: scale covariances by the small-sample factor and use t and F distributions.
        sample: the estimation sample.
        n_units: units in the sample.
        dropped: sentences on columns that were dropped.
        total_ss: centred sum of squares of the outcome before the effects were absorbed.
    """

    y: np.ndarray
    endogenous: np.ndarray
    exogenous: np.ndarray
    instruments: np.ndarray
    names: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    cluster: np.ndarray | None
    vcov: Vcov
    n_absorbed: int
    small: bool
    sample: Sample
    n_units: int
    dropped: tuple[str, ...]
    total_ss: float

    @property
    def n(self) -> int:
        """Rows used."""
        return len(self.y)

    @property
    def n_clusters(self) -> int | None:
        """Clusters, or None when errors are not clustered."""
        return None if self.cluster is None else int(self.cluster.max()) + 1


def build_design(
    panel: pd.DataFrame,
    outcome: str,
    endogenous: Sequence[str],
    instruments: Sequence[str],
    controls: Sequence[str] = (),
    fixed_effects: Sequence[str] = (),
    *,
    vcov: Vcov = "robust",
    cluster: str | None = None,
    ssc: SmallSample = "ivreghdfe",
    unit: str = "unit",
) -> IVDesign:
    """Return the design of ``outcome ~ controls | fixed_effects | endogenous ~ instruments``.

    Raises EstimationError when an endogenous regressor or every instrument is absorbed by the effects or collinear
    with the controls, when fewer instruments than endogenous regressors are left, and for a sample too small.
    """
    _check_names(outcome, endogenous, instruments, controls)
    if vcov == "cluster" and cluster is None:
        raise EstimationError("clustered errors need the name of the cluster variable")
    needed = [outcome, *endogenous, *controls, *instruments, *([cluster] if cluster and vcov == "cluster" else [])]
    sample = estimation_sample(panel, needed, fixed_effects, keep=[unit] if unit in panel.columns else [])
    frame = sample.frame
    effects = [frame[name].to_numpy() for name in fixed_effects]
    absorption = Absorption(len(frame), effects)
    groups = pd.factorize(frame[cluster], sort=True)[0] if cluster and vcov == "cluster" else None

    columns = {name: frame[name].to_numpy(dtype=float) for name in [outcome, *endogenous, *controls, *instruments]}
    inside = {name: absorption.residuals(x) for name, x in columns.items()}
    absorbed = {name for name, x in columns.items() if _is_absorbed(inside[name], x)}
    exogenous, dropped = _independent(controls, inside, absorbed, [], "control")
    _check_endogenous(endogenous, inside, absorbed, exogenous)
    kept, lost = _independent(instruments, inside, absorbed, exogenous, "instrument")
    if len(kept) < len(endogenous):
        why = "; ".join(lost) or "too few were declared"
        raise EstimationError(
            f"{len(kept)} usable instruments for {len(endogenous)} endogenous regressors ({why}); "
            "an instrument must vary within the fixed effects, e.g. a fixed trait times a trend"
        )
    k_absorbed = absorbed_parameters(effects, groups, ssc)
    used = len(kept) + len(exogenous) + k_absorbed
    if len(frame) <= used:
        raise EstimationError(f"{len(frame)} rows cannot identify {used} first-stage parameters")
    y = inside[outcome]
    return IVDesign(
        y=y, endogenous=_stack(endogenous, inside, len(y)), exogenous=_stack(exogenous, inside, len(y)),
        instruments=_stack(kept, inside, len(y)), names=(tuple(endogenous), tuple(exogenous), tuple(kept)),
        cluster=groups, vcov=vcov, n_absorbed=k_absorbed, small=ssc != "ivreg2", sample=sample,
        n_units=frame[unit].nunique() if unit in frame else len(frame), dropped=tuple(dropped + lost),
        total_ss=float(np.sum((columns[outcome] - columns[outcome].mean()) ** 2)),
    )  # fmt: skip


def absorbed_parameters(effects: Sequence[np.ndarray], cluster: np.ndarray | None, ssc: SmallSample) -> int:
    """Return the parameters that the convention counts for the absorbed effects, at least one (the constant).

    ivreg2 and ivreghdfe count the degrees of freedom that reghdfe's count of absorbed effects leaves, where effects
    nested in the cluster are free, and unlike reghdfe do not give the constant back (README of ivreghdfe 1.1).
    """
    convention: Convention = "reghdfe" if ssc in ("ivreghdfe", "ivreg2") else ssc  # type: ignore[assignment]
    count = count_parameters(0, effects, cluster, convention)
    if ssc in ("ivreghdfe", "ivreg2") and cluster is not None:
        count -= int(any(is_nested(e, cluster) for e in effects))
    return max(1, count)


def independent_columns(x: np.ndarray, base: np.ndarray) -> list[int]:
    """Return the positions of the columns of x that neither ``base`` nor earlier columns of x span."""
    basis = np.linalg.qr(base)[0] if base.shape[1] else np.empty((len(x), 0))
    kept = []
    for j, column in enumerate(x.T):
        rest = column
        for _ in range(2):  # twice is enough (Kahan & Parlett)
            rest = rest - basis @ (basis.T @ rest)
        if np.linalg.norm(rest) > COLLINEAR * np.linalg.norm(column):
            basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
            kept.append(j)
    return kept


def _is_absorbed(inside: np.ndarray, column: np.ndarray) -> bool:
    return bool(np.linalg.norm(inside) <= ABSORBED * max(np.linalg.norm(column), np.finfo(float).tiny))


def _stack(names: Sequence[str], columns: dict[str, np.ndarray], n: int) -> np.ndarray:
    return np.column_stack([columns[name] for name in names]) if names else np.empty((n, 0))


def _check_names(outcome: str, *groups: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in [outcome, *(n for group in groups for n in group)]:
        if name in seen:
            raise EstimationError(f"'{name}' is named twice among outcome, regressors, controls and instruments")
        seen.add(name)


def _check_endogenous(
    endogenous: Sequence[str], inside: dict[str, np.ndarray], absorbed: set[str], exogenous: Sequence[str]
) -> None:
    for name in endogenous:
        if name in absorbed:
            raise EstimationError(f"the endogenous regressor '{name}' does not vary within the fixed effects")
    n = len(next(iter(inside.values())))
    kept = independent_columns(_stack(endogenous, inside, n), _stack(exogenous, inside, n))
    for j, name in enumerate(endogenous):
        if j not in kept:
            raise EstimationError(f"the endogenous regressor '{name}' is collinear with the controls")


def _independent(
    names: Sequence[str], inside: dict[str, np.ndarray], absorbed: set[str], base: Sequence[str], role: str
) -> tuple[list[str], list[str]]:
    """Return the names kept, and one sentence for each name dropped."""
    n = len(next(iter(inside.values())))
    varying = [name for name in names if name not in absorbed]
    kept = [varying[j] for j in independent_columns(_stack(varying, inside, n), _stack(base, inside, n))]
    lost = []
    for name in names:
        if name in absorbed:
            lost.append(f"{role} '{name}' dropped: the fixed effects absorb it")
        elif name not in kept:
            lost.append(f"{role} '{name}' dropped: collinear with the columns before it")
    return kept, lost
