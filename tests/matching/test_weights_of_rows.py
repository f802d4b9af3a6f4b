"""Weights of rows in PSM-DID: pyfixest on the rows that were matched, each with its weight or the product of both."""

import numpy as np
import pyfixest as pf
import pytest
from shidian.audit.replication.tables import models_of
from shidian.errors import StudyError
from shidian.study.resolve import resolve_exhibits

from tests.exhibits.exhibit_checks import check_exhibit, run_exhibit, value
from tests.kinds.example_panel import INFO, example_panel

CLUSTER = {"kind": "cluster", "by": "unit"}
STUDY = {"outcome": "y", "controls": ["x"], "fixed_effects": ["unit", "year"], "vcov": CLUSTER, "ssc": "reghdfe"}
PANEL = example_panel().assign(pop=lambda d: 1 + np.arange(len(d)) % 7)
KEEPS = ("matched", "support", "frequency", "analytic")
COLUMNS = [{"label": keep, "keep": keep} for keep in KEEPS]
MATCHING = {"covariates": ["x", "gdp"], "neighbours": 2}


def table(panel=PANEL, kind="psm_did", weights="pop", columns=COLUMNS, **declared):
    more = MATCHING if kind == "psm_did" else {}
    return run_exhibit(kind, panel, {"columns": columns, "weights": weights, **more, **declared}, STUDY, INFO)


def peer(rows, weights):
    exact = pf.MapDemeaner(fixef_tol=1e-13, fixef_maxiter=100_000)
    return pf.feols(
        "y ~ did + x | unit + year", rows, vcov={"CRV1": "unit"}, weights=weights,
        ssc=pf.ssc(k_fixef="nonnested", G_df="conventional"), demeaner=exact,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["psm_did", "mixed_table"])
def test_each_way_to_keep_rows_is_a_weighted_regression(kind):
    columns = COLUMNS
    if kind == "mixed_table":
        columns = [{"label": keep, "matching": {**MATCHING, "keep": keep}} for keep in KEEPS]
    result = table(kind=kind, columns=columns)
    check_exhibit(kind, result, INFO)
    spec = {"id": f"my_{kind}", "kind": kind, **STUDY, **MATCHING, "columns": columns, "weights": "pop"}
    if kind == "mixed_table":
        spec = {key: kept for key, kept in spec.items() if key not in MATCHING}
    models = {one.column: one for one in models_of(PANEL, spec, INFO, result.used)}
    for keep in KEEPS:
        handed = models[keep]
        fit = peer(handed.frame, handed.weights)
        assert value(result, keep, "did") == pytest.approx(fit.coef()["did"], rel=1e-8), keep
        assert value(result, keep, "did", "se") == pytest.approx(fit.se()["did"], rel=1e-8), keep
        assert value(result, keep, "did", "n_obs") == len(handed.frame)


def test_weights_are_products_and_scores_have_none():
    plain, found = table(weights=None), table()
    bias = plain.estimates["term"].str.startswith("bias")
    assert found.estimates[bias].equals(plain.estimates[bias])
    spec = {"id": "my_psm_did", "kind": "psm_did", **STUDY, **MATCHING, "columns": COLUMNS}
    bare = {one.column: one for one in models_of(PANEL, spec, INFO, plain.used)}
    own = {one.column: one for one in models_of(PANEL, {**spec, "weights": "pop"}, INFO, found.used)}
    product = bare["analytic"].frame[bare["analytic"].weights].to_numpy()
    ratio = own["analytic"].frame[own["analytic"].weights].to_numpy() / product
    assert set(np.round(ratio, 9)) <= set(range(1, 8))
    for keep in KEEPS:
        assert value(found, keep, "did") != pytest.approx(value(plain, keep, "did"), rel=1e-4)
    assert any("Weighted by" in note for note in found.notes)
    assert any("times the weights of the rows, which do not enter scores." in note for note in found.notes)


def test_equal_weights_change_nothing_and_the_scale_of_weights_neither():
    plain, ones, tens = (table(PANEL.assign(pop=n), weights=w) for n, w in ((1, None), (3, "pop"), (30, "pop")))
    rows = plain.estimates["term"].eq("did")
    for other in (ones, tens):
        for field in ("estimate", "se"):
            found, wanted = other.estimates.loc[rows, field], plain.estimates.loc[rows, field]
            np.testing.assert_allclose(found.astype(float), wanted.astype(float), rtol=1e-9)


def test_a_zero_weight_leaves_the_row_out_of_matching_and_regression():
    gone = PANEL.index % 11 == 0
    for keep in ("matched", "analytic"):
        result = table(PANEL.assign(pop=PANEL["pop"].mask(gone, 0)), columns=[{"label": keep, "keep": keep}])
        without = table(PANEL[~gone], columns=[{"label": keep, "keep": keep}])
        for field in ("estimate", "se"):
            assert value(result, keep, "did", field) == pytest.approx(value(without, keep, "did", field), rel=1e-10)
        assert any(f"{gone.sum()} rows of weight zero left out" in note for note in result.notes)
        assert result.ledger.loc[result.ledger["reason"] == "weight of zero", "rows"].sum() == gone.sum()


def test_frequencies_count_rows_and_go_with_rows_alone():
    result = table(
        weights={"variable": "pop", "kind": "frequency"}, columns=[{"keep": "matched"}, {"keep": "analytic"}]
    )
    assert value(result, "(1)", "did", "n_obs") > len(PANEL)
    (line,) = result.estimates.loc[result.estimates["column"].eq("(2)") & result.estimates["term"].eq("did"), "reason"]
    assert "weights of a matching are no numbers of rows: declare it analytic, or write 'keep: matched'" in line


def test_scores_alone_still_take_none():
    exhibit = {"id": "s", "kind": "psm_scores", "covariates": ["x"]}
    with pytest.raises(StudyError, match=r"psm_scores takes no weights of rows.*unweighted: true"):
        resolve_exhibits({**STUDY, "weights": "pop", "treatment": {"name": "did"}, "exhibits": [exhibit]}, {})
