"""Formulas: what they parse to, what they are refused for."""

import contextlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shidian.errors import StudyError
from shidian.measures import PURE, parse_measure
from shidian.panel.compute import compute_variable
from shidian.panel.scope import Scope
from shidian.study import by_hand
from shidian.study.formula_measures import size_formula
from shidian.study.formula_variable import Variable
from shidian.study.grammar import Binary, Call, Name, Negative, Number, names_in, parse_formula
from shidian.study.sized import Names


def test_precedence_is_that_of_arithmetic():
    assert parse_formula("a + b * c") == Binary("+", Name("a"), Binary("*", Name("b"), Name("c")))
    assert parse_formula("(loans + deposits) / gdp") == Binary(
        "/", Binary("+", Name("loans"), Name("deposits")), Name("gdp")
    )
    assert parse_formula("-a ^ 2") == Negative(Binary("^", Name("a"), Number(2.0)))
    assert parse_formula("a - b - c") == Binary("-", Binary("-", Name("a"), Name("b")), Name("c"))


def test_the_longest_formula_is_read_to_its_end():
    """Every walk over a formula goes down it by recursion; the longest one must fit with room to spare."""
    joined = parse_formula(" * ".join(["x"] * 200))
    nested = parse_formula("(" * 49 + "x" + ")" * 49)
    for node in (joined, nested):
        assert names_in(node) == ("x",)
        assert size_formula(node, Names({"x": PURE})).measure == PURE
        scope = Scope(pd.DataFrame({"unit": ["a"], "unit_name": ["a"], "year": [2001]}), {"x": np.array([1.0])})
        variable = Variable("v", "f", node, {}, PURE, "", 1.0, False)
        assert compute_variable(variable, scope)[0].tolist() == [1.0]


def test_functions_qualified_names_and_chinese_names():
    assert parse_formula("lag(x, 2)") == Call("lag", Name("x"), (2.0,))
    assert parse_formula("to(a / b, 'yuan/person')") == Call("to", Binary("/", Name("a"), Name("b")), ("yuan/person",))
    assert names_in(parse_formula("ln(census.population) * 人口 + year")) == ("census.population", "人口", "year")


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("log(x)", "unknown function 'log' ('ln' is the natural logarithm, 'log10' that to base 10)"),
        ("a +", "expected a name, a number or '(', found 'end of the formula' at position 4"),
        ("(a", "expected ')'"),
        ("a b", "unexpected 'b' at position 3"),
        ("a ** b", "found '*'"),
        ("__import__('os')", "unknown function '__import__'"),
        ("a $ b", "cannot read '$ b'"),
        ("ln(x, 2)", "wrong arguments for ln"),
        ("since(x, 2010)", "wrong arguments for since"),
        ("lag(x, 0)", "wrong arguments for lag"),
        ("lag(x, 1.5)", "wrong arguments for lag: value of the same unit k years earlier: lag(x, k), k a whole number"),
        ("lag(x, 1e300)", "wrong arguments for lag"),
        ("lag(x, 1e999)", "the number 1e999 is beyond what can be computed with at position 8"),
        ("base(x, 1e999)", "the number 1e999 is beyond what can be computed with"),
        ("base(x, 99999)", "wrong arguments for base"),
        ("x * 1e-999", "the number 1e-999 is beyond"),
        ("x ^ 1e999", "the number 1e999 is beyond"),
        ("(" * 100 + "x" + ")" * 100, "nested deeper than 50 levels at position 51"),
        ("-" * 10_000 + "x", "has more than 400 parts"),
        ("-" * 100 + "x", "nested deeper than 50 levels"),
        (" + ".join(["x"] * 3000), "has more than 400 parts"),
        ("x" * 100_000 + " $", "cannot read '$'"),
        ("to(x, 2)", "wrong arguments for to"),
        ("a ^ b", "a power must be a number"),
        ("", "found 'end of the formula'"),
    ],
)
def test_what_cannot_be_read_is_named(formula, message):
    with pytest.raises(StudyError) as problem:
        parse_formula(formula)
    assert message in str(problem.value)


@given(st.text(max_size=30))
def test_any_text_parses_or_is_a_study_error(text):
    with contextlib.suppress(StudyError):
        parse_formula(text)


KNOWN = Names({"x": parse_measure("万元"), "p": parse_measure("%")})


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("(10 * p) ^ 1e308", "the power 1e+308 makes numbers that are beyond what can be computed with"),
        ("x ^ 100", "to the power 100: powers up to 99 are read"),
        ("to(x, '元^999')", "the power 999 is larger than 99"),
        ("to(x, '元/0')", "its size is zero, or beyond what can be computed with"),
        ("to(x, '" + "元" * 201 + "')", "a unit of measure of 201 characters"),
    ],
)
def test_sizes_beyond_all_numbers_are_named(formula, message):
    with pytest.raises(StudyError) as problem:
        size_formula(parse_formula(formula), KNOWN)
    assert message in str(problem.value)


def test_a_percentage_times_150_numbers_is_sized_as_one_times_three():
    """Choices of four out of 150 numbers are 20 million: they are looked up."""
    many = " * ".join(str(n) for n in range(101, 251))
    assert size_formula(parse_formula(f"p * {many}"), KNOWN).measure == parse_measure("%")
    assert size_formula(parse_formula(f"p * {many} / 100"), KNOWN).measure == PURE


@given(st.lists(st.sampled_from([2.0, 3.0, 10.0, 100.0, 0.1, 0.01, 1e4, 1.5, 0.25]), max_size=9), st.data())
def test_looked_up_choices_are_those_of_trying_all(factors, data):
    product = data.draw(st.sampled_from([1e4, 0.01, 6.0, 30.0, 2.5e-3]))
    tried = by_hand.without_product(tuple(factors), product)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(by_hand, "FEW", 0)
        looked_up = by_hand.without_product(tuple(factors), product)
    assert (tried is None) == (looked_up is None)
    assert tried is None or len(tried) == len(looked_up)
