"""Goodman-Bacon against bacondecomp (a2), Stata as published (a3), diff-diff, and its own identity."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.did.bacon import (
    EARLIER_VS_LATER,
    LATER_VS_ALWAYS,
    LATER_VS_EARLIER,
    TREATED_VS_NEVER,
    decompose,
)
from shidian.did.twfe import regress
from shidian.errors import EstimationError


def by_type(bacon):
    return bacon.summary.set_index("type")[["estimate", "weight"]]


def test_a2_divorce(divorce):
    bacon = decompose(divorce, "asmrs")
    table = by_type(bacon)
    assert len(bacon.comparisons) == 156
    assert bacon.beta == pytest.approx(-3.07992576554, rel=1e-9)
    expected = {
        EARLIER_VS_LATER: (-0.186770043725, 0.110654033691),
        LATER_VS_EARLIER: (3.51196696935, 0.264643626605),
        LATER_VS_ALWAYS: (-7.04368892354, 0.384432209049),
        TREATED_VS_NEVER: (-5.33090686674, 0.240270130656),
    }
    for kind, numbers in expected.items():
        assert table.loc[kind].to_numpy() == pytest.approx(numbers, rel=1e-9)


def test_a3_castle_as_published(castle):
    """The six figures of Stata's estat bdecomp, to the digits printed."""
    table = by_type(decompose(castle, "l_homicide"))
    printed = {
        TREATED_VS_NEVER: (0.07843799, 0.898809),
        EARLIER_VS_LATER: (-0.02857716, 0.077079),
        LATER_VS_EARLIER: (0.04563468, 0.024112),
    }
    for kind, (estimate, weight) in printed.items():
        assert table.loc[kind, "estimate"] == pytest.approx(estimate, abs=5e-8)
        assert table.loc[kind, "weight"] == pytest.approx(weight, abs=5e-7)


def test_agrees_with_diff_diff(castle):
    from diff_diff import bacon_decompose

    peer = bacon_decompose(
        castle.assign(first=castle["adoption_year"].fillna(0).astype(int)), "l_homicide", "unit", "year", "first"
    )
    ours = decompose(castle, "l_homicide").comparisons
    theirs = pd.DataFrame([
        (c.treated_group, 0 if c.control_group == "never_treated" else c.control_group, c.estimate, c.weight)
        for c in peer.comparisons
    ], columns=["treated", "control", "estimate", "weight"])  # fmt: skip
    keys = ["treated", "control"]
    both = ours.assign(control=ours["control"].fillna(0)).astype(dict.fromkeys(keys, "int64")).merge(
        theirs.astype(dict.fromkeys(keys, "int64")), on=keys, suffixes=("", "_peer")
    )  # fmt: skip
    assert len(both) == 25
    assert both["estimate"].to_numpy() == pytest.approx(both["estimate_peer"].to_numpy(), abs=1e-10)
    assert both["weight"].to_numpy() == pytest.approx(both["weight_peer"].to_numpy(), abs=1e-10)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_the_weighted_sum_is_the_twfe_coefficient(data):
    """For any balanced panel and any adoption pattern with a comparison, always-treated units included."""
    n, T = data.draw(st.integers(3, 12)), data.draw(st.integers(2, 8))
    starts = data.draw(st.lists(st.one_of(st.none(), st.integers(0, T + 1)), min_size=n, max_size=n))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**31)))
    panel = pd.DataFrame({"unit": np.repeat(np.arange(n), T), "year": np.tile(np.arange(T), n)})
    panel["adoption_year"] = pd.array([s for s in starts for _ in range(T)], dtype="Int64")
    panel["d"] = (panel["year"] >= panel["adoption_year"]).fillna(False).astype(float)
    panel["y"] = rng.normal(size=n * T)
    try:
        bacon = decompose(panel, "y")
    except EstimationError as error:
        assert "share one treatment history" in str(error)  # noqa: PT017
        return
    fit = regress(panel, "y", ["d"], ["unit", "year"], "iid", "areg").fit if n * T > n + T else None
    total = float(bacon.comparisons["weight"] @ bacon.comparisons["estimate"])
    assert total == pytest.approx(bacon.beta, abs=1e-10)
    assert bacon.comparisons["weight"].sum() == pytest.approx(1, abs=1e-12)
    if fit is not None:
        assert bacon.beta == pytest.approx(fit.coef[0], abs=1e-9)


def test_refuses_what_is_not_balanced(castle):
    with pytest.raises(EstimationError, match="balanced panel: 'l_homicide' is missing in 1 of 550"):
        decompose(castle.drop(index=castle.index[40]), "l_homicide")
    holed = castle.copy()
    holed.loc[holed.index[3], "l_homicide"] = np.nan
    with pytest.raises(EstimationError, match="first for unit 1 in 2003"):
        decompose(holed, "l_homicide")
    with pytest.raises(EstimationError, match="2 rows in"):
        decompose(pd.concat([castle, castle.tail(1)]), "l_homicide")
    with pytest.raises(EstimationError, match="one treatment history"):
        decompose(castle[castle["adoption_year"].isna()], "l_homicide")
    moving = castle.copy()
    moving.loc[moving.index[0], "adoption_year"] = 1999
    with pytest.raises(EstimationError, match="changes within a unit"):
        decompose(moving, "l_homicide")


def test_cohorts_with_one_history_are_one_group():
    """Where the year that tells two cohorts apart is lost to all, they are one timing group; nothing is nan."""
    rng = np.random.default_rng(5)
    cohorts = {"a": 2005, "b": 2006, "c": 2008, "d": np.nan}
    rows = [(u, t, g, rng.normal() + (t >= g)) for u, g in cohorts.items() for t in range(2001, 2011) if t != 2005]
    panel = pd.DataFrame(rows, columns=["unit", "year", "adoption_year", "y"])
    bacon = decompose(panel, "y")
    assert set(bacon.comparisons["treated"]) == {2005, 2008}
    assert bacon.comparisons.loc[bacon.comparisons["treated"] == 2005, "n_treated"].eq(2).all()
    assert bacon.comparisons["estimate"].notna().all()
    merged = decompose(panel.replace({"adoption_year": {2006: 2005}}), "y")
    pd.testing.assert_frame_equal(bacon.comparisons, merged.comparisons)
    treated = panel.assign(did=(panel["year"] >= panel["adoption_year"]).astype(float))
    direct = regress(treated, "y", ["did"], ["unit", "year"], {"kind": "iid"})
    assert float(bacon.comparisons["weight"] @ bacon.comparisons["estimate"]) == pytest.approx(direct.fit.coef[0])
