"""Distance functions of one set of observations to the frontier of another: what productivity indices are made of."""

from __future__ import annotations

import numpy as np

from shidian.efficiency import programs
from shidian.efficiency.engines import Pool, Solutions, choose, solve_program
from shidian.efficiency.programs import Counts, Returns
from shidian.efficiency.solution import OPTIMAL


def radial_input(
    reference: np.ndarray, evaluated: np.ndarray, counts: Counts, returns: Returns, engine: str = "auto"
) -> np.ndarray:
    """Return (q,) radial input efficiencies theta (Farrell 1957; Charnes, Cooper & Rhodes 1978), nan if infeasible.

    theta exceeds one for an observation beyond the frontier of ``reference`` (n, K); 1 / theta is Shephard's input
    distance. ``evaluated`` is (q, K).
    """
    return _distance(programs.radial_input(counts, returns), reference, evaluated, engine).objective


def directional(
    reference: np.ndarray, evaluated: np.ndarray, counts: Counts, returns: Returns, engine: str = "auto"
) -> np.ndarray:
    """Return (q,) directional distances beta in the direction (y, -b) (Chung, Faere & Grosskopf 1997).

    beta is zero on the frontier, positive inside, negative beyond; undesirable outputs are weakly disposable. nan
    where the direction never meets the technology, which happens to observations of one period against the frontier
    of another.
    """
    outputs = (np.arange(sum(counts)) >= counts.inputs).astype(float)
    solved = _distance(programs.directional(counts, returns, outputs, weak=True), reference, evaluated, engine)
    return np.where(solved.status == OPTIMAL, -solved.objective, np.nan)


def proportional(
    values: np.ndarray, counts: Counts, returns: Returns, direction: np.ndarray, engine: str = "auto"
) -> np.ndarray:
    """Return (n,) proportional distances beta of the units with ``values`` (n, K) to their own frontier.

    Inputs and undesirable outputs shrink by beta and desirable outputs grow by beta, those of them whose
    ``direction`` (K,) is one; all are strongly disposable, as in the slacks-based measure.
    """
    solved = _distance(programs.directional(counts, returns, direction, weak=False), values, values, engine)
    return np.where(solved.status == OPTIMAL, np.maximum(-solved.objective, 0.0), np.nan)


def _distance(program: programs.Program, reference: np.ndarray, evaluated: np.ndarray, engine: str) -> Solutions:
    Z = np.ascontiguousarray(reference.T)
    chosen = choose("highs" if engine == "pulp" else engine)
    return solve_program(program, Z, evaluated, np.full(len(evaluated), -1), chosen, Pool(Z.shape[1]))
