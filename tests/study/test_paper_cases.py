"""Published tables from the untouched raw files of papers, by study and source YAML alone."""

import shutil

import pytest

from tests.exhibits.exhibit_checks import value


def test_wolfers_2006_table_2_weighted_by_population(case):
    """Column 1: years since unilateral divorce, states weighted by people; without the weights the first is -0.219."""
    printed = {
        "y1": (0.267, 0.085), "y3": (0.210, 0.085), "y5": (0.164, 0.085), "y7": (0.158, 0.084),
        "y9": (-0.121, 0.084), "y11": (-0.324, 0.083), "y13": (-0.461, 0.084), "y15": (-0.507, 0.080),
    }  # fmt: skip
    found = case("wolfers", weights="pop")["t2"]
    for term, numbers in printed.items():
        mine = value(found, "(1)", term), value(found, "(1)", term, "se")
        assert tuple(round(number, 3) for number in mine) == numbers, term
    assert value(found, "(1)", "y1", "n_obs") == 1631
    assert "Weighted by pop (analytic weights)." in found.notes


def test_without_weights_the_sign_turns(case):
    found = case("wolfers")["t2"]
    assert round(value(found, "(1)", "y1"), 3) == -0.219


def test_millo_and_piras_2012_the_error_model_with_weights_of_a_file(case, reference, tmp_path):
    """Journal of Statistical Software 47(1), fixed effects spatial error model of Munnell's states, W = usaww."""
    source = reference / "splm_W_usaww.csv"
    if not source.is_file():
        pytest.skip(f"no matrix {source}")
    (tmp_path / "resources" / "weights").mkdir(parents=True)
    shutil.copy(source, tmp_path / "resources" / "weights" / "usaww.csv")
    exhibit = {
        "id": "sem", "kind": "spatial_did", "models": ["sem"], "lee_yu": "none",
        "lag_treatment": "sdm", "weights": {"kind": "file", "file": "usaww.csv", "normalise": "none"},
    }  # fmt: skip
    found = case("produc", exhibits=[exhibit])["sem"]
    printed = {
        "lpcap": (0.0051438, 0.0250109), "lpc": (0.2053026, 0.0231427), "lemp": (0.7822540, 0.0278057),
        "un": (-0.0022317, 0.0010709), "lambda": (0.5574013, 0.0330749),
    }  # fmt: skip
    rows = found.estimates.set_index("term")
    for term, (estimate, error) in printed.items():
        assert rows.loc[term, "estimate"] == pytest.approx(estimate, abs=6e-8), term
        assert rows.loc[term, "se"] == pytest.approx(error, abs=6e-8), term
    assert rows.loc["lpcap", "n_obs"] == 816
    assert any("file usaww.csv" in note for note in found.notes)
