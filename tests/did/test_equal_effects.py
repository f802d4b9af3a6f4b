"""The test of equal effects: against separate regressions, and where it cannot be made."""

import numpy as np
import pytest
from scipy import stats
from shidian.did.heterogeneity import by_group
from shidian.did.twfe import regress
from shidian.did.wald import joint_test
from shidian.errors import EstimationError
from shidian.exhibits.result import StudyInfo

from tests.exhibits.exhibit_checks import check_exhibit, run_exhibit, value

INFO = StudyInfo("castle_doctrine", "state", "castle", {"castle": "Castle law"}, seed=1)
BY_UNIT = {"kind": "cluster", "by": "unit"}
DEFAULTS = {
    "outcome": "l_homicide", "controls": ["l_police"], "fixed_effects": ["unit", "year"], "vcov": BY_UNIT,
    "ssc": "reghdfe",
}  # fmt: skip
REST, SOUTH = {"label": "A", "sample": {"keep": {"south": 0}}}, {"label": "B", "sample": {"keep": {"south": 1}}}


def table(panel, *columns, kind="did_table", **changes):
    spec = {"columns": list(columns), "equal": [[c["label"] for c in columns]], **changes}
    return run_exhibit(kind, panel, spec, DEFAULTS, INFO)


def test_two_groups_are_compared_as_two_separate_regressions(castle):
    """No unit is in both, so that the gap's variance is the sum of two; each with the correction of the whole."""
    p = value(table(castle, REST, SOUTH), "A", "equal effects", "p")
    parts = [regress(castle[castle["south"] == k], "l_homicide", ["castle", "l_police"], ["unit", "year"], BY_UNIT)
             for k in (0, 1)]  # fmt: skip
    factor = [(n - 1) / (n - k) * g / (g - 1) for n, k, g in ((374, 13, 34), (176, 13, 16), (550, 26, 50))]
    variance = sum(part.fit.vcov[0, 0] / f for part, f in zip(parts, factor, strict=False)) * factor[2]
    gap = parts[0].fit.coef[0] - parts[1].fit.coef[0]
    assert p == pytest.approx(float(stats.f.sf(gap**2 / variance, 1, 49)), rel=1e-9)


@pytest.mark.parametrize("clusters", [3, 5])
@pytest.mark.parametrize("form", ["interaction", "groups"])
def test_more_groups_than_clusters_lose_the_test_and_keep_the_columns(castle, clusters, form):
    """Six effects and five clusters leave a covariance of rank four at most."""
    drawn = np.random.default_rng(1).permutation(50)
    panel = castle.assign(
        six=castle["sid"] % 6, few=drawn[castle["unit"].rank(method="dense").astype(int) - 1] % clusters
    )
    splits = [{"variable": "six", "form": form}]
    result = run_exhibit(
        "heterogeneity", panel, {"splits": splits, "vcov": {"kind": "cluster", "by": "few"}}, DEFAULTS, INFO
    )
    check_exhibit("heterogeneity", result, INFO)
    effects = result.estimates[result.estimates["term"].str.startswith("castle")]
    assert len(effects) == 6
    assert effects["estimate"].notna().all()
    test = result.estimates[result.estimates["term"] == "equal effects"].iloc[0]
    assert np.isnan(test["p"])
    assert f"6 effects with {clusters} clusters cannot be tested jointly" in test["reason"]
    assert any("Equal effects of six not tested: 6 effects" in note for note in result.notes)
    assert result.ledger["reason"].str.contains("cannot be tested jointly").sum() == 1


def test_a_group_within_one_cluster_has_no_error(castle):
    panel = castle.assign(half=castle["sid"] % 2)
    with pytest.raises(EstimationError, match="no error for the group '0': it lies in one cluster of 'half'"):
        by_group(panel, panel["half"], "l_homicide", "castle", [], ["unit", "year"],
                 {"kind": "cluster", "by": "half"}, "reghdfe")  # fmt: skip


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"outcome": "l_larceny"}, "differ in 'outcome'"),
        ({"treatment": "other"}, "differ in 'treatment'"),
        ({"controls": []}, "differ in 'controls'"),
        ({"add": ["other"]}, "differ in 'add'"),
        ({"fixed_effects": ["unit"]}, "differ in 'fixed_effects'"),
        ({"vcov": {"kind": "hetero"}}, "differ in 'vcov'"),
        ({"interactions": ["poverty"]}, "column B has 'interactions'"),
    ],
)
def test_columns_of_other_models_are_not_compared(castle, change, key):
    result = table(castle, REST, SOUTH | change)
    check_exhibit("did_table", result, INFO)
    assert key in value(result, "A", "equal effects", "reason")
    assert any(note.startswith("Equal effects of A, B not tested") and key in note for note in result.notes)
    assert result.ledger["reason"].str.contains(key, regex=False).sum() == 1
    assert result.estimates.loc[result.estimates["term"].isin(["castle", "other"]), "estimate"].notna().all()


def test_columns_of_other_estimators_are_not_compared(castle):
    instrumented = {**SOUTH, "instruments": ["other"]}
    for column, key in ((instrumented, "instruments"), ({**SOUTH, "matching": {"neighbours": 1}}, "matching")):
        result = table(castle, REST, column, kind="mixed_table")
        assert f"column B has '{key}'" in value(result, "A", "equal effects", "reason")


def test_the_same_sample_twice_is_not_compared(castle):
    twice = table(castle, {"label": "A"}, {"label": "B"})
    assert "lower rank" in value(twice, "A", "equal effects", "reason")
    other = table(castle, {"label": "A"}, {"label": "B", "controls": []})
    assert "differ in 'controls'" in value(other, "A", "equal effects", "reason")


def test_words_and_rows_may_differ(castle):
    plain = value(table(castle, REST, SOUTH), "A", "equal effects", "p")
    worded = table(castle, REST, {**SOUTH, "heading": "South", "vcov": {"kind": "cluster", "by": ["unit"]}})
    assert value(worded, "A", "equal effects", "p") == plain
    cut = {**SOUTH, "winsorise": {"variables": ["l_homicide"]}}
    assert 0 < value(table(castle, REST, cut), "A", "equal effects", "p") < 1


def test_the_units_of_the_estimates_do_not_matter_for_the_rank():
    b, V = np.array([1.0, 2e-8]), np.diag([1.0, 1e-16])
    assert pytest.approx(2.5) == joint_test(b, V, np.sqrt(np.diag(V)), 30.0, "two").F
    with pytest.raises(EstimationError, match="two cannot be tested jointly"):
        joint_test(b, np.ones((2, 2)), np.ones(2), 30.0, "two")
    with pytest.raises(EstimationError, match="lower rank"):
        joint_test(b, np.zeros((2, 2)), np.zeros(2), 30.0, "two")
