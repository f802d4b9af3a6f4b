"""The estimators that a referee asks for when adoption is staggered, each reduced to the same two things.

Overall effect on the treated and event study, on one sample, of: TWFE; Callaway & Sant'Anna (2021); Sun & Abraham
(2021); Borusyak, Jaravel & Spiess (2024) imputation; Gardner (2022) two-stage; Dube et al. (2023) local projections;
Wing et al. (2024) stacked; Wooldridge (2021) extended TWFE. They do not estimate the same average: each result says
which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shidian.did.staggered.design import NEVER, Design, Effects, LeftOut, design
from shidian.did.staggered.extended import extended
from shidian.did.staggered.group_time import group_time
from shidian.did.staggered.imputation import imputation
from shidian.did.staggered.projections import local_projections
from shidian.did.staggered.saturated import sun_abraham
from shidian.did.staggered.stacked import stacked
from shidian.did.staggered.two_stage import two_stage
from shidian.did.staggered.two_way import two_way
from shidian.did.staggered.weights import rule_of
from shidian.errors import EstimationError
from shidian.messages import say

__all__ = ["ESTIMATORS", "NEVER", "USUAL", "Design", "Effects", "LeftOut", "design", "estimate"]

ESTIMATORS: Mapping[str, Callable[[Design], Effects]] = {
    "twfe": two_way,
    "callaway_santanna": group_time,
    "sun_abraham": sun_abraham,
    "imputation": imputation,
    "two_stage": two_stage,
    "lp_did": local_projections,
    "stacked": stacked,
    "etwfe": extended,
}
"""Key in a study file -> estimator."""
USUAL = ("twfe", "callaway_santanna", "sun_abraham", "imputation", "two_stage", "lp_did", "stacked")
"""The estimators of an exhibit that names none."""
TAKES_ALWAYS_TREATED = ("twfe",)
"""Estimators for which units treated from their first year on are controls; the others compare with untreated ones."""


def estimate(name: str, asked: Design) -> Effects:
    """Run one estimator of ``ESTIMATORS`` on the design.

    Raises:
        EstimationError: the estimator cannot be used on this sample, and why.
    """
    if asked.keep_always and name not in TAKES_ALWAYS_TREATED:
        raise EstimationError(
            say(
                "it compares with untreated units alone and cannot use the {n} treated from their first year on: "
                "write always_treated leave_out",
                n=len(asked.always_treated),
            )
        )
    if asked.weighting:
        rule_of(name, asked)
    return ESTIMATORS[name](asked)
