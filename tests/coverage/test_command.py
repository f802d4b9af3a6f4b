"""``shidian coverage`` and ``shidian check --variables``: what they say, in both languages, and their exit codes."""

import copy
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from shidian.checking.page import WIDTH, width_of
from shidian.cli import main
from shidian.messages.frames import with_messages
from shidian.panel.build import Panel, build_panel
from shidian.panel.leave_out import leave_out
from shidian.panel.records import long_tables
from shidian.yearbook.arrow import write_tables
from shidian.yearbook.extract import extract_file

from ..study.built_study import built_study, flat_source
from ..study.own_data import SOURCE, STUDY

Run = Callable[..., tuple[int, str, str]]
TOWNS = [
    (town, year)
    for town in (101, 102, 103, 104)
    for year in range(2001, 2005)
    if (town, year) not in ((104, 2001), (104, 2002))
]
WAGES = pd.DataFrame(
    [(t, f"town {t}", y, 3000 if (t, y) != (102, 2003) else "", 500, int(t < 103 and y > 2002)) for t, y in TOWNS],
    columns=["town", "town_name", "year", "wage", "people", "policy"],
)
MORE = pd.DataFrame([(t, y, t * 2) for t in (101, 104, 999) for y in range(2001, 2005)], columns=["town", "year", "z"])


def project(folder: Path) -> Panel:
    """Write a study with its finished panel: 104 has no row in 2001 and 2002, 102 no wage in 2003."""
    study = copy.deepcopy(STUDY) | {"years": {"first": 2000, "last": 2004}}
    study["sources"] = {"my_panel": {"role": "frame"}, "more": {}}
    study["variables"] = {"wage_w": "wage_yuan", "z": "more.z", "pay": {"formula": "wage_yuan / people_wan"}}
    study["outcome"], study["controls"] = "wage_w", ["z"]
    study["exhibits"] = [{"id": "base", "kind": "did_table", "columns": [{}]}]
    study["indicators"] = {
        "pay_cut": {"method": "winsorise", "inputs": {"values": "pay"}},
        "per_wage": {"method": "formula", "formula": "pay / wage_w"},
    }
    unit = {"level": "other", "code": "town", "code_kind": "plain"}
    sources = [(copy.deepcopy(SOURCE), WAGES), (flat_source("more", unit, {"z": "1"}, year="year"), MORE)]
    built = built_study(folder, study, sources)
    spec = built.plan.studies["my_study"].panel
    records = {
        u.source: extract_file(built.plan.sources[u.source], 1, built.plan.raw_root).records for u in spec.sources
    }
    panel = build_panel(spec, records, {})
    results = folder / "results" / "my_study"
    results.mkdir(parents=True)
    leave_out(panel.frame).to_parquet(results / "panel.parquet")
    write_tables(results / "panel_long.parquet", long_tables(panel.long))
    with_messages(panel.ledger).to_csv(results / "panel_ledger.csv", index=False)
    with_messages(panel.ledger.iloc[:0]).to_csv(results / "indicators_ledger.csv", index=False)
    return panel


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    project(tmp_path)
    monkeypatch.chdir(tmp_path)

    def command(*words: str) -> tuple[int, str, str]:
        code = main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def test_coverage_by_year_and_unit_and_what_was_lost(run: Run) -> None:
    code, out, err = run("coverage", "my_study")
    flat = " ".join(out.split())
    assert (code, err) == (0, "")
    assert "declared: 2000 to 2004" in out
    assert "in the panel: 2001 to 2004, 4 units, 14 of the 20 unit-years that they would have" in flat
    lines = [line.split() for line in out.splitlines()]
    assert ["2000", "2001-2002", "2003", "2004"] in lines
    assert ["(row", "of", "the", "panel)", "0", "75", "100", "100"] in lines
    assert ["wage_w", "0", "75", "75", "100"] in lines
    assert ["z", "0", "25", "50", "50"] in lines
    assert "104 town 104: 12 of 20: no row 2000-2002" in flat
    assert "102 town 102: 10 of 20: no row 2000; wage_w, pay 2003; z 2001-2004" in flat
    assert "Rows with wage_w, did, z: 6 of 14" in flat
    assert "z: missing in 8 rows, in 7 of them nothing else is" in flat
    assert "wage_w: missing in 1 rows, in 0 of them nothing else is" in flat
    assert "more.z: of 8 values 2 stand in unit-years without a row; 0 cells hold no number" in flat
    assert (
        "join more: more: unit-years that the panel does not have (not in its frame, or excluded): 104 2001-2002"
        in flat
    )
    assert all(width_of(line) <= WIDTH for line in out.splitlines())


def test_the_report_is_chinese_where_the_configuration_says_so(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "config" / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8") + "language: zh\n", encoding="utf-8")
    out = run("coverage", "my_study")[1]
    assert "（面板的行）" in out
    assert "声明：2000 至 2004" in out
    assert not any(word in out for word in ("unit-years", "missing", "the panel"))
    assert "计量单位" in run("check", "--variables", "my_study")[1]


def test_what_cannot_be_reported_is_one_line_with_its_exit_code(run: Run, tmp_path: Path) -> None:
    code, _, err = run("coverage", "my_studi")
    assert (code, err) == (2, "error: there is no config/studies/my_studi.yaml (did you mean 'my_study'?)\n")
    assert run("check", "--variables", "my_studi")[0] == 2
    panel = tmp_path / "results" / "my_study" / "panel.parquet"
    frame = pd.read_parquet(panel)
    frame.drop(columns="pay").to_parquet(panel)
    code, _, err = run("coverage", "my_study")
    assert code == 1
    assert "has no variable 'pay': the study file has changed since it was made" in err
    panel.unlink()
    code, _, err = run("coverage", "my_study")
    assert code == 1
    assert "panel.parquet is not there: run the study first" in err
    assert err.count("\n") == 1


def test_variables_are_shown_with_formula_and_unit_of_measure(run: Run) -> None:
    code, out, _ = run("check", "--variables", "my_study")
    lines = [line.strip() for line in out.splitlines()]
    assert code == 0
    assert lines[lines.index("wage_w [元]:") + 1] == "= wage_yuan"
    at = next(n for n, line in enumerate(lines) if line.startswith("pay ["))
    assert "yuan" in lines[at]
    assert lines[at + 1] == "= wage_yuan / people_wan"
    assert "z [pure number]:" in lines
    assert lines[at] == "pay [0.0001 yuan/person]:", "元 over 万人"
    assert lines[lines.index("pay_cut [0.0001 yuan/person]:") + 1] == "= winsorise(pay)"
    assert lines[lines.index("per_wage [0.0001 1/person]:") + 1] == "= pay / wage_w"
    assert "my_panel.people_wan [万人]" in lines
