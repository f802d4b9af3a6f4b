"""``model`` in heterogeneity tables: groups fitted apart, the test of equal effects, separated rows, other programs."""

import numpy as np
import pytest
from scipy import stats
from shidian.audit.replication.tables import models_of
from shidian.did.nonlinear.fit import regress_mean
from shidian.errors import StudyError

from tests.did.test_nonlinear import CLUSTER
from tests.exhibits.exhibit_checks import check_exhibit, run_exhibit, value
from tests.exhibits.test_outcome_models import INFO, PANEL, STUDY, cells

SPLIT = {"variable": "big", "label": "Size"}
FRAME = PANEL.assign(big=(PANEL["unit"].rank(method="dense") // 5 % 2).astype(int))
MODELS = [("poisson", "n"), ("logit", "b"), ("probit", "b")]


def table(frame=FRAME, **declared):
    return run_exhibit("heterogeneity", frame, {"splits": [SPLIT], **declared}, STUDY, INFO)


@pytest.mark.parametrize(("model", "outcome"), MODELS)
def test_groups_are_the_regressions_of_their_rows(model, outcome):
    result = table(model=model, outcome=outcome)
    check_exhibit("heterogeneity", result, INFO, ("Size",))
    effects, variances, clusters = [], [], 0
    for group in (0, 1):
        mine = FRAME[FRAME["big"] == group]
        fit = regress_mean(mine, outcome, ["did", "x"], STUDY["fixed_effects"], model, CLUSTER)
        column = f"Size: {group}"
        for field, number in (("estimate", fit.fit.coef[0]), ("se", fit.fit.se[0]), ("n_obs", fit.fit.n_obs)):
            assert value(result, column, "did", field) == pytest.approx(number, rel=1e-8), field
        assert value(result, column, "did: average marginal effect") == pytest.approx(fit.margins.coef[0], rel=1e-8)
        assert value(result, column, "pseudo R2") == pytest.approx(fit.pseudo_r2, rel=1e-8)
        n = fit.fit.n_clusters
        effects.append(fit.fit.coef[0])
        variances.append(fit.fit.se[0] ** 2 * (n - 1) / n)
        clusters += n  # groups are independent: the joint factor is that of the clusters of both
    chi2 = (effects[0] - effects[1]) ** 2 / (sum(variances) * clusters / (clusters - 1))
    assert value(result, "Size: 0", "equal effects", "p") == pytest.approx(stats.chi2.sf(chi2, 1), rel=1e-6)
    assert cells(result, "Pseudo R²") != ["", ""]
    assert "R²" not in [row.label for row in result.table.rows]


@pytest.mark.parametrize(("model", "outcome"), MODELS)
def test_interactions_are_one_regression_of_all_rows(model, outcome):
    result = table(model=model, outcome=outcome, splits=[{**SPLIT, "form": "interaction"}])
    check_exhibit("heterogeneity", result, INFO, ("Size",))
    terms = {f"did | {g}": FRAME["did"] * (FRAME["big"] == g) for g in (0, 1)}
    fit = regress_mean(
        FRAME.assign(**terms), outcome, [*terms, "x"], STUDY["fixed_effects"], model, CLUSTER, plain=["x"]
    )
    for n, term in enumerate(terms):
        assert value(result, "Size", term) == pytest.approx(fit.fit.coef[n], rel=1e-8)
    assert not result.estimates["term"].str.contains(r"did \| .*marginal").any()


def test_what_belongs_to_least_squares_is_refused():
    with pytest.raises(StudyError, match="'wild_bootstrap' is of least squares and does not go with 'model: poisson'"):
        table(model="poisson", outcome="n", wild_bootstrap={"draws": 99})


def test_separated_rows_are_counted_and_handed_on_without():
    frame = FRAME.assign(n=FRAME["n"].where(FRAME["unit"] != "u03", 0.0))
    result = table(frame, model="poisson", outcome="n")
    group = int(frame.loc[frame["unit"] == "u03", "big"].iloc[0])
    assert value(result, f"Size: {group}", "separated rows") == 8
    assert result.used[f"Size: {group}"].n_separated == 8
    spec = {"id": "t", "kind": "heterogeneity", **STUDY, "splits": [SPLIT], "model": "poisson", "outcome": "n"}
    models = {one.column: one for one in models_of(frame, spec, INFO, result.used)}
    assert {one.family for one in models.values()} == {"poisson"}
    rows = [len(models[f"Size: {g}"].frame) for g in (0, 1)]
    assert rows == [value(result, f"Size: {g}", "did", "n_obs") for g in (0, 1)]
    assert np.sum(rows) == len(frame) - 8
