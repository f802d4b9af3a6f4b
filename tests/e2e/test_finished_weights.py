"""The weights that `shidian weights` writes are those behind the printed Moran's I."""

import numpy as np
import pandas as pd
import pytest
from shidian.cli import main
from shidian.code_digests import ROOT
from shidian.exhibits.result import read_result
from shidian.study.plan import load_plan

from tests.e2e.test_finished_reports import RESULTS, each_report


@each_report
def test_morans_i_by_hand_from_the_written_weights(study, tmp_path, monkeypatch, capsys):
    exhibits = [e for e in load_plan(ROOT).studies[study].exhibits if e["kind"] == "moran"]
    if not exhibits:
        pytest.skip("no Moran's I in this study")
    monkeypatch.chdir(RESULTS.parent)
    panel = pd.read_parquet(RESULTS / study / "panel.parquet").assign(unit=lambda p: p["unit"].astype(str))
    for exhibit in exhibits:
        out = tmp_path / "weights.csv"
        assert main(["weights", study, exhibit["id"], "--out", str(out)]) == 0
        assert "normalisation row" in capsys.readouterr().out
        W = pd.read_csv(out, dtype={"unit": str, "neighbour": str})
        printed = read_result(str(RESULTS / study / "estimates" / f"{exhibit['id']}.json")).estimates
        printed = printed[printed["column"] == "Moran's I"].set_index("term")["estimate"]
        assert len(printed) > 5
        variable = exhibit.get("variable", exhibit["outcome"])
        for year, rows in panel[panel["unit"].isin(W["unit"])].groupby("year"):
            z = rows.set_index("unit")[variable] - rows[variable].mean()
            cross = float(np.sum(W["weight"] * z[W["unit"]].to_numpy() * z[W["neighbour"]].to_numpy()))
            by_hand = len(z) / W["weight"].sum() * cross / float((z**2).sum())
            if str(year) in printed.index:
                assert by_hand == pytest.approx(printed[str(year)], abs=1e-10)
        sums = W.groupby("unit")["weight"].sum()
        assert sums.to_numpy() == pytest.approx(np.ones(len(sums)), abs=1e-12)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["castle_doctrin", "baseline"], "no study 'castle_doctrin' runs (did you mean 'castle_doctrine'"),
        (["castle_doctrine", "twf"], "study 'castle_doctrine' has no exhibit 'twf' (did you mean 'twfe'"),
        (["castle_doctrine", "twfe"], "exhibit 'twfe' of kind 'did_table' has no spatial weights; none of"),
        (["green_innovation_cities", "baseline"], "those of 'green_innovation_cities' that have: "),
    ],
)
def test_what_has_no_weights_is_said(words, said, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert main(["weights", *words]) == 1
    assert said in capsys.readouterr().err


def test_a_study_that_has_not_run_is_said(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["weights", "green_innovation_cities", "weights_summary"]) == 1
    assert "panel.parquet is not there yet: run the study first" in capsys.readouterr().err
