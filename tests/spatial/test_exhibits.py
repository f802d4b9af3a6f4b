"""The spatial exhibit kinds: what they print is what was estimated; figures draw; bad input speaks."""

from dataclasses import replace
from functools import partial
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.regions.polygons import prefecture_outlines
from shidian.report.figures.draw import render_figure
from shidian.report.words import in_words
from shidian.spatial.distance import inverse_distance
from shidian.spatial.haversine import great_circle_km
from shidian.spatial.models import fit_spatial
from shidian.spatial.weights import normalise
from shidian.study.kinds import kinds
from shidian.variance import NO_ERROR

from tests.exhibits.exhibit_checks import check_exhibit, check_order_and_origin, run_exhibit, value
from tests.report.chinese import english_left
from tests.spatial.spatial_panels import draw_panel

INFO = StudyInfo("pilots", "city", "did", {"did": "低碳试点", "y": "碳排放"}, seed=11)
INVERSE = {"kind": "inverse_distance", "power": 2}
COMPOSITE = {"kind": "composite", "income": "pgdp", "a": 0.8, "power": 2}
MODEL = {"outcome": "y", "controls": ["x2"], "fixed_effects": ["unit", "year"]}
LINEAR = {**MODEL, "vcov": {"kind": "cluster", "by": "unit"}, "ssc": "reghdfe"}
SPECS = {
    "moran": {"outcome": "y", "weights": INVERSE, "permutations": 99, "years": [2000, 2004]},
    "spatial_selection": {**MODEL, "weights": COMPOSITE},
    "weights_summary": {"outcome": "y", "controls": ["x2"], "weights": COMPOSITE},
    "weights_choice": {**MODEL, "weights": {"kind": "composite", "income": "pgdp", "power": 2}, "grid": [0, 0.5, 1],
                       "models": ["sar", "sem", "sdm"]},
    "spatial_did": {**MODEL, "weights": COMPOSITE, "models": ["sar", "sem", "sdm"], "draws": 200, "orders": 2,
                    "vcov": {"kind": "cluster", "by": "unit"}, "lag_treatment": "all_models"},
    "spillover_rings": {**LINEAR, "edges_km": [0, 100, 200]},
    "conley": {**LINEAR, "cutoffs_km": [150, 300], "lags": 2},
    "map": {"outcome": "y", "years": [2000, 2005]},
}  # fmt: skip


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    """Sixty real cities of the south-east with simulated outcomes."""
    outlines = prefecture_outlines()
    codes = sorted(c for c in outlines if c[:2] in ("32", "33", "34", "35", "36"))[:60]
    middle = np.array([np.concatenate(outlines[c].rings).mean(axis=0) for c in codes])
    W = normalise(inverse_distance(codes, middle[:, 0], middle[:, 1], 2), "row")
    frame = draw_panel(W, 8, np.random.default_rng(8), rho=0.5).rename(columns={"x1": "did"})
    place = {c: i for i, c in enumerate(codes)}
    at = frame["unit"].map(place).to_numpy()
    first = frame[frame["did"] == 1].groupby("unit")["year"].min()
    income = np.random.default_rng(1).lognormal(size=60)
    return frame.assign(
        longitude=middle[at, 0], latitude=middle[at, 1], pgdp=income[at] * 1.02 ** (frame["year"] - 2000),
        unit_name=[outlines[c].name for c in frame["unit"]], adoption_year=frame["unit"].map(first).astype("Int64"),
    )  # fmt: skip


def run(kind, panel, info=INFO, **changes):
    return run_exhibit(kind, panel, {**SPECS[kind], **changes}, {}, info)


@pytest.mark.parametrize("kind", list(SPECS))
def test_every_printed_number_is_its_estimate(kind, panel):
    check_exhibit(kind, run(kind, panel), INFO)


