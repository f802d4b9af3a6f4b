"""Numbers of observations: against units times years, the variables described, and the subsamples of one split."""

from __future__ import annotations

from collections.abc import Iterator

from shidian.audit.printed_tables.findings import AGREES, CERTAIN, DISAGREES, IMPLIED, UNUSUAL, Finding, allowed, places
from shidian.audit.printed_tables.paper import Column, Paper

_REGIONS = {"east", "eastern", "central", "middle", "west", "western", "northeast", "north", "south"}
_OPPOSITES = ({"high", "low"}, {"large", "small"}, {"yes", "no"}, {"urban", "rural"}, {"before", "after"})
_SPLITS = ("heterogen", "region", "subsample", "split")


def check_sample_size(paper: Paper) -> Iterator[Finding]:
    """Yield units times years against the sample's N, and each column's N against both."""
    units, years, n = paper.sample("units"), paper.years, paper.sample("n")
    if units is None or years is None:
        return
    full = units * years
    product = f"{units} units x {years} years = {full}"
    if n is not None:
        agrees = n == full if paper.balanced else n <= full
        why = "a balanced panel has one row a unit and year" if paper.balanced else "no more rows than unit-years"
        uses = _sample_places(paper, "n")
        yield allowed("sample size", "sample", f"N = {n}", product, agrees, CERTAIN, why, uses)
    elif not any(column.n for column in paper.columns):
        why, uses = "no more rows than unit-years", _sample_places(paper)
        yield Finding("sample size", "sample", "no N", product, IMPLIED, CERTAIN, why, uses)
    for column in paper.columns:
        if column.n is not None:
            printed = f"N = {column.n}"
            why = "a column has no more rows than the sample"
            most, uses = f"at most {product}", _n(column) + _sample_places(paper)
            yield allowed("sample size", column.where, printed, most, column.n <= full, CERTAIN, why, uses)
            if paper.balanced and column.n < full:
                yield _whole_units(column, units, years)


def _whole_units(column: Column, units: int, years: int) -> Finding:
    """Return whether a column's N is whole units over the years, or whole years of all units."""
    assert column.n is not None
    fits = [f"{column.n // t} units x {t} years" for t in (years, years - 1) if column.n % t == 0]
    fits += [f"{units} units x {column.n // units} years"] if column.n % units == 0 else []
    whole = f"{column.n} / {years} = {column.n / years:.2f} units"
    why = "whole units of a balanced panel give N a multiple of the years"
    where, printed = column.where, f"N = {column.n}"
    if fits:
        return Finding("whole units", where, printed, fits[0], AGREES, CERTAIN, why, _n(column))
    sure = "unless rows, not units, were split or dropped"
    return Finding("whole units", where, printed, whole, UNUSUAL, sure, why, _n(column))


def _n(*columns: Column) -> tuple[str, ...]:
    """Return where the observations of columns are printed."""
    return places(*(column.number("n") for column in columns))


def _sample_places(paper: Paper, *more: str) -> tuple[str, ...]:
    """Return where the sample's units and years are printed, and more of its numbers."""
    keys = ("units", "first_year", "last_year", "periods", *more)
    return places(*(paper.numbers.get(f"sample.{key}") for key in keys))


def check_variables_behind(paper: Paper) -> Iterator[Finding]:
    """Yield each column's N against the N of the variables it holds: those it prints, and the baseline's controls."""
    described = {name: d.n for name, d in paper.descriptives.items() if d.n is not None}
    if not described:
        return
    controls = [name for name in described if any(name in column.terms for column in full_columns(paper))]
    for column in paper.columns:
        if column.n is None:
            continue
        outcome = column.facts.get("outcome", paper.outcome if column in paper.baseline else None)
        own = [name for name in [*column.terms, outcome] if name in described]
        yield from _against(paper, column, {name: described[name] for name in own}, CERTAIN)
        if "controls" not in column.facts and not set(controls) <= set(column.terms) and column not in paper.baseline:
            sure = "if the column holds the controls of the baseline"
            yield from _against(paper, column, {name: described[name] for name in controls}, sure)
            yield from _against_baseline(paper, column, sure)
    yield from _not_too_few(paper, described)


def full_columns(paper: Paper) -> list[Column]:
    """Return the baseline's columns with all controls, else its last one."""
    return [c for c in paper.baseline if c.facts.get("controls") == "all"] or list(paper.baseline[-1:])


def _against(paper: Paper, column: Column, described: dict[str, int], sure: str) -> Iterator[Finding]:
    if not described or column.n is None:
        return
    scarce = min(described, key=lambda name: described[name])
    computed = f"at most {described[scarce]}, the values of {scarce}"
    why = "a regression uses only rows in which every variable has a value"
    agrees = column.n <= described[scarce]
    uses = _n(column) + places(*(paper.descriptives[name].get("n") for name in described))
    yield allowed("values behind", column.where, f"N = {column.n}", computed, agrees, sure, why, uses)


def _against_baseline(paper: Paper, column: Column, sure: str) -> Iterator[Finding]:
    """Yield whether a column of the baseline's outcome has no more rows than the full baseline column."""
    most = max((c.n for c in full_columns(paper) if c.n), default=None)
    if most is not None and column.n is not None and column.facts.get("outcome") == paper.outcome:
        computed = f"at most {most}, the rows of the full baseline column"
        why = "the baseline already uses every row in which outcome and controls have a value"
        printed, agrees = f"N = {column.n}", column.n <= most
        yield allowed("values behind", column.where, printed, computed, agrees, sure, why, _n(column))


