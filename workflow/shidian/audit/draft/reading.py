"""Manuscripts of every kind read as passages: Word, LaTeX, Markdown, plain text, PDF."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from docx.oxml.ns import qn

from shidian.audit.draft.markup import markdown_lines, names_of_inputs, tex_lines
from shidian.audit.draft.passages import Line, Passage, mark_of, passages
from shidian.audit.manuscript.word import open_word, stories
from shidian.errors import AuditError, UsageError
from shidian.messages import say

ENDINGS = (".docx", ".tex", ".md", ".qmd", ".txt", ".pdf")
_HEADING = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]+\.|[A-Z]\.)\s+[A-Z][^.;=]{2,70}|[一二三四五六七八九十]+、\S{2,30}"
)
_NAMED = re.compile(
    r"(?:abstract|introduction|conclusions?|references|bibliography|appendix(?: [A-Z])?|acknowledge?ments?|参考文献)",
    re.I,
)
_MARK = re.compile(r"[{｛]{2}[^{}｛｝\n]*[}｝]{2}")
_UNSEEN = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
"""Characters of no width, which Word and its users put between a sign and its digits."""
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_TWIN = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_GONE = (qn("w:moveFrom"), _TWIN)
"""What is not read: where tracked changes moved words from, and a text box said again for old versions of Word."""
_POWER = re.compile(r"[×x·]\s?10\s*$")
_SYMBOLS = {"2D": "−", "A3": "<", "B3": ">", "B1": "±", "B4": "×"}
"""Codes of the font Symbol that stand beside numbers."""


def read_draft(path: Path) -> list[Passage]:
    """Return the passages of a manuscript.

    Raises:
        UsageError: there is no such file, or it is of a kind that is not read.
        AuditError: it cannot be read, or holds no text.
    """
    if not path.is_file():
        raise UsageError(say("there is no manuscript {file}", file=str(path)))
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(say("{file}: a draft is one of {endings}", file=str(path), endings=list(ENDINGS)))
    try:
        if ending == ".docx":
            found = list(_word(path.read_bytes()))
        elif ending == ".pdf":
            found = list(passages(_pdf(path.read_bytes())))
        else:
            found = list(_plain(path, path.parent, set()))
    except AuditError as problem:
        raise AuditError(say("{file}: {what}", file=str(path), what=str(problem))) from problem
    if not found:
        raise AuditError(say("{file}: there is no text in it", file=str(path)))
    return found


def _plain(path: Path, folder: Path, read: set[Path]) -> Iterator[Passage]:
    """Give the passages of a text, and behind them those of the files that it takes in, each once.

    Args:
        path: the text.
        folder: of the manuscript, from which LaTeX names files; Quarto names them from the text's own.
        read: the files read so far, to which this one is added.
    """
    read.add(path.resolve())
    ending = path.suffix.lower()
    text = _decoded(path.read_bytes())
    lines = tex_lines(text) if ending == ".tex" else markdown_lines(text)
    if len(read) > 1:
        name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
        lines = (replace(line, where=say("{file}, {where}", file=name, where=line.where)) for line in lines)
    yield from passages(lines)
    for name in names_of_inputs(text, ending):
        taken = (folder if ending == ".tex" else path.parent) / name
        if not taken.is_file():
            raise AuditError(say("takes in {name}, which is not there: its numbers cannot be checked", name=name))
        if taken.resolve() not in read:
            yield from _plain(taken, folder, read)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise AuditError(say("is not UTF-8 (line {n}): save it as UTF-8", n=line)) from problem


def _pdf(content: bytes) -> Iterator[Line]:
    import pdfplumber

    try:
        with pdfplumber.open(io.BytesIO(content)) as document:
            texts = [page.extract_text() or "" for page in document.pages]
    except Exception as problem:  # pdfminer raises what it likes
        raise AuditError(say("is no PDF that can be read: {what}", what=str(problem)[:120])) from problem
    if not any(text.strip() for text in texts):
        raise AuditError(say("is a PDF of pictures, without text: check the manuscript that it was made of"))
    for page, text in enumerate(texts, start=1):
        for n, line in enumerate(text.split("\n"), start=1):
            words = line.strip()
            head = words if _HEADING.fullmatch(words) or _NAMED.fullmatch(words) else ""
            lone = re.fullmatch(r"[–-]?\s*\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?\s*[–-]?", words)  # the page's own number
            yield Line(
                "" if lone and n in (1, text.count("\n") + 1) else line,
                say("page {page}, line {n}", page=page, n=n),
                head,
            )


def _word(content: bytes) -> Iterator[Passage]:
    """Give paragraphs and rows of tables, those of headers, footers and notes behind the body."""
    document = open_word(content)
    marked, styles = _marked_comments(document), {s.style_id: s.name or "" for s in document.styles}
    for _, root, name in stories(document):
        yield from passages(_word_lines(root, name, marked, styles), whole=True)


def _word_lines(root: Any, name: str, marked: set[str], styles: dict[str, str]) -> Iterator[Line]:
    tables = [table for table in root.iter(qn("w:tbl")) if next(table.iterancestors(qn("w:tbl")), None) is None]
    lead = f"{name} " if name else ""
    number = 0
    for element in root.iter(qn("w:p"), qn("w:tr")):
        if next(element.iterancestors(_TWIN), None) is not None:
            continue
        in_table = next(element.iterancestors(qn("w:tbl")), None)
        if element.tag == qn("w:p"):
            number += 1
            if in_table is not None:
                continue
            words = _words(element)
            where = say("{part}paragraph {n} ('{words}')", part=lead, n=number, words=words.strip()[:30])
            style = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
            named = styles.get(style.get(qn("w:val")), "") if style is not None else ""
            heading = (
                words.strip()
                if re.match(r"(heading|标题)\s*\d", named, re.I) or _NAMED.fullmatch(words.strip())
                else ""
            )
        elif in_table is not None and next(in_table.iterancestors(qn("w:tbl")), None) is None:
            cells = ["".join(_words(p) for p in cell.iter(qn("w:p"))) for cell in element.iter(qn("w:tc"))]
            words, heading = " | ".join(cells), ""
            row = list(in_table.iter(qn("w:tr"))).index(element) + 1
            where = say("{part}table {n}, row {row}", part=lead, n=tables.index(in_table) + 1, row=row)
        else:
            continue
        starts = {c.get(qn("w:id")) for c in element.iter(qn("w:commentRangeStart"), qn("w:commentReference"))}
        yield Line(_MARK.sub(" ", words), where, heading, "unchecked" if starts & marked else "")


def _words(paragraph: Any) -> str:
    """Return the text of a paragraph with its equations: raised stars and powers of ten stay, other marks go."""
    words = ""
    for run in paragraph.iter(qn("w:r"), f"{_MATH}r"):
        if next(run.iterancestors(qn("w:p"))) is not paragraph or next(run.iterancestors(*_GONE), None) is not None:
            continue
        shift = run.find(f"{qn('w:rPr')}/{qn('w:vertAlign')}")
        shifted = shift.get(qn("w:val")) if shift is not None else _shift_in_math(run)
        text = "".join(_piece(child) for child in run)
        if shifted == "superscript" and _POWER.search(words) and re.fullmatch(r"\s*[-−–]?\d+\s*", text):
            words += f"^{text.strip()}"
        elif shifted in ("superscript", "subscript") and not set(text.strip()) <= {"*"}:
            words += " "
        else:
            words += text
    return _UNSEEN.sub("", words)


def _shift_in_math(run: Any) -> str:
    """Return whether a run of an equation is raised or lowered."""
    places = {f"{_MATH}sup": "superscript", f"{_MATH}sub": "subscript"}
    return next((places[up.tag] for up in run.iterancestors() if up.tag in places), "")


def _piece(child: Any) -> str:
    if child.tag in (qn("w:t"), f"{_MATH}t"):
        return child.text or ""
    if child.tag == qn("w:sym"):
        return _SYMBOLS.get(child.get(qn("w:char"), "")[-2:].upper(), " ")
    return {qn("w:noBreakHyphen"): "-", qn("w:tab"): " ", qn("w:br"): " ", qn("w:cr"): " "}.get(child.tag, "")


def _marked_comments(document: Any) -> set[str]:
    """Return the ids of Word's comments that say "unchecked"."""
    from docx.oxml import parse_xml

    for part in document.part.package.iter_parts():
        if part.content_type.endswith(".comments+xml"):
            root = parse_xml(part.blob)
            texts = {
                c.get(qn("w:id")): "".join(t.text or "" for t in c.iter(qn("w:t"))) for c in root.iter(qn("w:comment"))
            }
            return {number for number, text in texts.items() if mark_of(text) == "unchecked"}
    return set()
