"""Tables of other papers ($SHIDIAN_SHARED/cases/tables): their true misprints, planted ones, and no false alarm."""

import pytest
import yaml
from shidian.audit.printed_tables.check import check_tables

FOUND = {
    "p01_characteristic_town": 0, "p03_covid_jeem": 1, "p04_wujns": 0, "p05_colombia": 0, "p06_poverty": 0,
    "p08_accounting": 0, "p09_patents_desc": 2, "p10_fuzzy_rd": 0, "p11_gmm_telpol": 3, "p12_jmir_iv": 3,
    "p13_belt_road_t": 0,
}  # fmt: skip
"""Table -> disagreements that are misprints of the paper: nine, in four papers."""
CELL = ("tables", "baseline", "rows")
PLANTS = [
    ("p05_colombia", (*CELL, "did", "M4", 0), "0.00412", "lone sign"),
    ("p05_colombia", ("tables", "baseline", "columns", "M4", "n"), "3242", "repeated cell"),
    ("p05_colombia", ("tables", "baseline", "columns", "M4", "n"), "3442", "lone N"),
    ("p05_colombia", (*CELL, "did", "M3", 2), "1", "stars"),
    ("p05_colombia", (*CELL, "did", "M2", 2), "3", "stars"),
    ("p05_colombia", (*CELL, "post", "M1", 1), "0.0161", "stars"),
    ("p05_colombia", (*CELL, "fathers", "M5", 0), "-0.0548", "stars"),
    ("p01_characteristic_town", ("tables", "table3", "columns", "first_stage", "kp_f"), "1.161", "first-stage F"),
    ("p04_wujns", ("tables", "table7", "columns", "w1", "n"), "399", "sample size"),
    ("p09_patents_desc", ("descriptives", "giov", 3), "120.92", "range"),
    ("p09_patents_desc", ("descriptives", "fai", 2), "289.6", "spread"),
    ("p08_accounting", ("descriptives", "treat", 1), "0.4091", "0/1"),
    ("p13_belt_road_t", ("tables", "table4", "rows", "treat_policy", "c3", 1), "7.63", "sign of t"),
]


@pytest.fixture(scope="module")
def tables(shared):
    folder = shared / "cases" / "tables"
    if not folder.is_dir():
        pytest.skip(f"no tables of other papers in {folder}")
    return {path.stem: yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader) for path in folder.iterdir()}


def findings(content, tmp_path):
    path = tmp_path / "paper.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return check_tables(path)


@pytest.mark.parametrize("name", FOUND)
def test_true_misprints_and_no_false_alarm(tables, tmp_path, name):
    below = {"below": "t"} if name.endswith("_t") else {}
    found = findings({**below, **tables[name]}, tmp_path)
    assert (found["verdict"] == "disagrees").sum() == FOUND[name]
    assert not (found["verdict"] == "unusual").any()


def test_t_statistics_typed_as_they_stand_are_told_from_errors(tables, tmp_path):
    found = findings(tables["p13_belt_road_t"], tmp_path)
    assert found.loc[found["verdict"].isin(["disagrees", "unusual"]), "check"].tolist() == ["below"]
    assert "below: t" in found.loc[0, "sure"]


@pytest.mark.parametrize(("name", "place", "value", "check"), PLANTS)
def test_planted_misprints_are_found(tables, tmp_path, name, place, value, check):
    content = yaml.load(yaml.safe_dump(tables[name]), Loader=yaml.BaseLoader)
    if name.endswith("_t"):
        content["below"] = "t"
    at = content
    for key in place[:-1]:
        at = at[int(key) if isinstance(at, list) else key]
    at[place[-1]] = value
    found = findings(content, tmp_path)
    assert check in set(found.loc[found["verdict"].isin(["disagrees", "unusual"]), "check"])
