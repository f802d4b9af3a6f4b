"""A text category in every key of every kind that names a column: it makes groups, or check refuses it."""

import copy
from itertools import pairwise

import pytest
from shidian.errors import EstimationError, StudyError
from shidian.study.resolve import exhibit_schema

from tests.matrix.cells import coded, exhibit_of, same
from tests.matrix.runs import checked, run
from tests.matrix.table import MATRIX

pytestmark = pytest.mark.usefixtures("own_raw_files")
KINDS = [kind for kind, row in MATRIX.items() if row.runner is run]
COLUMN = "panel-column"
WITH = {"splits": {"split": "values"}, "sample": {"side": "high"}, "groups": {"heading": "A"}}
"""What a key wants beside the column: the rest of its object."""


def places(schema, path=()):
    """Give (path, whether a list) of every key that names a column, outside of samples kept or grouped by one."""
    for key, facts in schema.get("properties", {}).items():
        items = facts.get("items", {}) if isinstance(facts.get("items"), dict) else {}
        if facts.get("format") == COLUMN:
            yield (*path, key), False
        if any(one.get("format") == COLUMN for one in (items, *items.get("anyOf", ()))):
            yield (*path, key), True
        if facts.get("type") == "object":
            yield from places(facts, (*path, key))
        if items.get("type") == "object":
            yield from places(items, (*path, key, 0))


def placed(exhibit, path, listed):
    """Return the exhibit with the category under a key, objects and lists on the way made where they are not."""
    exhibit = copy.deepcopy(exhibit)
    at = exhibit
    for key, following in pairwise(path):
        at = at[key] if isinstance(key, int) else at.setdefault(key, [{}] if following == 0 else {})
    at[path[-1]] = ["branch", "gdp"] if listed else "branch"
    for key, more in WITH.items():
        if key in path[:-1]:
            at.update({name: value for name, value in more.items() if name not in at and path[-1] != "by"})
    return exhibit


@pytest.mark.parametrize("kind", KINDS)
def test_a_category_is_a_group_or_is_refused(kind):
    refused = 0
    for path, listed in places(exhibit_schema(kind)):
        exhibit = placed(exhibit_of(kind, MATRIX[kind], "category"), path, listed)
        try:
            checked("category", exhibit)
        except StudyError as problem:
            refused += "is a category, not a number" in str(problem)
            continue
        if "sample" in path:
            continue
        try:
            found = run("category", exhibit).estimates
        except EstimationError:
            continue
        if found["estimate"].notna().any():
            same(found, run("category", coded(exhibit)).estimates)
    assert refused or kind in ("treatment_timing", "index_weights")


@pytest.mark.parametrize(
    ("kind", "key"),
    [("descriptives", "variables"), ("correlation", "variables"), ("vif", "variables"), ("trend", "variable"),
     ("score_density", "variable"), ("map", "variable"), ("moran", "variable"), ("u_test", "regressor"),
     ("threshold", "threshold_variable"), ("threshold", "regressors"), ("iv_table", "endogenous"),
     ("iv_table", "instruments"), ("mediation", "mediators"), ("psm_did", "covariates"), ("did_table", "controls")],
)  # fmt: skip
def test_the_refusal_names_exhibit_key_and_what_a_category_is_for(kind, key):
    listed = key.endswith("s") or key == "endogenous"
    exhibit = {**exhibit_of(kind, MATRIX[kind], "category"), key: ["gdp", "branch"] if listed else "branch"}
    with pytest.raises(StudyError) as problem:
        checked("category", exhibit)
    (line,) = str(problem.value).splitlines()
    assert "exhibits[1]" in line
    assert f"'branch' under '{key}" in line
    assert "make it a fixed effect, a group or a cluster, or a variable such as in(branch, ['...'])" in line


def test_halves_by_the_median_of_a_category_are_refused_and_its_values_are_groups():
    row = MATRIX["heterogeneity"]
    halves = exhibit_of("heterogeneity", row, "category", splits=[{"variable": "home", "split": "median"}])
    with pytest.raises(StudyError, match=r"'home' under 'splits\[1\].variable' is a category"):
        checked("category", halves)
    checked("category", exhibit_of("heterogeneity", row, "category", splits=[{"variable": "home"}]))
