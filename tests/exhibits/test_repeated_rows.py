"""Several rows of a unit in one year: refused where years are paired, least squares on rows where they are not."""

import numpy as np
import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.exhibits.iv.instruments import lagged
from shidian.inference.sample import require_unit_years

from tests.properties.panels import NEVER, Shape, rows
from tests.properties.subjects import SUBJECTS

SHAPE = Shape(tuple(range(2000, 2008)), (*[2003] * 6, *[2005] * 6, *[NEVER] * 12), 0.0, seed=3)
PLAIN = (
    "did_table", "two ways", "few clusters", "variations", "heterogeneity", "iv_table", "u_test", "mediation",
    "placebo twfe", "placebo feols", "poisson",
)  # fmt: skip
"""Regressions on rows. All others pair the years of a unit."""
IN_BASE_YEAR = ("mixed_table", "psm_did", "placebo psm_did")
"""Matched in a base year: its rows alone are paired."""

PAIRED = {"mixed_table": "(2)", "ddd": "by event time"}
"""Kinds of which one column pairs years: another has no matching, or no event time."""


def repeated(panel: pd.DataFrame) -> pd.DataFrame:
    """Return the panel with two rows once more and one twice more."""
    return pd.concat([panel, panel.iloc[[5, 40, 100, 100]]], ignore_index=True)


@pytest.mark.parametrize("name", [name for name in SUBJECTS if name not in PLAIN])
def test_repeated_unit_years_are_refused_by_name(name):
    panel = rows(SHAPE, 1.0)
    result = SUBJECTS[name].run(repeated(panel), SHAPE)
    said = " ".join([*result.warnings, *result.notes, *result.estimates["reason"]])
    at = panel.iloc[40 if name in IN_BASE_YEAR else 5]
    more = "" if name in IN_BASE_YEAR else " (and 2 more unit-years have several)"
    assert f"unit '{at['unit']}' has 2 rows in {at['year']}{more}: " in said
    assert "wants one row a unit and year" in said
    numbers = result.estimates
    if name in PAIRED:
        numbers = numbers[numbers["column"] == PAIRED[name]]
    assert numbers["estimate"].isna().all()


@pytest.mark.parametrize("name", [name for name in PLAIN if not name.startswith("placebo")])
def test_a_regression_on_rows_takes_repeated_cross_sections(name):
    """All rows twice: the same coefficients, twice the rows."""
    panel = rows(SHAPE, 1.0)
    once = SUBJECTS[name].run(panel, SHAPE).estimates
    twice = SUBJECTS[name].run(pd.concat([panel, panel], ignore_index=True), SHAPE).estimates
    slopes = (once["se"].notna() & once["term"].str.fullmatch("did.*|[wxmq]")).to_numpy(dtype=bool)
    assert slopes.any()
    assert twice["estimate"].to_numpy()[slopes] == pytest.approx(once["estimate"].to_numpy()[slopes], rel=1e-9)
    assert (twice["n_obs"].to_numpy()[slopes] == 2 * once["n_obs"].to_numpy()[slopes]).all()


def test_the_words_count():
    frame = pd.DataFrame({"unit": ["a", "b", "b", "b"], "year": [1, 2, 2, 2]})
    with pytest.raises(EstimationError, match=r"^unit 'b' has 3 rows in 2: x wants one row a unit and year"):
        require_unit_years(frame, "x")
    with pytest.raises(EstimationError, match=r"in 1 \(and 1 more unit-years have several\): "):
        require_unit_years(pd.concat([frame, frame.iloc[[0]]]), "x")
    require_unit_years(frame.drop_duplicates(), "x")


def test_a_lag_of_repeated_unit_years_is_refused():
    frame = pd.DataFrame({"unit": ["a", "a", "a"], "year": [1, 2, 2], "x": [1.0, 2.0, np.nan]})
    with pytest.raises(EstimationError, match="2 rows in 2: a lag as an instrument"):
        lagged(frame, "x", 1)