def _not_too_few(paper: Paper, described: dict[str, int]) -> Iterator[Finding]:
    """Yield whether the full baseline column keeps all rows that the missing values can account for."""
    rows = paper.sample("n") or max(described.values())
    for column in full_columns(paper):
        names = [name for name in {*column.terms, paper.outcome} if name in described]
        if column.n is None or not names:
            continue
        fewest = rows - sum(rows - described[str(name)] for name in names)
        computed = f"at least {fewest}: {rows} rows less all missing values of its variables"
        agrees = column.n >= fewest
        why = "rows are lost only where a variable is missing"
        sure = "unless singletons or outliers were dropped as well"
        yield allowed("values behind", column.where, f"N = {column.n}", computed, agrees, sure, why, _n(column))


def check_splits(paper: Paper) -> Iterator[Finding]:
    """Yield the sum of the subsamples of one split against the full sample's N."""
    wholes = {c.n for c in full_columns(paper) if c.n} | ({paper.sample("n")} if paper.balanced else set())
    wholes.discard(None)
    if not wholes:
        return
    for group, named in splits(paper):
        yield _sum(group, named, sorted(w for w in wholes if w))


def splits(paper: Paper) -> Iterator[tuple[list[Column], bool]]:
    """Yield the columns of each split of the full sample, and whether their names say that they are one."""
    wholes = {c.n for c in full_columns(paper)}
    if paper.balanced:
        wholes.add(paper.sample("n"))
    for table in dict.fromkeys(c.table for c in paper.columns):
        columns = [c for c in paper.columns if c.table == table and c.n is not None]
        if any(word in table for word in _SPLITS):
            yield from _groups([c for c in columns if c.n not in wholes])


def _sum(group: list[Column], named: bool, wholes: list[int]) -> Finding:
    numbers = [c.n or 0 for c in group]
    found = sum(numbers)
    names = " + ".join(c.name for c in group)
    printed = " + ".join(map(str, numbers))
    computed = f"sum {found}, full sample {' or '.join(map(str, wholes))}"
    agrees = found in wholes
    sure = "if the columns split the full sample" + ("" if named else ", which their names do not say")
    if not agrees and found < max(wholes):
        sure += f"; {max(wholes) - found} rows are in none of them (singletons would be dropped rows)"
    why = "every row of the sample is in one of the subsamples"
    verdict = AGREES if agrees else DISAGREES
    return Finding("subsamples", f"{group[0].table}: {names}", printed, computed, verdict, sure, why, _n(*group))


def _groups(columns: list[Column]) -> Iterator[tuple[list[Column], bool]]:
    """Yield the splits among the columns of a table, and whether their names say that they are one."""
    left = list(columns)
    for belongs in (_regional, _opposite, _negated):
        for column in list(left):
            group = [other for other in left if other is column or belongs(column, other)]
            if column in left and len(group) > 1:
                yield group, True
                left = [c for c in left if c not in group]
    if len(left) > 1:
        yield left, False


def _words(column: Column) -> list[str]:
    words = column.name.lower().split("_")
    first = words[0]
    return words[1:] if len(words) > 1 and len(first) > 1 and first[0] in "cm" and first[1:].isdigit() else words


def _regional(a: Column, b: Column) -> bool:
    return all(set(_words(c)) <= _REGIONS for c in (a, b))


def _opposite(a: Column, b: Column) -> bool:
    one, two = set(_words(a)), set(_words(b))
    return any(one - two and (one - two) | (two - one) == pair for pair in _OPPOSITES)


def _negated(a: Column, b: Column) -> bool:
    one, two = _words(a), _words(b)
    return any(x[:1] == ["non"] and set(x[1:]) <= set(y) and y[:1] != ["non"] for x, y in ((one, two), (two, one)))


def check_treated(paper: Paper) -> Iterator[Finding]:
    """Yield treated and never treated units against all units, batches against their total."""
    numbers = {k.removeprefix("treatment."): v for k, v in paper.numbers.items() if k.startswith("treatment.")}
    count = {key: int(number.value) for key, number in numbers.items()}
    units = paper.sample("units")
    if units is not None and {"treated", "never_treated"} <= set(count):
        parts = count["treated"] + count["never_treated"]
        printed = f"{count['treated']} treated + {count['never_treated']} never treated"
        why = "every unit is treated at some time or never"
        uses = places(numbers["treated"], numbers["never_treated"], paper.numbers["sample.units"])
        yield allowed("treated units", "treatment", printed, f"{units} units", parts == units, CERTAIN, why, uses)
    batches = {key: value for key, value in numbers.items() if key.startswith("pilot_units.")}
    if batches and "units_total" in count:
        added = sum(count[key] for key in batches)
        printed = " + ".join(map(str, batches.values())) + f" = {count['units_total']}"
        why, where = "batches add to their total", "treatment.pilot_units"
        uses = places(*batches.values(), numbers["units_total"])
        agrees = added == count["units_total"]
        yield allowed("treated units", where, printed, f"sum {added}", agrees, CERTAIN, why, uses)
    if {"treated", "units_total"} <= set(count) and count["treated"] > count["units_total"]:
        printed = f"{count['treated']} treated of {count['units_total']} pilots"
        why, sure = "no more treated units than pilots", "unless spillovers count"
        uses = places(numbers["treated"], numbers["units_total"])
        yield Finding("treated units", "treatment", printed, "treated <= pilots", UNUSUAL, sure, why, uses)
