"""Markov chain of a variable's classes, of all units and given the class of their neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shidian.distribution.markov import (
    Homogeneity,
    check_bounds,
    class_of,
    homogeneity,
    long_run,
    probabilities,
    quantile_bounds,
    transitions,
)
from shidian.errors import EstimationError
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.distribution.by_year import declared_years, known_with
from shidian.exhibits.regression_table import DASH, Style
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.samples import roles
from shidian.exhibits.spatial.spatial_inputs import balance, build_weights, declared_columns, describe
from shidian.exhibits.subsample import needed_by, subsample
from shidian.ledger import ledger_frame
from shidian.messages import say
from shidian.used import Rows, Used

N = say("Transitions")
EMPTY = say("no unit starts in this class")
NO_LONG_RUN = say("the classes do not all lead to the same ones: no single long-run distribution")
NOTHING = say("nothing to compare: no class starts in two of them and leads to two classes")
COUNTS = say("transitions, each of a row and of that of the next period")


@dataclass(frozen=True)
class Chains:
    """Transitions of all units and by regime.

    Attributes:
        moves: one row a transition: start and end class, ``neighbours`` class (-1 without weights), first period,
            and the labels of the two rows.
        bounds: upper bounds of the classes but the last.
        sentences: what the note says of weights and neighbours.
        ledger: lines of the sample ledger.
    """

    moves: pd.DataFrame
    bounds: np.ndarray
    sentences: tuple[str, ...]
    ledger: pd.DataFrame

    @property
    def k(self) -> int:
        """Number of classes."""
        return len(self.bounds) + 1

    def counts(self, moves: pd.DataFrame | None = None) -> np.ndarray:
        """Return the (k, k) transitions among some moves, all by default."""
        found = self.moves if moves is None else moves
        return transitions(found["start"].to_numpy(), found["end"].to_numpy(), self.k)

    def regimes(self, name: str) -> np.ndarray:
        """Return (regimes, k, k) transitions by the values of a column of the moves."""
        return np.array([self.counts(part) for _, part in self.moves.groupby(name)])


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Count transitions between classes of ``variable``, and test whether they are those of one chain.

    In the long schema a column is the class at the end and a term the class at the start, with that of the neighbours
    before it where there are weights; tests have terms of their own.

    Raises:
        EstimationError: classes that cannot be told apart or are empty, no transition, fewer than two periods, units
            without neighbours, gaps where there are weights.
    """
    part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
    declared_years(part, spec, least=2)
    chains = _chains(part, spec, info)
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    blocks = {"": chains.counts()}
    if spec.get("weights"):
        blocks |= {
            say("neighbours in class {n}: ", n=r + 1): chains.counts(chains.moves[chains.moves["neighbours"] == r])
            for r in sorted(chains.moves["neighbours"].unique().tolist())
        }
    middle = chains.moves["year"] > np.median(np.unique(chains.moves["year"]))
    tests = {say("same in both halves of the periods"): homogeneity(_halves(chains, middle))}
    if spec.get("weights"):
        tests[say("same whatever the neighbours")] = homogeneity(chains.regimes("neighbours"))
    numbers = _Numbers(info.study, exhibit, style)
    rows = [row for block, counts in blocks.items() for row in _block(block, counts, numbers)]
    rows += [row for label, test in tests.items() for row in _test_rows(label, test, chains.k, numbers)]
    used = Used(
        Rows.of([*chains.moves["from"], *chains.moves["to"]]), Rows.of(part.index),
        roles({"sample": spec.get("sample")}, variables=(spec["variable"],),
              weights=declared_columns(spec.get("weights") or {})),
        words=words, counts=COUNTS,
    )  # fmt: skip
    estimates = normalise(pd.DataFrame(numbers.estimates))
    header = ((say("From class"), 1), (N, 1), *((to_class(i), 1) for i in range(chains.k)))
    return ExhibitResult(
        estimates,
        Table((header,), tuple(rows)),
        notes=(
            *_sentences(chains, spec, info, words), *chains.sentences, *notes.simulated_sentence(info),
        ),
        ledger=chains.ledger,
        used=dict.fromkeys(estimates["column"].unique(), used),
    )  # fmt: skip


def to_class(i: int) -> str:
    """Return the column of an end class."""
    return say("to {n}", n=i + 1)


def _halves(chains: Chains, later: pd.Series) -> np.ndarray:
    return np.array([chains.counts(chains.moves[later == half]) for half in (False, True)])


