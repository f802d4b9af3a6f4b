"""Under a true null the randomisation p-values are uniform: 1,000 simulated panels a design (slow).

``pytest -m slow tests/placebo/test_placebo_null.py -s`` prints what docs/placebo.md quotes. The seed was fixed before
any result was seen. In each panel the outcome has unit and year effects, errors that are serially correlated and
differ in variance between units, and no effect; the true assignment is made by numpy alone, in the way that the mode
draws. With 199 draws p takes the values 1/200, ..., 1, and p <= 0.05 has probability 0.05 exactly.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shidian.exhibits.result import StudyInfo
from shidian.placebo.draws import draw_frame
from shidian.placebo.fisher import fisher_p
from shidian.placebo.observed import fit_observed

SEED, PANELS, DRAWS, UNITS, YEARS = 20260301, 1000, 199, 30, 8
DESIGNS = {
    "permute, balanced": {},
    "permute, unbalanced, controls": {"unbalanced": True, "controls": ["x"]},
    "permute within strata": {"strata": "region"},
    "random units and years": {"mode": "random"},
}
LEVELS = len(DESIGNS) * 4  # designs x statistics that are gated: Bonferroni


def null_panel(number: int, design: dict) -> pd.DataFrame:
    """Return one panel without any effect."""
    rng = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(number,)))
    unit, year = np.repeat(np.arange(UNITS), YEARS), np.tile(np.arange(YEARS), UNITS)
    region = np.arange(UNITS) % 3
    adoption = np.full(UNITS, np.nan)
    if design.get("strata"):
        for r, cohorts in enumerate(([3, 5], [4, 4, 6], [3, 5, 6])):
            adoption[rng.choice(np.flatnonzero(region == r), len(cohorts), replace=False)] = cohorts
    else:
        chosen = rng.choice(UNITS, 9, replace=False)
        random = design.get("mode") == "random"
        adoption[chosen] = rng.integers(1, YEARS, 9) if random else [3, 3, 3, 4, 4, 5, 5, 6, 6]
    error = rng.normal(size=(UNITS, YEARS))
    for t in range(1, YEARS):
        error[:, t] += 0.6 * error[:, t - 1]
    error *= np.exp(rng.normal(0, 0.5, UNITS))[:, None]
    x = rng.normal(size=(UNITS, YEARS)) + error  # a control correlated with the outcome
    frame = pd.DataFrame({
        "unit": [f"u{i:02d}" for i in unit], "year": 2001 + year, "region": region[unit], "x": x.ravel(),
        "y": rng.normal(size=UNITS)[unit] + rng.normal(size=YEARS)[year] + error.ravel(),
        "adoption_year": pd.array(2001 + adoption[unit], dtype="Float64").astype("Int64"),
    })  # fmt: skip
    return frame.loc[rng.random(len(frame)) > 0.1] if design.get("unbalanced") else frame


def p_values(number: int, design: dict) -> list[float]:
    """Return two-sided, left and right p of the coefficient and two-sided p of t for one panel."""
    panel = null_panel(number, design)
    spec = {
        "outcome": "y", "controls": design.get("controls", []), "fixed_effects": ["unit", "year"],
        "vcov": {"kind": "cluster", "by": "unit"}, "ssc": "reghdfe", "draws": DRAWS,
        "mode": design.get("mode", "permute"), "strata": design.get("strata", ""),
    }  # fmt: skip
    info = StudyInfo("null", "unit", "D", seed=SEED + number)
    draws = draw_frame(panel, spec, "D", info.seed, 0, DRAWS - 1)
    assert (draws["status"] == "ok").all()
    fit = fit_observed(panel, spec, "D", info.seed)
    by_coefficient = fisher_p(draws["estimate"].to_numpy(), fit.coef[0])
    by_t = fisher_p(draws["statistic"].to_numpy(), fit.coef[0] / fit.se[0])
    return [by_coefficient.two_sided, by_coefficient.left, by_coefficient.right, by_t.two_sided]


@pytest.mark.slow
@pytest.mark.parametrize("name", DESIGNS)
def test_p_values_are_uniform_under_the_null(name: str) -> None:
    """Size at 5% inside the exact binomial 99.9% band; Kolmogorov-Smirnov reported, gated at 0.1% (Bonferroni)."""
    p = np.array([p_values(number, DESIGNS[name]) for number in range(PANELS)])
    low, high = stats.binom.ppf([0.0005, 0.9995], PANELS, 0.05)
    # p is uniform on 1/200, 2/200, ..., 1: minus a uniform step it is continuous on (0, 1), as the KS test wants
    steps = np.random.default_rng(SEED).random(p.shape) / (DRAWS + 1)
    for column, statistic in enumerate(("two-sided", "left", "right", "two-sided of t")):
        ks = stats.kstest(p[:, column] - steps[:, column], "uniform")
        rejected = int((p[:, column] <= 0.05 + 1e-12).sum())
        print(
            f"\n{name:<32}{statistic:<16} size {rejected / PANELS:.3f}  KS D {ks.statistic:.4f} p {ks.pvalue:.3f}",
            end="",
        )
        assert low <= rejected <= high, f"{rejected} of {PANELS} rejected at 5%, outside {low:.0f} to {high:.0f}"
        assert ks.pvalue > 0.001 / LEVELS
    print()
