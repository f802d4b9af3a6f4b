"""``model`` in tables and event studies: printed, said, drawn, refused by ``check``, handed to a second program."""

import numpy as np
import pandas as pd
import pytest
from shidian.audit.replication.r_scripts import r_script
from shidian.audit.replication.stata_scripts import do_file
from shidian.audit.replication.tables import models_of
from shidian.did.nonlinear.fit import regress_mean
from shidian.errors import StudyError
from shidian.study.resolve import resolve_exhibits

from tests.did.test_nonlinear import CLUSTER, panel
from tests.exhibits.exhibit_checks import check_exhibit, run_exhibit, value
from tests.kinds.example_panel import INFO

STUDY = {"outcome": "n", "controls": ["x"], "fixed_effects": ["unit", "year"], "vcov": CLUSTER, "ssc": "reghdfe"}
COLUMNS = [
    {}, {"model": "poisson"}, {"outcome": "b", "model": "logit"},
    {"outcome": "b", "model": "probit", "fixed_effects": []}, {"outcome": "b", "model": "lpm"},
]  # fmt: skip


def dated(frame: pd.DataFrame) -> pd.DataFrame:
    treated = frame.groupby("unit")["did"].transform("max") > 0
    years = pd.Series(pd.array(np.full(len(frame), 2005), dtype="Int64"), index=frame.index)
    return frame.assign(adoption_year=years.mask(~treated))


PANEL = dated(panel())


def table(frame=PANEL, kind="did_table", **declared):
    return run_exhibit(kind, frame, declared, STUDY, INFO)


def cells(result, label):
    (row,) = [row for row in result.table.rows if row.label == label]
    return [cell.text for cell in row.cells]


def test_a_table_prints_each_model_with_its_margins_beside_least_squares():
    result = table(columns=COLUMNS)
    check_exhibit("did_table", result, INFO)
    for column, model, outcome in (("(2)", "poisson", "n"), ("(3)", "logit", "b")):
        fit = regress_mean(PANEL, outcome, ["did", "x"], STUDY["fixed_effects"], model, CLUSTER)
        assert value(result, column, "did") == fit.fit.coef[0]
        assert value(result, column, "did", "se") == fit.fit.se[0]
        assert np.isinf(value(result, column, "did", "df"))
        assert value(result, column, "did: average marginal effect") == fit.margins.coef[0]
        assert value(result, column, "did: average marginal effect", "se") == fit.margins.se[0]
        assert value(result, column, "pseudo R2") == fit.pseudo_r2
        assert value(result, column, "separated rows") == fit.sample.n_separated
    labels = [row.label for row in result.table.rows]
    assert labels[:6] == ["Pilot", "", "Pilot: average marginal effect", "", "Pilot: semi-elasticity", ""]
    assert cells(result, "Pilot: average marginal effect")[0] == ""
    assert cells(result, "Pilot: semi-elasticity")[2:] == ["", "", ""]
    assert cells(result, "R²")[1:4] == ["—", "—", "—"]
    assert cells(result, "Pseudo R²")[0] == cells(result, "Pseudo R²")[4] == ""
    said = " ".join(result.notes)
    assert "Column (2): Poisson pseudo maximum likelihood (PPML): coefficients are log points." in said
    assert "Column (3): Logit by maximum likelihood: coefficients are log odds." in said
    assert "Column (5): Linear probability model: least squares on a 0/1 outcome; " in said
    assert "Column (3): Fixed effects of a logit bias its coefficients" in said
    assert not any("Column (2): Fixed effects of" in note for note in result.notes)
    assert any("a logit with fixed effects of city, 8 rows each at the median" in text for text in result.warnings)


def test_separated_rows_are_in_note_ledger_table_and_trace():
    frame = PANEL.assign(n=PANEL["n"].where(~PANEL["unit"].isin(["u03", "u07"]), 0.0))
    result = table(frame, columns=[{"model": "poisson"}])
    assert "16 rows left out as separated: no finite estimate fits them." in result.notes
    (line,) = result.ledger[result.ledger["reason"] == "separated"].to_dict("records")
    assert (line["units"], line["rows"]) == (2, 16)
    used = result.used["(1)"]
    assert (used.n_separated, len(used.rows), len(used.declared)) == (16, 304, 320)
    assert cells(result, "Separated rows") == ["16"]
    assert "R²" not in [row.label for row in result.table.rows]


