"""Effects of a mediator from the coefficients of the two-step form, and the decision that follows.

    y = beta D + ...,      M = delta D + ...,      y = phi D + theta M + ...

beta is the total, phi the direct and delta theta the indirect effect. The arithmetic needs no data, so
printed tables can be checked with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from shidian.printed import p_words
from shidian.variance import usable_error

Decision = Literal["none", "by Sobel", "full", "partial", "suppression", "undecided"]


@dataclass(frozen=True)
class Sobel:
    """Sobel's (1982) test of delta theta = 0: first-order standard error, normal distribution."""

    indirect: float
    se: float
    z: float
    p: float


def sobel_test(delta: float, se_delta: float, theta: float, se_theta: float) -> Sobel:
    """Return z = delta theta / sqrt(delta^2 se_theta^2 + theta^2 se_delta^2)."""
    indirect = delta * theta
    se = usable_error(indirect, delta**2 * se_theta**2 + theta**2 * se_delta**2)
    z = indirect / se
    return Sobel(indirect, se, z, float(2 * stats.norm.sf(abs(z))))


def contribution_share(delta: float, theta: float, phi: float) -> float:
    """Return delta theta / (delta theta + phi), the share of the total effect that passes through the mediator."""
    total = delta * theta + phi
    return delta * theta / total if total != 0 else float("nan")


def decide(
    delta: float, p_delta: float, theta: float, p_theta: float, phi: float, p_phi: float, p_sobel: float,
    level: float = 0.1,
) -> tuple[Decision, str]:  # fmt: skip
    """Return the decision of the stepwise procedure and a sentence that says how it was reached.

    If delta or theta is insignificant, Sobel's test decides. If both are significant, an insignificant phi
    means full mediation, a phi with the sign of delta theta partial mediation, and a phi of the other sign
    suppression, for which a contribution share has no meaning. Where one of the three has no p-value, nothing is
    decided.
    """
    unknown = [name for name, p in (("delta", p_delta), ("theta", p_theta), ("phi", p_phi)) if np.isnan(p)]
    if unknown:
        verb = "has" if len(unknown) == 1 else "have"
        return "undecided", f"{' and '.join(unknown)} {verb} no standard error: no decision"
    weak = [name for name, p in (("delta", p_delta), ("theta", p_theta)) if not p < level]
    if weak:
        which = " and ".join(weak) + (" is" if len(weak) == 1 else " are")
        if p_sobel < level:
            return (
                "by Sobel",
                f"{which} not significant at {level:g}; Sobel's test finds mediation ({p_words(p_sobel, 3)})",
            )
        return (
            "none",
            f"{which} not significant at {level:g}, nor is Sobel's test ({p_words(p_sobel, 3)}): no mediation",
        )
    if not p_phi < level:
        return "full", f"delta and theta are significant at {level:g}, phi is not: full mediation"
    if np.sign(phi) == np.sign(delta * theta):
        return (
            "partial",
            f"all three are significant at {level:g} and phi has the sign of delta theta: partial mediation",
        )
    return "suppression", (
        f"all three are significant at {level:g} but phi has the opposite sign of delta theta: suppression, for which "
        "a contribution share has no meaning"
    )
