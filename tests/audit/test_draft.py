"""Every number of a manuscript at its printed precision against the results; what claims nothing is passed over."""

import re

import docx
import pytest
from docx.oxml import parse_xml
from shidian.audit.draft.check import check_draft
from shidian.audit.manuscript.export import export
from shidian.errors import AuditError, UsageError

from .manuscript_study import split_document, study

SPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
}


@pytest.fixture(scope="module")
def towns(tmp_path_factory):
    return study(tmp_path_factory.mktemp("exhibits"))


@pytest.fixture
def checked(tmp_path, towns):
    def check(text, name="paper.md", ignore=()):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return check_draft(path, towns, ignore)

    return check


def texts(found):
    return [one.claim.text for one in found.unsupported]


@pytest.mark.parametrize(
    "sentence",
    [
        "The effect is 0.0729, or 0.073, or 0.07 (s.e. 0.0303; t = 2.40; p = 0.017).",
        "Emissions rise by 7.3% or 7.29 percent.",
        "It is 0.0729** (0.030).",
        "Population lowers it by 0.0268; the coefficient is −0.0268 or -0.027.",
        "N = 4,850 city-years of 285 cities, 4850 in all.",
        "A mean of 26,822 and of 0.096; R2 is 0.912.",
        "The interval is [0.013, 0.133].",
        "It is 0.0729 (p < 0.05).",
        "Over 3,640 rows.",
        "系数为０．０７２９，人口为－0.0268；GDP为2.68万元，26.8 thousand yuan.",
        "It rises by 7.3–7.3 percent, a 7.29-percent effect, or 7.3个百分点。",
        "The interval is [0.013,0.133], or 0.0729/0.0303, or 0·0729, 0,0729.",
        "y = 0.0729x; p < 10⁻³ and 1.0×10⁻⁵.",
    ],
)  # fmt: skip
def test_numbers_that_results_support(checked, sentence):
    found = checked(sentence)
    assert texts(found) == [], found.text(str)
    assert found.verdicts


@pytest.mark.parametrize(
    ("sentence", "wrong", "said"),
    [
        ("The effect is 0.0792.", "0.0792", "nearest 0.0728512: baseline (Table 2), (6), did, estimate"),
        ("It rises by 7.9%.", "7.9%", "nearest 0.0728512"),
        ("It is 0.0729***.", "0.0729***", "its stars: '**' in baseline (Table 2), (6), did"),
        ("The coefficient of population is 0.0268.", "0.0268", "its sign: -0.0268 in baseline"),
        ("It is −0.0729.", "−0.0729", "its sign: 0.0728512"),
        ("It is 0.0729 (p < 0.01).", "0.01", "its p: 0.0168 in baseline"),
        ("We use 4,580 rows.", "4,580", "nearest 4,850"),
        ("We use N = 2,050 rows.", "2,050", "nearest"),
        ("We use 2050 observations.", "2050", "nearest"),
        ("The mean is 0.0691.", "0.0691", "nearest"),
        ("In 284 cities.", "284", "nearest 285"),
        ("平均上升0.0792。", "0.0792", "nearest 0.0728512"),
        ("平均上升０．０７９２。", "0.0792", "nearest 0.0728512"),
        ("It is [0.0132,0.1352].", "0.1352", "nearest 0.1325"),
        ("It is 0,0792.", "0,0792", "nearest 0.0728512"),
        ("It is 0.0729/0.0403.", "0.0403", "nearest"),
        ("y = 0.0792x.", "0.0792", "nearest 0.0728512"),
        ("Rain of 26.92 mm, or\n0.0729 in all.", "26.92", "nearest"),
        ("0.0792 in towns is the effect.", "0.0792", "nearest"),
        ("GDP为2.86万元。", "2.86万", "nearest"),
    ],
)
def test_numbers_that_no_result_supports_are_named_with_the_nearest(checked, sentence, wrong, said):
    found = checked(f"# Results\n\nFirst 0.0729.\n\n{sentence}\n")
    assert texts(found) == [wrong]
    line = found.text(str).splitlines()[0]
    assert line.startswith(f"line 5 (Results): {wrong}")
    assert said in line
    assert f"{len(found.verdicts)} numbers checked, {len(found.verdicts) - 1} supported, 1 unsupported" in found.text(
        str
    )


