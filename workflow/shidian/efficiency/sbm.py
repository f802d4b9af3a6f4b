"""SBM and Super-SBM with undesirable outputs for a panel: the public entry of the engine."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from shidian.efficiency.engines import Engine, Model, Pool, Solutions, choose, solve_model
from shidian.efficiency.frontiers import FrontierSet, frontier_sets
from shidian.efficiency.programs import ORIENTATIONS, RETURNS, Orientation, Returns
from shidian.efficiency.result import EFFICIENT, NOT_NEEDED, Efficiency, Stage
from shidian.efficiency.solution import OPTIMAL
from shidian.efficiency.technology import Technology, build_technology
from shidian.errors import EstimationError, nearest

NEGLIGIBLE = 1e-11
"""A peer that adds less than this share to every variable of a projection is none."""


def super_sbm(
    inputs: object, desirable: object, undesirable: object = None, *, data: pd.DataFrame | None = None,
    unit: object = None, year: object = None, returns: str = "crs", orientation: str = "none",
    frontier: str = "contemporaneous", window: int = 3, weights: Mapping[str, float] | None = None,
    super_efficiency: bool = True, engine: str = "auto",
) -> Efficiency:  # fmt: skip
    """Measure efficiency by the slacks-based measure, and efficient units by Super-SBM.

    rho = min [1 - sum_i w_i s_i/x_io] / [1 + sum_r w_r s_r/y_ro + sum_k w_k s_k/y_ko] with x_o = X lambda + s,
    y_o = Y lambda - s, b_o = B lambda + s (Tone 2001; undesirable outputs b: Tone 2003); a unit with rho = 1 gets
    rho* >= 1 from the same measure of the distance at which it lies outside the technology of all others (Tone
    2002). Weights are equal unless declared, and add to one over inputs and over outputs.

    Example: nine units with one input, a desirable and an undesirable output (Tone 2003).

        >>> from shidian.efficiency import super_sbm
        >>> import pandas as pd
        >>> plants = pd.DataFrame({
        ...     "plant": list("ABCDEFGHI"),
        ...     "capital": [1.0] * 9,
        ...     "power": [1.0, 2, 6, 8, 9, 5, 4, 6, 4],
        ...     "smoke": [1.0, 1, 2, 4, 7, 2, 3, 4, 6],
        ... })
        >>> result = super_sbm("capital", "power", "smoke", data=plants, unit="plant", returns="crs")
        >>> result.scores().set_index("unit")["score"].round(4).head(5).to_dict()
        {'A': 0.1, 'B': 0.25, 'C': 1.0909, 'D': 1.0526, 'E': 1.0588}
        >>> result.peers().query("unit == 'A'")["peer_unit"].tolist()
        ['D']

    Args:
        inputs, desirable, undesirable: (n, variables) arrays, or column names of ``data``; all values positive.
        data: the panel, or None where arrays are given.
        unit, year: labels of the rows, as arrays or column names; without a year all rows are one cross-section.
        returns: returns to scale, ``crs``, ``vrs``, ``nirs`` (non-increasing) or ``ndrs`` (non-decreasing).
        orientation: ``none``, ``input`` (outputs are given) or ``output`` (inputs are given).
        frontier: ``contemporaneous``, ``global``, ``window`` or ``sequential``, see ``frontiers.frontier_sets``.
        window: years of a window.
        weights: variable -> weight; variables left out weigh 1.
        super_efficiency: whether efficient units go on to the super stage; otherwise their score is 1.
        engine: ``fast`` (compiled simplex; what it cannot certify goes to HiGHS, then to exact arithmetic),
            ``highs``, ``pulp`` (the written definition), or ``auto``.

    Returns:
        Scores, slacks, projections, peers and the status of every program.

    Raises:
        EstimationError: for data that no score can be computed from, naming unit, year and variable, for a frontier
            with fewer units than variables, and for options that do not exist.
    """
    technology = build_technology(
        inputs, desirable, undesirable, data=data, unit=unit, year=year, weights=weights
    )
    return measure(
        technology, returns=returns, orientation=orientation, frontier=frontier, window=window,
        super_efficiency=super_efficiency, engine=engine,
    )  # fmt: skip


def measure(
    technology: Technology, *, returns: str = "crs", orientation: str = "none", frontier: str = "contemporaneous",
    window: int = 3, super_efficiency: bool = True, engine: str = "auto",
) -> Efficiency:  # fmt: skip
    """Do what ``super_sbm`` does, on a technology already built."""
    check_option("returns", returns, RETURNS)
    check_option("orientation", orientation, ORIENTATIONS)
    chosen = choose(engine)
    sets = frontier_sets(technology.year, frontier, window)
    for one in sets:
        check_size(technology, one.label, len(one.reference))
    parts = [
        _measure_frontier(technology, one, returns, orientation, super_efficiency, chosen)  # type: ignore[arg-type]
        for one in sets
    ]
    options = {
        "returns": returns, "orientation": orientation, "frontier": frontier, "window": window,
        "super_efficiency": super_efficiency, "engine": chosen,
    }  # fmt: skip
    return Efficiency(
        technology, options,
        frontier=np.repeat([one.label for one in sets], [len(one.evaluated) for one in sets]),
        row=np.concatenate([one.evaluated for one in sets]),
        sbm=_joined([sbm for sbm, _ in parts]), superstage=_joined([above for _, above in parts]),
        warnings=technology.warnings(),
    )  # fmt: skip


def check_size(technology: Technology, label: str, size: int) -> None:
    """Raise EstimationError for a frontier that has fewer units than variables: it would call all efficient."""
    K = len(technology.names)
    if size < K:
        where = f"frontier {label}" if label != "0" else "the frontier"
        raise EstimationError(
            f"{where} has {size} units for {K} variables: with fewer units than variables nearly all are efficient; "
            "pool years (frontier: global or window) or drop variables"
        )


def _measure_frontier(
    technology: Technology,
    one: FrontierSet,
    returns: Returns,
    orientation: Orientation,
    super_efficiency: bool,
    engine: Engine,
) -> tuple[Stage, Stage]:
    """Solve both stages for the units measured against one frontier."""
    reference = np.ascontiguousarray(technology.values[one.reference].T)
    z = technology.values[one.evaluated]
    own = np.searchsorted(one.reference, one.evaluated)
    pool = Pool(reference.shape[1])
    options = (technology.counts, technology.weights, returns, orientation)
    everyone = np.arange(len(z))
    solved = solve_model(Model("sbm", *options), reference, z, np.full(len(z), -1), engine, pool)
    sbm = _stage(solved, "q", everyone, technology, one)
    efficient = np.flatnonzero(solved.objective > 1 - EFFICIENT) if super_efficiency else everyone[:0]
    above = solve_model(Model("super", *options), reference, z[efficient], own[efficient], engine, pool)
    return sbm, _stage(above, "S", efficient, technology, one)


def _stage(solved: Solutions, slack: str, at: np.ndarray, technology: Technology, one: FrontierSet) -> Stage:
    """Spread the solutions of the evaluations ``at`` over all of the frontier, and undo Charnes & Cooper's t."""
    size, K = len(one.evaluated), len(technology.names)
    status = np.full(size, NOT_NEEDED, np.int8)
    solver = np.zeros(size, np.int8)
    objective = np.full(size, np.nan)
    slacks = np.full((size, K), np.nan)
    status[at], solver[at], objective[at] = solved.status, solved.solver, solved.objective
    optimal = solved.status == OPTIMAL
    columns = solved.own_columns()
    position = {name: i for i, name in enumerate(solved.names)}
    t = np.where(optimal, columns[:, position["t"]], np.nan)
    counted = [i for i in range(K) if f"{slack}{i}" in position]
    slacks[at] = np.where(optimal, 0.0, np.nan)[:, None]
    slacks[np.ix_(at, counted)] = (
        np.maximum(columns[:, [position[f"{slack}{i}"] for i in counted]], 0.0) / t[:, None]
    )
    k, column, value = solved.intensities()
    oneself = columns[:, position["self"]] if "self" in position else np.zeros(len(at))
    alone = np.flatnonzero(optimal & (oneself > 0))
    peer_of = at[np.concatenate([k, alone])]
    peer = np.concatenate([one.reference[column], one.evaluated[at[alone]]])
    intensity = np.concatenate([value / t[k], oneself[alone] / t[alone]])
    # what a peer adds to the projection, in units of the evaluated values: rounding leaves specks
    added = intensity * (technology.values[peer] / technology.values[one.evaluated[peer_of]]).max(axis=1)
    kept = added > NEGLIGIBLE
    return Stage(status, objective, slacks, solver, peer_of[kept], peer[kept], intensity[kept])


def _joined(stages: list[Stage]) -> Stage:
    """Put the stages of all frontiers one below the other."""
    starts = np.cumsum([0, *(len(stage.status) for stage in stages)])[:-1]
    return Stage(
        status=np.concatenate([stage.status for stage in stages]),
        objective=np.concatenate([stage.objective for stage in stages]),
        slack=np.concatenate([stage.slack for stage in stages]),
        solver=np.concatenate([stage.solver for stage in stages]),
        peer_of=np.concatenate([stage.peer_of + start for stage, start in zip(stages, starts, strict=True)]),
        peer=np.concatenate([stage.peer for stage in stages]),
        intensity=np.concatenate([stage.intensity for stage in stages]),
    )


def check_option(name: str, given: str, known: tuple[str, ...]) -> None:
    """Raise EstimationError for an option that does not exist."""
    if given not in known:
        raise EstimationError(f"{name} '{given}' is not one of {', '.join(known)}{nearest(given, known)}")
