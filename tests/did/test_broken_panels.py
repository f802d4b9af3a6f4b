"""On panels with gaps, lost years, cohorts of one: what is printed is right, or missing with its reason."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.exhibits.result import StudyInfo

from tests.did.broken_panels import Broken, broken_panels
from tests.exhibits.exhibit_checks import check_exhibit, run_exhibit

INFO = StudyInfo("hard", "city", "did", seed=1)
DEFAULTS = {
    "outcome": "y", "controls": [], "fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": "unit"},
    "ssc": "reghdfe",
}  # fmt: skip
OURS = ["callaway_santanna", "sun_abraham", "lp_did", "stacked"]
OPTIONS = st.fixed_dictionaries({
    "window": st.sampled_from([[-4, 3], [-2, 1], [-2, 4]]), "balance": st.sampled_from(["full", "pair"]),
    "control_group": st.sampled_from(["never_treated", "not_yet_treated"]),
})  # fmt: skip
NUMBERS = ["estimate", "se", "p", "ci_low", "ci_high", "n_obs", "n_units", "n_clusters"]


def run(panel: pd.DataFrame, made: Broken, options: dict):
    spec = {"estimators": OURS, "second_engine": False, "anticipation": made.anticipation, **options}
    return run_exhibit("staggered_did", panel, spec, DEFAULTS, INFO)


def truths(made: Broken, panel: pd.DataFrame) -> pd.DataFrame:
    """Return the least and largest true effect of the cohorts observed, by time since adoption."""
    rows = panel.dropna(subset=["adoption_year", "y"])
    tau = (rows["year"] - rows["adoption_year"]).astype(int)
    effects = [made.effect(float(g), float(t)) for g, t in zip(rows["adoption_year"], tau, strict=True)]
    return pd.DataFrame({"tau": tau, "effect": effects}).groupby("tau")["effect"].agg(["min", "max"])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(broken_panels(), OPTIONS)
def test_what_is_printed_is_right_or_missing_with_its_reason(made, options):
    panel = made.panel()
    result = run(panel, made, options)
    known = truths(made, panel)
    after = known[known.index >= 0]
    for row in result.estimates.to_dict("records"):
        where = (row["column"], row["term"], row["reason"])
        if np.isnan(row["estimate"]):
            assert row["reason"], where
            continue
        tau = row["term"].removeprefix("tau")
        least, most = (after["min"].min(), after["max"].max()) if tau == "ATT" else known.loc[int(tau)]
        assert least - 1e-6 <= row["estimate"] <= most + 1e-6, where
        assert np.isnan(row["se"]) == bool(row["reason"]), where
        assert not row["se"] <= 0, where
    if result.table.rows[0].label == "Overall effect":
        check_exhibit("staggered_did", result, INFO)
    assert ((result.ledger["step"] == "estimation") | (result.ledger[["units", "rows"]] > 0).all(axis=1)).all()


@settings(max_examples=12, deadline=None, derandomize=True)
@given(broken_panels(noise=1.0), OPTIONS, st.integers(0, 1000))
def test_order_of_rows_names_of_units_and_origin_of_years_do_not_matter(made, options, seed):
    panel = made.panel()
    rng = np.random.default_rng(seed)
    names = panel["unit"].unique()
    renamed = dict(zip(names, rng.permutation([f"x{i}" for i in range(len(names))]), strict=True))
    other = panel.assign(
        unit=panel["unit"].map(renamed), year=panel["year"] + 37, adoption_year=panel["adoption_year"] + 37
    )
    other = other.iloc[rng.permutation(len(other))].reset_index(drop=True)
    here, there = (run(p, made, options).estimates for p in (panel, other))
    assert here[["column", "term"]].equals(there[["column", "term"]])
    pd.testing.assert_frame_equal(here[NUMBERS], there[NUMBERS], rtol=1e-7, atol=1e-9)
    assert (here["reason"] == "").equals(there["reason"] == "")


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1e6, 1e12])
def test_the_unit_of_the_outcome_does_not_matter(name, scale):
    made = Broken(5, 1, 9, 6, ((2003, 4), (2005, 4)), 0.1, (), True, noise=1.0)
    panel = made.panel()
    options = {"window": [-2, 2], "estimators": [name], "balance": "pair"}
    plain, scaled = (run(p, made, options).estimates for p in (panel, panel.assign(y=panel["y"] * scale)))
    assert plain["estimate"].notna().all()
    for field in ("estimate", "se"):
        assert scaled[field].to_numpy() == pytest.approx(plain[field].to_numpy() * scale, rel=1e-9)
    assert scaled["statistic"].to_numpy() == pytest.approx(plain["statistic"].to_numpy(), rel=1e-9)
