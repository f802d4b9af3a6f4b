"""A column's specification is its own keys over the exhibit's; the panel columns that it names are its variables."""

from shidian.trail.columns import column_specification, regressors_of, variables_of

TABLE = {
    "id": "baseline",
    "kind": "did_table",
    "outcome": "y",
    "controls": ["a", "b"],
    "vcov": {"kind": "cluster", "by": "province"},
    "columns": [{"controls": []}, {"label": "Winsorised", "winsorise": {"variables": ["a"]}}, {"outcome": "z"}],
}
KNOWN = {"y", "z", "a", "b", "did", "province", "unit", "year"}


def test_an_entry_is_found_by_its_label_or_its_place():
    assert column_specification(TABLE, "(1)")["controls"] == []
    assert column_specification(TABLE, "(3)")["outcome"] == "z"
    assert column_specification(TABLE, "(3)")["controls"] == ["a", "b"]
    assert column_specification(TABLE, "Winsorised")["winsorise"] == {"variables": ["a"]}
    assert "columns" not in column_specification(TABLE, "(1)")


def test_the_groups_of_a_split_belong_to_it_and_an_exhibit_without_entries_is_one_column():
    splits = {"outcome": "y", "splits": [{"variable": "a", "label": "Region"}, {"variable": "b", "label": "Size"}]}
    assert column_specification(splits, "Size: high")["variable"] == "b"
    assert column_specification({"outcome": "y", "window": [-3, 3]}, "event study")["window"] == [-3, 3]


def test_the_baseline_of_variations_is_the_exhibit_with_its_baseline_keys():
    spec = {"outcome": "y", "baseline": {"controls": ["a"]}, "variations": [{"label": "Other", "outcome": "z"}]}
    assert column_specification(spec, "Baseline")["controls"] == ["a"]
    assert column_specification(spec, "Other")["outcome"] == "z"
    shift = {"kind": "epsilon_sensitivity", "baseline": 0.0001}  # a number, not the keys of a column
    assert column_specification(shift, "ε = 0.01") == shift


def test_variables_are_the_panel_columns_named_outcome_and_treatment_first():
    spec = column_specification(TABLE, "Winsorised") | {"sample": {"keep": {"b": 1}}}
    assert variables_of(spec, "did", KNOWN) == ("y", "did", "a", "b", "province")
    assert variables_of({"variables": ["b", "y"], "by": "year"}, "did", KNOWN) == ("b", "y")
    own_outcome = {"model": {"inputs": ["a"]}, "controls": ["b"], "fixed_effects": ["unit", "year"]}
    assert variables_of(own_outcome, "did", KNOWN) == ("did", "a", "b")
    assert regressors_of(spec, "did") == ("y", "did", "a", "b", "province")
