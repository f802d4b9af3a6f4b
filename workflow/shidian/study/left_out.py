"""A study without some of its series: what is computed from them is empty, and exhibits that need them say so or go."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from shidian.errors import StudyError
from shidian.messages import say
from shidian.study.grammar import names_in
from shidian.study.kinds import kinds
from shidian.study.model import Study
from shidian.study.stacked import PANELS

WORDS = ("id", "kind", "title", "number", "note", "label", "labels", "heading", "row_labels", "names", "published")
"""Keys of an exhibit whose texts are no names of columns."""
COMPARISON = "comparison"
"""Kind of exhibit that is made from others."""
COMPUTED = ("indicators", "efficiency", "productivity")


@dataclass(frozen=True)
class Absent:
    """What a study is without.

    Attributes:
        columns: column of the panel without a value -> why.
        series: ``source.series`` that is left out -> why.
        exhibits: exhibit that goes -> why.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    series: Mapping[str, str] = field(default_factory=dict)
    exhibits: Mapping[str, str] = field(default_factory=dict)

    @property
    def notices(self) -> tuple[str, ...]:
        """A line for each column without a value and each exhibit that goes."""
        columns = [f"'{name}' has no value: {why}" for name, why in self.columns.items()]
        return (*columns, *(f"exhibit '{name}' is left out: {why}" for name, why in self.exhibits.items()))


def absent_of(study: Study, series: Mapping[str, str]) -> Absent:
    """Return what of a study hangs on series that are left out (``source.series`` -> why).

    Raises:
        StudyError: the study cannot be without one of them: what dates the treatment, says who is in the sample, or is
            what a study without a policy estimates; or no exhibit is left.
    """
    if not series:
        return Absent()
    columns = _columns(study, series)
    _refuse_needed(study, columns, series)
    exhibits = _exhibits(study, columns)
    planted = [e["id"] for e in study.exhibits if kinds()[e["kind"]].planted]
    if all(e["id"] in (*exhibits, *planted) for e in study.exhibits):
        name, why = next(iter(exhibits.items()))
        raise StudyError(f"no exhibit is left: the first, '{name}', goes since {why}")
    return Absent(columns, series, exhibits)


def _columns(study: Study, series: Mapping[str, str]) -> dict[str, str]:
    """Return the columns of the panel that read a series left out, or another such column."""
    found: dict[str, str] = {}
    for variable in study.panel.variables:
        reads = [*variable.inputs.values(), *(n for n in names_in(variable.node) if n not in variable.inputs)]
        found |= _why(variable.name, reads, found, series)
    for indicator in study.indicators:
        reads = [*(given for _, given in indicator.inputs), *(names_in(indicator.node) if indicator.node else ())]
        found |= _why(indicator.name, reads, found, series)
    for model in study.efficiency:
        found |= _why(model.name, model.variables, found, series)
    for index in study.productivity:
        found |= _why(index.name, _names_below(index.spec), found, series)
    return found


def _why(name: str, reads: Iterable[str], columns: Mapping[str, str], series: Mapping[str, str]) -> Mapping[str, str]:
    return next(({name: why} for read in reads if (why := series.get(read) or columns.get(read))), {})


def _refuse_needed(study: Study, columns: Mapping[str, str], series: Mapping[str, str]) -> None:
    treatment = study.panel.treatment
    reads = list(treatment.inputs) if treatment else [study.regressor]
    if treatment and treatment.formula:
        reads += names_in(treatment.formula.node)
    roles = [("treatment" if treatment else "regressor", read) for read in reads]
    roles += [("sample.exclude", e.where) for e in study.panel.exclusions if e.where]
    roles += [
        (f"sources.{use.source}.join", use.nesting.series or use.nesting.on)
        for use in study.panel.sources
        if use.nesting
    ]
    for role, read in roles:
        if why := series.get(read) or columns.get(read):
            raise StudyError(f"at '{role}': the study cannot be without '{read}', and {why}; name a real source for it")


