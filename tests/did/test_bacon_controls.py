"""Goodman-Bacon with controls: against the algorithm of R's bacondecomp, written out, and against its own identity.

No printed output of a decomposition with controls could be found; bacondecomp's own tests check that
Omega beta_w + (1 - Omega) sum of the pairs is the two-way coefficient, and no more.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shidian.did.bacon import LATER_VS_ALWAYS, TREATED_VS_NEVER, decompose
from shidian.did.bacon_controls import ALWAYS_VS_NEVER, BETWEEN_TREATED, WITHIN, decompose_with_controls
from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.exhibits.result import StudyInfo

from tests.did.simulate import staggered_panel
from tests.exhibits.exhibit_checks import check_exhibit, run_exhibit, value

NEVER = 99_999


def residuals(y, X):
    return y - X @ np.linalg.lstsq(X, y, rcond=None)[0]


def dummies(frame):
    return pd.get_dummies(frame[["unit", "year"]].astype(str)).to_numpy(dtype=float)


def as_bacondecomp_does(panel, outcome, controls):
    """Return Omega, beta_w and the pairs as R's bacon() computes them: auxiliary regressions in each pair of groups."""
    frame = panel.assign(k=panel["adoption_year"].fillna(NEVER).astype(int), d=0.0).reset_index(drop=True)
    frame["k"] = frame["k"].where(frame["k"] > frame["year"].min(), frame["year"].min())
    frame["k"] = frame["k"].where(frame["k"] <= frame["year"].max(), NEVER)
    frame["D"] = (frame["year"] >= frame["k"]).astype(float)
    frame["d"] = residuals(frame["D"].to_numpy(), np.column_stack([dummies(frame), frame[controls]]))
    group = frame.groupby(["k", "year"])
    inside = frame["d"] - group["d"].transform("mean")
    omega = inside.var() / frame["d"].var()
    beta_w = inside.cov(frame[outcome]) / inside.var() if omega > 1e-12 else np.nan
    frame["g_p"] = group["D"].transform("mean") - group["d"].transform("mean")
    for name in controls:
        frame[f"g_{name}"] = group[name].transform("mean")
    pairs = {}
    for k in sorted(frame["k"].unique()):
        for el in sorted(e for e in frame["k"].unique() if e > k):
            pair = frame[frame["k"].isin([k, el])]
            E, y = dummies(pair), pair[outcome].to_numpy()
            treated = residuals(pair["D"].to_numpy(), E)
            X = np.column_stack([residuals(pair[f"g_{name}"].to_numpy(), E) for name in controls])
            own = X @ np.linalg.lstsq(X, treated, rcond=None)[0]  # what the pair's controls predict
            moved = own - residuals(pair["g_p"].to_numpy(), E)  # less what those of the whole sample do
            V_D, V_p = np.mean((treated - own) ** 2), np.mean(moved**2)
            B_D = np.mean((treated - own) * y) / V_D if V_D > 1e-20 else 0.0
            B_p = np.mean(moved * y) / V_p if V_p > 1e-20 else 0.0
            pairs[k, el] = (len(pair) ** 2 * (V_D + V_p), (V_D * B_D + V_p * B_p) / (V_D + V_p))
    total = sum(weight for weight, _ in pairs.values())
    return omega, beta_w, {pair: (weight / total, beta) for pair, (weight, beta) in pairs.items()}


def pairs_of(bacon):
    omega = dict(zip(bacon.summary["type"], bacon.summary["weight"], strict=True)).get(WITHIN, 0.0)
    table = bacon.comparisons.assign(control=bacon.comparisons["control"].fillna(NEVER).astype(int))
    return {
        tuple(sorted((row.treated, row.control))): (row.weight / (1 - omega), row.estimate)
        for row in table.itertuples()
    }


def agree(panel, outcome, controls):
    ours = decompose_with_controls(panel, outcome, controls)
    omega, beta_w, expected = as_bacondecomp_does(panel, outcome, controls)
    within = ours.summary[ours.summary["type"] == WITHIN].iloc[0]
    assert (within["weight"], within["estimate"]) == pytest.approx((omega, beta_w), rel=1e-7)
    found = pairs_of(ours)
    assert found.keys() == expected.keys()
    for pair, numbers in expected.items():
        assert found[pair] == pytest.approx(numbers, rel=1e-6, abs=1e-9), pair
    return ours


@pytest.mark.parametrize("controls", [["l_police"], ["l_police", "l_income", "poverty"]])
def test_every_weight_and_estimate_is_that_of_bacondecomps_algorithm(castle, controls):
    ours = agree(castle, "l_homicide", controls)
    fit = regress(castle, "l_homicide", ["castle", *controls], ["unit", "year"]).fit
    assert ours.beta == pytest.approx(fit.coef[0], rel=1e-10)
    assert ours.summary["weight"].sum() == pytest.approx(1, abs=1e-12)
    assert set(ours.summary["type"]) == {TREATED_VS_NEVER, BETWEEN_TREATED, WITHIN}


def test_the_controls_of_bacondecomps_vignette(reference):
    """l_homicide ~ post + l_pop + l_income on the package's own castle data."""
    columns = ["state", "year", "l_homicide", "post", "l_pop", "l_income"]
    raw = pd.read_csv(reference / "bacon_castle.csv", usecols=columns)
    first = raw[raw["post"] == 1].groupby("state")["year"].min()
    panel = raw.assign(unit=raw["state"], adoption_year=raw["state"].map(first).astype("Int64"))
    ours = agree(panel, "l_homicide", ["l_pop", "l_income"])
    fit = regress(panel, "l_homicide", ["post", "l_pop", "l_income"], ["unit", "year"]).fit
    assert ours.beta == pytest.approx(fit.coef[0], rel=1e-10)


