"""The exhibit kinds of the DID family: what they print is what was estimated, and bad input speaks."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.exhibits.groups import groups_of
from shidian.exhibits.moved_controls import Moved, moved_warnings
from shidian.exhibits.result import StudyInfo

from tests.exhibits.exhibit_checks import check_exhibit, check_order_and_origin, run_exhibit, value

INFO = StudyInfo("castle_doctrine", "state", "castle", {"castle": "Castle law", "l_homicide": "ln homicide"}, seed=1)
DEFAULTS = {
    "outcome": "l_homicide",
    "controls": ["l_police"],
    "fixed_effects": ["unit", "year"],
    "vcov": {"kind": "cluster", "by": "unit"},
    "ssc": "reghdfe",
}
SPECS = {
    "twfe_weights": {"estimators": ["fe", "fd"], "controls": []},
    "honest_did": {"window": [-4, 2], "controls": [], "relative_magnitudes": [0.5, 1]},
    "heterogeneity": {
        "splits": [
            {"variable": "south", "names": {"0": "Other", "1": "South"}},
            {"variable": "poverty", "split": "median", "label": "Poverty", "form": "interaction"},
        ]
    },
    "variations": {
        "wild_bootstrap": {"draws": 199, "interval": True},
        "romano_wolf": {"draws": 199},
        "variations": [
            {"label": "Other policy", "add": ["other"]},
            {"label": "Winsorised", "winsorise": {"variables": ["l_homicide"], "lower": 0.05, "upper": 0.95}},
            {"label": "Without 2010", "sample": {"exclude_years": [2010]}},
            {"label": "Larceny", "outcome": "l_larceny"},
        ],
    },
    "vif": {"controls": ["l_police", "l_income", "poverty"]},
    "correlation": {"controls": ["l_police", "l_income"]},
    "staggered_did": {"controls": [], "window": [-5, 3], "second_engine": True},
    "did_table": {
        "columns": [
            {"controls": []},
            {},
            {"controls": ["l_police", "l_income"], "sample": {"first_year": 2001, "exclude_units": ["1"]}},
            {"label": "OLS", "fixed_effects": [], "vcov": {"kind": "hetero"}},
        ],
    },
    "event_study": {"window": [-6, 4], "controls": []},
    "goodman_bacon": {},
    "treatment_timing": {},
    "descriptives": {"statistics": ["n", "mean", "sd", "median"]},
}


def run(kind, panel, info=INFO, **changes):
    return run_exhibit(kind, panel, {**SPECS[kind], **changes}, DEFAULTS, info)


@pytest.mark.parametrize("kind", list(SPECS))
def test_every_printed_number_is_its_estimate(kind, castle):
    check_exhibit(kind, run(kind, castle), INFO, own=["Other policy", "Without 2010"])


@pytest.mark.parametrize("kind", list(SPECS))
def test_row_order_does_not_matter_and_simulated_data_says_so(kind, castle):
    check_order_and_origin(partial(run, kind), castle, INFO)


def test_did_table_prints_the_published_numbers(castle):
    result = run("did_table", castle)
    table = [[row.label, *(cell.text for cell in row.cells)] for row in result.table.rows]
    assert table[0][:2] == ["Castle law", "0.0694"]
    assert table[1][:2] == ["", "(0.0559)"]
    assert [row[0] for row in table][-6:] == [
        "", "Controls", "State fixed effects", "Year fixed effects", "Observations", "R²",
    ]  # fmt: skip
    rows = {row[0]: row[1:] for row in table if row[0]}
    assert rows["Controls"] == ["No", "Yes", "Yes", "Yes"]
    assert rows["State fixed effects"] == ["Yes", "Yes", "Yes", "No"]
    assert rows["Observations"] == ["550", "550", "490", "550"]
    notes = "\n".join(result.notes)
    assert "Columns (1), (2), (3): State and year fixed effects." in notes
    assert "clustered by state (CRV1), small-sample convention of reghdfe, 50, 50, 49 clusters" in notes
    assert "OLS: No fixed effects." in notes
    assert "Rows restricted to: years 2001–2010; without 1." in notes


def test_stars_t_values_and_digits(castle):
    strong = castle.assign(l_homicide=castle["l_homicide"] + castle["castle"])
    result = run("did_table", strong, parentheses="t", digits=2, stars={"†": 0.05}, columns=[{"controls": []}])
    cells = [row.cells[0].text for row in result.table.rows[:2]]
    t = value(result, "(1)", "castle", "statistic")
    assert cells == ["1.07†", f"({t:.2f})"]
    assert result.table.rows[1].cells[0].ref == ("(1)", "castle", "statistic")
    assert "† p < 0.05." in result.notes
    assert any(note.startswith("t statistics in parentheses") for note in result.notes)


def test_did_table_says_why_a_number_is_missing(castle):
    panel = castle.assign(area=castle["sid"] * 1.5, flat=castle["sid"] * 1.0)
    result = run(
        "did_table", panel, columns=[{"controls": ["area"]}, {"outcome": "flat"}, {"sample": {"keep": {"sid": 99}}}]
    )
    assert pd.isna(value(result, "(1)", "area"))
    assert "absorbed" in value(result, "(1)", "area", "reason")
    assert "does not vary within" in value(result, "(2)", "castle", "reason")
    assert "keeps no row" in value(result, "(3)", "castle", "reason")
    assert [cell.text for cell in result.table.rows[0].cells][1:] == ["—", "—"]
    assert len(result.ledger) == 3
    with pytest.raises(EstimationError, match="share a label"):
        run("did_table", castle, columns=[{"label": "A"}, {"label": "A"}])


def test_missing_rows_and_singletons_reach_note_and_ledger(castle):
    holed = castle.copy()
    holed.loc[holed["unit"] == "1", "l_police"] = np.nan
    holed = holed[(holed["unit"] != "2") | (holed["year"] == 2003)]
    result = run("did_table", holed, columns=[{}])
    note = next(n for n in result.notes if n.startswith("Sample"))
    assert note == "Sample: 528 rows of 48 states; 1 singleton rows dropped; 11 rows left out for missing values."
    lines = result.ledger.set_index("reason")[["units", "rows"]]
    assert lines.loc["missing value"].tolist() == [1, 11]
    assert lines.loc["singleton"].tolist() == [1, 1]


def test_event_study_names_what_it_leaves_out(castle):
    result = run("event_study", castle)
    frame = result.figure.data["points"]
    assert list(frame.columns) == ["tau", "estimate", "ci_low", "ci_high", "is_reference", "band_low", "band_high"]
    assert frame["tau"].tolist() == list(range(-6, 5))
    notes = "\n".join(result.notes)
    assert "τ = -10, -9, -8, -7" in notes
    assert "F(5, 49) = 2.109, p = 0.0801" in notes
    assert "rests on one treated unit" in result.warnings[0]
    labels = [row.label for row in result.table.rows if row.label]
    assert labels[0] == "τ ≤ -6"
    assert labels[10] == "τ ≥ 4"


def test_event_study_without_treated_units_is_a_message(castle):
    result = run("event_study", castle[castle["adoption_year"].isna()])
    assert [c.text for row in result.table.rows for c in row.cells] == ["—"] * len(result.estimates)
    assert "needs treated units" in result.notes[0]
    assert result.estimates["reason"].iloc[0]
    assert len(result.ledger) == 1


def test_bacon_exhibit(castle):
    result = run("goodman_bacon", castle)
    assert value(result, "estimate", "twfe") == pytest.approx(0.0693984338855, rel=1e-6)
    assert value(result, "weight", "Treated vs never treated") == pytest.approx(0.898809, abs=5e-7)
    assert len(result.figure.data["pairs"]) == 25
    unbalanced = run("goodman_bacon", castle.iloc[1:])
    assert "balanced panel" in unbalanced.notes[0]
    assert pd.isna(value(unbalanced, "estimate", "twfe"))


def test_treatment_timing_counts_units(castle):
    result = run("treatment_timing", castle)
    counts = {term: value(result, "units", term) for term in ("2006", "2007", "2008", "2009", "2010", "never treated")}
    assert counts == {"2006": 1, "2007": 13, "2008": 4, "2009": 2, "2010": 1, "never treated": 29}
    status = result.figure.data["status"]
    assert status["year"].tolist() == list(range(2000, 2011))
    assert status["treated"].sum() == castle["post"].sum()
    assert (status[["treated", "not_yet", "never"]].sum(axis=1) == 50).all()
    assert "cohorts of a single unit: 2006, 2010" in result.warnings[0]
    everyone = castle[castle["adoption_year"].notna()]
    assert any(w.startswith("no never-treated units") for w in run("treatment_timing", everyone).warnings)


def test_descriptives(castle):
    holed = castle.copy()
    holed.loc[holed.index[:5], "l_police"] = np.nan
    result = run("descriptives", holed)
    assert value(result, "n", "l_police") == 545
    assert value(result, "mean", "l_homicide") == pytest.approx(castle["l_homicide"].mean())
    complete = run("descriptives", holed, rows="complete")
    assert value(complete, "n", "l_homicide") == 545
    assert value(complete, "sd", "l_homicide") == pytest.approx(castle["l_homicide"].iloc[5:].std(ddof=1))
    assert value(complete, "median", "l_homicide") == pytest.approx(castle["l_homicide"].iloc[5:].median())
    with pytest.raises(EstimationError, match="did you mean 'l_police'"):
        run("descriptives", castle, variables=["l_polise"])


def test_staggered_did_says_what_it_could_not_do(castle):
    result = run("staggered_did", castle, window=[-5, 4], second_engine=False)
    thin = result.estimates.query("term == 'tau+4' and column != 'TWFE'")
    assert thin["estimate"].isna().all()
    assert "one treated unit" in thin["reason"].iloc[0]
    assert any("cohorts of a single unit: 2006, 2010" in w for w in result.warnings)
    figure = result.figure.data["points"]
    assert set(figure["estimator"]) == set(result.estimates["column"]) - {"Stacked"}  # one unit makes its only stack
    assert figure["is_reference"].sum() == figure["estimator"].nunique()
    treated = run("staggered_did", castle[castle["adoption_year"].notna()], second_engine=False)
    assert "no never-treated units" in value(treated, "Callaway-Sant'Anna", "ATT", "reason")
    assert pd.notna(value(treated, "Imputation (BJS)", "ATT"))
    with_controls = run("staggered_did", castle, controls=["l_police"], second_engine=False)
    assert "takes no controls" in value(with_controls, "Stacked", "ATT", "reason")
    assert with_controls.ledger["subject"].tolist() == ["my_staggered_did Stacked"]
    nobody = run("staggered_did", castle[castle["adoption_year"].isna()])
    assert "both before and after" in nobody.notes[0]


def test_always_treated_units_are_left_out_by_name(castle):
    early = castle.assign(adoption_year=castle["adoption_year"].where(castle["sid"] != 10, 1999))
    result = run("staggered_did", early, second_engine=False)
    assert any(note == "Left out, treated from their first year on: 10." for note in result.notes)
    line = result.ledger[result.ledger["step"] == "robust estimators"].to_dict("records")
    assert [(r["subject"], r["units"], r["rows"]) for r in line] == [("10", 1, 11)]


def test_honest_did_exhibit(castle):
    result = run("honest_did", castle)
    frame = result.figure.data["intervals"]
    assert frame["restriction"].tolist() == ["parallel trends"] + 2 * ["relative magnitudes"] + 5 * ["smoothness"]
    assert any("zero is excluded at none" in note for note in result.notes)
    short = run("honest_did", castle, window=[-2, 2])
    assert "at least two" in short.notes[0]
    average = run("honest_did", castle, target="average", smoothness=[], relative_magnitudes=[])
    assert "the mean effect over τ = 0 to 2" in average.notes[0]
    assert "outside the window" in run("honest_did", castle, target=5).notes[0]


def test_heterogeneity_names_its_groups(castle):
    result = run("heterogeneity", castle)
    assert [text for text, _ in result.table.header[0]] == ["", "south: Other", "south: South", "Poverty"]
    assert pd.notna(value(result, "south: Other", "equal effects", "p"))
    nothing = run("heterogeneity", castle, splits=[{"variable": "sid"}, {"variable": "castle"}])
    assert "2 to 8 groups" in nothing.notes[0] + nothing.notes[1]
    assert len(nothing.ledger) == 2


def test_units_of_china_split_by_economic_region(castle):
    prefixes = {10: "110100", 12: "440300", 1: "420100", 5: "500100", 48: "210100"}
    china = castle[castle["sid"] % 3 > 0].assign(unit=lambda f: f["sid"].map(prefixes).fillna("410100") + "")
    regions = groups_of(china, {"variable": "unit", "split": "region", "names": {"West": "西部"}})
    assert regions[china["sid"] == 10].eq("East").all()
    assert regions[china["sid"] == 5].eq("西部").all()
    assert regions[china["sid"] == 48].eq("Northeast").all()
    assert regions[china["sid"] == 2].eq("Central").all()
    refused = run("heterogeneity", castle, splits=[{"variable": "unit", "split": "region"}])
    assert "no code of a unit of mainland China" in refused.notes[0]


def test_variations_start_from_the_baseline(castle):
    result = run("variations", castle)
    assert [text for text, _ in result.table.header[0]][1:] == [
        "Baseline", "Other policy", "Winsorised", "Without 2010", "Larceny",
    ]  # fmt: skip
    assert value(result, "Other policy", "other") == pytest.approx(-0.0587, abs=5e-5)
    assert value(result, "Without 2010", "castle", "n_obs") == 500
    wild = value(result, "Baseline", "wild cluster bootstrap p")
    adjusted = value(result, "Baseline", "Romano-Wolf p")
    assert 0 < wild <= adjusted <= 1
    low, high = (value(result, "Baseline", "wild cluster bootstrap p", end) for end in ("ci_low", "ci_high"))
    assert low < value(result, "Baseline", "castle") < high
    unclustered = run("variations", castle, vcov={"kind": "hetero"})
    why = "the wild cluster bootstrap wants errors clustered one way"
    assert value(unclustered, "Baseline", "wild cluster bootstrap p", "reason") == why
    # no column has one: a single sentence, and no word on draws that were not made
    assert [n for n in unclustered.notes if "ootstrap" in n] == [
        f"Wild cluster bootstrap p and Romano–Wolf p not given: {why}."
    ]
    lines = unclustered.ledger[unclustered.ledger["reason"] == why]
    assert len(lines) == 10
    assert "my_variations Larceny: Romano-Wolf p" in set(lines["subject"])


def test_one_column_without_bootstrap_is_named_and_a_refused_one_has_its_own_words(castle):
    panel = castle.assign(flat=castle["sid"] * 1.0)
    result = run("did_table", panel, wild_bootstrap={"draws": 199}, columns=[
        {}, {"label": "OLS", "vcov": {"kind": "hetero"}}, {"label": "Flat", "outcome": "flat"}])  # fmt: skip
    check_exhibit("did_table", result, INFO)
    why = "the wild cluster bootstrap wants errors clustered one way"
    said = [n for n in result.notes if "p not given" in n]
    assert said == [f"Column OLS: Wild cluster bootstrap p not given: {why}."]
    assert value(result, "Flat", "wild cluster bootstrap p", "reason") == "the column was not estimated"
    assert result.ledger["subject"].tolist() == ["my_did_table Flat", "my_did_table OLS: wild cluster bootstrap p"]


def test_groups_are_bootstrapped_as_columns_of_a_did_table(castle):
    draws = {"wild_bootstrap": {"draws": 199, "interval": True}, "romano_wolf": {"draws": 199}}
    south = {"variable": "south", "names": {"0": "Other", "1": "South"}}
    result = run("heterogeneity", castle, splits=[south], **draws)
    check_exhibit("heterogeneity", result, INFO)
    peers = [{"label": f"south: {name}", "sample": {"keep": {"south": n}}} for n, name in enumerate(("Other", "South"))]
    peer = run("did_table", castle, columns=peers, **draws)
    for column in ("south: Other", "south: South"):
        for term in ("wild cluster bootstrap p", "Romano-Wolf p"):
            for field in ("estimate", "ci_low", "ci_high", "n_clusters"):
                np.testing.assert_equal(value(result, column, term, field), value(peer, column, term, field))
            assert 0 < value(result, column, term) <= 1
    assert [row.label for row in result.table.rows][2:5] == [
        "Wild cluster bootstrap p", "Romano–Wolf p", "p of equal effects",
    ]  # fmt: skip
    few = castle[
        ~((castle["south"] == 1) & ~castle["unit"].isin([*castle.loc[castle["south"] == 1, "unit"].unique()[:6]]))
    ]
    assert any(
        "Rademacher weights, 199 draws (all sign patterns of 6 clusters), seed 1." in n
        for n in run("heterogeneity", few, splits=[south], **draws).notes
    )


def test_a_column_of_interactions_has_no_bootstrap_and_says_so(castle):
    result = run("heterogeneity", castle, wild_bootstrap={"draws": 199}, romano_wolf={"draws": 199})
    check_exhibit("heterogeneity", result, INFO)
    why = "not available in a column with one effect a group: these p-values belong to the one effect of a column"
    assert value(result, "Poverty", "Romano-Wolf p", "reason") == why
    assert f"Column Poverty: Wild cluster bootstrap p and Romano–Wolf p not given: {why}." in result.notes
    assert (result.ledger["reason"] == why).sum() == 2
    assert value(result, "south: South", "wild cluster bootstrap p") > 0
    assert not run("heterogeneity", castle).estimates["term"].str.contains("bootstrap").any()


def test_a_control_that_the_policy_moves_is_a_warning(castle):
    moved = castle.assign(l_police=castle["l_police"] + 0.5 * castle["castle"])
    said = "controls that move with Castle law (p < 0.05): l_police. Controlling for what Castle law changes"
    assert run("did_table", moved, columns=[{}]).warnings[0].startswith(said)
    assert run("did_table", castle, columns=[{}]).warnings == ()
    others = {"event_study": {"controls": ["l_police"]}, "heterogeneity": {"controls": ["l_police"]}}
    for kind, changes in others.items():
        assert any(w.startswith(said) for w in run(kind, moved, **changes).warnings), kind
        assert not any("controls that move with" in w for w in run(kind, castle, **changes).warnings), kind


def test_moved_controls_of_all_columns_are_one_warning():
    three = ("(1)", Moved("Policy", ("x", "w"))), ("(2)", Moved("Policy", ("x",))), ("(3)", Moved("Policy", ("x", "z")))
    (warning,) = moved_warnings(three)
    assert warning.startswith(
        "controls that move with Policy (p < 0.05): x in all columns; w in column (1); z in column (3). Controlling"
    )
    other = moved_warnings([*three, ("(4)", Moved("Other", ("x",))), ("(5)", Moved())])
    assert "x in columns (1), (2), (3); w in column (1)" in other[0]
    assert "move with Other (p < 0.05): x in column (4). Controlling" in other[1]
    assert moved_warnings([("(1)", Moved("Policy"))]) == []


def test_a_second_stage_on_dea_scores_is_a_warning(castle):
    scored = replace(INFO, scores=("l_homicide",))
    said = run("did_table", castle, scored).warnings
    assert any("second stage on DEA scores: ln homicide is estimated" in w for w in said)
    assert any("second stage" in w for w in run("variations", castle, scored, outcome="l_larceny", variations=[
        {"label": "Scores", "outcome": "l_homicide"}]).warnings)  # fmt: skip
    assert any("second stage on DEA scores: ln homicide is estimated" in w for w in run(
        "variations", castle, scored, outcome="l_larceny", baseline={"outcome": "l_homicide"}).warnings)  # fmt: skip
    assert not any("second stage" in w for w in run("did_table", castle).warnings)
    assert not any("second stage" in w for w in run("descriptives", castle, scored).warnings)


@pytest.mark.parametrize("kind", ["did_table", "event_study", "heterogeneity", "staggered_did", "variations"])
def test_fewer_than_ten_clusters_are_a_warning(castle, kind):
    few = castle[castle["sid"].isin([1, 2, 5, 6, 10, 12, 13, 16, 15])]
    changes = {"splits": [{"variable": "south"}]} if kind == "heterogeneity" else {}
    assert any("cluster-robust standard errors are unreliable" in w for w in run(kind, few, **changes).warnings)


def test_vif_and_correlation_name_what_has_no_number(castle):
    panel = castle.assign(twice=castle["l_police"] * 2, flat=1.0)
    result = run("vif", panel, variables=["l_police", "twice", "poverty"])
    assert "linear combination" in value(result, "vif", "twice", "reason")
    assert pd.notna(value(result, "vif", "poverty"))
    matrix = run("correlation", panel, variables=["l_police", "poverty", "flat"])
    assert value(matrix, "l_police", "flat", "reason") == "a variable is constant"
    ranks = run("correlation", castle, method="spearman", variables=["l_police", "poverty"])
    expected = castle[["l_police", "poverty"]].corr("spearman").iloc[0, 1]
    assert value(ranks, "l_police", "poverty") == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("kind", ["staggered_did", "twfe_weights", "honest_did"])
def test_figures_of_the_new_kinds_can_be_drawn(kind, castle):
    from shidian.report.figures.draw import draw_figure, save_png
    from shidian.study.kinds import kinds

    changes = {"staggered_did": {"second_engine": False}}.get(kind, {})
    figure = run(kind, castle, **changes).figure
    assert figure.kind in kinds()[kind].figures
    assert save_png(draw_figure(figure)).startswith(b"\x89PNG")