@pytest.mark.parametrize(
    ("sentence", "reasons"),
    [
        ("From 2003 to 2020, 2008–2013, in the 1990s.", {"year"}),
        ("On 12 March 2015, 2015-03-12 and 2015年3月12日.", {"date"}),
        ("As in [12] and [3, 5–7], Smith et al. (2011a).", {"reference"}),
        ("Section 3.2, Table 7, columns (3)–(5), Figures 8 and 9, Eq. (14), Table A3, 表8 and 第9章.", {"label"}),
        ("(1) one, (2) another; significant at the 5% level.", {"label", "level"}),
        ("95% confidence; 1%, 5% and 10% levels.", {"level"}),
        ("*** p<0.01, ** p<0.05, * p<0.1", {"level"}),
        ("PM2.5, CO2, COVID-19, 2SLS, H1b; Stata 17; the 97.5th percentile; two of three.", {"version", "level"}),
        ("https://doi.org/10.1016/j.x.2020.12345, a12@b33.org, doi: 10.1016/5, JEL: Q56.", {"address"}),
        ("Equal to 1, else 0; VIF < 12.", {"0 or 1", "bound"}),
    ],
)  # fmt: skip
def test_what_claims_nothing_is_passed_over(checked, sentence, reasons):
    found = checked(sentence)
    assert found.verdicts == (), found.text(str)
    assert {claim.passed for claim in found.passed} == reasons


def test_references_marks_and_patterns_pass_numbers_over_and_are_counted(checked):
    text = (
        "It is 0.5551. <!-- unchecked -->\n\n<!-- unchecked -->\n\nNext 0.5552.\n\nThen 0.5553.\n\n"
        "<!-- unchecked begin -->\n\nA 0.5554.\n\nB 0.5555.\n\n<!-- unchecked end -->\n\nC costs 12.5 yuan.\n\n"
        "# References\n\nSmith, 45(2), 812.\n\n# Appendix\n\nD 0.5556.\n"
    )
    found = checked(text, ignore=(r"[\d.]+ yuan",))
    assert texts(found) == ["0.5553", "0.5556"]
    counts = [claim.passed for claim in found.passed]
    assert (counts.count("unchecked"), counts.count("ignored"), counts.count("references")) == (4, 1, 3)
    assert "marked unchecked 4" in found.text(str)


def test_markdown_code_front_matter_links_bold_and_tables(checked):
    text = (
        "---\ntitle: 0.555\n---\n\n`0.555` **0.0729** [see 0.0792](http://a.b/0.555)\n\n```\n0.555\n```\n\n"
        "| a | (6) |\n|---|--:|\n| did | 0.0729** |\n|  | (0.0333) |\n\n$R^2 = 0.912$ at $p < 0.01$ and @smith2020.\n"
    )
    found = checked(text, "paper.qmd")
    assert texts(found) == ["0.0792", "0.0333"]
    assert [one.claim.where for one in found.unsupported] == ["line 5", "line 14"]


def test_latex_markup_is_read_as_it_prints(checked):
    text = r"""\documentclass[12pt]{article}
\setlength{\parskip}{0.555cm}
\begin{document}
\section{Results}\label{sec:2}
% a comment with 0.555
It is $\beta = 0.0729^{**}$ ($N = 4{,}850$, $p<0.05$; Table~\ref{tab:3}), \cite[p.~45]{x2020}, $-$0.0268$^{}$ and 7.3\%,
that is 7.92\,\%, in 4\,850 rows. 0.555 % unchecked
\vspace{0.5cm} $R^2$ 0.912

\begin{tabular}{lp{3.5cm}}
\multicolumn{2}{c}{All} \\[0.3cm]
did & 0.0728\sym{**} \\ \cmidrule(lr){2-3}
\end{tabular}
\begin{thebibliography}{9} \bibitem{a} 12, 0.555 \end{thebibliography}
\end{document}
"""
    found = checked(text.replace(" 0.555 % unchecked", ""), "paper.tex")
    assert texts(found) == ["7.92%", "0.0728**"], found.text(str, every=True)
    assert [one.claim.where for one in found.unsupported] == ["line 7", "line 12"]
    assert {one.claim.section for one in found.verdicts} == {"Results"}
    assert checked(text, "paper.tex").unsupported[0].claim.text == "0.0728**", "a mark covers its paragraph"


