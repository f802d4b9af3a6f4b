"""The same overall effects by a second, independent engine (diff-diff), and a verdict that can fail.

The second engine is asked the same question on the same rows, outcome and controls brought to mean 0 and spread 1
(its solver stops at an absolute tolerance). Where it cannot be asked, the check says so instead of passing.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from shidian.did.staggered import NEVER, Design, Effects
from shidian.did.staggered.design import WEIGHT
from shidian.did.staggered.untreated import listed, untreated_model
from shidian.did.staggered.weights import change_within_units
from shidian.errors import EstimationError
from shidian.messages import say

if TYPE_CHECKING:
    from diff_diff import SurveyDesign

ENGINE = "diff-diff"
TOLERANCE = 1e-6
"""The largest gap between two engines that counts as the same number, as a share of the effect or of its standard
error, whichever is larger."""


@dataclass(frozen=True)
class Check:
    """What a second engine says of an overall effect.

    Attributes:
        gap: difference as a share of the effect or its standard error; nan where there is nothing to compare.
        agrees: whether the gap is within ``TOLERANCE``.
        words: the verdict.
    """

    gap: float
    agrees: bool
    words: str


def check(name: str, asked: Design, effects: Effects) -> Check:
    """Compare the overall effect of one of ``PEERS`` with the second engine's.

    Raises:
        KeyError: there is no second engine for this estimator.
    """
    try:
        other = overall(name, asked)
    except EstimationError as error:
        return Check(np.nan, False, say("not checked by a second engine: {why}", why=error))
    gap = relative_gap(other, effects)
    if not np.isfinite(gap):
        return Check(
            np.nan, False, say("not checked by a second engine: {engine} finds no overall effect", engine=ENGINE)
        )
    if gap > TOLERANCE:
        words = say(
            "{engine} gives another overall effect, {other:.6g} and not {own:.6g}",
            engine=ENGINE,
            other=other,
            own=effects.att,
        )
        return Check(gap, False, words)
    words = say("{engine} gives the same overall effect (relative gap below {gap})", engine=ENGINE, gap=_power(gap))
    return Check(gap, True, words)


def relative_gap(other: float, effects: Effects) -> float:
    """Return the difference of two overall effects as a share of the effect or its standard error, the larger."""
    size = max(abs(effects.att), effects.att_se if np.isfinite(effects.att_se) else 0.0)
    gap = abs(other - effects.att)
    return float(gap / size) if size > 0 else 0.0 if gap == 0 else np.inf if np.isfinite(gap) else np.nan


def overall(name: str, asked: Design) -> float:
    """Return the overall effect of ``name`` by the second engine.

    Raises:
        EstimationError: it cannot be asked the same question, or stops on this sample.
        KeyError: there is no second engine.
    """
    run = PEERS[name]
    frame = asked.panel
    if asked.weighting and (name == "stacked" or change_within_units(frame)):
        raise EstimationError(
            say("{engine} takes the controls of a stack without their weights", engine=ENGINE)
            if name == "stacked"
            else say("{engine} takes weights that are constant within units", engine=ENGINE)
        )
    spread = float(frame[asked.outcome].std())
    first = frame["adoption_year"].astype("Float64")
    later = 1 - int(
        np.nanmin([frame["year"].min(), first.min() if first.notna().any() else np.nan])
    )  # NEVER is no year
    data = frame.assign(
        year=frame["year"] + later,
        _y=(frame[asked.outcome] - frame[asked.outcome].mean()) / spread,
        _first=(first + later).fillna(NEVER).astype("int64"),
        _unit=pd.factorize(frame["unit"], sort=True)[0],
        **{f"_x{i}": (frame[c] - frame[c].mean()) / frame[c].std() for i, c in enumerate(asked.controls)},
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its words are on numbers that are not printed: the gap judges them
        try:
            return spread * run(asked, data, [f"_x{i}" for i in range(len(asked.controls))] or None)
        except (ValueError, ArithmeticError, LookupError, np.linalg.LinAlgError) as error:
            raise EstimationError(say("{engine} stops on this sample", engine=ENGINE)) from error


def _callaway_santanna(asked: Design, data: pd.DataFrame, controls: list[str] | None) -> float:
    from diff_diff import CallawaySantAnna

    if controls:
        raise EstimationError(
            say("with controls {engine} does not norm the weights of the doubly robust estimator", engine=ENGINE)
        )
    whole = data.groupby("_unit")["year"].transform("size") == data["year"].nunique()
    if asked.weighting and asked.balance == "none" and not whole.all():
        raise EstimationError(say("{engine} compares repeated cross sections without weights", engine=ENGINE))
    if asked.balance == "full":
        data = data[whole]
    _require_bases(data, asked)
    engine = CallawaySantAnna(
        control_group=asked.control_group, base_period="universal", anticipation=asked.anticipation,
        allow_unbalanced_panel=asked.balance == "none",
    )  # fmt: skip
    cells = engine.fit(data, "_y", "_unit", "year", "_first", survey_design=_weights(asked)).group_time_effects
    size = data.groupby("_first")["_unit"].nunique()
    if asked.weighting:
        size = data.drop_duplicates("_unit").groupby("_first")[WEIGHT].sum()
    after = [(g, cell["effect"]) for (g, t), cell in cells.items() if t >= g and np.isfinite(cell["effect"])]
    return float(np.average([effect for _, effect in after], weights=[size[g] for g, _ in after]))


def _sun_abraham(asked: Design, data: pd.DataFrame, controls: list[str] | None) -> float:
    from diff_diff import SunAbraham

    _require_bases(data, asked)
    engine = SunAbraham(anticipation=asked.anticipation)
    found = engine.fit(data, "_y", "_unit", "year", "_first", covariates=controls, survey_design=_weights(asked))
    return float(found.overall_att)


def _imputation(asked: Design, data: pd.DataFrame, controls: list[str] | None) -> float:
    from diff_diff import ImputationDiD

    rows, weights = _used(asked, data), _weights(asked)
    fit = ImputationDiD().fit(rows, "_y", "_unit", "year", "_first", covariates=controls, survey_design=weights)
    return float(fit.overall_att)


def _two_stage(asked: Design, data: pd.DataFrame, controls: list[str] | None) -> float:
    from diff_diff import TwoStageDiD

    rows, weights = _used(asked, data), _weights(asked)
    fit = TwoStageDiD().fit(rows, "_y", "_unit", "year", "_first", covariates=controls, survey_design=weights)
    return float(fit.overall_att)


def _stacked(asked: Design, data: pd.DataFrame, controls: list[str] | None) -> float:
    from diff_diff import StackedDiD

    if asked.anticipation:
        raise EstimationError(say("{engine} counts the years of anticipation as treated", engine=ENGINE))
    if (data.groupby("_unit")["year"].transform("size") < data["year"].nunique()).any():
        raise EstimationError(say("{engine} does not absorb the effects of units where there are gaps", engine=ENGINE))
    engine = StackedDiD(kappa_pre=-asked.first, kappa_post=asked.last, control_group="not_yet_treated")
    return float(engine.fit(data, "_y", "_unit", "year", "_first").overall_att)


def _extended(asked: Design, data: pd.DataFrame, controls: list[str] | None) -> float:
    from diff_diff import WooldridgeDiD

    rows, weights = _used(asked, data), _weights(asked)
    fixed = all((rows.groupby("_unit")[name].nunique() <= 1).all() for name in controls or [])
    if controls and (asked.weighting or len(rows) < len(data) or not fixed):
        raise EstimationError(
            say("{engine} centres controls otherwise where they move, rows have weights or some are left out",
                engine=ENGINE)
        )  # fmt: skip
    fit = WooldridgeDiD(anticipation=asked.anticipation).fit(
        rows, "_y", "_unit", "year", "_first", xtvar=controls, survey_design=weights
    )
    if weights is None:
        return float(fit.overall_att)
    size = rows.groupby(["_first", "year"])[WEIGHT].sum()  # its own average counts the rows of a cohort and year
    after = [(cell["att"], size[g, t]) for (g, t), cell in fit.group_time_effects.items() if t >= g]
    return float(np.average([effect for effect, _ in after], weights=[w for _, w in after]))


PEERS: Mapping[str, Callable[[Design, pd.DataFrame, list[str] | None], float]] = {
    "callaway_santanna": _callaway_santanna,
    "sun_abraham": _sun_abraham,
    "imputation": _imputation,
    "two_stage": _two_stage,
    "stacked": _stacked,
    "etwfe": _extended,
}
"""Estimator -> the second engine's way to its overall effect."""


