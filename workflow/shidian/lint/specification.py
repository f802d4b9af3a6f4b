"""Objections to the regression: negative weights, what the effects absorb, controls that the policy moves."""

from __future__ import annotations

from shidian.crossed import is_product
from shidian.did.twfe_weights import twfe_weights
from shidian.errors import EstimationError
from shidian.exhibits.moved_controls import moved_controls
from shidian.inference.weights import weights_of
from shidian.lint.design import Design, Objection
from shidian.messages import joined, say

NEGATIVE = 0.01
"""Sum of negative weights of two-way effects that is an objection."""


def negative_weights(design: Design) -> list[Objection]:
    """Object to two-way effects that weigh effects of staggered cohorts negatively."""
    s = design.settings
    plain = [name for name in s["controls"] if not is_product(name)]
    if not design.dated or len(design.adopted.dropna().unique()) < 2:
        return []
    try:
        found = twfe_weights(design.rows, s["outcome"], s["treatment"], plain, weights=weights_of(s))
    except EstimationError:
        return []
    if -found.sum_negative < NEGATIVE:
        return []
    return [
        Objection(
            "warn", "two-way effects",
            say(
                "staggered adoption: two-way effects weigh {n} of {all} treated unit-years negatively (sum {sum:.3f})",
                n=found.n_negative, all=found.n_negative + found.n_positive, sum=found.sum_negative,
            ),
            say("effects that differ or grow can turn the sign: staggered_did, twfe_weights, goodman_bacon"),
        )
    ]  # fmt: skip


def controls(design: Design) -> list[Objection]:
    """Object to controls that the treatment moves, and to those that the fixed effects absorb."""
    s, found = design.settings, []
    moved = moved_controls(design.rows, s, design.info).controls
    if moved:
        found.append(
            Objection(
                "warn", "controls", say("controls that move with the treatment: {names}", names=joined(moved)),
                say("they may be effects of the policy: show the estimate without them too"),
            )
        )  # fmt: skip
    plain = [name for name in s["controls"] if not is_product(name) and name in design.rows]
    if "unit" in s["fixed_effects"]:
        fixed = [name for name in plain if (design.rows.groupby("unit")[name].nunique() <= 1).all()]
        if fixed:
            found.append(
                Objection(
                    "warn", "controls",
                    say("controls that never change in a unit: {names}", names=joined(map(design.info.label, fixed))),
                    say("effects of units absorb them: cross them with years (`x#year`) or leave them out"),
                )
            )  # fmt: skip
    return found
