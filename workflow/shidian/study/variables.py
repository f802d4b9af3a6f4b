"""The variables of a study: every name resolved to an indicator of a source, every unit worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shidian.errors import StudyError, nearest
from shidian.study.formula_units import conversion_factor, formula_unit
from shidian.study.grammar import names_in, parse_formula
from shidian.study.model import Variable
from shidian.study.units import PURE, Unit, parse_unit


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
    declared: Mapping[str, Any], units: Mapping[str, str], used: Sequence[str], catalogue: Catalogue
) -> tuple[Variable, ...]:
    """Resolve the variables in the order of the file, so that one may use those above it.

    Raises:
        StudyError: a formula that cannot be read, an unknown name, units that do not fit; names the variable.
    """
    known: dict[str, Unit] = {"year": parse_unit("year")}
    variables = []
    for name, entry in declared.items():
        spec = {"formula": entry} if isinstance(entry, str) else entry
        try:
            variable = _resolve(name, spec, known, units, used, catalogue)
        except StudyError as problem:
            raise StudyError(f"at 'variables.{name}': {problem}") from None
        known[name] = parse_unit(spec["unit"], units) if "unit" in spec else variable.unit
        variables.append(variable)
    return tuple(variables)


def _resolve(
    name: str,
    spec: Mapping[str, Any],
    known: Mapping[str, Unit],
    extra: Mapping[str, str],
    used: Sequence[str],
    catalogue: Catalogue,
) -> Variable:
    node = parse_formula(spec["formula"])
    inputs: dict[str, str] = {}
    scope = dict(known)
    for used_name in names_in(node):
        indicator = any(used_name in catalogue[s] for s in used)
        if used_name in known and (used_name == "year" or not indicator):
            continue
        if used_name in known:
            raise StudyError(f"'{used_name}' is both a variable above and an indicator; write source.{used_name}")
        inputs[used_name] = catalogue.find(used_name, used, "formula")
        scope[used_name] = parse_unit(catalogue.info(inputs[used_name]).measure, extra)
    computed = formula_unit(node, scope, extra)
    target = parse_unit(spec["unit"], extra) if "unit" in spec else computed
    return Variable(
        name=name,
        formula=spec["formula"],
        node=node,
        inputs=inputs,
        unit=target,
        unit_text=spec.get("unit", str(computed) if computed != PURE else ""),
        factor=conversion_factor(computed, target),
        missing_where_invalid=spec.get("invalid") == "missing",
    )
