"""Compiled dense simplex for frontier programs: thousands of tiny linear programs over one reference set.

The program (``shidian.efficiency.programs``) of one evaluated DMU has M rows (about nine) and a column for each
DMU of the reference set. The revised simplex keeps the M x M inverse of the basis; columns of the reference set
are generated: cheap pricing over a pool of columns that were useful before, then, before an optimum is accepted,
pricing over ALL columns (Dantzig & Wolfe 1960). The pool is shared by all DMUs of a reference set, and holds
little more than the efficient DMUs.

Numbers stay near one whatever the units: each row is divided by the evaluated DMU's value, and each reference
column by its largest input so expressed, which turns a reduced cost into a bound on what the column could still
improve. A solution is accepted only with its certificate (``solution.is_certified``): the inverse may drift, the
certificate is computed from the data. Whatever is not certified is left to another engine.

All of it stands in one file: the cache of a compiled function does not see an edit of what it calls in another file.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np
from numba import njit

from shidian.efficiency.solution import INFEASIBLE, OPTIMAL, T_COLUMN, TOLERANCE, UNCERTIFIED

PIVOT = 1e-9
"""Smallest pivot element the ratio test accepts."""
BLOCKS = 2
"""Full pricing offers the best column of each of so many blocks of the reference set."""
LARGEST_PRICE = 1e5
"""Dual prices above this make reduced costs too inexact for a certificate in double precision."""
BARRED = 1e300
"""Added to the reduced cost of a column that may not enter."""


@njit(cache=True, error_model="numpy")
def solve_batch(
    Z, blocks, n_scale, floor, returns_row, R, exclude, E, cost, phase1, start, start_inverse, max_pivots, pool, n_pool
):  # fmt: skip
    """Solve the program of each evaluated DMU.

    Args:
        Z: (K, n) reference data, one row a variable, inputs first.
        blocks: the same, sorted (``blocks.Blocks``); empty where that does not pay.
        n_scale: number of leading rows (inputs) by whose largest a reference column is scaled.
        floor: least scale of a reference column: 1 where the intensities add to at most t.
        returns_row: whether the last of the M rows counts the sum of the intensities.
        R: (q, K) reciprocals of the evaluated DMUs' data.
        exclude: (q,) reference column that the DMU may not use, or -1.
        E: (M, P) columns beside the reference set; cost: (P,) their costs; phase1: (P,) 1 for artificial columns.
        start: (M,) columns of the starting basis; start_inverse: (M, M) its inverse.
        max_pivots: pivots after which a program is given up.
        pool: (n,) columns in the pool, filled in place; n_pool: (1,) their number.

    Returns:
        status (q,), objective (q,), basis (q, M; P + j for reference column j), values (q, M; intensities of the
        columns of Z).
    """
    q = R.shape[0]
    n = Z.shape[1]
    M, P = E.shape
    status = np.full(q, UNCERTIFIED, np.int8)
    objective = np.full(q, np.nan)
    bases = np.zeros((q, M), np.int32)
    values = np.zeros((q, M))

    A = np.zeros((M, P + n))  # the program's columns, then the pool's, normalised for the DMU at hand
    A[:, :P] = E
    barred = np.zeros(P + n)
    barred[:P] = phase1 * BARRED
    scale = np.ones(P + n)
    in_pool = np.zeros(n, np.bool_)
    in_pool[pool[: n_pool[0]]] = True
    reference = (Z, blocks, n_scale, floor, returns_row)
    raw = np.empty_like(Z)  # the pool's columns as they are
    raw[:, : n_pool[0]] = Z[:, pool[: n_pool[0]]]
    known = (A, barred, scale, raw, pool, n_pool, in_pool, P)
    buffers = (np.zeros(P + n), np.empty(P + n))
    basis = np.empty(M, np.int32)
    inverse = np.empty((M, M))
    x = np.empty(M)
    for k in range(q):
        _load_pool(reference, R[k], known, 0, n_pool[0])
        for p in range(n_pool[0]):
            barred[P + p] = BARRED if pool[p] == exclude[k] else 0.0
        basis[:] = start
        inverse[:] = start_inverse
        x[:] = start_inverse[:, 0]
        state, level = _solve_one(
            reference, R[k], exclude[k], known, cost, phase1, basis, inverse, x, buffers, max_pivots
        )
        status[k] = state
        if state == OPTIMAL:
            objective[k] = level
        for i in range(M):
            inside = basis[i] < P
            bases[k, i] = basis[i] if inside else P + pool[basis[i] - P]
            values[k, i] = x[i] / scale[basis[i]]
    return status, objective, bases, values


@njit(cache=True, error_model="numpy")
def _solve_one(reference, r, excluded, known, cost, phase1, basis, inverse, x, buffers, max_pivots):
    """Run phase 1 if the starting basis holds a positive artificial, then phase 2; return status and objective."""
    A, barred, _, _, _, n_pool, _, P = known
    c, d = buffers  # costs, zero beyond the program's own columns; room for reduced costs
    in_phase1 = False
    for i in range(len(basis)):
        in_phase1 = in_phase1 or (phase1[basis[i]] > 0 and x[i] > 0)
    c[:P] = phase1 if in_phase1 else cost
    y = np.empty(len(basis))
    count = 0
    doubts = 0  # from the first doubt on, the basis is inverted afresh
    while count <= max_pivots and doubts < 3:
        stuck, count = _iterate(A, c, barred, P + n_pool[0], basis, inverse, x, y, d, count, max_pivots)
        B = A[:, basis]
        if stuck or (doubts > 0 and not _refactor(B, inverse, x)):
            return UNCERTIFIED, np.nan
        _duals(c, basis, inverse, y)
        _refine(B, inverse, c, basis, x, y)
        added, worst = _price_all(reference, r, excluded, y, d, known)
        worst = min(worst, _worst_extra(A, c, barred, y, d, P))
        level = _dot(c, basis, x)
        size = max(1.0, abs(level))
        if worst < -TOLERANCE * size:
            doubts += added == 0
        elif not _certified(B, x, y, level, size, 1.0 if in_phase1 else _scale_of_rows(basis, x)):
            doubts += 1
        elif not in_phase1:
            return (OPTIMAL if _artificial(basis, x, phase1, P) <= TOLERANCE else UNCERTIFIED), level
        elif level > TOLERANCE:
            # y is a Farkas ray: no solution, unless one with a normalisation above 1 / TOLERANCE
            return (INFEASIBLE if level > 1e-6 and worst >= -TOLERANCE * level else UNCERTIFIED), np.nan
        else:
            in_phase1 = False
            c[:P] = cost
    return UNCERTIFIED, np.nan


@njit(cache=True, error_model="numpy")
def _iterate(A, c, barred, width, basis, inverse, x, y, d, count, max_pivots):
    """Pivot until no known column has a negative reduced cost; return whether it got stuck, and the pivots."""
    M = len(basis)
    alpha = np.empty(M)
    stalled = 0
    _duals(c, basis, inverse, y)
    while True:
        enter = _entering(A, c, barred, width, y, d, stalled > 4 * M)  # Bland's rule ends cycling
        if enter < 0:
            return False, count
        for i in range(M):
            value = 0.0
            for j in range(M):
                value += inverse[i, j] * A[j, enter]
            alpha[i] = value
        leave = _leaving(alpha, x, basis, barred)
        if leave < 0 or count >= max_pivots:
            return True, count
        step = max(x[leave], 0.0) / alpha[leave]
        stalled = stalled + 1 if step < 1e-13 else 0
        _update(inverse, x, alpha, leave, step)
        basis[leave] = enter
        for j in range(M):
            y[j] += d[enter] * inverse[leave, j]
        count += 1


@njit(cache=True, error_model="numpy")
def _entering(A, c, barred, width, y, d, first):
    """Return the column with the most negative reduced cost (or the first negative one), -1 if there is none."""
    for p in range(width):
        d[p] = c[p] + barred[p]
    for i in range(len(y)):
        u = y[i]
        for p in range(width):
            d[p] -= u * A[i, p]
    enter = -1
    best = -TOLERANCE
    for p in range(width):
        if d[p] < best:
            enter = p
            best = d[p]
            if first:
                break
    return enter


@njit(cache=True, error_model="numpy")
def _leaving(alpha, x, basis, barred):
    """Return the row of the smallest ratio, ties to the largest pivot; an artificial at zero leaves either way."""
    leave = -1
    least = np.inf
    for i in range(len(alpha)):
        a = alpha[i]
        if a > PIVOT or (a < -PIVOT and barred[basis[i]] > 0 and x[i] < PIVOT):
            ratio = max(x[i], 0.0) / abs(a)
            if leave < 0 or ratio < least - 1e-13 or (ratio <= least + 1e-13 and abs(a) > abs(alpha[leave])):
                least = min(least, ratio)
                leave = i
    return leave


@njit(cache=True, error_model="numpy")
def _update(inverse, x, alpha, leave, step):
    """Replace the basic column of row ``leave`` by the one whose transformed entries are alpha."""
    M = len(alpha)
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


@njit(cache=True, error_model="numpy")
def _duals(c, basis, inverse, y):
    """Write the dual prices y = c_B inverse."""
    y[:] = 0.0
    for i in range(len(basis)):
        ci = c[basis[i]]
        if ci != 0.0:
            for j in range(len(y)):
                y[j] += ci * inverse[i, j]


@njit(cache=True, error_model="numpy")
def _dot(c, basis, x):
    total = 0.0
    for i in range(len(basis)):
        total += c[basis[i]] * x[i]
    return total


@njit(cache=True, error_model="numpy")
def _artificial(basis, x, phase1, P):
    """Return the largest value of a basic artificial column."""
    worst = 0.0
    for i in range(len(basis)):
        if basis[i] < P and phase1[basis[i]] > 0:
            worst = max(worst, abs(x[i]))
    return worst


@njit(cache=True, error_model="numpy")
def _scale_of_rows(basis, x):
    """Return t, by which every row of data is multiplied (``solution.is_certified``), at most one."""
    for i in range(len(basis)):
        if basis[i] == T_COLUMN:
            return min(1.0, x[i])
    return 0.0


@njit(cache=True, error_model="numpy")
def _certified(B, x, y, level, size, t):
    """Say whether the basic solution meets its rows, weighted by their prices too, and closes the duality gap."""
    M = len(x)
    dear = 0.0
    for i in range(M):
        missed = -1.0 if i == 0 else 0.0
        for j in range(M):
            missed += B[i, j] * max(x[j], 0.0)
        allowed = TOLERANCE if i == 0 else TOLERANCE * t
        if abs(missed) > allowed or abs(y[i]) > LARGEST_PRICE * size:
            return False
        dear += abs(missed * y[i])
    return dear <= TOLERANCE * size and abs(level - y[0]) <= TOLERANCE * size


@njit(cache=True, error_model="numpy")
def _refactor(B, inverse, x):
    """Invert the basis afresh (Gauss-Jordan, partial pivoting); False if it is singular."""
    M = len(x)
    work = np.zeros((M, 2 * M))
    work[:, :M] = B
    for i in range(M):
        work[i, M + i] = 1.0
    for col in range(M):
        row = col + np.argmax(np.abs(work[col:, col]))
        if abs(work[row, col]) < 1e-13:
            return False
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
    inverse[:] = work[:, M:]
    x[:] = work[:, M]
    return True


@njit(cache=True, error_model="numpy")
def _refine(B, inverse, c, basis, x, y):
    """Correct x and y once by what they miss of B x = (1, 0, ..., 0) and y B = c_B."""
    M = len(x)
    missed = np.empty((2, M))
    for i in range(M):
        primal = 1.0 if i == 0 else 0.0
        dual = c[basis[i]]
        for j in range(M):
            primal -= B[i, j] * x[j]
            dual -= y[j] * B[j, i]
        missed[0, i] = primal
        missed[1, i] = dual
    for i in range(M):
        for j in range(M):
            x[i] += inverse[i, j] * missed[0, j]
            y[j] += missed[1, i] * inverse[i, j]


@njit(cache=True, error_model="numpy")
def _worst_extra(A, c, barred, y, d, P):
    """Return the most negative reduced cost among the program's own columns."""
    d[:P] = c[:P] + barred[:P]
    for i in range(len(y)):
        for p in range(P):
            d[p] -= y[i] * A[i, p]
    return d[:P].min()


