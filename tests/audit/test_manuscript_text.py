"""A LaTeX, Quarto or Markdown manuscript: marks filled, brought up to date in place, the author's words untouched."""

import re
import shutil
import subprocess

import pytest
from shidian.audit.manuscript.export import export
from shidian.errors import AuditError, UsageError

from .manuscript_study import LONG, study

TEX = r"""\documentclass{article}
\usepackage{booktabs,siunitx,threeparttable,graphicx}
\newcommand{\did}{{{baseline:(6):did}}}
\begin{document}
It rises by {{baseline:(6):did:stars}} (s.e. {{baseline:(6):did:se}}, $b = {{baseline:(6):ln_pop}}$),
that is {{baseline:(6):did:%}}
of it; N = {{baseline:(6):did:n}}. % {{baseline:(9):gone}} is a comment
\verb|{{baseline:(9):gone}}| and \cite{{smith:2020}} are the author's, 5\% {{baseline:(6):did:p:.2f}} too.

{{table:baseline}}

{{figure:dynamics}}
\end{document}
"""


@pytest.fixture
def towns(tmp_path):
    return study(tmp_path / "exhibits")


def printed(text: str) -> str:
    """Return what LaTeX sees: comments gone with the end of their line and the blanks that begin the next."""
    return re.sub(r"(?<!\\)%[^\n]*\n[ \t]*", "", text)


def test_a_latex_manuscript_prints_numbers_as_the_table_does_and_only_its_marks_change(tmp_path, towns):
    path = tmp_path / "paper.tex"
    path.write_text(TEX, encoding="utf-8")
    export(towns, path)
    text = path.read_text(encoding="utf-8")
    body = printed(text)
    assert r"It rises by 0.0729\ensuremath{^{**}} (s.e. 0.0303, $b = \ensuremath{-}0.0268$)," in body
    assert "that is 7.29\\% of it; N = 4{,}850. " in body
    assert r"\newcommand{\did}{0.0729}" in body
    assert "% {{baseline:(9):gone}} is a comment" in text
    assert r"\verb|{{baseline:(9):gone}}|" in text
    assert r"\cite{{smith:2020}}" in text
    assert r"5\% 0.02 too." in body
    assert r"\label{tab:baseline}" in text
    assert "{paper_figures/dynamics.pdf}" in text
    assert (tmp_path / "paper_figures" / "dynamics.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "paper.tex.bak").read_text(encoding="utf-8") == TEX
    own = re.sub(r"%shidian \w{8} ([^\n]*)\n.*?%/shidian\n?", r"", text, flags=re.S)
    assert own.split() == re.sub(r"(?<!%)(?<!\|)\{\{(?!smith|baseline:\(9\))[^{}]*\}\}", "", TEX).split()


def test_the_next_run_moves_the_numbers_and_a_run_that_moves_none_writes_nothing(tmp_path, towns):
    path = tmp_path / "paper.tex"
    path.write_text(TEX, encoding="utf-8")
    export(towns, path)
    first = path.read_text(encoding="utf-8")
    again = export(towns, path)
    assert again.backup is None
    assert path.read_text(encoding="utf-8") == first
    path.write_text(first.replace("It rises", "We find that it rises"), encoding="utf-8")
    done = export(study(tmp_path / "new", 0.0801), path)
    text = path.read_text(encoding="utf-8")
    assert "We find that it rises by" in text
    assert "0.0729" not in text
    assert "8.01\\%" in text
    assert re.search(r"& *0\.0801\S*\*\*", text), "the table moved too"
    assert sum(change.moved for change in done.log.changes) == 4
    assert "baseline:(6):did: 0.0729 → 0.0801" in done.text(str)
    export(towns, path)
    assert path.read_text(encoding="utf-8") == first.replace("It rises", "We find that it rises")


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no pdflatex")
def test_latex_typesets_what_was_inserted(tmp_path, towns):
    path = tmp_path / "paper.tex"
    path.write_text(TEX.replace(r"and \cite{{smith:2020}} are", "is"), encoding="utf-8")
    export(towns, path)
    done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"], cwd=tmp_path,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout[-1500:]


@pytest.mark.parametrize("ending", [".md", ".qmd"])
def test_markdown_keeps_code_comments_line_ends_and_byte_order_mark(tmp_path, towns, ending):
    path = tmp_path / f"paper{ending}"
    text = (
        "# Results\r\n\r\nIt falls by {{baseline:(6):ln_pop}}, `{{baseline:(6):x}}` "
        "<!-- {{baseline:(6):x}} -->.\r\n\r\n"
        "```\r\n{{baseline:(6):x}}\r\n```\r\n\r\n{{< video https://a.b:80/c >}}\r\n\r\n{{table:baseline}}\r\n"
    )
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    export(towns, path)
    new = path.read_bytes()
    assert new.startswith(b"\xef\xbb\xbf")
    assert new.count(b"\n") == new.count(b"\r\n")
    words = new.decode("utf-8-sig")
    assert "falls by <!--shidian" in words
    assert "-->−0.0268<!--/shidian-->, `{{baseline:(6):x}}` <!-- {{b" in words
    assert "| ln population | −0.0268 |  |" in words
    assert "**Table 2  What baseline shows**" in words
    assert re.sub(r"<!--shidian.*?/shidian-->", "@", words, flags=re.S) == re.sub(
        r"\{\{(baseline:\(6\):ln_pop|table:baseline)\}\}", "@", text
    )
    export(towns, path)
    assert path.read_bytes() == new


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("baselin:(6):did", "no exhibit 'baselin' (did you mean 'baseline'?)"),
        ("baseline:(5):did", "no column '(5)' (did you mean '(7)'?)"),
        ("baseline:(6):dod", "no term 'dod' (did you mean 'did'?)"),
        ("baseline:(6):did:sd", "'sd' is no option: se, t, p"),
        ("baseline:(7):did", "has no estimate: too few clusters"),
        ("placebo:(1):did", "'placebo' has no result yet"),
        ("dynamics:event study:tau+0", "say how many digits"),
        ("baseline:(6):did:se:p", "two numbers at once"),
        ("baseline:(6):did:p:%", "no percentage"),
        ("tabel:baseline", "did you mean 'table'?"),
        ("table:dynamics", "prints no table"),
        ("figure:baseline", "draws no figure"),
    ],
)
def test_what_cannot_be_filled_is_refused_in_one_line_and_nothing_is_written(tmp_path, towns, mark, said):
    path = tmp_path / "paper.md"
    text = f"It is {{{{baseline:(6):did}}}}.\n\n{{{{{mark}}}}}\n\nAnd {{{{baseline:(6):wrong}}}}.\n"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AuditError) as refused:
        export(towns, path)
    message = str(refused.value)
    assert said in message
    assert f"line 3, {{{{{mark}}}}}" in message
    assert "line 5, {{baseline:(6):wrong}}" in message, "all at once"
    assert "\n" not in message
    assert path.read_text(encoding="utf-8") == text
    assert not path.with_name("paper.md.bak").exists()


