"""Linear programs beside SBM and the radial ones, in the standard form of ``shidian.efficiency.programs``."""

from __future__ import annotations

import numpy as np

from shidian.efficiency.programs import Builder, Counts, Program, Returns


def nonradial_directional(counts: Counts, returns: Returns, weights: np.ndarray, weak: bool) -> Program:
    """Return the non-radial directional distance (Zhou, Ang & Wang 2012), each variable in the DMU's own units.

    max w' beta s.t. X lambda <= (1 - beta_x) x_o, Y lambda >= (1 + beta_y) y_o, B lambda <= (1 - beta_b) b_o,
    beta >= 0, the last row with equality where undesirable outputs are weakly disposable. ``weights`` (K,) hold the w,
    not negative: a variable of weight zero is not moved. The optimum of this program is -w' beta. With equal weights,
    without undesirable outputs, it is the additive measure of Charnes et al. (1985) in shares of the DMU's values.

    The step of a moved variable is the slack of its row; an unmoved one has a slack without cost, or none where it is
    weakly disposable.
    """
    builder = Builder(counts, returns)
    first_bad = counts.inputs + counts.desirable
    builder.add("t", norm=1.0, rows=-1.0, returns_row=-1.0)
    start = ["t"]
    for i, sign in enumerate(counts.sign):
        name = f"beta{i}" if weights[i] > 0 else f"q{i}"
        loose = weights[i] > 0 or not (weak and i >= first_bad)
        if loose:
            builder.add(name, row=i, value=sign, cost=-weights[i] if weights[i] > 0 else 0.0)
        start.append(name if loose and sign > 0 else f"artificial{i}")
    builder.add_returns_slack()
    for name in start:
        if name.startswith("artificial"):
            builder.add(name, row=int(name.removeprefix("artificial")), value=1.0, phase1=1.0)
    return builder.build(builder.finish_start(start))


def epsilon_based(counts: Counts, returns: Returns, weights: np.ndarray, epsilon: float) -> Program:
    """Return the input-oriented epsilon-based measure (Tone & Tsutsui 2010, equations 6 to 8).

    min theta - epsilon sum_i w_i s_i / x_io s.t. theta x_o = X lambda + s, Y lambda >= y_o, lambda, s >= 0.
    ``weights`` (m,) of the inputs add to one, ``epsilon`` lies in [0, 1]: zero is the radial measure. No bound on
    theta is needed, for no solution has a negative one.
    """
    builder = Builder(counts, returns)
    outputs = range(counts.inputs, builder.K)
    builder.add("t", norm=1.0, rows=-1.0, only=outputs, returns_row=-1.0)
    builder.add("theta", rows=-1.0, only=range(counts.inputs), cost=1.0)
    for i in range(builder.K):
        is_input = i < counts.inputs
        builder.add(f"q{i}", row=i, value=1.0 if is_input else -1.0, cost=-epsilon * weights[i] if is_input else 0.0)
    builder.add_returns_slack()
    start = ["t", *(f"q{i}" for i in range(counts.inputs))]
    for i in outputs:
        builder.add(f"artificial{i}", row=i, value=1.0, phase1=1.0)
        start.append(f"artificial{i}")
    return builder.build(builder.finish_start(start))
