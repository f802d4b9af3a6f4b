"""Synthetic DID: equal to diff-diff and quadratic programming, unmoved by effects of units, right on average."""

import numpy as np
import pandas as pd
import pytest
from diff_diff import SyntheticDiD
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from shidian.did.synthetic.estimate import estimate, exact
from shidian.did.synthetic.panel import block_of
from shidian.did.synthetic.simplex import simplex_least_squares
from shidian.did.synthetic.spread import spread
from shidian.errors import EstimationError
from shidian.exhibits.did.synthetic_did.estimate import run
from shidian.exhibits.result import StudyInfo

from tests.matrix.synthetic import simplex

FIRST = 2000


def made(seed: int, starts: dict[int, int], n: int = 30, years: int = 12, apart: float = 0.7) -> pd.DataFrame:
    """Make units with two factors, which adopters load on more, by ``apart``; ``starts``: year -> units."""
    rng = np.random.default_rng(seed)
    adopted = np.full(n, np.nan)
    for year, count in starts.items():
        adopted[np.flatnonzero(np.isnan(adopted))[:count]] = year
    factors = np.cumsum(rng.normal(size=(years, 2)), axis=0)
    loads = rng.normal(size=(n, 2)) + apart * ~np.isnan(adopted)[:, None]
    y = loads @ factors.T + rng.normal(size=(n, 1)) + rng.normal(scale=0.5, size=(n, years))
    y += 1.0 * (FIRST + np.arange(years) >= adopted[:, None])
    return pd.DataFrame({
        "unit": np.repeat(np.arange(n), years), "year": np.tile(FIRST + np.arange(years), n), "y": y.ravel(),
        "adoption_year": np.repeat(adopted, years),
    })  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_one_cohort_is_as_diff_diff_has_it(seed):
    """diff-diff takes the same Frank-Wolfe steps, and is -15.6038 on California's Proposition 99, as published."""
    panel = made(seed, {2008: 5})
    peer = SyntheticDiD(n_bootstrap=50, seed=1).fit(
        panel.assign(t=(panel["unit"] < 5).astype(int)), outcome="y", treatment="t", unit="unit", time="year",
        post_periods=list(range(2008, 2012)),
    )  # fmt: skip
    assert estimate(block_of(panel, "y")[0], "sdid").effect == pytest.approx(peer.att, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 25), st.floats(-3, 1), st.floats(-4, 4))
def test_weights_solve_the_minimisation(seed, rows, candidates, log_ridge, log_scale):
    rng, scale = np.random.default_rng(seed), 10**log_scale
    A, b = scale * rng.normal(size=(rows, candidates)), scale * rng.normal(size=rows)
    ridge = scale**2 * 10**log_ridge
    x = simplex_least_squares(A, b, ridge)
    assert x.min() >= 0
    assert x.sum() == pytest.approx(1, abs=1e-12)
    gradient = A.T @ (A @ x - b) + ridge * x
    common = gradient[x > 0].mean()
    tolerance = 1e-7 * (np.abs(A.T @ A).max() + np.abs(A.T @ b).max() + ridge)
    assert np.abs(gradient[x > 0] - common).max() <= tolerance
    assert (gradient >= common - tolerance).all()
    other = simplex(A / scale, b / scale, ridge / scale**2)
    assert (
        np.square(A @ x - b).sum() + ridge * x @ x <= np.square(A @ other - b).sum() + ridge * other @ other + tolerance
    )


def test_many_candidates_with_weights_of_their_own():
    """More candidates with a weight than rows: the small matrix is used, to the same end."""
    rng = np.random.default_rng(3)
    A, b = rng.normal(size=(6, 400)), rng.normal(size=6)
    x = simplex_least_squares(A, b, 2000.0)
    assert (x > 0).sum() > 300
    gradient = A.T @ (A @ x - b) + 2000.0 * x
    assert np.ptp(gradient[x > 0]) < 1e-9 * np.abs(gradient).max()
    assert gradient[x == 0].min(initial=np.inf) >= gradient[x > 0].min()


@pytest.mark.parametrize("estimator", ["sdid", "did"])
def test_effects_of_units_order_and_scale_do_not_matter(estimator):
    panel = made(1, {2006: 4, 2009: 3})
    before = estimate(block_of(panel, "y")[0], estimator, exact)
    rng = np.random.default_rng(2)
    of_unit = rng.normal(size=30)
    other = panel.assign(
        y=1e4 * (panel["y"] + of_unit[panel["unit"]]), unit=99 - panel["unit"],
        year=panel["year"] + 7, adoption_year=panel["adoption_year"] + 7,
    ).sample(frac=1, random_state=1)  # fmt: skip
    after = estimate(block_of(other, "y")[0], estimator, exact)
    assert after.effect == pytest.approx(1e4 * before.effect, rel=1e-6)
    assert list(after.event_times()) == list(before.event_times())


def test_cohorts_are_averaged_by_their_unit_years():
    panel = made(4, {2006: 4, 2009: 3})
    found = estimate(block_of(panel, "y")[0], "sdid")
    early, late = found.cohorts
    assert found.effect == pytest.approx((4 * 6 * early.effect + 3 * 3 * late.effect) / (4 * 6 + 3 * 3))
    times = found.event_times()
    assert times[5] == pytest.approx(early.path[-1])  # the late cohort is not there any more
    assert times[0] == pytest.approx((4 * early.path[6] + 3 * late.path[9]) / 7)


