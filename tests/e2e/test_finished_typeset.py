"""Every table of every finished study as TeX sets it: in an 11 pt A4 article, in two journal classes, in Chinese.

The results are those in ``results/`` of this folder, or of the folder in ``SHIDIAN_RESULTS``.
"""

import os
from pathlib import Path

import pytest
from shidian.code_digests import ROOT
from shidian.exhibits.result import read_result
from shidian.report.study_report import ExhibitMeta, join_note, note_sentences
from shidian.report.styled.apply import as_printed
from shidian.report.tables.latex import fragment_latex, table_latex
from shidian.report.tables.look import A4, Look, Page

from tests.report.typesetting import ARTICLE, JOURNALS, MISSING, faults, has_class

RESULTS = Path(os.environ.get("SHIDIAN_RESULTS", ROOT / "results"))
KEPT = ("estimates", "comparisons", "checks", "placebo")
STUDIES = sorted({path.parents[1].name for kept in KEPT for path in RESULTS.glob(f"*/{kept}/*.json")})
PAGES = {"elsarticle": Page(345.0, 550.0), "IEEEtran": Page(516.0, 696.0)}
"""Class -> the text of its page, measured in it."""

each_study = pytest.mark.parametrize(
    "study",
    STUDIES or [pytest.param("", marks=pytest.mark.skip(reason=f"no finished study in {RESULTS}: `make run`"))],
)
pytestmark = pytest.mark.slow


def tables(study, lang="en", page=A4, write=table_latex):
    """Return exhibit -> its table as LaTeX for a page, its caption as long as captions are."""
    found, look = {}, Look(page=page)
    for path in sorted(path for kept in KEPT for path in (RESULTS / study / kept).glob("*.json")):
        meta = ExhibitMeta(study, path.stem, "Table 1", f"What {path.stem} shows of the policy, by unit and year", lang)
        result = as_printed(read_result(str(path)), meta)
        if result.table is not None and write is table_latex:
            note = join_note(note_sentences(result, meta, short=True), lang)
            found[path.stem] = table_latex(result.table, meta.title, note, meta.id, lang, look)
        elif result.table is not None:
            found[path.stem] = fragment_latex(result.table, look)
    return found


@each_study
@pytest.mark.skipif(MISSING["en"], reason="no pdflatex with siunitx on this machine")
def test_every_table_fits_an_article(study, tmp_path):
    found = tables(study)
    chinese = {name: text for name, text in found.items() if "xelatex" in text.splitlines()[0]}
    plain = {name: text for name, text in found.items() if name not in chinese}
    assert faults(plain, tmp_path) == {}
    if chinese and not MISSING["zh"]:
        assert faults(chinese, tmp_path) == {}


@each_study
@pytest.mark.skipif(MISSING["zh"], reason="no xelatex with ctex on this machine")
def test_every_table_fits_an_article_in_chinese(study, tmp_path):
    found = tables(study, "zh")
    assert faults({name: _with_ctex(text) for name, text in found.items()}, tmp_path) == {}


@each_study
@pytest.mark.parametrize("name", JOURNALS)
@pytest.mark.skipif(MISSING["en"], reason="no pdflatex with siunitx on this machine")
def test_every_table_fits_a_class_of_a_journal(study, name, tmp_path):
    if not has_class(name):
        pytest.skip(f"no {name}.cls on this machine")
    found = {key: text for key, text in tables(study, page=PAGES[name]).items() if "xelatex" not in text.split("\n")[0]}
    assert faults(found, tmp_path, JOURNALS[name]) == {}


@each_study
@pytest.mark.skipif(MISSING["en"], reason="no pdflatex with siunitx on this machine")
def test_every_fragment_fits_where_it_is_put(study, tmp_path):
    found = tables(study, write=fragment_latex)
    found = {
        name: f"{first}\n\\begin{{table}}\n{rest}\\end{{table}}\n"
        for name, (first, _, rest) in ((name, text.partition("\n")) for name, text in found.items())
        if "landscape" not in rest and "xelatex" not in first
    }
    tall = {"Float too large"}
    left = {
        name: [line for line in lines if not any(word in line for word in tall)]
        for name, lines in faults(found, tmp_path, ARTICLE).items()
    }
    assert {name: lines for name, lines in left.items() if lines} == {}


def _with_ctex(text):
    """Return a table whose first line asks for Chinese, whatever it holds."""
    first, _, rest = text.partition("\n")
    return text if "xelatex" in first else f"{first} \\usepackage{{ctex}}, compiled with xelatex\n{rest}"
