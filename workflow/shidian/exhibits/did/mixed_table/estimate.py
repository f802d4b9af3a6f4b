"""Columns of several estimators side by side, as robustness tables print them: DID, matched DID, 2SLS.

A column with ``matching`` is the DID on its matched sample, one with ``instruments`` prints its first stage and its
second, any other is a column of a DID table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from shidian.errors import EstimationError
from shidian.exhibits import notes
from shidian.exhibits.bootstrap_rows import NOT_ESTIMATED, TWO_STAGES
from shidian.exhibits.did.did_column import Outcome, estimate_column, footer_of, heading
from shidian.exhibits.did.did_table.estimate import all_effects, lay_out, table_settings
from shidian.exhibits.iv.instruments import instrument_label, instrument_name
from shidian.exhibits.iv.iv_table.estimate import foot_cells, iv_columns
from shidian.exhibits.matching.matched import balance_long
from shidian.exhibits.matching.psm_did.estimate import matched_column
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.messages import joined, say

DID_ONLY = ("interactions", "winsorise", "add")


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Estimate every column of ``spec`` by the estimator that it declares."""
    style, exhibit, settings = Style.of(spec), notes.exhibit_id(spec), table_settings(spec, info)
    effects = all_effects(settings)
    done = [_estimate(panel, s, info, exhibit, style, effects) for s in settings]
    return lay_out(panel, spec, settings, done, info)


def _estimate(
    panel: pd.DataFrame, s: Mapping[str, Any], info: StudyInfo, exhibit: str, style: Style, effects: Sequence[str]
) -> Outcome:
    kinds = [key for key in ("matching", "instruments") if key in s]
    foreign = [key for key in DID_ONLY if key in s]
    if len(kinds) > 1 or (kinds and foreign):
        both = joined([*kinds, *foreign][:2], "and")
        raise EstimationError(
            say(
                "column '{label}' of exhibit '{exhibit}' declares {both}: one estimator a column",
                label=s["label"],
                exhibit=exhibit,
                both=both,
            )
        )
    if "matching" in s:
        return _matched(panel, s, info, exhibit, style, effects)
    if "instruments" in s:
        return _instrumented(panel, s, info, exhibit, style, effects)
    return estimate_column(panel, s, info, exhibit, style, effects)


def _matched(
    panel: pd.DataFrame, s: Mapping[str, Any], info: StudyInfo, exhibit: str, style: Style, effects: Sequence[str]
) -> Outcome:
    found = matched_column(panel, {**s, **s["matching"]}, info, exhibit, style)
    more = () if found.match is None else (balance_long(found.match, info.study, exhibit, found.column.id),)
    column = replace(
        found.column, header=s.get("head", s["label"]), outcome=heading(s, info), footer=footer_of(s, info, effects)
    )
    return Outcome(
        (column,), found.sentences, found.ledger, found.warnings, (found.moved,), found.regression, more=more
    )


def _instrumented(
    panel: pd.DataFrame, s: Mapping[str, Any], info: StudyInfo, exhibit: str, style: Style, effects: Sequence[str]
) -> Outcome:
    settings = {"endogenous": [s["treatment"]], **s}
    found = iv_columns(panel, settings, info, exhibit, style)
    footer = footer_of(s, info, effects)
    columns = tuple(
        replace(c, header=s.get("head", s["label"]), outcome=outcome, footer=footer)
        for c, outcome in zip(found.columns, _stages([c.outcome for c in found.columns]), strict=True)
    )
    more = tuple(d.long(info.study, exhibit, columns[-1].id) for d in found.diagnostics.values())
    foot = foot_cells(found.diagnostics, columns[-1].id, style)
    terms = {instrument_name(item): instrument_label(item, info) for item in s["instruments"]}
    regression = TWO_STAGES if found.diagnostics else NOT_ESTIMATED
    return Outcome(
        columns, found.sentences, found.ledger, found.warnings, found.moved, regression, more=more, foot=foot,
        terms=terms,
    )  # fmt: skip


def _stages(outcomes: Sequence[str]) -> list[str]:
    """Return the outcomes of the first stages and, last, of the second with their stage before them."""
    first = [say("First stage: {outcome}", outcome=outcome) for outcome in outcomes[:-1]]
    return [*first, say("Second stage: {outcome}", outcome=outcomes[-1])]
