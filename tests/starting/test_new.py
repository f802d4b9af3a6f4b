"""``shidian new``: a study that runs from a panel file; awkward files are refused in one line, nothing is written."""

import numpy as np
import pandas as pd
import pytest
import yaml
from pyfixest import feols
from shidian.cli import main
from shidian.study.plan import load_plan


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.yaml").write_text("studies: []   # none yet\nlanguage: en\n", encoding="utf-8")
    (tmp_path / "config" / "corrections.yaml").write_text("corrections: []\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SHIDIAN_RAW", raising=False)

    def command(table, *words, name="towns.csv", **how):
        path = tmp_path / "in" / name
        path.parent.mkdir(exist_ok=True)
        if path.suffix == ".dta":
            table.to_stata(path, write_index=False)
        elif path.suffix == ".xlsx":
            table.to_excel(path, index=False)
        else:
            table.to_csv(path, index=False, **how)
        return main(["new", str(path), *words]), *capsys.readouterr()

    return command


def towns(starts=(2003, 2005, 0, 0), n=24, years=range(2001, 2008)) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"town": np.repeat(np.arange(101, 101 + n), len(years)), "year": np.tile(list(years), n)})
    start = np.array([starts[i % len(starts)] for i in range(n)]).repeat(len(years))
    frame["policy"] = ((start > 0) & (frame["year"] >= start)).astype(int)
    frame["wage"] = (3 + 0.5 * frame["policy"] + rng.normal(size=len(frame))).round(6)
    frame["people"] = (100 + rng.normal(size=len(frame))).round(6)
    return frame.assign(start=np.where(start > 0, start, np.nan))


def written(folder):
    return sorted(path.relative_to(folder).as_posix() for path in (folder / "config").rglob("*.yaml"))


def test_a_panel_becomes_a_study_that_loads_and_its_first_table_is_the_regression(run, tmp_path):
    frame = towns().drop(columns="start")
    code, out, err = run(frame, "--outcome", "wage", "--controls", "people", "--unit", "town")
    assert (code, err) == (0, "")
    assert "treatment  policy (0/1, turns on and stays): 12 units in 2 cohorts, 12 never treated" in out
    fit = feols("wage ~ policy + people | town + year", frame, vcov={"CRV1": "town"})
    line = next(line for line in out.splitlines() if line.startswith("policy "))
    assert f"{fit.coef()['policy']:.4f}" in line
    plan = load_plan(tmp_path)
    kinds = [exhibit["kind"] for exhibit in plan.studies["towns"].exhibits]
    assert kinds == ["descriptives", "treatment_timing", "did_table", "event_study", "staggered_did", "placebo"]
    assert (tmp_path / "resources" / "raw" / "towns.csv").exists()
    assert "studies: [towns]   # none yet" in (tmp_path / "config" / "config.yaml").read_text(encoding="utf-8")


def test_a_year_of_adoption_wins_over_its_dummy_and_a_second_study_is_added(run, tmp_path):
    assert run(towns(), "--outcome", "wage")[0] == 0
    study = yaml.safe_load((tmp_path / "config" / "studies" / "towns.yaml").read_text(encoding="utf-8"))
    assert study["treatment"]["adoption"] == "towns.start"
    code, _, err = run(towns(), "--outcome", "wage")
    assert (code, err) == (2, "error: config/sources/towns.yaml is there already: give another name by --name\n")
    assert run(towns(), "--outcome", "wage", "--name", "again", name="towns.dta")[0] == 0
    assert "studies: [towns, again]" in (tmp_path / "config" / "config.yaml").read_text(encoding="utf-8")


def test_a_list_of_studies_in_lines_is_added_to(run, tmp_path):
    config = tmp_path / "config" / "config.yaml"
    config.write_text("# mine\nstudies:\n  - other  # old\n\nraw_data: resources/raw\n", encoding="utf-8")
    assert run(towns(), "--outcome", "wage", "--treatment", "policy", name="t.xlsx")[0] == 0
    assert (
        config.read_text(encoding="utf-8") == "# mine\nstudies:\n  - other  # old\n  - t\n\nraw_data: resources/raw\n"
    )


def test_chinese_headers_name_columns(run, tmp_path):
    names = {"town": "城市代码", "year": "年份", "policy": "低碳试点", "wage": "人均GDP", "people": "年末总人口(万人)"}
    frame = towns().drop(columns="start").rename(columns=names)
    code, _, err = run(frame, "--outcome", "人均GDP", name="城市.csv", encoding="gb18030")
    assert (code, err) == (
        2,
        "error: the name of 城市.csv gives no id: write one of small letters, digits and _ by --name\n",
    )
    words = ("--outcome", "人均GDP", "--controls", "年末总人口(万人)", "--name", "cities")
    code, out, _ = run(frame, *words, name="城市.csv", encoding="gb18030")
    assert code == 0
    assert "treatment  low_carbon_pilot (0/1, turns on and stays): 12 units in 2 cohorts" in out


