"""The baselines of the five studies over simulated worlds, starting from panels.

The worlds are those of the simulator at full size, without workbooks and extraction. Each replication draws a world
of its own: treatment, covariates, disturbances. Graded is the estimate against the pseudo-true value of that world.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import pandas as pd
from shidian.did.cluster_sums import cluster_sums
from shidian.did.twfe import Regression, regress
from shidian.did.wild_bootstrap import Signs, p_value, wild_draws
from shidian.errors import SimulationError
from shidian.inference.covariance import VcovLike
from shidian.simulate.cities import STUDIES as CITY_STUDIES
from shidian.simulate.counties import STUDY as COUNTIES
from shidian.simulate.provinces import STUDY as PROVINCES
from shidian.simulate.pseudo_true import baseline_estimator
from shidian.simulate.truth import Truth, load_truth
from shidian.simulate.worlds import WORLDS
from shidian.study.read import read_study

from tests.monte_carlo.gates import Estimate, Experiment, Finding, Inverted, draw_seeds
from tests.monte_carlo.panels import BY_UNIT

SEED = 20261125
"""Seed of these pages. Drawn anew when two designs were changed after a first run with another (see the page)."""
ROOT = Path(__file__).resolve().parents[2]
LEVELS = {"city": CITY_STUDIES, "county": (COUNTIES,), "province": (PROVINCES,)}
FEW, DRAWS = 42, 399
"""Studies with fewer clusters than this also get a wild cluster bootstrap, with that many draws."""
HETERO, AUTOCORRELATION = "income_gap_cities", 0.4
"""The study whose own errors allow no autocorrelation, and how much of it the ungated counterexample plants."""
REGIMES = ("nqp_low", "nqp_middle", "nqp_high")


@cache
def truths(level: str) -> Mapping[str, Truth]:
    """Return the truths of a level's studies, read once, the policy of green_innovation_cities alike in all cities.

    Where a policy works in a few cities only, errors clustered by city allow for other such cities that might have been
    treated; those of one list of cities, to which the pseudo-true value belongs, are smaller. A gate on coverage would
    grade that difference, not the errors.
    """
    return {study: with_equal_effects(load_truth(study)) for study in LEVELS[level]}


def with_equal_effects(truth: Truth) -> Truth:
    """Return a truth whose policy has one effect in all cities."""
    if "central_ratio" not in truth.parameters:
        return truth
    return replace(truth, parameters={**truth.parameters, "central_ratio": 1.0})


@cache
def errors(study: str) -> Mapping[str, VcovLike]:
    """Return label -> covariance: clustered by unit, and that of the study's baseline table where it is another."""
    own: VcovLike = read_study(ROOT, study)[0].exhibit("baseline")["vcov"]
    return {"clustered by unit": BY_UNIT} | ({} if own == BY_UNIT else {f"as in the study, {_words(own)}": own})


def _words(vcov: VcovLike) -> str:
    return str(vcov["kind"] if isinstance(vcov, Mapping) else vcov)


def draw_level(level: str, seed: int) -> Iterator[Finding]:
    """Yield what is graded of one level's studies in the world of a seed."""
    given = truths(level)
    disturbed = WORLDS[level](seed, truths=given)
    noise_free = WORLDS[level](seed, disturbed=False, truths=given)
    for study in LEVELS[level]:
        panel = disturbed.panels[study].frame()
        truth = baseline_estimator(given[study].baseline)(noise_free.panels[study].frame())
        yield from draw_baseline(given[study], panel, truth, seed)
        if study == PROVINCES:
            yield from draw_regimes(given[study], panel)


def draw_baseline(planted: Truth, panel: pd.DataFrame, truth: float, seed: int) -> Iterator[Finding]:
    """Yield the baseline coefficient against its pseudo-true value, once for each kind of standard error."""
    b = planted.baseline
    ssc = read_ssc(planted.study)
    for label, vcov in errors(planted.study).items():
        fitted = regress(panel, b.outcome, [b.regressor, *b.controls], b.fixed_effects, vcov, ssc)
        yield _estimate(f"{planted.study}: {b.regressor}, {label}", fitted, b.regressor, truth)
        if vcov == BY_UNIT and panel["unit"].nunique() < FEW:
            sums = cluster_sums(fitted, b.regressor, b.fixed_effects, "unit")
            drawn = wild_draws(sums, Signs(len(sums.labels), DRAWS, seed))
            name = f"{planted.study}: {b.regressor}, wild cluster bootstrap"
            yield Inverted(name, truth, partial(p_value, drawn))


def draw_regimes(planted: Truth, panel: pd.DataFrame) -> Iterator[Finding]:
    """Yield the slopes of the three planted regimes: the regression that the simulated provinces obey."""
    b, slopes = planted.baseline, planted.equations[planted.baseline.outcome].terms
    share = panel["high_education_share"]
    low, high = planted.parameter("human_capital_low"), planted.parameter("human_capital_high")
    inside = (share <= low, (share > low) & (share <= high), share > high)
    columns = {name: panel[b.regressor] * part for name, part in zip(REGIMES, inside, strict=True)}
    known = panel.assign(**columns)
    fitted = regress(known, b.outcome, [*REGIMES, *b.controls], b.fixed_effects, BY_UNIT, read_ssc(planted.study))
    for name in REGIMES:
        yield _estimate(f"{planted.study}: {name}, clustered by unit", fitted, name, slopes[name])


def draw_autocorrelated(seed: int) -> Iterator[Finding]:
    """Yield the baseline of the study with hetero errors where disturbances are autocorrelated: what is not gated."""
    given = truths("city")
    equations = {name: replace(e, persistence=AUTOCORRELATION) for name, e in given[HETERO].equations.items()}
    changed = {**given, HETERO: replace(given[HETERO], equations=equations)}
    panels = [WORLDS["city"](seed, disturbed=d, truths=changed).panels[HETERO].frame() for d in (True, False)]
    truth = baseline_estimator(given[HETERO].baseline)(panels[1])
    yield from draw_baseline(changed[HETERO], panels[0], truth, seed)


def accepted(count: int, levels: Iterable[str]) -> tuple[list[int], int]:
    """Return the first seeds whose worlds of these levels exist, and how many before the last of them do not.

    Raises:
        SimulationError: too few of twice as many seeds give worlds.
    """
    wanted, found = list(levels), list[int]()
    for place, seed in enumerate(draw_seeds(2 * count, SEED)):
        try:
            for level in wanted:
                for disturbed in (True, False):
                    WORLDS[level](seed, disturbed=disturbed)
        except SimulationError:
            continue
        found.append(seed)
        if len(found) == count:
            return found, place + 1 - count
    raise SimulationError(f"{2 * count - len(found)} of {2 * count} seeds are refused")


@cache
def read_ssc(study: str) -> str:
    """Return the small-sample convention of the study's baseline table."""
    return str(read_study(ROOT, study)[0].exhibit("baseline")["ssc"])


def _estimate(cell: str, fitted: Regression, term: str, truth: float) -> Estimate:
    at = fitted.fit.terms.index(term)
    return Estimate(cell, truth, float(fitted.fit.coef[at]), float(fitted.fit.se[at]), float(fitted.fit.df))


EXPERIMENTS = tuple(
    Experiment(level, f"the studies on the {level} yearbook", partial(draw_level, level)) for level in LEVELS
)
COUNTEREXAMPLE = Experiment("autocorrelated", f"{HETERO} with autocorrelated disturbances", draw_autocorrelated)
