"""A Word manuscript: marks that Word split over runs, controls that survive editing, the author's words untouched."""

import io
import zipfile
from copy import deepcopy

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from shidian.audit.manuscript.controls import controls_in
from shidian.audit.manuscript.export import export
from shidian.errors import AuditError

from .manuscript_study import LONG, split_document, study, words_of


@pytest.fixture
def towns(tmp_path):
    return study(tmp_path / "exhibits")


@pytest.fixture
def paper(tmp_path):
    return split_document(
        tmp_path / "paper.docx",
        ["It rises by {", "{base", "line:(6):d", "id}} and falls by {{baseline:(6):ln_pop:.2f}}", " (p = ",
         "{{baseline:(6):did:p:.3f}}", ")."],
        ["{{table:", "baseline}}"],
        ["Then the dynamics."],
        ["{{figure:dynamics}}"],
        [f"{{{{baseline:(6):{LONG}:.1f}}}}"],
    )  # fmt: skip


def controls(path):
    return controls_in(docx.Document(str(path)).element)


def edit(path, change):
    document = docx.Document(str(path))
    change(document)
    document.save(str(path))


def test_marks_split_over_runs_are_filled_and_the_words_around_keep_their_format(paper, towns):
    export(towns, paper)
    document = docx.Document(str(paper))
    first = document.paragraphs[0]._p
    assert words_of(paper)[0] == "It rises by 0.0729 and falls by −0.03 (p = 0.017)."
    runs = [("".join(t.text for t in r.iter(qn("w:t"))), r.find(f"{qn('w:rPr')}/{qn('w:b')}") is not None)
            for r in first.iter(qn("w:r")) if list(r.iter(qn("w:t")))]  # fmt: skip
    assert runs == [("It rises by ", False), ("0.0729", False), (" and falls by ", True), ("−0.03", True),
                    (" (p = ", False), ("0.017", True), (").", False)]  # fmt: skip
    assert len(document.tables) == 0, "it stands inside its control"
    assert len(list(document.element.iter(qn("w:tbl")))) == 1
    texts = [t.text for t in document.element.iter(qn("w:t"))]
    assert "0.0729**" in texts
    assert "Figure 1  What dynamics shows" in "".join(texts)
    assert len(list(document.element.iter(qn("w:drawing")))) == 1
    assert words_of(paper)[-1] == "1.5"
    assert (paper.parent / "paper.docx.bak").exists()


def test_the_next_run_finds_what_was_inserted_after_an_author_edited_around_it(paper, towns, tmp_path):
    export(towns, paper)

    def rewrite(document):
        first = document.paragraphs[0]
        first.insert_paragraph_before("A new introduction, with 12 words of the author.")
        first.add_run(" The author goes on.")
        number = next(c for c in controls_in(document.element) if c.mark == "baseline:(6):did")
        run = number.content.find(qn("w:r"))
        late = deepcopy(run)  # a word processor cuts a number in two runs and lays marks of spelling between
        run.find(qn("w:t")).text, late.find(qn("w:t")).text = "0.07", "29"
        run.addnext(late)
        italic = run.makeelement(qn("w:rPr"), {})
        italic.append(italic.makeelement(qn("w:i"), {}))
        run.insert(0, italic)

    edit(paper, rewrite)
    done = export(study(tmp_path / "new", 0.0801), paper)
    words = words_of(paper)
    assert words[:2] == [
        "A new introduction, with 12 words of the author.",
        "It rises by 0.0801 and falls by −0.03 (p = 0.017). The author goes on.",
    ]
    number = next(c for c in controls(paper) if c.mark == "baseline:(6):did")
    assert number.content.find(f"{qn('w:r')}/{qn('w:rPr')}/{qn('w:i')}") is not None, "the author's italics stay"
    assert "0.0801**" in words
    assert "0.0729**" not in words
    assert {c.mark for c in done.log.changes if c.moved} == {"baseline:(6):did", "table:baseline"}


def test_a_run_that_moves_nothing_writes_nothing_and_pictures_do_not_pile_up(paper, towns, tmp_path):
    export(towns, paper)
    first = paper.read_bytes()
    assert export(towns, paper).backup is None
    assert paper.read_bytes() == first
    for n in range(3):
        export(study(tmp_path / f"new{n}", 0.08 + n / 100), paper)
    pictures = [name for name in zipfile.ZipFile(paper).namelist() if "/media/" in name]
    assert len(pictures) == 1
    assert [c.mark for c in controls(paper)][:2] == ["baseline:(6):did", "baseline:(6):ln_pop:.2f"]
    assert any(LONG in c.mark for c in controls(paper)), "a name longer than a tag"


def test_words_that_slipped_into_a_control_are_not_lost(paper, towns, tmp_path):
    export(towns, paper)

    def slip(document):
        number = next(c for c in controls_in(document.element) if c.mark == "baseline:(6):did")
        number.content.find(f"{qn('w:r')}/{qn('w:t')}").text = "0.0729 percent"

    edit(paper, slip)
    before = paper.read_bytes()
    with pytest.raises(AuditError, match=r"paragraph 1 \('It rises by .*\{\{baseline:\(6\):did\}\}: was edited"):
        export(study(tmp_path / "new", 0.0801), paper)
    assert paper.read_bytes() == before
    export(study(tmp_path / "new", 0.0801), paper, replace_edited=True)
    assert words_of(paper)[0].startswith("It rises by 0.0801 and falls")


