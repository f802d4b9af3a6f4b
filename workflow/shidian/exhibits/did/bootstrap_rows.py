"""Wild cluster bootstrap and Romano-Wolf p-values of a regression table's coefficients of interest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from shidian.did.twfe import Regression
from shidian.did.wild_bootstrap import ClusterSums, cluster_sums, interval, p_value, rademacher, romano_wolf
from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits.result import StudyInfo
from shidian.inference.covariance import Vcov

WILD = "wild cluster bootstrap p"
ROMANO_WOLF = "Romano-Wolf p"
LABELS = {WILD: "Wild cluster bootstrap p", ROMANO_WOLF: "Romano–Wolf p"}


def bootstrap_estimates(
    fitted: Sequence[tuple[Mapping[str, Any], Regression | None]],
    spec: Mapping[str, Any],
    info: StudyInfo,
    exhibit: str,
) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows of the long schema, one a column and kind of p-value, and the note's sentences.

    Args:
        fitted: (settings, regression) of each column, None where it could not be estimated.
        spec: the exhibit; ``wild_bootstrap`` and ``romano_wolf`` hold the number of draws.
        info: the study; its seed is the seed of the draws.
        exhibit: id of the exhibit.
    """
    wild, adjusted = spec.get("wild_bootstrap"), spec.get("romano_wolf")
    if not wild and not adjusted:
        return pd.DataFrame(), []
    rows, sentences, usable = [], [], []
    for settings, regression in fitted:
        label = settings["label"]
        try:
            sums = _sums(settings, regression)
        except EstimationError as error:
            rows += [missing(info.study, exhibit, label, t, str(error)) for t, on in _asked(spec) if on]
            continue
        usable.append((label, sums, regression))
        if wild:
            rows.append(_wild_row(sums, regression, label, wild, info, exhibit))
    if wild:
        drawn = _drawn(usable, wild["draws"])
        sentences.append(
            f"Wild cluster bootstrap with the null imposed, Rademacher weights, {drawn}, seed {info.seed}."
        )
    if adjusted and usable:
        p = romano_wolf([sums for _, sums, _ in usable], adjusted["draws"], info.seed)
        for (label, _, regression), value in zip(usable, p, strict=True):
            rows.append(_row(ROMANO_WOLF, float(value), regression, label, info, exhibit))
        sentences.append(
            f"Romano–Wolf step-down p over {len(usable)} columns, {adjusted['draws']} draws of the same weights in "
            f"every column, seed {info.seed}."
        )
    return pd.concat(rows, ignore_index=True), sentences


def _asked(spec: Mapping[str, Any]) -> list[tuple[str, bool]]:
    return [(WILD, bool(spec.get("wild_bootstrap"))), (ROMANO_WOLF, bool(spec.get("romano_wolf")))]


def _sums(settings: Mapping[str, Any], regression: Regression | None) -> ClusterSums:
    clusters = Vcov.parse(settings["vcov"]).clusters
    if regression is None:
        raise EstimationError("the column was not estimated")
    if len(clusters) != 1:
        raise EstimationError("the wild cluster bootstrap wants errors clustered one way")
    return cluster_sums(regression, settings["treatment"], settings["fixed_effects"], clusters[0])


def _wild_row(
    sums: ClusterSums, regression: Regression | None, label: str, wild: Mapping[str, Any], info: StudyInfo, exhibit: str
) -> pd.DataFrame:
    weights, _ = rademacher(list(sums.labels), wild["draws"], info.seed)
    low, high = interval(sums, weights) if wild.get("interval") else (float("nan"), float("nan"))
    row = _row(WILD, p_value(sums, weights), regression, label, info, exhibit)
    return row.assign(ci_low=low, ci_high=high)


def _row(term: str, p: float, regression: Regression | None, label: str, info: StudyInfo, exhibit: str) -> pd.DataFrame:
    assert regression is not None
    fit = regression.fit
    return normalise(pd.DataFrame([{
        "study": info.study, "exhibit": exhibit, "column": label, "term": term, "estimate": p, "p": p,
        "n_obs": fit.n_obs, "n_units": fit.n_units, "n_clusters": fit.n_clusters, "vcov": fit.vcov_kind,
        "seed": info.seed,
    }]))  # fmt: skip


def _drawn(usable: Sequence[tuple[str, ClusterSums, Any]], draws: int) -> str:
    """Say how many draws each column had: all sign patterns where these are no more than the draws asked for."""
    most = max((len(sums.labels) for _, sums, _ in usable), default=60)
    return f"all sign patterns of {most} clusters" if most < 60 and draws >= 2**most else f"{draws} draws"