def test_options_names_with_colons_and_dashes_as_an_editor_sets_them(tmp_path, towns):
    path, out = tmp_path / "paper.qmd", tmp_path / "out" / "paper.qmd"
    marks = [f"baseline:(6):{LONG}:p", "dynamics:event study:tau–2:.3f", "baseline:(6):did:low:.2f",
             "baseline:(6):did:r2:.3f", "pages:mean:gdp", "baseline:(6):ln_pop:%:.1f",
             "baseline:(6):did:units"]  # fmt: skip
    path.write_text("\n".join(f"{{{{{mark}}}}}" for mark in marks), encoding="utf-8")
    export(towns, path, out)
    found = re.findall(r"-->(.*?)<!--/", out.read_text(encoding="utf-8"))
    assert found == [r"\< 0.0001", "−0.020", "0.01", "0.912", "26,822", "−2.7%", "285"]
    assert not path.with_name("paper.qmd.bak").exists()
    assert "{{" in path.read_text(encoding="utf-8")


def test_words_inside_what_was_inserted_are_not_lost(tmp_path, towns):
    path = tmp_path / "paper.md"
    path.write_text("It is {{baseline:(6):did}}.\n", encoding="utf-8")
    export(towns, path)
    edited = path.read_text(encoding="utf-8").replace("0.0729<", "0.0729 in cities<")
    path.write_text(edited, encoding="utf-8")
    with pytest.raises(AuditError, match=r"line 1, \{\{baseline:\(6\):did\}\}: was edited since"):
        export(study(tmp_path / "new", 0.08), path)
    assert path.read_text(encoding="utf-8") == edited
    export(study(tmp_path / "new", 0.08), path, replace_edited=True)
    assert "0.0800<!--/shidian-->." in path.read_text(encoding="utf-8")


