"""The declared checks of a study's raw values: names resolved, units of measure compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shidian.errors import StudyError
from shidian.measures import parse_measure
from shidian.study.model import Accepted, Agreement, Checks, Parts
from shidian.study.rules import resolve_rules
from shidian.study.sized import same_measure
from shidian.study.variables import Catalogue

JUMPS = (10.0, 10000.0)
"""Ratios to the year before that are reported unless the study says otherwise: a slipped digit, 万元 read as 元."""


def declared_checks(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the section ``checks`` of a study file; the word "strict" or "report" alone is its key ``strict``."""
    given = content.get("checks", {})
    return {"strict": given == "strict"} if isinstance(given, str) else given


def resolve_checks(
    declared: Mapping[str, Any],
    own_measures: Mapping[str, str],
    used: Sequence[str],
    catalogue: Catalogue,
) -> Checks:
    """Resolve the section ``checks`` of a study file (``declared_checks``).

    Raises:
        StudyError: a series that no source provides, or series compared in different units of measure.
    """
    parts = [
        Parts(
            catalogue.find(entry["whole"], used, f"at 'checks.parts[{n + 1}]'"),
            tuple(catalogue.find(name, used, f"at 'checks.parts[{n + 1}]'") for name in entry["parts"]),
            entry.get("tolerance", 0.01),
        )
        for n, entry in enumerate(declared.get("parts", []))
    ]
    agree = [
        Agreement(
            catalogue.find(entry["first"], used, f"at 'checks.agree[{n + 1}]'"),
            catalogue.find(entry["second"], used, f"at 'checks.agree[{n + 1}]'"),
            entry.get("tolerance", 0.05),
        )
        for n, entry in enumerate(declared.get("agree", []))
    ]
    for n, part in enumerate(parts):
        for name in part.parts:
            _same_kind(part.whole, name, f"at 'checks.parts[{n + 1}]'", own_measures, catalogue, exact=True)
    for n, pair in enumerate(agree):
        _same_kind(pair.first, pair.second, f"at 'checks.agree[{n + 1}]'", own_measures, catalogue, exact=False)
    jumps = tuple(sorted(float(ratio) for ratio in declared.get("jumps", JUMPS)))
    accept = tuple(
        Accepted(
            catalogue.find(entry["series"], used, f"at 'checks.accept[{n + 1}]'"),
            int(entry["year"]),
            entry["reason"],
        )
        for n, entry in enumerate(declared.get("accept", []))
    )
    shares = tuple(declared.get("shares", []))
    rules = resolve_rules(declared.get("rules", []), own_measures, used, catalogue)
    return Checks(jumps, tuple(parts), shares, tuple(agree), declared.get("strict", True), accept, rules)


def _same_kind(
    first: str, second: str, where: str, own_measures: Mapping[str, str], catalogue: Catalogue, *, exact: bool
) -> None:
    a, b = (parse_measure(catalogue.info(name).measure, own_measures) for name in (first, second))
    if (exact and not same_measure(a, b)) or a.dims != b.dims:
        raise StudyError(f"{where}: {first} is in [{a}], {second} in [{b}]: they cannot be compared")
