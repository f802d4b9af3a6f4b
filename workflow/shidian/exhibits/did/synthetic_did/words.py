"""What the note and the warnings of a synthetic DID say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.synthetic.estimate import Synthetic
from shidian.did.synthetic.panel import Block
from shidian.did.synthetic.spread import Spread
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import StudyInfo
from shidian.messages import counted, say

NAMES = {"sdid": say("Synthetic DID"), "sc": say("Synthetic control"), "did": "DID"}
FEW_CONTROLS = 10
"""Never-treated units below which weights rest on little."""
Found = Mapping[str, tuple[Synthetic, Spread | str]]


def cohort_label(period: int) -> str:
    """Return the printed name of a cohort."""
    return say("Cohort {cohort}", cohort=int(period))


def sentences(
    found: Found, part: pd.DataFrame, block: Block, left_out: Sequence[str], spec: Mapping[str, Any], info: StudyInfo
) -> list[str]:
    """Return the note's sentences on estimators, sample, errors and weights."""
    treated = int((~block.never).sum())
    text = [
        say(
            "{outcome}: {treated} in {groups}, {controls} never treated, {n} periods each.",
            outcome=info.label(spec["outcome"]), treated=counted(treated, info.unit_label),
            groups=counted(len(block.cohorts), "cohort"), controls=int(block.never.sum()), n=len(block.periods),
        ),
        say(
            "Synthetic DID weights never-treated units and periods before adoption (Arkhangelsky et al. 2021), "
            "synthetic control units alone; effects of cohorts are averaged by treated unit-periods."
        ),
        _weights_words(spec), *_errors_words(found, spec, info),
    ]  # fmt: skip
    if left_out:
        text.append(
            say("Left out, not observed in every period: {units}.", units=counted(len(left_out), info.unit_label))
        )
    return text


def _weights_words(spec: Mapping[str, Any]) -> str:
    if spec.get("weights_found", "steps") == "exact":
        return say("Weights solve the minimisation exactly.")
    return say("Weights are those of the Frank-Wolfe steps of the authors' program, in draws the exact ones.")


def _errors_words(found: Found, spec: Mapping[str, Any], info: StudyInfo) -> list[str]:
    how, what = spec.get("inference", "placebo"), Style.of(spec).errors_words(np.inf)
    done = [errors for _, errors in found.values() if not isinstance(errors, str)]
    text = []
    if done and done[0].every:
        text.append(
            say(
                "{what}: placebo adoption of never-treated units, all {n} choices; p by the normal.",
                n=done[0].n_draws,
            )
        )
    elif done and how == "placebo":
        text.append(
            say(
                "{what}: placebo adoption of never-treated units, {n} draws, seed {seed}; p by the normal.",
                what=what, n=done[0].n_draws, seed=info.seed,
            )
        )  # fmt: skip
    elif done and how == "bootstrap":
        text.append(
            say(
                "{what}: bootstrap of units, {n} draws, seed {seed}; p by the normal.",
                what=what, n=done[0].n_draws, seed=info.seed,
            )
        )  # fmt: skip
    elif done:
        text.append(say("{what}: jackknife of units, weights held; p by the normal.", what=what))
    gone = {errors for _, errors in found.values() if isinstance(errors, str)}
    return text + [say("Without errors: {why}.", why=why) for why in sorted(gone)]


def warnings(found: Found, block: Block, left_out: Sequence[str]) -> tuple[str, ...]:
    """Return what a referee would object to."""
    said = [errors for _, errors in found.values() if isinstance(errors, str)]
    if (n := int(block.never.sum())) < FEW_CONTROLS:
        said.append(say("{n} never-treated units only: their weights and placebos rest on little", n=n))
    if left_out and len(left_out) > len(block.units):
        said.append(
            say(
                "more units are left out for gaps ({out}) than are compared ({kept}): take years that more have",
                out=len(left_out), kept=len(block.units),
            )
        )  # fmt: skip
    if "sc" in found and (alike := [int(block.periods[c.place]) for c in found["sc"][0].cohorts if c.matched]):
        said.append(
            say(
                "synthetic control matches the path before adoption of cohort {cohorts} exactly, and so do other "
                "weights: its effect is one of many; more periods before adoption, or synthetic DID, tell more",
                cohorts=alike,
            )
        )
    for key, (one, _) in found.items():
        if key != "did" and (alone := [c for c in one.cohorts if np.max(c.weights.units) > 0.9]):
            said.append(
                say(
                    "{name}: one unit has more than 90% of the weight of cohort {cohorts}",
                    name=NAMES[key], cohorts=[int(block.periods[c.place]) for c in alone],
                )
            )  # fmt: skip
    return tuple(dict.fromkeys(said))
