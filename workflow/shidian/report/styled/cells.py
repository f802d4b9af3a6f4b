"""The cells of a table written again from its estimates, in a style."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.exhibits.notes import DASH
from shidian.exhibits.result import Cell, Row
from shidian.report.styled.rows import TERMS, Part
from shidian.report.styled.style import PrintStyle

KINDS = {
    "se": "se",
    "statistic": "t",
    "p": "p",
    "r2": "r2",
    "r2_within": "r2",
    "ci_low": "interval",
    "ci_high": "interval",
}
"""Field of the estimates -> what kind of number it is."""
OF_TERMS = dict(zip(TERMS, ("mean", "r2", "f", "mean", "mean", "mean", "other", "other", "other"), strict=True))
_TESTED = re.compile(r"^(?P<value>\S+) \[(?P<p>< ?[\d.]+|[\d.]+)\]$")
Estimates = Mapping[tuple[str, str], Mapping[str, Any]]
"""(column, term) -> the fields of its estimate."""


@dataclass(frozen=True)
class Printer:
    """Writes cells in a style.

    Attributes:
        style: the style.
        estimates: what the cells print.
        starred: whether numbers that stand alone in their row have stars where they earn them.
    """

    style: PrintStyle
    estimates: Estimates
    starred: bool = False

    @staticmethod
    def of(style: PrintStyle, estimates: pd.DataFrame, parts: Sequence[Part]) -> Printer:
        """Take the estimates, and from the rows whether numbers beside coefficients have stars in this table."""
        rows: dict[tuple[str, str], Mapping[str, Any]] = {
            (r["column"], r["term"]): {str(name): value for name, value in r.items()}
            for r in estimates.to_dict("records")
        }
        alone = [cell for part in parts if part.what == "other" for row in part.rows for cell in row.cells if cell.ref]
        starred = any(cell.ref and cell.ref[2] == "estimate" and style.unmarked(cell.text)[1] for cell in alone)
        return Printer(style, rows, starred)

    def part(self, part: Part) -> Part:
        """Return a part with its numbers in the style."""
        if part.what == "coefficient":
            return Part(part.what, self._coefficient(part.rows[0], part.rows[1]), part.terms)
        rows = tuple(Row(row.label, self._alone(row), row.rule_above) for row in part.rows)
        return Part(part.what, rows, part.terms)

    def _coefficient(self, top: Row, under: Row) -> tuple[Row, ...]:
        above = Row(top.label, tuple(self._estimate(cell) for cell in top.cells), top.rule_above)
        if self.style.statistic == "none":
            return (above,)
        return above, Row(under.label, tuple(self._under(cell) for cell in under.cells), under.rule_above)

    def _estimate(self, cell: Cell) -> Cell:
        row = self._row(cell)
        if row is None or cell.ref is None or cell.ref[2] != "estimate":
            return cell
        text, _ = self.style.unmarked(cell.text)
        if not self.style.is_printed(text, row["estimate"]):
            return cell
        mark = "" if pd.isna(row["se"]) else self.style.mark(row["p"])
        return Cell(self.style.number(row["estimate"], "coefficient") + mark, cell.ref)

    def _under(self, cell: Cell) -> Cell:
        """Return what stands with a coefficient; a dash where the style's statistic has no value."""
        row = self._row(cell)
        if row is None or cell.ref is None or cell.ref[2] == "reason":
            return cell
        column, term, field = cell.ref
        wanted = {"se": "se", "t": "statistic", "p": "p", "interval": "ci_low", None: field}[self.style.statistic]
        if pd.isna(row[wanted]):
            return Cell(DASH, (column, term, "reason") if row["reason"] else None)
        brackets = self.style.brackets or "()"
        return Cell(f"{brackets[0]}{self._field(row, wanted)}{brackets[1]}", (column, term, wanted))

    def _field(self, row: Mapping[str, Any], field: str) -> str:
        if field == "p":
            return self.style.p(row["p"])
        if field == "ci_low":
            return f"{self.style.number(row['ci_low'], 'interval')}, {self.style.number(row['ci_high'], 'interval')}"
        return self.style.number(row[field], KINDS[field])

    def _alone(self, row: Row) -> tuple[Cell, ...]:
        starred = self.starred and not any(self._unstarred(cell) for cell in row.cells)
        return tuple(self._single(cell, starred) for cell in row.cells)

    def _unstarred(self, cell: Cell) -> bool:
        """Say whether a number earned a mark in the table as estimated and has none."""
        row = self._row(cell)
        if row is None or cell.ref is None or cell.ref[2] != "estimate":
            return False
        return self.style.earned(row["p"]) and not self.style.unmarked(cell.text)[1]

    def _single(self, cell: Cell, starred: bool) -> Cell:
        row = self._row(cell)
        if row is None or cell.ref is None or cell.ref[2] not in ("estimate", *KINDS):
            return cell
        field = cell.ref[2]
        if field in ("ci_low", "ci_high") and cell.text.startswith("["):
            return Cell(f"[{self._field(row, 'ci_low')}]", cell.ref)
        if field == "p":
            return Cell(self.style.p(row["p"]), cell.ref) if _is_p(cell.text, self.style, row["p"]) else cell
        tested = _TESTED.match(cell.text)
        text, mark = (tested["value"], "") if tested else self.style.unmarked(cell.text)
        inner = text[1:-1] if text[:1] == "(" and text[-1:] == ")" else text
        if pd.isna(row[field]) or not (_is_tested(tested, row) or self.style.is_printed(inner, row[field])):
            return cell
        kind = OF_TERMS.get(cell.ref[1], "other") if field == "estimate" else KINDS[field]
        if mark or (starred and field == "estimate" and not pd.isna(row["se"])):
            kind, mark = "coefficient", self.style.mark(row["p"])
        printed = self.style.number(row[field], kind)
        behind = f" [{self.style.p(row['p'])}]" if tested else mark
        brackets = (self.style.brackets or "()") if inner != text else ""
        return Cell(f"{brackets[:1]}{printed}{brackets[1:]}{behind}", cell.ref)

    def _row(self, cell: Cell) -> Mapping[str, Any] | None:
        return self.estimates.get(cell.ref[:2]) if cell.ref else None


def _is_tested(tested: re.Match[str] | None, row: Mapping[str, Any]) -> bool:
    """Say whether a cell prints a statistic with its p-value behind it, whatever its decimals."""
    if tested is None or pd.isna(row["p"]):
        return False
    return abs(float(tested["value"].replace(",", "")) - row["estimate"]) < 1


def _is_p(text: str, style: PrintStyle, p: float) -> bool:
    return text.startswith("<") or (not pd.isna(p) and style.is_printed(text, p))


def side_by_side(part: Part) -> Part:
    """Return a part whose columns are two each: a coefficient and what stands beside it, any other cell and a blank."""
    if part.what == "coefficient" and len(part.rows) == 2:
        top, under = part.rows
        pairs = [cell for both in zip(top.cells, under.cells, strict=True) for cell in both]
        return Part(part.what, (Row(top.label, tuple(pairs), top.rule_above),), part.terms)
    rows = tuple(
        Row(row.label, tuple(one for cell in row.cells for one in (cell, Cell(""))), row.rule_above)
        for row in part.rows
    )
    return Part(part.what, rows, part.terms)