@njit(cache=True, error_model="numpy")
def _price_all(reference, r, excluded, y, d, known):
    """Price every reference column; add the best new ones to the pool; return their number and the worst price."""
    Z, blocks, n_scale, floor, returns_row = reference
    _, barred, _, raw, pool, n_pool, in_pool, P = known
    K, n = Z.shape
    base = -y[K + 1] if returns_row else 0.0
    u = y[1 : K + 1] * r
    first = n_pool[0]
    width = (n + BLOCKS - 1) // BLOCKS
    best = np.full(BLOCKS, -TOLERANCE)
    best_j = np.full(BLOCKS, n)
    worst = 0.0
    least = _bounds(blocks, u, base)
    for block in range(max(1, len(least))):  # without blocks all columns are one, as they stand
        if len(least) == 0:
            _reduced(Z, 0, n, u, base, d)
            a, b = 0, n
        elif least[block] < 0.0:
            a, b = blocks.first[block], blocks.first[block + 1]
            _reduced(blocks.columns, a, b, u, base, d)
        else:
            continue
        for p in range(a, b):
            if d[p] < 0.0:
                j = blocks.order[p] if len(least) else p
                if j == excluded:
                    continue
                price = d[p] / _column_scale(Z, n_scale, floor, r, j)
                worst = min(worst, price)
                half = j // width
                if (price < best[half] or (price == best[half] and j < best_j[half])) and not in_pool[j]:
                    best[half] = price
                    best_j[half] = j
    for j in best_j:
        if j < n:
            pool[n_pool[0]] = j
            raw[:, n_pool[0]] = Z[:, j]
            in_pool[j] = True
            barred[P + n_pool[0]] = 0.0
            n_pool[0] += 1
    _load_pool(reference, r, known, first, n_pool[0])
    return n_pool[0] - first, worst