def reverts(frame):
    return frame.assign(policy=frame["policy"] * (frame["year"] != 2006)).drop(columns="start")


AWKWARD = {
    "no unit": (lambda f: f[f["town"] == 101].drop(columns="town"), (), ""),
    "no year": (lambda f: f.drop(columns=["year", "start"]), ("--outcome", "wage"),
                "no column of years or other periods was found"),
    "twice": (lambda f: pd.concat([f, f.assign(wage=1.0)]), ("--outcome", "wage"),
              "no column names units that come again in other periods, once in each"),
    "years in words": (lambda f: f.assign(year=f["year"].map(lambda y: f"year {y % 100}")), ("--outcome", "wage"), ""),
    "two treatments": (lambda f: f.assign(other=((f["town"] % 3 == 0) & (f["year"] > 2004)).astype(int)),
                       ("--outcome", "wage"), "several columns may be the treatment: --treatment policy |"),
    "no outcome named": (lambda f: f, (), "which column is the outcome? --outcome wage | people"),
    "one period": (lambda f: f[f["year"] == 2007], ("--outcome", "wage"), "the file has one period"),
    "all treated": (lambda f: f.assign(policy=1).drop(columns="start"), ("--outcome", "wage"),
                    "no column says who is treated when"),
    "nobody treated": (lambda f: f.assign(policy=0).drop(columns="start"), ("--outcome", "wage"),
                       "no column says who is treated when"),
    "no treatment": (lambda f: f.drop(columns=["policy", "start"]), ("--outcome", "wage"),
                     "no column says who is treated when"),
    "a dose": (lambda f: f.assign(policy=f["policy"] * f["people"]).drop(columns="start"),
               ("--outcome", "wage", "--treatment", "policy"), "'policy' does not say who is treated when"),
    "unknown outcome": (lambda f: f, ("--outcome", "wages"), "no column of numbers 'wages' (did you mean 'wage'?)"),
    "unknown control": (lambda f: f, ("--outcome", "wage", "--controls", "peopel"),
                        "'peopel' (did you mean 'people'?)"),
    "two roles": (lambda f: f, ("--outcome", "wage", "--controls", "wage"), "'wage' is given two roles"),
    "treatment as control": (lambda f: f.drop(columns="start"), ("--outcome", "wage", "--controls", "policy"),
                             "'policy' is given two roles: treatment and control"),
    "texts only": (lambda f: f.astype(str).map(lambda text: f"x{text}"), ("--outcome", "wage"), ""),
    "odd name": (lambda f: f, ("--outcome", "wage", "--name", "My Study"), "'My Study' (from towns.csv) is no id"),
    "a number that is none": (lambda f: f.assign(wage=f["wage"].astype(object).mask(f.index == 3, "?")),
                              ("--outcome", "wage"), ""),
    "empty": (lambda f: f.iloc[:0], ("--outcome", "wage"), ""),
    "a file of words": (lambda f: pd.DataFrame({"note": ["hello", "world"]}), (), ""),
}  # fmt: skip


@pytest.mark.parametrize("case", list(AWKWARD))
def test_awkward_files_are_refused_in_one_line_or_read_right(run, tmp_path, case):
    change, words, said = AWKWARD[case]
    code, out, err = run(change(towns()), *words)
    if not said and code == 0:  # what is odd in it was declared in the draft, and shown
        assert "Assumed:" in out
        return
    assert code in (1, 2)
    assert err.startswith("error: ")
    assert said in err
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert written(tmp_path) == ["config/config.yaml", "config/corrections.yaml"]
    assert not (tmp_path / "resources").exists()


def test_a_treatment_that_ends_is_taken_as_a_switch(run, tmp_path):
    code, out, _ = run(reverts(towns()), "--outcome", "wage")
    assert code == 0
    assert "0/1, goes back to 0 as well" in out
    study = yaml.safe_load((tmp_path / "config" / "studies" / "towns.yaml").read_text(encoding="utf-8"))
    assert study["treatment"]["kind"] == "switching"
    assert [exhibit["kind"] for exhibit in study["exhibits"]] == ["descriptives", "did_table"]


def test_quarters_are_periods(run, tmp_path):
    frame = towns().drop(columns="start")
    frame["year"] = frame["year"].map(lambda y: f"{2010 + (y - 2001) // 4}Q{(y - 2001) % 4 + 1}")
    code, out, _ = run(frame.rename(columns={"year": "quarter"}), "--outcome", "wage")
    assert code == 0
    assert "24 units, 2010Q1 to 2011Q3" in out
    study = yaml.safe_load((tmp_path / "config" / "studies" / "towns.yaml").read_text(encoding="utf-8"))
    assert study["period"] == {"kind": "quarter"}
