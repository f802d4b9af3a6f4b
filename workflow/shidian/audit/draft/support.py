"""All numbers that a study's results hold, and which of them support a number of a manuscript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.audit.draft.claims import NUMBER, Claim, typed, value_of
from shidian.audit.manuscript.finished import FinishedExhibit, FinishedStudy

FIELDS = (
    "estimate", "se", "statistic", "p", "ci_low", "ci_high", "n_obs", "n_units", "n_clusters", "n_singletons",
    "n_missing", "r2", "r2_within",
)  # fmt: skip
SCALED = frozenset({"estimate", "se", "ci_low", "ci_high", "r2", "r2_within", "table", "p"})
"""What a manuscript may print times a hundred."""
WORDS = frozenset({"note", "label"})
"""Numbers inside sentences, whose signs are read otherwise ("τ ≤ -6", "2004-2010")."""
LARGE = 100
"""From here on a number without decimals may be a rounded one; a smaller one counts something."""
FALLING = re.compile(
    r"\b(?:fall|fell|fallen|drop|declin|decreas|reduc|lower|less|fewer|negative|minus|shrink|shrank|cut|loss|lost|"
    r"diminish|weaken|down|below|worsen|slow)|下降|减少|降低|负|缩小|抑制|下滑|减弱|削弱",
    re.I,
)


@dataclass(frozen=True)
class Value:
    """One number of the results.

    Attributes:
        value: with all its digits.
        exhibit, number: id of the exhibit and its number as printed.
        column, term, field: which; "note" or "table" as field where it is printed and no estimate.
        stars: printed behind it; None where no table prints it.
        p: of the same estimate, nan where it has none.
    """

    value: float
    exhibit: str
    number: str
    column: str
    term: str
    field: str
    stars: str | None = None
    p: float = float("nan")

    @property
    def is_tested(self) -> bool:
        """Whether it is an estimate with a p-value."""
        return self.field == "estimate" and not np.isnan(self.p)

    @property
    def where(self) -> str:
        """Return where it stands, for a reader."""
        name = f"{self.exhibit} ({self.number})" if self.number else self.exhibit
        return ", ".join(part for part in (name, self.column, self.term, self.field) if part)


@dataclass(frozen=True)
class Verdict:
    """What was found for a claim.

    Attributes:
        claim: the number.
        supported: whether a result supports it.
        by: the results that do; where none does, the nearest, or those that it contradicts.
        fault: "" for supported, else "none", "sign", "stars" or "p".
    """

    claim: Claim
    supported: bool
    by: tuple[Value, ...] = ()
    fault: str = ""


class Results:
    """The numbers of a study, sorted for search."""

    def __init__(self, study: FinishedStudy) -> None:
        values = [value for exhibit in study.exhibits.values() for value in _values(exhibit)]
        self.values = sorted(values, key=lambda one: abs(one.value))
        self._sizes = np.array([abs(one.value) for one in self.values])

    def near(self, size: float, half: float) -> list[Value]:
        """Return the values whose size rounds to a printed one."""
        room = half * (1 + 1e-9) + 1e-12 * size
        low, high = np.searchsorted(self._sizes, [size - room, size + room])
        while high < len(self._sizes) and self._sizes[high] <= size + room:
            high += 1
        return self.values[low:high]

    def matches(self, claim: Claim) -> list[Value]:
        """Return the values that round to a claim's size at its printed precision, whatever their signs."""
        size = abs(claim.value)
        found = [one for one in self.near(size, claim.half) if _countable(claim, one)]
        if claim.times != 1:
            found += self.near(size * claim.times, claim.half * claim.times)
        if claim.percent:
            found += [one for one in self.near(size / 100, claim.half / 100) if one.field in SCALED]
        return found

    def nearest(self, claim: Claim) -> tuple[Value, ...]:
        """Return the value nearest to a claim; of a count the nearest count."""
        size = abs(claim.value)
        whole = claim.decimals == 0 and not claim.percent
        known = [one for one in self.values if not whole or float(one.value).is_integer() or abs(one.value) >= LARGE]
        scales = (1.0, 100.0) if claim.percent else (1.0,)
        ranked = [
            (abs(abs(one.value) * scale - size), one.field not in ("estimate", "se"), n)
            for n, one in enumerate(known)
            for scale in scales
            if scale == 1 or one.field in SCALED
        ]
        return (known[min(ranked)[2]],) if ranked else ()

    def below(self, bound: float, sign: str) -> list[Value]:
        """Return the p-values on one side of a bound."""
        return [
            one for one in self.values if one.field == "p" and (one.value < bound if sign == "<" else one.value > bound)
        ]


