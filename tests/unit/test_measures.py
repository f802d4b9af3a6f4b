"""Units of measure: parsing, conversion, and what may be added."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shidian.errors import StudyError
from shidian.measures import PURE, in_chinese, parse_measure
from shidian.study.formula_measures import formula_measure, size_formula
from shidian.study.grammar import Binary, Call, Name, Negative, Number, parse_formula
from shidian.study.sized import Names, conversion_factor

MEASURES = {
    "loans": parse_measure("万元"),
    "deposits": parse_measure("万元"),
    "gdp": parse_measure("亿元"),
    "population": parse_measure("万人"),
    "area": parse_measure("平方公里"),
    "share": parse_measure("%"),
}


def measure_of(formula):
    return formula_measure(parse_formula(formula), MEASURES)


@pytest.mark.parametrize(
    ("source", "target", "factor"),
    [
        ("亿元", "万元", 1e4),
        ("万元/万人", "yuan/person", 1.0),
        ("公顷", "平方公里", 0.01),
        ("百万吨", "t", 1e6),
        ("人/平方公里", "person/km2", 1.0),
        ("per 100000 persons", "1/person", 1e-5),
        ("%", "1", 0.01),
        ("log per 100000 persons", "1", 1.0),
    ],
)
def test_conversions_are_exact(source, target, factor):
    assert conversion_factor(parse_measure(source), parse_measure(target)) == factor


def test_formulas_carry_units():
    assert measure_of("(loans + deposits) / loans") == parse_measure("1")
    assert conversion_factor(measure_of("gdp / population"), parse_measure("yuan/person")) == 1e4
    assert measure_of("ln(gdp)") == parse_measure("1")
    assert measure_of("sqrt(area ^ 2)") == parse_measure("平方公里")
    assert measure_of("to(gdp, '万元') + loans") == parse_measure("万元")


@pytest.mark.parametrize("formula", ["loans + gdp", "gdp > population", "gdp - area"])
def test_different_units_are_not_added_or_compared(formula):
    with pytest.raises(StudyError, match="convert one with to"):
        measure_of(formula)


def test_kinds_are_not_converted_and_unknown_units_of_measure_are_named():
    with pytest.raises(StudyError, match="measure different things"):
        measure_of("to(gdp, '万人')")
    with pytest.raises(StudyError, match=r"unknown unit of measure '万园'.*did you mean"):
        parse_measure("万园")
    with pytest.raises(StudyError, match="has no unit"):
        measure_of("sqrt(gdp)")
    assert parse_measure("offence", {"offence": ""}).dims == (("offence", 1),)


FUNCTIONS = {"ln": np.log, "exp": np.exp, "sqrt": np.sqrt, "lag": lambda x: x, "abs": abs}
OPERATORS = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power, ">": np.greater}


def value(node, numbers):
    """Evaluate a formula in the plainest way; a lag is the value itself."""
    match node:
        case Number(number):
            return number
        case Name(name):
            return numbers[name]
        case Negative(operand):
            return -value(operand, numbers)
        case Call(function, argument, _):
            return FUNCTIONS[function](value(argument, numbers))
        case Binary(operator, left, right):
            return OPERATORS[operator](value(left, numbers), value(right, numbers))


def sized(formula, by_hand=None, **measures):
    known = {name: parse_measure(measure) for name, measure in measures.items()}
    return size_formula(parse_formula(formula), Names(known, by_hand=by_hand or {}))


@pytest.mark.parametrize(
    ("formula", "measures", "numbers", "right"),
    [
        ("a / b", {"a": "人", "b": "万人"}, {"a": 250.0, "b": 1.0}, 0.025),
        ("a / b", {"a": "亿元", "b": "万元"}, {"a": 3.0, "b": 60000.0}, 0.5),
        ("100 * a / b", {"a": "人", "b": "万人"}, {"a": 1105.0, "b": 1.0}, 11.05),
        ("a / b * 10000", {"a": "人", "b": "万人"}, {"a": 250.0, "b": 1.0}, 250.0),
        ("a / b", {"a": "万户", "b": "人"}, {"a": 1.0, "b": 20000.0}, 0.5),
        ("a / b", {"a": "户", "b": "万人"}, {"a": 5000.0, "b": 2.0}, 0.25),
        ("(a + lag(a)) / b", {"a": "人", "b": "万人"}, {"a": 250.0, "b": 1.0}, 0.05),
        ("p * b / g", {"p": "元/人", "b": "万人", "g": "亿元"}, {"p": 5e4, "b": 100.0, "g": 100.0}, 5.0),
        ("s * g", {"s": "%", "g": "亿元"}, {"s": 40.0, "g": 50.0}, 20.0),
        ("g / s", {"s": "‰", "g": "亿元"}, {"s": 400.0, "g": 50.0}, 125.0),
        ("s * r", {"s": "%", "r": "1"}, {"s": 40.0, "r": 0.5}, 0.2),
        ("s / r", {"s": "%", "r": "1"}, {"s": 40.0, "r": 0.5}, 0.8),
        ("s * t", {"s": "%", "t": "%"}, {"s": 40.0, "t": 50.0}, 0.2),
        ("s / 100", {"s": "%"}, {"s": 40.0}, 0.4),
        ("0.01 * s * g", {"s": "%", "g": "亿元"}, {"s": 40.0, "g": 50.0}, 20.0),
        ("2 * s / 100 * g", {"s": "%", "g": "亿元"}, {"s": 40.0, "g": 50.0}, 40.0),
        ("(s + s) / 2 / 100", {"s": "%"}, {"s": 40.0}, 0.4),
        ("100 / s", {"s": "%"}, {"s": 40.0}, 2.5),
        ("g / (d / 100) / h", {"g": "亿元", "h": "万元", "d": "%"}, {"g": 2.0, "d": 200.0, "h": 20000.0}, 0.5),
        ("exp(s)", {"s": "%"}, {"s": 40.0}, np.exp(0.4)),
        ("100 - s", {"s": "%"}, {"s": 40.0}, 60.0),
        ("s > 50", {"s": "%"}, {"s": 40.0}, 0.0),
        ("s ^ 2", {"s": "%"}, {"s": 40.0}, 1600.0),
        ("s * s", {"s": "%"}, {"s": 40.0}, 1600.0),
    ],
)
def test_one_kind_in_different_sizes_is_brought_to_one(formula, measures, numbers, right):
    assert value(sized(formula, **measures).node, numbers) == pytest.approx(right, rel=1e-12)


@pytest.mark.parametrize("formula", ["a / b", "s / 100", "s * r", "100 / s", "p * b / g", "a / c", "exp(s)", "s / t"])
def test_what_has_no_unit_has_no_hidden_factor(formula):
    measures = {"a": "人", "b": "万人", "s": "%", "r": "1", "p": "元/人", "g": "亿元", "c": "万人", "t": "‰"}
    measure = sized(formula, **measures).measure
    assert (measure.dims, measure.factor) == ((), 1.0)
    assert str(parse_measure("%")) == "%"


@pytest.mark.parametrize(
    ("formula", "measures", "by_hand"),
    [
        ("a / (b * 10000)", {"a": "人", "b": "万人"}, {}),
        ("a / 10000 / b", {"a": "人", "b": "万人"}, {}),
        ("a / b / 10000", {"a": "人", "b": "万人"}, {}),
        ("100 * a / (b * 10000)", {"a": "人", "b": "万人"}, {}),
        ("a / b * 10000", {"a": "万人", "b": "人"}, {}),
        ("s * g / 100", {"s": "%", "g": "亿元"}, {}),
        ("to(b * 10000, '人')", {"b": "万人"}, {}),
        ("to(100 * r, '%')", {"r": "1"}, {}),
        ("a / persons", {"a": "人", "persons": "万人"}, {"persons": (10000.0,)}),
        ("exp(a / b / 10000)", {"a": "人", "b": "万人"}, {}),
    ],
)
def test_a_number_that_may_already_be_the_conversion_is_refused(formula, measures, by_hand):
    with pytest.raises(StudyError, match="leave that number out"):
        sized(formula, by_hand, **measures)


def test_a_percentage_is_not_taken_from_one_and_only_pure_numbers_are_exponents():
    with pytest.raises(StudyError, match=r"write 100 - …"):
        sized("1 - s", s="%")
    assert sized("1 - r", r="1").measure == PURE
    with pytest.raises(StudyError, match="has no meaning"):
        sized("exp(g)", g="亿元")


SIZES = {"yuan": ("元", "万元", "亿元"), "person": ("人", "万人"), "share": ("1", "%", "‰")}
KINDS = {"gdp": "yuan", "loans": "yuan", "pop": "person", "urban": "person", "s": "share", "r": "share"}
FORMULAS = (
    "loans / gdp", "urban / pop", "gdp * s", "loans / gdp * s", "gdp * urban / pop", "s * r", "s / r", "gdp / s",
    "(gdp / pop) / (loans / urban)", "gdp / pop * urban / loans", "lag(loans) / gdp", "-loans / gdp", "exp(s)",
    "sqrt(gdp * loans) / gdp", "loans / gdp > s * r", "abs(loans) / gdp + loans / gdp", "s ^ 2 * gdp",
)  # fmt: skip


@given(st.sampled_from(FORMULAS), st.data())
def test_no_value_depends_on_the_size_that_a_source_prints_in(formula, data):
    """Any mixture of sizes gives the number that base units give, times the size that the result's unit says."""
    quantities = {"gdp": 5e10, "loans": 4e10, "pop": 3e6, "urban": 1e6, "s": 0.4, "r": 0.7}
    measures = {name: data.draw(st.sampled_from(SIZES[kind]), label=name) for name, kind in KINDS.items()}
    numbers = {name: q / parse_measure(measures[name]).factor for name, q in quantities.items()}
    plain = float(value(parse_formula(formula), quantities))
    found = sized(formula, **measures)
    assert value(found.node, numbers) * found.measure.factor == pytest.approx(plain, rel=1e-9)
    if found.measure.is_pure_number:
        assert found.measure.factor == 1


