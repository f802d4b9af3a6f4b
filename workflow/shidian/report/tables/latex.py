"""LaTeX: booktabs rules and siunitx columns, ready for ``\\input`` in an article.

A table that is too wide for the page is set smaller or turned, one that is too tall breaks with its head repeated
(``shidian.report.tables.latex_layout``). The first line names the packages that it needs. In a class of two columns a
table wider than one of them goes over both, and one that breaks over pages in one column.
"""

from __future__ import annotations

from shidian.exhibits.result import Row, Table
from shidian.report.captions import captions
from shidian.report.fonts import needs_cjk
from shidian.report.tables.latex_layout import Column, Layout, broken, layout, spans
from shidian.report.tables.latex_text import breakable, em_width, escape, foreign, needs_unicode
from shidian.report.tables.look import PLAIN, Look
from shidian.report.tables.structure import group_rules, is_heading
from shidian.report.typography import with_minus

_END = r" \\"
_PAIR = r"\specialrule{\lightrulewidth}{0pt}{1.5pt}\specialrule{\lightrulewidth}{0pt}{\belowrulesep}"
TOP = {"thick": r"\toprule", "thin": r"\toprule[\lightrulewidth]", "double": _PAIR}
BOTTOM = {
    "thick": r"\bottomrule", "thin": r"\bottomrule[\lightrulewidth]",
    "double": r"\specialrule{\lightrulewidth}{\aboverulesep}{1.5pt}\bottomrule[\lightrulewidth]",
}  # fmt: skip
_CENTIMETRE = 28.4528
"""Points of TeX in a centimetre."""
_TWO_COLUMNS = 240.0
"""Points that one of two columns of a journal holds at least."""
_ONE_COLUMN = r"\makeatletter\def\backtotwo{}\if@twocolumn\onecolumn\def\backtotwo{\twocolumn}\fi\makeatother"
"""A ``longtable`` stands in one column alone."""


def table_latex(table: Table, title: str, note: str, label: str, lang: str = "en", look: Look = PLAIN) -> str:
    """Return a ``table`` environment, or a ``longtable`` where the table is taller than a page; its note below.

    Args:
        table: the printed table.
        title: caption without its number, which LaTeX counts itself; empty for none.
        note: paragraph below the table; empty for none.
        label: id of the exhibit, for ``\\ref{tab:<label>}``.
        lang: language of "continued".
        look: its outer lines; its fonts are those of the document.
    """
    found = layout(table, round(em_width(title) + em_width(note)), look.page)
    caption = rf"\caption{{{breakable(with_minus(title))}}}\label{{tab:{label}}}" if title else ""
    below = [rf"{{\footnotesize\noindent\raggedright {breakable(with_minus(note))}\par}}"] if note else []
    if found.long:
        body = [r"\begingroup", *_setting(found), *_long(table, found, caption, captions(lang)["continued"], look)]
        body = [_ONE_COLUMN, *body, r"\endgroup", *below, r"\backtotwo"]
    else:
        inside = [r"\begingroup", *_setting(found), *_tabular(table, found, look), r"\par\endgroup"]
        below = [r"\smallskip", *below] if below else []
        float_ = "table*" if found.width * found.scale > _TWO_COLUMNS and not found.step.landscape else "table"
        above = [rf"\begin{{{float_}}}[htbp]", r"\centering", *([caption, r"\smallskip"] if caption else [])]
        body = [*above, *inside, *below, rf"\end{{{float_}}}"]
    if found.step.landscape:
        body = [r"\begin{landscape}", *body, r"\end{landscape}"]
    more = [*(["longtable"] if found.long else []), *(["pdflscape"] if found.step.landscape else [])]
    more += ["graphicx"] if found.scale < 1 else []
    return "\n".join([_needs(more, body), *body]) + "\n"


def fragment_latex(table: Table, look: Look = PLAIN) -> str:
    """Return the ``tabular`` alone, at the size that ``table_latex`` chooses: no float, caption or note."""
    found = layout(table, page=look.page)
    body = [r"\begingroup", *_setting(found), *_tabular(table, found, look), r"\endgroup"]
    page = ", for a landscape page" if found.step.landscape else ""
    wide = f"% {found.width * found.scale / _CENTIMETRE:.1f} cm wide{page}"
    return "\n".join([_needs(["graphicx"] if found.scale < 1 else [], body), wide, *body]) + "\n"


def _needs(more: list[str], body: list[str]) -> str:
    chinese = r" \usepackage{ctex}, compiled with xelatex" if needs_cjk(body) or needs_unicode(body) else ""
    needs = rf"% needs \usepackage{{{','.join(['booktabs', 'siunitx', *more])}}}{chinese}"
    lacking = foreign(body)
    return needs if not lacking else f"{needs}\n% and fonts that have {lacking} : TeX prints nothing for what they lack"


