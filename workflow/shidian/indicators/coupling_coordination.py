"""Coupling coordination of two or more subsystems: how close their indices are, and how high."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.indicators.checks import numeric_frame, refuse, require_not_negative
from shidian.indicators.inputs import Inputs
from shidian.messages import say

METHOD = {
    "label": {"en": "Coupling coordination degree", "zh": "耦合协调度"},
    "formula": "D = √(C T), T = Σ α_k U_k; C = [Π U / (Σ U / n)ⁿ]^(1/n) (common), or "
    "√{[1 − Σ_{i>j} √(U_i − U_j)² / Σ_{m=1}^{n−1} m] [Π (U_i / max U)]^(1/(n−1))} (wang); U between 0 and 1",
    "source": "Wang, Kong, Ren, Zhi and Dai (2021), who write the common form and correct it",
    "takes": "list",
    "options": {
        "form": {"description": "Coupling degree C: the common form, n times the root of the product over the sum; or "
                 "the corrected form of Wang Shujia et al., which spreads over 0 to 1.",
                 "enum": ["common", "wang"], "default": "common"},
        "shares": {"description": "Shares α of the subsystems in the order of the inputs; they sum to one. Equal where "
                   "not given.", "type": "array", "items": {"type": "number", "exclusiveMinimum": 0}, "default": []},
        "gives": {"description": "What the indicator is: the coordination degree D, the coupling degree C or the level "
                  "of development T.", "enum": ["coordination", "coupling", "development"],
                  "default": "coordination"},
    },
}  # fmt: skip
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""

MOST = 1.01
"""Largest index of a subsystem: one, and what ``epsilon`` of an entropy-weighted index adds to it."""


def coupling_degree(systems: pd.DataFrame, form: str = "common") -> pd.Series:
    """Return the coupling degree C of each row's subsystem indices.

    ``common``: the ratio of the geometric to the arithmetic mean, C = [prod U / (mean U)^n]^(1/n). ``wang``: Wang
    Shujia, Kong Wei, Ren Liang, Zhi Dandan and Dai Binting (2021), "Research on misuses and modification of coupling
    coordination degree model in China", Journal of Natural Resources 36(3), 793-810:
    C = sqrt([1 - sum_{i>j} |U_i - U_j| / (1 + ... + (n - 1))] (prod_i U_i / max U)^(1/(n - 1))).
    One where all subsystems are equal; zero where one of them is.

    Raises:
        EstimationError: a negative index, one above one, a row of zeros, which couples nothing.
    """
    frame = numeric_frame("coupling_coordination", {str(name): systems[name] for name in systems.columns})
    require_not_negative("coupling_coordination", frame)
    most = say("between 0 and 1, an index such as entropy_index makes of a subsystem")
    refuse("coupling_coordination", frame, frame.to_numpy() > MOST, most)
    refuse("coupling_coordination", frame, _all_zero(frame), say("above zero in one subsystem or more"))
    u, n = frame.to_numpy(), frame.shape[1]
    ratio = u / u.max(axis=1, keepdims=True)
    if form == "common":
        c = np.exp(_log(ratio).mean(axis=1)) / ratio.mean(axis=1)
    else:
        apart = sum(np.abs(u[:, i] - u[:, j]) for i, j in combinations(range(n), 2)) / (n * (n - 1) / 2)
        c = np.sqrt(np.clip(1 - apart, 0, None) * np.exp(_log(ratio).sum(axis=1) / (n - 1)))
    return pd.Series(np.minimum(c, 1.0), index=frame.index, name="coupling")


def _all_zero(frame: pd.DataFrame) -> np.ndarray:
    """Return which cells stand in a row of zeros, the first of each row."""
    found = np.zeros(frame.shape, dtype=bool)
    found[:, 0] = (frame.to_numpy() == 0).all(axis=1)
    return found


def _log(values: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.log(values)


def development(systems: pd.DataFrame, shares: Sequence[float] = ()) -> pd.Series:
    """Return the level of development T = sum_k alpha_k U_k, shares equal where none are given.

    Raises:
        EstimationError: other shares than subsystems, or such as do not sum to one.
    """
    n = systems.shape[1]
    if shares and len(shares) != n:
        raise EstimationError(
            say("coupling_coordination: 'shares' has {given} numbers for {n} inputs", given=len(shares), n=n)
        )
    if shares and abs(sum(shares) - 1) > 1e-9:
        raise EstimationError(
            say("coupling_coordination: 'shares' sum to {total:g} and must sum to 1", total=float(sum(shares)))
        )
    alpha = np.array(shares) if shares else np.full(n, 1 / n)
    return pd.Series(systems.to_numpy(dtype=float) @ alpha, index=systems.index, name="development")


def coupling_coordination(systems: pd.DataFrame, form: str = "common", shares: Sequence[float] = ()) -> pd.Series:
    """Return the coupling coordination degree D = sqrt(C T); see ``coupling_degree`` and ``development``."""
    t = development(systems, shares)
    return ((coupling_degree(systems, form) * t) ** 0.5).rename("coordination")


def compute(given: Inputs) -> pd.Series:
    """Return the indicator of a study's panel."""
    systems, shares = pd.DataFrame(dict(given.columns)), tuple(given.options.get("shares") or ())
    if given.options["gives"] == "coupling":
        return coupling_degree(systems, given.options["form"])
    d = coupling_coordination(systems, given.options["form"], shares)
    return d if given.options["gives"] == "coordination" else development(systems, shares)
