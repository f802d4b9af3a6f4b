"""Exhibits on the data are Chinese in a Chinese report: notes, tables, warnings, ledger."""

import numpy as np
import pandas as pd
import pytest
from shidian.exhibits.data.data_checks import estimate as data_checks
from shidian.exhibits.result import StudyInfo
from shidian.indicators.entropy_index import entropy_index
from shidian.panel.checks import check_values
from shidian.report.words import in_words
from shidian.study.model import Checks

from tests.exhibits.exhibit_checks import run_exhibit
from tests.report.chinese import english_left

INFO = StudyInfo("demo", "城市", "did", labels={"did": "试点"}, simulated=True)
SAMPLE = {"first_year": 2011, "exclude_units": ["u01"]}
INDEX = {"name": "index", "inputs": ["a", "b", "one"], "cost": ["b"], "missing": "drop"}
POLARITY = {"a": "benefit", "b": "cost", "one": "benefit"}
CASES = {
    "correlation": {"variables": ["a", "b", "one"], "sample": SAMPLE},
    "descriptives": {"variables": ["a", "signed"], "statistics": ["n", "mean", "sd", "median", "cv"], "sample": SAMPLE,
                     "definitions": {"a": "甲"}},
    "index_weights": {"entropy_index": INDEX, "groups": {"a": "第一组", "b": "第二组"}},
    "treatment_timing": {"sample": SAMPLE},
    "coverage": {"sample": SAMPLE},
    "vif": {"variables": ["a", "b", "sum", "near"], "sample": SAMPLE},
}  # fmt: skip


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(1)
    n, years = 8, 5
    frame = pd.DataFrame({"unit": np.repeat([f"u{i:02d}" for i in range(n)], years), "year": np.tile(range(5), n)})
    frame["year"] += 2010
    frame["a"], frame["b"] = rng.lognormal(size=(2, n * years))
    adoption = {0: 2010, 1: 2011, 2: 2012, 3: 2012}
    frame["adoption_year"] = pd.array([adoption.get(i // years, pd.NA) for i in range(n * years)], dtype="Int64")
    frame["did"] = (frame["year"] >= frame["adoption_year"]).fillna(False).astype(int)
    frame.loc[7, "a"] = np.nan
    near = 1e-4 * rng.normal(size=n * years)
    frame = frame.assign(one=1.0, signed=rng.normal(size=n * years), sum=2 * frame["a"], near=frame["b"] + near)
    return frame.assign(index=entropy_index(frame[list(POLARITY)], POLARITY, missing="drop").score)


@pytest.mark.parametrize("kind", CASES)
def test_everything_that_an_exhibit_says_is_chinese(panel, kind):
    assert english_left(run_exhibit(kind, panel, CASES[kind], {}, INFO)) == []


def test_counts_and_warnings_stand_in_their_places(panel):
    chinese = in_words(run_exhibit("descriptives", panel, CASES["descriptives"], {}, INFO), "zh")
    assert chinese.notes[0] == "样本：7 个城市，28 行（2011–2014 年；剔除u01）。"
    assert [text for text, _ in chinese.table.header[0]] == [
        "变量",
        "定义",
        "N",
        "均值",
        "标准差",
        "中位数",
        "变异系数",
    ]


def test_findings_of_the_checks_are_said_with_their_numbers():
    years = [2010, 2011, 2012]
    long = pd.DataFrame({
        "unit": "1", "year": years, "source_id": "s", "indicator": "wage", "value": [1.0, 20.0, 1.0],
        "measure": "元", "flag": "as_printed", "cell_id": "c",
    })  # fmt: skip
    frame = pd.DataFrame({"unit": "1", "year": years, "share": [0.5, 2.0, 0.5]})
    checks = Checks(jumps=(10.0,), parts=(), shares=("share",), agree=())
    result = data_checks.run(check_values(long, frame, checks, {}), {"id": "c", "examples": 2}, INFO)
    assert english_left(result) == []
    rows = in_words(result, "zh").table.rows
    assert [row.cells[0].text for row in rows] == ["跳变 10 倍", "占比不在 0 与 1 之间"]
    assert rows[0].cells[3].text == "1 2011 年：为上年的 20.0 倍；1 2012 年：为上年的 1/20.0"
    empty = data_checks.run(check_values(long.iloc[:0], frame.iloc[:1], checks, {}), {"id": "c", "examples": 2}, INFO)
    assert english_left(empty) == []
