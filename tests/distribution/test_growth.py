"""Beta-convergence: windows and speed by hand, the wiring of the spatial models, a planted speed, refusals."""

import numpy as np
import pandas as pd
import pytest
import yaml
from shidian.distribution.growth import nickell_bias, speed_of, windows
from shidian.errors import EstimationError
from shidian.exhibits.result import StudyInfo
from shidian.study.kinds import kinds

from tests.exhibits.exhibit_checks import run_exhibit, value
from tests.kinds.example_panel import INFO, example_panel

EXAMPLE = yaml.safe_load((kinds()["beta_convergence"].folder / "example.yaml").read_text(encoding="utf-8"))


def exhibit(panel: pd.DataFrame, info: StudyInfo = INFO, **more):
    return run_exhibit("beta_convergence", panel, {**EXAMPLE, "models": ["ols"], **more}, {}, info)


def test_windows_by_hand():
    panel = pd.DataFrame({
        "unit": ["a"] * 5 + ["b"] * 5, "year": [*range(2001, 2006)] * 2, "y": [1.0, 2, 4, 4, 8, 3, 3, np.nan, 9, 9],
    })  # fmt: skip
    one, two = windows(panel, "y"), windows(panel, "y", 2)
    np.testing.assert_allclose(one["growth"] / np.log(2), [1, 1, 0, 1, 0, 0], atol=1e-15)
    assert one["end"].tolist() == [1, 2, 3, 4, 6, 9]
    np.testing.assert_allclose(two["growth"], [np.log(4) / 2, np.log(2) / 2])
    assert two[["unit", "year", "end"]].to_numpy().tolist() == [["a", 2001, 2], ["a", 2003, 4]]


def test_the_published_speed_of_two_per_cent():
    """Barro and Sala-i-Martin: 2% a year over a century; half of the gap is closed in 35 years."""
    coefficient = -(1 - np.exp(-0.02 * 100)) / 100
    found = speed_of(coefficient, 0.001, 100)
    assert found.speed == pytest.approx(0.02, rel=1e-12)
    assert found.half_life == pytest.approx(34.657, abs=5e-4)
    step = 1e-6
    slope = (speed_of(coefficient + step, 0, 100).speed - speed_of(coefficient - step, 0, 100).speed) / (2 * step)
    assert found.se == pytest.approx(0.001 * abs(slope), rel=1e-6)
    assert np.isnan(speed_of(0.1, 0.01, 1).half_life)
    assert np.isnan(speed_of(-1.2, 0.01, 1).speed)


def test_the_bias_that_effects_of_units_bring():
    """Nickell's bias of an autoregression without coefficient, -(1 + rho) / (T - 1), by simulation."""
    rng, T = np.random.default_rng(3), 8
    y = np.zeros((20000, T + 1))
    for t in range(1, T + 1):
        y[:, t] = 0.5 * y[:, t - 1] + rng.normal(size=20000)
    level, growth = y[:, :-1], np.diff(y)
    x, g = (a - a.mean(axis=1, keepdims=True) for a in (level, growth))
    bias = (x * g).sum() / (x * x).sum() + 0.5
    assert nickell_bias(-0.5, 1, T) == pytest.approx(bias, rel=0.15)
    assert np.isnan(nickell_bias(-0.5, 1, 1))


def planted(speed: float, periods: int = 12) -> pd.DataFrame:
    """Return a panel of 60 units whose logarithms close their gap at a speed; SIMULATED."""
    rng = np.random.default_rng(7)
    log = [rng.normal(size=60)]
    for _ in range(periods):
        log.append(np.exp(-speed) * log[-1] + 0.02 + 0.01 * rng.normal(size=60))
    rows = np.exp(np.array(log).T)
    units = [f"{i:06d}" for i in range(60)]
    return pd.DataFrame({
        "unit": np.repeat(units, periods + 1), "year": np.tile(range(2001, 2002 + periods), 60),
        "gie": rows.ravel(), "x": rng.normal(size=rows.size),
    })  # fmt: skip


@pytest.mark.parametrize("horizon", [1, 3, 12])
def test_a_planted_speed_is_found_at_every_horizon(horizon):
    panel = planted(0.05)
    found = exhibit(panel, fixed_effects=[], horizon=horizon, vcov={"kind": "hetero"}, forms=["absolute"])
    column = "Absolute (OLS)"
    speed, se = (value(found, column, "speed of convergence", field) for field in ("estimate", "se"))
    assert abs(speed - 0.05) < 3 * se
    assert se < 0.002
    again = exhibit(
        panel.assign(gie=panel["gie"] * 1e4).sample(frac=1, random_state=1), fixed_effects=[], horizon=horizon,
        vcov={"kind": "hetero"}, forms=["absolute"],
    )  # fmt: skip
    assert value(again, column, "level") == pytest.approx(value(found, column, "level"), rel=1e-9)


def test_spatial_columns_are_those_of_the_spatial_kind_on_growth_and_level():
    panel = example_panel()
    made = windows(panel, "gie")
    shared = {k: EXAMPLE[k] for k in ("fixed_effects", "vcov", "weights")} | {"models": ["sar", "sem", "sdm"]}
    mine = exhibit(panel, **shared)
    theirs = run_exhibit(
        "spatial_did",
        made,
        {**shared, "outcome": "growth", "treatment": "level", "controls": ["x"], "draws": 2},
        {},
        INFO,
    )
    for model in ("SAR", "SEM", "SDM"):
        a, b = (
            found.estimates[found.estimates["column"] == column].set_index("term")
            for found, column in ((mine, f"Conditional ({model})"), (theirs, f"{model}-DID"))
        )
        terms = [term for term in a.index if term not in ("speed of convergence", "half-life")]
        assert len(terms) >= 3
        np.testing.assert_allclose(a.loc[terms, ["estimate", "se"]], b.loc[terms, ["estimate", "se"]], rtol=1e-9)


def test_what_it_refuses():
    panel = example_panel()
    unit = panel.loc[5, "unit"]
    with pytest.raises(EstimationError, match=rf"greater than zero; found unit {unit}, year 2006: gie = -1"):
        exhibit(panel.assign(gie=panel["gie"].mask(panel.index == 5, -1.0)))
    with pytest.raises(EstimationError, match="the conditional form wants 'controls'"):
        exhibit(panel, controls=[], forms=["conditional"])
    with pytest.raises(EstimationError, match="the model sar wants 'weights', the spatial weights between units"):
        run_exhibit("beta_convergence", panel, {"variable": "gie", "fixed_effects": [], "models": ["sar"],
                                                "vcov": {"kind": "iid"}, "ssc": "reghdfe"}, {}, INFO)  # fmt: skip
    with pytest.raises(EstimationError, match="a window of 9 periods: the sample has the periods 2001 to 2008"):
        exhibit(panel, horizon=9)
    gaps = exhibit(panel.drop(index=5), models=["sar"])
    assert gaps.estimates["reason"].str.contains("balanced panel").all()
    assert gaps.estimates["reason"].str.contains(unit).all()
    assert gaps.estimates["estimate"].isna().all()
    alone = exhibit(panel, horizon=7, forms=["absolute"])
    assert alone.estimates["estimate"].isna().all()
    assert alone.warnings


def test_faster_than_one_period_is_a_dash_and_effects_of_units_are_warned_of():
    found = exhibit(example_panel(), forms=["absolute"])
    assert "1 + coefficient × horizon" in value(found, "Absolute (OLS)", "speed of convergence", "reason")
    assert any("Nickell 1981" in warning for warning in found.warnings)
    assert not exhibit(planted(0.05), fixed_effects=["year"]).warnings