def _chains(part: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> Chains:
    """Class the rows and pair each with that of the next period."""
    name, exhibit = spec["variable"], notes.exhibit_id(spec)
    known, ledger = known_with(part, [name], say("Markov chain"))
    W, sentences = None, tuple[str, ...]()
    if declared := spec.get("weights"):
        known, lines, _ = balance(part, [name, *declared_columns(declared)], spec, info, exhibit)
        W, ledger = build_weights(known, declared), ledger_frame(list(lines))
        if W.islands:
            raise EstimationError(
                say(
                    "exhibit '{exhibit}': {units} have no neighbours, so no class of them; choose other 'weights' or "
                    "leave them out by 'sample'",
                    exhibit=exhibit, units=list(W.islands),
                )
            )  # fmt: skip
        sentences = (describe(W),)
    known = known.sort_values(["unit", "year"], kind="stable")
    values = known[name].astype(float)
    if spec.get("relative", False):
        mean = values.groupby(known["year"]).transform("mean")
        if not (mean > 0).all():
            year = str(int(known.loc[~(mean > 0), "year"].iloc[0]))
            raise EstimationError(
                say("exhibit '{exhibit}': the mean of {year} is not above zero, so nothing is relative to it",
                    exhibit=exhibit, year=year)
            )  # fmt: skip
        values = values / mean
    bounds = _bounds(values.to_numpy(), spec)
    keyed = pd.DataFrame({
        "unit": known["unit"].astype(str), "year": known["year"].astype(int),
        "class": class_of(values.to_numpy(), bounds), "label": known.index, "neighbours": -1,
    })  # fmt: skip
    if W is not None:
        wide = pd.Series(values.to_numpy(), index=[keyed["unit"], keyed["year"]]).unstack().loc[list(W.codes)]
        near = pd.DataFrame(W.matrix @ wide.to_numpy(), wide.index, wide.columns).stack()
        lag = near.reindex(pd.MultiIndex.from_frame(keyed[["unit", "year"]])).to_numpy().ravel()
        own = spec.get("neighbour_classes", "same") == "quantiles"
        keyed["neighbours"] = class_of(lag, quantile_bounds(lag, len(bounds) + 1) if own else bounds)
    after = keyed[["unit", "year", "class", "label"]].assign(year=keyed["year"] - 1)
    moves = keyed.merge(after, on=["unit", "year"], suffixes=("", " after"))
    moves = moves.rename(columns={"class": "start", "class after": "end", "label": "from", "label after": "to"})
    if moves.empty:
        raise EstimationError(
            say("exhibit '{exhibit}': no unit has a value in two periods that follow one another", exhibit=exhibit)
        )
    return Chains(moves, bounds, sentences, ledger)


def _bounds(values: np.ndarray, spec: Mapping[str, Any]) -> np.ndarray:
    if "bounds" not in spec:
        return quantile_bounds(values, int(spec.get("classes", 4)))
    bounds = np.array(spec["bounds"], dtype=float)
    check_bounds(values, bounds)
    return bounds


class _Numbers:
    """Collects the estimates behind the printed cells."""

    def __init__(self, study: str, exhibit: str, style: Style) -> None:
        self.where, self.style = {"study": study, "exhibit": exhibit}, style
        self.estimates: list[dict[str, Any]] = []

    def cell(self, column: str, term: str, value: float, why: str, form: str = "number") -> Cell:
        """Return the cell of a number, a dash with its reason where it is missing."""
        row = {**self.where, "column": column, "term": term}
        if np.isnan(value):
            self.estimates.append({**row, "reason": why})
            return Cell(DASH, (column, term, "reason"))
        self.estimates.append({**row, "estimate": float(value)})
        text = (
            f"{int(value):,}" if form == "count" else self.style.p(value) if form == "p" else self.style.number(value)
        )
        return Cell(text, (column, term, "estimate"))


def _block(block: str, counts: np.ndarray, numbers: _Numbers) -> list[Row]:
    """Return the rows of one chain, the long-run distribution last."""
    p, q = probabilities(counts), long_run(probabilities(counts))
    rows = []
    for i in range(len(p)):
        term = say("{block}class {n}", block=block, n=i + 1)
        cells = [numbers.cell(to_class(j), term, p[i, j], EMPTY) for j in range(len(p))]
        rows.append(Row(term, (numbers.cell(N, term, counts[i].sum(), "", "count"), *cells), bool(block) and i == 0))
    term = say("{block}long run", block=block)
    cells = [numbers.cell(to_class(j), term, q[j], NO_LONG_RUN) for j in range(len(p))]
    return [*rows, Row(term, (numbers.cell(N, term, counts.sum(), "", "count"), *cells))]


def _test_rows(label: str, test: Homogeneity, k: int, numbers: _Numbers) -> list[Row]:
    """Return the two rows of a test: statistic in the first column, p in the next."""
    rows = []
    for name, statistic, p in (("LR", test.lr, test.p_lr), ("Q", test.q, test.p_q)):
        term = say("{label}: {name}, χ²({df})", label=label, name=name, df=test.df)
        cells = (numbers.cell(N, term, statistic, NOTHING), numbers.cell(to_class(0), term, p, NOTHING, "p"))
        rows.append(Row(term, (*cells, *[Cell("")] * (k - 1)), name == "LR"))
    return rows


def _sentences(chains: Chains, spec: Mapping[str, Any], info: StudyInfo, words: str) -> list[str]:
    variable = info.label(spec["variable"])
    if spec.get("relative", False):
        variable = say("{variable} relative to the mean of its year", variable=variable)
    bounds = [f"{bound:.4g}" for bound in chains.bounds]
    how = (
        say("Classes of {variable} up to {bounds} and above, as declared.", variable=variable, bounds=bounds)
        if "bounds" in spec
        else say(
            "Classes of {variable} of equal size over all rows, up to {bounds} and above.",
            variable=variable,
            bounds=bounds,
        )
    )
    said = [
        say(
            "{n} transitions from one period to the next; probabilities by maximum likelihood, the share of those "
            "that start in a class.",
            n=len(chains.moves),
        ),
        how,
        *notes.restricted_sentences(words),
        say(
            "Tests that the probabilities are the same (Bickenbach and Bode 2003): likelihood ratio LR and Pearson's "
            "Q, the statistic in the first column and p in the next; cells that are never reached count no degree of "
            "freedom."
        ),
    ]  # fmt: skip
    if spec.get("weights"):
        own = spec.get("neighbour_classes", "same") == "quantiles"
        said.append(
            say("Neighbours: class of their weighted mean at the start, by its own quantiles (Rey 2001).")
            if own
            else say("Neighbours: class of their weighted mean at the start, by the bounds of the variable (Rey 2001).")
        )
    return said
