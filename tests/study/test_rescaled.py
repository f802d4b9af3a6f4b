"""A source printed in another size: every formula has the same value, or is refused; no factor is left in it unseen."""

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest
from shidian.errors import StudyError
from shidian.measures import PURE, Measure, parse_measure
from shidian.panel.compute import evaluate
from shidian.panel.scope import Scope
from shidian.study.formula_measures import size_formula
from shidian.study.grammar import parse_formula
from shidian.study.logarithms import Logs
from shidian.study.sized import Names

SIZES = {
    "a": ("元", "万元", "亿元"), "b": ("万元", "元"), "p": ("人", "万人"), "q": ("万人", "人"), "h": ("户", "万户"),
    "r": ("%", "1", "‰"), "s": ("%", "1"), "m": ("per 10000 persons", "per person"),
}  # fmt: skip
"""Series -> the units of measure that its source may print it in."""
FORMULAS = (
    "a / b", "100 * p / q", "a * r", "r * s", "r / s", "a / p", "(a / p) / (b / q)", "h / p", "p / h", "m * p", "p * q",
    "a / (b * r)", "(a + a * r) / b - p / q", "a ^ 2 / b ^ 2", "sqrt(a * b) / b", "sqrt(a ^ 2)", "r ^ 2",
    "lag(a) / b", "growth(a)", "diff(a) / b", "cumulate(a) / b", "a / base(b, 2010)", "group_mean(a, year) / b",
    "a / group_mean(b, unit)", "deflate(a, s, 2010) / b", "deflate(a, s, 2010)", "standardise(a)", "rank(a, year)",
    "perpetual_inventory(a, r / 10) / b", "perpetual_inventory(a, 0.1) / b",
    "if(a / b > 0.5, a / b, s / r)", "if(year > 2010, a, lag(a)) / b", "min(a, a * r) / b", "max(r / s, p / q)",
    "ln(a) - ln(b)", "ln(a / b)", "ln(a / p) - ln(b / q)", "ln(r) - ln(s)", "log10(a) - log10(b)", "ln(r)", "ln(a)",
    "2 * ln(a) - 2 * ln(b)", "0.3 * ln(a) + 0.7 * ln(p)", "lag(ln(a)) - ln(b)", "ln(a) - group_mean(ln(b), year)",
    "exp(ln(a) - ln(b))", "exp(ln(a))", "exp((ln(a) + ln(b)) / 2)", "exp(ln(a) - ln(p))", "exp(ln(r))",
    "exp(ln(r) + ln(s))", "diff(ln(a)) - diff(ln(b))", "-ln(a) + ln(b)", "ln(p) + ln(a) - ln(q) - ln(b)",
    "exp(r)", "ln(exp(ln(a)) / b)",
    "standardise(ln(a))", "if(year > 2010, ln(a), lag(ln(a))) - ln(b)", "max(ln(a), lag(ln(a))) - ln(b)",
)  # fmt: skip
REFUSED_UNLESS_ALIKE = (
    "a + b", "a > b", "if(year > 2010, a, b)", "max(a, b)", "ln(a) > ln(b)", "if(year > 2010, ln(a), ln(b))",
    "max(ln(a), ln(b))", "1 + r", "r + 1", "r - 1", "ln(1 + r)", "a * (1 + r)", "1 - r", "if(year > 2010, r, 1)",
    "r > 0.5", "r <= 1", "r + s", "min(r, 1)",
)  # fmt: skip
"""Formulas that have a value where the units of measure are of one size, and the same in every size."""
ROWS = pd.DataFrame({"unit": np.repeat(["1", "2", "3"], 9), "year": np.tile(np.arange(2008, 2017), 3)})
BASE = {
    name: np.random.default_rng(n).uniform(0.2, 0.9, len(ROWS)) * scale
    for n, (name, scale) in enumerate(
        {"a": 3e8, "b": 2e8, "p": 5e5, "q": 9e5, "h": 2e5, "r": 1.0, "s": 1.0, "m": 1e-3}.items()
    )
}
"""Series -> its values in base units."""


def in_base_units(formula: str, sizes: dict[str, str]) -> np.ndarray | None:
    """Return a formula's value in base units, with its series printed in ``sizes``; None where it is refused."""
    measures = {name: parse_measure(text) for name, text in sizes.items()}
    try:
        sized = size_formula(parse_formula(formula), Names({"year": PURE, **measures}))
    except StudyError:
        return None
    printed = {name: BASE[name] / measure.factor for name, measure in measures.items()}
    values = evaluate(sized.node, Scope(ROWS, {**printed, "year": ROWS["year"].to_numpy(float)})).values
    return np.broadcast_to(values * sized.measure.factor + (sized.logs.shift if sized.logs else 0.0), len(ROWS))


def in_every_size(formula: str) -> list[np.ndarray | None]:
    names = [
        name for name in SIZES if name in set(formula.replace("(", " ").replace(")", " ").replace(",", " ").split())
    ]
    return [in_base_units(formula, dict(zip(names, one, strict=True))) for one in product(*(SIZES[n] for n in names))]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_has_one_value_in_every_size(formula):
    first, *others = in_every_size(formula)
    assert first is not None
    assert np.isfinite(first).any()
    for other in others:
        np.testing.assert_allclose(other, first, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("formula", REFUSED_UNLESS_ALIKE)
def test_sizes_that_do_not_fit_are_refused(formula):
    values = in_every_size(formula)
    good = [value for value in values if value is not None]
    assert good
    assert len(good) < len(values)
    for value in good[1:]:
        np.testing.assert_allclose(value, good[0], rtol=1e-9)


@pytest.mark.parametrize("formula", ["ln(a / 10000) - ln(b)", "ln(a) - ln(b) - ln(10000)", "ln(a) - ln(b * 10000)"])
def test_a_conversion_inside_logarithms_is_not_made_twice(formula):
    with pytest.raises(StudyError, match="leave that number out"):
        size_formula(parse_formula(formula), Names({"a": parse_measure("元"), "b": parse_measure("万元")}))


def test_a_logarithm_by_name_is_of_what_it_was_of():
    names = Names({"la": PURE, "b": parse_measure("万元")}, logs={"la": Logs({"yuan": 1.0}, 0.0)})
    sized = size_formula(parse_formula("la - ln(b)"), names)
    assert sized.logs == Logs({}, 0.0, (), (1e-4,))
    assert evaluate(
        sized.node, Scope(ROWS[:1], {"la": np.array([math.log(5e4)]), "b": np.array([5.0])})
    ).values == pytest.approx(0)


def test_an_exponential_has_the_unit_of_what_its_logarithm_is_of():
    sized = size_formula(parse_formula("exp(ln(b))"), Names({"b": parse_measure("万元")}))
    assert sized.measure == Measure(1e4, (("yuan", 1),))
