"""Every form of a cell, every key: read alike, or refused by name; nothing is passed over in silence."""

import textwrap

import pytest
from shidian.audit.printed_tables.cells import CellStyle, Estimate, read_cell
from shidian.audit.printed_tables.check import check_paper
from shidian.audit.printed_tables.coverage import describe_coverage
from shidian.audit.printed_tables.interval import Printed
from shidian.audit.printed_tables.stars_note import noted_levels
from shidian.cli import main
from shidian.code_digests import ROOT
from shidian.errors import AuditError

CELL = Estimate(Printed("-0.010"), Printed("0.020"), 3)
TABLE = "tables: {t: {columns: {c: {n: 999}, d: {n: 999}}, rows: {did: {c: [0.04, 0.01, 3], d: %s}}}}"


@pytest.mark.parametrize(
    "given",
    [
        ["-0.010", "0.020", "3"], ["-0.010***", "(0.020)"], ["-0.010", "(0.020)", "***"], "-0.010*** (0.020)",
        "\u22120.010***\n(0.020)", "-0.010 (0.020)***", "\uff0d0.010\uff0a\uff0a\uff0a\uff080.020\uff09",
        "-.010*** [0.020]", "$-0.010^{***}$ (0.020)", "-0.010*** (se = 0.020)", "-0.010*** 0.020",
        {"b": "-0.010", "se": "0.020", "stars": "3"}, {"b": "-0.010***", "se": "(0.020)"},
    ],
)  # fmt: skip
def test_each_form_is_one_cell(given):
    found = read_cell(given, "here", "", CellStyle())
    assert float(found.coef.text) == -0.01
    assert (found.se, found.stars) == (CELL.se, CELL.stars)


@pytest.mark.parametrize(
    ("below", "given", "key", "value"),
    [
        (("t",), "0.10** (2.31)", "t", "2.31"),
        (("z",), ["0.10", "2.31", "2"], "z", "2.31"),
        (("p",), "0.10*** (<0.001)", "p", "<0.001"),
        (("se",), "0.10*** (0.02) (p < 0.001)", "p", "<0.001"),
        (("se", "t"), ["0.10", "0.05", "2.31", "2"], "t", "2.31"),
        (("se", "t"), "0.10** (0.05) [2.31]", "t", "2.31"),
        (("se",), "4,850.5*** (1,020.5)", "se", "1020.5"),
    ],
)
def test_what_stands_below(below, given, key, value):
    assert str(getattr(read_cell(given, "here", "", CellStyle(below)), key)) == value


