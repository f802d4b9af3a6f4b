"""The estimation sample: complete cases, then singletons until none is left, every row that goes with its reason."""

import numpy as np
import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.inference.sample import estimation_sample

PANEL = pd.DataFrame({
    "unit": list("aabbccd"), "year": [1, 2, 1, 3, 2, 3, 9], "y": [1.0, 2, 3, 4, np.nan, 6, 7], "other": np.nan,
})  # fmt: skip


def test_singletons_fall_one_after_the_other():
    """d is alone in unit and year; without c's first row c is alone, then b's year 3, b, year 1, and a."""
    with pytest.raises(EstimationError, match="no row is left"):
        estimation_sample(PANEL, ["y"], ["unit", "year"])
    one = estimation_sample(PANEL, ["y"], ["unit"], keep=["other"])
    assert one.frame["unit"].tolist() == list("aabb")
    assert list(one.frame.columns) == ["y", "unit", "other"]
    assert (one.n_missing, one.n_singletons) == (1, 2)
    assert dict(zip(one.dropped["row"], one.dropped["reason"], strict=True)) == {
        4: "missing value", 5: "singleton", 6: "singleton"
    }  # fmt: skip


def test_two_rows_of_a_level_stay():
    frame = pd.DataFrame({"unit": list("aabb"), "year": [1, 2, 1, 2], "y": [1.0, 2, 3, 4]})
    sample = estimation_sample(frame, ["y"], ["unit", "year"])
    assert len(sample.frame) == 4
    assert (sample.n_missing, sample.n_singletons, len(sample.dropped)) == (0, 0, 0)
