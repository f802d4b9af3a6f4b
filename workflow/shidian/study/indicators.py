"""The declared indicators of a study: methods, roles and inputs checked by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shidian.errors import StudyError, nearest
from shidian.measures import PURE, Measure
from shidian.period import Period
from shidian.study.by_hand import refuse_by_hand
from shidian.study.formula_measures import size_formula
from shidian.study.formula_periods import with_base_periods
from shidian.study.grammar import Name, functions_in, names_in, parse_formula
from shidian.study.indicator_methods import Method, method
from shidian.study.model import FORMULA, KEYWORD_SHARE, PANEL_KEYS, ROW_KEYS, TEXT, Indicator
from shidian.study.sized import Names, Sized, conversion_factor
from shidian.study.variables import Catalogue


@dataclass(frozen=True)
class Known:
    """What indicators may use.

    Attributes:
        columns: columns of the panel before the indicators.
        names: units of measure of the variables; other columns are pure numbers.
        sources: the sources of the study; catalogue: what all sources provide.
        dictionaries: names of the dictionaries in ``config/dictionaries``.
        period: that of the study, None where it declares none.
        categories: variables that are texts, which no indicator reckons with.
    """

    columns: Sequence[str]
    names: Names = field(default_factory=lambda: Names({}))
    sources: Sequence[str] = ()
    catalogue: Catalogue = field(default_factory=Catalogue)
    dictionaries: Sequence[str] = ()
    period: Period | None = None
    categories: Sequence[str] = ()


def texts_of(declared: Mapping[str, Any], used: Sequence[str], catalogue: Catalogue) -> list[str]:
    """Return the texts that the declared indicators read, each as ``source.series``.

    Raises:
        StudyError: a text that no source of the study provides.
    """
    return [
        catalogue.find_text(spec["inputs"][TEXT], used, f"at 'indicators.{name}'")
        for name, spec in declared.items()
        if spec["method"] == KEYWORD_SHARE and isinstance(spec.get("inputs"), Mapping) and TEXT in spec["inputs"]
    ]


def resolve_indicators(declared: Mapping[str, Any], known: Known) -> tuple[Indicator, ...]:
    """Resolve the section ``indicators`` in the order of the file; one may use those above it.

    Raises:
        StudyError: a role that the method has not or that is not given, an input that is no variable above, a text
            or dictionary that is not there, a formula that cannot be read.
    """
    measures = {column: known.names.measures.get(column, PURE) for column in known.columns}
    by_hand, logs = dict(known.names.by_hand), dict(known.names.logs)
    resolved: list[Indicator] = []
    for name, spec in declared.items():
        where = f"at 'indicators.{name}'"
        if name in measures:
            raise StudyError(f"{where}: the name is taken by a variable or a column of the panel")
        above = Names(measures, known.names.extra, by_hand, logs)
        indicator, value = _indicator(name, spec, known, above, where)
        resolved.append(indicator)
        measures[name], by_hand[name] = value.measure, value.by_hand
        logs |= {name: value.logs} if value.logs else {}
    return tuple(resolved)


def _indicator(name: str, spec: Mapping[str, Any], known: Known, above: Names, where: str) -> tuple[Indicator, Sized]:
    """Return an indicator, and its value as formulas below take it, with the numbers that it was multiplied by."""
    declared = method(spec["method"])
    given = {k: v for k, v in spec.items() if k not in ("method", "inputs", "label")}
    _refuse_unknown(given, list(declared.options), f"{where}: option", declared.name)
    options_given = tuple(sorted(given.items()))
    if declared.name == FORMULA:
        if "inputs" in spec or "formula" not in spec:
            raise StudyError(f"{where}: method formula takes a 'formula', and its inputs are the names in it")
        inputs, value = _formula(spec["formula"], above, known, where)
        text = _text_of(value.measure)
        return Indicator(name, declared.name, inputs, options_given, node=value.node, measure_text=text), value
    if "inputs" not in spec:
        raise StudyError(f"{where}: the key 'inputs' is missing")
    inputs = _inputs(spec["inputs"], declared, where)
    absent = [option for option in declared.required if option not in given]
    if absent:
        raise StudyError(f"{where}: {declared.name} needs the option '{absent[0]}'")
    if declared.name == KEYWORD_SHARE:
        inputs = tuple((role, known.catalogue.find_text(text, known.sources, where)) for role, text in inputs)
        _check_dictionaries(given, known.dictionaries, where)
    read = [variable for role, variable in inputs if role != TEXT]
    _refuse_unknown_variables(read, above, known, where)
    _refuse_keys(read, PANEL_KEYS, where)
    sizes = _one_size(declared, dict(inputs), above, where)
    value = _valued(name, declared, dict(inputs), given, above)
    text = _text_of(value.measure)
    return Indicator(name, declared.name, inputs, options_given, sizes, measure_text=text), value


def _valued(name: str, declared: Method, inputs: Mapping[str, str], given: Mapping[str, Any], above: Names) -> Sized:
    """Return an indicator's value with the unit of measure of the input that it keeps, or of the ratio of two."""
    if declared.ratio_of:
        over, under = (above.measures[inputs[role]] for role in declared.ratio_of)
        ratio, scale = over / under, float(given.get("scale", 1.0))
        return Sized(Name(name), Measure(ratio.factor * scale, ratio.dims))
    kept = inputs.get(declared.keeps_measure, "")
    return Sized(Name(name), above.measures.get(kept, PURE), above.by_hand.get(kept, ()), logs=above.logs.get(kept))


