"""Compiled dense simplex for frontier programs: thousands of tiny linear programs over one reference set.

The program (``shidian.efficiency.programs``) of one evaluated DMU has M rows (about nine) and a column for each
DMU of the reference set. The revised simplex keeps the M x M inverse of the basis; columns of the reference set
are generated: cheap pricing over a pool of columns that were useful before, then, before an optimum is accepted,
pricing over ALL columns (Dantzig & Wolfe 1960). The pool is shared by all DMUs of a reference set, and holds
within a few columns the efficient DMUs.

Numbers stay near one whatever the units: each row is divided by the evaluated DMU's value, and each reference
column by its largest input so expressed, which also turns a reduced cost into a bound on what the column could
still improve. A solution is accepted only with its certificate, computed from a freshly inverted basis: primal
feasibility, dual feasibility over all columns, no gap. Whatever is not certified is left to another engine.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from shidian.efficiency.solution import INFEASIBLE, OPTIMAL, TOLERANCE, UNCERTIFIED

PIVOT = 1e-9
"""Smallest pivot element the ratio test accepts."""
BLOCKS = 4
"""Full pricing offers the best column of each of so many blocks of the reference set."""


@njit(cache=True)
def solve_batch(
    Z,
    n_scale,
    floor,
    returns_row,
    R,
    exclude,
    E,
    cost,
    cost1,
    bar,
    start,
    start_inverse,
    max_pivots,
    pool,
    n_pool,
):  # type: ignore[no-untyped-def]
    """Solve the program of each evaluated DMU.

    Args:
        Z: (K, n) reference data, one row a variable, inputs first.
        n_scale: number of leading rows (inputs) by whose largest a reference column is scaled.
        floor: least scale of a reference column: 1 where the intensities add to at most t.
        returns_row: whether the last of the M rows counts the sum of the intensities.
        R: (q, K) reciprocals of the evaluated DMUs' data.
        exclude: (q,) reference column that the DMU may not use, or -1.
        E: (M, P) columns beside the reference set; cost, cost1: (P,) their costs in phase 2 and phase 1.
        bar: (P,) 1 for artificial columns, which never enter.
        start: (M,) columns of the starting basis; start_inverse: (M, M) its inverse.
        max_pivots: pivots after which a program is given up.
        pool: (n,) columns in the pool, filled in place; n_pool: (1,) their number.

    Returns:
        status (q,), objective (q,), basis (q, M; P + j for reference column j), values (q, M; intensities in the
        units of Z), pivots (q,).
    """
    q, K = R.shape
    n = Z.shape[1]
    M, P = E.shape
    status = np.full(q, UNCERTIFIED, np.int8)
    objective = np.full(q, np.nan)
    bases = np.zeros((q, M), np.int32)
    values = np.zeros((q, M))
    pivots = np.zeros(q, np.int32)

    A = np.zeros((M, P + n))  # extra columns, then the pool's, scaled for the DMU at hand
    A[:, :P] = E
    c = np.zeros(P + n)
    barred = np.zeros(P + n)
    in_pool = np.zeros(n, np.bool_)
    for p in range(n_pool[0]):
        in_pool[pool[p]] = True
    scale = np.ones(P + n)
    B = np.empty((M, M))
    inverse = np.empty((M, M))
    basis = np.empty(M, np.int32)
    x = np.empty(M)
    y = np.empty(M)
    d = np.empty(P + n)
    work = np.empty((M, 2 * M))
    for k in range(q):
        o = exclude[k]
        r = R[k]
        _load_pool(Z, n_scale, floor, returns_row, r, A, P, pool, 0, n_pool[0], scale)
        for p in range(n_pool[0]):
            barred[P + p] = 1e300 if pool[p] == o else 0.0
        phase1 = False
        for j in range(P):
            barred[j] = 1e300 if bar[j] else 0.0
        for i in range(M):
            basis[i] = start[i]
            x[i] = start_inverse[i, 0]
            if cost1[start[i]] > 0 and x[i] > 0:
                phase1 = True
            for j in range(M):
                inverse[i, j] = start_inverse[i, j]
        c[:P] = cost1 if phase1 else cost
        count = 0
        fresh = False
        while count <= max_pivots:
            stuck, count = _iterate(A, c, barred, P + n_pool[0], basis, inverse, x, y, d, count, max_pivots)
            if stuck:
                break
            if not _refactor(A, basis, B, inverse, x, work):
                break
            _duals(c, basis, inverse, y)
            added, worst = _price_all(
                Z, n_scale, floor, returns_row, r, o, y, d, A, P, pool, n_pool, in_pool, scale, barred
            )
            for p in range(P):
                value = c[p] + barred[p]
                for i in range(M):
                    value -= y[i] * A[i, p]
                worst = min(worst, value)
            level = _dot(c, basis, x)
            size = max(1.0, abs(level))
            if worst < -TOLERANCE * size:
                # a column of the pool may still be priced out wrongly after the refresh: go on, but not for ever
                if added == 0 and fresh:
                    break
                fresh = added == 0
                continue
            if _infeasibility(B, x) > TOLERANCE or abs(level - y[0]) > TOLERANCE * size:
                break
            if phase1:
                if level > 1e-6:
                    status[k] = INFEASIBLE
                    break
                if level > TOLERANCE:
                    break
                phase1 = False
                c[:P] = cost
                fresh = False
                continue
            outside = 0.0
            for i in range(M):
                if basis[i] < P and bar[basis[i]]:
                    outside = max(outside, abs(x[i]))
            if outside > TOLERANCE:
                break
            status[k] = OPTIMAL
            objective[k] = level
            break
        pivots[k] = count
        for i in range(M):
            if basis[i] < P:
                bases[k, i] = basis[i]
                values[k, i] = x[i]
            else:
                bases[k, i] = P + pool[basis[i] - P]
                values[k, i] = x[i] / scale[basis[i]]
    return status, objective, bases, values, pivots


@njit(cache=True)
def _load_pool(Z, n_scale, floor, returns_row, r, A, P, pool, first, last, scale):  # type: ignore[no-untyped-def]
    """Write pool columns ``first`` to ``last`` into A, row-normalised by r and scaled by their largest input."""
    K = len(r)
    for p in range(first, last):
        j = pool[p]
        largest = floor
        for i in range(K):
            value = r[i] * Z[i, j]
            A[i + 1, P + p] = value
            if i < n_scale and value > largest:
                largest = value
        for i in range(K):
            A[i + 1, P + p] /= largest
        A[0, P + p] = 0.0
        if returns_row:
            A[K + 1, P + p] = 1.0 / largest
        scale[P + p] = largest


@njit(cache=True)
def _iterate(A, c, barred, width, basis, inverse, x, y, d, count, max_pivots):  # type: ignore[no-untyped-def]
    """Pivot until no known column has a negative reduced cost; return whether it got stuck, and the pivots."""
    M = len(basis)
    stalled = 0
    _duals(c, basis, inverse, y)
    alpha = np.empty(M)
    while True:
        for p in range(width):
            d[p] = c[p] + barred[p]
        for i in range(M):
            u = y[i]
            for p in range(width):
                d[p] -= u * A[i, p]
        enter = -1
        best = -TOLERANCE
        for p in range(width):
            if d[p] < best:
                enter = p
                best = d[p]
                if stalled > 4 * M:  # Bland's rule ends cycling
                    break
        if enter < 0:
            return False, count
        if count >= max_pivots:
            return True, count
        for i in range(M):
            value = 0.0
            for j in range(M):
                value += inverse[i, j] * A[j, enter]
            alpha[i] = value
        leave = -1
        step = np.inf
        for i in range(M):
            a = alpha[i]
            artificial = barred[basis[i]] > 0
            if a > PIVOT or (artificial and a < -PIVOT and x[i] < PIVOT):
                ratio = max(x[i], 0.0) / abs(a)
                if (
                    leave < 0
                    or ratio < step - 1e-13
                    or (ratio <= step + 1e-13 and abs(a) > abs(alpha[leave]))
                ):
                    step = min(step, ratio)
                    leave = i
        if leave < 0:
            return True, count
        step = max(x[leave], 0.0) / alpha[leave]
        stalled = stalled + 1 if step < 1e-13 else 0
        pivot = 1.0 / alpha[leave]
        for j in range(M):
            inverse[leave, j] *= pivot
        for i in range(M):
            if i != leave:
                a = alpha[i]
                x[i] -= a * step
                for j in range(M):
                    inverse[i, j] -= a * inverse[leave, j]
        x[leave] = step
        basis[leave] = enter
        for j in range(M):
            y[j] += best * inverse[leave, j]
        count += 1


@njit(cache=True)
def _duals(c, basis, inverse, y):  # type: ignore[no-untyped-def]
    M = len(basis)
    for j in range(M):
        y[j] = 0.0
    for i in range(M):
        ci = c[basis[i]]
        if ci != 0.0:
            for j in range(M):
                y[j] += ci * inverse[i, j]


@njit(cache=True)
def _dot(c, basis, x):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(len(basis)):
        total += c[basis[i]] * x[i]
    return total


@njit(cache=True)
def _infeasibility(B, x):  # type: ignore[no-untyped-def]
    """Largest violation of a row of B x = (1, 0, ..., 0), or of a row once negative values were set to zero."""
    worst = 0.0
    for i in range(len(x)):
        value = -1.0 if i == 0 else 0.0
        for j in range(len(x)):
            value += B[i, j] * x[j]
            worst = max(worst, -abs(B[i, j]) * x[j])
        worst = max(worst, abs(value))
    return worst


@njit(cache=True)
def _refactor(A, basis, B, inverse, x, work):  # type: ignore[no-untyped-def]
    """Invert the basis afresh (Gauss-Jordan, partial pivoting) and refine x once; False if it is singular."""
    M = len(basis)
    for i in range(M):
        for j in range(M):
            value = A[i, basis[j]]
            B[i, j] = value
            work[i, j] = value
            work[i, M + j] = 1.0 if i == j else 0.0
    for col in range(M):
        row = col
        for i in range(col + 1, M):
            if abs(work[i, col]) > abs(work[row, col]):
                row = i
        if abs(work[row, col]) < 1e-13:
            return False
        if row != col:
            for j in range(2 * M):
                work[row, j], work[col, j] = work[col, j], work[row, j]
        pivot = 1.0 / work[col, col]
        for j in range(col, 2 * M):
            work[col, j] *= pivot
        for i in range(M):
            a = work[i, col]
            if i != col and a != 0.0:
                for j in range(col, 2 * M):
                    work[i, j] -= a * work[col, j]
    for i in range(M):
        for j in range(M):
            inverse[i, j] = work[i, M + j]
    for i in range(M):
        x[i] = inverse[i, 0]
    for i in range(M):
        value = 1.0 if i == 0 else 0.0
        for j in range(M):
            value -= B[i, j] * x[j]
        work[i, 0] = value
    for i in range(M):
        for j in range(M):
            x[i] += inverse[i, j] * work[j, 0]
    return True


@njit(cache=True)
def _price_all(Z, n_scale, floor, returns_row, r, o, y, d, A, P, pool, n_pool, in_pool, scale, barred):  # type: ignore[no-untyped-def]
    """Price every reference column; add the best new ones to the pool; return their number and the worst price."""
    K, n = Z.shape
    base = -y[K + 1] if returns_row else 0.0
    for j in range(n):
        d[j] = base
    for i in range(K):
        u = y[i + 1] * r[i]
        for j in range(n):
            d[j] -= u * Z[i, j]
    worst = 0.0
    first = n_pool[0]
    width = (n + BLOCKS - 1) // BLOCKS
    for block in range(BLOCKS):
        best = -TOLERANCE
        best_j = -1
        for j in range(block * width, min(n, (block + 1) * width)):
            if d[j] < 0.0 and j != o:
                largest = floor
                for i in range(n_scale):
                    largest = max(largest, r[i] * Z[i, j])
                price = d[j] / largest
                worst = min(worst, price)
                if price < best and not in_pool[j]:
                    best = price
                    best_j = j
        if best_j >= 0:
            pool[n_pool[0]] = best_j
            in_pool[best_j] = True
            barred[P + n_pool[0]] = 0.0
            n_pool[0] += 1
    _load_pool(Z, n_scale, floor, returns_row, r, A, P, pool, first, n_pool[0], scale)
    return n_pool[0] - first, worst