@pytest.mark.parametrize("kind", list(SPECS))
def test_a_chinese_report_has_no_english_sentence(kind, panel):
    assert english_left(run(kind, panel)) == []
    refused = run(kind, panel, outcome="carbon")
    assert "carbon" in refused.notes[0]
    assert english_left(refused) == []


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("spatial_did", {"vcov": {"kind": "xsmle_robust"}, "lee_yu": "none", "demeaning": "demean_first"}),
        ("spatial_did", {"models": ["sdm"], "lee_yu": "correction", "vcov": {"kind": "xsmle_robust"}}),
        ("spatial_did", {"vcov": {"kind": "hetero"}, "parentheses": "t"}),
        ("spatial_did", {"weights": {"kind": "k_nearest", "k": 4, "normalise": "spectral"}, "lee_yu": "none"}),
        ("weights_summary", {"weights": {"kind": "inverse_distance", "cutoff_km": 90}}),
        ("weights_summary", {"weights": {"kind": "contiguity"}}),
        ("weights_summary", {"weights": {"kind": "income_nested", "income": "pgdp"}}),
        ("weights_choice", {"weights": {"kind": "composite", "income": "pgdp", "a": 0.3}}),
        ("moran", {"scatter_years": [1990]}),
        ("map", {"classes": "clusters", "weights": {"kind": "contiguity"}, "permutations": 99}),
        ("map", {"classes": "quantiles", "n_classes": 4, "outline": "ever_treated"}),
        ("map", {"years": [1990]}),
        ("conley", {"cutoffs_km": [100], "kernel": "bartlett", "parentheses": "t"}),
        ("conley", {"fixed_effects": ["unit"]}),
        ("spillover_rings", {"of": "all", "nearest_only": False}),
        ("spillover_rings", {"edges_km": [50, 100]}),
    ],
)  # fmt: skip
def test_options_and_refusals_in_chinese(kind, changes, panel):
    assert english_left(run(kind, panel, **changes)) == []


def test_gaps_in_chinese(panel):
    holed = panel.drop(index=panel.index[3])
    assert english_left(run("spatial_did", holed)) == []
    kept = run("moran", holed, unbalanced="drop_units")
    assert len(kept.ledger)
    assert english_left(kept) == []


@pytest.mark.parametrize("kind", list(SPECS))
def test_row_order_does_not_matter_and_simulated_data_says_so(kind, panel):
    check_order_and_origin(partial(run, kind), panel, INFO)


