"""What the doubly robust estimator needs of its covariates."""

import numpy as np
import pytest
from shidian.did.doubly_robust import compare, panel_effect
from shidian.errors import EstimationError

D = np.repeat([1.0, 0.0], 6)
VARIES, CONSTANT = np.tile([-1.0, 0.0, 1.0], 2), np.zeros(6)
DY = np.array([3.0, 1.0, 2.0, 4.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 2.0, 3.0])


def test_a_covariate_that_is_constant_among_the_controls_cannot_be_adjusted_for():
    X = np.column_stack([np.ones(12), np.concatenate([VARIES, CONSTANT])])
    with pytest.raises(EstimationError, match="collinear among the controls"):
        panel_effect(DY, D, X)


def test_a_covariate_that_is_constant_among_the_treated_is_one_the_controls_predict_with():
    """The controls' changes lie on 2 + x, so at x = 0 the treated would have changed by 2; they did by 2.5."""
    X = np.column_stack([np.ones(12), np.concatenate([CONSTANT, VARIES])])
    assert panel_effect(DY, D, X)[0] == pytest.approx(0.5, abs=1e-12)


def test_units_compared_once_serve_every_outcome():
    X = np.column_stack([np.ones(12), np.concatenate([VARIES, VARIES + 0.5])])
    weights = np.linspace(1, 2, 12)
    who = compare(D, X, weights)
    for dy in (DY, DY[::-1], DY**2):
        (att, influence), (own, alone) = who.effect(dy), panel_effect(dy, D, X, weights)
        assert att == own
        assert (influence == alone).all()
