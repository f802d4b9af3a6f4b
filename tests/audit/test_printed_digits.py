"""Arithmetic of printed digits: a printed number stands for all that round to it."""

import numpy as np
import pytest
from shidian.audit.printed_tables.interval import Interval, Printed


def test_a_printed_number_stands_for_all_that_round_to_it():
    assert Printed("0.0230").interval == Interval(pytest.approx(0.02295), pytest.approx(0.02305))
    assert Printed("72").interval == Interval(71.5, 72.5)
    assert Printed("1", exact=True).interval == Interval(1, 1)


def test_intervals_enclose_every_value():
    rng = np.random.default_rng(1)
    for _ in range(500):
        (a, b), (c, d) = np.sort(rng.normal(size=(2, 2)), axis=1)
        x, y = Interval(a, b), Interval(c, d)
        u, v = rng.uniform(a, b), rng.uniform(c, d)
        for result, value in ((x + y, u + v), (x - y, u - v), (x * y, u * v), (x / y, u / v), (x.square(), u * u)):
            assert result.meets(value), (x, y, u, v)
