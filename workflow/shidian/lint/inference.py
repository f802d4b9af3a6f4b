"""Objections to the errors: few clusters, clusters below the assignment, and what the sample could detect."""

from __future__ import annotations

import math

from scipy import stats

from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.exhibits.assigned_by import finer_clusters
from shidian.inference.covariance import Vcov
from shidian.inference.weights import weights_of
from shidian.lint.design import Design, Objection
from shidian.messages import say

FEW, VERY_FEW, FEW_TREATED = 40, 10, 6
"""Numbers of clusters, and of clusters with treated units, below which there is an objection."""
LEVEL, POWER = 0.05, 0.8


def clusters(design: Design) -> list[Objection]:
    """Object to few clusters, to few treated ones, and to clusters finer than the assignment."""
    by = Vcov.parse(design.settings["vcov"]).clusters
    found = [
        Objection("warn", "clusters", text, say("errors below the level of the assignment are too small"))
        for text in finer_clusters(design.panel, {**design.settings, "kind": "lint"}, design.info)
    ]
    if not by:
        return [
            *found,
            Objection(
                "warn", "clusters", say("errors are not clustered"),
                say("outcomes of one unit are alike over time: vcov: {{kind: cluster, by: unit}}"),
            ),
        ]  # fmt: skip
    for name in by:
        groups = design.rows.groupby(name)
        level = say("unit") if name == "unit" else design.info.label(name)
        n, treated = groups.ngroups, int((groups[design.settings["treatment"]].max() > 0).sum())
        if n < FEW:
            found.append(
                Objection(
                    "stop" if n < VERY_FEW else "warn", "clusters", say("{n} clusters ({by})", n=n, by=level),
                    say("t tests with so few clusters reject too often: wild_bootstrap in the tables, or placebo"),
                )
            )  # fmt: skip
        if treated < FEW_TREATED:
            found.append(
                Objection(
                    "warn", "clusters", say("{n} clusters ({by}) with treated units", n=treated, by=level),
                    say("the wild bootstrap fails with so few treated clusters too: randomisation inference (placebo)"),
                )
            )  # fmt: skip
    return found


def detectable(design: Design) -> list[Objection]:
    """Say which effect the main specification would detect at 5% with a probability of 80%.

    The minimum detectable effect is (t_{1-a/2} + t_{power}) times the standard error (Bloom 1995).
    """
    s = design.settings
    try:
        fit = regress(
            design.rows, s["outcome"], [s["treatment"], *s["controls"]], s["fixed_effects"], s["vcov"], s["ssc"],
            singletons=s["singletons"], weights=weights_of(s),
        ).fit.only(s["treatment"])  # fmt: skip
    except (EstimationError, ValueError):
        return []
    dist = stats.norm if math.isinf(fit.df) else stats.t(fit.df)
    effect = float((dist.ppf(1 - LEVEL / 2) + dist.ppf(POWER)) * fit.se[0])
    spread = float(design.rows[s["outcome"]].std())
    if not (effect > 0 and spread > 0):
        return []
    return [
        Objection(
            "note", "power",
            say(
                "an effect of {effect:.4g} ({share:.2f} standard deviations of {outcome}) would be found with a "
                "probability of 80% at the 5% level",
                effect=effect, share=effect / spread, outcome=design.info.label(s["outcome"]),
            ),
            say("an estimate that is not significant rules out nothing smaller than that"),
        )
    ]  # fmt: skip