def test_all_placebos_of_one_unit_are_taken():
    panel = made(5, {2008: 1}, n=20)
    block, _ = block_of(panel, "y")
    errors = spread(block, "did", estimate(block, "did"), "placebo", 500, 1)
    assert (errors.n_draws, errors.every) == (19, True)
    wide = panel[panel["unit"] > 0].pivot(index="unit", columns="year", values="y")
    change = wide[range(2008, 2012)].mean(axis=1) - wide[range(2000, 2008)].mean(axis=1)
    effects = [change[u] - change.drop(u).mean() for u in change.index]
    assert errors.effect == pytest.approx(float(np.std(effects)))


def test_draw_d_is_the_same_whatever_their_number():
    block, _ = block_of(made(6, {2006: 4, 2009: 3}), "y")
    found = estimate(block, "did")
    few, more = (spread(block, "did", found, "bootstrap", n, 3) for n in (50, 60))
    assert few.effect != more.effect
    assert spread(block, "did", found, "bootstrap", 50, 3) == few


@pytest.mark.parametrize(
    ("starts", "how", "said"),
    [
        ({2008: 20}, "placebo", "there are 10: use 'inference: bootstrap' or 'jackknife'"),
        ({2006: 4, 2008: 1}, "bootstrap", "that of 2008 has one: use 'inference: placebo'"),
        ({2006: 4, 2008: 1}, "jackknife", "that of 2008 has one: use 'inference: placebo'"),
    ],
)
def test_errors_that_cannot_be_had(starts, how, said):
    block, _ = block_of(made(1, starts), "y")
    with pytest.raises(EstimationError, match=said):
        spread(block, "sdid", estimate(block, "did"), how, 50, 1)


def test_panels_that_cannot_be_compared():
    panel = made(1, {2006: 4})
    for broken, said in [
        (panel[panel["unit"] < 4], "compares with never-treated units"),
        (panel[panel["unit"] >= 4], "no unit observed in every period adopts"),
        (panel.assign(adoption_year=panel["adoption_year"] - 5), "the cohort of 2001 has 1"),
        (panel[panel["year"] != 2003], "periods without gaps; none has 2003"),
        (panel.assign(y=3.0), "does not vary"),
        (pd.concat([panel, panel.iloc[:1]]), "wants one row a unit and year"),
        (panel.assign(y=panel["y"].mask(panel.index == 5, np.inf)), "'y' of unit 0 in 2005 is infinite"),
        (panel[panel["unit"] != panel["year"] - FIRST][lambda d: d["unit"] < 12], "none of the sample is"),
    ]:
        with pytest.raises(EstimationError, match=said):
            block_of(broken, "y")


def test_units_with_a_gap_are_left_out_and_counted():
    panel = made(1, {2006: 4}).drop(index=[5, 200])
    panel["did"] = (panel["year"] >= panel["adoption_year"]).astype(int)
    spec = {"id": "s", "kind": "synthetic_did", "outcome": "y", "inference": "bootstrap", "draws": 50}
    result = run(panel, spec, StudyInfo("study", "city", "did", seed=1))
    assert "Left out, not observed in every period: 2 cities." in result.notes
    assert result.ledger["units"].tolist() == [2]
    assert result.estimates["n_units"].unique().tolist() == [28]
    assert result.figure.data["units"]["weight"].sum() == pytest.approx(1)
    assert result.figure.data["periods"]["weight"].sum() == pytest.approx(1)


def test_more_controls_than_periods_match_exactly_and_it_is_said():
    panel = made(3, {2003: 4}, n=60)
    panel["did"] = (panel["year"] >= panel["adoption_year"]).astype(int)
    spec = {"id": "s", "kind": "synthetic_did", "outcome": "y", "inference": "jackknife", "weights_found": "exact"}
    result = run(panel, spec, StudyInfo("study", "city", "did", seed=1))
    assert any("its effect is one of many" in warning for warning in result.warnings)


@pytest.mark.slow
def test_bias_and_coverage():
    """Adopters load on the factors more: DID errs by it, synthetic DID by half as much or less.

    Placebo intervals cover where treated units are like the others, as their authors assume.
    """
    draws, found = 200, {"sdid": [], "did": []}
    covered = 0
    for seed in range(draws):
        apart, _ = block_of(made(seed, {2008: 6}, n=60, years=16), "y")
        for key in found:
            found[key].append(estimate(apart, key, exact).effect - 1)
        alike, _ = block_of(made(seed, {2008: 6}, n=60, years=16, apart=0.0), "y")
        one = estimate(alike, "sdid", exact)
        errors = spread(alike, "sdid", one, "placebo", 100, seed)
        covered += abs(one.effect - 1) < stats.norm.ppf(0.975) * errors.effect
    error = {key: np.sqrt(np.mean(np.square(values))) for key, values in found.items()}
    assert abs(np.mean(found["sdid"])) < 3.5 * np.std(found["sdid"]) / np.sqrt(draws)
    assert error["sdid"] < 0.5 * error["did"]
    assert stats.binom.ppf(0.0005, draws, 0.95) <= covered <= stats.binom.ppf(0.9995, draws, 0.95)
