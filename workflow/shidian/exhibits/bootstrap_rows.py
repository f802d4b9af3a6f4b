"""Wild cluster bootstrap and Romano-Wolf p-values of a regression table's coefficients of interest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from shidian.did.cluster_sums import ClusterSums, cluster_sums
from shidian.did.twfe import Regression
from shidian.did.wild_bootstrap import Signs, interval, p_value, romano_wolf, takes_every_pattern, wild_draws
from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.regression_table import DASH, TableColumn
from shidian.exhibits.result import Cell, Row, StudyInfo
from shidian.inference.covariance import Vcov
from shidian.ledger import about, ledger_row
from shidian.messages import aside, counted, joined, say
from shidian.printed import p_text
from shidian.used import Used

WILD = say("wild cluster bootstrap p")
ROMANO_WOLF = say("Romano-Wolf p")
LABELS = {WILD: say("Wild cluster bootstrap p"), ROMANO_WOLF: say("Romano–Wolf p")}
NOT_ESTIMATED = say("the column was not estimated")
TWO_STAGES = say("not available in a 2SLS column: this bootstrap is that of least squares")
WEIGHTED = say("not available where matching weights enter the regression: this bootstrap is that of unweighted rows")
NONLINEAR = say("not available for a nonlinear model: this bootstrap is that of least squares")
SEVERAL = say("not available in a column with one effect a group: these p-values belong to the one effect of a column")


@dataclass(frozen=True)
class Bootstrapped:
    """The p-values that an exhibit asks for, nothing where it asks for none.

    Attributes:
        estimates: rows of the long schema, one a column and kind of p-value.
        sentences: of the note.
        ledger: lines on columns that have no p-value.
        seed: seed of the draws.
        draws: the most draws of a column.
    """

    estimates: pd.DataFrame = field(default_factory=pd.DataFrame)
    sentences: tuple[str, ...] = ()
    ledger: tuple[dict[str, Any], ...] = ()
    seed: int = 0
    draws: int = 0

    def drawn(self, used: Mapping[str, Used]) -> dict[str, Used]:
        """Return what columns used, with the draws of those that have a p-value of them."""
        if self.estimates.empty:
            return dict(used)
        have = set(self.estimates.loc[self.estimates["seed"].notna(), "column"])
        return {c: one.drawn(self.seed, self.draws) if c in have else one for c, one in used.items()}

    def rows(self, last: Sequence[TableColumn], columns: Sequence[TableColumn]) -> list[Row]:
        """Return the printed rows, under the coefficients of ``last`` among ``columns``; first stages have none."""
        if self.estimates.empty:
            return []
        rows, asked = [], {c.id for c in last}
        for term, label in LABELS.items():
            found = self.estimates[self.estimates["term"] == term].set_index("column")["estimate"]
            if len(found):
                cells = [
                    Cell("") if c.id not in asked
                    else Cell(DASH, (c.id, term, "reason")) if pd.isna(found[c.id])
                    else Cell(p_text(found[c.id]), (c.id, term, "estimate"))
                    for c in columns
                ]  # fmt: skip
                rows.append(Row(label, tuple(cells)))
        return rows


def bootstrap_estimates(
    fitted: Sequence[tuple[Mapping[str, Any], Regression | str]],
    spec: Mapping[str, Any],
    info: StudyInfo,
    exhibit: str,
) -> Bootstrapped:
    """Bootstrap the treatment's coefficient of each column; a column without p-value says why, in note and ledger.

    Args:
        fitted: settings of each column and its regression, or the reason why it has none to bootstrap.
        spec: the exhibit; ``wild_bootstrap`` and ``romano_wolf`` hold the number of draws.
        info: the study; its seed is the seed of the draws.
        exhibit: id of the exhibit.
    """
    wild, adjusted = spec.get("wild_bootstrap"), spec.get("romano_wolf")
    terms = [term for term, asked in ((WILD, wild), (ROMANO_WOLF, adjusted)) if asked]
    if not terms:
        return Bootstrapped()
    rows, sentences, usable, gone = [], [], list[tuple[str, ClusterSums, Regression]](), dict[str, str]()
    for settings, regression in fitted:
        label = settings["label"]
        try:
            usable.append((label, *_sums(settings, regression)))
        except EstimationError as error:
            gone[label] = str(error)
            rows += [missing(info.study, exhibit, label, term, str(error)) for term in terms]
    if wild and usable:
        rows += [_wild_row(sums, regression, label, wild, info, exhibit) for label, sums, regression in usable]
        drawn = _drawn([sums for _, sums, _ in usable], wild["draws"])
        sentences.append(
            say(
                "Wild cluster bootstrap with the null imposed, Rademacher weights, {drawn}, seed {seed}.",
                drawn=drawn,
                seed=info.seed,
            )
        )
        sentences.append(_rule(LABELS[WILD], [len(sums.labels) for _, sums, _ in usable], wild["draws"]))
    if adjusted and usable:
        p = romano_wolf([sums for _, sums, _ in usable], adjusted["draws"], info.seed)
        for (label, _, regression), value in zip(usable, p, strict=True):
            rows.append(_row(ROMANO_WOLF, float(value), regression, label, info, exhibit))
        labels = {str(label) for _, sums, _ in usable for label in sums.labels}
        sentences.append(
            say(
                "Romano–Wolf step-down p over {columns}, {draws} draws of the same weights in every column, seed "
                "{seed}.",
                columns=counted(len(usable), "column"),
                draws=adjusted["draws"],
                seed=info.seed,
            )
        )
        sentences.append(_rule(LABELS[ROMANO_WOLF], [len(labels)], adjusted["draws"]))
    said, lines = _without(gone, [settings["label"] for settings, _ in fitted], terms, exhibit)
    draws = max(asked["draws"] for asked in (wild, adjusted) if asked)
    return Bootstrapped(pd.concat(rows, ignore_index=True), (*sentences, *said), lines, info.seed, draws)


def _without(
    gone: Mapping[str, str], labels: Sequence[str], terms: Sequence[str], exhibit: str
) -> tuple[list[str], tuple[dict[str, Any], ...]]:
    """Return sentences and ledger lines on columns without p-values; one not estimated has its own already."""
    why = {label: reason for label, reason in gone.items() if reason != NOT_ESTIMATED}
    named = joined([LABELS[term] for term in terms], "and")
    sentences = [
        (label, say("{what} not given: {why}.", what=named, why=why[label]) if label in why else "") for label in labels
    ]
    lines = [
        ledger_row(say("estimation"), about(exhibit, label, term), reason)
        for label, reason in why.items()
        for term in terms
    ]
    return notes.by_column(sentences), tuple(lines)


def _sums(settings: Mapping[str, Any], regression: Regression | str) -> tuple[ClusterSums, Regression]:
    if isinstance(regression, str):
        raise EstimationError(regression)
    clusters = Vcov.parse(settings["vcov"]).clusters
    if len(clusters) != 1:
        raise EstimationError(say("the wild cluster bootstrap wants errors clustered one way"))
    return cluster_sums(regression, settings["treatment"], settings["fixed_effects"], clusters[0]), regression


def _wild_row(
    sums: ClusterSums, regression: Regression, label: str, wild: Mapping[str, Any], info: StudyInfo, exhibit: str
) -> pd.DataFrame:
    drawn = wild_draws(sums, Signs(len(sums.labels), wild["draws"], info.seed))
    low, high = interval(drawn) if wild.get("interval") else (float("nan"), float("nan"))
    row = _row(WILD, p_value(drawn), regression, label, info, exhibit)
    return row.assign(ci_low=low, ci_high=high)


def _row(term: str, p: float, regression: Regression, label: str, info: StudyInfo, exhibit: str) -> pd.DataFrame:
    fit = regression.fit
    return normalise(pd.DataFrame([{
        "study": info.study, "exhibit": exhibit, "column": label, "term": term, "estimate": p, "p": p,
        "n_obs": fit.n_obs, "n_units": fit.n_units, "n_clusters": fit.n_clusters, "vcov": fit.vcov_kind,
        "seed": info.seed,
    }]))  # fmt: skip


def _drawn(usable: Sequence[ClusterSums], draws: int) -> str:
    """Say how many draws the columns had: all sign patterns where these are no more than the draws asked for."""
    counts = sorted({len(sums.labels) for sums in usable})
    every = [count for count in counts if takes_every_pattern(count, draws)]
    if not every:
        return say("{draws} draws", draws=draws)
    patterns = say("all sign patterns of {n} clusters", n=joined(map(str, every), "either"))
    if len(every) == len(counts):
        return patterns
    return say("{draws} draws ({patterns})", draws=draws, patterns=patterns)


def _rule(name: str, counts: Sequence[int], draws: int) -> str:
    """Say how p is counted, and how many sign patterns there are where all of them are taken."""
    every = sorted({count for count in counts if takes_every_pattern(count, draws)})
    if not every:
        return aside(say("{name}: (1 + number at least as extreme) / (1 + draws).", name=name))
    patterns = [say("{n} of {clusters} clusters", n=2**count, clusters=count) for count in every]
    if len(every) == len(set(counts)):
        return aside(say("{name}: the share at least as extreme of all sign patterns ({of}).", name=name, of=patterns))
    return aside(
        say(
            "{name}: the share at least as extreme of all sign patterns ({of}), elsewhere (1 + number at least as "
            "extreme) / (1 + draws).",
            name=name,
            of=patterns,
        )
    )
