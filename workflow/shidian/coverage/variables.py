"""``shidian check --variables``: every variable of a study with its formula and the unit of measure of its result."""

from __future__ import annotations

from collections.abc import Callable

from shidian.checking.page import Finding, Section, page
from shidian.messages import joined, say
from shidian.study.formula_variable import Bounds, Variable
from shidian.study.model import Indicator, Study

PURE = say("pure number")
CATEGORY = say("category")


def variables_page(study: Study, translated: Callable[[str], str]) -> str:
    """Return a study's variables, indicators and series with their units of measure, in a language."""
    lines = [Finding(_named(v), text) for v in study.panel.variables for text in _said(v)]
    sections = [Section(say("Variables of {study}: name, unit of measure, formula", study=study.study), lines)]
    if study.indicators:
        computed = [
            Finding(
                say("{name} [{measure}]", name=one.name, measure=one.measure_text or PURE),
                say("= {formula}", formula=_method_of(one)),
            )
            for one in study.indicators
        ]
        sections.append(Section(say("Indicators, computed of the panel"), computed))
    series = [
        say("{name} [{measure}]", name=name, measure=measure) for name, measure in sorted(study.panel.measures.items())
    ]
    sections.append(Section(say("Series that are read, and the unit of measure that each is brought to"), series))
    return page(sections, translated)


def _named(variable: Variable) -> str:
    measure = CATEGORY if variable.is_category else variable.measure_text or PURE
    return say("{name} [{measure}]", name=variable.name, measure=measure)


def _method_of(indicator: Indicator) -> str:
    """Return how an indicator is computed: its formula, or its method of its inputs."""
    inputs = f"{indicator.method}({', '.join(variable for _, variable in indicator.inputs)})"
    return str(indicator.option("formula", inputs))


def _said(variable: Variable) -> list[str]:
    said = [say("= {formula}", formula=variable.formula)]
    if variable.by_hand:
        factors = joined([f"{factor:.12g}" for factor in variable.by_hand], "and")
        said.append(say("numbers in it that may be a conversion: times {factors}", factors=factors))
    if variable.range != (None, None):
        said.append(say("possible: {range}", range=_bounds(variable.range)))
    if variable.plausible != (None, None):
        said.append(say("plausible: {range}", range=_bounds(variable.plausible)))
    return said


def _bounds(bounds: Bounds) -> str:
    low, high = ("…" if bound is None else f"{bound:g}" for bound in bounds)
    return say("{low} to {high}", low=low, high=high)
