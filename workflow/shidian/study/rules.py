"""Rules between series, as ``checks.rules`` writes them: an inequality, a sum, a product, the sum of the units."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from shidian.errors import StudyError
from shidian.measures import PURE, parse_measure
from shidian.study.model import RULED, Rule
from shidian.study.variables import Catalogue

NAME = r"[^\W\d][\w.]*"
SIDES = re.compile(rf"\s*({NAME})\s*(>=|=|≥)\s*(sum\(\s*{NAME}\s*\)|{NAME}(?:\s*[+*]\s*{NAME})*)\s*")
TOLERANCES = {"most": 0.01, "sum": 0.01, "product": 0.2, "units": 0.1}
"""Kind of a rule -> by how much of the whole it may be off."""
FORMS = "'whole >= part + part', 'whole = part + part', 'whole = factor * factor' or 'whole = sum(series of the units)'"


def resolve_rules(
    declared: Sequence[Any], own_measures: Mapping[str, str], used: Sequence[str], catalogue: Catalogue
) -> tuple[Rule, ...]:
    """Resolve ``checks.rules``.

    Raises:
        StudyError: a rule of another form; a series that no source provides; units of measure that do not fit.
    """
    rules = []
    for n, entry in enumerate(declared):
        text, given = (entry, {}) if isinstance(entry, str) else (entry["rule"], entry)
        where = f"at 'checks.rules[{n + 1}]'"
        whole, how, terms = parse_rule(text, where)
        found = [catalogue.find(name, used, where) for name in (whole, *terms)]
        rule = Rule(text.strip(), found[0], tuple(found[1:]), how, given.get("tolerance", TOLERANCES[how]))
        _measured(rule, where, own_measures, catalogue)
        rules.append(rule)
    return tuple(rules)


def parse_rule(text: str, where: str) -> tuple[str, RULED, tuple[str, ...]]:
    """Return the whole, the kind and the terms of a rule.

    Raises:
        StudyError: it has another form.

    >>> parse_rule("spending >= science + education", "")
    ('spending', 'most', ('science', 'education'))
    """
    sides = SIDES.fullmatch(text)
    names = tuple(re.findall(NAME, sides[3].removeprefix("sum"))) if sides else ()
    if sides is None or ("+" in sides[3] and "*" in sides[3]):
        raise StudyError(f"{where}: '{text}' is no rule; write {FORMS}")
    if len({sides[1], *names}) <= len(names):
        raise StudyError(f"{where}: '{text}' names a series twice")
    if sides[2] != "=":
        if sides[3].startswith("sum(") or "*" in sides[3]:
            raise StudyError(f"{where}: '{text}': an inequality has a sum of series on its right; write {FORMS}")
        return sides[1], "most", names
    if sides[3].startswith("sum("):
        return sides[1], "units", names
    if len(names) < 2:
        raise StudyError(f"{where}: '{text}': that two series are equal is said under 'checks.agree'")
    return sides[1], "product" if "*" in sides[3] else "sum", names


def _measured(rule: Rule, where: str, own_measures: Mapping[str, str], catalogue: Catalogue) -> None:
    whole, *terms = (parse_measure(catalogue.info(name).measure, own_measures) for name in (rule.whole, *rule.terms))
    if rule.how == "product":
        whole, terms = whole, [prod(terms, start=PURE)]
    for name, term in zip(rule.terms, terms, strict=False):
        if term.dims != whole.dims:
            what = "the product" if rule.how == "product" else name
            raise StudyError(f"{where}: {rule.whole} is in [{whole}], {what} in [{term}]: they cannot be compared")
