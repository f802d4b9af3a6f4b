"""What an estimate used: rows of the panel, variables by role, counts, convention and seed, as its estimator saw them.

Every column of an exhibit's estimates carries one ``Used``; traces, replication and audits read it and reconstruct
nothing. Rows are kept as ranges and a sample that several columns share is written once, so that files stay small.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

MAY_LACK = "may_lack"
"""Key of a declared sample whose units and years to exclude the panel need not have: written for simulated data, read
on real ones."""


@dataclass(frozen=True)
class Rows:
    """Rows of a panel by their number in ``panel.parquet`` (the labels of its index).

    Attributes:
        spans: (first, last, step) of ranges, ends included: rows in a row have step 1, those of one year of a balanced
            panel have the number of its years.
    """

    spans: tuple[tuple[int, int, int], ...] = ()

    @staticmethod
    def of(labels: Iterable[Any]) -> Rows:
        """Return the rows with these labels, in order, each once."""
        return Rows(tuple(_spans(np.unique(np.asarray(list(labels), dtype=np.int64)))))

    @staticmethod
    def read(text: str) -> Rows:
        """Read what ``str`` of rows gave: "0-279,281,300-390/13"."""
        return Rows(tuple(_span(part) for part in text.split(",") if part))

    def __str__(self) -> str:
        return ",".join(
            str(first) if first == last else f"{first}-{last}" + (f"/{step}" if step > 1 else "")
            for first, last, step in self.spans
        )

    def __len__(self) -> int:
        return sum((last - first) // step + 1 for first, last, step in self.spans)

    @property
    def positions(self) -> np.ndarray:
        """The numbers of the rows, rising."""
        ranges = [np.arange(first, last + 1, step) for first, last, step in self.spans]
        return np.concatenate([np.empty(0, np.int64), *ranges])


def _spans(rising: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """Give the ranges that rising numbers fall into; other steps than one want three numbers."""
    steps = np.diff(rising)
    ends = np.append(np.flatnonzero(np.diff(steps)) + 1, len(steps))  # of the runs of equal steps
    at, run = 0, 0
    while at < len(rising):
        while run < len(ends) - 1 and ends[run] <= at:
            run += 1
        last = int(ends[run]) if at < len(steps) and (steps[at] == 1 or ends[run] - at > 1) else at
        yield int(rising[at]), int(rising[last]), int(steps[at]) if last > at else 1
        at = last + 1


def _span(text: str) -> tuple[int, int, int]:
    ends, _, step = text.partition("/")
    first, _, last = ends.partition("-")
    return int(first), int(last or first), int(step or 1)


@dataclass(frozen=True)
class Taken:
    """A column of another exhibit that a number is taken from; ``noise_free``: of its twin without disturbances."""

    exhibit: str
    column: str
    noise_free: bool = False


@dataclass(frozen=True)
class Used:
    """What the estimates of one column used.

    Attributes:
        rows: rows behind them; none where no estimate came about. None = the panel as a whole.
        declared: rows of the declared sample, from which the estimator took its own.
        variables: role -> columns of the panel: outcome, treatment, controls, instruments, fixed_effects, clusters, ...
        n_missing: rows left out for a missing value.
        n_singletons: rows left out because a fixed effect had one observation.
        n_separated: rows left out because no finite estimate of a nonlinear model fits them.
        words: what the declared sample is restricted to, "" for nothing.
        counts: what N counts where that is not rows, such as rows of stacks; "" where N is the number of rows.
        of_terms: term -> its own rows, where the terms of a column have different ones.
        ssc: small-sample convention, "" where there is none.
        singletons: "drop" or "keep", "" where there are none to speak of.
        seed: seed of random draws, None where nothing is drawn.
        draws: how many draws, 0 where the method's number of them is not declared.
        noise_free: the rows are those of the simulated panel without disturbances.
        taken: estimates of other exhibits that the numbers are taken from; these say themselves what they used.
    """

    rows: Rows | None = Rows()
    declared: Rows | None = Rows()
    variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    n_missing: int = 0
    n_singletons: int = 0
    words: str = ""
    counts: str = ""
    of_terms: Mapping[str, Rows] = field(default_factory=dict)
    ssc: str = ""
    singletons: str = ""
    seed: int | None = None
    draws: int = 0
    noise_free: bool = False
    taken: tuple[Taken, ...] = ()
    n_separated: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """All variables, in the order of their roles, each once."""
        return tuple(dict.fromkeys(name for names in self.variables.values() for name in names))

    def of_term(self, term: str) -> Rows | None:
        """Return the rows behind one term."""
        return self.of_terms.get(term, self.rows)

    def drawn(self, seed: int | None, draws: int = 0) -> Used:
        """Return the same with random draws."""
        return replace(self, seed=seed, draws=draws)


WHOLE_PANEL = Used(rows=None, declared=None)
"""The panel as a whole: all rows, all variables."""

PLAIN = (
    "n_missing", "n_singletons", "n_separated", "words", "counts", "ssc", "singletons", "seed", "draws", "noise_free",
)  # fmt: skip
"""Fields that JSON holds as they are, where they are not the default."""
DEFAULTS = {f.name: f.default for f in fields(Used)}


def encoded(used: Mapping[str, Used]) -> dict[str, Any]:
    """Return what columns used as JSON can hold it: each sample once, columns that used the same together."""
    samples: dict[str, int] = {}

    def place(rows: Rows | None) -> int | None:
        return None if rows is None else samples.setdefault(str(rows), len(samples))

    together: list[tuple[Used, list[str]]] = []
    for column, one in used.items():
        alike = next((columns for other, columns in together if other == one), None)
        if alike is None:
            together.append((one, [column]))
        else:
            alike.append(column)
    groups = []
    for one, columns in together:
        group: dict[str, Any] = {
            "columns": columns, "rows": place(one.rows), "declared": place(one.declared),
            "variables": [[role, list(names)] for role, names in one.variables.items()],
        }  # fmt: skip
        group |= {name: getattr(one, name) for name in PLAIN if getattr(one, name) != DEFAULTS[name]}
        if one.of_terms:
            group["of_terms"] = [[term, place(rows)] for term, rows in one.of_terms.items()]
        if one.taken:
            group["taken"] = [[t.exhibit, t.column, t.noise_free] for t in one.taken]
        groups.append(group)
    return {"samples": list(samples), "columns": groups}


def decoded(content: Mapping[str, Any]) -> dict[str, Used]:
    """Return column -> what it used, from what ``encoded`` gave."""
    samples = [Rows.read(text) for text in content["samples"]]

    def at(place: int | None) -> Rows | None:
        return None if place is None else samples[place]

    found: dict[str, Used] = {}
    for group in content["columns"]:
        one = Used(
            rows=at(group["rows"]), declared=at(group["declared"]),
            variables={role: tuple(names) for role, names in group["variables"]},
            of_terms={term: samples[place] for term, place in group.get("of_terms", [])},
            taken=tuple(Taken(*each) for each in group.get("taken", [])),
            **{name: group[name] for name in PLAIN if name in group},
        )  # fmt: skip
        found |= dict.fromkeys(group["columns"], one)
    return found
