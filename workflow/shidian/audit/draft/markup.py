"""LaTeX and Markdown without their markup, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from shidian.audit.draft.passages import Line, mark_of
from shidian.messages import say

_ARGS = r"(?:\s*\[[^\]\n]*\])*\s*\{[^{}\n]*\}"


def _nested(depth: int) -> str:
    """Return what finds an argument in braces that holds others, so many deep."""
    inner = _nested(depth - 1) if depth else ""
    return rf"\{{(?:[^{{}}\n]{'|' + inner if inner else ''})*\}}"


_DROPPED = re.compile(
    r"\\(?:[A-Za-z]*cite[A-Za-z]*|[A-Za-z]*ref|label|input|include|bibliography\w*|usepackage|documentclass|url|"
    r"includegraphics|pagestyle|thispagestyle|bibitem|tag|deleted|sout|color|cmidrule\(?\w*\)?|cline)\*?" + _ARGS
    + r"|\\(?:vspace|hspace|vskip|hskip|addlinespace|rule|setcounter|addtocounter|setlength|renewcommand|newcommand|"
    r"fontsize|captionsetup|geometry|linespread|arraystretch|scalebox|resizebox|raisebox)\*?(?:\\\w+)?(?:"
    + _ARGS + r")*(?:\s*\{\\\w+\})?"
    rf"|\\(?:begin|end)\s*\{{[^{{}}\n]*\}}(?:\s*\[[^\]\n]*\])*(?:\s*{_nested(3)})*"
    r"|\\(?:textcolor|colorbox)\s*\{[^{}\n]*\}"
    r"|\\multicolumn\s*\{\d+\}\s*\{(?:[^{}\n]|\{[^{}\n]*\})*\}|\\multirow\s*\{\d+\}\s*\{[^{}\n]*\}|\\href\s*\{[^{}\n]*\}"
    r"|\\\\\s*\[[^\]\n]*\]|(?:(?<=[={\[])|(?<=skip)\s*|(?<=kern)\s*)-?\d*\.?\d+\s?(?:pt|cm|mm|em|ex)\b|\d*\.\d+\\(?:line|text|column)width"
)  # fmt: skip
_TEX_WORDS = (
    (re.compile(r"\s*\$?\\(?:times|cdot)\$?\s*\$?10\s*\^\s*\{?\s*([-−]?\d+)\s*\}?\$?"), r"e\1"),
    (re.compile(r"\\(?:ensuremath|num|textbf|textit|emph|mathbf|mathrm|text|mbox|underline)\s*\{([^{}\n]*)\}"), r"\1"),
    (re.compile(r"\\(?:sym|textsuperscript)\s*\{\s*(\*+)\s*\}|\$?\^\s*\{?\s*(\*+)\s*\}?\$?"), r"\1\2"),
    (re.compile(r"\\ast"), "*"),
    (re.compile(r"\\(?:percent|si\{\\percent\})(?![A-Za-z])"), "%"),
    (re.compile(r"(?<=\d)\s*\}\s*\{\s*%"), "%"),
    (re.compile(r"(?<=\d)(?:\\[,;: ]|\{,\})(?=\d)"), ","),
    (re.compile(r"\\(?:textminus|minus)(?:\{\})?"), "−"),
    (re.compile(r"\\(?:leq?|textless)\b(?:\{\})?"), "<"),
    (re.compile(r"\\(?:geq?|textgreater)\b(?:\{\})?"), ">"),
    (re.compile(r"\}\s*\{"), " "),
    (re.compile(r"[_^]\s*(?:\{[^{}\n]*\}|\w)"), " "),
    (re.compile(r"---?"), "–"),
    (re.compile(r"\\%"), "%"),
    (re.compile(r"\\\\|(?<!\\)&"), " | "),
    (re.compile(r"\\[A-Za-z]+\*?"), " "),
    (re.compile(r"\$\s*([-−])\s*\$"), r"\1"),
    (re.compile(r"[{}$~]|\\[,;: !&$#_]"), ""),
)
_SECTION = re.compile(r"\\(?:part|chapter|(?:sub)*section)\*?\s*(?:\[[^\]\n]*\])?\{(.*?)\}\s*(?:\\label\{.*)?$")
_OFF = re.compile(r"\\iffalse\b.*?\\fi\b", re.S)
_OWN = re.compile(
    r"\\(?:(?:re)?newcommand\*?\s*(?:\{\\(?P<new>[A-Za-z]+)\}|\\(?P<bare>[A-Za-z]+))|def\s*\\(?P<def>[A-Za-z]+))"
    r"\s*\{(?P<number>[^{}\n]*\d[^{}\n]*)\}"
)
"""A command without arguments that stands for a number."""
_LISTED = r"\begin{thebibliography}"
_COMMENT = re.compile(r"(?<!\\)%(.*)$")
_MATTER = re.compile(r"\A---\n.*?\n(?:---|\.\.\.)\n", re.S)
_HIDDEN = re.compile(r"^(```+|~~~+)[^\n]*\n.*?^\1[ \t]*$|`[^`\n]+`", re.S | re.M)
_NOTE = re.compile(r"<!--(.*?)-->", re.S)
_MARKDOWN_WORDS = (
    (re.compile(r"\[\^[^\]\n]+\]:?"), " "),
    (re.compile(r"!?\[([^\]\n]*)\]\((?:[^()\n]|\([^()\n]*\))*\)(?:\{[^}\n]*\})?"), r"\1"),
    (re.compile(r"\[[^\]\n]*@[^\]\n]*\]|-?@[\w:.-]+"), " "),
    (re.compile(r"\{[#.][^}\n]*\}|<[A-Za-z/][^>\n]*>"), " "),
    (re.compile(r"(?<![\w\\*.)])\*\*(?=[^\s*])(.+?)(?<=[^\s*\\])\*\*(?!\*)"), r"\1"),
    (re.compile(r"(?<![\w\\*.)])[*_](?=[^\s*_])([^*_\n]+?)(?<=[^\s*_\\])[*_](?![*_\w])"), r"\1"),
    (re.compile(r"\^(\\?\*(?:\\?\*)*)\^"), r"\1"),
    (re.compile(r"\^[^\s^]+\^|~[^\s~]+~"), " "),
    (re.compile(r"\\([*<>$#_\[\]^~`|-])"), r"\1"),
    (re.compile(r"^[|:\s-]+$"), " "),
)  # fmt: skip
_MARK = re.compile(r"\{\{[^{}\n]*\}\}")


def tex_lines(text: str) -> Iterator[Line]:
    """Give the lines of a LaTeX manuscript's body as a reader sees their words and numbers.

    A command of the author's own that stands for a number is read as that number.
    """
    numbers = {found["new"] or found["bare"] or found["def"]: found["number"] for found in _OWN.finditer(text)}
    head, start, body = text.partition(r"\begin{document}")
    first = head.count("\n") + 1 if start else 1
    body = body if start else text
    for env in ("verbatim", "lstlisting", "comment"):
        body = _blanked(re.compile(rf"\\begin\{{{env}\*?\}}.*?\\end\{{{env}\*?\}}", re.S), body)
    body = _blanked(_OWN, _blanked(_OFF, body))
    if numbers:
        named = re.compile(rf"\\({'|'.join(numbers)})(?![A-Za-z])(?:\{{\}}|\\(?= ))?")
        body = named.sub(lambda found: numbers[found[1]], body)
    for n, line in enumerate(_MARK.sub(" ", body).split("\n"), start=first):
        comment = _COMMENT.search(line)
        mark = mark_of(comment[1]) if comment else ""
        words = line[: comment.start()] if comment else line
        heading = _SECTION.search(words.strip())
        if comment and not words.strip() and not mark:
            continue  # a line that is a comment alone parts no paragraph
        if _LISTED in words:
            yield Line("References", say("line {n}", n=n), "References")
        yield Line(_bare_tex(words), say("line {n}", n=n), _bare_tex(heading[1]).strip() if heading else "", mark)


def _bare_tex(words: str) -> str:
    words = _DROPPED.sub(" ", words)
    for pattern, plain in _TEX_WORDS:
        words = pattern.sub(plain, words)
    return words


def names_of_inputs(text: str, ending: str) -> list[str]:
    """Return the files that a manuscript's body takes in as they are named there, drawings and styles aside."""
    if ending == ".tex":
        body = text.partition(r"\begin{document}")[2] or text
        body = _blanked(_OFF, re.sub(_COMMENT.pattern, "", body, flags=re.M))
        named = [found.strip() for found in re.findall(r"\\(?:input|include|subfile)\s*\{([^{}\n]+)\}", body)]
        named = [name if Path(name).suffix else f"{name}.tex" for name in named]
    else:
        named = re.findall(r"\{\{<\s*include\s+(\S+)\s*>\}\}", _unnoted(text))
    return [name for name in named if Path(name).suffix in (".tex", ".md", ".qmd", ".txt")]