def test_a_table_takes_the_model_of_the_exhibit_and_a_column_its_own():
    result = table(columns=[{}, {"model": "ols"}], model="poisson")
    assert np.isinf(value(result, "(1)", "did", "df"))
    assert np.isfinite(value(result, "(2)", "did", "df"))
    varied = table(kind="variations", baseline={"model": "poisson"}, variations=[{"controls": []}])
    assert value(varied, "Baseline", "did") == value(result, "(1)", "did")
    mixed = table(kind="mixed_table", columns=[{"model": "poisson"}, {"matching": {"base": "pooled"}}])
    assert value(mixed, "(1)", "did") == value(result, "(1)", "did")


def test_products_of_the_treatment_have_no_marginal_effect():
    result = table(columns=[{"model": "poisson", "interactions": ["x"], "controls": ["w"]}])
    terms = set(result.estimates["term"])
    assert "w: average marginal effect" in terms
    assert not {f"{name}: average marginal effect" for name in ("did", "x", "x × did")} & terms


def test_an_event_study_is_fitted_by_the_model_and_drawn_in_its_scale():
    result = table(kind="event_study", window=[-3, 2], model="poisson")
    check_exhibit("event_study", result, INFO)
    tau = (PANEL["year"] - PANEL["adoption_year"].astype("float64")).clip(-3, 2)
    names = {k: f"t{k + 3}" for k in (-3, -2, 0, 1, 2)}
    data = PANEL.assign(**{name: (tau == k) * 1.0 for k, name in names.items()})
    fit = regress_mean(data, "n", [*names.values(), "x"], STUDY["fixed_effects"], "poisson", CLUSTER)
    for n, k in enumerate(names):
        assert value(result, "event study", f"tau{k:+d}") == pytest.approx(fit.fit.coef[n], rel=1e-9)
    assert result.figure.options["outcome"] == "n (log points)"
    test = value(result, "event study", "joint pre-trend test (F)", "p")
    assert 0 < test < 1
    assert any("F(2, ∞) = " in note for note in result.notes)


def test_the_base_of_an_event_study_is_one_of_the_rows_that_are_not_separated():
    """No treated unit has an event in the year before adoption: the rows of the base are separated."""
    treated = PANEL["adoption_year"].notna()
    frame = PANEL.assign(n=PANEL["n"].where(~(treated & (PANEL["year"] == 2004)), 0.0))
    result = table(frame, kind="event_study", window=[-3, 2], model="poisson")
    points = result.figure.data["points"].set_index("tau")["is_reference"]
    assert points[points].index.tolist() == [-2]
    assert value(result, "event study", "separated rows") == 20
    rest = table(
        frame[~(treated & (frame["year"] == 2004))].reset_index(drop=True), kind="event_study", window=[-3, 2],
        reference=-2, model="poisson",
    )  # fmt: skip
    for tau in ("tau-3", "tau+0", "tau+2"):
        assert value(result, "event study", tau) == pytest.approx(value(rest, "event study", tau), rel=1e-8)


