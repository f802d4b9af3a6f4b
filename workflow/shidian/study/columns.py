"""A column of the panel as a study file names it: a series of a source, a variable, or a formula over both."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shidian.errors import StudyError, hint
from shidian.period import Period
from shidian.study.formula_variable import Variable
from shidian.study.grammar import Name
from shidian.study.variables import Catalogue, resolve_formula
from shidian.well_known import COLUMN, well_known

NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)?")


@dataclass(frozen=True)
class Column:
    """A column: a ``series`` (``source.series``), or a formula over variables and series.

    ``has_year`` says whether the series is given by year; ``is_text`` whether it holds texts.
    """

    series: str = ""
    formula: Variable | None = None
    has_year: bool = True
    is_text: bool = False


def column_of(
    text: str,
    where: str,
    variables: Sequence[Variable],
    own_measures: Mapping[str, str],
    used: Sequence[str],
    catalogue: Catalogue,
    *,
    reserved: Sequence[str] = (),
    texts: bool = False,
    period: Period | None = None,
) -> Column:
    """Return what a name or formula means.

    Args:
        text: as the study file has it.
        where: the key, for messages.
        variables: the study's variables.
        own_measures: units of measure that the study declares.
        used: the study's sources.
        catalogue: their series.
        reserved: columns of the panel that a formula may not take for a series of the same name.
        texts: whether a series of texts, or of categories, will do.
        period: that of the study, None where it declares none.

    Raises:
        StudyError: neither a variable nor a series, both at once, a text, a formula that cannot be read.
    """
    series = text.rpartition(".")[2]
    giving = [source for source in used if series in catalogue[source] and text in (series, f"{source}.{series}")]
    variable = next((v for v in variables if v.name == text), None)
    if variable and giving and not _copies(variable, giving):
        raise StudyError(
            f"{where}: '{text}' is both a variable and a series of '{giving[0]}'; write {giving[0]}.{text} for the "
            "series, or give the variable another name"
        )
    if variable and texts and variable.is_category and isinstance(variable.node, Name):
        qualified = variable.inputs.get(variable.node.name, "")
        if qualified:  # else another variable's categories
            return Column(series=qualified, has_year=catalogue.info(qualified).has_year, is_text=True)
    if giving:
        info = catalogue[giving[0]][series]
        find = catalogue.find
        if texts and (info.is_text or info.is_category):
            find = catalogue.find_text if info.is_text else catalogue.find_value
        qualified = find(text, used, where)
        return Column(series=qualified, has_year=info.has_year, is_text=info.is_text or info.is_category)
    if variable is None and NAME.fullmatch(text):
        known = [v.name for v in variables] + [name for s in used for i in catalogue[s] for name in (i, f"{s}.{i}")]
        raise StudyError(
            f"{where}: no source of the study provides '{text}' and no variable has this name"
            f"{hint(text, known, well_known(text, COLUMN))}"
        )
    try:
        return Column(formula=resolve_formula(text, variables, own_measures, used, catalogue, reserved, period))
    except StudyError as problem:
        raise StudyError(f"{where}: {problem}") from None


def _copies(variable: Variable, giving: Sequence[str]) -> bool:
    """Say whether a variable is the series of its own name as it stands."""
    read = variable.inputs.get(variable.node.name, "") if isinstance(variable.node, Name) else ""
    named = variable.node.name.rpartition(".")[2] if isinstance(variable.node, Name) else ""
    return variable.factor == 1 and read.partition(".")[0] in giving and named == variable.name
