"""SBM and Super-SBM with undesirable outputs for a panel: the public entry of the engine."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from shidian.efficiency.engines import Engine, Model, Pool, Solutions, choose, joined_solutions, solve_model
from shidian.efficiency.frontiers import FrontierSet, frontier_sets
from shidian.efficiency.programs import ORIENTATIONS, RETURNS
from shidian.efficiency.result import EFFICIENT, NOT_NEEDED, Efficiency, Stage
from shidian.efficiency.technology import Technology, build_technology
from shidian.errors import EstimationError, nearest
from shidian.messages import say


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
            ``highs``, ``pulp`` (the written definition; a score that no certified solution by HiGHS confirms is left
            out), or ``auto``.

    Returns:
        Scores, slacks, projections, peers and the status of every program.

    Raises:
        EstimationError: for data that no score can be computed from, naming unit, year and variable, for a frontier
            with fewer units than variables, and for options that do not exist.
    """
    technology = build_technology(inputs, desirable, undesirable, data=data, unit=unit, year=year, weights=weights)
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
    declared = (technology.counts, technology.weights, returns, orientation)
    models = (Model("sbm", *declared), Model("super", *declared) if super_efficiency else None)  # type: ignore[arg-type]
    solved = [_measure_frontier(technology, one, *models, chosen) for one in sets]
    options = {
        "returns": returns,
        "orientation": orientation,
        "frontier": frontier,
        "window": window,
        "super_efficiency": super_efficiency,
        "engine": chosen,
    }
    return Efficiency(
        technology,
        options,
        frontier=np.repeat([one.label for one in sets], [len(one.evaluated) for one in sets]),
        row=np.concatenate([one.evaluated for one in sets]),
        sbm=_stage("q", [part[0] for part in solved], [part[1] for part in solved], technology, sets),
        superstage=_stage("S", [part[2] for part in solved], [part[3] for part in solved], technology, sets),
        warnings=technology.warnings(),
    )


def check_size(technology: Technology, label: str, size: int) -> None:
    """Raise EstimationError for a frontier that has fewer units than variables: it would call all efficient."""
    K = len(technology.names)
    if size < K:
        raise EstimationError(
            say(
                "{frontier} has {n} units for {k} variables: with fewer units than variables nearly all are efficient; "
                "pool years (frontier: global or window) or drop variables",
                frontier=say("frontier {label}", label=label) if label != "0" else say("the frontier"),
                n=size,
                k=K,
            )
        )


def _measure_frontier(
    technology: Technology,
    one: FrontierSet,
    inside: Model,
    beyond: Model | None,
    engine: Engine,
) -> tuple[np.ndarray, Solutions, np.ndarray, Solutions]:
    """Solve both stages for the units measured against one frontier; return who was solved, and how."""
    reference = np.ascontiguousarray(technology.values[one.reference].T)
    z = technology.values[one.evaluated]
    own = np.searchsorted(one.reference, one.evaluated)
    pool = Pool(reference.shape[1])
    everyone = np.arange(len(z))
    sbm = solve_model(inside, reference, z, np.full(len(z), -1), engine, pool)
    efficient = np.flatnonzero(sbm.objective > 1 - EFFICIENT) if beyond else everyone[:0]
    above = solve_model(beyond or inside, reference, z[efficient], own[efficient], engine, pool)
    return everyone, sbm, efficient, above


def _stage(
    slack: str, at: list[np.ndarray], solved: list[Solutions], technology: Technology, sets: list[FrontierSet]
) -> Stage:
    """Put one stage of all frontiers together."""
    first = np.cumsum([0, *(len(one.evaluated) for one in sets)])
    start = np.cumsum([0, *(len(one.reference) for one in sets)])
    where = np.concatenate([part + offset for part, offset in zip(at, first[:-1], strict=True)])
    joined = joined_solutions(solved)
    status = np.full(first[-1], NOT_NEEDED, np.int8)
    solver = np.zeros(first[-1], np.int8)
    objective = np.full(first[-1], np.nan)
    status[where], solver[where], objective[where] = joined.status, joined.solver, joined.objective
    return Stage(
        status,
        objective,
        solver,
        joined,
        at=where,
        offsets=np.repeat(start[:-1], [len(part) for part in at]),
        reference=np.concatenate([one.reference for one in sets]),
        own=np.concatenate([one.evaluated for one in sets]),
        slack_name=slack,
        values=technology.values,
    )


def check_option(name: str, given: str, known: tuple[str, ...]) -> None:
    """Raise EstimationError for an option that does not exist."""
    if given not in known:
        raise EstimationError(
            say(
                "{option} '{given}' is not one of {known}{near}",
                option=name,
                given=given,
                known=list(known),
                near=nearest(given, known),
            )
        )
