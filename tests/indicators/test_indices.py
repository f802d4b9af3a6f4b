"""Entropy-weighted TOPSIS, CRITIC and coupling coordination: published weights, pymcdm, by hand, properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.errors import EstimationError, PanelError
from shidian.indicators.coupling_coordination import coupling_coordination, coupling_degree, development
from shidian.indicators.critic_index import critic_index
from shidian.indicators.entropy_topsis import entropy_topsis
from shidian.panel.indicators import add_indicators
from shidian.study.model import Indicator

MATRIX = pd.DataFrame(
    [[5000, 3, 3, 4, 3, 2], [680, 5, 3, 2, 2, 1], [2000, 3, 2, 3, 4, 3], [600, 4, 3, 1, 2, 2], [800, 2, 4, 3, 3, 4]],
    columns=list("abcdef"),
)
"""Decision matrix of Tuş and Aytaç Adalı (2019, Opsearch 56, 528-538)."""


def test_published_critic_weights():
    weights = critic_index(MATRIX)[1]["weight"]
    np.testing.assert_allclose(weights, [0.157, 0.249, 0.168, 0.121, 0.154, 0.151], atol=5e-4)


def test_critic_weights_of_pymcdm():
    """``pymcdm.weights.critic_weights`` 1.4.0."""
    expected = [0.15700343, 0.24948924, 0.16767525, 0.12110022, 0.15409929, 0.15063256]
    score, table = critic_index(MATRIX)
    np.testing.assert_allclose(table["weight"], expected, atol=5e-9)
    z = (MATRIX - MATRIX.min()) / (MATRIX.max() - MATRIX.min())
    np.testing.assert_allclose(score, z @ table["weight"].to_numpy(), rtol=1e-12)


@pytest.mark.parametrize(
    ("distances_of", "expected"),
    [
        (
            "minmax",
            [0.47545596943512747, 0.3845899662226687, 0.631173830671004, 0.34496174736032365, 0.5707890979159537],
        ),
        ("vector", [0.4196853271298063, 0.4649986090284826, 0.638962630732319, 0.456013208165996, 0.6435012651585998]),
    ],
)
def test_topsis_of_pymcdm(distances_of, expected):
    """``pymcdm.methods.TOPSIS`` 1.4.0 with its entropy weights of the shifted min-max matrix; a is a cost."""
    score, table = entropy_topsis(MATRIX, ("a",), distances_of=distances_of)
    weights = [0.1150747462149166, 0.16340972516112984, 0.13628714897725394, 0.14185399901869092,
               0.27996465546687876, 0.16340972516112984]  # fmt: skip
    np.testing.assert_allclose(table["weight"], weights, rtol=1e-12)
    np.testing.assert_allclose(score, expected, rtol=1e-12)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.floats(1e-6, 1e6))
def test_indices_by_units_order_and_direction(seed, factor):
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.lognormal(size=(12, 4)), columns=list("abcd"))
    order = rng.permutation(12)
    for index, costs in ((critic_index, True), (entropy_topsis, True), (vector, False)):
        base = index(x, ("b",))[0]
        assert base.between(0, 1).all()
        np.testing.assert_allclose(index(x * [factor, 1, 1 / factor, 1], ("b",))[0], base, rtol=1e-7)
        again = index(x.iloc[order][list("dbca")], ("b",))[0]
        np.testing.assert_allclose(again.sort_index(), base, rtol=1e-9)
        if costs:
            np.testing.assert_allclose(index(x.assign(b=7 - x["b"]))[0], base, rtol=1e-7, atol=1e-12)


def vector(x, cost=()):
    return entropy_topsis(x, cost, distances_of="vector")


def test_the_best_row_is_at_one_and_the_worst_at_zero():
    x = pd.DataFrame({"a": [1.0, 2, 3], "b": [9.0, 5, 4]})
    for distances_of in ("minmax", "vector"):
        assert entropy_topsis(x, ("b",), distances_of=distances_of)[0].iloc[[0, 2]].tolist() == [0.0, 1.0]


@pytest.mark.parametrize("index", [critic_index, entropy_topsis])
def test_what_an_index_refuses(index):
    keyed = MATRIX.set_axis(pd.MultiIndex.from_product([["110000"], range(2001, 2006)], names=["unit", "year"]))
    with pytest.raises(EstimationError, match=r"unit 110000, year 2003: .*b.* missing, and 1 rows .* missing: drop"):
        index(keyed.assign(b=[1, 2, np.nan, 4, 5]))
    with pytest.raises(EstimationError, match="'z' under 'cost' is none of its inputs"):
        index(MATRIX, ("z",))
    with pytest.raises(EstimationError, match=r"it needs \d rows or more; 1 have all indicators"):
        index(MATRIX.iloc[:1])
    gaps = MATRIX.assign(b=[1.0, 2, np.nan, 4, 5])
    assert index(gaps, missing="drop")[0].isna().tolist() == [False, False, True, False, False]


def test_a_constant_indicator_has_no_correlation_and_no_entropy():
    with pytest.raises(EstimationError, match="'b' is constant over all 5 rows and correlates with nothing"):
        critic_index(MATRIX.assign(b=4))
    score, table = entropy_topsis(MATRIX.assign(b=4), ("b",))
    assert table["weight"].tolist()[1] == 0
    np.testing.assert_allclose(score, entropy_topsis(MATRIX.drop(columns="b"))[0], rtol=1e-12)
    with pytest.raises(EstimationError, match="every indicator is constant"):
        entropy_topsis(MATRIX * 0)
    with pytest.raises(EstimationError, match="one indicator in several units"):
        critic_index(pd.DataFrame({"km": [1.0, 2, 5], "m": [1000.0, 2000, 5000]}))


def systems(*columns):
    return pd.DataFrame(dict(enumerate(columns))).rename(columns=str)


def test_coupling_by_hand():
    two = systems([0.3, 0.8, 0.5], [0.6, 0.2, 0.5])
    np.testing.assert_allclose(coupling_degree(two), [2 * np.sqrt(0.18) / 0.9, 2 * np.sqrt(0.16) / 1.0, 1])
    np.testing.assert_allclose(coupling_degree(two, "wang"), [np.sqrt(0.7 * 0.5), np.sqrt(0.4 * 0.25), 1])
    three = systems([0.2], [0.4], [0.8])
    common = 3 * (0.2 * 0.4 * 0.8 / 1.4**3) ** (1 / 3)
    wang = np.sqrt((1 - (0.2 + 0.6 + 0.4) / 3) * (0.25 * 0.5 * 1) ** (1 / 2))
    assert coupling_degree(three)[0] == pytest.approx(common, rel=1e-12)
    assert coupling_degree(three, "wang")[0] == pytest.approx(wang, rel=1e-12)
    assert development(three, (0.5, 0.3, 0.2))[0] == pytest.approx(0.1 + 0.12 + 0.16)
    assert coupling_coordination(three, "wang", (0.5, 0.3, 0.2))[0] == pytest.approx(np.sqrt(wang * 0.38), rel=1e-12)


def test_pairs_of_both_forms_as_printed_in_table_8_of_wang_et_al():
    """The common C gives the ratio r of two subsystems; their index then lies between 0 and 1 only if the corrected C
    lies between r and its root. Rows of 2008: Beijing, Tianjin, Shijiazhuang, Qinhuangdao, Chengde."""
    common = np.array([0.9989, 0.9935, 0.8868, 0.6821, 0.6101])
    corrected = np.array([0.9404, 0.8660, 0.5440, 0.3006, 0.2700])
    root = (1 - np.sqrt(1 - common**2)) / common
    larger = (1 - corrected**2 / root**2) / (1 - root**2)
    two = systems(larger * root**2, larger)
    assert two.to_numpy().min() > 0
    assert two.to_numpy().max() < 1
    np.testing.assert_allclose(coupling_degree(two), common, atol=5e-5)
    np.testing.assert_allclose(coupling_degree(two, "wang"), corrected, atol=5e-5)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.integers(2, 5))
def test_coupling_is_between_zero_and_one_and_knows_no_order(seed, n):
    u = systems(*np.random.default_rng(seed).uniform(0.01, 1, size=(n, 6)))
    for form in ("common", "wang"):
        c = coupling_degree(u, form)
        assert c.between(0, 1).all()
        np.testing.assert_allclose(coupling_degree(u[u.columns[::-1]], form), c, rtol=1e-12)
    np.testing.assert_allclose(coupling_degree(u * 0.5), coupling_degree(u), rtol=1e-12)
    assert (coupling_degree(u, "wang") <= coupling_degree(u) + 1e-12).all() or n > 2


def test_what_coupling_refuses_and_leaves_empty():
    assert coupling_degree(systems([0.0], [0.5]))[0] == coupling_degree(systems([0.0], [0.5]), "wang")[0] == 0
    assert np.isnan(coupling_degree(systems([np.nan], [0.5]))[0])
    for bad, words in (([-0.1], "zero or greater"), ([3.2], "between 0 and 1"), ([0.0], "above zero in one subsystem")):
        with pytest.raises(EstimationError, match=words):
            coupling_degree(systems(bad, [0.0]))
    with pytest.raises(EstimationError, match="'shares' has 3 numbers for 2 inputs"):
        development(systems([0.1], [0.2]), (0.2, 0.3, 0.5))
    with pytest.raises(EstimationError, match=r"'shares' sum to 0\.9 and must sum to 1"):
        development(systems([0.1], [0.2]), (0.4, 0.5))


def test_a_study_declares_them():
    panel = pd.DataFrame({"unit": ["1", "1", "2", "2"], "year": [2001, 2002] * 2, "a": [1.0, 2, 3, 5],
                          "b": [4.0, 2, 3, 1], "c": [2.0, 7, 1, 8]})  # fmt: skip
    ab, bc = (tuple((name, name) for name in names) for names in ("ab", "bc"))
    declared = [
        Indicator("first", "entropy_topsis", ab, (("cost", ["b"]),)),
        Indicator("second", "critic_index", bc, ()),
        Indicator("both", "coupling_coordination", (("first", "first"), ("second", "second")), (("form", "wang"),)),
    ]
    found = add_indicators(panel, declared)
    expected = coupling_coordination(found.panel[["first", "second"]], "wang")
    np.testing.assert_allclose(found.panel["both"], expected, rtol=1e-12)
    assert found.weights.groupby("index")["weight"].sum().round(12).to_dict() == {"first": 1.0, "second": 1.0}
    with pytest.raises(PanelError, match=r"indicator 'second': critic_index: 'b' is constant"):
        add_indicators(panel.assign(b=1.0), declared[1:2])
