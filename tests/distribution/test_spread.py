"""Sigma-convergence: the test of Carree and Klomp against scipy, its size, properties, refusals."""

import numpy as np
import pytest
from scipy import stats
from shidian.distribution.spread import equal_spread, sd_log, variation
from shidian.errors import EstimationError
from shidian.indicators.inequality import coefficient_of_variation

from tests.exhibits.exhibit_checks import run_exhibit, value
from tests.kinds.example_panel import INFO, example_panel


def test_the_statistic_by_hand_and_as_a_correlation():
    first, last = np.array([1.0, 2, 4, 7, 9]), np.array([2.0, 3, 3, 5, 6])
    s1, st, c = np.var(first, ddof=1), np.var(last, ddof=1), np.cov(first, last)[0, 1]
    found = equal_spread(first, last)
    assert (s1, st, c) == pytest.approx((11.3, 2.7, 5.4))
    assert found.chi2 == pytest.approx(2.5 * np.log(1 + 8.6**2 / (4 * (11.3 * 2.7 - 5.4**2))), rel=1e-12)
    r = stats.pearsonr(first + last, first - last).statistic
    assert found.chi2 == pytest.approx(-2.5 * np.log(1 - r**2), rel=1e-10)
    assert found.ratio == pytest.approx(11.3 / 2.7)
    assert found.p == pytest.approx(stats.chi2.sf(found.chi2, 1))


def test_its_size_where_the_years_are_correlated():
    rng = np.random.default_rng(5)
    p = []
    for _ in range(1000):
        first = rng.normal(size=30)
        p.append(equal_spread(first, 0.8 * first + 0.6 * rng.normal(size=30)).p)
    assert abs(np.mean(np.array(p) < 0.05) - 0.05) < 2.6 * np.sqrt(0.05 * 0.95 / 1000)


def test_units_order_and_direction():
    a, b = np.random.default_rng(1).lognormal(size=(2, 20))
    base, order = equal_spread(a, b), np.random.default_rng(2).permutation(20)
    for other in (equal_spread(a * 1e6, b * 1e6), equal_spread(a[order], b[order]), equal_spread(a + 5, b - 3)):
        assert (other.ratio, other.chi2) == pytest.approx((base.ratio, base.chi2), rel=1e-7)
    assert equal_spread(b, a).chi2 == pytest.approx(base.chi2)
    assert sd_log(a * 7) == pytest.approx(sd_log(a))
    assert variation(a) == pytest.approx(coefficient_of_variation(a))


@pytest.mark.parametrize(("first", "last", "words"), [
    ([1.0, 2, 3], [1.0, 4, 2], "four units or more with a value in both years, there are 3"),
    ([1.0, 2, 3, 4], [2.0, 4, 6, 8], "a linear function of those of the other"),
    ([1.0, 1, 1, 1], [2.0, 4, 6, 1], "or do not vary"),
])  # fmt: skip
def test_refusals(first, last, words):
    with pytest.raises(EstimationError, match=words):
        equal_spread(np.array(first), np.array(last))


def exhibit(panel, **more):
    return run_exhibit("sigma_convergence", panel, {"variable": "gie", **more}, {}, INFO)


def test_the_exhibit_refuses_by_unit_year_and_key():
    panel = example_panel()
    unit = panel.loc[5, "unit"]
    zero = panel.assign(gie=panel["gie"].mask(panel.index == 5, 0.0))
    with pytest.raises(EstimationError, match=rf"greater than zero; found unit {unit}, year 2006: gie = 0"):
        exhibit(zero)
    assert exhibit(zero, measure="cv").estimates["estimate"].notna().all()
    with pytest.raises(EstimationError, match="it compares periods and needs 2 or more, the sample has 1"):
        exhibit(panel, sample={"first_year": 2008})
    alone = panel[(panel["year"] != 2003) | (panel["large"] == "small")]
    with pytest.raises(EstimationError, match=r"'gie' of large in 2003: 0 values.*choose other 'groups'"):
        exhibit(alone, groups={"variable": "large"})


def test_a_spread_that_halves_is_found():
    panel = example_panel()
    shrunk = panel.assign(gie=panel["gie"] ** (1 / (panel["year"] - 2000)))
    found = exhibit(shrunk)
    assert value(found, "All", "p of equal variance") < 1e-6
    assert value(found, "All", "variance, first over last") > 20
    assert [row.label for row in found.table.rows][-1] == "P of equal variance"