@pytest.mark.parametrize(
    "formula",
    ["year - 1970", "share * 100 + year", "to(year, '1')", "year / 1", "to(share, '1') + year", "exp(year - 2000)",
     "year - began + to(share, '1')", "to(began, '1')", "(year >= began) * to(share, '1')"],
)  # fmt: skip
def test_numbers_of_the_calendar_have_no_unit_of_measure(formula):
    known = {**MEASURES, "year": parse_measure("1"), "began": parse_measure("year"), "share": parse_measure("1")}
    assert formula_measure(parse_formula(formula), known) == parse_measure("1")


def test_a_rate_a_year_keeps_its_unit_of_measure():
    known = {"gdp": parse_measure("亿元"), "span": parse_measure("year")}
    assert formula_measure(parse_formula("gdp / span"), known) == parse_measure("亿元/year")
    with pytest.raises(StudyError, match="convert one with to"):
        formula_measure(parse_formula("gdp + span"), known)


@pytest.mark.parametrize(
    ("text", "chinese"),
    [("100 yuan/m2", "100 元/平方米"), ("10000 yuan", "万元"), ("household/person", "户/人"),
     ("1/m2", "1/平方米"), ("万元/人", "万元/人"), ("%", "%"), ("widget", "widget"),
     ("yuan/m2^2", "元/平方米^2")],
)  # fmt: skip
def test_a_unit_that_was_made_of_others_is_said_in_chinese(text, chinese):
    assert in_chinese(text) == chinese