def _text_of(measure: Measure) -> str:
    return "" if measure == PURE else str(measure)


def _refuse_unknown_variables(variables: Sequence[str], above: Names, known: Known, where: str) -> None:
    for variable in variables:
        if variable in known.categories:
            raise StudyError(
                f"{where}: '{variable}' is a category, not a number: group by it and compare with it in a formula "
                f"under 'variables', such as group_mean(x, {variable})"
            )
        if variable not in above.measures:
            raise StudyError(
                f"{where}: '{variable}' is no variable of the panel above it{nearest(variable, list(above.measures))}"
            )


def _refuse_keys(variables: Sequence[str], keys: Sequence[str], where: str) -> None:
    for variable in variables:
        if variable in keys:
            raise StudyError(
                f"{where}: '{variable}' says which row of the panel it is and is no variable; declare one under "
                f"'variables' with another name"
            )


def _formula(formula: str, above: Names, known: Known, where: str) -> tuple[tuple[tuple[str, str], ...], Sized]:
    """Return the names in a formula, and the formula with its conversions, as it is among variables."""
    try:
        period = known.period
        node = with_base_periods(parse_formula(formula), period)
        if "to" in functions_in(node):
            raise StudyError(f"formula '{formula}': 'to' is for 'variables'; convert there")
        if period and period.step > 1 and ("year" in names_in(node) or "since" in functions_in(node)):
            raise StudyError(
                f"formula '{formula}': with 'period.step: {period.step}' the calendar is for 'variables'; compute it "
                "there"
            )
    except StudyError as problem:
        raise StudyError(f"{where}: {problem}") from None
    used = names_in(node)
    _refuse_unknown_variables(used, above, known, where)
    _refuse_keys(used, ROW_KEYS[:2], where)
    try:
        return tuple((name, name) for name in used), size_formula(node, above)
    except StudyError as problem:
        raise StudyError(f"{where}: {problem}") from None


def _one_size(declared: Method, inputs: Mapping[str, str], above: Names, where: str) -> tuple[tuple[str, float], ...]:
    """Return (role, factor) of the inputs that are brought to the size of another that measures the same."""
    sizes = []
    for first, *others in declared.of_one_size:
        for role in others:
            measures = [above.measures[inputs[r]] for r in (role, first)]
            pair = f"{role} in [{measures[0]}] and {first} in [{measures[1]}]"
            try:
                factor = conversion_factor(*measures)
                by_hand = [f for r in (role, first) for f in above.by_hand.get(inputs[r], ())]
                refuse_by_hand((*by_hand, *(1 / f for f in by_hand)), (factor,), pair)
            except StudyError as problem:
                raise StudyError(f"{where}: '{role}' beside '{first}': {problem}") from None
            if factor != 1:
                sizes.append((role, factor))
    return tuple(sizes)


def _check_dictionaries(given: Mapping[str, Any], there: Sequence[str], where: str) -> None:
    for option in ("dictionary", "words"):
        if option in given and given[option] not in there:
            name = given[option]
            raise StudyError(f"{where}.{option}: there is no config/dictionaries/{name}.txt{nearest(str(name), there)}")


def _inputs(given: Mapping[str, str] | Sequence[str], declared: Method, where: str) -> tuple[tuple[str, str], ...]:
    if declared.takes == "list":
        if isinstance(given, Mapping):
            raise StudyError(f"{where}: the inputs of {declared.name} are a list of variables")
        return tuple((variable, variable) for variable in given)
    if not isinstance(given, Mapping):
        raise StudyError(f"{where}: the inputs of {declared.name} are named: {', '.join(declared.roles)}")
    _refuse_unknown(given, declared.roles, f"{where}: input", declared.name)
    absent = [role for role in declared.roles if role not in (*given, *declared.optional)]
    if absent:
        raise StudyError(f"{where}: {declared.name} needs the input '{absent[0]}'")
    return tuple((role, given[role]) for role in declared.roles if role in given)


def _refuse_unknown(given: Mapping[str, Any], valid: Sequence[str], where: str, method: str) -> None:
    for key in given:
        if key not in valid:
            raise StudyError(
                f"{where} '{key}' is none of {method}'s ({', '.join(valid) or 'none'}){nearest(key, valid)}"
            )
