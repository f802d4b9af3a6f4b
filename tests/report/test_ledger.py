"""The sample ledger and the lines beside a number: what jobs wrote in English is Chinese in a Chinese report."""

import io
import json
import re

import numpy as np
import pandas as pd
import pytest
from shidian.efficiency.cleaning import clean
from shidian.ledger import ledger_frame, ledger_row
from shidian.messages import behind, read_behind, say
from shidian.messages import words as registry
from shidian.messages.frames import read_messages, with_messages
from shidian.panel.join import STRANGER
from shidian.regions.resolve import resolve_units
from shidian.report.catalogue import in_language
from shidian.report.ledger import TEXTS, assemble_ledger, in_words
from shidian.study.indicator_methods import methods
from shidian.trace.estimate import EstimateTrace, TracedSample, TracedVariable
from shidian.trace.lineage import OTHER_ROWS, Origin
from shidian.trace.lines import report_lines
from shidian.yearbook.numbers import AS_PRINTED, DASH, FLAGS
from shidian.yearbook.read import SAID

from .chinese import SENTENCE


def extracted():
    """Make the ledger of a source as its reader does."""
    validity = say("valid {first} to {last}", first=2003, last="...")
    return pd.DataFrame({
        "source_id": "s", "file": "f.xls", "sheet": "1", "table": "t", "indicator": ["", "gdp", "gdp"],
        "event": [say("footer rows skipped"), say("outside validity years"), SAID[DASH]], "count": [2, 3, 4],
        "detail": ["", validity, ""],
    })  # fmt: skip


@pytest.fixture
def another_process(monkeypatch):
    """Forget all that was said, as another process does."""
    return lambda: monkeypatch.setattr(registry, "_SAID", {})


def written(frame):
    """Write a table as a job does, and read it as the next one does."""
    return pd.read_csv(io.StringIO(frame.to_csv(index=False)), keep_default_na=False)


def test_what_jobs_said_is_chinese_in_the_report(another_process):
    data = pd.DataFrame({"unit": ["a", "b"], "year": 2010, "x": [0.0, 1.0], "y": 1.0})
    cleaned = clean(data, ["x", "y"], unit="unit", year="year", zeros="drop").ledger
    lines = [ledger_row(say("join {source}", source="gdp"), "110000 某市", STRANGER, units=1), *cleaned]
    source, panel = with_messages(extracted()), with_messages(ledger_frame(lines))
    exhibits = [("did", ledger_frame([ledger_row(say("estimation sample"), "did (1)", "我的理由", rows=1)]))]
    another_process()
    source, panel = written(source), written(panel)
    read_messages(source)
    read_messages(panel)
    ledger = assemble_ledger([source], panel, exhibits)
    messages = json.loads(json.dumps(behind(text for name in TEXTS for text in ledger[name])))
    another_process()
    chinese = in_words(written(ledger), "zh", read_behind(messages))
    assert chinese.iloc[:5][["step", "reason"]].values.tolist() == [
        ["读取 s", "跳过表尾行"],
        ["读取 s", "不在有效年份内：有效期 2003 至 ..."],
        ["读取 s", "读作缺失：短横线"],
        ["匹配 gdp", "不在面板的单元之中"],
        ["效率测算", "为零或负：剔除该单元年份：a (2010)"],
    ]
    assert chinese["reason"].iloc[5] == "我的理由"
    pd.testing.assert_frame_equal(in_words(ledger, "en", {}), ledger)
    assert list(written(ledger).columns) == ["step", "subject", "units", "rows", "reason"]


def test_every_flag_of_the_reader_has_its_words():
    assert set(SAID) == set(FLAGS) - {AS_PRINTED}


@pytest.mark.parametrize(
    ("name", "code", "year"),
    [
        ("某某市", None, 2010),
        ("某某市", "110000", 2010),
        (None, "999999", 2010),
        ("巢湖市", None, 2015),
        (None, None, 2010),
    ],
)
def test_fates_of_units_are_said_in_chinese(name, code, year):
    every = ("merged", "ended", "not_established", "unknown", "ambiguous", "conflict")
    found = resolve_units([name], [code], [year], "city", 2019, accept=every)
    (reason,) = found["reason"]
    assert reason
    assert not SENTENCE.search(in_language(reason, "zh"))


def test_what_methods_say_of_other_rows_has_its_words():
    assert {method.other_rows for method in methods().values()} - {""} == OTHER_ROWS


def test_lines_beside_a_number_are_chinese():
    origin = Origin("gdp", "ln(a.gdp)", reads=("a.gdp",), beyond="the quantiles come from all unit-years")
    sample = TracedSample(np.arange(1400), 2000, 400, 100, say("without {units}", units=["x"]), "x", 100)
    trace = EstimateTrace(
        "placebo", "placebo", "(1)", (TracedVariable("gdp", (origin,), 900),), sample, 900, ("f.xls",), 7, 1000,
        "results/s/placebo", (("did", "(1)"),), "results/s/pseudo_true/did.json",
    )  # fmt: skip
    lines = dict(report_lines(trace, "s"))
    said = {what: in_language(text, "zh") for what, text in lines.items() if what != "follow"}
    assert said["gdp"] == "= ln(a.gdp)；读取 a.gdp（900 个单元格）；gdp：分位数由全部单元年份得到"
    assert not [text for text in said.values() if SENTENCE.search(re.sub(r"without", "", text))]


def read_in(file, count=1, indicator="gdp", event=SAID[DASH]):
    return {
        "source_id": "s", "file": f"books/{file}", "sheet": "1", "table": "t", "indicator": indicator, "event": event,
        "count": count, "detail": "",
    }  # fmt: skip


def extraction(rows, volumes):
    ledger = assemble_ledger([pd.DataFrame(rows)], ledger_frame([]), [], {"s": [f"books/{name}" for name in volumes]})
    return ledger[["subject", "rows", "reason"]].values.tolist()


def test_lines_of_extraction_name_their_volume_and_those_alike_are_one():
    years = [f"{year}.xls" for year in range(2004, 2014)]
    rows = [read_in("2004.xls", 25, "", say("footer rows skipped")), read_in("2004.xls"), read_in("2005.xls", 2)]
    rows += [read_in("2008.xls"), *(read_in(y, 3, "pop") for y in years), *(read_in(y, 4, "tax") for y in years[:8])]
    dash = "read as missing: dash"
    assert extraction(rows, years) == [
        ["1 t (2004.xls)", 25, "footer rows skipped"],
        ["gdp (2 volumes: 2004.xls, 2008.xls)", 2, dash],
        ["gdp (2005.xls)", 2, dash],
        ["pop (each of 10 volumes)", 30, dash],
        ["tax (8 volumes, 2004.xls to 2011.xls)", 32, dash],
    ]
    assert in_language(extraction(rows, years)[1][0], "zh") == "gdp（2 卷：2004.xls、2008.xls）"


def test_a_source_of_one_volume_names_none_and_equal_names_have_their_folders():
    assert extraction([read_in("a.xls")], ["a.xls"]) == [["gdp", 1, "read as missing: dash"]]
    assert extraction([read_in("x/a.xls")], ["x/a.xls", "y/a.xls"])[0][0] == "gdp (books/x/a.xls)"