def test_word_headings_tables_raised_stars_and_split_numbers(tmp_path, towns):
    path = split_document(tmp_path / "paper.docx", ["It is 0.0", "729 and 0.0", "792."])
    document = docx.Document(str(path))
    document.paragraphs[0].insert_paragraph_before("3 Results", style="Heading 1")
    raised = document.add_paragraph("Here 0.0729")
    raised.add_run("***").font.superscript = True
    raised.add_run(", R")
    raised.add_run("2").font.superscript = True
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "did", "0.0444"
    document.add_heading("References", 1)
    document.add_paragraph("Smith, 45(2), 812-830.")
    document.save(str(path))
    found = check_draft(path, towns)
    assert texts(found) == ["0.0792", "0.0729***", "0.0444"]
    assert [one.claim.where for one in found.unsupported] == [
        "paragraph 2 ('It is 0.0729 and 0.0792.')", "paragraph 3 ('Here 0.0729***, R')", "table 1, row 1"
    ]  # fmt: skip
    assert found.unsupported[0].claim.section == "3 Results"


def test_a_comment_in_word_passes_its_paragraph_over(tmp_path, towns):
    path = split_document(tmp_path / "paper.docx", ["It is 0.5551."], ["Or 0.5552."], ["Or 0.5553."])
    document = docx.Document(str(path))
    document.add_comment(document.paragraphs[0].runs, "Unchecked: of another study", author="A", initials="A")
    document.add_comment(document.paragraphs[1].runs, "Check this", author="A", initials="A")
    document.save(str(path))
    assert texts(check_draft(path, towns)) == ["0.5552", "0.5553"]


@pytest.mark.parametrize("name", ["paper.docx", "paper.md", "paper.tex"])
def test_what_export_inserts_is_supported(tmp_path, name):
    towns = study(tmp_path / "exhibits", simulated=True)
    text = (
        "It is {{baseline:(6):did:stars}}, {{baseline:(6):ln_pop}} and {{baseline:(6):did:%}}.\n\n{{table:baseline}}\n"
    )
    path = tmp_path / name
    if name.endswith(".docx"):
        split_document(path, *[[part] for part in text.strip().split("\n\n")])
    else:
        path.write_text(text, encoding="utf-8")
    before = check_draft(path, towns)
    assert before.verdicts == (), "marks are no numbers"
    export(towns, path)
    found = check_draft(path, towns)
    assert texts(found) == []
    assert len(found.verdicts) >= 8


def test_a_pdf_is_read_by_page_and_line(tmp_path, towns):
    import typst

    source = tmp_path / "paper.typ"
    source.write_text(
        '#set page(numbering: "1 / 1")\n3.1 Results\n\nIt is 0.0729.\n#pagebreak()\nIt is 0.0792.', "utf-8"
    )
    typst.compile(str(source), output=str(tmp_path / "paper.pdf"))
    found = check_draft(tmp_path / "paper.pdf", towns)
    assert texts(found) == ["0.0792"]
    assert found.unsupported[0].claim.where == "page 2, line 1"


def test_drafts_that_cannot_be_read(tmp_path, towns):
    for name, content, error, said in [
        ("a.pdf", b"no", AuditError, "is no PDF"),
        ("a.docx", b"no", AuditError, "is no Word document"),
        ("a.tex", b"\xff\xfe", AuditError, "is not UTF-8"),
        ("a.md", b"  \n", AuditError, "no text"),
        ("a.odt", b"x", UsageError, "a draft is one of"),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(error, match=said):
            check_draft(tmp_path / name, towns)
    (tmp_path / "b.md").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="no regular expression"):
        check_draft(tmp_path / "b.md", towns, ["("])