def test_a_mark_where_no_comment_can_stand_and_a_block_inside_a_sentence(tmp_path, towns):
    path = tmp_path / "paper.md"
    path.write_text("So $b = {{baseline:(6):did}}$ costs $5 and\nhere {{table:baseline}} it is.\n", encoding="utf-8")
    with pytest.raises(AuditError) as refused:
        export(towns, path)
    assert "line 1, {{baseline:(6):did}}: stands inside $...$" in str(refused.value)
    assert "line 2, {{table:baseline}}: a table or figure needs a line of its own" in str(refused.value)


def test_a_region_that_lost_its_end_is_named(tmp_path, towns):
    path = tmp_path / "paper.md"
    path.write_text("It is {{baseline:(6):did}}.\n", encoding="utf-8")
    export(towns, path)
    path.write_text(path.read_text(encoding="utf-8").replace("<!--/shidian-->", ""), encoding="utf-8")
    with pytest.raises(AuditError, match=r"line 1, .*has no end"):
        export(towns, path)


def test_simulated_numbers_say_so_and_a_printed_file_that_does_not_is_refused(tmp_path):
    towns = study(tmp_path / "exhibits", simulated=True)
    path = tmp_path / "paper.md"
    path.write_text("It is {{baseline:(6):did}}.\n\n{{table:baseline}}\n\n{{figure:dynamics}}\n", encoding="utf-8")
    export(towns, path)
    assert "0.0729 (SIMULATED)" in path.read_text(encoding="utf-8")
    tex = towns.exhibits["baseline"].files[".tex"]
    tex.write_text(tex.read_text(encoding="utf-8").replace("SIMULATED", ""), encoding="utf-8")
    other = tmp_path / "paper.tex"
    other.write_text("{{table:baseline}}\n", encoding="utf-8")
    with pytest.raises(AuditError, match="does not say SIMULATED"):
        export(towns, other)


def test_a_printed_table_that_is_not_the_result_is_refused(tmp_path, towns):
    tex = towns.exhibits["baseline"].files[".tex"]
    tex.write_text(tex.read_text(encoding="utf-8").replace("0.0729", "0.0792"), encoding="utf-8")
    path = tmp_path / "paper.tex"
    path.write_text("{{table:baseline}}\n", encoding="utf-8")
    with pytest.raises(AuditError, match=r"baseline.tex is stale or damaged: .*0.0792.*0.0729"):
        export(towns, path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("paper.tex", "\xe9t\xe9 {{baseline:(6):did}}".encode("latin-1"), r"is not UTF-8 \(line 1\)"),
        ("paper.docx", b"no zip", "is no Word document"),
        ("paper.md", b"nothing", "there is no mark in it"),
    ],
)
def test_manuscripts_that_cannot_be_read(tmp_path, towns, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(AuditError, match=said):
        export(towns, path)
    assert path.read_bytes() == content


def test_wrong_usage(tmp_path, towns):
    (tmp_path / "a.doc").write_bytes(b"x")
    for path, out, said in [
        (tmp_path / "none.md", None, "there is no manuscript"),
        (tmp_path / "a.doc", None, "save a .doc or .odt as .docx"),
    ]:
        with pytest.raises(UsageError, match=said):
            export(towns, path, out)
    (tmp_path / "a.md").write_text("x {{baseline:(6):did}}", encoding="utf-8")
    with pytest.raises(UsageError, match="stays one"):
        export(towns, tmp_path / "a.md", tmp_path / "b.docx")


@pytest.mark.parametrize("ending", [".tex", ".qmd"])
def test_marks_of_a_chinese_keyboard_are_filled_and_one_without_end_is_named(tmp_path, towns, ending):
    paper = tmp_path / f"paper{ending}"
    paper.write_text("系数为{{baseline：（6）：did}}，即｛｛baseline:(6):did：％：.1f｝｝。\n", encoding="utf-8")
    export(towns, paper, tmp_path / f"out{ending}")
    out = (tmp_path / f"out{ending}").read_text(encoding="utf-8")
    assert "0.0729" in out
    assert "7.3" in out
    paper.write_text("It is {{baseline:(6):did}} or\n{{baseline:(6):did\n}}, {{smith: 2020}.\n", encoding="utf-8")
    with pytest.raises(AuditError, match=r"line 2, \{\{baseline: has no end on its line: close it by \}\}; nothing"):
        export(towns, paper)
