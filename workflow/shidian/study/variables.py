"""The variables of a study: every name resolved to an indicator of a source, every unit worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shidian.errors import StudyError, nearest
from shidian.study.by_hand import refuse_by_hand
from shidian.study.formula_units import Names, conversion_factor, size_formula
from shidian.study.grammar import names_in, parse_formula
from shidian.study.model import Variable
from shidian.study.units import PURE, parse_unit


@dataclass(frozen=True)
class IndicatorInfo:
    """What a source says of one indicator: its unit of measure, whether it is given by year, whether it is a text."""

    measure: str
    has_year: bool
    is_text: bool = False


class Catalogue(dict[str, Mapping[str, IndicatorInfo]]):
    """Source id -> indicator -> info; ``units`` maps a source id to the level and alias table of its units."""

    units: dict[str, tuple[str, str]]

    def find(self, name: str, used: Sequence[str], where: str) -> str:
        """Return the ``source.indicator`` of a number that a name means among the study's sources.

        Raises:
            StudyError: no source provides it, or several do, or it is a text.
        """
        qualified = self._find(name, used, where)
        if self.info(qualified).is_text:
            raise StudyError(f"{where}: '{name}' is a text, not a number; count words in it by method keyword_share")
        return qualified

    def find_text(self, name: str, used: Sequence[str], where: str) -> str:
        """Return the ``source.indicator`` of a text that a name means among the study's sources.

        Raises:
            StudyError: no source provides it, or several do, or it is a number.
        """
        qualified = self._find(name, used, where)
        if not self.info(qualified).is_text:
            texts = [f"{s}.{i}" for s in used for i, info in self[s].items() if info.is_text]
            raise StudyError(f"{where}: '{name}' is no text; the study's texts: {', '.join(texts) or 'none'}")
        return qualified

    def _find(self, name: str, used: Sequence[str], where: str) -> str:
        source, dot, indicator = name.partition(".")
        if dot:
            candidates = [source] if source in used and indicator in self[source] else []
        else:
            indicator = name
            candidates = [s for s in used if indicator in self[s]]
        if len(candidates) == 1:
            return f"{candidates[0]}.{indicator}"
        if candidates:
            choices = " or ".join(f"{s}.{indicator}" for s in candidates)
            raise StudyError(f"{where}: '{name}' is provided by {len(candidates)} sources; write {choices}")
        known = [i for s in used for i in self[s]] + [f"{s}.{i}" for s in used for i in self[s]]
        raise StudyError(f"{where}: no source of the study provides '{name}'{nearest(name, known)}")

    def info(self, qualified: str) -> IndicatorInfo:
        """Return what is known of ``source.indicator``."""
        source, _, indicator = qualified.partition(".")
        return self[source][indicator]


def resolve_variables(
    declared: Mapping[str, Any],
    units: Mapping[str, str],
    used: Sequence[str],
    catalogue: Catalogue,
    reserved: Sequence[str] = (),
) -> tuple[Variable, ...]:
    """Resolve the variables in the order of the file, so that one may use those above it.

    An indicator named like one of ``reserved``, columns that the panel has, is read as ``source.name`` only.

    Raises:
        StudyError: a formula that cannot be read, an unknown name, units that do not fit; names the variable.
    """
    known = Names({"year": parse_unit("year")}, units)
    variables = []
    for name, entry in declared.items():
        spec = {"formula": entry} if isinstance(entry, str) else entry
        try:
            variable = _resolve(name, spec, known, reserved, used, catalogue)
        except StudyError as problem:
            raise StudyError(f"at 'variables.{name}': {problem}") from None
        known = Names({**known.units, name: variable.unit}, units, {**known.by_hand, name: variable.by_hand})
        variables.append(variable)
    return tuple(variables)


def _resolve(
    name: str,
    spec: Mapping[str, Any],
    known: Names,
    reserved: Sequence[str],
    used: Sequence[str],
    catalogue: Catalogue,
) -> Variable:
    node = parse_formula(spec["formula"])
    inputs = _inputs(names_in(node), known, reserved, used, catalogue)
    measured = {n: parse_unit(catalogue.info(qualified).measure, known.extra) for n, qualified in inputs.items()}
    by_hand = {n: factors for n, factors in known.by_hand.items() if n not in inputs}
    sized = size_formula(node, Names({**known.units, **measured}, known.extra, by_hand))
    target = parse_unit(spec["unit"], known.extra) if "unit" in spec else sized.unit
    factor = conversion_factor(sized.unit, target)
    refuse_by_hand(sized.by_hand, (factor,), f"the value in the unit '{spec.get('unit')}'")
    return Variable(
        name=name,
        formula=spec["formula"],
        node=sized.node,
        inputs=inputs,
        unit=target,
        unit_text=spec.get("unit", str(sized.unit) if sized.unit != PURE else ""),
        factor=factor,
        missing_where_invalid=spec.get("invalid") == "missing",
        by_hand=() if "unit" in spec else sized.by_hand,
    )


def _inputs(
    names: Sequence[str], known: Names, reserved: Sequence[str], used: Sequence[str], catalogue: Catalogue
) -> dict[str, str]:
    """Return the ``source.indicator`` of every name in a formula that is neither a variable above it nor ``year``.

    Raises:
        StudyError: a name that no source provides, or one that means two things.
    """
    inputs: dict[str, str] = {}
    for name in names:
        giving = [source for source in used if name in catalogue[source]]
        means = "a variable above" if name in known.units else "a column that the panel has"
        if giving and (name in known.units or name in reserved):
            raise StudyError(f"'{name}' is both {means} and an indicator; write {giving[0]}.{name} for the indicator")
        if name not in known.units:
            inputs[name] = catalogue.find(name, used, "formula")
    return inputs