@njit(cache=True, error_model="numpy")
def _reduced(columns, a, b, u, base, d):
    """Write reduced costs of columns a to b, by rows: one pass over the columns a row."""
    d[a:b] = base
    for i in range(len(u)):
        ui = u[i]
        for p in range(a, b):
            d[p] -= ui * columns[i, p]


@njit(cache=True, error_model="numpy")
def _bounds(blocks, u, base):
    """Return the least reduced cost in each block's box of values (of its sign, where the box holds rays)."""
    least = np.full(blocks.low.shape[1], base)
    for i in range(len(u)):
        ui = u[i]
        corner = blocks.high if ui > 0.0 else blocks.low
        for block in range(len(least)):
            least[block] -= ui * corner[i, block]
    return least


@njit(cache=True, error_model="numpy")
def _column_scale(Z, n_scale, floor, r, j):
    """Return the largest input of reference column j in units of the evaluated DMU's, at least ``floor``."""
    largest = floor
    for i in range(n_scale):
        largest = max(largest, r[i] * Z[i, j])
    return largest


@njit(cache=True, error_model="numpy")
def _load_pool(reference, r, known, first, last):
    """Write pool columns ``first`` to ``last`` into A, row-normalised by r and divided by their scale."""
    _, _, n_scale, floor, returns_row = reference
    A, _, scale, raw, _, _, _, P = known
    K = len(r)
    scale[P + first : P + last] = floor
    for i in range(n_scale):
        for p in range(first, last):
            scale[P + p] = max(scale[P + p], r[i] * raw[i, p])
    for p in range(first, last):
        A[0, P + p] = 1.0 / scale[P + p]
    for i in range(K):
        for p in range(first, last):
            A[i + 1, P + p] = r[i] * raw[i, p] * A[0, P + p]
    for p in range(first, last):
        if returns_row:
            A[K + 1, P + p] = A[0, P + p]
        A[0, P + p] = 0.0
