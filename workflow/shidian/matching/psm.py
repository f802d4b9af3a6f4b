"""Propensity-score matching of a panel: pooled, year by year, or in a base year; and the sample that it
leaves.

What it matches: units that are ever treated in the sample with units that never are. The rows of
never-treated units that no treated row chose leave the DID, or stay with a weight, as declared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from shidian.did.within import numbers
from shidian.errors import EstimationError
from shidian.inference.sample import estimation_sample, require_unit_years
from shidian.matching.balance import balance_table
from shidian.matching.neighbours import Matches, MatchRule, match_neighbours
from shidian.matching.propensity import Logit, fit_logit
from shidian.messages import say

Base = Literal["pooled", "by_year", "base_year"]
Keep = Literal["analytic", "frequency", "matched", "support"]

SCORE = say("propensity score")
"""The score among the covariates of a balance table; a covariate may be called score."""
_EVER = "_ever_treated"
"""Column beside the covariates while matching; no variable of a study begins so."""


@dataclass(frozen=True)
class PropensityMatch:
    """A matched panel.

    Attributes:
        rows: rows that took part: panel columns ``unit``, ``year``, ``treated``, ``score``, ``weight``,
            ``on_support``, in the order of the panel; its index is the panel's.
        logits: one fitted logit a year matched (key "" when there is one for all).
        balance: balance table over all rows that took part.
        pairs: ``treated_unit``, ``control_unit``, ``year``, ``distance``, ``share``.
        failed: year -> why that year could not be matched.
        missing: ``unit`` and ``year`` of the rows that were to be matched and lack a value in a covariate.
        absent: units without a row in the base year, which therefore leave the DID.
    """

    rows: pd.DataFrame
    logits: dict[str, Logit]
    balance: pd.DataFrame
    pairs: pd.DataFrame
    failed: dict[str, str]
    missing: pd.DataFrame
    absent: tuple[str, ...] = ()

    @property
    def off_support(self) -> pd.DataFrame:
        """The rows off the common support."""
        return self.rows[~self.rows["on_support"]]

    @property
    def found(self) -> pd.Series:
        """Neighbours that each treated row on the common support found, none included."""
        return self.rows.loc[self.rows["treated"] & self.rows["on_support"], "pairs"]

    @property
    def unmatched(self) -> pd.DataFrame:
        """The treated rows on the common support that found no control."""
        return self.rows.loc[self.found.index[self.found == 0]]


def match_panel(
    panel: pd.DataFrame,
    ever_treated: pd.Series,
    covariates: Sequence[str],
    rule: MatchRule,
    base: Base = "pooled",
    base_year: int | None = None,
) -> PropensityMatch:
    """Match treated with untreated rows on the propensity score.

    Args:
        panel: columns ``unit``, ``year`` and the covariates.
        ever_treated: boolean, aligned with the panel: does the row's unit belong to the treated group.
        covariates: names of the matching covariates.
        rule: how to match.
        base: ``pooled`` = all unit-years in one logit; ``by_year`` = a logit and a matching a year;
            ``base_year`` = in one year only, the weights of which then hold for all years of a unit.
        base_year: that year.

    Raises:
        EstimationError: no logit can be fitted (in any year), nothing is matched, a unit-year has several rows.
    """
    frame = panel.assign(**{_EVER: np.asarray(ever_treated, dtype=bool)})
    absent: tuple[str, ...] = ()
    if base == "base_year":
        if base_year is None or base_year not in set(frame["year"]):
            raise EstimationError(
                say("the base year of the matching, {base_year}, is not a year of the panel", base_year=base_year)
            )
        at_base = frame[frame["year"] == base_year]
        absent = tuple(sorted(set(frame["unit"].astype(str)) - set(at_base["unit"].astype(str))))
        frame = at_base
    estimation_sample(frame, [*covariates, "unit", "year", _EVER])  # refuses a column that is not there, or empty
    known = frame[list(covariates)].notna().all(axis=1)
    complete = frame[known]
    require_unit_years(complete, say("matching"))
    parts = {str(y): part for y, part in complete.groupby("year", sort=True)} if base == "by_year" else {"": complete}
    logits, done, pairs, failed = {}, [], [], {}
    for name, part in parts.items():
        try:
            logit, matches, rows = _match_part(part, covariates, rule)
        except EstimationError as error:
            failed[name] = str(error)
            continue
        logits[name] = logit
        done.append(rows)
        pairs.append(_pairs(rows, matches))
    if not done:
        raise EstimationError(say("nothing could be matched: {why}", why=next(iter(failed.values()))))
    rows = pd.concat(done).sort_index()
    if not ((rows["weight"] > 0) & rows["treated"]).any():
        raise EstimationError(
            say("the matched sample is empty: no treated row has a control inside the common support")
            if rule.caliper is None
            else say(
                "the matched sample is empty: no treated row has a control inside the caliper and the common support"
            )
        )
    values = complete.loc[rows.index, list(covariates)].to_numpy(dtype=float)
    with_score = np.column_stack([rows["score"], values])
    return PropensityMatch(
        rows=rows,
        logits=logits,
        balance=balance_table(with_score, [SCORE, *covariates], rows["treated"].to_numpy(), rows["weight"].to_numpy()),
        pairs=pd.concat(pairs, ignore_index=True),
        failed=failed,
        missing=frame.loc[~known, ["unit", "year"]],
        absent=absent,
    )


def _match_part(part: pd.DataFrame, covariates: Sequence[str], rule: MatchRule) -> tuple[Logit, Matches, pd.DataFrame]:
    treated = part[_EVER].to_numpy(dtype=bool)
    values = np.column_stack([numbers(part, name) for name in covariates])
    logit = fit_logit(treated, values, covariates)
    measure = logit.score if rule.measure == "score" else logit.index
    order = part[["unit", "year"]].astype({"unit": str}).sort_values(["unit", "year"], kind="stable").index
    key = pd.Series(np.arange(len(part)), index=order).reindex(part.index).to_numpy()
    matches = match_neighbours(measure, treated, key, rule)
    used = np.bincount(matches.treated, minlength=len(part)) + np.bincount(matches.control, minlength=len(part))
    rows = part[["unit", "year"]].assign(
        treated=treated, score=logit.score, weight=matches.weight, pairs=used, on_support=matches.on_support
    )
    return logit, matches, rows


def _pairs(rows: pd.DataFrame, matches: Matches) -> pd.DataFrame:
    units, years = rows["unit"].to_numpy(), rows["year"].to_numpy()
    return pd.DataFrame({
        "treated_unit": units[matches.treated], "control_unit": units[matches.control],
        "year": years[matches.treated], "control_year": years[matches.control],
        "distance": matches.distance, "share": matches.share,
    })  # fmt: skip


def matched_weights(panel: pd.DataFrame, match: PropensityMatch, base: Base, keep: Keep) -> pd.Series:
    """Return a weight for each row of the panel: zero for rows that leave the DID.

    Args:
        panel: the panel matched.
        match: its matching.
        base: with ``base_year`` a unit's weight holds for all its years.
        keep: ``analytic`` (matching weights), ``frequency`` (number of pairs a row belongs to), ``matched``
            (one for each matched row) or ``support`` (one for each row on the common support).
    """
    weight = {
        "analytic": match.rows["weight"],
        "frequency": match.rows["pairs"].astype(float),
        "matched": (match.rows["weight"] > 0).astype(float),
        "support": match.rows["on_support"].astype(float),
    }[keep]
    if base == "base_year":
        by_unit = weight.groupby(match.rows["unit"]).first()
        return panel["unit"].map(by_unit).fillna(0.0).astype(float)
    return weight.reindex(panel.index).fillna(0.0)
