"""One transcribed table as columns: under ``columns`` and ``rows``, or with its columns or rows standing in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shidian.audit.printed_tables.cells import CellStyle, Estimate, is_cell, read_cell
from shidian.audit.printed_tables.facts import Facts, is_words, read_facts
from shidian.audit.printed_tables.keys import BELOW, FACTS, TABLE, is_fact_key, is_number_key, unknown_key
from shidian.audit.printed_tables.paper import Column, Read
from shidian.audit.printed_tables.stars_note import star_levels
from shidian.audit.printed_tables.typography import is_blank, plain_number
from shidian.errors import AuditError, nearest

PAIRS = ("vif", "bdecomp", "decomp", "bacon")
"""Words in the names of tables whose cells are pairs of numbers, not a coefficient and its error."""


@dataclass(frozen=True)
class Setting:
    """What the file says for all tables: what stands below coefficients, the levels of stars, notes."""

    path: str
    below: Any = None
    star_levels: Any = None
    notes: tuple[Any, ...] = ()


def below_of(given: Any, where: str) -> tuple[str, ...]:
    """Return what stands below a coefficient, in order; ``("se",)`` where nothing is said.

    Raises:
        AuditError: a kind that there is not.
    """
    kinds = tuple(given) if isinstance(given, list) else ("se",) if is_blank(given) else (str(given),)
    for kind in kinds:
        if kind not in BELOW:
            raise AuditError(f"{where}: '{kind}' is not one of {', '.join(BELOW)}{nearest(kind, BELOW)}")
    return kinds


def read_table(table: str, content: Mapping[str, Any], setting: Setting, read: list[Read]) -> list[Column]:
    """Return the columns of a table and add every printed place to ``read``.

    Raises:
        AuditError: a key that there is not, a cell or number that is none, a row of a column that there is not.
    """
    where = f"{setting.path}: at 'tables.{table}"
    if _is_remark(table, content, where):
        read.append(Read(f"tables.{table}", "remark", ", ".join(f"{k}: {v}" for k, v in content.items())))
        return []
    return _Table(table, content, setting, read, where).columns()


def _is_remark(table: str, content: Mapping[str, Any], where: str) -> bool:
    """Say whether an entry is the transcriber's description, with no cell, no column and no fact of one in it.

    Raises:
        AuditError: it has a key that is nearly one of a table's.
    """
    nested = [v for v in content.values() if isinstance(v, Mapping) or is_cell(v)]
    known = [key for key in content if key in TABLE or is_number_key(key) or key.startswith("text_says_")]
    if table.startswith("figure"):
        return True
    if nested or known:
        return False
    for key in content:
        if near := nearest(key, TABLE):
            raise AuditError(f"{where}': there is no key '{key}'{near}")
    return True


class _Table:
    """The parts of one table while it is read."""

    def __init__(self, name: str, content: Mapping[str, Any], setting: Setting, read: list[Read], where: str) -> None:
        self.name, self.content, self.setting, self.read, self.where = name, content, setting, read, where
        self.rows = self._mapping("rows")
        declared = self._mapping("columns")
        inline = {k: v for k, v in content.items() if self._is_column(k, v)}
        self.own: dict[str, Mapping[str, Any]] = {}
        for column, facts in {**inline, **declared}.items():
            if not (isinstance(facts, Mapping) or is_blank(facts)):
                raise AuditError(f"{where}.{column}': expected a mapping, found {facts!r}")
            self.own[column] = facts or {}
        if "columns" not in content and not inline:
            self.own = {c: {} for cells in self.rows.values() if self._by_column(cells) for c in cells if c != "below"}
        shared = {k: v for k, v in content.items() if is_fact_key(k)}
        self.shared = read_facts(shared, f"{where}", f"{name}", read)
        self._read_contributions()

    def _read_contributions(self) -> None:
        """Read the shares of a mediation: numbers, beside the formula of the text."""
        for key in ("contribution", "shares"):
            for name, value in self._mapping(key).items():
                if name in ("formula", "note") or is_blank(value):
                    continue
                plain = plain_number(value)
                if plain is None:
                    raise AuditError(f"{self.where}.{key}.{name}': '{value}' is no number")
                self.read.append(Read(f"{self.name}.{key}.{name}", "share", plain))

    def _mapping(self, key: str) -> Mapping[str, Any]:
        given = self.content.get(key)
        if isinstance(given, list) and key == "columns":
            return {str(name): {} for name in given}
        if not (given is None or given == "" or isinstance(given, Mapping)):
            raise AuditError(f"{self.where}.{key}': expected a mapping, found {given!r}")
        return given or {}

    def _is_column(self, key: str, value: Any) -> bool:
        if key in TABLE or is_fact_key(key) or not isinstance(value, Mapping) or is_cell(value):
            return False
        nested = all(isinstance(v, Mapping) and not is_cell(v) for v in value.values())
        if nested and (near := nearest(key, ("columns", "rows"))):
            raise AuditError(f"{self.where}': there is no key '{key}'{near}")
        return True

    def _by_column(self, cells: Any) -> bool:
        """Say whether a row gives its cells by column: a mapping that is not itself a cell {b: , se: }."""
        if not isinstance(cells, Mapping):
            return False
        return not is_cell(cells) or any(column in cells for column in self.own)

    def columns(self) -> list[Column]:
        """Return every column, then one without a name that holds the loose rows."""
        found = [self._column(name, facts) for name, facts in self.own.items()]
        loose = {k: v for k, v in self.content.items() if k not in TABLE and not is_fact_key(k) and k not in self.own}
        loose |= {term: cells for term, cells in self.rows.items() if not self._by_column(cells)}
        terms = dict(self._inside(loose, "", self.shared))
        for term, cells in self.rows.items():
            for column in cells if self._by_column(cells) else ():
                if column not in self.own and column not in ("below", "note"):
                    near = nearest(column, self.own)
                    raise AuditError(f"{self.where}.rows.{term}': '{column}' is no column of the table{near}")
        if terms or not found:
            found.append(self._made("", terms, self.shared))
        return self._stars_settled(found)

    def _column(self, name: str, given: Mapping[str, Any]) -> Column:
        facts = read_facts(
            {k: v for k, v in given.items() if is_fact_key(k)}, f"{self.where}.{name}", f"{self.name} {name}", self.read
        )
        for term in [t for t in self.rows if is_fact_key(t) and self._by_column(self.rows[t])]:
            if name in self.rows[term]:
                at = f"{self.name} {name}"
                more = read_facts({term: self.rows[term][name]}, f"{self.where}.rows.{term}", at, self.read)
                facts = facts.over(more)
        facts = self.shared.over(facts)
        terms = dict(self._inside({k: v for k, v in given.items() if not is_fact_key(k)}, name, facts))
        for term, cells in self.rows.items():
            if self._by_column(cells) and name in cells and not is_fact_key(term):
                at, place = f"{self.name} {name}: {term}", f"{self.where}.rows.{term}.{name}'"
                estimate = self._cell(cells[name], place, at, cells.get("below"), facts)
                if estimate is not None:
                    terms[term] = estimate
        return self._made(name, terms, facts)

    def _inside(self, given: Mapping[str, Any], name: str, facts: Facts) -> Iterator[tuple[str, Estimate]]:
        """Yield the cells that stand in a column or in the table itself."""
        here = f"{self.where}.{name}".removesuffix(".")
        for term, value in given.items():
            if is_blank(value) and not term.isdigit():
                self.read.append(Read(f"{self.name} {name}".strip() + f": {term}", "blank", ""))
                continue
            in_rows = not name and term in self.rows
            if not (in_rows or is_cell(value) or isinstance(value, list) or is_words(value, strict=True)):
                known = (*TABLE, *FACTS) if not name else FACTS
                raise unknown_key(term, known, f"{here}'")
            at = f"{self.name} {name}".strip() + f": {term}"
            estimate = self._cell(value, f"{here}.{term}'", at, None, facts)
            if estimate is not None:
                yield term, estimate

    def _cell(self, value: Any, where: str, at: str, below: Any, facts: Facts) -> Estimate | None:
        if isinstance(value, str) and is_words(value):
            self.read.append(Read(at, "words", value))
            return None
        estimate = read_cell(value, where, at, CellStyle(self._below(below, facts), tuple(self._levels(facts)[0])))
        if estimate is None:
            self.read.append(Read(at, "blank", ""))
        else:
            self.read.append(Read(at, "coefficient", str(estimate)))
        return estimate

    def _below(self, row: Any, facts: Facts) -> tuple[str, ...]:
        """Return what stands below a coefficient: as its row says, else its column, its table, the file."""
        if any(word in self.name for word in PAIRS):
            return ("se",)
        given = next((b for b in (row, facts.texts.get("below"), self.setting.below) if not is_blank(b)), None)
        return below_of(given, f"{self.where}.below'")

    def _levels(self, facts: Facts) -> tuple[dict[str, float], bool]:
        own = facts.texts.get("star_levels")
        given = self.setting.star_levels if own is None else own
        notes = [facts.texts.get("note"), *self.setting.notes]
        where = f"{self.where}.star_levels'" if own is not None else f"{self.setting.path}: at 'star_levels'"
        return star_levels(given, notes, where)

    def _made(self, name: str, terms: Mapping[str, Estimate], facts: Facts) -> Column:
        levels, declared = self._levels(facts)
        stated = self.setting.below is not None or "below" in facts.texts
        stated = stated or any(isinstance(r, Mapping) and "below" in r for r in self.rows.values())
        return Column(self.name, name, terms, facts.texts, facts.numbers, tuple(levels.values()), declared, stated)

    def _stars_settled(self, columns: list[Column]) -> list[Column]:
        """Give cells typed as text no star where they carry none, in a table that has stars or says their levels."""
        if not any(c.declared or (e.marked and e.stars) for c in columns for e in c.terms.values()):
            return columns
        settle = lambda e: replace(e, stars=0) if e.marked and e.stars is None else e  # noqa: E731
        return [replace(c, terms={name: settle(e) for name, e in c.terms.items()}) for c in columns]
