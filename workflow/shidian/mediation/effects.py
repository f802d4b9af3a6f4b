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

from shidian.messages import aside, joined, say
from shidian.printed import p_words
from shidian.variance import usable_error

Decision = Literal["none", "by Sobel", "full", "partial", "suppression", "undecided"]
Rule = Literal["supported", "stepwise"]
DELTA, THETA, PHI = say("delta"), say("theta"), say("phi")


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
        if not self.p_sobel < self.level:
            known = np.isfinite(self.p_sobel)
            unknown = say("Sobel's test, which has no standard error,")
            found.append(say("Sobel's test ({p})", p=p_words(self.p_sobel, 3)) if known else unknown)
        if self.interval is not None and not (self.interval[0] > 0 or self.interval[1] < 0):
            low, high = self.interval
            found.append(say("the 95% bootstrap interval [{low:.4g}, {high:.4g}]", low=low, high=high))
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
    Where one of the three coefficients has no p-value, nothing is decided.
    """
    unknown = [name for name, p in ((DELTA, p_delta), (THETA, p_theta), (PHI, p_phi)) if np.isnan(p)]
    if unknown:
        return "undecided", _undecided(unknown)
    decision, finding, claim = _stepwise(delta, p_delta, theta, p_theta, phi, p_phi, evidence)
    if rule == "stepwise" or decision == "none" or not (objections := evidence.objections):
        return decision, say("{finding}: {claim}", finding=finding, claim=claim) if claim else finding
    return "none", _unsupported(finding, objections)


def _undecided(unknown: list[str]) -> str:
    if len(unknown) == 1:
        return say("{name} has no standard error: no decision", name=unknown[0])
    return say("{names} have no standard error: no decision", names=joined(unknown, "and"))


def _unsupported(finding: str, objections: list[str]) -> str:
    if len(objections) == 1:
        return say(
            "{finding}, but {objection} does not support an indirect effect: no mediation is claimed",
            finding=finding, objection=objections[0],
        )  # fmt: skip
    return say(
        "{finding}, but {objections} do not support an indirect effect: no mediation is claimed",
        finding=finding, objections=joined(objections, "and"),
    )  # fmt: skip


def rule_sentence(rule: Rule, level: float, drawn: bool) -> str:
    """Return the note's sentence on the decision rule."""
    if rule == "stepwise":
        return aside(
            say(
                "Decision rule: stepwise. Where delta or theta is not significant at {level:g} Sobel's test decides; "
                "else phi decides between full and partial mediation, whatever Sobel's test and the bootstrap say.",
                level=level,
            )
        )
    if drawn:
        return aside(
            say(
                "Decision rule: the stepwise procedure at {level:g}, and mediation only where the indirect effect is "
                "supported by Sobel's test at {level:g} and by the 95% bootstrap interval.",
                level=level,
            )
        )
    return say(
        "Decision rule: the stepwise procedure at {level:g}, and mediation only where the indirect effect is "
        "supported by Sobel's test at {level:g}.",
        level=level,
    )


def _stepwise(
    delta: float, p_delta: float, theta: float, p_theta: float, phi: float, p_phi: float, evidence: Evidence
) -> tuple[Decision, str, str]:
    """Return the decision, what was found, and what is claimed of it, "" where that is said already."""
    level = evidence.level
    if weak := [name for name, p in ((DELTA, p_delta), (THETA, p_theta)) if not p < level]:
        return _by_sobel(weak, evidence)
    if not p_phi < level:
        finding = say("delta and theta are significant at {level:g}, phi is not", level=level)
        return "full", finding, say("full mediation")
    if np.sign(phi) == np.sign(delta * theta):
        finding = say("all three are significant at {level:g} and phi has the sign of delta theta", level=level)
        return "partial", finding, say("partial mediation")
    finding = say("all three are significant at {level:g} but phi has the opposite sign of delta theta", level=level)
    return "suppression", finding, say("suppression, for which a contribution share has no meaning")


def _by_sobel(weak: list[str], evidence: Evidence) -> tuple[Decision, str, str]:
    level, p = evidence.level, p_words(evidence.p_sobel, 3)
    which = say("{name} is not significant at {level:g}", name=weak[0], level=level)
    if len(weak) > 1:
        which = say("{names} are not significant at {level:g}", names=joined(weak, "and"), level=level)
    if evidence.p_sobel < level:
        return "by Sobel", say("{which}; Sobel's test finds mediation ({p})", which=which, p=p), ""
    return "none", say("{which}, nor is Sobel's test ({p})", which=which, p=p), say("no mediation")
