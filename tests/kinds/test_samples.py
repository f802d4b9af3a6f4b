"""A sample of an exhibit is the panel without the other rows: in every kind that takes one, wherever it is written."""

import numpy as np
import pytest
from shidian.study.kinds import kinds
from shidian.study.resolve import exhibit_schema

from tests.exhibits.exhibit_checks import run_exhibit
from tests.kinds.example_panel import INFO, example_panel
from tests.kinds.test_row_weights import LIVING, NUMBERS, example_of, listed

PANEL = example_panel()
GONE = sorted(PANEL["unit"].unique())[2:20:5]
KEPT = {"exclude_units": GONE, "first_year": 2002}
REST = PANEL[~PANEL["unit"].isin(GONE) & (PANEL["year"] >= 2002)].reset_index(drop=True)
MEASURED = ("epsilon_sensitivity", "second_stage")
"""Kinds that measure all rows, and regress on the sample's."""


def takes(kind, *path):
    """Say whether a kind takes a sample: of the exhibit, or of the columns under a key."""
    keys = exhibit_schema(kind)["properties"]
    for step in path:
        keys = keys.get(step, {}).get("items", {}).get("properties", {})
    return "sample" in keys


RUNS = [kind for kind in sorted(kinds()) if kind == "placebo" or not kinds()[kind].made_from]
WHOLE = [kind for kind in RUNS if takes(kind) and kind not in MEASURED]
COLUMNS = [kind for kind in RUNS if takes(kind, "columns")]


def equal(found, alone):
    a, b = found.estimates, alone.estimates
    assert a[["column", "term"]].equals(b[["column", "term"]])
    assert a["estimate"].notna().any()
    np.testing.assert_allclose(a[NUMBERS], b[NUMBERS], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("kind", listed(WHOLE))
def test_a_sample_of_the_exhibit_is_its_rows(kind):
    example = example_of(kind)
    if kind == "map":
        example["years"] = [2002, 2008]
    found = run_exhibit(kind, PANEL, {**example, "sample": KEPT}, LIVING, INFO)
    equal(found, run_exhibit(kind, REST, example, LIVING, INFO))


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_sample_of_a_column_stands_in_the_place_of_the_exhibits(kind):
    example = example_of(kind)
    example.pop("window", None)  # a column with the exhibit's own sample
    columns = example.get("columns", [{}])
    sampled = {**example, "columns": [{**column, "sample": KEPT} for column in columns]}
    if takes(kind):
        sampled["sample"] = {"last_year": 2004}
    found = run_exhibit(kind, PANEL, sampled, LIVING, INFO)
    equal(found, run_exhibit(kind, REST, {**example, "columns": columns}, LIVING, INFO))


def test_no_kind_is_forgotten():
    assert {"psm_did", "iv_table", "event_study", "placebo", "mediation", "conley", "trend"} <= set(WHOLE)
    assert {"did_table", "mixed_table", "psm_did", "iv_table"} <= set(COLUMNS)