@pytest.mark.parametrize("kind", ["moran", "weights_summary", "weights_choice", "map"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_figures_draw_the_same_bytes_again(kind, lang, panel):
    figure = ExhibitResult.from_json(run(kind, panel).to_json()).figure
    png, pdf = render_figure(figure, lang=lang)
    assert png.startswith(b"\x89PNG")
    assert pdf.startswith(b"%PDF")
    assert (png, pdf) == render_figure(figure, lang=lang)


def test_a_figure_in_chinese_words_is_the_same_drawing(panel):
    """What is drawn hangs on words such as "not significant" and "contiguity", which a Chinese report translates."""
    result = run("moran", panel)
    assert (result.figure.data["points"]["cluster"] == "not significant").any()
    chinese = in_words(result, "zh").figure
    assert not (chinese.data["points"]["cluster"] == "not significant").any()
    assert render_figure(chinese, lang="zh") == render_figure(result.figure, lang="zh")
    touching = in_words(run("weights_summary", panel, weights={"kind": "contiguity"}), "zh").figure
    assert render_figure(touching, lang="zh")[0].startswith(b"\x89PNG")


def test_spatial_did_prints_w_did_where_asked(panel):
    everywhere, textbook = run("spatial_did", panel), run("spatial_did", panel, lag_treatment="sdm")
    for column in ("SAR-DID", "SEM-DID", "SDM-DID"):
        assert np.isfinite(value(everywhere, column, "W*did"))
        has = ((textbook.estimates["column"] == column) & (textbook.estimates["term"] == "W*did")).any()
        assert has == (column == "SDM-DID")
    direct, indirect, total = (
        value(everywhere, "SDM-DID", f"{k} effect of did") for k in ("direct", "indirect", "total")
    )
    assert direct + indirect == pytest.approx(total, rel=1e-10)
    simulated = value(everywhere, "SDM-DID", "direct effect of did", "se")
    assert value(everywhere, "SDM-DID", "direct effect of did (delta method)", "se") == pytest.approx(
        simulated, rel=0.3
    )
    labels = [row.label for row in everywhere.table.rows if row.label]
    assert labels[:4] == ["低碳试点", "x2", "W × 低碳试点", "W × x2"]
    notes = "\n".join(everywhere.notes)
    assert "60 cities × 8 years, balanced" in notes
    assert "clustered by city, 60 clusters" in notes
    assert "Lee and Yu (2010) transformation" in notes


def test_spatial_did_prints_no_indirect_effect_of_a_model_that_has_none(panel):
    result = run("spatial_did", panel, lag_treatment="sdm")
    (row,) = [r for r in result.table.rows if r.label == "Indirect effect, 低碳试点"]
    header = [text for text, _ in result.table.header[0]][1:]
    assert [bool(cell.text.strip("—")) for cell in row.cells] == [name != "SEM-DID" for name in header]
    terms = result.estimates.loc[result.estimates["column"] == "SEM-DID", "term"]
    assert "direct effect of did" in set(terms)
    assert not terms.str.startswith("indirect effect of did (").any()


def test_spatial_did_is_the_model_of_the_library(panel):
    result = run("spatial_did", panel, weights=INVERSE, lag_controls=False)
    first = panel.drop_duplicates("unit").sort_values("unit")
    W = normalise(inverse_distance(first["unit"].tolist(), first["longitude"], first["latitude"], 2), "row")
    fit = fit_spatial(panel, "y", ["did", "x2"], W, "sdm", ["did"]).fit
    assert value(result, "SDM-DID", "rho") == pytest.approx(fit.coef[-1], rel=1e-9)
    assert value(result, "SDM-DID", "log_likelihood") == pytest.approx(fit.extra["log_likelihood"], rel=1e-12)


def test_weights_summary_compares_the_traditional_with_the_composite_matrix(panel):
    """Numbers of the composite matrix written out; the figure's bands hold all weight of both matrices."""
    result = run("weights_summary", panel)
    first = panel.drop_duplicates("unit").sort_values("unit")
    km = great_circle_km(first["longitude"].to_numpy(), first["latitude"].to_numpy())
    income = panel.groupby("unit")["pgdp"].mean().sort_index().to_numpy()
    apart = np.abs(income[:, None] - income)
    Wg, We = (np.where(d > 0, 1 / np.where(d > 0, d, 1), 0) for d in (km**2, apart))
    W = 0.8 * Wg / Wg.sum(axis=1, keepdims=True) + 0.2 * We / We.sum(axis=1, keepdims=True)
    omega = np.linalg.eigvals(W)
    expected = {
        "units": 60, "links": 60 * 59, "share of links": 1, "islands": 0, "largest row sum": 1,
        "smallest weight": W[W > 0].min(), "largest weight": W.max(), "largest column sum": W.sum(axis=0).max(),
        "mean distance by weight, km": (W * km).sum() / 60, "largest eigenvalue": 1,
        "lower end of ρ": 1 / omega.real[np.abs(omega.imag) < 1e-12].min(),
        "complex eigenvalues": (np.abs(omega.imag) > 1e-12).sum(),
    }  # fmt: skip
    for term, number in expected.items():
        assert value(result, "composite", term) == pytest.approx(number, rel=1e-9), term
    assert value(result, "geographic", "mean distance by weight, km") == pytest.approx(
        (Wg / Wg.sum(axis=1, keepdims=True) * km).sum() / 60
    )
    assert [text for text, _ in result.table.header[0]] == ["", "Geographic", "Economic", "Composite, a = 0.8"]
    profile = result.figure.data["profile"]
    assert profile["matrix"].unique().tolist() == ["geographic", "composite"]
    at = profile[(profile["matrix"] == "composite") & (profile["km"] == 300)]["share"].item()
    assert at == pytest.approx(W[km <= 300].sum() / 60, rel=1e-12)
    assert len(result.figure.data["cells"]) == 2 * 60 * 60


@pytest.mark.parametrize(
    ("kind", "columns"),
    [("product", ["geographic", "economic", "product"]), ("income_nested", ["geographic", "income_nested"]),
     ("k_nearest", ["k_nearest"]), ("contiguity", ["contiguity"]), ("economic_distance", ["economic_distance"])],
)  # fmt: skip
def test_weights_summary_of_other_kinds(kind, columns, panel):
    income = {} if kind in ("k_nearest", "contiguity") else {"income": "pgdp"}
    more = {"k": 3} if kind == "k_nearest" else {}
    result = run("weights_summary", panel, weights={"kind": kind, **income, **more})
    assert result.estimates["column"].unique().tolist() == columns
    assert ("profile" in result.figure.data) == (kind not in ("contiguity", "economic_distance"))
    shown = result.figure.data["cells"]["matrix"].unique().tolist()
    assert shown == [name for name in columns if name != "economic"]
    assert render_figure(result.figure, lang="zh")[0].startswith(b"\x89PNG")
    if kind == "k_nearest":
        assert value(result, kind, "links") == 180
        count = int(value(result, kind, "complex eigenvalues"))
        assert count > 0
        assert any(note.startswith("Complex eigenvalues") for note in result.notes)


def test_weights_choice_marks_the_smallest(panel):
    result = run("weights_choice", panel)
    rows = result.estimates
    for model in ("sar", "sem", "sdm"):
        aic = rows[rows["column"] == f"{model} aic"].set_index("term")["estimate"]
        marked = [
            r.label for r in result.table.rows for c in r.cells if c.ref[0] == f"{model} aic" and c.text.endswith("†")
        ]
        assert marked == [aic.idxmin().removeprefix("a = ")]
    assert sorted(result.figure.data["curve"]["a"].unique()) == [0, 0.5, 1]
    assert "Wg = inverse great-circle distance to the power 2, We = inverse economic distance" in result.notes[0]
    assert result.warnings == ()


def test_weights_choice_says_which_model_prefers_another_a_than_the_declared_one(panel):
    rows = run("weights_choice", panel).estimates
    best = {
        (m, c): float(of.loc[of["estimate"].idxmin(), "term"].removeprefix("a = "))
        for m in ("sar", "sem", "sdm") for c in ("aic", "bic")
        for of in [rows[rows["column"] == f"{m} {c}"]]
    }  # fmt: skip
    for a in (0.0, 0.5, 1.0):
        weights = {"kind": "composite", "income": "pgdp", "power": 2, "a": a}
        result = run("weights_choice", panel, weights=weights)
        disagree = [f"{c.upper()} of {m.upper()} a = {b:g}" for (m, c), b in best.items() if b != a]
        said = f"The weights are declared with a = {a:g}, but {', '.join(disagree)} is smallest."
        assert result.warnings == ((said,) if disagree else ())
        assert set(result.warnings) <= set(result.notes)


def test_unbalanced_panels_stop_or_drop_units(panel):
    holed = panel.copy()
    holed.loc[(holed["unit"] == "320100") & (holed["year"] == 2003), "x2"] = np.nan
    refused = run("spatial_did", holed)
    assert [c.text for row in refused.table.rows for c in row.cells] == ["—"]
    assert "320100 (1)" in refused.notes[0]
    assert "320100 (1)" in refused.estimates["reason"].iloc[0]
    dropped = run("spatial_did", holed, unbalanced="drop_units")
    assert value(dropped, "SDM-DID", "did", "n_units") == 59
    assert dropped.ledger[["units", "rows"]].to_numpy().tolist() == [[1, 8]]
    assert "320100" in dropped.ledger["subject"].iloc[0]
    assert "1 city with missing years or values left out" in dropped.notes[0]


@pytest.mark.parametrize("kind", ["moran", "weights_summary", "spatial_selection", "weights_choice", "spatial_did"])
def test_units_without_coordinates_are_named(kind, panel):
    lost = panel.assign(longitude=panel["longitude"].where(panel["unit"] != "330100"))
    assert "no coordinates: 330100" in run(kind, lost).notes[0]
    assert "no column 'latitude'" in run(kind, panel.drop(columns="latitude")).notes[0]
    moved = panel.assign(latitude=panel["latitude"] + 0.1 * (panel["year"] == 2001))
    assert "several values of 'latitude'" in run(kind, moved).notes[0]


@pytest.mark.parametrize("kind", ["spillover_rings", "conley"])
def test_rings_and_conley_name_them_too(kind, panel):
    lost = panel.assign(longitude=panel["longitude"].where(panel["unit"] != "330100"))
    assert "no coordinates: 330100" in run(kind, lost).notes[0]


def test_conley_keeps_the_coefficient_and_changes_the_error(panel):
    result = run("conley", panel)
    b = [value(result, c, "did") for c in ("(1)", "(2)", "(3)")]
    assert b[0] == b[1] == b[2]
    assert len({value(result, c, "did", "se") for c in ("(1)", "(2)", "(3)")}) == 3
    assert value(result, "(2)", "did", "vcov") == "Conley, 150 km"


def test_rings_recover_a_planted_spillover(panel):
    """Cities within 100 km of a treated one gain 2; the treated effect is 1."""
    from shidian.exhibits.spatial.spillover_rings.estimate import declared_rings

    rings = declared_rings(panel, {"edges_km": [0, 100, 200]}, "did")
    noise = np.random.default_rng(0).standard_normal(len(panel)) * 0.01
    planted = panel.assign(y=panel["did"] + 2.0 * rings["ring 0–100 km"] + noise)
    result = run("spillover_rings", planted, controls=[])
    assert value(result, "with rings", "did") == pytest.approx(1, abs=0.01)
    assert value(result, "with rings", "ring 0–100 km") == pytest.approx(2, abs=0.01)
    assert value(result, "with rings", "ring 100–200 km") == pytest.approx(0, abs=0.01)
    assert abs(value(result, "without rings", "did") - 1) > 0.1


def test_map_lists_units_without_outline_and_counts_classes(panel):
    odd = panel.assign(unit=panel["unit"].replace("320100", "329999"))
    result = run("map", odd)
    assert any("南京 (329999)" in note for note in result.notes)
    assert result.ledger["reason"].tolist() == ["no outline for this unit"]
    assert result.estimates.groupby("column")["estimate"].sum().tolist() == [60, 60]
    assert "1 units have no outline" in result.warnings[0]
    declared = run("map", panel, classes="breaks", breaks=[0.0])
    below = int((panel.loc[panel["year"] == 2000, "y"] <= 0).sum())
    assert declared.estimates.loc[declared.estimates["column"] == "2000", "estimate"].tolist() == [below, 60 - below]
    ever = run("map", panel, outline="ever_treated").figure.data["units"]
    assert ever.groupby("year")["treated"].sum().nunique() == 1
    assert "names 1990" in run("map", panel, years=[1990]).notes[0]


def test_map_of_clusters_with_contiguity(panel):
    result = run("map", panel, classes="clusters", weights={"kind": "contiguity"}, permutations=99)
    assert result.estimates.groupby("column")["estimate"].sum().tolist() == [60, 60]
    assert result.estimates["term"].unique().tolist()[-1] == "not significant"
    assert render_figure(result.figure, lang="zh")[0].startswith(b"\x89PNG")
    assert "wants 'weights'" in run("map", panel, classes="clusters").notes[0]


@pytest.mark.parametrize("declared", [
    {"kind": "k_nearest", "k": 5}, {"kind": "contiguity"}, {"kind": "economic_distance", "income": "pgdp"},
    {"kind": "product", "income": "pgdp"}, {"kind": "income_nested", "income": "pgdp", "cutoff_km": 900},
])  # fmt: skip
def test_every_kind_of_weights(declared, panel):
    result = run("moran", panel, weights=declared, years=[2001], scatter_years=[2001])
    assert np.isfinite(value(result, "Moran's I", "2001"))


def test_weights_say_what_they_lack(panel):
    assert "want 'income'" in run("moran", panel, weights={"kind": "composite"}).notes[0]
    assert "want 'k'" in run("moran", panel, weights={"kind": "k_nearest"}).notes[0]
    result = run_without_schema(panel, fixed_effects=["province"])
    assert result.estimates["reason"].str.contains("cannot have 'province'").all()


def run_without_schema(panel, **changes):
    """A fixed effect that the schema refuses, as the exhibit itself sees it."""
    spec = {"id": "x", "kind": "spatial_did", **SPECS["spatial_did"], **changes}
    return import_module(kinds()["spatial_did"].module).run(panel, spec, INFO)


def test_selection_decides(panel):
    result = run("spatial_selection", panel)
    names = [row.label for row in result.table.rows]
    assert names[:4] == ["LM lag", "LM error", "Robust LM lag", "Robust LM error"]
    assert names[-5:] == [
        "Hausman", "Hausman, regression form (Mundlak)", "Hausman, SEM", "Hausman, SEM, regression form (Mundlak)",
        "Hausman, OLS against SEM (Pace and LeSage)",
    ]  # fmt: skip
    assert value(result, "χ²", "LM lag", "p") < 0.01  # ρ = 0.5 was planted
    decision = next(n for n in result.notes if n.startswith("Decision"))
    assert "SAR" in decision or "SDM" in decision


def test_placebo_of_the_spatial_estimate(panel):
    """The true draw is the exhibit's own estimate; permuted treatments scatter around zero."""
    options = {"weights": INVERSE, "model": "sar"}
    spec = {
        "id": "placebo", "kind": "placebo", **LINEAR, "estimator": "spatial", "options": options, "draws": 40,
        "chunk": 20, "mode": "permute", "seed": 4,
    }  # fmt: skip
    placebo = import_module(kinds()["placebo"].module)
    result = placebo.run(panel, spec, INFO)
    own = run("spatial_did", panel, weights=INVERSE, models=["sar"], lag_treatment="sdm")
    truth = placebo.fit_observed(panel, spec, INFO)
    assert truth.coef[0] == pytest.approx(value(own, "SAR-DID", "did"), rel=1e-9)
    assert truth.se[0] == pytest.approx(value(own, "SAR-DID", "did", "se"), rel=1e-9)
    draws = result.figure.data["draws"]
    assert len(draws) == 40
    assert abs(draws["estimate"].mean()) < 0.2 < truth.coef[0]
    total = placebo.fit_observed(panel, {**spec, "options": {**options, "effect": "total"}}, INFO)
    assert total.coef[0] == pytest.approx(value(own, "SAR-DID", "total effect of did"), rel=1e-9)
    with pytest.raises(EstimationError, match="wants 'weights'"):
        placebo.fit_observed(panel, {**spec, "options": {}}, INFO)
    holed = panel.copy()
    holed.loc[holed["unit"] == "320100", "x2"] = np.nan
    dropped = {**spec, "options": {**options, "unbalanced": "drop_units"}, "draws": 2}
    assert placebo.fit_observed(holed, dropped, INFO).n_units == 59
    ledger = placebo.run(holed, dropped, INFO).ledger
    assert ledger[["units", "rows"]].to_numpy().tolist() == [[1, 8]]


def test_the_note_says_which_robust_form(panel):
    """xsmle's beside ours: the same estimates, other errors, both named, in both languages."""
    ours = run("spatial_did", panel, models=["sdm"], lee_yu="none")
    theirs = run("spatial_did", panel, models=["sdm"], lee_yu="none", vcov={"kind": "xsmle_robust"})
    check_exhibit("spatial_did", theirs, INFO)
    for term in ("did", "W*did", "rho"):
        assert value(ours, "SDM-DID", term) == value(theirs, "SDM-DID", term)
        assert value(ours, "SDM-DID", term, "se") != value(theirs, "SDM-DID", term, "se")
    assert value(theirs, "SDM-DID", "rho", "vcov") == "clustered by unit as Stata's xsmle"
    assert "clustered by city as Stata's xsmle, 60 clusters" in "\n".join(theirs.notes)
    assert any(n.startswith("Robust form: vce(robust) of Stata's xsmle") for n in theirs.notes)
    assert any(n.startswith("Robust form: expected information and the scores in full") for n in ours.notes)
    for result in (ours, theirs):
        said = "\n".join(in_words(result, "zh").notes)
        assert "稳健形式" in said
        assert "Robust form" not in said
    refused = run("spatial_did", panel, models=["sdm"], lee_yu="correction", vcov={"kind": "xsmle_robust"})
    assert "which the bias correction leaves" in refused.estimates["reason"].iloc[0]
    plain = run("spatial_did", panel, models=["sdm"], vcov={"kind": "iid"})
    assert not any("Robust form" in n for n in plain.notes)


def test_an_effect_without_sampling_error_is_a_dash_with_its_reason(panel, monkeypatch):
    """Never (0.0000)***: a covariance of zeros, below zero, or that is no number, in simulated and delta errors."""
    module = import_module(kinds()["spatial_did"].module)
    fitted = module.fit_spatial
    for bad in (0.0, -1.0, float("nan"), 1e-40):

        def broken(*arguments, bad=bad, **options):
            result = fitted(*arguments, **options)
            return replace(result, fit=replace(result.fit, vcov=np.eye(len(result.fit.coef)) * bad))

        monkeypatch.setattr(module, "fit_spatial", broken)
        result = run("spatial_did", panel, models=["sdm"])
        for name in ("direct effect of did", "total effect of did (delta method)"):
            assert np.isfinite(value(result, "SDM-DID", name))
            assert np.isnan([value(result, "SDM-DID", name, f) for f in ("se", "statistic", "p", "ci_low")]).all()
            assert value(result, "SDM-DID", name, "reason").startswith(NO_ERROR)
        rows = [r for r in result.table.rows if r.label == "Direct effect, 低碳试点"]
        (cell,) = rows[0].cells
        assert "*" not in cell.text
        assert float(cell.text) == pytest.approx(value(result, "SDM-DID", "direct effect of did"), abs=1e-4)
        assert any(n.startswith("No standard error of ") and "direct effect of" in n for n in result.notes)


def test_the_hausman_test_of_the_error_form_says_why_it_has_no_statistic(panel):
    """Without unit effects there is none; what SEM cannot estimate is a dash with its reason, not a lost table."""
    years = run("spatial_selection", panel, fixed_effects=["year"])
    labels = [row.label for row in years.table.rows]
    assert labels[-1] == "Hausman, OLS against SEM (Pace and LeSage)"
    assert "Hausman, SEM" not in labels
    both = run("spatial_selection", panel)
    for name in ("Hausman, SEM", "Hausman, SEM, regression form (Mundlak)"):
        reason = value(both, "χ²", name, "reason")
        assert reason or np.isfinite(value(both, "χ²", name))
    assert value(both, "χ²", "Hausman, SEM, regression form (Mundlak)", "df") == 2
    chinese = in_words(both, "zh")
    assert "Hausman 检验（SEM）" in [row.label for row in chinese.table.rows]
    assert not any(n.startswith(("Hausman", "Pace")) and "检验" not in n and "最小二乘" not in n for n in chinese.notes)
