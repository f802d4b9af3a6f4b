"""Which spatial model: LM and robust LM tests, LR and Wald tests of SDM, Hausman tests, and the decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.regression_table import DASH, Style
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.samples import refused
from shidian.exhibits.spatial.spatial_did.estimate import LEE_YU_WORDS
from shidian.exhibits.spatial.spatial_inputs import Inputs, effects_of, prepare, regressors_of, spatial_roles
from shidian.ledger import about, ledger_frame, ledger_row
from shidian.messages import aside, joined, say
from shidian.spatial.hausman import FORMS, PACE_LESAGE, hausman, mundlak, pace_lesage, regression_form
from shidian.spatial.lm import ChiSquared, lm_tests
from shidian.spatial.logdet import LogDeterminant, log_determinant
from shidian.spatial.models import fit_spatial
from shidian.spatial.selection import decision, likelihood_ratio, wald_sar, wald_sem
from shidian.spatial.weights import Weights

COLUMN = "χ²"


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Run all tests on one sample with one W."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    regressors = regressors_of(spec, info)
    try:
        inputs = prepare(panel, spec, info, [spec["outcome"], *regressors], exhibit)
        tests, chosen = all_tests(inputs, spec, regressors)
    except EstimationError as error:
        return notes.refusal(exhibit, info, [COLUMN], error, refused(panel, spatial_roles(spec, info)), COLUMN)
    n, units = len(inputs.panel), inputs.weights.n
    lines = [ledger_row(say("estimation"), about(exhibit, t.name), t.reason) for t in tests if t.reason]
    return ExhibitResult(
        estimates=pd.concat([_long(t, info, exhibit, n, units) for t in tests], ignore_index=True),
        table=_table(tests, style),
        notes=(
            say(
                "Outcome {outcome}; regressors {regressors}.",
                outcome=info.label(spec["outcome"]), regressors=[info.label(r) for r in regressors],
            ),
            *inputs.sentences, notes.effects_sentence(spec["fixed_effects"], info),
            say("LM, LR and Wald tests: {how}.", how=LEE_YU_WORDS[spec.get("lee_yu", "transformation")]),
            *_hausman_sentences(tests),
            say("Decision at 5%: {decision}.", decision=chosen), *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame([*inputs.ledger, *lines]),
        warnings=tuple(say("{test}: {why}", test=t.name, why=t.reason) for t in tests if t.reason),
        used={COLUMN: inputs.used},
    )  # fmt: skip


def all_tests(inputs: Inputs, spec: Mapping[str, Any], regressors: list[str]) -> tuple[list[ChiSquared], str]:
    """Return the tests in the order of the table, and the decision in words."""
    effects, lee_yu = effects_of(spec["fixed_effects"]), spec.get("lee_yu", "transformation")
    panel, outcome, W = inputs.panel, spec["outcome"], inputs.weights
    logdet = log_determinant(W)
    lm = lm_tests(panel, outcome, regressors, W, effects, lee_yu)
    models: tuple[Any, ...] = ("sar", "sem", "sdm")
    sar, sem, sdm = (
        fit_spatial(panel, outcome, regressors, W, m, effects=effects, lee_yu=lee_yu, logdet=logdet) for m in models
    )
    lr = likelihood_ratio(sdm, sar), likelihood_ratio(sdm, sem)
    tests = [*lm, *lr, wald_sar(sdm), wald_sem(sdm)]
    words = [decision(*lr, lm)]
    if effects in ("unit", "twoway"):
        kind: Any = effects
        forms = [f(panel, outcome, regressors, W, "sdm", kind, logdet) for f in (hausman, mundlak)]
        usable = next((test for test in forms if not test.reason), None)
        words.append(_effects_chosen(usable))
        tests += [*forms, *error_form(panel, outcome, regressors, W, kind, logdet)]
    ols = fit_spatial(panel, outcome, regressors, W, "ols", effects=effects, lee_yu=lee_yu)
    return [*tests, pace_lesage(ols, sem, panel, outcome, regressors)], joined(words, "clauses")


def _effects_chosen(hausman_test: ChiSquared | None) -> str:
    if hausman_test is None:
        return say("neither Hausman test decides between fixed and random effects")
    rejected = hausman_test.p < 0.05
    return say("fixed effects") if rejected else say("random effects are not rejected against fixed ones")


def error_form(
    panel: pd.DataFrame, outcome: str, regressors: list[str], W: Weights, effects: Any, logdet: LogDeterminant
) -> list[ChiSquared]:
    """Return the Hausman test of SEM in both forms; where SEM cannot be fitted, the reason in their place."""
    found = []
    for test, name in ((hausman, FORMS["sem"]), (mundlak, regression_form("sem"))):
        try:
            found.append(test(panel, outcome, regressors, W, "sem", effects, logdet))
        except EstimationError as error:
            found.append(ChiSquared(name, float("nan"), len(regressors), str(error)))
    return found


def _hausman_sentences(tests: list[ChiSquared]) -> list[str]:
    """Return what the Hausman tests compare, as far as there are any."""
    sentences = {
        FORMS["sdm"]: aside(
            say(
                "Hausman: SDM with fixed against random unit effects, direct approach; the null is that random effects "
                "are consistent."
            )
        ),
        FORMS["sem"]: aside(
            say(
                "Hausman, SEM: the same of the error model, its unit effects lagged in space like the errors; the "
                "slopes are compared."
            )
        ),
        PACE_LESAGE: aside(
            say(
                "Pace and LeSage (2008): least squares against SEM, both with the fixed effects; a rejection says that "
                "SEM is not the model."
            )
        ),
    }
    return [sentence for name, sentence in sentences.items() if any(test.name == name for test in tests)]


def _long(test: ChiSquared, info: StudyInfo, exhibit: str, n_obs: int, n_units: int) -> pd.DataFrame:
    if test.reason:
        return missing(info.study, exhibit, COLUMN, test.name, test.reason)
    row = {
        "study": info.study, "exhibit": exhibit, "column": COLUMN, "term": test.name, "estimate": test.statistic,
        "statistic": test.statistic, "p": test.p, "df": test.df, "n_obs": n_obs, "n_units": n_units,
    }  # fmt: skip
    return normalise(pd.DataFrame([row]))


def _table(tests: list[ChiSquared], style: Style) -> Table:
    rows = []
    for test in tests:
        if test.reason:
            rows.append(Row(test.name, (Cell(DASH, (COLUMN, test.name, "reason")), Cell(str(test.df)), Cell(DASH))))
            continue
        rows.append(Row(test.name, (
            Cell(style.number(test.statistic) + style.mark(test.p), (COLUMN, test.name, "estimate")),
            Cell(str(test.df)), Cell(style.p(test.p), (COLUMN, test.name, "p")),
        )))  # fmt: skip
    return Table((((say("Test"), 1), (COLUMN, 1), (say("df"), 1), ("p", 1)),), tuple(rows))
