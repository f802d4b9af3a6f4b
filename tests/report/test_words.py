"""Tables, figures and notes in Chinese: words change, numbers and their trail do not."""

import io
import json
from dataclasses import replace

import docx
import pandas as pd
import pytest
from shidian.exhibits.did.equal_effects import compared
from shidian.exhibits.notes import by_column
from shidian.mediation.effects import Evidence, decide
from shidian.messages import aside, behind, counted, in_turn, is_aside, joined, number, read_behind, say
from shidian.report.catalogue import in_language
from shidian.report.files import write_table_files
from shidian.report.html import render_html
from shidian.report.study_report import ExhibitMeta, ReportExhibit, StudyReport, join_note
from shidian.report.word import render_docx
from shidian.report.words import in_words

from . import report_samples as samples


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        (say("yes"), "是"), (say("Table {n}", n=3), "表3"), ("0.0151***", "0.0151***"), ("GIE", "GIE"),
        (say("Observations"), "观测值"), (say("{names} fixed effects", names="城市"), "城市固定效应"),
        (say("{name}: matched", name="gov"), "gov：匹配后"), (say("{q:g}% quantile", q=99.0), "99% 分位数"),
    ],
)  # fmt: skip
def test_words_and_patterns(text, chinese):
    assert in_language(text, "zh") == chinese


def _sample(rows: int, units: int, alone: int) -> str:
    return say(
        "Sample: {n} rows of {units}; {singletons}; {missing} rows left out for missing values.",
        n=rows, units=counted(units, "县"), missing=number(0, none="no"),
        singletons=say("{n} singleton rows dropped", n=number(alone, none="no")),
    )  # fmt: skip


def test_sentences_of_notes_with_their_counts():
    sample = in_turn([_sample(10800, 1200, 0), _sample(783, 87, 5)])
    assert sample == (
        "Sample, columns in turn: 10,800, 783 rows of 1,200, 87 县; no, 5 singleton rows dropped; no rows left out for "
        "missing values."
    )
    assert in_language(sample, "zh") == (
        "样本（各列依次）：1,200、87 个县，10,800、783 行；剔除单例 0、5 行，缺失 0 行。"
    )
    kind = [say("clustered by {by} (CRV1)", by="县"), say("small-sample convention of {ssc}", ssc="reghdfe"),
            say("{n} clusters", n=87)]  # fmt: skip
    errors = say("{what}: {kind}.", what=say("Standard errors in parentheses"), kind=joined(kind, "commas"))
    assert errors == (
        "Standard errors in parentheses: clustered by 县 (CRV1), small-sample convention of reghdfe, 87 clusters."
    )
    (named,) = by_column([("(2)", errors), ("(3)", "")])
    assert in_language(named, "zh") == (
        "第 (2) 列：括号内为标准误：聚类到县层面（CRV1），小样本调整同 reghdfe，聚类数 87。"
    )
    for kept in (
        "Decision at 5%: they choose between these; fixed effects.",
        "Column (1): Two-stage least squares; a by b.",
    ):
        assert in_language(kept, "zh") == kept
    mark = say("SIMULATED: these numbers come from simulated data and say nothing about the real policy.")
    assert "SIMULATED" in in_language(mark, "zh")


def test_clauses_of_a_sentence_are_said_one_by_one():
    left_out = say("no unit is untreated in {years}", years=2008)
    parts = [
        say("mean effect over treated unit-years"), say("{n} of {all} rows used", n=315, all=360),
        say("{n} treated rows of cohorts {cohorts} left out, {why}", n=45, cohorts=[2004, 2006], why=left_out),
        "kept as it is",
        say("{engine} gives the same overall effect (relative gap below {gap})", engine="diff-diff", gap="1e-9"),
    ]  # fmt: skip
    text = say("{name}: {parts}.", name=say("Imputation (BJS)"), parts=joined(parts, "clauses"))
    assert text == (
        "Imputation (BJS): mean effect over treated unit-years; 315 of 360 rows used; 45 treated rows "
        "of cohorts 2004, 2006 left out, no unit is untreated in 2008; kept as it is; diff-diff gives the same overall "
        "effect (relative gap below 1e-9)."
    )
    assert in_language(text, "zh") == (
        "插补法（BJS）：处理单元年份的平均效应；用 360 行中的 315 行；"
        "未用 2004、2006 批次的 45 行处理观测：2008 年没有未处理单元；kept as it is；"
        "diff-diff 给出相同的总体效应（相对差小于 1e-9）。"
    )
    assert in_language("One thing; another.", "zh") == "One thing; another."


def test_numbers_and_references_stay():
    result = replace(samples.baseline(), notes=(say("No controls."), "Kept."))
    chinese = in_words(result, "zh")
    pd.testing.assert_frame_equal(chinese.estimates, result.estimates)
    assert [[c.ref for c in row.cells] for row in chinese.table.rows] == [
        [c.ref for c in row.cells] for row in result.table.rows
    ]
    assert in_words(result, "en") is result
    assert chinese.notes == ("不含控制变量。", "Kept.")


def test_sentences_of_both_languages_are_set_apart():
    assert (
        join_note(["控制城市固定效应。", "Kept as it is.", "Too", "标准差"], "zh")
        == "注：控制城市固定效应。Kept as it is. Too。标准差。"
    )
    assert join_note(["One", "Two."], "en") == "Note: One. Two."
    assert join_note([], "zh") == ""


