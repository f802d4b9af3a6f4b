"""Which columns are kept, against Gram-Schmidt a column at a time on all rows; least squares of many columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.did import twfe
from shidian.did.within import COLLINEAR_TOLERANCE, far_apart, independent_columns


def one_at_a_time(x, base):
    basis = np.linalg.qr(base)[0] if base.shape[1] else np.empty((len(x), 0))
    kept = []
    for j, column in enumerate(x.T):
        rest = column
        for _ in range(2):
            rest = rest - basis @ (basis.T @ rest)
        if np.linalg.norm(rest) > COLLINEAR_TOLERANCE * np.linalg.norm(column):
            basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
            kept.append(j)
    return kept


@given(st.integers(0, 10**6))
@settings(max_examples=200, deadline=None)
def test_columns_kept_are_those_of_one_at_a_time(seed):
    rng = np.random.default_rng(seed)
    n, k, b = int(rng.integers(1, 30)), int(rng.integers(0, 9)), int(rng.integers(0, 5))
    units = 10.0 ** rng.integers(-8, 9, k)
    x, base = rng.normal(size=(n, k)), rng.normal(size=(n, b)) * 10.0 ** rng.integers(-8, 9, b)
    for j in range(1, k):
        kind = rng.integers(0, 8)
        if kind < 3:  # a combination of earlier columns, and as much beside them
            near = x[:, :j] @ rng.normal(size=j)
            x[:, j] = near + [0, 1e-12, 1e-5][kind] * np.linalg.norm(near) * rng.normal(size=n)
        elif kind == 3:
            x[:, j] = base @ rng.normal(size=b)
        elif kind == 4:
            x[:, j] = 0
    assert independent_columns(x * units, base) == one_at_a_time(x * units, base)


def test_far_apart_is_only_said_of_columns_that_are():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(500, 40)) * 10.0 ** rng.integers(-9, 9, 40)
    assert far_apart(x)
    for beside, expected in ((0.0, False), (1e-6, False), (0.1, True)):
        x[:, 39] = (x[:, 3] / np.linalg.norm(x[:, 3]) + beside * rng.normal(size=500) / np.sqrt(500)) * 1e5
        assert far_apart(x) is expected
        assert independent_columns(x, np.empty((500, 0))) == one_at_a_time(x, np.empty((500, 0)))
    assert not far_apart(np.column_stack([x[:, :3], np.zeros(500)]))
    assert not far_apart(rng.normal(size=(3, 4)))


@pytest.mark.parametrize("near", [1.0, 0.05, 1e-5])
def test_least_squares_of_many_columns_are_those_of_few(near, monkeypatch):
    """The same coefficients, residuals and errors from refined normal equations, or from QR where columns are near."""
    rng = np.random.default_rng(7)
    panel = pd.DataFrame({"unit": np.repeat(np.arange(40), 9), "year": np.tile(np.arange(9), 40)})
    names = [f"x{j}" for j in range(12)]
    for j, name in enumerate(names):
        panel[name] = rng.normal(size=360) * 10.0 ** (j - 6)
    panel["x11"] = (panel["x10"] / 1e4 + near * rng.normal(size=360)) * 1e-7
    panel["y"] = 1e4 + panel["x3"] * 1e3 - panel["x11"] * 1e7 + rng.normal(size=360)
    arguments = (panel, "y", names, ["unit", "year"], {"kind": "cluster", "by": "unit"}, "reghdfe")
    usual = twfe.regress(*arguments)
    monkeypatch.setattr(twfe, "MANY", 0)
    found = twfe.regress(*arguments)
    assert len(found.fit.terms) == 12
    np.testing.assert_allclose(found.fit.coef / found.fit.se, usual.fit.coef / usual.fit.se, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.residuals, usual.residuals, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(found.fit.se, usual.fit.se, rtol=1e-9)
