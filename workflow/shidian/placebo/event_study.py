"""The event study under pseudo-treatments: all event-time coefficients of every draw.

``y_it = sum_k beta_k 1[t - g_i = k] + X'c + mu_i + lambda_t + e_it`` with event times beyond the window binned into
its ends and reference times left out; the outcome and the controls are partialled out once, the event-time dummies
in each draw.

The distribution is that of one statistic: every draw has the base period, the second normalisation and the event
times of the observed estimate (``true_columns``, by the rules of ``did.base_period``). A draw without a treated row at
the base, or in which those event times are collinear, would estimate something else and gives no number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from shidian.did.base_period import (
    Normalisation,
    not_told_apart,
    order_of_precedence,
    partners,
    second_normalisation,
    with_observed_base,
)
from shidian.did.event_window import Window, term_name
from shidian.did.within import independent_columns
from shidian.errors import EstimationError
from shidian.inference.small_sample import cluster_factor, hetero_factor
from shidian.messages import say
from shidian.placebo.columns import NEVER
from shidian.placebo.design import Design
from shidian.placebo.projection import independent

BASE_UNOBSERVED = say("no treated unit is observed at the base period")
COLLINEAR = say("its event times are collinear with each other and the fixed effects")
UNIDENTIFIED = say("absorbed by the fixed effects and controls")
UNSEEN = say("no treated unit is observed at this relative time")
NO_TREATED = say("no unit of the sample is treated: there is no observed estimate")
ABSORBED_SHARE = 1e-9
"""An event time is absorbed when it keeps no more than this share of its sum of squares net of everything else."""


@dataclass(frozen=True)
class EventColumns:
    """The event times with an observed estimate, which every draw estimates too.

    Attributes:
        normalisation: the base period and what else is zero.
        times: event times with a coefficient, in order.
        missing: other event times of the window, the base apart -> why they have no observed estimate.
    """

    normalisation: Normalisation
    times: tuple[int, ...]
    missing: Mapping[int, str]

    @property
    def window(self) -> Window:
        """The window with the base period that is used."""
        return self.normalisation.window

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the coefficients."""
        return tuple(term_name(tau) for tau in self.times)


def true_columns(design: Design, window: Window, effects: Sequence[str]) -> EventColumns:
    """Return the event times that the true adoption years identify; ``effects`` names the fixed effects.

    Raises:
        EstimationError: no unit is treated or none observed before adoption; effects after adoption that cannot be
            told apart; no event time with an estimate.
    """
    units = np.flatnonzero(design.cohort != NEVER)
    if not len(units):
        raise EstimationError(NO_TREATED)
    tau = _event_time(design, units, design.cohort[units])
    used = with_observed_base(window, tau[~np.isnan(tau)])
    seen = set(used.place(tau[~np.isnan(tau)]))
    order = [k for k in order_of_precedence(used) if k in seen]
    columns = _dummies(used.place(tau), order)
    kept, lost = _judge(design, columns, _net(design, columns))
    missing = {k: UNSEEN for k in used.estimated() if k not in seen}
    second = dict[int, str]()
    for j, with_which in lost.items():
        others = [order[i] for i in with_which]
        if not others:
            missing[order[j]] = UNIDENTIFIED
        elif used.counts_as_after(order[j]):
            raise EstimationError(not_told_apart(used, [order[j], *others], effects))
        else:
            second[order[j]] = second_normalisation(used, others, effects)
    times = tuple(sorted(order[j] for j in kept))
    if not times:
        raise EstimationError(
            say("the fixed effects and controls absorb every event time: there is no observed estimate")
        )
    return EventColumns(Normalisation(window, used, second), times, dict(sorted((missing | second).items())))


def fit_event_times(
    design: Design, units: np.ndarray, cohorts: np.ndarray, asked: EventColumns, n_asked: int
) -> tuple[np.ndarray, np.ndarray, str]:
    """Estimate ``asked`` when ``units`` adopt in years ``cohorts`` (positions).

    Args:
        design: what all draws share.
        units: units treated.
        cohorts: their adoption years as positions.
        asked: the event times estimated and what they are measured against.
        n_asked: event times that the design's count of parameters holds.

    Returns:
        (K,) coefficients and (K, K) covariance, nan for event times that the fixed effects and controls absorb, which
        leave the count of parameters; and why all are missing, "" where they are not.
    """
    window, tau = asked.window, _event_time(design, units, cohorts)
    n = len(asked.times)
    coef, covariance = np.full(n, np.nan), np.full((n, n), np.nan)
    placed = window.place(tau)
    if not _has_base(window, placed):
        return coef, covariance, BASE_UNOBSERVED
    columns = _dummies(placed, asked.times)
    net = _net(design, columns)
    kept, lost = _judge(design, columns, net)
    if any(lost.values()):
        return coef, covariance, COLLINEAR
    if not kept:
        return coef, covariance, ""
    coef[kept], covariance[np.ix_(kept, kept)] = _fit(design, net[:, kept], n_asked)
    return coef, covariance, ""


def _event_time(design: Design, units: np.ndarray, cohorts: np.ndarray) -> np.ndarray:
    """Return (N,) event times, nan for units not treated."""
    adoption = np.full(design.n_units, np.nan)
    adoption[units] = design.years[cohorts]
    return design.year - adoption[design.unit]


def _dummies(placed: np.ndarray, times: tuple[int, ...] | list[int]) -> np.ndarray:
    return (placed[:, None] == np.array(times)[None, :]).astype(float)


def _has_base(window: Window, placed: np.ndarray) -> bool:
    """Say whether every period of the base has a treated row; without one, whether the times before the window have."""
    if not window.reference:
        return bool((placed < window.first).any())
    return all((placed == tau).any() for tau in window.reference)


def _net(design: Design, columns: np.ndarray) -> np.ndarray:
    """Return (N, K) columns with the fixed effects and the controls partialled out."""
    weight, controls = design.weight[:, None], design.controls
    net = design.projector.residuals(columns)
    return net - controls @ (controls.T @ (weight * net))


def _judge(design: Design, columns: np.ndarray, net: np.ndarray) -> tuple[list[int], dict[int, list[int]]]:
    """Return the columns that can be estimated, and for each other one the earlier ones that it is made up of.

    None of them where the fixed effects and controls absorb it: without it the other coefficients are what they are.
    """
    scale = np.sum(design.weight[:, None] * columns**2, axis=0)
    if independent(net, design.weight, scale).all():
        return list(range(columns.shape[1])), {}
    root = np.sqrt(design.weight)[:, None] * net
    rest = np.sum(root**2, axis=0)
    alive = np.flatnonzero((rest > ABSORBED_SHARE * scale) & (scale > 0))
    kept = alive[independent_columns(root[:, alive], np.empty((len(root), 0)))].tolist()
    lost: dict[int, list[int]] = {j: [] for j in range(columns.shape[1]) if j not in kept}
    for j in set(alive.tolist()) - set(kept):
        lost[j] = [kept[i] for i in partners(root[:, j], root[:, kept])]
    return kept, lost


def _fit(design: Design, net: np.ndarray, n_asked: int) -> tuple[np.ndarray, np.ndarray]:
    """Regress the design's outcome on (N, K) independent columns net of everything else."""
    weight = design.weight[:, None]
    bread = np.linalg.inv(net.T @ (weight * net))
    b = bread @ (net.T @ (design.weight * design.y))
    return b, _covariance(design, net, b, bread, design.n_parameters - n_asked + net.shape[1])


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
