"""LaTeX, Quarto and Markdown: marks filled between comments, by which the next run finds and replaces them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from shidian.audit.manuscript.marks import MARK
from shidian.audit.manuscript.regions import Change, Log, digest, edited, no_end
from shidian.errors import AuditError
from shidian.messages import say

Fill = Callable[[str], tuple[str, bool] | None]
"""Text of a mark -> what is inserted and whether it is a block; None for braces of the author's own."""
Begun = Callable[[str], Iterator[tuple[int, str]]]
"""Text -> offset and beginning of each mark that has no end on its line."""


@dataclass(frozen=True)
class Syntax:
    """How comments are written.

    Attributes:
        region: finds what was inserted: groups ``digest``, ``mark``, ``content``.
        opening: finds the beginning of a region alone.
        comments: finds what is not the manuscript's text: comments, code.
        inline, block: template of a region, with digest, mark and content.
    """

    region: re.Pattern[str]
    opening: re.Pattern[str]
    comments: re.Pattern[str]
    inline: str
    block: str


TEX = Syntax(
    re.compile(r"%shidian (?P<digest>\w{8}) (?P<mark>[^\n]*)\n(?P<content>.*?) ?%/shidian", re.S),
    re.compile(r"%shidian \w{8} "),
    re.compile(
        r"\\begin\{(?P<env>verbatim\*?|lstlisting|minted|comment)\}.*?\\end\{(?P=env)\}"
        r"|\\verb(?P<bar>[^\w\s*]).*?(?P=bar)|(?<!\\)(?:\\\\)*%(?!shidian )(?!/shidian)[^\n]*",
        re.S,
    ),
    "%shidian {digest} {mark}\n{content}%/shidian",
    "%shidian {digest} {mark}\n{content}\n%/shidian",
)
MARKDOWN = Syntax(
    re.compile(r"<!--shidian (?P<digest>\w{8}) (?P<mark>.*?)-->(?P<content>.*?)<!--/shidian-->", re.S),
    re.compile(r"<!--shidian \w{8} "),
    re.compile(
        r"^(?P<fence>```+|~~~+)[^\n]*\n.*?^(?P=fence)[`~]*[ \t]*$|(?P<tick>`+)(?!`)[^\n]*?(?<!`)(?P=tick)(?!`)"
        r"|<!--(?!/?shidian).*?-->",
        re.S | re.M,
    ),
    "<!--shidian {digest} {mark}-->{content}<!--/shidian-->",
    "<!--shidian {digest} {mark}-->\n\n{content}\n\n<!--/shidian-->",
)
SYNTAXES = {".tex": TEX, ".md": MARKDOWN, ".qmd": MARKDOWN}
_MATH = re.compile(r"(?<![\\$])\$\$.+?\$\$|(?<![\\$])\$(?=\S)[^$\n]*?(?<=\S)\$(?!\d)", re.S)


def filled(text: str, ending: str, fill: Fill, log: Log, *, begun: Begun, replace_edited: bool = False) -> str:
    """Return a manuscript with its marks filled and what an earlier run inserted replaced; nothing else changes.

    Args:
        text: the manuscript, lines ending in ``\\n``.
        ending: ``.tex``, ``.md`` or ``.qmd``.
        fill: what a mark asks for; raises ``AuditError`` where it cannot be had.
        log: gathers changes and faults.
        begun: finds marks without an end.
        replace_edited: replace also what the author edited since.
    """
    syntax = SYNTAXES[ending]
    regions = {found.start(): found for found in syntax.region.finditer(text)}
    for start in syntax.opening.finditer(text):
        if start.start() not in regions:
            log.faults.append(
                (_line(text, start.start()), start[0].strip(), say("has no end: %/shidian or <!--/shidian-->"))
            )
    hidden = [found.span() for found in _comments(text, syntax, [m.span() for m in MARK.finditer(text)])]
    hidden += [found.span() for found in regions.values()]
    log.faults += [(_line(text, start), head, no_end()) for start, head in begun(text) if not _inside(start, hidden)]
    out, at = [], 0
    for found in _places(text, syntax, regions):
        out.append(text[at : found.start()])
        at = found.end()
        if found.start() in regions:
            out.append(_again(text, found, syntax, fill, log, replace_edited))
        else:
            new, at = _first(text, found, syntax, ending, fill, log)
            out.append(new)
    return "".join([*out, text[at:]])