def markdown_lines(text: str) -> Iterator[Line]:
    """Give the lines of a Markdown or Quarto manuscript without code, front matter, links and citations."""
    text = _blanked(_HIDDEN, _blanked(_MATTER, text))
    marks = {text.count("\n", 0, m.start()): mark for m in _NOTE.finditer(text) if (mark := mark_of(m[1]))}
    for n, line in enumerate(_MARK.sub(" ", _unnoted(text)).split("\n")):
        heading = re.match(r"#{1,6}\s+(.*)", line)
        words = heading[1] if heading else line
        for pattern, plain in _MARKDOWN_WORDS:
            words = pattern.sub(plain, words)
        if "$" in words or "\\" in words:
            words = _bare_tex(words)
        words = words.replace("|", " | ")
        yield Line(
            words,
            say("line {n}", n=n + 1),
            re.sub(r"\s*\{.*\}\s*$", "", heading[1]) if heading else "",
            marks.get(n, ""),
        )


def _unnoted(text: str) -> str:
    """Return a text without its comments, its lines where they were; nothing stays of a comment inside a word."""
    return _NOTE.sub(lambda found: "\n" * found[0].count("\n"), text)


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    """Return a text in which what a pattern finds is gone and its lines are not."""
    return pattern.sub(lambda found: "\n" * found[0].count("\n") or " ", text)
