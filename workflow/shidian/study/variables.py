"""The variables of a study: every name resolved to a series of a source, every unit of measure worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shidian.errors import Faults, StudyError, hint
from shidian.measures import CATEGORY, PURE, Measure, parse_measure
from shidian.period import Period
from shidian.study.by_hand import refuse_by_hand
from shidian.study.declared_units import DeclaredUnits
from shidian.study.formula_measures import size_formula
from shidian.study.formula_periods import check_dates, dates_in, with_base_periods
from shidian.study.formula_variable import Bounds, Variable
from shidian.study.grammar import names_in, parse_formula, texts_in
from shidian.study.model import RESERVED
from shidian.study.sized import Names, conversion_factor
from shidian.well_known import COLUMN, well_known


@dataclass(frozen=True)
class SeriesInfo:
    """What a source says of one series: its unit of measure, whether it is given by year, whether it is a text.

    ``period`` is the kind of period that its cells are read as, "" for numbers; ``title`` the header that it stands
    under.
    """

    measure: str
    has_year: bool
    is_text: bool = False
    is_category: bool = False
    period: str = ""
    title: str = ""


class Catalogue(dict[str, Mapping[str, SeriesInfo]]):
    """Source id -> series -> info; ``units`` maps a source id to what it says of its units.

    ``periods`` maps a source id to the kinds of period that its tables are by; ``real`` maps a ``source.series`` as a
    study names it to that of the records, where a real series stands for a simulated one.
    """

    units: dict[str, DeclaredUnits]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.periods: dict[str, tuple[str, ...]] = {}
        self.real: dict[str, str] = {}

    def find(self, name: str, used: Sequence[str], where: str) -> str:
        """Return the ``source.series`` of a number that a name means among the study's sources.

        Raises:
            StudyError: no source provides it, or several do, or it is a text.
        """
        qualified = self.find_value(name, used, where)
        if self.info(qualified).is_category:
            raise StudyError(
                f"{where}: '{name}' is a category, not a number; name it as a variable and compare it, or where its "
                "cells are periods (2015Q1), say so in its source: 'measure: \"1\"' with 'period: {kind: quarter}'"
            )
        return qualified

    def find_value(self, name: str, used: Sequence[str], where: str) -> str:
        """Return the ``source.series`` of a number or category that a name means among the study's sources.

        Raises:
            StudyError: no source provides it, or several do, or it is a document.
        """
        qualified = self._find(name, used, where)
        if self.info(qualified).is_text:
            raise StudyError(
                f"{where}: '{name}' is a text, not a number; count words in it by method keyword_share, or declare "
                "'measure: category' in its source where it names groups"
            )
        return qualified

    def find_text(self, name: str, used: Sequence[str], where: str) -> str:
        """Return the ``source.series`` of a text that a name means among the study's sources.

        Raises:
            StudyError: no source provides it, or several do, or it is a number.
        """
        qualified = self._find(name, used, where)
        if not self.info(qualified).is_text:
            texts = [f"{s}.{i}" for s in used for i, info in self[s].items() if info.is_text]
            raise StudyError(f"{where}: '{name}' is no text; the study's texts: {', '.join(texts) or 'none'}")
        return qualified

    def _find(self, name: str, used: Sequence[str], where: str) -> str:
        source, dot, series = name.partition(".")
        if dot:
            candidates = [source] if source in used and series in self[source] else []
        else:
            series = name
            candidates = [s for s in used if series in self[s]]
        if len(candidates) == 1:
            qualified = f"{candidates[0]}.{series}"
            return self.real.get(qualified, qualified)
        if candidates:
            choices = " or ".join(f"{s}.{series}" for s in candidates)
            raise StudyError(f"{where}: '{name}' is provided by {len(candidates)} sources; write {choices}")
        known = [i for s in used for i in self[s]] + [f"{s}.{i}" for s in used for i in self[s]]
        near = hint(name, known, well_known(name, COLUMN))
        raise StudyError(f"{where}: no source of the study provides '{name}'{near}")

    def info(self, qualified: str) -> SeriesInfo:
        """Return what is known of ``source.series``."""
        qualified = next((named for named, real in self.real.items() if real == qualified), qualified)
        source, _, series = qualified.partition(".")
        return self[source][series]


def resolve_variables(
    declared: Mapping[str, Any],
    own_measures: Mapping[str, str],
    used: Sequence[str],
    catalogue: Catalogue,
    reserved: Sequence[str] = (),
    period: Period | None = None,
) -> tuple[Variable, ...]:
    """Resolve the variables in the order of the file, so that one may use those above it.

    A series named like one of ``reserved``, columns that the panel has, is read as ``source.name`` only. ``period`` is
    that of the study, None where it declares none.

    Raises:
        StudyError: of every variable with a fault what it is, a formula that cannot be read, an unknown name, units of
            measure that do not fit; not of those that use such a variable.
    """
    known = Names({"year": PURE}, own_measures)
    variables, faults, wrong = [], Faults(), set[str]()
    for name, entry in declared.items():
        spec = {"formula": entry} if isinstance(entry, str) else entry
        with faults.kept():
            try:
                if wrong & set(names_in(parse_formula(spec["formula"]))):
                    wrong.add(name)  # what is wrong stands above
                    continue
                variable = _resolve(name, spec, known, reserved, used, catalogue, period)
            except StudyError as problem:
                wrong.add(name)
                raise StudyError(f"at 'variables.{name}': {problem}") from None
        if name in wrong:
            continue
        by_hand = {**known.by_hand, name: variable.by_hand}
        logs = {**known.logs, **({name: variable.logs} if variable.logs else {})}
        known = Names({**known.measures, name: variable.measure}, own_measures, by_hand, logs)
        variables.append(variable)
    faults.raise_all()
    return tuple(variables)


def resolve_formula(
    text: str,
    variables: Sequence[Variable],
    own_measures: Mapping[str, str],
    used: Sequence[str],
    catalogue: Catalogue,
    reserved: Sequence[str] = (),
    period: Period | None = None,
) -> Variable:
    """Resolve a formula over series and ``variables``, the name of one of these being a formula too.

    Raises:
        StudyError: as ``resolve_variables``.
    """
    measures = {"year": parse_measure("year"), **{v.name: v.measure for v in variables}}
    logs = {v.name: v.logs for v in variables if v.logs}
    known = Names(measures, own_measures, {v.name: v.by_hand for v in variables}, logs)
    return _resolve(text, {"formula": text}, known, reserved, used, catalogue, period)


def _resolve(
    name: str,
    spec: Mapping[str, Any],
    known: Names,
    reserved: Sequence[str],
    used: Sequence[str],
    catalogue: Catalogue,
    period: Period | None,
) -> Variable:
    node = with_base_periods(parse_formula(spec["formula"]), period)
    inputs = _inputs(names_in(node), known, reserved, used, catalogue)
    for series in dates_in(node):
        if series in inputs:
            check_dates("formula", series, catalogue.info(inputs[series]).period, period or Period())
    measured = {n: parse_measure(catalogue.info(qualified).measure, known.extra) for n, qualified in inputs.items()}
    by_hand = {n: factors for n, factors in known.by_hand.items() if n not in inputs}
    logs = {n: of for n, of in known.logs.items() if n not in inputs}
    sized = size_formula(node, Names({**known.measures, **measured}, known.extra, by_hand, logs))
    target = parse_measure(spec["measure"], known.extra) if "measure" in spec else sized.measure
    factor = conversion_factor(sized.measure, target)
    refuse_by_hand(sized.by_hand, (factor,), f"the value in '{spec.get('measure')}'")
    return Variable(
        name=name,
        formula=spec["formula"],
        node=sized.node,
        inputs=inputs,
        measure=target,
        measure_text=spec.get("measure", _text_of(sized.measure, inputs, spec["formula"], catalogue)),
        factor=factor,
        missing_where_invalid=spec.get("invalid") == "missing",
        texts=texts_in(node) if sized.measure == CATEGORY else (),
        by_hand=() if "measure" in spec else sized.by_hand,
        logs=sized.logs if factor == 1 else None,
        range=_bounds(spec, "range"),
        plausible=_bounds(spec, "plausible"),
    )


def _text_of(measure: Measure, inputs: Mapping[str, str], formula: str, catalogue: Catalogue) -> str:
    """Return how a formula's unit of measure is written: as its source does where the formula is a series alone."""
    if measure in (PURE, CATEGORY):
        return ""
    return catalogue.info(inputs[formula.strip()]).measure if formula.strip() in inputs else str(measure)


