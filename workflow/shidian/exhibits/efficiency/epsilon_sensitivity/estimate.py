"""How much efficiency scores hang on the shift of the entropy indices among their inputs and outputs.

SBM is not translation invariant, and min-max indices touch zero: the small constant that keeps their logarithms
finite decides how far the lowest unit lies from the frontier.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from shidian.efficiency.declared import describe_model, measure_declared, years_sentences
from shidian.efficiency.leave_outs import unit_names
from shidian.efficiency.result import Efficiency
from shidian.errors import no_column
from shidian.exhibits import notes
from shidian.exhibits.efficiency.efficiency_variables.estimate import unused_index
from shidian.exhibits.efficiency.epsilon_effect import effect_words, effects_by_epsilon, with_effects
from shidian.exhibits.numbers_table import numbers_table
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.exhibits.samples import by_rows, model_roles, unit_years
from shidian.indicators.entropy_index import entropy_index
from shidian.ledger import ledger_frame
from shidian.messages import say

DEFAULT = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Measure the declared model with its entropy indices formed at each of ``epsilons``, beside ``baseline``.

    ``indices`` maps the name of an index among the model's variables to its indicators (name -> benefit or cost).
    Unless ``effect`` is false, the scores of each ε are regressed on the treatment as the study's outcome is.
    """
    epsilons = sorted({*map(float, spec.get("epsilons", DEFAULT)), float(spec.get("baseline", 1e-4))}, reverse=True)
    baseline = float(spec.get("baseline", 1e-4))
    style, exhibit = Style.of(spec), notes.exhibit_id(spec)
    results = {epsilon: scores_at(panel, spec, epsilon) for epsilon in epsilons}
    base = _by_row(results[baseline][0])
    frame = pd.DataFrame.from_dict(
        {f"{epsilon:g}": _row(result, base) for epsilon, (result, _) in results.items()}, orient="index"
    )
    estimates, table = numbers_table(frame, info.study, exhibit, "ε", style, ("Efficient", "Missing"))
    indicators = [name for polarity in spec["indices"].values() for name in polarity]
    variables = model_roles(spec["model"]) | {"indicators": indicators}
    measured = unit_years(panel, base.index.to_frame(index=False))
    used = dict.fromkeys(estimates["column"], by_rows(measured, panel, variables))
    result, ledger = results[baseline]
    warnings: tuple[str, ...] = (*_rank_warnings(frame), *result.infeasible_warnings(unit_names(panel)))
    sentences: list[str] = []
    if spec.get("effect", True):
        scores = {f"{epsilon:g}": _by_row(found) for epsilon, (found, _) in results.items()}
        effects = effects_by_epsilon(panel, scores, spec, info)
        estimates = pd.concat([estimates, *(e.estimates for e in effects.values())], ignore_index=True)
        used |= {e.column: e.used for e in effects.values()}
        table = with_effects(table, effects, info, style)
        ledger = [*ledger, *effects[f"{baseline:g}"].ledger]
        sentences, warned = effect_words(effects, f"{baseline:g}", spec, info, style)
        warnings += warned
    text = [
        *describe_model(result, info.labels),
        *years_sentences(spec["model"]),
        say(
            "Entropy indices over all rows, min-max normalised and shifted by ε: {names}.",
            names=[info.label(name) for name in spec["indices"]],
        ),
        say("Rank and change against the scores at ε = {baseline:g}.", baseline=baseline),
        *sentences,
        *notes.simulated_sentence(info),
    ]
    return ExhibitResult(estimates, table, notes=tuple(text), ledger=ledger_frame(ledger), warnings=warnings, used=used)


def scores_at(panel: pd.DataFrame, spec: Mapping[str, Any], epsilon: float) -> tuple[Efficiency, list[dict[str, Any]]]:
    """Return the result of the model with its indices shifted by ``epsilon``, and its ledger lines."""
    model = spec["model"]
    used = [name for role in ("inputs", "desirable", "undesirable") for name in np.atleast_1d(model.get(role, []))]
    columns = {}
    labelled = panel.set_index(["unit", "year"])
    for name, polarity in spec["indices"].items():
        if name not in used:
            raise unused_index(name, used)
        for indicator in polarity:
            if indicator not in panel.columns:
                raise no_column(indicator, panel.columns)
        index = entropy_index(labelled[list(polarity)], polarity, epsilon=epsilon, missing=spec.get("missing", "error"))
        columns[name] = index.score.to_numpy()
    declared = measure_declared(panel.assign(**columns), model)
    return declared.result, declared.ledger


def _by_row(result: Efficiency) -> pd.Series:
    """Return scores by unit and year, averaged over windows."""
    return result.scores().groupby(["unit", "year"], sort=True)["score"].mean()


def _row(result: Efficiency, base: pd.Series) -> dict[str, float]:
    scores = result.scores()
    both = pd.concat([_by_row(result), base], axis=1, keys=["score", "base"]).dropna()
    change = (both["score"] - both["base"]).abs()
    return {
        say("Mean"): scores["score"].mean(), say("SD"): scores["score"].std(ddof=1),
        say("Efficient"): int(scores["efficient"].sum()), say("Missing"): int(scores["score"].isna().sum()),
        say("Rank correlation"): float(stats.spearmanr(both["score"], both["base"]).statistic),
        say("Mean change"): change.mean(), say("Largest change"): change.max(),
    }  # fmt: skip


def _rank_warnings(frame: pd.DataFrame) -> tuple[str, ...]:
    low = frame["Rank correlation"].min()
    if low < 0.95:
        return (say("The ranks of scores depend on ε: their correlation falls to {low:.3f}.", low=low),)
    return ()
