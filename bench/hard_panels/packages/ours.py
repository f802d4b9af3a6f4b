"""shidian, through the exhibits that a study runs."""

from __future__ import annotations

from functools import partial
from importlib import import_module

import diff_diff  # noqa: F401  (the engine that an exhibit imports late: once here, not in each process)
import pandas as pd
from shidian.errors import ShidianError
from shidian.exhibits.did.staggered_did.estimate import NAMES
from shidian.exhibits.referee import estimate_exhibit
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.study.kinds import kinds
from shidian.study.resolve import resolve_exhibits

from bench.hard_panels.answer import ATT, Answer, Number
from bench.hard_panels.panel import HardPanel

MODULES = {kind: import_module(kinds()[kind].module) for kind in ("did_table", "event_study", "staggered_did")}
INFO = StudyInfo("hard_panels", "unit", "did", {}, seed=1)


def static(panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask the regression table."""
    result = run("did_table", panel, rows, {"columns": [{}]})
    return _answer(result, {"did": ATT})


def event_study(panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask the event study."""
    return _answer(run("event_study", panel, rows, {"window": list(panel.window)}), {})


def staggered(key: str, panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask one robust estimator."""
    declared = {"window": list(panel.window), "estimators": [key]}
    if not rows["adoption_year"].isna().any():
        declared["control_group"] = "not_yet_treated"
    result = run("staggered_did", panel, rows, declared)
    return _answer(result, {ATT: ATT}, NAMES[key])


def run(kind: str, panel: HardPanel, rows: pd.DataFrame, declared: dict[str, object]) -> ExhibitResult:
    """Resolve an exhibit as a study does and run it."""
    by = panel.clusters if len(panel.clusters) > 1 else panel.clusters[0]
    study = {
        "treatment": {"name": "did"}, "outcome": "y", "controls": list(panel.controls),
        "fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": by}, "ssc": "reghdfe",
        "exhibits": [{"id": kind, "kind": kind, **panel.declared, **declared}],
    }  # fmt: skip
    (spec,) = resolve_exhibits(study, {})
    return estimate_exhibit(MODULES[kind], rows, spec, INFO)


def _answer(result: ExhibitResult, names: dict[str, str], column: str = "") -> Answer:
    rows = result.estimates
    rows = rows[rows["column"] == column] if (rows["column"] == column).any() else rows  # a refusal is of all columns
    found = [
        Number(names.get(row.term, row.term), float(row.estimate), float(row.se))
        for row in rows.itertuples()
        if row.term in names or str(row.term).startswith("tau")
    ]
    reasons = "; ".join(dict.fromkeys(reason for reason in rows["reason"] if reason))
    refused = "" if any(number.printed for number in found) else reasons or "no numbers"
    return Answer(tuple(found), "; ".join(result.warnings), " ".join((*result.notes, reasons)), refused)


ANSWERS = {"static": static, "event_study": event_study, **{
    key: partial(staggered, key)
    for key in ("sun_abraham", "callaway_santanna", "imputation", "two_stage", "stacked", "lp_did")
}}  # fmt: skip
REFUSALS = (ShidianError,)
"""Exceptions that are sentences for the user."""