def _weights(asked: Design) -> SurveyDesign | None:
    """Return the weights of the rows as the second engine wants them, None where they have none."""
    if asked.weighting is None:
        return None
    from diff_diff import SurveyDesign

    return SurveyDesign(weights=WEIGHT)


def _require_bases(data: pd.DataFrame, asked: Design) -> None:
    """Refuse cohorts without a row in the base year: the second engine has no other base for them."""
    base = -1 - asked.anticipation
    treated = data[data["_first"] != NEVER]
    cohort = treated["adoption_year"].astype("int64")
    seen = cohort[treated["year"] - treated["_first"] == base]
    without = sorted(set(cohort) - set(seen))
    if without:
        raise EstimationError(
            say(
                "{engine} has no base but τ = {base}, and cohorts {cohorts} are not observed then",
                engine=ENGINE,
                base=base,
                cohorts=listed(without),
            )
        )


def _used(asked: Design, data: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that imputation and two-stage use, less those of anticipation, which no average takes."""
    model = untreated_model(asked)
    return data[model.used & ~((model.tau < 0) & ~model.untreated)]


def _power(gap: float) -> str:
    """Return the power of ten above a gap, 1e-12 at least."""
    return f"1e{int(np.ceil(np.log10(max(gap, 1e-12)))):d}"