def _places(text: str, syntax: Syntax, regions: dict[int, re.Match[str]]) -> Iterator[re.Match[str]]:
    """Give regions and marks in the order of the text, without those in comments and code."""
    taken = [found.span() for found in regions.values()]
    marks = [m for m in MARK.finditer(text) if not _inside(m.start(), taken)]
    hidden = [found.span() for found in _comments(text, syntax, [m.span() for m in marks])]
    everything = [*regions.values(), *(m for m in marks if not _inside(m.start(), hidden))]
    yield from sorted(everything, key=lambda found: found.start())


def _comments(text: str, syntax: Syntax, marks: list[tuple[int, int]]) -> Iterator[re.Match[str]]:
    """Give comments and code; the percent sign inside a mark begins none."""
    at = 0
    while found := syntax.comments.search(text, at):
        inside = next((end for start, end in marks if start < found.start() < end), 0)
        if not inside:
            yield found
        at = inside or max(found.end(), at + 1)


def _first(text: str, found: re.Match[str], syntax: Syntax, ending: str, fill: Fill, log: Log) -> tuple[str, int]:
    """Return what stands in the place of a mark, and where the text goes on."""
    mark = found[1].strip()
    where = _line(text, found.start())
    try:
        given = fill(mark)
        if given is None:
            log.left.append(found[0])
            return found[0], found.end()
        content, block = given
        _require_place(text, found, syntax, block)
    except AuditError as problem:
        log.faults.append((where, found[0], str(problem)))
        return found[0], found.end()
    log.changes.append(Change(mark, "", content, block))
    stem = syntax.block if block else syntax.inline
    if block or syntax is MARKDOWN:
        return stem.format(digest=digest(content), mark=mark, content=content), found.end()
    return _tex_inline(text, found.end(), content, mark)


def _tex_inline(text: str, end: int, content: str, mark: str) -> tuple[str, int]:
    """Return a number between comments: these swallow a line's end, so the blank behind it moves before its comment."""
    rest = text[end:]
    blank = " " if rest[:1] in (" ", "\t") or (rest[:1] == "\n" and rest[1:2] not in ("\n", "")) else ""
    space = len(rest) - len(rest.lstrip(" \t"))
    new = f"%shidian {digest(content)} {mark}\n{content}{blank}%/shidian"
    closed = rest[space : space + 1] in ("\n", "")
    return new + ("" if closed else "\n"), end + space


def _again(text: str, found: re.Match[str], syntax: Syntax, fill: Fill, log: Log, replace_edited: bool) -> str:
    """Return a region with what its mark asks for now."""
    mark, before = found["mark"].strip(), found["content"].strip()
    where = _line(text, found.start())
    if digest(before) != found["digest"] and not replace_edited:
        log.faults.append((where, f"{{{{{mark}}}}}", edited()))
        return found[0]
    try:
        given = fill(mark)
    except AuditError as problem:
        log.faults.append((where, f"{{{{{mark}}}}}", str(problem)))
        return found[0]
    if given is None:
        log.faults.append((where, f"{{{{{mark}}}}}", say("is no mark of this study")))
        return found[0]
    content, block = given
    log.changes.append(Change(mark, before, content, block))
    if before == content:
        return found[0]
    head = text[found.start() : found.start("digest")]
    between = text[found.end("digest") : found.start("content")]
    inner = found["content"]
    lead, tail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
    return f"{head}{digest(content)}{between}{lead}{content}{tail}{text[found.end('content') : found.end()]}"


def _require_place(text: str, found: re.Match[str], syntax: Syntax, block: bool) -> None:
    """Check that a block has a line of its own, and that a comment can stand where a number does.

    Raises:
        AuditError: it cannot.
    """
    start = text.rfind("\n", 0, found.start()) + 1
    end = text.find("\n", found.end())
    around = text[start : found.start()] + text[found.end() : end if end >= 0 else len(text)]
    if block and around.strip():
        raise AuditError(say("a table or figure needs a line of its own"))
    if syntax is MARKDOWN and any(m.start() < found.start() < m.end() for m in _MATH.finditer(text)):
        raise AuditError(say("stands inside $...$, where no comment can stand: put it outside"))


def _inside(at: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)


def _line(text: str, at: int) -> str:
    return say("line {n}", n=text.count("\n", 0, at) + 1)