def test_a_line_of_a_wrapped_paragraph_that_begins_with_a_number_is_checked(checked):
    assert texts(checked("The effect is\n0.0792 In towns, and\n2.45 in cities of\n4580. Then")) == [
        "0.0792",
        "2.45",
        "4580",
    ]


LATEX = r"""\newcommand{\effect}{0.0792}
\def\other{0.0793}
\begin{document}
\textcolor{red}{0.0781}, $\frac{0.0782}{0.0303}$, \SI{7.84}{\percent}, \SIrange{7.85}{7.86}{\percent},
\effect{} and \other.
\iffalse 0.0787 \fi \deleted{0.0788} \begin{tabular}{@{}l*{3}{D{.}{.}{-1}}@{}} a & 0.0789 \\ \end{tabular}
\input{sections/data}
% \input{gone}
\end{document}
"""


def test_latex_arguments_own_commands_and_files_taken_in_are_read(checked, tmp_path):
    (tmp_path / "sections").mkdir()
    (tmp_path / "sections" / "data.tex").write_text(
        "Sum 0.0729.\n\nIt is 0.0794.\n\\input{sections/data}", encoding="utf-8"
    )
    found = checked(LATEX, "paper.tex")
    wrong = ["0.0781", "0.0782", "7.84%", "7.85", "7.86%", "0.0792", "0.0793", "0.0789", "0.0794"]
    assert texts(found) == wrong
    assert found.unsupported[-1].claim.where == "sections/data.tex, line 3"
    with pytest.raises(AuditError, match=r"takes in chapters/gone\.tex, which is not there"):
        checked(r"0.0729 \include{chapters/gone}", "paper.tex")


def test_a_quarto_manuscript_is_read_with_what_it_includes(checked, tmp_path):
    (tmp_path / "_data.qmd").write_text("It is 0.0794.", encoding="utf-8")
    assert texts(checked("First 0.0729.\n\n{{< include _data.qmd >}}\n", "paper.qmd")) == ["0.0794"]


WORD = """
<w:p {ns}><w:moveFrom w:id="1" w:author="a"><w:r><w:t>was 0.0781</w:t></w:r></w:moveFrom>
  <w:moveTo w:id="2" w:author="a"><w:r><w:t>was 0.0782</w:t></w:r></w:moveTo></w:p>
<w:p {ns}><w:r><w:t>β </w:t></w:r><m:oMath><m:r><m:t>=0.0783</m:t></m:r></m:oMath></w:p>
<w:p {ns}><w:r><mc:AlternateContent><mc:Choice Requires="wps">
  <w:drawing><w:txbxContent><w:p><w:r><w:t>box 0.0784</w:t></w:r></w:p></w:txbxContent></w:drawing></mc:Choice>
  <mc:Fallback><w:pict><w:txbxContent><w:p><w:r><w:t>box 0.0784</w:t></w:r></w:p></w:txbxContent></w:pict></mc:Fallback>
  </mc:AlternateContent></w:r></w:p>
<w:p {ns}><w:r><w:t>\u2212\u20600.0268, </w:t><w:noBreakHyphen/><w:t>0.0268, </w:t>
  <w:sym w:font="Symbol" w:char="F02D"/><w:t>0.0268 and 1.0 × 10</w:t></w:r>
  <w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>-5</w:t></w:r></w:p>
"""


def test_word_moves_equations_text_boxes_and_unseen_characters(tmp_path, towns):
    document = docx.Document()
    spaces = " ".join(f'xmlns:{short}="{name}"' for short, name in SPACES.items())
    for one in re.split(r"(?<=</w:p>)\n(?=<w:p )", WORD.strip()):
        document.element.body.insert(-1, parse_xml(re.sub(r">\s+<", "><", one.format(ns=spaces))))
    document.save(tmp_path / "paper.docx")
    found = check_draft(tmp_path / "paper.docx", towns)
    assert texts(found) == ["0.0782", "0.0783", "0.0784"]
    assert len(found.verdicts) == 7
