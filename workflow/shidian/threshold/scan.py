"""The sum of squared residuals at every candidate threshold from one sort and cumulative cross-products.

With P the within transformation, x*(g) = P [x 1(q <= g)] and M the projection off everything else in the
model,

    S_0 - S(g) = b(g)' A(g)^(-1) b(g),   b(g) = x*(g)' M y*,   A(g) = x*(g)' M x*(g).

Sorted by q, b(g) is the cumulative sum of x_it (P'My*)_it, and A(g) that of cross-products: no regression is
run at a candidate, and A(g), the costly part, does not depend on the outcome, so bootstrap replications share
it. Where rows have weights P is one of each unit, with the roots of its weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SINGULAR = 1e-10
"""A candidate is infeasible when x*(g) keeps less than this share of its size off the rest of the model."""


@dataclass(frozen=True)
class Ordering:
    """The observations sorted by the threshold variable.

    Attributes:
        order: (N,) positions of the flattened (n, T) observations in ascending q.
        x: (n, T, k) regime-dependent regressors.
        transform: P, the within transformation: (T', T), or (n, T, T) of weighted rows.
        x_sorted: (N, k) regressors in that order.
        gram: (N, k, k) cumulative x*(g)' x*(g) after each observation.
        candidates: (C,) candidate thresholds, ascending.
        counts: (C,) observations in the regime below each candidate.
    """

    order: np.ndarray
    x: np.ndarray
    transform: np.ndarray
    x_sorted: np.ndarray
    gram: np.ndarray
    candidates: np.ndarray
    counts: np.ndarray


def sort_by_threshold(
    q: np.ndarray, x: np.ndarray, transform: np.ndarray, candidates: np.ndarray, strict: bool
) -> Ordering:
    """Sort once. ``strict`` makes the lower regime q < g instead of q <= g."""
    order = np.argsort(q, axis=None, kind="stable")
    position = np.empty(q.size, dtype=np.int64)
    position[order] = np.arange(q.size)
    rank = position.reshape(q.shape)
    h = transform.swapaxes(-1, -2) @ transform
    unit = "i" if h.ndim == 3 else ""
    earlier = rank[:, None, :] < rank[:, :, None]  # [i, t, s]: observation s of unit i comes before t
    cross = np.einsum(f"{unit}ts,its,isk->itk", h, earlier, x, optimize=True)
    outer = cross[..., :, None] * x[..., None, :]
    own = np.atleast_2d(np.diagonal(h, axis1=-2, axis2=-1))
    increments = own[:, :, None, None] * x[..., :, None] * x[..., None, :] + outer + outer.swapaxes(2, 3)
    k = x.shape[2]
    gram = np.cumsum(increments.reshape(-1, k, k)[order], axis=0)
    counts = np.searchsorted(q.ravel()[order], candidates, side="left" if strict else "right")
    return Ordering(order, x, transform, x.reshape(-1, k)[order], gram, candidates, counts)


def regime_columns(ordering: Ordering, count: int) -> np.ndarray:
    """Return x*(g), (n T', k), for the threshold that leaves ``count`` observations below it."""
    below = np.zeros(ordering.order.size, dtype=bool)
    below[ordering.order[:count]] = True
    return transformed(ordering.x * below.reshape(ordering.x.shape[:2])[..., None], ordering.transform)


def transformed(values: np.ndarray, transform: np.ndarray) -> np.ndarray:
    """Apply P to each unit: (n, T, k) -> (n T', k)."""
    unit = "i" if transform.ndim == 3 else ""
    n, _, k = values.shape
    return np.einsum(f"{unit}st,itk->isk", transform, values, optimize=True).reshape(n * transform.shape[-2], k)


@dataclass(frozen=True)
class Scan:
    """The candidates that are feasible beside a given model, ready to be tried on any outcome.

    Attributes:
        basis: (n T', p) orthonormal basis of the model without the new threshold.
        feasible: (C,) candidates whose regimes are large enough and identified.
        counts: (F,) observations below each feasible candidate.
        cross: (F, k, p) x*(g)' basis at the feasible candidates.
        roots: (F, k, k) inverse Cholesky factors of A(g).
    """

    ordering: Ordering
    basis: np.ndarray
    feasible: np.ndarray
    counts: np.ndarray
    cross: np.ndarray
    roots: np.ndarray

    @property
    def candidates(self) -> np.ndarray:
        """Feasible candidate thresholds."""
        return self.ordering.candidates[self.feasible]

    def residuals(self, y: np.ndarray) -> np.ndarray:
        """Project the model out of the (n T',) outcome."""
        rest = y - self.basis @ (self.basis.T @ y)
        return rest - self.basis @ (self.basis.T @ rest)

    def search(self, outcomes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (R,) sums of squares without the threshold and (R, F) reductions at the candidates.

        Args:
            outcomes: (R, n T') transformed outcomes, one a row.
        """
        ordering = self.ordering
        draws, (n, periods, k) = len(outcomes), ordering.x.shape
        explained = outcomes @ self.basis
        ssr = np.einsum("ri,ri->r", outcomes, outcomes) - np.einsum("rp,rp->r", explained, explained)
        back = outcomes
        if ordering.transform.ndim == 3:
            by_unit = outcomes.reshape(draws, n, -1)
            back = np.einsum("ris,ist->rit", by_unit, ordering.transform).reshape(draws, n * periods)
        elif len(ordering.transform) < periods:  # the full within transformation leaves demeaned rows as they are
            back = (outcomes.reshape(draws, n, -1) @ ordering.transform).reshape(draws, n * periods)
        in_order = np.take(back, ordering.order, axis=1)
        moments = []
        for j in range(k):
            running = in_order * ordering.x_sorted[:, j]
            np.cumsum(running, axis=1, out=running)
            moments.append(np.take(running, self.counts - 1, axis=1) - explained @ self.cross[:, j].T)
        gains = np.zeros((draws, len(self.counts)))
        for j in range(k):  # forward substitution: |L^(-1) b|^2, one component at a time
            component = moments[0] * self.roots[:, j, 0]
            for i in range(1, j + 1):
                component += moments[i] * self.roots[:, j, i]
            component *= component
            gains += component
        return ssr, gains


def scan_candidates(ordering: Ordering, model: np.ndarray, fixed_counts: list[int], minimum: int) -> Scan:
    """Return the scan for one more threshold beside ``model``.

    Args:
        ordering: the sorted observations.
        model: (n T', p) transformed regressors of the model without the new threshold.
        fixed_counts: observations below each threshold already in the model.
        minimum: observations that every regime must keep.
    """
    basis = _basis(model)
    edges = np.array([0, ordering.order.size, *fixed_counts])
    room = np.abs(ordering.counts[:, None] - edges[None, :]).min(axis=1) >= max(minimum, 1)
    feasible, counts = np.flatnonzero(room), ordering.counts[room]
    n, periods, k = ordering.x.shape
    unit = "i" if ordering.transform.ndim == 3 else ""
    back = np.einsum(f"isp,{unit}st->itp", basis.reshape(n, -1, basis.shape[1]), ordering.transform, optimize=True)
    back = back.reshape(n * periods, -1)[ordering.order]
    cumulated = (np.cumsum(back * ordering.x_sorted[:, [j]], axis=0)[counts - 1] for j in range(k))
    cross = np.stack(list(cumulated), axis=1)
    gram = ordering.gram[counts - 1]
    a = gram - cross @ cross.swapaxes(1, 2)
    scale = np.sqrt(np.maximum(np.einsum("ckk->ck", gram), np.finfo(float).tiny))
    share = a / (scale[:, :, None] * scale[:, None, :])
    good = (share[:, 0, 0] if k == 1 else np.linalg.eigvalsh(share)[:, 0]) > SINGULAR
    # the factor of the matrix of unit diagonal: the regressors may have any units of measure
    roots = a[good] ** -0.5 if k == 1 else np.linalg.inv(np.linalg.cholesky(share[good])) / scale[good][:, None, :]
    return Scan(ordering, basis, feasible[good], counts[good], cross[good], roots)


def _basis(model: np.ndarray) -> np.ndarray:
    """Return an orthonormal basis of the columns' span, columns of any scale and rank."""
    norms = np.linalg.norm(model, axis=0)
    kept = model[:, norms > 0] / norms[norms > 0]
    u, s, _ = np.linalg.svd(kept, full_matrices=False)
    return u[:, s > 1e-10 * s[0]] if len(s) else kept