def verdict(claim: Claim, results: Results, earlier: list[Value]) -> Verdict:
    """Compare a claim with the results.

    Args:
        claim: the number.
        results: of the study.
        earlier: the tested estimates that support the number before it in its sentence; a bound of p is of them.
    """
    if claim.bound:
        return _bound(claim, results, earlier)
    found = results.matches(claim)
    if not found:
        return Verdict(claim, False, results.nearest(claim), "none")
    same = [one for one in found if _same_sign(claim, one)]
    if not same:
        return Verdict(claim, False, tuple(found[:1]), "sign")
    printed = [one for one in same if one.stars is not None]
    if claim.stars and printed and not any(one.stars == claim.stars for one in printed):
        return Verdict(claim, False, tuple(printed[:1]), "stars")
    return Verdict(claim, True, tuple(one for one in same if not claim.stars or one.stars in (None, claim.stars)))


def _bound(claim: Claim, results: Results, earlier: list[Value]) -> Verdict:
    """Compare a bound of p with the p of the estimate before it, or with all where none is."""
    bound = claim.value / (100 if claim.percent else 1)
    kept = [one for one in earlier if (one.p < bound if claim.bound == "<" else one.p > bound)]
    if earlier and not kept:
        return Verdict(claim, False, tuple(earlier[:1]), "p")
    of_all = kept or results.below(bound, claim.bound)
    return Verdict(claim, True, tuple(of_all[:1])) if of_all else Verdict(claim, False, results.nearest(claim), "none")


def _same_sign(claim: Claim, one: Value) -> bool:
    if one.value == 0 or claim.value == 0 or (one.value < 0) == claim.signed or one.field in WORDS:
        return True
    return not claim.signed and bool(FALLING.search(claim.sentence))


def _countable(claim: Claim, one: Value) -> bool:
    """Say whether a number without decimals may be this value: a count, or a large number rounded."""
    is_rounded = claim.decimals > 0 or claim.percent or claim.times != 1
    return is_rounded or float(one.value).is_integer() or abs(one.value) >= LARGE


def _values(exhibit: FinishedExhibit) -> Iterator[Value]:
    """Give the numbers of an exhibit: its estimates, the cells of its table that print none, its notes."""
    meta, result = exhibit.meta, exhibit.result
    stars = _stars(exhibit)
    for line in result.estimates.to_dict("records"):
        for field in FIELDS:
            if not pd.isna(line[field]) and np.isfinite(line[field]):
                name = (str(line["column"]), str(line["term"]), field)
                p = float("nan") if pd.isna(line["p"]) else float(line["p"])
                yield Value(float(line[field]), meta.id, meta.number, *name, stars.get(name), p)
    rows = result.table.rows if result.table is not None else ()
    for row in rows:
        for cell in (cell for cell in row.cells if cell.ref is None):
            for value in numbers_in(cell.text):
                yield Value(value, meta.id, meta.number, "", row.label, "table")
    heads = [text for head in result.table.header for text, _ in head] if result.table is not None else []
    texts = {
        "note": (*result.notes, *result.warnings),
        "label": (meta.title, *(row.label for row in rows), *heads),
    }
    for field, said in texts.items():
        for value in (value for text in said for value in numbers_in(text)):
            yield Value(value, meta.id, meta.number, "", "", field)


def _stars(exhibit: FinishedExhibit) -> dict[tuple[str, str, str], str]:
    """Return the printed estimates -> the stars behind them."""
    table = exhibit.result.table
    cells = [cell for row in table.rows for cell in row.cells if cell.ref is not None] if table is not None else []
    return {
        cell.ref: cell.text.strip()[len(cell.text.strip().rstrip("*")) :]
        for cell in cells
        if cell.ref is not None and cell.ref[2] == "estimate"
    }


def numbers_in(text: str) -> Iterator[float]:
    """Give the numbers of a printed text."""
    for found in NUMBER.finditer(typed(text)):
        yield value_of(found)[0]
