"""Sentences of the mediation note, headers of its columns, and its warnings."""

from __future__ import annotations

from shidian.mediation.two_step import Mediation
from shidian.messages import counted, say


def step_words(step: str, mediator: str) -> str:
    """Return the header of the column of one step."""
    if step == "total":
        return say("{mediator}: total", mediator=mediator)
    if step == "mediator":
        return say("{mediator}: mediator", mediator=mediator)
    return say("{mediator}: direct", mediator=mediator)


def bootstrap_sentence(m: Mediation) -> str:
    """Return the sentence on the bootstrap interval, empty where nothing was drawn."""
    if m.draws is None:
        return ""
    n, clusters = len(m.draws.delta), counted(m.draws.n_clusters, "cluster")
    if not m.draws.failed:
        return say(
            "Percentile interval from {n} draws of {clusters} with replacement (seed {seed}).",
            n=n, clusters=clusters, seed=m.draws.seed,
        )  # fmt: skip
    return say(
        "Percentile interval from {n} draws of {clusters} with replacement (seed {seed}); {failed} draws without an "
        "estimate left out.",
        n=n, clusters=clusters, seed=m.draws.seed, failed=m.draws.failed,
    )  # fmt: skip


def mediation_warnings(m: Mediation) -> list[str]:
    """Return what a referee would object to."""
    found = list(m.warnings)
    found.append(
        say(
            "the mediator is observed after the policy and taken to be moved by it: theta and the shares are causal "
            "only if nothing unobserved moves both mediator and outcome (sequential ignorability)"
        )
    )
    if m.interval is not None:
        excludes = m.interval[0] > 0 or m.interval[1] < 0
        if m.sobel.p == m.sobel.p and excludes != (m.sobel.p < 0.05):
            found.append(say("Sobel's test and the bootstrap interval disagree at 5%: prefer the bootstrap"))
    return found