@pytest.mark.parametrize(
    ("legend", "chinese"),
    [
        ("*** p < 0.01, ** p < 0.05, * p < 0.1.", "***、**、* 分别表示在 1%、5%、10% 的水平上显著。"),
        ("*** p < 0.001, ** p < 0.025.", "***、** 分别表示在 0.1%、2.5% 的水平上显著。"),
        ("* p < 0.05.", "* 表示在 5% 的水平上显著。"),
        ("Coefficients with p < 0.1.", "Coefficients with p < 0.1."),
    ],
)
def test_the_legend_of_the_stars_reads_as_in_chinese_papers(legend, chinese):
    result = replace(samples.baseline(), notes=(legend,))
    assert in_words(result, "zh").notes == (chinese,)
    assert in_words(result, "en").notes == (legend,)


def _no_error(columns: str, why: str) -> str:
    return say("No standard error of {terms} ({columns}): {why}.", terms=["Pilot"], columns=columns, why=why)


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        (_no_error(say("columns {names}", names=["(1)", "(3)"]),
                   say("its variance is negative ({variance:.3g})", variance=-0.0107)),
         "No standard error of Pilot (columns (1), (3)): its variance is negative (-0.0107).",
         "Pilot无标准误（第 (1)、(3) 列）：方差为负（-0.0107）。"),
        (_no_error(say("column {name}", name="(1)"), say("its variance is zero but for rounding error")),
         "No standard error of Pilot (column (1)): its variance is zero but for rounding error.",
         "Pilot无标准误（第 (1) 列）：除舍入误差外方差为零。"),
        (_no_error(say("column {name}", name="(1)"), say("its variance is not a finite number")),
         "No standard error of Pilot (column (1)): its variance is not a finite number.",
         "Pilot无标准误（第 (1) 列）：方差不是有限数。"),
        (compared([["(1)", "(2)"], ["(3)", "(4)"]]),
         "p of equal effects: columns (1), (2); (3), (4), under the first of each.",
         "组间系数相等检验 p 值：比较列 (1)、(2)；(3)、(4)，列于每组第一列。"),
        (say("{name}: the share at least as extreme of all sign patterns ({of}).", name=say("Wild cluster bootstrap p"),
             of=[say("{n} of {clusters} clusters", n=64, clusters=6)]),
         "Wild cluster bootstrap p: the share at least as extreme of all sign patterns (64 of 6 clusters).",
         "Wild 聚类自助法 p 值为全部符号组合（6 个聚类共 64 种）中不小于样本值者的占比。"),
        (say("There are {n:,} distinct assignments: draws repeat them.", n=45),
         "There are 45 distinct assignments: draws repeat them.", "不同的分配方式共 45 种，抽样有重复。"),
        (say("{what}: {kind}.", what=say("{statistic} statistics in parentheses; errors", statistic="z"),
             kind=say("clustered by {by} (CRV1)", by="县")),
         "z statistics in parentheses; errors: clustered by 县 (CRV1).",
         "括号内为 z 统计量；标准误：聚类到县层面（CRV1）。"),
    ],
)  # fmt: skip
def test_sentences_on_errors_that_are_not_there(text, english, chinese):
    assert text == english
    assert in_language(text, "zh") == chinese


def test_sentences_of_mediation_name_the_paths_by_their_letters():
    gone, evidence = float("nan"), Evidence(0.4, (-1.0, 1.0), 0.1)
    _, one = decide(1.0, gone, 1.0, 0.01, 1.0, 0.01, evidence)
    _, two = decide(1.0, gone, 1.0, gone, 1.0, 0.01, evidence)
    _, against = decide(1.0, 0.01, 1.0, 0.01, 1.0, 0.01, evidence)
    assert in_language(one, "zh") == "δ 无标准误，不作结论"
    assert in_language(two, "zh") == "δ和θ 均无标准误，不作结论"
    assert in_language(against, "zh") == (
        "三者在 0.1 水平上均显著，且 φ 与 δθ 同号；"
        "但Sobel 检验（p = 0.400）和95% 自助区间 [-1, 1]均不支持间接效应：不认定中介"
    )


def test_an_aside_reads_the_same_and_is_known_again_in_what_is_made_of_it():
    check = aside(say("Every draw gave an estimate."))
    assert check == "Every draw gave an estimate."
    assert in_language(check, "zh") == in_language("Every draw gave an estimate.", "zh") != check
    whose = say("{columns}: {sentence}", columns="Column (1)", sentence=check)
    assert [is_aside(check), is_aside(whose), is_aside(say("No controls."))] == [True, True, False]
    again = read_behind(json.loads(json.dumps(behind([whose]))))
    assert is_aside(whose, again)


def test_files_of_a_table_have_the_short_note_and_the_report_both(tmp_path):
    notes = (say("No controls."), aside(say("Every draw gave an estimate.")))
    result = replace(samples.baseline(), notes=notes)
    meta = ExhibitMeta("a_study", "baseline", title="The baseline")
    files = write_table_files(result, meta, tmp_path)
    assert "No controls." in files["tex"].read_text(encoding="utf-8")
    assert "Every draw" not in files["tex"].read_text(encoding="utf-8")
    exhibit = ReportExhibit(meta, result)
    report = StudyReport("s", "A study", (exhibit,))
    page = render_html(report)
    assert '<p class="note" id="note-baseline">Note: No controls.</p>' in page
    assert "<p>Note: No controls. Every draw gave an estimate.</p></details>" in page
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(render_docx(report))).paragraphs)
    assert "Notes in full" in text
    assert text.count("Every draw gave an estimate.") == 1