def _setting(found: Layout) -> list[str]:
    return [rf"{found.step.command}\setlength{{\tabcolsep}}{{{found.step.gap:g}pt}}%"]


def _tabular(table: Table, found: Layout, look: Look) -> list[str]:
    scaled = found.scale < 1
    return [
        *([rf"\scalebox{{{found.scale:g}}}{{%"] if scaled else []),
        rf"\begin{{tabular}}{{{_types(found)}}}", TOP[look.top], *_head(table, found), r"\midrule",
        *(line for row in table.rows for line in _row(row, found)), BOTTOM[look.bottom],
        r"\end{tabular}" + ("}" if scaled else ""),
    ]  # fmt: skip


def _long(table: Table, found: Layout, caption: str, continued: str, look: Look) -> list[str]:
    head = [TOP[look.top], *_head(table, found), r"\midrule"]
    n = len(found.columns)
    return [
        r"\setlength{\LTcapwidth}{\linewidth}%", rf"\begin{{longtable}}{{{_types(found)}}}",
        *([caption + _END] if caption else []), *head, r"\endfirsthead",
        rf"\multicolumn{{{n}}}{{@{{}}l@{{}}}}{{\textit{{{escape(continued)}}}}}" + _END, *head, r"\endhead",
        BOTTOM[look.bottom], r"\endfoot", BOTTOM[look.bottom], r"\endlastfoot",
        *(line for row in table.rows for line in _row(row, found)), r"\end{longtable}",
    ]  # fmt: skip


def _types(found: Layout) -> str:
    return "@{}" + "".join(_type(column) for column in found.columns) + "@{}"


def _type(column: Column) -> str:
    if column.numbers is not None:
        return column.numbers.type
    if not column.wraps:
        return "l" if column.side == "left" else "c"
    side = r"\raggedright" if column.side == "left" else r"\centering"
    return rf">{{{side}\arraybackslash}}p{{{column.width:.1f}pt}}"


def _head(table: Table, found: Layout) -> list[str]:
    """Return the header lines; the last has no rules of its own, since the table's stands right below."""
    lines = []
    for i, line in enumerate(table.header):
        cells = [_header_cell(at, text, span, found) for at, text, span in spans(line)]
        rules = "".join(rf"\cmidrule(lr){{{first}-{last}}}" for first, last in group_rules(line))
        lines += [" & ".join(cells) + _END, *([rules] if rules and i < len(table.header) - 1 else [])]
    return lines


def _header_cell(at: int, text: str, span: int, found: Layout) -> str:
    column = found.columns[at]
    side = "l" if span == 1 and column.side == "left" else "c"
    lines = [escape(with_minus(line)) for line in broken(text, (found.room(at, span) + 0.02) / found.step.em)]
    stacked = rf"\begin{{tabular}}[b]{{@{{}}{side}@{{}}}}" + r"\\".join(lines) + r"\end{tabular}"
    text = lines[0] if len(lines) == 1 else stacked
    if span > 1:
        return rf"\multicolumn{{{span}}}{{c{'@{}' if at + span == len(found.columns) else ''}}}{{{text}}}"
    return f"{{{text}}}" if column.numbers is not None or len(lines) > 1 else text


def _row(row: Row, found: Layout) -> list[str]:
    rule = [r"\midrule"] if row.rule_above else []
    if is_heading(row):
        n = len(found.columns)
        text = rf"\textit{{{breakable(with_minus(row.label))}}}"
        wide = 1.06 * em_width(row.label) * found.step.em > found.width
        side = rf"p{{{found.width:.1f}pt}}" if wide else "l"
        return [*rule, rf"\multicolumn{{{n}}}{{@{{}}{side}@{{}}}}{{{text}}}" + _END]
    cells = [_cell(cell.text, column) for cell, column in zip(row.cells, found.columns[1:], strict=True)]
    return [*rule, " & ".join([breakable(with_minus(row.label)), *cells]) + _END]


def _cell(text: str, column: Column) -> str:
    """Return a cell: a number that aligns, or a text, in braces where the column is one of numbers."""
    text = with_minus(text.strip())
    if column.numbers is None:
        return _raised(text)
    return column.numbers.cells.get(text) or (f"{{{_raised(text)}}}" if text else "")


def _raised(text: str) -> str:
    """Return escaped text, stars at its end raised."""
    bare = text.rstrip("*")
    stars = text[len(bare) :]
    return breakable(bare) + (f"$^{{{stars}}}$" if stars and bare else escape(stars) if stars else "")