def _exhibits(study: Study, columns: Mapping[str, str]) -> dict[str, str]:
    """Return the exhibits that cannot be without a column, and those that compare with them alone."""
    found: dict[str, str] = {}
    for exhibit in study.exhibits:
        if kinds()[exhibit["kind"]].dashes or exhibit["kind"] in (COMPARISON, PANELS):
            continue
        named = [name for name in _names_below(exhibit) if name in columns]
        if named:
            found[exhibit["id"]] = say("it uses '{name}', and {why}", name=named[0], why=columns[named[0]])
    for exhibit in study.exhibits:
        if exhibit["kind"] == COMPARISON:
            behind = [number["exhibit"] for number in exhibit.get("numbers", []) if "exhibit" in number]
            if behind and all(name in found for name in behind):
                found[exhibit["id"]] = say("it compares '{name}', which is left out", name=behind[0])
        if exhibit["kind"] == PANELS:
            gone = [panel["exhibit"] for panel in exhibit["panels"] if panel["exhibit"] in found]
            if gone:
                found[exhibit["id"]] = say("it stacks '{name}', which is left out", name=gone[0])
    return found


def _names_below(content: Any) -> Iterator[str]:
    """Give the words of texts that may be names of columns, products and lags taken apart."""
    if isinstance(content, str):
        if not re.search(r"\s", content):
            yield from re.findall(r"[^\W\d]\w*", content)
    elif isinstance(content, Mapping):
        for key, value in content.items():
            if key not in WORDS:
                yield str(key)
                yield from _names_below(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _names_below(value)


def without(content: Mapping[str, Any], study: Study, absent: Absent) -> dict[str, Any]:
    """Return the content of a study file in which nothing names a series that is left out.

    Columns without a value become empty variables (``emptied`` marks them), of whichever section they were.
    """
    gone = absent.columns
    entries = {
        name: spec for key in ("variables", *COMPUTED) for name, spec in content.get(key, {}).items() if name in gone
    }
    changed = dict(content)
    empty = {name: _empty(n, spec) for n, (name, spec) in enumerate(entries.items())}
    changed["variables"] = {name: empty.get(name, spec) for name, spec in content["variables"].items()} | empty
    for key in COMPUTED:
        if key in content:
            changed[key] = {name: spec for name, spec in content[key].items() if name not in gone}
    if "fill" in content:
        pairs = zip(content["fill"], study.panel.fill, strict=True)
        changed["fill"] = [entry for entry, fill in pairs if fill.series not in absent.series]
    if isinstance(content.get("checks"), Mapping):
        changed["checks"] = _checks(content["checks"], study, absent)
    kept = [e for e in content["exhibits"] if e["id"] not in absent.exhibits]
    changed["exhibits"] = [_compared(e, absent.exhibits) for e in kept]
    return changed


def _empty(n: int, spec: Any) -> dict[str, Any]:
    """Return what stands for a variable until it is marked as empty: a number of its own, no other's copy."""
    label = {"label": spec["label"]} if isinstance(spec, Mapping) and "label" in spec else {}
    return {"formula": str(n), **label}


def _checks(declared: Mapping[str, Any], study: Study, absent: Absent) -> dict[str, Any]:
    checks, changed = study.panel.checks, dict(declared)
    of: dict[str, list[tuple[str, ...]]] = {
        "parts": [(part.whole, *part.parts) for part in checks.parts],
        "agree": [(pair.first, pair.second) for pair in checks.agree],
        "rules": [(rule.whole, *rule.terms) for rule in checks.rules],
        "accept": [(one.series,) for one in checks.accept],
        "shares": [(name,) for name in declared.get("shares", ())],
    }
    for key, read in of.items():
        if key in declared:
            pairs = zip(declared[key], read, strict=True)
            changed[key] = [
                e for e, names in pairs if not any(n in absent.series or n in absent.columns for n in names)
            ]
    return changed


def _compared(exhibit: Mapping[str, Any], gone: Collection[str]) -> Mapping[str, Any]:
    """Return a comparison without what it says of exhibits that are left out; other exhibits as they are."""
    if exhibit["kind"] != COMPARISON or "numbers" not in exhibit:
        return exhibit
    said = {key: exhibit[key] for key in ("numbers", "conclusions") if key in exhibit}
    return {**exhibit, **{key: [n for n in some if n.get("exhibit") not in gone] for key, some in said.items()}}


def emptied(study: Study, written: Study, absent: Absent) -> Study:
    """Return a study whose absent columns are marked as such, each with its formula as the study file has it."""
    formulas = {v.name: v.formula for v in written.panel.variables}
    variables = tuple(
        replace(
            v, absent=absent.columns[v.name], formula=formulas.get(v.name, v.name), measure_text="",
        ) if v.name in absent.columns else v
        for v in study.panel.variables
    )  # fmt: skip
    return replace(study, panel=replace(study.panel, variables=variables))
