"""An efficiency model as a study declares it: cleaned, measured, and worded for the note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.efficiency.cleaning import clean
from shidian.efficiency.result import Efficiency
from shidian.efficiency.sbm import super_sbm
from shidian.efficiency.technology import column_list

OPTIONS = ("returns", "orientation", "frontier", "window", "weights", "super_efficiency", "engine")
WORDS = {
    "crs": "constant returns to scale",
    "vrs": "variable returns to scale",
    "nirs": "non-increasing returns to scale",
    "ndrs": "non-decreasing returns to scale",
    "none": "non-oriented",
    "input": "input-oriented",
    "output": "output-oriented",
    "contemporaneous": "yearly frontiers",
    "global": "one frontier of all years",
    "sequential": "frontiers of all years so far",
}


@dataclass(frozen=True)
class Declared:
    """A measured model: its result, the ledger lines and warnings of cleaning and measuring."""

    result: Efficiency
    ledger: list[dict[str, Any]]
    warnings: tuple[str, ...]


def measure_declared(panel: pd.DataFrame, model: Mapping[str, Any]) -> Declared:
    """Measure a declared model on a panel with columns ``unit`` and ``year``.

    Keys of ``model``: inputs, desirable, undesirable (column names), returns, orientation, frontier, window, weights,
    super_efficiency, engine as in ``super_sbm``; zeros and missing as in ``clean``.
    """
    groups = [column_list(model.get(role)) for role in ("inputs", "desirable", "undesirable")]
    rules = {key: model[key] for key in ("zeros", "missing") if key in model}
    cleaned = clean(panel, [name for group in groups for name in group], unit="unit", year="year", **rules)
    options = {key: model[key] for key in OPTIONS if key in model}
    result = super_sbm(*groups, data=cleaned.frame, unit="unit", year="year", **options)
    return Declared(result, [*cleaned.ledger, *result.ledger()], (*cleaned.warnings, *result.warnings))


def describe_model(result: Efficiency, labels: Mapping[str, str]) -> list[str]:
    """Return the sentences of a note: model, variables, programs solved and how they ended."""
    options, technology = result.options, result.technology
    name = ("Super-SBM" if options["super_efficiency"] else "SBM") + (
        " with undesirable outputs (Tone 2002, 2003)" if technology.counts.undesirable else " (Tone 2001, 2002)"
    )
    frontier = WORDS.get(options["frontier"], f"frontiers of {options['window']} years, scores averaged")
    sentences = [f"{name}, {WORDS[options['orientation']]}, {WORDS[options['returns']]}, {frontier}."]
    for role, word in (("input", "Inputs"), ("desirable", "Desirable outputs"), ("undesirable", "Undesirable outputs")):
        members = [labels.get(n, n) for n, r in zip(technology.names, technology.roles, strict=True) if r == role]
        if members:
            sentences.append(f"{word}: {', '.join(members)}.")
    counts = result.counts()
    text = f"{counts['programs']} linear programs"
    if options["engine"] == "fast":
        text += f", {counts['highs'] + counts['exact']} of them solved again by HiGHS or in exact arithmetic"
    if options["engine"] != "pulp":
        text += "; every score carries a certificate of optimality"
    missing = counts["infeasible"] + counts["uncertified"]
    sentences.append(text + (f"; {missing} scores are missing." if missing else "."))
    return sentences
