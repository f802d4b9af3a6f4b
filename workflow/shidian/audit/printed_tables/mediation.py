"""Mediation: shares of the indirect effect, and direct plus indirect against the total effect of the baseline.

Least squares on one sample gives total = direct + a b exactly, a the effect on the mediator, b the mediator's effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shidian.audit.printed_tables.cells import Estimate
from shidian.audit.printed_tables.findings import CERTAIN, Finding, allowed, places
from shidian.audit.printed_tables.interval import Interval, Printed
from shidian.audit.printed_tables.paper import Column, Paper
from shidian.audit.printed_tables.typography import plain_number


@dataclass(frozen=True)
class _Path:
    """One mediator: effect on it, its effect on the outcome, and the direct effect where printed."""

    where: str
    mediator: str
    first: Estimate
    second: Estimate
    direct: Estimate | None

    @property
    def indirect(self) -> Interval:
        return self.first.coef.interval * self.second.coef.interval

    @property
    def printed(self) -> str:
        direct = f" + {self.direct.coef}" if self.direct else ""
        return f"{self.first.coef} x {self.second.coef}{direct}"

    @property
    def places(self) -> tuple[str, ...]:
        return places(self.first, self.second, self.direct)


def check_mediation(paper: Paper) -> Iterator[Finding]:
    """Yield the total effect and the printed share of each mediator."""
    treatment = _treatment(paper)
    baseline = [c for c in paper.baseline if treatment in c.terms]
    for table in dict.fromkeys(c.table for c in paper.columns if "mediat" in c.table):
        columns = [c for c in paper.columns if c.table == table]
        shares = _shares(table, paper.tables[table])
        for path in [*_named_paths(columns), *_column_paths(columns, treatment)]:
            if path.direct is None:
                continue
            if baseline:
                yield _total(path, baseline[-1], treatment)
            if path.mediator in shares:
                yield _share(path, shares[path.mediator])


def _treatment(paper: Paper) -> str:
    """Return the name of the effect followed through the tables: the first term of the baseline, else ``did``."""
    return next(iter(paper.baseline[0].terms), "did") if paper.baseline else "did"


def _total(path: _Path, column: Column, treatment: str) -> Finding:
    assert path.direct is not None
    found = path.direct.coef.interval + path.indirect
    target = column.terms[treatment].coef
    why = "direct effect plus a b is the total effect, in least squares on one sample"
    computed = f"direct + indirect = {found}; baseline ({column.name}) {target}"
    agrees = found.meets(target.interval)
    sure = "if sample and controls are those of the baseline"
    where, uses = f"{path.where}: {path.mediator}", path.places + places(column.terms[treatment])
    return allowed("mediation total", where, path.printed, computed, agrees, sure, why, uses)


def _share(path: _Path, share: Printed) -> Finding:
    """Return the printed share against a b / (a b + direct), computed as 1 / (1 + direct / (a b)): each enters once."""
    assert path.direct is not None
    ratio = path.direct.coef.interval / path.indirect if not path.indirect.meets(0.0) else Interval(-1e9, 1e9)
    whole = ratio + 1.0
    found = Interval(1.0, 1.0) / whole
    why = "share of the indirect effect: a b / (a b + direct)"
    where = f"{path.where}: {path.mediator}"
    agrees = found.meets(share.interval) or (found * 100.0).meets(share.interval)
    uses = path.places + places(share)
    return allowed("mediation share", where, f"share {share}", f"share {found}", agrees, CERTAIN, why, uses)


def _shares(table: str, content: Mapping[str, object]) -> dict[str, Printed]:
    found = {}
    for key in ("contribution", "shares"):
        given = content.get(key)
        for name, value in given.items() if isinstance(given, Mapping) else ():
            plain = plain_number(value)
            if plain is not None:
                found[name] = Printed(plain, at=f"{table}.{key}.{name}")
    return found


def _named_paths(columns: list[Column]) -> Iterator[_Path]:
    """Yield mediators given as {did_on_mediator, mediator_on_<outcome>, did_direct}."""
    for column in columns:
        first = next((e for name, e in column.terms.items() if name.endswith("_on_mediator")), None)
        second = next((e for name, e in column.terms.items() if name.startswith("mediator_on_")), None)
        direct = next((e for name, e in column.terms.items() if name.endswith("_direct")), None)
        if first and second:
            yield _Path(column.table, column.name, first, second, direct)


def _column_paths(columns: list[Column], treatment: str) -> Iterator[_Path]:
    """Yield mediators given as two columns: the mediator as outcome, then the outcome on treatment and mediator."""
    for column in columns:
        mediator = column.facts.get("outcome")
        after = next((c for c in columns if mediator in c.terms and treatment in c.terms), None)
        if isinstance(mediator, str) and treatment in column.terms and after is not None and after is not column:
            terms = after.terms
            yield _Path(column.table, mediator, column.terms[treatment], terms[mediator], terms[treatment])
