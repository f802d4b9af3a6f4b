"""A regression on efficiency scores that carries the scores' own uncertainty: the second stage over the bootstrap.

Columns: the scores as they are, the bias-corrected scores, and the regression run on the plausible scores of every
replication and pooled by Rubin's rules, whose error holds both the sampling of rows and the sampling of the frontier.

The replications draw inefficiency given the same regression (``bootstrap: conditional``): a policy or an effect that
moves units towards the frontier moves them in the pseudo-samples too. Drawn from all units alike (``smoothed``), the
correction takes part of the effect for bias. What either does to a known effect stands in docs/second_stage.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.twfe import Regression, regress
from shidian.efficiency.declared import DeclaredBootstrap, bootstrap_declared, describe_model, years_sentences
from shidian.errors import EstimationError
from shidian.estimates import Fit, normalise
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings, long_with_omitted
from shidian.exhibits.efficiency.score_intervals.estimate import bootstrap_sentences
from shidian.exhibits.regression_table import Style, TableColumn, number_cell, regression_table, used_by
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo
from shidian.exhibits.samples import by_sample, model_roles, refused, roles
from shidian.exhibits.subsample import policy_sample
from shidian.inference.pooling import Pooled, pool
from shidian.inference.weights import weights_of
from shidian.ledger import ledger_frame
from shidian.messages import aside, say

SCORES, CORRECTED, POOLED = LABELS = (say("Scores"), say("Bias-corrected"), say("Over replications"))
CONDITIONAL = "conditional"
SHARE = "variance from scores, %"
"""Term of the row that holds the share of the treatment's variance that comes from the scores."""


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Bootstrap the declared model, and regress its scores three ways on the treatment and the controls.

    All rows are measured; ``sample`` restricts the regressions.
    """
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    settings = column_settings({**spec, "outcome": SCORES}, {}, 0, info)
    treatment, model = settings["treatment"], {"outcome": ()} | model_roles(spec["model"])
    conditional = spec.get("bootstrap", CONDITIONAL) == CONDITIONAL
    given = partial(_given, panel, spec, settings) if conditional else None
    try:
        boot = bootstrap_declared(panel, spec["model"], info.seed, int(spec.get("replications", 1000)), given=given)
        summary = boot.result.summary
        scored = [summary["score"].to_numpy(), summary["corrected"].to_numpy()]
        parts = [_scored(panel, summary, values, spec) for values in scored]
        plain = [_regression(part, settings) for part, _ in parts]
        plausible = boot.result.plausible()
        draws = [_regression(_scored(panel, summary, values, spec)[0], settings) for values in plausible]
        pooled = pool_regressions(draws, plain[1])
        if treatment in plain[1].omitted:
            raise EstimationError(
                say("'{name}' cannot be estimated: {why}", name=treatment, why=plain[1].omitted[treatment])
            )
    except EstimationError as error:
        return notes.refusal(exhibit, info, [treatment], error, refused(panel, roles(settings, **model)))
    used = [by_sample(r.sample, part, settings, words, **model) for r, (part, words) in zip(plain, parts, strict=True)]
    seeds = [*used, used[1].drawn(info.seed, len(plausible))]
    frames = [long_with_omitted(r, info.study, exhibit, label) for r, label in zip(plain, LABELS[:2], strict=True)]
    frames.append(_pooled_rows(pooled, plain[1], info, exhibit))
    footer = [{say("Errors of the scores"): text} for text in (say("ignored"), say("ignored"), say("carried"))]
    columns = [
        TableColumn(n, n, f, "", foot, used) for n, f, foot, used in zip(LABELS, frames, footer, seeds, strict=True)
    ]
    share = _share_row(pooled, plain[1], info, exhibit)
    ledger = [*boot.ledger, *notes.sample_ledger(exhibit, SCORES, plain[0].sample, parts[0][0])]
    terms = {name: info.label(name) for name in (treatment, *settings["controls"])}
    percent = replace(style, digits=min(2, style.digits))
    cells = (Cell(""), Cell(""), number_cell(share.iloc[0], POOLED, SHARE, "estimate", percent))
    base = plain[0].fit
    text = [
        *describe_model(boot.measured, info.labels),
        *years_sentences(spec["model"]),
        *(_conditional_sentences(boot, info) if conditional else bootstrap_sentences(boot, info, 0.95)[:1]),
        say(
            "{column}: the regression on the plausible scores of each replication, score²/draw, pooled by Rubin's "
            "rules (Barnard-Rubin degrees of freedom {df:.1f}).",
            column=POOLED,
            df=pooled.df,
        ),
        notes.effects_sentence(settings["fixed_effects"], info),
        notes.errors_sentence(base, info, style.errors_words(base.df)),
        *notes.weights_sentences(settings, plain[0].sample, info),
        notes.sample_sentence(base, info),
        notes.stars_sentence(style.stars),
        *notes.simulated_sentence(info),
    ]
    return ExhibitResult(
        pd.concat([*frames, share], ignore_index=True),
        regression_table(columns, terms, style, ["n_obs", "r2"], [Row(say("Variance from scores, %"), cells)]),
        notes=tuple(text), ledger=ledger_frame(ledger), warnings=(*boot.warnings, *plain[0].warnings),
        used=used_by(columns),
    )  # fmt: skip


def _given(
    panel: pd.DataFrame, spec: Mapping[str, Any], settings: Mapping[str, Any], rows: pd.DataFrame
) -> tuple[np.ndarray, float]:
    """Regress inefficiency ``u`` of unit-years as the scores; return its fitted values, and their error's deviation."""
    part, _ = _scored(panel, rows, rows["u"].to_numpy(), spec)
    found = _regression(part, settings)
    weights = 1.0 if found.row_weights is None else np.sqrt(found.row_weights)
    used, residuals = part.loc[found.sample.rows], found.residuals / weights
    fitted = used[["unit", "year"]].assign(fitted=used[SCORES].to_numpy() - residuals)
    return (
        rows.merge(fitted, on=["unit", "year"], how="left")["fitted"].to_numpy(dtype=float),
        float(np.sqrt(np.mean(residuals**2))),
    )


