"""How many parameters each convention counts: by hand on designs small enough to count."""

import numpy as np
import pytest
from shidian.errors import EstimationError
from shidian.inference.small_sample import count_parameters, degrees_of_freedom, is_nested

UNIT = np.repeat(np.arange(6), 4)
YEAR = np.tile(np.arange(4), 6)
PROVINCE = UNIT // 2


@pytest.mark.parametrize(
    ("convention", "cluster", "expected"),
    [
        ("fixest", None, 2 + 6 + 4 - 1),
        ("fixest", UNIT, 2 + 4),
        ("fixest", PROVINCE, 2 + 4),
        ("fixest", YEAR, 2 + 6),
        ("reghdfe", None, 2 + 6 + 4 - 1),
        ("reghdfe", UNIT, 2 + (4 - 1) + 1),
        ("reghdfe", PROVINCE, 2 + (4 - 1) + 1),
        ("reghdfe", [UNIT, YEAR], 2 + 1),
        ("fixest", [UNIT, YEAR], 2 + 1),
        ("xtreg", None, 2 + 6 + 4 - 1),
        ("xtreg", UNIT, 2 + (4 - 1) + 1),
        ("areg", None, 2 + 6 + 4 - 1),
        ("areg", UNIT, 2 + 6 + 4 - 1),
    ],
)
def test_two_effects(convention, cluster, expected):
    assert count_parameters(2, [UNIT, YEAR], cluster, convention) == expected


@pytest.mark.parametrize("convention", ["fixest", "reghdfe", "areg"])
def test_the_order_of_effects_does_not_matter(convention):
    for cluster in (None, UNIT, YEAR, PROVINCE):
        forward = count_parameters(1, [UNIT, YEAR], cluster, convention)
        assert count_parameters(1, [YEAR, UNIT], cluster, convention) == forward


@pytest.mark.parametrize("convention", ["fixest", "reghdfe", "xtreg", "areg"])
def test_without_effects_the_constant_counts(convention):
    assert count_parameters(3, [], None, convention) == 4
    assert count_parameters(3, [], PROVINCE, convention) == 4


@pytest.mark.parametrize(("convention", "expected"), [("fixest", 2), ("reghdfe", 2), ("xtreg", 2), ("areg", 7)])
def test_one_effect_that_is_the_cluster(convention, expected):
    assert count_parameters(1, [UNIT], UNIT, convention) == expected


def test_redundant_levels_follow_the_components_of_the_graph():
    firm = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    worker = np.array([0, 1, 0, 1, 2, 3, 2, 3])  # two groups of firms and workers that never meet
    assert count_parameters(1, [firm, worker], None, "reghdfe") == 1 + 4 + 4 - 2
    assert count_parameters(1, [firm, worker], None, "fixest") == 1 + 4 + 4 - 1


def test_a_third_effect_is_redundant_by_its_largest_pair():
    """3 provinces nest 6 units: with units they share 3 components, with years one. So 3 are redundant, not 1."""
    for convention in ("reghdfe", "areg", "xtreg"):
        assert count_parameters(2, [UNIT, YEAR, PROVINCE], None, convention) == 2 + (6 + 4 + 3) - (1 + 3)
    assert count_parameters(2, [UNIT, YEAR, PROVINCE], None, "fixest") == 2 + (6 + 4 + 3) - 2


def test_xtreg_wants_units_nested_in_clusters():
    with pytest.raises(EstimationError, match="inside one cluster"):
        count_parameters(1, [UNIT, YEAR], YEAR, "xtreg")
    with pytest.raises(EstimationError, match="one way only"):
        count_parameters(1, [UNIT, YEAR], [UNIT, YEAR], "xtreg")


def test_nesting():
    assert is_nested(UNIT, PROVINCE)
    assert not is_nested(PROVINCE, UNIT)


def test_degrees_of_freedom():
    assert degrees_of_freedom(100, 7, None, "reghdfe") == 93
    assert degrees_of_freedom(100, 7, 20, "fixest") == 19
    assert degrees_of_freedom(22, 7, 20, "reghdfe") == 15
