"""Decompositions of the weighted coefficient: de Chaisemartin & D'Haultfœuille's weights, Bacon's two-by-twos."""

import numpy as np
import pandas as pd
import pytest
from shidian.did.bacon import decompose
from shidian.did.bacon_controls import decompose_with_controls
from shidian.did.twfe import regress
from shidian.did.twfe_weights import twfe_weights
from shidian.errors import EstimationError


@pytest.fixture(scope="module")
def panel():
    rng, n, years = np.random.default_rng(5), 30, 8
    frame = pd.DataFrame({"unit": np.repeat(np.arange(n), years), "year": np.tile(np.arange(2001, 2001 + years), n)})
    adopted = np.array([0, 2003, 2005, 2006, 0, 1990])[frame["unit"] % 6]
    frame["adoption_year"] = pd.array(np.where(adopted > 0, adopted, 1), dtype="Int64")
    frame["adoption_year"] = frame["adoption_year"].mask(adopted == 0)
    frame["did"] = ((adopted > 0) & (frame["year"] >= adopted)).astype(float)
    frame["x"] = rng.normal(size=len(frame)) + 0.3 * frame["did"]
    frame["effect"] = rng.normal(size=len(frame)) * 2
    frame["y"] = frame["did"] * frame["effect"] + 0.3 * frame["unit"] - 0.2 * frame["year"] + 0.7 * frame["x"]
    size = rng.uniform(0.2, 5, n)[frame["unit"]]
    return frame.assign(
        size=size, pop=size * rng.uniform(0.5, 2, len(frame)), times=rng.integers(1, 4, n)[frame["unit"]]
    )


@pytest.mark.parametrize("cut", [lambda f: f, lambda f: f[(f.index * 7) % 23 != 3]])
@pytest.mark.parametrize("controls", [[], ["x"]])
def test_the_weighted_coefficient_is_the_weighted_sum_of_the_cells_effects(panel, cut, controls):
    """Effects differ from cell to cell and nothing disturbs them, so the sum is exact."""
    frame = cut(panel).assign(y=lambda f: f["y"] if controls else f["y"] - 0.7 * f["x"])
    found = twfe_weights(frame, "y", "did", controls, weights="pop")
    fit = regress(frame, "y", ["did", *controls], ["unit", "year"], weights="pop").fit
    assert found.beta == pytest.approx(fit.coef[0], rel=1e-10)
    cells = found.cells.merge(frame, on=["unit", "year"])
    assert cells["weight"].sum() == pytest.approx(1, abs=1e-12)
    assert float(cells["weight"] @ cells["effect"]) == pytest.approx(found.beta, rel=1e-10)


def test_first_differences_are_the_weighted_regression_of_changes(panel):
    found = twfe_weights(panel.assign(y=panel["y"] - 0.7 * panel["x"]), "y", "did", estimator="fd", weights="pop")
    cells = found.cells.merge(panel, on=["unit", "year"])
    assert float(cells["weight"] @ cells["effect"]) == pytest.approx(found.beta, rel=1e-10)
    by_unit = panel.assign(y=panel["y"] - 0.7 * panel["x"]).groupby("unit")
    changes = panel.assign(dy=by_unit["y"].diff(), dd=by_unit["did"].diff()).dropna(subset="dy")
    peer = regress(changes, "dy", ["dd"], ["year"], weights="pop", singletons="keep").fit
    assert found.beta == pytest.approx(peer.coef[0], rel=1e-10)


def test_the_measures_average_by_the_shares_of_the_weights(panel):
    """A cell of weight three is three cells: the measures with N are those of rows written out."""
    times = panel.assign(times=np.random.default_rng(2).integers(1, 4, len(panel)))
    copies = times.loc[times.index.repeat(times["times"])]
    levels = pd.get_dummies(copies[["unit", "year"]].astype(str), dtype=float).to_numpy()
    e = copies["did"] - levels @ np.linalg.lstsq(levels, copies["did"], rcond=None)[0]
    treated = copies["did"] == 1
    w = e[treated] / e[treated].mean()
    found = twfe_weights(times, "y", "did", weights="times")
    assert found.sigma == pytest.approx(abs(found.beta) / np.std(w), rel=1e-9)
    plain, ones = twfe_weights(panel, "y", "did"), twfe_weights(panel.assign(one=3.0), "y", "did", weights="one")
    for name in ("beta", "sigma", "sigma_n1", "sigma_all"):
        assert getattr(ones, name) == pytest.approx(getattr(plain, name), rel=1e-12)


def two_by_twos(frame, controls, **weights):
    if controls:
        return decompose_with_controls(frame, "y", controls, **weights)
    return decompose(frame, "y", **weights)


@pytest.mark.parametrize("controls", [[], ["x"]])
def test_the_weighted_sum_of_two_by_twos_is_the_weighted_coefficient(panel, controls):
    found = two_by_twos(panel, controls, weights="size")
    fit = regress(panel, "y", ["did", *controls], ["unit", "year"], weights="size").fit
    assert found.beta == pytest.approx(fit.coef[0], rel=1e-10)
    assert float(found.summary["weight"] @ found.summary["estimate"]) == pytest.approx(found.beta, abs=1e-10)
    assert found.summary["weight"].sum() == pytest.approx(1, abs=1e-12)
    same = two_by_twos(panel.assign(one=7.0), controls, weights="one")
    plain = two_by_twos(panel, controls)
    numbers = ["estimate", "weight", "n_treated", "n_control"]
    np.testing.assert_allclose(same.comparisons[numbers], plain.comparisons[numbers], rtol=1e-10)


@pytest.mark.parametrize("controls", [[], ["x"]])
def test_a_two_by_two_is_that_of_units_written_out(panel, controls):
    copies = panel.loc[panel.index.repeat(panel["times"])]
    copies = copies.assign(unit=copies["unit"] * 10 + copies.groupby(level=0).cumcount().to_numpy())
    mine = two_by_twos(panel, controls, weights="times").comparisons
    theirs = two_by_twos(copies.reset_index(drop=True), controls).comparisons
    assert mine["type"].tolist() == theirs["type"].tolist()
    np.testing.assert_allclose(mine[["estimate", "weight"]], theirs[["estimate", "weight"]], rtol=1e-9)


def test_what_has_no_decomposition_is_refused_with_what_to_do(panel):
    with pytest.raises(EstimationError, match=r"'pop' of unit 0 changes: weight by a variable that holds one"):
        decompose(panel, "y", weights="pop")
    zero = panel.assign(size=panel["size"].mask(panel["unit"].isin([3, 4]), 0.0))
    rest = panel[~panel["unit"].isin([3, 4])]
    assert decompose(zero, "y", weights="size").beta == decompose(rest, "y", weights="size").beta
    partly = panel.assign(size=panel["size"].mask(panel.index == 9, 0.0))
    with pytest.raises(EstimationError, match="'size' of unit 1 changes"):
        decompose(partly, "y", weights="size")
    frequency = {"variable": "times", "kind": "frequency"}
    for run in (lambda **w: decompose(panel, "y", **w), lambda **w: twfe_weights(panel, "y", "did", **w)):
        with pytest.raises(EstimationError, match=r"frequency weight 'times'.*declare it analytic"):
            run(weights=frequency)
