"""No number depends on what a variable is called, though it be called like a column that an estimator makes itself."""

import ast
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shidian
from shidian.exhibits.result import StudyInfo

from tests.exhibits.exhibit_checks import check_exhibit, run_exhibit

INFO = StudyInfo("demo", "city", "did", seed=3)
DEFAULTS = {
    "outcome": "y", "controls": ["c", "w"], "fixed_effects": ["unit", "year"],
    "vcov": {"kind": "cluster", "by": "unit"}, "ssc": "reghdfe",
}  # fmt: skip
ROBUST = ["sun_abraham", "lp_did", "stacked", "callaway_santanna"]
SPECS = {
    "event_study": ("did", {"window": [-3, 2]}),
    "staggered_did": ("did", {"window": [-3, 2], "estimators": ROBUST, "second_engine": False}),
    "psm_did": ("matching", {"covariates": ["c", "w"], "columns": [{"neighbours": 2}], "table": "balance"}),
}


def own_names(package):
    """Return the names that a package gives to columns: keywords of ``assign``, columns that are set."""
    names = {"score", "index", "cohort", "tau", "stack"}
    for path in (Path(shidian.__file__).parent / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "assign":
                names |= {keyword.arg for keyword in node.keywords if keyword.arg}
            if isinstance(node, ast.Assign):
                names |= {t.slice.value for t in node.targets if isinstance(t, ast.Subscript)
                          and isinstance(t.slice, ast.Constant) and isinstance(t.slice.value, str)}  # fmt: skip
    taken = {"unit", "unit_name", "year", "adoption_year", "simulated", "left_out"}
    return sorted(name for name in names if re.fullmatch("[a-z][a-z0-9_]*", name) and name not in taken)


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(5)
    n, years = 40, np.arange(2001, 2009)
    starts = np.array([2004.0, 2006.0, np.nan, np.nan])[np.arange(n) % 4]
    frame = pd.DataFrame({"unit": np.repeat([f"u{i:02d}" for i in range(n)], 8), "year": np.tile(years, n)})
    frame["adoption_year"] = pd.array(np.repeat(starts, 8), dtype="Int64")
    frame["did"] = (frame["year"] >= np.repeat(starts, 8)).astype(float)
    frame["c"], frame["w"] = rng.normal(size=(2, len(frame))) + np.repeat(rng.normal(size=n), 8)
    frame["y"] = frame["did"] + 0.5 * frame["c"] - 0.3 * frame["w"] + rng.normal(size=len(frame))
    return frame.assign(unit_name=frame["unit"])


def renamed(content, old, new):
    if isinstance(content, dict):
        return {key: renamed(value, old, new) for key, value in content.items()}
    if isinstance(content, list):
        return [renamed(value, old, new) for value in content]
    return new if content == old else content


@pytest.mark.parametrize("kind", SPECS)
def test_a_control_may_have_the_name_of_a_column_that_the_estimator_makes(panel, kind):
    package, spec = SPECS[kind]
    plain = run_exhibit(kind, panel, spec, DEFAULTS, INFO)
    names = own_names(package)
    assert len(names) > 8
    for name in names:
        called = renamed(DEFAULTS, "c", name)
        found = run_exhibit(kind, panel.rename(columns={"c": name}), renamed(spec, "c", name), called, INFO)
        check_exhibit(kind, found, INFO)
        for field in ("estimate", "se"):
            numbers = [np.sort(result.estimates[field].to_numpy(dtype=float)) for result in (found, plain)]
            np.testing.assert_allclose(*numbers, rtol=1e-8, err_msg=f"control called {name}")
