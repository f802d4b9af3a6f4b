"""Who is treated in published papers, from their own files, to the digits printed."""

import copy
import os
from pathlib import Path

import pandas as pd
import pytest
import yaml
from shidian.errors import PanelError, StudyError

from .built_study import built_study, flat_source
from .firms_in_cities import STUDY, demeaned, of

CASES = Path(os.environ.get("SHIDIAN_SHARED", "../shared")) / "cases" / "papers"


def case(folder, name, change=None, more=()):
    """Run a case of published papers from its own files."""
    if not (CASES / name).is_dir():
        pytest.skip("$SHIDIAN_SHARED has no cases of papers")
    study = yaml.safe_load((CASES / name / "study.yaml").read_text(encoding="utf-8"))
    if change:
        change(study)
    found = []
    for source in study["sources"]:
        path = next(p for d in (name, *more) for p in (CASES / d).glob("*.yaml")
                    if yaml.safe_load(p.read_text(encoding="utf-8")).get("source") == source)  # fmt: skip
        declared = yaml.safe_load(path.read_text(encoding="utf-8"))
        file = declared["files"][0]["path"]
        place = next(CASES / d / file for d in (name, *more) if (CASES / d / file).exists())
        found.append((declared, place.read_text(encoding="utf-8")))
    return built_study(folder, study, found)


def test_the_firms_case_is_refused_and_then_right(tmp_path):
    with pytest.raises(StudyError, match=r"Write 'sources.pilot_city.join: \{on: city\}'"):
        case(tmp_path / "a", "firms")

    def change(study):
        study["sources"]["pilot_city"] = {"join": {"on": "city"}}

    built = case(tmp_path / "b", "firms", change)
    frame = built.panel.frame
    raw = pd.read_csv(CASES / "firms" / "firms.csv")
    ever = frame.groupby("unit")["did"].max()
    assert sorted(map(int, ever[ever == 1].index)) == sorted(raw.loc[raw["city"].isin([1, 2]), "firm"].unique())
    raw["did"] = (raw["year"] >= raw["city"].map({1: 2003, 2: 2004}).fillna(9999)).astype(int)
    y, did = (demeaned(raw, name, "firm") for name in ("y", "did"))
    by_hand = (y * did).sum() / (did**2).sum()
    assert of(built.results["base"]) == pytest.approx(by_hand, abs=1e-10)


def test_minimum_wages_by_a_column_of_the_panel(tmp_path):
    def change(study):
        study["sources"] = {"mpdta": {"role": "frame"}}
        study["treatment"]["adoption"] = "first_treat"
        study["exhibits"] = [e for e in study["exhibits"] if e["id"] == "cs"]

    built = _mpdta(tmp_path, change)
    rows = built.results["cs"].estimates
    found = rows[rows["column"] == "Callaway-Sant'Anna"].set_index("term")["estimate"]
    published = {"tau+0": -0.0199, "tau+1": -0.0510, "tau+2": -0.1373, "tau+3": -0.1008, "ATT": -0.0400}
    assert found[list(published)].to_dict() == pytest.approx(published, abs=5.1e-5)


def _mpdta(folder, change):
    if not (CASES / "mpdta").is_dir():
        pytest.skip("$SHIDIAN_SHARED has no cases of papers")
    study = yaml.safe_load((CASES / "mpdta" / "study.yaml").read_text(encoding="utf-8"))
    change(study)
    source = yaml.safe_load((CASES / "mpdta" / "source.yaml").read_text(encoding="utf-8"))
    table = source["tables"][0]
    table["columns"]["first_treat"] = {"header": "first.treat", "measure": "1"}
    table["ignore"] = ["treat"]
    return built_study(folder, study, [(source, (CASES / "mpdta" / "mpdta.csv").read_text(encoding="utf-8"))])


def test_minimum_wages_by_a_list_with_blanks(tmp_path):
    with pytest.raises(PanelError, match="declare 'undated: never_treated'; all other units are"):
        case(tmp_path / "a", "mpdta_blank", lambda study: study["treatment"].pop("undated"), more=("mpdta",))

    def change(study):
        study["treatment"]["undated"] = "never_treated"

    built = case(tmp_path / "b", "mpdta_blank", change, more=("mpdta",))
    result = built.results["twfe"]
    assert (of(result, term="treated"), of(result, "se", term="treated")) == pytest.approx((-0.0365, 0.0133), abs=5e-5)
    assert of(result, "n_obs", term="treated") == 2500


def test_union_membership_switches(tmp_path):
    pytest.importorskip("linearmodels")
    from linearmodels.datasets import wage_panel

    data = wage_panel.load()[["nr", "year", "lwage", "union", "married", "expersq"]]
    source = flat_source(
        "wages", {"level": "other", "code": "nr", "code_kind": "plain"},
        {"lwage": "1", "union": "1", "married": "1", "expersq": "1"}, year="year",
    )  # fmt: skip
    study = copy.deepcopy(STUDY) | {
        "study": "wages_study", "years": {"first": 1980, "last": 1987}, "sources": {"wages": {"role": "frame"}},
        "treatment": {"name": "member", "status": "union", "kind": "switching"},
        "variables": {"lw": "lwage", "wed": "married", "sq": "expersq"}, "outcome": "lw", "controls": ["wed", "sq"],
        "vcov": {"kind": "iid"}, "ssc": "areg",
    }  # fmt: skip
    result = built_study(tmp_path, study, [(source, data)]).results["base"]
    for term, value, se in (("member", 0.0800, 0.0193), ("wed", 0.0467, 0.0183), ("sq", -0.0052, 0.0007)):
        assert (of(result, term=term), of(result, "se", term=term)) == pytest.approx((value, se), abs=5.1e-5)
    assert of(result, "n_obs", term="member") == 4360
