"""Synthetic DID, synthetic control and DID of one panel: effects by cohort, event times and weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from shidian.did.event_window import term_name
from shidian.did.synthetic.estimate import ESTIMATORS, Synthetic, estimate, exact
from shidian.did.synthetic.frank_wolfe import frank_wolfe
from shidian.did.synthetic.panel import Block, block_of
from shidian.did.synthetic.spread import Spread, spread
from shidian.errors import EstimationError
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.did.synthetic_did.words import NAMES, cohort_label, sentences, warnings
from shidian.exhibits.regression_table import Style, TableColumn, regression_table
from shidian.exhibits.result import ExhibitResult, Figure, StudyInfo
from shidian.exhibits.samples import ADOPTION, by_rows, refused, restricted_to, roles, unit_years
from shidian.exhibits.subsample import policy_sample
from shidian.ledger import about, ledger_frame, ledger_row
from shidian.messages import say
from shidian.used import Used
from shidian.variance import least_error, usable_error

ATT = "ATT"
LEVEL, WINDOW = 0.95, (-5, 10)
NO_ERROR = say("the draws do not vary")


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Run the estimators of ``spec`` on the units that have every period."""
    exhibit, style, (first, last) = notes.exhibit_id(spec), Style.of(spec), spec.get("window", WINDOW)
    spec = {"always_treated": "leave_out", **spec}
    variables = roles(spec, treatment=(info.treatment,), adoption=ADOPTION, clusters=(), fixed_effects=())
    try:
        part, words = policy_sample(panel, spec, info.label)
        block, left_out = block_of(part, spec["outcome"])
    except EstimationError as error:
        return notes.refusal(exhibit, info, [ATT], error, refused(panel, variables), say("all estimators"))
    found = {key: _one(block, key, spec, info) for key in spec.get("estimators", ESTIMATORS)}
    frames = [_long(one, block, NAMES[key], info, exhibit, (first, last)) for key, one in found.items()]
    columns = [TableColumn(NAMES[key], NAMES[key], frame) for key, frame in zip(found, frames, strict=True)]
    times = sorted({k for one, _ in found.values() for k in one.event_times() if first <= k <= last})
    terms = {ATT: say("Overall effect")}
    if len(block.cohorts) > 1:
        terms |= {_cohort(block, place): cohort_label(block.periods[place]) for place in block.cohorts}
    terms |= {term_name(k): f"τ = {k:+d}" if k else "τ = 0" for k in times}
    estimates = pd.concat(frames, ignore_index=True)
    return ExhibitResult(
        estimates=estimates,
        table=regression_table(columns, terms, style, ["n_obs", "n_units"]),
        figure=_figure(estimates, found, part, block, spec, info),
        notes=(
            *sentences(found, part, block, left_out, spec, info), *notes.restricted_sentences(words),
            notes.stars_sentence(style.stars), *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame([*_ledger(exhibit, part, block, left_out), *_without(exhibit, found)]),
        warnings=warnings(found, block, left_out),
        used=_used(found, part, block, variables, restricted_to(spec, words), info),
    )  # fmt: skip


def _one(block: Block, key: Any, spec: Mapping[str, Any], info: StudyInfo) -> tuple[Synthetic, Spread | str]:
    """Return an estimate and its errors, or why there are none."""
    solver = exact if spec.get("weights_found", "steps") == "exact" else frank_wolfe
    one = estimate(block, key, solver)
    try:
        return one, spread(block, key, one, spec.get("inference", "placebo"), int(spec.get("draws", 500)), info.seed)
    except EstimationError as error:
        return one, str(error)


def _cohort(block: Block, place: int) -> str:
    return f"cohort {int(block.periods[place])}"


def _long(
    found: tuple[Synthetic, Spread | str], block: Block, column: str, info: StudyInfo, exhibit: str,
    window: tuple[int, int],
) -> pd.DataFrame:  # fmt: skip
    """Return overall effect, effects of cohorts and gaps by time since adoption, tested by the normal."""
    one, errors = found
    rows = [(ATT, one.effect, errors if isinstance(errors, str) else errors.effect)]
    rows += [
        (_cohort(block, c.place), c.effect, errors if isinstance(errors, str) else errors.cohorts[c.place])
        for c in one.cohorts
    ]
    rows += [
        (term_name(tau), gap, errors if isinstance(errors, str) else errors.times[tau])
        for tau, gap in one.event_times().items()
        if window[0] <= tau <= window[1]
    ]
    floor = least_error(block.y)
    terms, effects, spreads = zip(*rows, strict=True)
    se = np.array(
        [np.nan if isinstance(s, str) else usable_error(e, s**2, floor) for e, s in zip(effects, spreads, strict=True)]
    )
    reason = [s if isinstance(s, str) else "" if np.isfinite(u) else NO_ERROR for s, u in zip(spreads, se, strict=True)]
    estimates = np.array(effects)
    z, half = estimates / se, stats.norm.ppf(0.5 + LEVEL / 2) * se
    how = "" if isinstance(errors, str) else column
    return normalise(pd.DataFrame({
        "term": terms, "estimate": estimates, "se": se, "statistic": z, "p": 2 * stats.norm.sf(np.abs(z)),
        "ci_low": estimates - half, "ci_high": estimates + half, "reason": reason,
    }).assign(
        study=info.study, exhibit=exhibit, column=column, df=np.inf, n_obs=block.y.size, n_units=len(block.y),
        vcov=how, seed=None if isinstance(errors, str) else info.seed,
    ))  # fmt: skip


def _figure(
    estimates: pd.DataFrame, found: Mapping[str, tuple[Synthetic, Spread | str]], part: pd.DataFrame, block: Block,
    spec: Mapping[str, Any], info: StudyInfo,
) -> Figure:  # fmt: skip
    rows = estimates[estimates["term"].str.startswith("tau")]
    points = pd.DataFrame({
        "estimator": rows["column"], "tau": rows["term"].str.removeprefix("tau").astype(int),
        "estimate": rows["estimate"], "ci_low": rows["ci_low"], "ci_high": rows["ci_high"],
    })  # fmt: skip
    frames = {"points": points.reset_index(drop=True)}
    key = next((k for k in ("sdid", "sc") if k in found), next(iter(found)))
    frames["units"], frames["periods"] = weight_frames(found[key][0], part, block)
    return Figure(
        "synthetic_weights", frames,
        {"outcome": info.label(spec["outcome"]), "level": LEVEL, "estimator": NAMES[key]},
    )  # fmt: skip


def weight_frames(one: Synthetic, part: pd.DataFrame, block: Block) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the weights of never-treated units and of periods by time to adoption, means over the treated units."""
    sizes = np.array([c.n_treated for c in one.cohorts], dtype=float)
    named = part.drop_duplicates("unit").set_index("unit")
    names = named["unit_name"].astype(str) if "unit_name" in named else pd.Series(named.index.astype(str), named.index)
    units = pd.DataFrame({
        "unit": [names[unit] for unit in block.units[block.never]],
        "weight": np.average([c.weights.units for c in one.cohorts], axis=0, weights=sizes),
    }).sort_values(["weight", "unit"], ascending=[False, True], ignore_index=True)  # fmt: skip
    by_time: dict[int, float] = {}
    for c, n in zip(one.cohorts, sizes / sizes.sum(), strict=True):
        for t, weight in enumerate(c.weights.periods):
            by_time[t - c.place] = by_time.get(t - c.place, 0.0) + float(weight * n)
    periods = pd.DataFrame({"tau": sorted(by_time), "weight": [by_time[k] for k in sorted(by_time)]})
    return units, periods


def _ledger(exhibit: str, part: pd.DataFrame, block: Block, left_out: Sequence[str]) -> list[dict[str, Any]]:
    if not left_out:
        return []
    gone = part[~part["unit"].isin(block.units)]
    facts = {"units": len(left_out), "rows": len(gone)}
    return [ledger_row(say("estimation sample"), exhibit, say("not observed in every period"), **facts)]


def _without(exhibit: str, found: Mapping[str, tuple[Synthetic, Spread | str]]) -> list[dict[str, Any]]:
    return [
        ledger_row(say("estimation"), about(exhibit, NAMES[key]), errors)
        for key, (_, errors) in found.items()
        if isinstance(errors, str)
    ]


def _used(
    found: Mapping[str, Any], part: pd.DataFrame, block: Block, variables: Mapping[str, Sequence[str]], words: str,
    info: StudyInfo,
) -> dict[str, Used]:  # fmt: skip
    rows = part[part["unit"].isin(block.units) & part["year"].isin(block.periods)]
    used = by_rows(unit_years(part, rows), part, variables, words)
    return {
        NAMES[key]: used if isinstance(errors, str) else used.drawn(info.seed, errors.n_draws)
        for key, (_, errors) in found.items()
    }
