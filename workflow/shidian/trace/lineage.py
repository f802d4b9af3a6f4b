"""What each column of a study's panel is made of: other columns, and series of the sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shidian.messages import joined, say
from shidian.messages.periods import Dated
from shidian.study.formula_functions import BY_GROUP, UNIT
from shidian.study.formula_variable import Variable
from shidian.study.grammar import Call, Name, Node, calls_in, names_in, parse_formula, parts_of
from shidian.study.indicator_methods import method
from shidian.study.model import FORMULA, EfficiencyModel, Indicator, ProductivityIndex, Study
from shidian.study.treated import CONTINUOUS, STAYS, Treatment

ReadYears = Callable[[str, int], set[int] | None]
"""(name, year of a row) -> the years in which the row reads that name; None for the whole history of the unit."""

ROLES = {"inputs": say("inputs"), "desirable": say("desirable"), "undesirable": say("undesirable")}
FRONTIERS = {
    "contemporaneous": say("contemporaneous"), "global": say("global"), "window": say("window"),
    "sequential": say("sequential"),
}  # fmt: skip
OTHER_ROWS = frozenset({
    say("the values of all units of its year, and group, enter too"),
    say("the quantiles come from all unit-years"),
    say("weights and ranges come from all unit-years"),
    say("weights, best and worst values come from all unit-years"),
    say("the unit's indices between the year and the base year enter too"),
    say("its year's totals over all units enter too"),
})  # fmt: skip
"""What methods of indicators declare as ``other_rows``, which is literal text there."""


@dataclass(frozen=True)
class Origin:
    """How one column of the panel is made.

    Attributes:
        name: the column.
        formula: as declared in the study file.
        made_of: other columns that it is computed from.
        reads: series (``source.series``) that it is computed from.
        years: in which years a row reads each of these.
        measure: unit of measure, "" where it has none.
        beyond: what of other rows enters, "" for nothing.
    """

    name: str
    formula: str
    made_of: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    years: ReadYears = lambda name, year: {year}
    measure: str = ""
    beyond: str = ""


def origins(study: Study) -> dict[str, Origin]:
    """Return the origin of every column that a study computes: treatment, variables, indicators, efficiency scores."""
    variables = {v.name: v for v in study.panel.variables}
    span = (study.panel.first_year, study.panel.last_year)
    found = {name: _variable(v, variables, span) for name, v in variables.items()}
    found |= {i.name: _indicator(i, span) for i in study.indicators}
    found |= {m.name: _score(m) for m in study.efficiency}
    found |= {p.name: _productivity(p) for p in study.productivity}
    treatment = study.panel.treatment
    found = {**({treatment.name: _treatment(treatment, variables, span)} if treatment else {}), **found}
    on = {use.source: use.nesting.series for use in study.panel.sources if use.nesting and use.nesting.series}
    if on:
        found = {name: _with_columns_joined_on(origin, on) for name, origin in found.items()}
    return found if study.panel.period.is_plain else _in_periods(found, study)


def _in_periods(found: Mapping[str, Origin], study: Study) -> dict[str, Origin]:
    """Return origins whose words name the study's period in the place of years."""
    dated = Dated(study.panel.period, study.panel.first_year, study.panel.last_year)
    return {n: replace(o, formula=dated.text(o.formula), beyond=dated.text(o.beyond)) for n, o in found.items()}


def _with_columns_joined_on(origin: Origin, on: Mapping[str, str]) -> Origin:
    """Add to what a column reads of nested sources the column that says in which of their units a row lies."""
    through = {on[source]: name for name in origin.reads if (source := name.partition(".")[0]) in on}
    through = {series: name for series, name in through.items() if series not in origin.reads}
    if not through:
        return origin
    return replace(
        origin,
        reads=(*origin.reads, *through),
        years=lambda name, year: origin.years(through.get(name, name), year),
    )


def lineage(known: Mapping[str, Origin], name: str, year: int) -> dict[tuple[str, int], Origin]:
    """Return a column's origin in a year and those of all columns behind it: (name, year) -> origin, nearest first."""
    found, todo = {(name, year): known[name]}, [(name, year)]
    while todo:
        name, year = todo.pop(0)
        origin = known[name]
        for behind in origin.made_of:
            for when in sorted(origin.years(behind, year) or ()):
                if behind in known and (behind, when) not in found:
                    found[behind, when] = known[behind]
                    todo.append((behind, when))
    return found


def _treatment(spec: Treatment, variables: Mapping[str, Variable], span: tuple[int, int]) -> Origin:
    name, measure = spec.dating, say("0 or 1")
    words = say("1 from the year of {indicator}", indicator=name)
    if spec.kind == CONTINUOUS:
        words, measure = say("{indicator}, the dose of each year", indicator=name), ""
    elif spec.dated_by == "status":
        words = say("{indicator}, 0 or 1 in each year", indicator=name)
    elif spec.delay:
        words = say("1 from the year of {indicator} + {delay}", indicator=name, delay=spec.delay)
    if spec.formula is not None:
        behind = _variable(spec.formula, variables, span)
        return replace(behind, name=spec.name, formula=words, measure=measure)
    years: ReadYears = (lambda name, year: None) if spec.kind == STAYS else (lambda name, year: {year})
    return Origin(spec.name, words, reads=(name,), years=years, measure=measure)


