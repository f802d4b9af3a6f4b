"""Findings as files and on the command line, and bad input."""

import textwrap

import pytest
from shidian.audit.printed_tables.check import CHECKS, check_paper, describe, write_findings
from shidian.audit.printed_tables.coverage import describe_coverage
from shidian.cli import main
from shidian.errors import AuditError

from .printed_papers import BASE, run


def test_files_and_summary(tmp_path, capsys):
    path = tmp_path / "paper.yaml"
    path.write_text(textwrap.dedent(BASE.format(se="0.10", stars=2, r2="0.12")), encoding="utf-8")
    assert main(["check-tables", str(path), "--out", str(tmp_path / "out")]) == 1
    printed = capsys.readouterr().out
    assert "DISAGREES  stars: baseline b: did" in printed
    page = (tmp_path / "out" / "paper.html").read_text(encoding="utf-8")
    assert "0.40 (0.10) **" in page
    assert page.startswith("<!DOCTYPE html>")
    rows = (tmp_path / "out" / "paper.csv").read_text(encoding="utf-8").splitlines()
    checked = check_paper(path)
    found = checked.findings
    assert rows[0] == "check,where,printed,computed,verdict,sure,why"
    assert len(rows) == len(found) + 1
    assert describe(found) in printed
    assert describe_coverage(checked.coverage) in printed
    first = write_findings(path, checked, tmp_path / "again")[0].read_bytes()
    assert first == (tmp_path / "out" / "paper.html").read_bytes()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- 1", "expected a mapping"),
        ("title: nothing", "nothing to check"),
        ("tables: 3", "at 'tables'"),
        ("descriptives: {x: [1, 2]}", "at 'descriptives.x': 2 numbers"),
        ("descriptives: {x: [1, a, 3]}", "'a' is no number"),
        ("tables: {t: {columns: {a: {n: 3}}, rows: {x: {b: [1, 2, 3]}}}}", "'b' is no column of the table"),
        ("tables: {t: {columns: {a: {n: 3}}, rows: {x: {a: [1, 2, 4]}}}}", "stars are counted 0 to 3, found '4'"),
        ("tables: {t: {columns: {a: {n: 3}}, rows: {x: {a: [one, 2, 3]}}}}", "expected [coefficient, standard error"),
        ("descriptives: {x: [1, 2.0, 3.0]}\nvariables: {x: {kind: shares}}", "did you mean 'share'"),
        ("descriptives: {x: [1, 2.0, 3.0]}\nvariables: {x: {low: a}}", "at 'variables.x.low'"),
        ("a: 1\na: 2", "given twice"),
    ],
)
def test_bad_files_are_named(tmp_path, text, words):
    with pytest.raises(AuditError, match=words.replace("[", r"\[").replace("(", r"\(")):
        run(tmp_path, text)


def test_a_missing_file_is_named(tmp_path, capsys):
    assert main(["check-tables", str(tmp_path / "none.yaml")]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_every_check_is_tried_here():
    assert len(CHECKS) == len(set(CHECKS)) == 33
