"""Formulas: what they parse to, what they are refused for."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shidian.errors import StudyError
from shidian.study.grammar import Binary, Call, Name, Negative, Number, names_in, parse_formula


def test_precedence_is_that_of_arithmetic():
    assert parse_formula("a + b * c") == Binary("+", Name("a"), Binary("*", Name("b"), Name("c")))
    assert parse_formula("(loans + deposits) / gdp") == Binary(
        "/", Binary("+", Name("loans"), Name("deposits")), Name("gdp")
    )
    assert parse_formula("-a ^ 2") == Negative(Binary("^", Name("a"), Number(2.0)))
    assert parse_formula("a - b - c") == Binary("-", Binary("-", Name("a"), Name("b")), Name("c"))


def test_functions_qualified_names_and_chinese_names():
    assert parse_formula("lag(x, 2)") == Call("lag", Name("x"), (2.0,))
    assert parse_formula("to(a / b, 'yuan/person')") == Call("to", Binary("/", Name("a"), Name("b")), ("yuan/person",))
    assert names_in(parse_formula("ln(census.population) * 人口 + year")) == ("census.population", "人口", "year")


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("log(x)", "unknown function 'log' (did you mean 'log10'?)"),
        ("a +", "expected a name, a number or '(', found 'end of the formula' at position 4"),
        ("(a", "expected ')'"),
        ("a b", "unexpected 'b' at position 3"),
        ("a ** b", "found '*'"),
        ("__import__('os')", "unknown function '__import__'"),
        ("a $ b", "cannot read '$ b'"),
        ("ln(x, 2)", "wrong arguments for ln"),
        ("since(x, 2010)", "wrong arguments for since"),
        ("lag(x, 0)", "wrong arguments for lag"),
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