def _variable(variable: Variable, variables: Mapping[str, Variable], span: tuple[int, int]) -> Origin:
    names = names_in(variable.node)
    written = {variable.inputs[n]: n for n in names if n in variable.inputs}
    return Origin(
        variable.name, variable.formula,
        made_of=tuple(n for n in names if n in variables and n not in variable.inputs),
        reads=tuple(written),
        years=lambda name, year: years_read(variable.node, written.get(name, name), year, *span),
        measure=variable.measure_text or str(variable.measure),
        beyond=variable.absent or _other_rows(variable.node),
    )  # fmt: skip


def _indicator(indicator: Indicator, span: tuple[int, int]) -> Origin:
    names = tuple(dict.fromkeys(name for _, name in indicator.inputs if name not in indicator.texts))
    if indicator.method == FORMULA:
        text = str(indicator.option("formula"))
        node = indicator.node if indicator.node is not None else parse_formula(text)
        years: ReadYears = lambda name, year: years_read(node, name, year, *span)  # noqa: E731
        return Origin(indicator.name, text, names, years=years, beyond=_other_rows(node))
    options = [f"{key}={value}" for key, value in indicator.options]
    inputs = [name if role == name else f"{role}={name}" for role, name in indicator.inputs]
    return Origin(
        indicator.name, f"{indicator.method}({', '.join([*inputs, *options])})",
        made_of=names,
        reads=indicator.texts,
        beyond=method(indicator.method).other_rows,
    )  # fmt: skip


def _productivity(index: ProductivityIndex) -> Origin:
    spec, first = index.spec, index.years[0]
    made_of, roles = _variables_of(spec["model"])

    def years(name: str, year: int) -> set[int]:
        return set(range(first, year + 1)) if spec["value"] == "level" else {year - 1, year}

    facts = {"value": spec["value"], "index": spec["index"], "returns": spec["returns"], "roles": roles}
    formula = say("{value} of the {index} index, {returns} ({roles})", **facts)
    return Origin(index.name, formula, made_of, years=years, beyond=say("measured against frontiers of all units"))


def _variables_of(model: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    """Return the variables of an efficiency model, and their roles in words."""
    roles = [role for role in ROLES if model.get(role)]
    words = [say("{role}: {names}", role=ROLES[role], names=list(model[role])) for role in roles]
    return tuple(name for role in roles for name in model[role]), joined(words, "clauses")


def _score(score: EfficiencyModel) -> Origin:
    model = score.model
    made_of, roles = _variables_of(model)
    formula = (
        say("Super-SBM score, {returns} ({roles})", returns=model["returns"], roles=roles)
        if score.method == "super_sbm"
        else say("score of {method} ({roles})", method=score.method, roles=roles)
    )
    frontier = FRONTIERS[model["frontier"]]
    return Origin(score.name, formula, made_of, beyond=say("measured against the {name} frontier", name=frontier))


def years_read(node: Node, name: str, year: int, first: int, last: int) -> set[int]:
    """Return the years in which a formula reads a name for a row: its own, those of lags and base years, all up to it.

    Args:
        node: the formula.
        name: a name in it.
        year: that of the row.
        first, last: those of the panel, in which sums begin and groups over all years lie.
    """
    if isinstance(node, Name):
        return {year} if node.name == name else set()
    if not isinstance(node, Call):
        return {when for part in parts_of(node) for when in years_read(part, name, year, first, last)}
    found: set[int] = set()
    for n, part in enumerate(parts_of(node)):
        for when in _years_of(node, n, year, first, last):
            found |= years_read(part, name, when, first, last)
    return found


def _years_of(node: Call, place: int, year: int, first: int, last: int) -> Iterable[int]:
    """Return the years of which a function reads its argument at a place, for a row of a year."""
    match node:
        case Call("lag" | "lead" | "diff" | "growth" as function, _, options):
            periods = int(options[0]) if options else 1
            other = year + periods if function == "lead" else year - periods
            return {other} if function in ("lag", "lead") else {year, other}
        case Call("base", _, (base, *_)):
            return {int(base)}
        case Call("deflate", _, (base, *chained)) if place:
            return range(min(int(base), year), max(int(base), year) + 1) if chained else {int(base), year}
        case Call("cumulate"):
            return range(first, year + 1)
        case Call("perpetual_inventory", _, (kind, number, _)):
            return range(first, min(year + int(number) if kind == "mean_growth" else year, last) + 1)
        case Call(function, _, options, by) if function in BY_GROUP and place == 0 and UNIT in options:
            return {year} if Name("year") in by else range(first, last + 1)
    return {year}


def _other_rows(node: Node) -> str:
    """Say what of other units' rows enters a formula, "" for nothing."""
    groups = [call for call in calls_in(node) if isinstance(call, Call) and call.function in BY_GROUP]
    said = []
    for call in dict.fromkeys(groups):
        by = [part.name for part in call.others if isinstance(part, Name)]
        by += [UNIT] if UNIT in call.options else []
        what = {"function": call.function, "by": by}
        said.append(
            say("{function}: the values of all rows with the same {by} enter too", **what)
            if by
            else say("{function}: the values of all rows of the panel enter too", function=call.function)
        )
    return joined(dict.fromkeys(said), "clauses")
