"""Units of measure: parsing, conversion, and what may be added."""

import pytest
from shidian.errors import StudyError
from shidian.study.formula_units import conversion_factor, formula_unit
from shidian.study.grammar import parse_formula
from shidian.study.units import parse_unit

UNITS = {
    "loans": parse_unit("万元"),
    "deposits": parse_unit("万元"),
    "gdp": parse_unit("亿元"),
    "population": parse_unit("万人"),
    "area": parse_unit("平方公里"),
    "share": parse_unit("%"),
}


def unit_of(formula):
    return formula_unit(parse_formula(formula), UNITS)


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
    assert conversion_factor(parse_unit(source), parse_unit(target)) == factor


def test_formulas_carry_units():
    assert unit_of("(loans + deposits) / loans") == parse_unit("1")
    assert conversion_factor(unit_of("gdp / population"), parse_unit("yuan/person")) == 1e4
    assert unit_of("ln(gdp)") == parse_unit("1")
    assert unit_of("sqrt(area ^ 2)") == parse_unit("平方公里")
    assert unit_of("to(gdp, '万元') + loans") == parse_unit("万元")


@pytest.mark.parametrize("formula", ["loans + gdp", "gdp > population", "gdp - area"])
def test_different_units_are_not_added_or_compared(formula):
    with pytest.raises(StudyError, match="convert one with to"):
        unit_of(formula)


def test_kinds_of_unit_are_not_converted_and_unknown_units_are_named():
    with pytest.raises(StudyError, match="measure different things"):
        unit_of("to(gdp, '万人')")
    with pytest.raises(StudyError, match=r"unknown unit '万园'.*did you mean"):
        parse_unit("万园")
    with pytest.raises(StudyError, match="has no unit"):
        unit_of("sqrt(gdp)")
    assert parse_unit("offence", {"offence": ""}).dims == (("offence", 1),)