def _bounds(spec: Mapping[str, Any], key: str) -> Bounds:
    """Return the declared bounds of a variable; raises StudyError where they are the wrong way round."""
    low, high = spec.get(key, (None, None))
    if low is not None and high is not None and low >= high:
        raise StudyError(f"{key}: [{low:g}, {high:g}] holds no value: the smaller bound stands first")
    return low, high


def _inputs(
    names: Sequence[str], known: Names, reserved: Sequence[str], used: Sequence[str], catalogue: Catalogue
) -> dict[str, str]:
    """Return the ``source.series`` of every name in a formula that is neither a variable above it nor ``year``.

    Raises:
        StudyError: a name that no source provides, or one that means two things.
    """
    inputs: dict[str, str] = {}
    for name in names:
        giving = [source for source in used if name in catalogue[source]]
        means = "a variable above" if name in known.measures else "a column that the panel has"
        if giving and (name in known.measures or name in reserved):
            raise StudyError(f"'{name}' is both {means} and a series; write {giving[0]}.{name} for the series")
        if name not in known.measures and not giving and name in set(reserved) - set(RESERVED):
            raise StudyError(
                f"'{name}' is the treatment, which the panel gets after its variables: products with it are "
                "'interactions' of a column of did_table, and the 0/1 variable of a list's year is since(list.year)"
            )
        if name not in known.measures:
            inputs[name] = catalogue.find_value(name, used, "formula")
    return inputs