@pytest.mark.parametrize(
    "given",
    ["0.10 [-0.02, 0.22]", "0.10 (\u22120.02 to 0.22)", "0.10 (-0.02\u20130.22)", ["0.10", "-0.02", "0.22"],
     ["0.10", ["-0.02", "0.22"]], {"b": "0.10", "ci": ["-0.02", "0.22"]}],
)  # fmt: skip
def test_intervals(given):
    assert [str(end) for end in read_cell(given, "here", "", CellStyle(("ci",))).ci] == ["-0.02", "0.22"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TABLE % "one", "words, no number"),
        (TABLE % "''", "nothing is printed"),
        (TABLE % "[0.010]", "nothing stands below the coefficient"),
        (TABLE % "\u2014", "nothing is printed"),
    ],
)
def test_what_is_not_checked_is_named_with_the_reason(tmp_path, text, words):
    path = tmp_path / "paper.yaml"
    path.write_text(text, encoding="utf-8")
    account = describe_coverage(check_paper(path).coverage)
    assert f"({words}" in account
    assert "t d: did" in account.split(words)[1].splitlines()[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TABLE % "0.01x", "at 'tables.t.rows.did.d': expected"),
        (TABLE % "[0.010, 0.02, 0.03, 3]", "at 'tables.t.rows.did.d': more numbers than below"),
        (TABLE % "{b: 0.01, sd: 0.02}", "no key 'sd'"),
        (TABLE % "'0,010 (0.02)'", "at 'tables.t.rows.did.d': expected"),
        (TABLE % "'0.010# (0.02)'", "the mark '#' is none of star_levels"),
        ("tables: {t: {columns: {c: {N: 999, R2: 1.7}}, rows: {did: {c: [0.04, 0.01, 3]}}}}", "'N'.*did you mean 'n'"),
        ("tables: {t: {columns: {c: {n: 9, se_typ: robust}}}}", "'se_typ'.*did you mean 'se_type'"),
        ("tables: {t: {columns: {c: {n: 4,850}}}}", "a number with a comma stands in quotes"),
        ("tables: {t: {columns: {c: {n: 4.5}}}}", "'4.5' is no whole number"),
        ("tables: {t: {colums: {c: {n: 3}}, rows: {did: {c: [0.1, 0.2]}}}}", "did you mean 'columns'"),
        ("tables: {t: {c: {did: [0.1, 0.2], below: q}}}", "'q' is not one of se, t, z, p, ci"),
        ("star_level: [0.1]\nsample: {units: 3, n: 3}", "'star_level'.*did you mean 'star_levels'"),
        ("descriptive: {x: [1, 2.0, 3.0]}", "'descriptive'.*did you mean 'descriptives'"),
        ("sample: {unit: 3}", "'unit'.*did you mean 'units'"),
        ("sample: {n: many}", "'many' is no whole number"),
        ("descriptives: {x: {mean: 1, std: 2}}", "no key 'std'"),
        ("variables: {x: {knd: share}}", "'knd'.*did you mean 'kind'"),
        ("variables: {x: {parts: [a, b]}}", "the part 'a' is not described"),
        ("star_levels: [5, 1]\nsample: {units: 3}", "expected levels"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused_by_name(tmp_path, text, words):
    path = tmp_path / "paper.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AuditError, match=words):
        check_paper(path)


def test_numbers_with_commas_are_read(tmp_path):
    path = tmp_path / "paper.yaml"
    text = """
        sample: {units: 485, first_year: 2001, last_year: 2010, balanced: true, n: "4,850"}
        tables: {t: {columns: {c: {n: "4,860", r2: 1.7}}, rows: {did: {c: "0.010*** (0.020)"}}}}
    """
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    found = check_paper(path).findings
    wrong = found.loc[found["verdict"] == "disagrees", "check"]
    assert sorted(wrong) == ["R2", "sample size", "stars"]
    assert main(["check-tables", str(path), "--out", str(tmp_path)]) == 1


@pytest.mark.parametrize(
    ("note", "levels"),
    [
        ("*** p<0.01, ** p<0.05, * p<0.1", [0.1, 0.05, 0.01]),
        ("*, **, *** denote significance at the 10%, 5% and 1% level", [0.1, 0.05, 0.01]),
        ("***、**、*分别表示在1%、5%、10%水平上显著", [0.1, 0.05, 0.01]),
        ("+ p<0.1, * p<0.05, ** p<0.01, *** p<0.001", [0.1, 0.05, 0.01, 0.001]),
        ("columns 2 to 6 add one control each", []),
    ],
)  # fmt: skip
def test_levels_of_stars_as_the_note_prints_them(note, levels):
    assert list(noted_levels(note).values()) == levels


def test_rows_and_columns_override_what_stands_below(tmp_path):
    path = tmp_path / "paper.yaml"
    text = """
        below: t
        note: "* p<0.05, ** p<0.01, *** p<0.001"
        tables:
          t:
            columns: {a: {}, b: {below: se}}
            rows: {x: {a: "0.581*** (23.17)", b: "0.50*** (0.10)"}, y: {below: p, a: "0.10* (0.04)", b: "0.10 (0.40)"}}
    """
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    found = check_paper(path).findings
    assert found.loc[found["check"] == "stars", "verdict"].tolist() == ["agrees"] * 4
    assert set(found.loc[found["check"] == "stars", "sure"]) == {"certain"}


def test_the_example_of_the_docs_is_read(tmp_path):
    page = (ROOT / "docs" / "printed_tables.md").read_text(encoding="utf-8")
    path = tmp_path / "paper.yaml"
    path.write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    checked = check_paper(path)
    assert not (checked.findings["verdict"] == "disagrees").any()
    assert {"stars", "group means", "group spreads", "percentage", "parts", "quantiles"} <= set(checked.coverage.used)
