"""LaTeX: booktabs and threeparttable, ready for ``\\input``."""

from __future__ import annotations

import re

from shidian.exhibits.result import Row, Table
from shidian.report.fonts import needs_cjk
from shidian.report.tables.structure import WIDE, alignments, column_widths, group_rules, is_heading, is_number

_ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{",
    "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", "[": "{[}", "]": "{]}", "\n": " ",
    "−": "$-$", "×": r"$\times$", "±": r"$\pm$", "≤": r"$\leq$", "≥": r"$\geq$", "≠": r"$\neq$",
    "≈": r"$\approx$", "²": "$^{2}$", "³": "$^{3}$", "·": r"$\cdot$", "…": r"\ldots{}", "–": "--", "—": "---",
    "∞": r"$\infty$", "α": r"$\alpha$", "β": r"$\beta$", "γ": r"$\gamma$", "δ": r"$\delta$",
    "θ": r"$\theta$", "λ": r"$\lambda$", "μ": r"$\mu$", "ρ": r"$\rho$", "σ": r"$\sigma$", "τ": r"$\tau$",
    "φ": r"$\phi$", "χ": r"$\chi$", "Δ": r"$\Delta$", "Σ": r"$\Sigma$", "₀": "$_{0}$", "₁": "$_{1}$",
    "₂": "$_{2}$", "→": r"$\rightarrow$", "′": "$'$", "≡": r"$\equiv$", "√": r"$\surd$",
}  # fmt: skip
_LONGEST = 50
"""Characters after which the texts of a column wrap."""
_STARRED = re.compile(r"^(.*?)(\*+)$")


def escape(text: str) -> str:
    """Return text that LaTeX prints as it stands."""
    return "".join(_ESCAPES.get(character, character) for character in text)


def table_latex(table: Table, title: str, note: str, label: str) -> str:
    """Return a ``table`` environment: caption, booktabs rules, stars as superscripts, note below; a wide one is scaled.

    Args:
        table: the printed table.
        title: caption without its number, which LaTeX counts itself; empty for none.
        note: paragraph below the table; empty for none.
        label: id of the exhibit, for ``\\ref{tab:<label>}``.
    """
    columns = _columns(table)
    caption = [rf"\caption{{{escape(title)}}}", rf"\label{{tab:{label}}}"] if title else []
    body = [
        r"\begin{threeparttable}",
        rf"\begin{{tabular}}{{{''.join(columns)}}}",
        r"\toprule",
        *(line for header in table.header for line in _header(header)),
        r"\midrule",
        *(line for row in table.rows for line in _row(row)),
        r"\bottomrule",
        r"\end{tabular}",
        *_note(note),
        r"\end{threeparttable}",
    ]
    packages = "booktabs,threeparttable"
    if len(columns) > WIDE:
        packages += ",adjustbox"
        body = [*caption, r"\begin{adjustbox}{max width=\linewidth}", *body, r"\end{adjustbox}"]
    else:
        body[1:1] = caption
    chinese = r" \usepackage{ctex}, compiled with xelatex" if needs_cjk([*caption, *body]) else ""
    needs = rf"% needs \usepackage{{{packages}}}{chinese}"
    return "\n".join([needs, r"\begin{table}[htbp]", r"\centering", *body, r"\end{table}"]) + "\n"


def _note(note: str) -> list[str]:
    if not note:
        return []
    return [r"\begin{tablenotes}[flushleft]\footnotesize", rf"\item {escape(note)}", r"\end{tablenotes}"]


def _columns(table: Table) -> list[str]:
    """Return the column types: centred numbers, prose flush left, long prose in a column that wraps."""
    types = []
    for side, width in zip(alignments(table), column_widths(table, 1000), strict=True):
        wraps = side == "left" and width > _LONGEST
        types.append(r"p{0.35\linewidth}" if wraps else "l" if side == "left" else "c")
    return types


def _header(line: tuple[tuple[str, int], ...]) -> list[str]:
    cells = [rf"\multicolumn{{{span}}}{{c}}{{{escape(text)}}}" if span > 1 else escape(text) for text, span in line]
    rules = "".join(rf"\cmidrule(lr){{{first}-{last}}}" for first, last in group_rules(line))
    return [" & ".join(cells) + r" \\", *([rules] if rules else [])]


def _row(row: Row) -> list[str]:
    rule = [r"\midrule"] if row.rule_above else []
    if is_heading(row):
        return [*rule, rf"\multicolumn{{{1 + len(row.cells)}}}{{l}}{{\textit{{{escape(row.label)}}}}} \\"]
    return [*rule, " & ".join([escape(row.label), *(_cell(cell.text) for cell in row.cells)]) + r" \\"]


def _cell(text: str) -> str:
    """Return a cell; the minus sign of a number as a minus, its stars raised."""
    if not is_number(text):
        return escape(text)
    text = text.strip().replace("-", "−")
    starred = _STARRED.match(text)
    return f"{escape(starred[1])}$^{{{starred[2]}}}$" if starred else escape(text)
