"""The rows of an event study: its estimates in the long schema, its ledger, the cell of its joint test."""

from __future__ import annotations

from typing import Any

import pandas as pd

from shidian.did.event_study import EventStudy
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.did.event_words import (
    missing_ledger,
    normalisation_ledger,
    omitted_controls,
    outside_ledger,
    thin_ledger,
)
from shidian.exhibits.did.model_words import model_statistics
from shidian.exhibits.regression_table import DASH
from shidian.exhibits.result import Cell, StudyInfo
from shidian.ledger import about
from shidian.messages import say
from shidian.printed import p_text

PRETREND = say("joint pre-trend test (F)")


def event_long(study: EventStudy, info: StudyInfo, exhibit: str, column: str) -> pd.DataFrame:
    """Return the estimates: all terms, missing relative times with their reason, and the joint test."""
    frames = [study.regression.fit.long(info.study, exhibit, column)]
    gone = study.missing.to_dict("records")
    frames += [missing(info.study, exhibit, column, r["term"], str(r["reason"])) for r in gone]
    frames += [missing(info.study, exhibit, column, name, why) for name, why in omitted_controls(study).items()]
    if study.pretrend is not None:
        test, fit = study.pretrend, study.regression.fit
        row = {
            "study": info.study, "exhibit": exhibit, "column": column, "term": PRETREND, "estimate": test.F,
            "statistic": test.F, "p": test.p, "df": test.df2, "n_obs": fit.n_obs, "n_units": fit.n_units,
            "n_clusters": fit.n_clusters, "vcov": fit.vcov_kind, "ssc": fit.ssc, "reason": "",
        }  # fmt: skip
        frames.append(normalise(pd.DataFrame([row])))
    statistics = model_statistics(study.regression, info.study, exhibit, column)
    frames += [] if statistics is None else [statistics]
    return pd.concat(frames, ignore_index=True)


def event_ledger(study: EventStudy, part: pd.DataFrame, exhibit: str, column: str) -> list[dict[str, Any]]:
    """Return the ledger's lines: rows left out, another base, relative times without an estimate or with one unit."""
    lines = outside_ledger(study, part, about(exhibit, column))
    lines += notes.sample_ledger(exhibit, column, study.regression.sample, part)
    lines += normalisation_ledger(study.normalisation, exhibit) + missing_ledger(study, exhibit)
    lines += notes.omitted_ledger(exhibit, column, omitted_controls(study))
    return lines + thin_ledger(study, exhibit)


def pretrend_cell(study: EventStudy, column: str) -> dict[str, Cell]:
    """Return the label of the joint pre-trend test and its cell, a dash where there is none."""
    test = study.pretrend
    text = DASH if test is None else f"{test.F:.3f} [{p_text(test.p)}]"
    return {say("Joint pre-trend test, F [p]"): Cell(text, None if test is None else (column, PRETREND, "estimate"))}
