"""A chunk of draws as a tidy frame: the unit of work of the workflow and of a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from shidian.errors import EstimationError, SpecificationError
from shidian.messages import behind, read_behind, say
from shidian.placebo.assign import draw_assignments
from shidian.placebo.columns import ADOPTION, YEAR
from shidian.placebo.prepare import Prepared, prepare
from shidian.placebo.registry import find_entry, find_estimator
from shidian.placebo.settings import Settings, read_settings
from shidian.placebo.standard_error import NO_ERROR, has_error, require_error

DRAW_COLUMNS = ("draw", "term", "estimate", "se", "statistic", "p", "status")
OK, ABSORBED = "ok", "absorbed"
MESSAGES = "messages"
"""Attribute of a frame of draws: what is behind its statuses, which a file of draws keeps for other processes."""


def chunk_bounds(draws: int, chunk: int) -> list[tuple[int, int]]:
    """Return (first, last) of each chunk: draws 0..draws-1 cut at multiples of ``chunk``, ends included.

    More draws add chunks after the last whole one and leave the others as they are.
    """
    if draws < 1 or chunk < 1:
        raise EstimationError(
            say(
                "a placebo test needs 1 draw or more in chunks of 1 or more, not {draws} in {chunk}",
                draws=draws,
                chunk=chunk,
            )
        )
    return [(first, min(first + chunk, draws) - 1) for first in range(0, draws, chunk)]


def draw_frame(
    panel: pd.DataFrame, spec: Mapping[str, Any], treatment: str, study_seed: int, first: int, last: int
) -> pd.DataFrame:
    """Return draws first..last (both included), one row a draw and term.

    Columns: ``draw``; ``term``; ``estimate``, ``se``, ``statistic`` = estimate / se, two-sided ``p``; ``status``, which
    is ``ok``, ``absorbed``, or why there is no number or no standard error (the numbers are then missing).

    Args:
        panel: the rows of the study's panel that the exhibit uses.
        spec: the exhibit's resolved specification.
        treatment: name of the treatment column.
        study_seed: seed where the exhibit has none of its own.
        first: first draw.
        last: last draw.

    Raises:
        EstimationError: whatever makes the placebo test impossible for this panel and specification.
    """
    settings = read_settings(spec, study_seed)
    limited = "draws" in spec or bool(settings.leads)  # a job of one chunk need not know how many draws there are
    if not 0 <= first <= last or (limited and last >= settings.draws):
        raise EstimationError(
            say(
                "draws {first} to {last} are not among the declared draws 0 to {most}",
                first=first,
                last=last,
                most=settings.draws - 1,
            )
        )
    prepared = prepare(panel, settings, treatment)
    if find_entry(settings.estimator).batched:
        return _batched(prepared, settings, treatment, first, last)
    return _one_by_one(prepared, settings, spec, treatment, first, last)


def _batched(prepared: Prepared, settings: Settings, treatment: str, first: int, last: int) -> pd.DataFrame:
    from shidian.placebo.engine import event_study_draws, twfe_draws

    terms: tuple[str, ...] = (treatment,)
    why = [""] * (last - first + 1)
    if settings.estimator == "event_study":
        terms = prepared.event_columns.terms
        estimate, se, why = event_study_draws(prepared, settings, first, last)
    else:
        estimate, se = twfe_draws(prepared, settings.seed, first, last)
    draws = np.repeat(np.arange(first, last + 1), len(terms))
    absorbed, usable = np.isnan(estimate), has_error(estimate, se)
    status = np.where(absorbed, ABSORBED, np.where(usable, OK, NO_ERROR)).ravel()
    missing = np.repeat(np.array(why, dtype=object), len(terms))
    status = np.where(missing == "", status, missing)
    names = np.tile(np.array(terms, dtype=object), last - first + 1)
    df = np.full(len(draws), prepared.design.df)
    if estimate.ndim == 2 and prepared.design.n_clusters is None:  # an event time that is absorbed costs no parameter
        df += np.repeat(settings.n_regressors - (~absorbed).sum(axis=1), len(terms))
    estimate, se = np.where(usable, estimate, np.nan), np.where(usable, se, np.nan)
    return tidy(draws, names, estimate.ravel(), se.ravel(), df, status)


def _one_by_one(
    prepared: Prepared, settings: Settings, spec: Mapping[str, Any], treatment: str, first: int, last: int
) -> pd.DataFrame:
    estimator = find_estimator(settings.estimator)
    units, cohorts = draw_assignments(prepared.scheme, settings.seed, first, last)
    numbers, status = np.full((len(units), 3), np.nan), []
    named = {**spec, "seed": settings.seed}
    for j in range(len(units)):
        panel = pseudo_panel(prepared, settings, treatment, units[j], cohorts[j])
        try:
            fit = estimator(panel, named, treatment)
            require_error(fit.coef[:1], fit.se[:1])
        except SpecificationError:
            raise
        except (EstimationError, np.linalg.LinAlgError) as problem:
            status.append(str(problem))
        else:
            numbers[j] = fit.coef[0], fit.se[0], fit.df
            status.append(OK)
    return tidy(np.arange(first, last + 1), treatment, numbers[:, 0], numbers[:, 1], numbers[:, 2], np.array(status))


def pseudo_panel(
    prepared: Prepared, settings: Settings, treatment: str, units: np.ndarray, cohorts: np.ndarray
) -> pd.DataFrame:
    """Return the placebo sample with the adoption years and the 0/1 treatment of one draw."""
    design, rows = prepared.design, prepared.rows
    years = dict(zip(design.unit_names[units].tolist(), design.years[cohorts].tolist(), strict=True))
    adoption = rows[settings.assign_by].map(years).astype("Int64")
    treated = (rows[YEAR] >= adoption).fillna(False).astype("int64")
    return rows.assign(**{ADOPTION: adoption, treatment: treated}).reset_index(drop=True)


def tidy(
    draws: np.ndarray,
    terms: Any,
    estimate: np.ndarray,
    se: np.ndarray,
    df: float | np.ndarray,
    status: np.ndarray,
) -> pd.DataFrame:
    """Return the frame of draws with t statistics and two-sided p-values (normal where df is infinite)."""
    statistic = estimate / se
    p = 2 * np.where(np.isinf(df), stats.norm.sf(np.abs(statistic)), stats.t.sf(np.abs(statistic), df))
    columns = (draws, terms, estimate, se, statistic, p, status)
    frame = pd.DataFrame(dict(zip(DRAW_COLUMNS, columns, strict=True)))
    frame = frame.astype({"draw": "int64", "term": str, "status": str})
    frame.attrs[MESSAGES] = behind(frame["status"].unique())
    return frame


def gather(chunks: Iterable[pd.DataFrame], draws: int) -> pd.DataFrame:
    """Join chunks into all the draws asked for, sorted by draw.

    Raises:
        EstimationError: a draw that is missing or there twice: a distribution never has fewer draws than asked.
    """
    parts = list(chunks)
    if not parts:
        raise EstimationError(say("none of the {draws} placebo draws is there: no chunk was given", draws=draws))
    for part in parts:
        read_behind(part.attrs.get(MESSAGES, {}))
    frame = pd.concat(parts, ignore_index=True)
    terms = list(dict.fromkeys(frame["term"]))
    frame = frame.sort_values("draw", kind="stable", ignore_index=True)
    for term in terms:
        have = frame.loc[frame["term"] == term, "draw"].to_numpy()
        lacking = np.setdiff1d(np.arange(draws), have)
        if len(lacking):
            raise EstimationError(
                say(
                    "{n} of {draws} placebo draws are missing, the first is draw {first}: a job that made them "
                    "has died or its file is from other settings; run the workflow again",
                    n=len(lacking),
                    draws=draws,
                    first=lacking[0],
                )
            )
        if len(have) != draws:
            raise EstimationError(
                say(
                    "{n} placebo draws of '{term}' were gathered, but {draws} are declared",
                    n=len(have),
                    term=term,
                    draws=draws,
                )
            )
    return frame