def test_groups_treated_from_the_first_year_on_are_compared_with_those_never_treated(divorce):
    panel = divorce.assign(x=np.random.default_rng(1).normal(size=len(divorce)) + divorce["treat"])
    ours = agree(panel, "asmrs", ["x"])
    assert set(ours.summary["type"]) == {TREATED_VS_NEVER, LATER_VS_ALWAYS, ALWAYS_VS_NEVER, BETWEEN_TREATED, WITHIN}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 9999),
    powers=st.tuples(*[st.integers(-12, 12)] * 2),
    starts=st.sets(st.integers(-1, 10), min_size=2),
)
def test_the_weighted_sum_is_the_coefficient_in_any_unit_of_measure(seed, powers, starts):
    rng, names = np.random.default_rng(seed), sorted(starts)
    panel = staggered_panel(seed, lambda tau: 1 + tau)
    cohort = pd.factorize(panel["unit"])[0] % len(names)
    panel["adoption_year"] = pd.array(np.array(names)[cohort], dtype="Int64")
    panel["x"], panel["z"] = rng.normal(size=(2, len(panel)))
    panel["d"] = (panel["year"] >= panel["adoption_year"]).astype(float)
    if panel.groupby("unit")["d"].sum().nunique() == 1 or (panel.groupby("unit")["d"].nunique() == 1).all():
        return  # all units share one history, or none changes
    of_y, of_x = (10.0**power for power in powers)
    ours = decompose_with_controls(panel, "y", ["x", "z"])
    beta = regress(panel, "y", ["d", "x", "z"], ["unit", "year"]).fit.coef[0]
    assert ours.beta == pytest.approx(beta, rel=1e-9)
    assert float(ours.summary["weight"] @ ours.summary["estimate"]) == pytest.approx(beta, rel=1e-9, abs=1e-10)
    assert ours.summary["weight"].sum() == pytest.approx(1, abs=1e-10)
    assert (ours.comparisons["weight"] > 0).all()
    other = decompose_with_controls(panel.assign(y=panel["y"] * of_y, x=panel["x"] * of_x), "y", ["x", "z"])
    assert other.summary["weight"].to_numpy() == pytest.approx(ours.summary["weight"].to_numpy(), rel=1e-8)
    assert other.summary["estimate"].to_numpy() / of_y == pytest.approx(
        ours.summary["estimate"].to_numpy(), rel=1e-8, abs=1e-9
    )


def test_controls_that_vary_between_groups_alone_leave_nothing_within():
    panel = staggered_panel(3, lambda tau: 1 + tau)
    panel["x"] = panel["adoption_year"].fillna(20).astype(float) * np.sin(panel["year"])
    ours = decompose_with_controls(panel, "y", ["x"])
    assert WITHIN not in set(ours.summary["type"])
    assert float(ours.summary["weight"].sum()) == pytest.approx(1, abs=1e-12)


def test_without_a_usable_control_pairs_merge_the_two_by_twos(castle):
    flat = decompose_with_controls(castle.assign(flat=1.0), "l_homicide", ["flat"])
    plain = decompose(castle, "l_homicide")
    assert flat.beta == pytest.approx(plain.beta, rel=1e-12)
    assert "constant" in flat.omitted["flat"]
    both = plain.comparisons.assign(part=lambda f: f["weight"] * f["estimate"])
    both = both.dropna(subset="control")
    merged = both.groupby(both[["treated", "control"]].astype(int).apply(lambda r: tuple(sorted(r)), axis=1))
    weight = merged["weight"].sum()
    found = pairs_of(flat)
    for pair, share in weight.items():
        assert found[pair] == pytest.approx((share, merged["part"].sum()[pair] / share), rel=1e-8)


def test_controls_that_explain_treatment_are_refused(castle):
    with pytest.raises(EstimationError, match="the controls twin explain treatment"):
        decompose_with_controls(castle.assign(twin=castle["castle"] * 2.0), "l_homicide", ["twin"])
    with pytest.raises(EstimationError, match="'l_police' is missing in 1 of 550"):
        decompose_with_controls(
            castle.assign(l_police=castle["l_police"].where(castle.index != 7)), "l_homicide", ["l_police"]
        )


INFO = StudyInfo("castle_doctrine", "state", "castle", {"castle": "Castle law", "l_police": "ln police"})
STUDY = {"outcome": "l_homicide", "controls": ["l_police"]}


def test_the_exhibit_takes_controls_of_its_own_and_not_those_of_the_study(castle):
    plain = run_exhibit("goodman_bacon", castle, {}, STUDY, INFO)
    assert value(plain, "estimate", "twfe") == pytest.approx(0.0693984, abs=5e-8)
    assert "without controls" in plain.notes[0]
    both = {"controls": ["l_police", "flat"]}
    result = run_exhibit("goodman_bacon", castle.assign(flat=1.0), both, STUDY, INFO)
    check_exhibit("goodman_bacon", result, INFO)
    unusable = run_exhibit("goodman_bacon", castle.assign(flat=1.0), {"controls": ["flat"]}, STUDY, INFO)
    assert unusable.table == plain.table
    assert unusable.ledger["reason"].tolist() == ["constant in the sample (always 1)"]
    assert result.notes[0].endswith("with state and year effects and controls: ln police.")
    assert any(note == "flat not estimated: constant in the sample (always 1)." for note in result.notes)
    rows = result.estimates.pivot(index="term", columns="column", values="estimate").drop(index="twfe")
    assert (rows["weight"] * rows["estimate"]).sum() == pytest.approx(value(result, "estimate", "twfe"), rel=1e-10)
    assert value(result, "weight", WITHIN) > 0
    assert any("whose controls are treated too" in w for w in result.warnings)