REFUSED = {
    "bootstrap": ("did_table", {"wild_bootstrap": {"draws": 99}}, {}, "'wild_bootstrap' is of least squares"),
    "romano": ("variations", {"romano_wolf": {"draws": 99}, "variations": [{}]}, {}, "'romano_wolf' is of least"),
    "hausman": ("did_table", {"hausman": True}, {}, "'hausman' is of least squares"),
    "equal": ("did_table", {"equal": [["(1)", "(2)"]]}, {}, "'equal' is of least squares"),
    "convention": ("did_table", {"ssc": "xtreg"}, {}, "'ssc: xtreg' is of least squares .* write ssc: reghdfe"),
    "relative": ("did_table", {"weights": "w", "vcov": {"kind": "iid"}}, {}, "analytic weights with 'model: poisson'"),
    "matched": ("mixed_table", {}, {"matching": {}}, "'model: poisson' and 'matching' are two estimators"),
    "instruments": ("mixed_table", {}, {"instruments": ["w"]}, "'model: poisson' and 'instruments' are two estimators"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_nonlinear_model_does_not_go_with_is_refused_by_check(case):
    kind, keys, column, message = REFUSED[case]
    columns = {} if "variations" in keys else {"columns": [{}, {"model": "poisson", **column}]}
    model = {"model": "poisson"} if "variations" in keys else {}
    with pytest.raises(StudyError, match=rf"exhibit 'my_{kind}'.*{message}"):
        run_exhibit(kind, PANEL, {**columns, **model, **keys}, STUDY, INFO)


@pytest.mark.parametrize(
    ("kind", "declared"),
    [
        ("placebo", {"model": "poisson", "draws": 9}),
        ("iv_table", {"model": "logit", "endogenous": ["did"], "instruments": ["w"], "columns": [{}]}),
        ("psm_did", {"columns": [{"model": "poisson"}]}),
        ("staggered_did", {"model": "lpm", "window": [-2, 2]}),
    ],
)
def test_a_kind_without_models_says_which_kinds_have_them(kind, declared):
    message = (
        rf"exhibit 'my_{kind}': the kind {kind} is one of least squares and takes no 'model: \w+'; ddd, did_table, "
    )
    with pytest.raises(StudyError, match=message + "event_study, heterogeneity, mixed_table and variations take it"):
        run_exhibit(kind, PANEL, declared, STUDY, INFO)


def test_the_model_of_an_efficiency_exhibit_is_still_its_own():
    study = {"efficiency": {"score": {"inputs": ["x"], "outputs": ["w"]}}, "years": {"first": 2001, "last": 2008}}
    exhibit = {"id": "e", "kind": "efficiency_scores", "model": "scores"}
    with pytest.raises(StudyError, match=r"there is no model 'scores' under 'efficiency' \(did you mean 'score'\?\)"):
        resolve_exhibits({**study, "exhibits": [exhibit]}, {})


def test_another_program_gets_the_rows_of_the_fit_and_the_command_of_the_model():
    frame = PANEL.assign(n=PANEL["n"].where(PANEL["unit"] != "u03", 0.0))
    columns = [
        {"model": "poisson"}, {"model": "poisson", "vcov": {"kind": "iid"}},
        {"model": "logit", "outcome": "b", "ssc": "fixest"}, {"model": "probit", "outcome": "b"},
        {"model": "probit", "outcome": "b", "ssc": "fixest", "weights": "w"},
        {"model": "logit", "outcome": "b", "vcov": {"kind": "cluster", "by": ["unit", "year"]}},
    ]  # fmt: skip
    spec = {"id": "t", "kind": "did_table", **STUDY, "columns": columns}
    result = table(frame, columns=columns)
    models = models_of(frame, spec, INFO, result.used)
    assert len(models[0].frame) == 312
    assert [m.family for m in models] == ["poisson", "poisson", "logit", "probit", "probit", "logit"]
    files = {m.column: f"t_{n}" for n, m in enumerate(models)}
    do = do_file("t", models, files, {"(3)": (11, 1)})
    for command in (
        "ppmlhdfe n did x, absorb(unit_id year_id) separation(none) vce(cluster unit_id)",
        "poisson n did x i.unit_id i.year_id, vce(oim)",
        "logit b did x i.unit_id i.year_id, vce(cluster unit_id)\n* fixest counts 11 parameters, Stata's command 1",
        "probit b did x i.unit_id i.year_id, vce(cluster unit_id)",
        "glm b did x i.unit_id i.year_id [pweight=w], family(binomial) link(probit) irls vce(cluster unit_id)",
        "* (6): two ways of clustering, which Stata's logit has not",
    ):
        assert command in do, command
    assert do.count("scalar scale = sqrt((e(N) - 1) / (e(N) - 11))") == 1
    script = r_script("t", models, files)
    assert script.count('family = "poisson"') == 2
    assert script.count('family = "probit"') == 2
