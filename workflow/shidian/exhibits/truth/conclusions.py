"""What a paper concludes without printing a coefficient for it: signs, significance, decisions of tests, orders."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import pairwise
from operator import ge, gt, le, lt
from typing import Any

import pandas as pd

from shidian.errors import EstimationError, nearest
from shidian.estimates import ESTIMATE_COLUMNS
from shidian.exhibits.result import ExhibitResult
from shidian.exhibits.truth.findings import BACK
from shidian.messages import joined, say

HOLDS = re.compile(r"(\||)([a-z_0-9]+)\1 (<=|>=|<|>) (-?\d+(?:\.\d+)?)")
"""A condition on a field of an estimate: ``p > 0.1``, ``|estimate| < 10``."""
ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {"falling": gt, "rising": lt}
_SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {"<": lt, ">": gt, "<=": le, ">=": ge}
LOST = say("does not come back")


@dataclass(frozen=True)
class Concluded:
    """A conclusion and what of it holds in our estimates.

    Attributes:
        group, what: where the paper draws it, and in words.
        condition: what an estimate must keep to, as printed.
        kept, of: how many of the estimates do; of none where no estimate could be had.
    """

    group: str
    what: str
    condition: str
    kept: int
    of: int

    @property
    def verdict(self) -> str:
        """Whether it comes back: all of its estimates keep to the condition; "" without an estimate."""
        return "" if not self.of else BACK if self.kept == self.of else LOST

    @property
    def count(self) -> str:
        """How many estimates keep to the condition, as printed."""
        return say("{n} of {of}", n=self.kept, of=self.of) if self.of else "—"


def conclusions(results: Mapping[str, ExhibitResult], declared: Sequence[Mapping[str, Any]]) -> list[Concluded]:
    """Hold the paper's conclusions against our estimates.

    Args:
        results: exhibit -> result.
        declared: list of {group, what, exhibit, columns, terms, holds}; columns and terms may hold ``*``.

    Raises:
        EstimationError: a column, term or condition that is none.
    """
    found, group = [], ""
    for one in declared:
        group = one.get("group", group)
        rows = _chosen(results[one["exhibit"]].estimates, one)
        kept, of, said = _kept(rows, one)
        found.append(Concluded(group, one["what"], said, kept, of))
    return found


def conclusion_sentences(found: Sequence[Concluded]) -> list[str]:
    """Return the note's sentences on the conclusions; none where none could be judged."""
    judged = [one for one in found if one.verdict]
    lost = [one for one in judged if one.verdict == LOST]
    if not judged:
        return []
    text = [
        say("Conclusions that the paper prints no coefficient for: {n} of {of} come back.",
            n=len(judged) - len(lost), of=len(judged))
    ]  # fmt: skip
    if lost:
        names = [say("{table}: {number}", table=one.group, number=one.what) if one.group else one.what for one in lost]
        text.append(say("Not: {list}.", list=joined(names, "clauses")))
    return text


def _chosen(estimates: pd.DataFrame, one: Mapping[str, Any]) -> list[pd.Series]:
    """Return the estimates that a conclusion is about, in the order in which it names them."""
    chosen = []
    for column in one["columns"]:
        for term in one["terms"]:
            rows = [row for row in _rows(estimates) if _is(row["column"], column) and _is(row["term"], term)]
            if not rows:
                for key, name in (("column", column), ("term", term)):
                    known = [str(value) for value in estimates[key].unique()]
                    if not any(_is(value, name) for value in known):
                        _refuse(one, key, name, known)
                _refuse(one, "term", term, [str(row["term"]) for row in _rows(estimates) if _is(row["column"], column)])
            chosen += rows
    return chosen


def _refuse(one: Mapping[str, Any], key: str, name: str, known: Sequence[str]) -> None:
    raise EstimationError(
        say("exhibit '{exhibit}' has no {key} '{name}'{near}", exhibit=one["exhibit"],
            key=say("column") if key == "column" else say("term"), name=name, near=nearest(name, known))
    )  # fmt: skip


def _rows(estimates: pd.DataFrame) -> Iterator[pd.Series]:
    yield from (row for _, row in estimates.iterrows())


def _is(value: Any, name: str) -> bool:
    return str(value) == name or ("*" in name and fnmatchcase(str(value), name.replace("[", "[[]")))


def _kept(rows: Sequence[pd.Series], one: Mapping[str, Any]) -> tuple[int, int, str]:
    """Return how many estimates keep to all conditions, of how many that have the numbers, and the conditions."""
    order = next((text for text in one["holds"] if text in ORDERS), None)
    tests = [_condition(text) for text in one["holds"] if text not in ORDERS]
    fields = [field for _, field, _, _ in tests] or ["estimate"]
    known = [row for row in rows if all(pd.notna(row[field]) for field in fields)]
    kept = [
        all(_SIGNS[sign](abs(row[field]) if bars else row[field], float(bound)) for bars, field, sign, bound in tests)
        for row in known
    ]
    if order:
        after = [True, *(ORDERS[order](a, b) for a, b in pairwise(row["estimate"] for row in known))]
        kept = [holds and follows for holds, follows in zip(kept, after, strict=True)]
    said = [_shown(*test) for test in tests]
    if order:
        said.append(say("falling") if order == "falling" else say("rising"))
    return sum(kept), len(known), joined(said)


def _shown(bars: str, field: str, sign: str, bound: str) -> str:
    """Return a condition as printed: of the estimate itself its bound alone."""
    sign = {"<=": "≤", ">=": "≥"}.get(sign, sign)
    if bars:
        return say("size {sign} {bound}", sign=sign, bound=bound)
    return f"{sign} {bound}" if field == "estimate" else f"{field} {sign} {bound}"


def _condition(text: str) -> tuple[str, str, str, str]:
    found = HOLDS.fullmatch(text)
    if found is None or found[2] not in ESTIMATE_COLUMNS:
        raise EstimationError(
            say("'{text}' is no condition: 'p > 0.1', 'estimate > 0', '|estimate| < 10', 'falling' or 'rising'",
                text=text)
        )  # fmt: skip
    return found[1], found[2], found[3], found[4]
