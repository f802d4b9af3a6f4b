"""Means of two groups side by side, against scipy's t test and by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shidian.errors import EstimationError
from shidian.exhibits.result import StudyInfo

from .exhibit_checks import check_exhibit, run_exhibit, value

INFO = StudyInfo("made", "town", "did", {"y": "Wage", "w": "People"})
STUDY = {"vcov": {"kind": "iid"}, "ssc": "reghdfe"}


def towns(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame({
        "unit": [f"t{i}" for i in range(n)], "year": 2013, "did": 0.0, "group": np.where(np.arange(n) % 3, "b", "a"),
        "y": rng.normal(3, 2, n), "x": rng.exponential(1, n), "w": rng.integers(1, 6, n).astype(float),
    })  # fmt: skip


def compared(panel, study=STUDY, **keys):
    return run_exhibit("balance", panel, {"variables": ["y", "x"], "by": "group", **keys}, study, INFO)


def test_means_and_their_difference_are_those_of_a_t_test():
    panel = towns()
    result = compared(panel, statistics=["n", "mean", "sd", "difference", "se", "t", "p", "normalised"])
    check_exhibit("balance", result, INFO)
    for name in ("y", "x"):
        a, b = (panel.loc[panel["group"] == group, name] for group in ("a", "b"))
        test = stats.ttest_ind(b, a)
        for column, expected in (
            ("first n", len(a)), ("first mean", a.mean()), ("first sd", a.std()), ("second n", len(b)),
            ("second mean", b.mean()), ("second sd", b.std()), ("difference", b.mean() - a.mean()),
            ("normalised", (b.mean() - a.mean()) / np.sqrt((a.var() + b.var()) / 2)),
        ):  # fmt: skip
            assert value(result, column, name) == pytest.approx(expected, rel=1e-12)
        assert value(result, "difference", name, "statistic") == pytest.approx(test.statistic, rel=1e-10)
        assert value(result, "difference", name, "p") == pytest.approx(test.pvalue, rel=1e-9)


def test_a_frequency_is_so_many_rows():
    panel = towns()
    weighted = compared(panel, weights={"variable": "w", "kind": "frequency"}).estimates
    repeated = compared(panel.loc[panel.index.repeat(panel["w"].astype(int))].reset_index(drop=True)).estimates
    numbers = ["estimate", "se", "p", "n_obs"]
    np.testing.assert_allclose(weighted[numbers].astype(float), repeated[numbers].astype(float), rtol=1e-10)


def test_names_say_the_order_and_a_variable_without_spread_is_a_dash():
    panel = towns().assign(group=lambda f: (f["group"] == "b") * 1.0, x=1.0)
    result = compared(panel, names={"1": "Pilots", "0": "Others"}, statistics=["mean", "difference", "normalised"])
    assert result.table.header[0] == (("", 1), ("Pilots", 1), ("Others", 1), ("", 2))
    plain = compared(panel)
    assert value(result, "difference", "y") == pytest.approx(-value(plain, "difference", "y"), rel=1e-12)
    assert [cell.text for cell in result.table.rows[1].cells] == ["1.0000", "1.0000", "—", "—"]
    assert value(result, "normalised", "x", "reason") == "no variation within the groups"


@pytest.mark.parametrize(
    ("panel", "keys", "words"),
    [
        (towns().assign(group=list("abc") * 20), {}, r"'by: group' has 3 values in the sample \(a, b, c\)"),
        (towns().assign(group="a"), {}, r"has 1 values in the sample \(a\)"),
        (towns(), {"names": {"a": "A", "z": "Z"}}, r"'names' are of a, z, and 'by: group' is a, b"),
        (towns(), {"by": "grup"}, "grup"),
    ],
)
def test_other_groups_than_two_are_refused(panel, keys, words):
    with pytest.raises(EstimationError, match=words):
        compared(panel, **keys)