def test_notes_headers_cells_and_tracked_insertions_are_filled_too(tmp_path, towns):
    path = split_document(tmp_path / "paper.docx", ["Body {{baseline:(6):did}}"])

    def add(document):
        document.sections[0].header.paragraphs[0].text = "Head {{baseline:(6):did:se}}"
        table = document.add_table(1, 1)
        table.cell(0, 0).text = "{{table:baseline}}"
        run = document.paragraphs[0]._p.find(qn("w:r"))
        inserted = run.makeelement(qn("w:ins"), {qn("w:id"): "9", qn("w:author"): "A"})
        run.addprevious(inserted)
        inserted.append(run)

    edit(path, add)
    export(towns, path)
    document = docx.Document(str(path))
    assert words_of(path)[0] == "Body 0.0729"
    assert [c.mark for c in controls_in(document.sections[0].header._element)] == ["baseline:(6):did:se"]
    assert document.element.find(f".//{qn('w:ins')}/{qn('w:sdt')}") is not None, "still a tracked insertion"
    cell = document.tables[0].cell(0, 0)._tc
    assert cell[-1].tag == qn("w:p"), "a cell ends with a paragraph, or Word calls the file damaged"
    widths = [int(g.get(qn("w:w"))) for g in cell.iter(qn("w:gridCol"))]
    assert sum(widths) <= int(cell.tcPr.find(qn("w:tcW")).get(qn("w:w"))) + len(widths)


def test_footnotes_are_filled(tmp_path, towns):
    path = split_document(tmp_path / "paper.docx", ["Body {{baseline:(6):did}}"])
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "[Content_Types].xml":
                kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
                part = part.replace(b"</Types>", b'<Override PartName="/word/footnotes.xml" ContentType="%s"/></Types>'
                                    % kind.encode())  # fmt: skip
            if name == "word/_rels/document.xml.rels":
                rel = ('<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
                       'relationships/footnotes" Target="footnotes.xml"/></Relationships>')  # fmt: skip
                part = part.replace(b"</Relationships>", rel.encode())
            new.writestr(name, part)
        note = (
            '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote w:id="2">'
            "<w:p><w:r><w:t>Error {{baseline:(6):</w:t></w:r><w:r><w:t>did:se}}.</w:t></w:r></w:p></w:footnote>"
            "</w:footnotes>"
        )
        new.writestr("word/footnotes.xml", note)
    path.write_bytes(out.getvalue())
    export(towns, path)
    notes = zipfile.ZipFile(path).read("word/footnotes.xml").decode()
    assert "0.0303" in notes
    assert "{{" not in notes
    assert "w:sdt" in notes
    export(study(tmp_path / "new"), path)


def test_what_cannot_be_filled_is_named_at_once_with_its_paragraph(tmp_path, towns):
    path = split_document(tmp_path / "paper.docx", ["A sentence, {{table:baseline}}"], ["So {{baselin:", "(6):did}}"])
    before = path.read_bytes()
    with pytest.raises(AuditError) as refused:
        export(towns, path)
    assert (
        "paragraph 1 ('A sentence, {{table:baseline}}'), {{table:baseline}}: a table or figure needs a paragraph"
        in (str(refused.value))
    )
    assert "paragraph 2" in str(refused.value)
    assert "did you mean 'baseline'?" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert path.read_bytes() == before


def test_a_manuscript_that_is_open_in_word_is_not_written_beneath_it(tmp_path, towns):
    path = split_document(tmp_path / "paper.docx", ["{{baseline:(6):did}}"])
    (tmp_path / "~$per.docx").write_bytes(b"lock")
    with pytest.raises(AuditError, match="is open in Word"):
        export(towns, path)


def test_simulated_data_say_so_in_words_and_alternative_text(tmp_path):
    path = split_document(
        tmp_path / "paper.docx", ["{{baseline:(6):did}}"], ["{{table:baseline}}"], ["{{figure:dynamics}}"]
    )
    export(study(tmp_path / "exhibits", simulated=True), path)
    document = docx.Document(str(path))
    assert words_of(path)[0] == "0.0729 (SIMULATED)"
    for control in controls_in(document.element):
        assert "SIMULATED" in control.text
    assert "SIMULATED" in next(document.element.iter(qn("wp:docPr"))).get("descr")


def test_marks_in_equations_and_marks_without_end_are_named(tmp_path, towns):
    path = split_document(tmp_path / "paper.docx", ["{{baseline:(6):did}}"], ["{{baseline:", "(6):did}"])
    document = docx.Document(str(path))
    math = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    document.paragraphs[0]._p.append(
        parse_xml(f'<m:oMath xmlns:m="{math}"><m:r><m:t>b={{{{baseline:(6):did}}}}</m:t></m:r></m:oMath>')
    )
    document.save(str(path))
    with pytest.raises(AuditError) as said:
        export(towns, path)
    assert "paragraph 1 ('{{baseline:(6):did}}'), {{baseline:(6):did}}: stands in an equation" in str(said.value)
    assert "paragraph 2 ('{{baseline:(6):did}'), {{baseline: has no end on its line" in str(said.value)


def test_a_mark_that_tracked_changes_moved_is_filled_where_it_went(tmp_path, towns):
    path = split_document(tmp_path / "paper.docx", ["{{baseline:(6):did}}"], ["{{baseline:(6):did}}"])
    document = docx.Document(str(path))
    for paragraph, name in zip(document.paragraphs, ("moveFrom", "moveTo"), strict=True):
        moved = OxmlElement(f"w:{name}")
        moved.append(paragraph.runs[0]._r)
        paragraph._p.append(moved)
    document.save(str(path))
    export(towns, path)
    assert words_of(path) == ["{{baseline:(6):did}}", "0.0729"]
