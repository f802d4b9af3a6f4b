"""What the rows of a printed table are: coefficients with what stands under them, rows at the foot, others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shidian.exhibits.notes import DASH
from shidian.exhibits.result import Row, Table
from shidian.messages import Words
from shidian.messages.words import said
from shidian.report.tables.structure import is_heading

UNDER = ("se", "statistic")
"""Fields that stand under a coefficient."""
FIELDS = ("n_obs", "n_units", "n_clusters", "r2", "r2_within")
TERMS = ("outcome_mean", "r2_adjusted", "f", "outcome_sd", "control_mean", "rmse", "log_likelihood", "aic", "bic")
"""Statistics of a regression that are fields of its estimates, and those that are rows of their own."""
EFFECTS = ("{names} fixed effects", "Fixed effects")
SLOPES = ("linear trend of each ", "slope of ")
CONTROLS = ("Controls",)
"""Templates of the labels of rows that say which columns have effects and controls; how those of slopes begin."""


@dataclass(frozen=True)
class Part:
    """One or two rows that belong together.

    Attributes:
        what: "coefficient", "heading", "other" or the row at the foot that it is (``foot`` of a style).
        rows: its rows.
        terms: terms of the estimates that it prints.
    """

    what: str
    rows: tuple[Row, ...]
    terms: tuple[str, ...] = ()

    @property
    def is_foot(self) -> bool:
        """Whether it is a row at the foot of a regression table."""
        return self.what not in ("coefficient", "heading", "other")


def parts(table: Table, messages: Mapping[str, Words]) -> list[Part]:
    """Return the table in parts, in order."""
    found: list[Part] = []
    rows, at = table.rows, 0
    while at < len(rows):
        under = rows[at + 1] if at + 1 < len(rows) else None
        if under is not None and _is_under(rows[at], under):
            found.append(_part("coefficient", rows[at], under))
            at += 2
            continue
        found.append(_part(_what(rows[at], messages), rows[at]))
        at += 1
    return found


def _part(what: str, *rows: Row) -> Part:
    if what in FIELDS:  # a statistic of the column stands with whatever estimate has it
        return Part(what, rows, (what,))
    terms = dict.fromkeys(cell.ref[1] for row in rows for cell in row.cells if cell.ref)
    return Part(what, rows, tuple(terms))


def _is_under(row: Row, under: Row) -> bool:
    """Say whether a row holds what stands under the coefficients of another."""
    if under.label.strip() or not any(cell.ref and cell.ref[2] == "estimate" for cell in row.cells):
        return False
    fields = {cell.ref[2] for cell in under.cells if cell.ref}
    empty = all(cell.text in ("", DASH) or cell.ref for cell in under.cells)
    return empty and bool(fields & set(UNDER)) and fields <= {*UNDER, "reason"}


def _what(row: Row, messages: Mapping[str, Words]) -> str:
    if is_heading(row):
        return "heading"
    fields = {cell.ref[2] for cell in row.cells if cell.ref} - {"reason"}
    if len(fields) == 1 and (name := next(iter(fields))) in FIELDS:
        return name
    terms = {cell.ref[1] for cell in row.cells if cell.ref}
    if len(terms) == 1 and (name := next(iter(terms))) in TERMS:
        return name
    if fields:
        return "other"
    template = template_of(row.label, messages)
    if template in EFFECTS or row.label.lower().startswith(SLOPES):
        return "effects"
    return "controls" if template in CONTROLS else "other"


def template_of(text: str, messages: Mapping[str, Words]) -> str:
    """Return the template behind a text, "" where it was not said."""
    words = messages.get(text) or said(text)
    while isinstance(words, Words) and words.how in ("capital", "period") and isinstance(words.parts["text"], Words):
        words = words.parts["text"]
    return str(words.parts.get("", "")) if isinstance(words, Words) and words.how == "say" else ""
