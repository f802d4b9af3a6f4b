"""Monte Carlo gates of the spatial models (slow), and the exact values of two seeds (quick)."""

import numpy as np
import pytest
from shidian.exhibits.spatial.spatial_inputs import build_weights
from shidian.simulate.city_efficiency import spatial_coefficients
from shidian.simulate.truth import load_truth
from shidian.spatial.logdet import log_determinant

from tests.spatial import monte_carlo, planted_effects
from tests.spatial.spatial_panels import planar_weights

# (cell, draw) -> estimates and standard errors; a change here is a change of published numbers
PINNED = {
    ("SEM", 0): {
        "x1": (0.908680532, 0.059842727),
        "x2": (-0.486831019, 0.015344806),
        "lambda": (0.399200939, 0.021663387),
    },
    ("SEM", 1): {
        "x1": (0.950088434, 0.062106256),
        "x2": (-0.515627699, 0.015912336),
        "lambda": (0.404254298, 0.021540532),
    },
    ("SDM", 0): {
        "x1": (0.899456475, 0.060046206),
        "x2": (-0.488358449, 0.015572710),
        "W*x1": (0.082950292, 0.137810883),
        "W*x2": (0.176668452, 0.039516153),
        "rho": (0.397867909, 0.021672104),
        "direct": (0.931413627, 0.060772593),
        "indirect": (0.700133307, 0.221341001),
        "total": (1.631546933, 0.240622412),
    },
    ("SDM", 1): {
        "x1": (0.961374778, 0.063069908),
        "x2": (-0.513180429, 0.016105541),
        "W*x1": (0.493359749, 0.158049577),
        "W*x2": (0.245780319, 0.040462256),
        "rho": (0.400114175, 0.021565683),
        "direct": (1.025541367, 0.064947539),
        "indirect": (1.399477639, 0.256882752),
        "total": (2.425019006, 0.282404485),
    },
}


@pytest.mark.slow
def test_gates():
    """|bias| <= 0.1 SE + 3.5 Monte Carlo SE; coverage inside the exact binomial 99.9% band, Bonferroni."""
    frame = monte_carlo.table()
    failed = frame[~frame["passes"]]
    assert failed.empty, monte_carlo.markdown(failed)


@pytest.mark.slow
def test_only_the_default_is_consistent_with_few_units():
    """With 20 units, a hub and 100 years, ρ of every other option is off by more than two of its standard errors."""
    frame = monte_carlo.small_samples(100)
    rho = frame[(frame["term"] == "rho") & frame["design"].str.contains("hub")].set_index("option")
    share = rho["bias"].abs() / rho["mean se"]
    default = "Q(Wy), Lee-Yu transformation (default)"
    assert share[default] < 0.3
    assert (share.drop(default) > 2).all()


@pytest.mark.parametrize(("cell", "draw"), list(PINNED))
def test_two_seeds_hold(cell, draw):
    weights = planar_weights(monte_carlo.UNITS)
    found = monte_carlo.one_draw(cell, draw, weights, log_determinant(weights))
    for term, expected in PINNED[cell, draw].items():
        assert found[term] == pytest.approx(expected, rel=1e-6), term


@pytest.mark.slow
def test_effects_on_true_efficiency_pass_the_gates():
    frame = planted_effects.table()
    failed = frame[~frame["passes"]]
    assert failed.empty, monte_carlo.markdown(failed)


@pytest.mark.parametrize("seed", [1, 2])
def test_effects_on_true_efficiency_cover_the_planted_ones(seed):
    """Direct and indirect effect of one simulated world, 95% intervals."""
    found, true = planted_effects.one_draw(seed), planted_effects.planted()
    for kind in ("direct", "indirect"):
        estimate, se = found[kind]
        assert abs(estimate - true[kind]) <= 1.96 * se, (kind, estimate, se)


def test_the_linear_process_is_the_planted_one():
    """(I − ρW)y less the policy's part is the planted disturbance, cut at three of its standard deviations."""
    truth = load_truth(planted_effects.STUDY)
    panel = planted_effects.true_panel(1)
    W = build_weights(panel, {"kind": "composite", "income": "pgdp", "a": truth.parameter("weight_geographic")})
    rows = planted_effects.with_linear_process(panel, W, 1)
    y, did = (rows[name].to_numpy(dtype=float).reshape(15, 280) for name in ("linear", "did"))
    own, spillover, _ = spatial_coefficients(truth, W.matrix)
    noise = y - truth.parameter("rho") * W.lag(y) - own * did - spillover * W.lag(did)
    spread, persistence = truth.equations["gie"].noise, truth.equations["gie"].persistence
    assert np.abs(noise).max() <= 3 * spread * (1 + 1e-9)
    assert noise.std() == pytest.approx(spread, rel=0.05)
    assert np.corrcoef(noise[1:].ravel(), noise[:-1].ravel())[0, 1] == pytest.approx(persistence, abs=0.05)
