"""The exhibit kinds of the DID family: what they print is what was estimated, and bad input speaks."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shidian
import yaml
from jsonschema import Draft202012Validator
from shidian.errors import EstimationError
from shidian.exhibits import descriptives, did_table, event_study, goodman_bacon, treatment_timing
from shidian.exhibits.result import ExhibitResult, StudyInfo

SCHEMAS = Path(shidian.__file__).parent.parent / "schemas" / "exhibits"
INFO = StudyInfo("castle_doctrine", "state", "castle", {"castle": "Castle law", "l_homicide": "ln homicide"}, seed=1)
DEFAULTS = {
    "outcome": "l_homicide",
    "controls": ["l_police"],
    "fixed_effects": ["unit", "year"],
    "vcov": {"kind": "cluster", "by": "unit"},
    "ssc": "reghdfe",
}
SPECS = {
    "did_table": {
        **DEFAULTS,
        "columns": [
            {"controls": []},
            {},
            {"controls": ["l_police", "l_income"], "sample": {"first_year": 2001, "exclude_units": ["1"]}},
            {"label": "OLS", "fixed_effects": [], "vcov": {"kind": "hetero"}},
        ],
    },
    "event_study": {**DEFAULTS, "window": [-6, 4], "controls": []},
    "goodman_bacon": {"outcome": "l_homicide"},
    "treatment_timing": {},
    "descriptives": {"outcome": "l_homicide", "controls": ["l_police"], "statistics": ["n", "mean", "sd", "median"]},
}
MODULES = {
    "did_table": did_table,
    "event_study": event_study,
    "goodman_bacon": goodman_bacon,
    "treatment_timing": treatment_timing,
    "descriptives": descriptives,
}


def run(kind, panel, info=INFO, **changes):
    spec = {"id": f"my_{kind}", "kind": kind, **SPECS[kind], **changes}
    schema = yaml.safe_load((SCHEMAS / f"{kind}.schema.yaml").read_text(encoding="utf-8"))
    schema["properties"] |= {"id": {}, "kind": {}}
    Draft202012Validator(schema).validate(spec)
    return MODULES[kind].run(panel, spec, info)


def value(result, column, term, field="estimate"):
    rows = result.estimates
    found = rows.loc[(rows["column"] == column) & (rows["term"] == term), field]
    assert len(found) == 1, (column, term)
    return found.iloc[0]


@pytest.mark.parametrize("kind", list(SPECS))
def test_every_printed_number_is_its_estimate(kind, castle):
    """Each cell with a reference rounds the estimate that it refers to; the JSON comes back the same."""
    result = run(kind, castle)
    references = [(cell.text, cell.ref) for row in result.table.rows for cell in row.cells if cell.ref]
    assert references
    for text, (column, term, field) in references:
        number = value(result, column, term, field)
        printed = text.split(" [")[0].strip("()*").replace(",", "")
        scale = 100 if printed.endswith("%") else 1
        printed = printed.rstrip("%")
        decimals = len(printed.partition(".")[2]) if "e" not in printed else 9
        assert float(printed) == pytest.approx(float(number) * scale, abs=0.5000001 * 10**-decimals)
    again = ExhibitResult.from_json(result.to_json())
    pd.testing.assert_frame_equal(again.estimates, result.estimates, check_exact=True)
    assert (again.table, again.notes) == (result.table, result.notes)
    assert result.estimates["study"].eq("castle_doctrine").all()
    assert result.estimates["exhibit"].eq(f"my_{kind}").all()


@pytest.mark.parametrize("kind", list(SPECS))
def test_row_order_does_not_matter_and_simulated_data_says_so(kind, castle):
    simulated = StudyInfo("castle_doctrine", "state", "castle", simulated=True)
    shuffled = castle.sample(frac=1, random_state=9).reset_index(drop=True)
    first, second = run(kind, castle, simulated), run(kind, shuffled, simulated)
    pd.testing.assert_frame_equal(first.estimates, second.estimates, rtol=1e-9)
    assert first.table == second.table
    assert any(note.startswith("SIMULATED") for note in first.notes)
    assert not any("SIMULATED" in note for note in run(kind, castle).notes)


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
    assert "clustered by state (CRV1), small-sample convention of reghdfe, 50 clusters" in notes
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
    assert list(frame.columns) == ["tau", "estimate", "ci_low", "ci_high", "is_reference"]
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
    assert result.table is None
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
    assert "no never-treated units" in run("treatment_timing", everyone).warnings


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


def test_every_key_of_every_schema_is_described():
    for path in sorted(SCHEMAS.glob("*.schema.yaml")):
        for where, node in _properties(yaml.safe_load(path.read_text(encoding="utf-8")), path.stem):
            assert node.get("description"), where


def _properties(schema, where):
    for name, node in schema.get("properties", {}).items():
        yield f"{where}.{name}", node
        yield from _properties(node, f"{where}.{name}")
        if isinstance(node.get("items"), dict):
            yield from _properties(node["items"], f"{where}.{name}[]")