def _conditional_sentences(boot: DeclaredBootstrap, info: StudyInfo) -> list[str]:
    return [
        say(
            "Bootstrap of the frontier, {n:,} replications, seed {seed}: inefficiency is drawn around the same "
            "regression of the proportional distance to the frontier, from a normal distribution cut off at zero, as "
            "in Algorithm 2 of Simar & Wilson (2007), by least squares.",
            n=len(boot.result.draws),
            seed=info.seed,
        ),
        aside(
            say(
                "In simulated panels with a known effect, where the best units stayed as near to the true frontier as "
                "they were, the effect on Super-SBM scores was right and that on scores of at most 1, as here, 3% too "
                "small; no correction brought it nearer (docs/second_stage.md)."
            )
        ),
    ]


def _scored(
    panel: pd.DataFrame, summary: pd.DataFrame, values: np.ndarray, spec: Mapping[str, Any]
) -> tuple[pd.DataFrame, str]:
    """Return the rows of the regressions with one set of scores, given in the order of the summary; their words."""
    scores = summary[["unit", "year"]].assign(**{SCORES: values})
    scored = panel.merge(scores, on=["unit", "year"], how="left").set_axis(panel.index)
    return policy_sample(scored, {**spec, "outcome": SCORES})


def _regression(part: pd.DataFrame, settings: Mapping[str, Any]) -> Regression:
    """Regress the scores on the treatment and the controls."""
    return regress(
        part, SCORES, [settings["treatment"], *settings["controls"]], settings["fixed_effects"], settings["vcov"],
        settings["ssc"], singletons=settings["singletons"], weights=weights_of(settings),
    )  # fmt: skip


def pool_regressions(draws: list[Regression], base: Regression) -> Pooled:
    """Pool the regressions of the replications; all must estimate the same terms.

    Raises:
        EstimationError: replications whose terms differ, as where missing scores leave a regressor without variation.
    """
    if any(draw.fit.terms != base.fit.terms for draw in draws):
        raise EstimationError(
            say("the replications do not estimate the same terms: too many of their scores are missing")
        )
    return pool(np.array([d.fit.coef for d in draws]), np.array([_own_vcov(d.fit) for d in draws]), base.fit.df)


def _own_vcov(fit: Fit) -> np.ndarray:
    """Return the covariance, nan where a term's own variance was negative: Rubin's rules have no mean of those."""
    if fit.unadjusted is None:
        return fit.vcov
    negative = np.diag(fit.unadjusted) < 0
    return np.where(negative[:, None] | negative[None, :], np.nan, fit.vcov)


def _pooled_rows(pooled: Pooled, base: Regression, info: StudyInfo, exhibit: str) -> pd.DataFrame:
    fit = base.fit
    combined = Fit(
        terms=fit.terms, coef=pooled.coef, vcov=pooled.vcov, df=pooled.df, n_obs=fit.n_obs, n_units=fit.n_units,
        n_clusters=fit.n_clusters, n_singletons=fit.n_singletons, n_missing=fit.n_missing,
        vcov_kind=say("{kind}, pooled over replications", kind=fit.vcov_kind), ssc=fit.ssc, seed=info.seed,
        n_singletons_kept=fit.n_singletons_kept, floor=fit.floor,
    )  # fmt: skip
    return combined.long(info.study, exhibit, POOLED)


def _share_row(pooled: Pooled, base: Regression, info: StudyInfo, exhibit: str) -> pd.DataFrame:
    row = {"study": info.study, "exhibit": exhibit, "column": POOLED, "term": SHARE, "seed": info.seed}
    share = 100 * float(pooled.share[0])
    reason = "" if share == share else say("'{name}' has no variance to share", name=base.fit.terms[0])
    return normalise(pd.DataFrame([{**row, "estimate": share, "n_obs": base.fit.n_obs, "reason": reason}]))
