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

Decision = Literal["none", "by Sobel", "full", "partial", "suppression"]
Rule = Literal["supported", "stepwise"]


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
    se = float(np.sqrt(delta**2 * se_theta**2 + theta**2 * se_delta**2))
    z = indirect / se if se > 0 else float("nan")
    return Sobel(indirect, se, z, float(2 * stats.norm.sf(abs(z))))


def contribution_share(delta: float, theta: float, phi: float) -> float:
    """Return delta theta / (delta theta + phi), the share of the total effect that passes through the mediator."""
    total = delta * theta + phi
    return delta * theta / total if total != 0 else float("nan")


@dataclass(frozen=True)
class Evidence:
    """What speaks for an indirect effect delta theta.

    Attributes:
        p_sobel: p of Sobel's test.
        interval: 95% bootstrap interval of delta theta, or None where nothing was drawn.
        level: level at which coefficients and Sobel's test count as significant.
    """

    p_sobel: float
    interval: tuple[float, float] | None
    level: float

    @property
    def objections(self) -> list[str]:
        """What does not support the effect, in words; empty where all that there is supports it."""
        found = []
        if np.isnan(self.p_sobel):
            found.append("Sobel's test, which has no standard error,")
        elif self.p_sobel >= self.level:
            found.append(f"Sobel's test (p = {self.p_sobel:.3f})")
        if self.interval is not None and not (self.interval[0] > 0 or self.interval[1] < 0):
            found.append(f"the 95% bootstrap interval [{self.interval[0]:.4g}, {self.interval[1]:.4g}]")
        return found


def decide(
    delta: float, p_delta: float, theta: float, p_theta: float, phi: float, p_phi: float, evidence: Evidence,
    rule: Rule = "supported",
) -> tuple[Decision, str]:  # fmt: skip
    """Return the decision and a sentence that says how it was reached.

    The stepwise procedure: if delta or theta is insignificant, Sobel's test decides. If both are significant, an
    insignificant phi means full mediation, a phi with the sign of delta theta partial mediation, and a phi of the other
    sign suppression, for which a contribution share has no meaning. ``rule`` "stepwise" leaves it there, as many papers
    do. "supported" claims mediation of any kind only where Sobel's test at the level and, where it was drawn, the 95%
    bootstrap interval support an indirect effect: two significant coefficients are not yet a significant product.
    """
    decision, reasoning = _stepwise(delta, p_delta, theta, p_theta, phi, p_phi, evidence)
    if rule == "stepwise" or decision == "none" or not (objections := evidence.objections):
        return decision, reasoning
    against = " and ".join(objections) + (" does" if len(objections) == 1 else " do")
    before, _, claim = reasoning.rpartition(": ")
    return "none", f"{before or claim}, but {against} not support an indirect effect: no mediation is claimed"


def rule_sentence(rule: Rule, level: float, drawn: bool) -> str:
    """Return the note's sentence on the decision rule."""
    if rule == "stepwise":
        return (
            f"Decision rule: stepwise. Where delta or theta is not significant at {level:g} Sobel's test decides; else "
            "phi decides between full and partial mediation, whatever Sobel's test and the bootstrap say."
        )
    interval = " and by the 95% bootstrap interval" if drawn else ""
    return (
        f"Decision rule: the stepwise procedure at {level:g}, and mediation only where the indirect effect is "
        f"supported by Sobel's test at {level:g}{interval}."
    )


def _stepwise(
    delta: float, p_delta: float, theta: float, p_theta: float, phi: float, p_phi: float, evidence: Evidence
) -> tuple[Decision, str]:
    level, p_sobel = evidence.level, evidence.p_sobel
    weak = [name for name, p in (("delta", p_delta), ("theta", p_theta)) if not p < level]
    if weak:
        which = " and ".join(weak) + (" is" if len(weak) == 1 else " are")
        if p_sobel < level:
            return (
                "by Sobel",
                f"{which} not significant at {level:g}; Sobel's test finds mediation (p = {p_sobel:.3f})",
            )
        return (
            "none",
            f"{which} not significant at {level:g}, nor is Sobel's test (p = {p_sobel:.3f}): no mediation",
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
