"""Exhibits on efficiency are Chinese in a Chinese report: notes, tables, warnings, ledger."""

import numpy as np
import pandas as pd
import pytest
from shidian.efficiency.result import INFEASIBLE_WORDS
from shidian.exhibits.result import StudyInfo
from shidian.indicators.entropy_index import entropy_index
from shidian.report.catalogue import in_language
from shidian.report.words import in_words

from tests.exhibits.exhibit_checks import run_exhibit
from tests.report.chinese import english_left

INFO = StudyInfo("demo", "城市", "pilot", labels={"pilot": "试点", "gie": "效率"}, simulated=True, seed=3)
MODEL = {"inputs": ["x", "index"], "desirable": ["y"], "undesirable": ["b"]}
EFFECTS = {"fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": "unit"}}
INDICES = {"index": {"water": "benefit", "power": "benefit"}}
SAMPLE = {"exclude_units": ["u01"]}
CASES = {
    "years": ("efficiency_scores", {"model": MODEL, "sample": SAMPLE}),
    "window": ("efficiency_scores", {"model": {**MODEL, "frontier": "window", "window": 2, "returns": "vrs"}}),
    "input": ("efficiency_scores", {"model": {**MODEL, "orientation": "input", "returns": "vrs"}}),
    "highs": ("efficiency_scores", {"model": {**MODEL, "frontier": "sequential", "engine": "highs"}}),
    "zeros": ("efficiency_scores", {"model": {**MODEL, "inputs": ["x", "zero"], "zeros": "drop"}}),
    "replaced": ("efficiency_scores", {"model": {**MODEL, "inputs": ["x", "zero"], "zeros": {"replace": 1e-12}}}),
    "units": ("efficiency_scores", {"model": MODEL, "table": "units"}),
    "slacks": ("efficiency_scores", {"model": MODEL, "table": "slacks"}),
    "peers": ("efficiency_scores", {"model": MODEL, "table": "peers"}),
    "variables": ("efficiency_variables", {"model": MODEL, "indices": INDICES, "measures": {"x": "亿元"}}),
    "epsilon": ("epsilon_sensitivity", {"model": MODEL, "indices": INDICES, "epsilons": [100.0], **EFFECTS}),
    "refused": ("epsilon_sensitivity", {"model": MODEL, "indices": INDICES, "epsilons": [0.1], **EFFECTS}),
    "gml": ("productivity_change", {"model": MODEL, "sample": SAMPLE}),
    "ml": ("productivity_change", {"model": MODEL, "index": "malmquist_luenberger"}),
    "density": ("score_density", {"variable": "gie", "sample": SAMPLE}),
    "trend": ("trend", {"variable": "gie", "statistic": "median", "sample": SAMPLE}),
    "intervals": ("score_intervals", {"model": MODEL, "replications": 5, "sample": SAMPLE}),
    "corrected": ("score_intervals", {"model": MODEL, "replications": 5, "table": "units"}),
    "second_stage": ("second_stage", {"model": MODEL, "replications": 5, "controls": ["water"], **EFFECTS}),
}


@pytest.fixture(scope="module")
def panel():
    """9 units x 4 years, a unit without its second year, a zero, a missing score."""
    rng = np.random.default_rng(4)
    n, years = 9, np.arange(2010, 2014)
    frame = pd.DataFrame(np.exp(rng.normal(size=(4 * n, 6)) * 0.4), columns=["x", "y", "b", "water", "power", "gie"])
    year, unit = np.repeat(years, n), np.tile([f"u{u:02d}" for u in range(n)], 4)
    ever = np.isin(unit, ["u00", "u03", "u06"])
    frame = frame.assign(unit=unit, year=year, zero=frame["x"].where((unit != "u02") | (year > 2010), 0.0))
    frame["adoption_year"] = pd.array(np.where(ever, 2012, pd.NA), dtype="Int64")
    frame["pilot"] = (ever & (year >= 2012)).astype(int)
    frame.loc[5, "gie"] = np.nan
    frame = frame[(unit != "u04") | (year != 2011)].sort_values(["unit", "year"], ignore_index=True)
    return frame.assign(index=entropy_index(frame[["water", "power"]], INDICES["index"], epsilon=1e-4).score)


@pytest.mark.parametrize("case", CASES)
def test_everything_that_an_exhibit_says_is_chinese(panel, case):
    kind, declared = CASES[case]
    data = panel.assign(pilot=0) if case == "refused" else panel
    result = run_exhibit(kind, data, declared, {}, INFO)
    assert english_left(result) == []


def test_model_frontier_and_returns_are_named_as_in_chinese_papers(panel):
    kind, declared = CASES["input"]
    chinese = in_words(run_exhibit(kind, panel, declared, {}, INFO), "zh")
    assert chinese.notes[0] == (
        "含非期望产出的超效率 SBM 模型（Tone 2002, 2003），投入导向，规模报酬可变，各年前沿面。"
    )
    assert [text for text, _ in chinese.table.header[0]] == [
        "年份", "N", "有效单元", "缺失", "均值", "标准差", "最小值", "中位数", "最大值",
    ]  # fmt: skip
    assert in_language(INFEASIBLE_WORDS, "zh") == "超效率模型无可行解"
