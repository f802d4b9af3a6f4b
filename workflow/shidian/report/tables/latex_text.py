"""Texts for LaTeX: escaped for printing, and measured by the widths of Computer Modern."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_GREEK = (
    "alpha beta gamma delta zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega Gamma "
    "Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
_MATH = {
    "−": "-", "×": r"\times", "±": r"\pm", "≤": r"\leq", "≥": r"\geq", "≠": r"\neq", "≈": r"\approx", "²": "^{2}",
    "³": "^{3}", "¹": "^{1}", "·": r"\cdot", "∞": r"\infty", "→": r"\rightarrow", "←": r"\leftarrow", "′": "'",
    "≡": r"\equiv", "√": r"\surd", "°": r"^{\circ}", "÷": r"\div", "∈": r"\in", "∑": r"\sum", "∂": r"\partial",
    "⁻": "^{-}", "ε": r"\varepsilon", "ϵ": r"\epsilon", "ς": r"\varsigma", "ο": "o", "∆": r"\Delta", "⊗": r"\otimes",
    "∼": r"\sim", "∩": r"\cap", "∪": r"\cup", "∅": r"\emptyset", "⁰": "^{0}", "⊥": r"\perp", "ℓ": r"\ell",
    "∥": r"\parallel", "∗": r"\ast", "∙": r"\bullet", "≪": r"\ll", "≫": r"\gg", "∝": r"\propto", "∀": r"\forall",
    "∃": r"\exists", "∫": r"\int", "⇒": r"\Rightarrow", "↔": r"\leftrightarrow", "⌊": r"\lfloor", "⌋": r"\rfloor",
    "∇": r"\nabla", "⟨": r"\langle", "⟩": r"\rangle", "≃": r"\simeq", "≅": r"\cong", "⊂": r"\subset",
    "⊆": r"\subseteq", "⊃": r"\supset", "⊇": r"\supseteq", "∉": r"\notin", "↑": r"\uparrow", "↓": r"\downarrow",
    "⇐": r"\Leftarrow", "⇔": r"\Leftrightarrow", "∘": r"\circ", "⋆": r"\star", "★": r"\star", "⋅": r"\cdot",
    "⋯": r"\cdots", "∧": r"\wedge", "∨": r"\vee", "⊕": r"\oplus", "∏": r"\prod", "∖": r"\setminus", "∣": r"\mid",
    "ϕ": r"\phi", "ϑ": r"\vartheta", "ϱ": r"\varrho", "ϖ": r"\varpi", "″": "''", "△": r"\triangle",
    **dict(zip("⁺⁽⁾ⁿⁱᵗ", ("^{+}", "^{(}", "^{)}", "^{n}", "^{i}", "^{t}"), strict=True)),
    **dict(zip("₊₋₍₎", ("_{+}", "_{-}", "_{(}", "_{)}"), strict=True)),
    **{c: f"_{{{n}}}" for c, n in zip("ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥ", "aeoxhklmnpstijruv", strict=True)},
    **{c: f"^{{{n}}}" for n, c in enumerate("⁴⁵⁶⁷⁸⁹", 4)}, **{c: f"_{{{n}}}" for n, c in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    **dict(zip("αβγδζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", (rf"\{name}" for name in _GREEK.split()), strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧ", (rf"\mathrm{{{c}}}" for c in "ABEZHIKMNOPTX"), strict=True)), "µ": r"\mu",
}  # fmt: skip
_ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{",
    "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", "[": "{[}", "]": "{]}", "\n": " ", "…": r"\ldots{}", "–": "--",
    "—": "---", "\u00a0": "~", "\u2009": r"\,", "\u202f": r"\,", "\u2011": r"\mbox{-}", "\u200b": "", "\u2060": "",
    "“": "``", "”": "''", "‘": "`", "’": "'", "„": r"\quotedblbase{}", "•": r"\textbullet{}", "†": r"\dag{}",
    "‡": r"\ddag{}", "§": r"\S{}", "¶": r"\P{}", "©": r"\copyright{}", "£": r"\pounds{}", "€": r"\texteuro{}",
    "¥": r"\textyen{}", "‰": r"\textperthousand{}", "℃": r"$^{\circ}$C", "½": "1/2", "\t": " ", "\r": " ",
    "㎡": "m$^{2}$", "㎢": "km$^{2}$", "㎥": "m$^{3}$", "㎞": "km", "㎏": "kg", "‐": "-", "―": "---", "⁄": "/",
    "●": r"$\bullet$", "✓": r"$\surd$", **{c: rf"\textcircled{{{n}}}" for n, c in enumerate("①②③④⑤⑥⑦⑧⑨", 1)},
    **{c: unicodedata.normalize("NFKC", c) for c in "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ"}, "\u00ad": r"\-", "\ufeff": "", "\u200e": "",
    "\u200f": "", "\u3000": r"\quad{}",
    **{character: f"${math}$" for character, math in _MATH.items()},
}  # fmt: skip
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0305": "=", "\u0306": "u ",
    "\u0307": ".", "\u0308": '"', "\u030a": "r ", "\u030b": "H ", "\u030c": "v ", "\u0323": "d ", "\u0327": "c ",
    "\u0331": "b ",
}  # fmt: skip
"""Combining mark -> the command that sets it over a letter."""
_BAR = r"\bar"
_OVER_MATH = {"\u0302": r"\hat", "\u0303": r"\tilde", "\u0307": r"\dot"}
_LATIN = 0x017F
"""Last code point that plain LaTeX reads as a letter of its own."""
_NOT_IN_OT1 = frozenset("«»ÐÞðþĄąĐđĘęĦħĮįĸĿŀŉŊŋŦŧŲųſ")
"""Letters before that code point that its own encoding of fonts has not."""
_FOREIGN = re.compile(
    "[^\x00-\u02af\u0300-\u036f\u1e00-\u1eff\u2000-\u206f\u20ac\u2116\u2e80-\ua4cf\uf900-\ufaff\ufe30-\uffef"
    "\U00020000-\U0003ffff]"
)
"""What neither the Latin nor the Chinese fonts of TeX have: letters of other scripts, pictographs."""
_LONG_WORD = 18
_BREAKS = re.compile(r"(?<=[_/.:,!-])(?=[A-Za-z0-9])")

_EM: dict[str, float] = {
    **dict.fromkeys("il.,:;'!|`[]", 0.278), **dict.fromkeys("(){}tr", 0.392), "j": 0.306, **dict.fromkeys("sz", 0.445),
    **dict.fromkeys("ce", 0.445), **dict.fromkeys("kvxy", 0.528), **dict.fromkeys("bdhnpuq", 0.556),
    **dict.fromkeys("aog0123456789/*$~^\"", 0.5), **dict.fromkeys("f", 0.306), **dict.fromkeys("m%#", 0.834),
    **dict.fromkeys("wC", 0.7225), **dict.fromkeys("+=<>&−×±≤≥≠≈@OQÖ", 0.778), **dict.fromkeys("AHNUVXY", 0.75),
    **dict.fromkeys("BREP", 0.7365), **dict.fromkeys("DGTK", 0.785), "S": 0.556, **dict.fromkeys("FLZ", 0.653),
    " ": 0.334, "-": 0.334, "_": 0.361, "I": 0.362,
    "J": 0.514, "M": 0.917, "W": 1.028, "—": 1.0, "…": 1.172, "²": 0.45, "³": 0.45, "∞": 1.0, "→": 1.0, "\\": 0.5,
    "?": 0.473, "\u2060": 0.0, "\u200b": 0.0,
}  # fmt: skip
"""Character -> its width in Computer Modern Roman, in ems of the ten-point size; never less than the true one."""
_OTHER, _CJK = 0.7, 1.02
_NARROWEST_CJK = 0x2E7F


def escape(text: str) -> str:
    """Return text that LaTeX prints as it stands, with accents on letters and mathematical signs among them."""
    composed = unicodedata.normalize("NFC", text)
    found: list[str] = []
    at = 0
    while at < len(composed):
        end = at + 1
        while end < len(composed) and composed[end] in _ACCENTS:
            end += 1
        found.append(_accented(composed[at], composed[at + 1 : end]))
        at = end
    return "".join(found)


def breakable(text: str) -> str:
    """Return escaped text in which words too long for a line may break after their punctuation."""
    words = re.split(r"(\s+)", text)
    return "".join(
        r"\allowbreak{}".join(escape(part) for part in _BREAKS.split(word)) if len(word) > _LONG_WORD else escape(word)
        for word in words
    )


def needs_unicode(texts: Iterable[str]) -> bool:
    """Say whether some (escaped) text holds letters that only XeLaTeX reads."""
    return any(character in _NOT_IN_OT1 or ord(character) > _LATIN for text in texts for character in text)


def foreign(texts: Iterable[str]) -> str:
    """Return the characters of (escaped) texts that the usual fonts of TeX lack, each once."""
    return "".join(dict.fromkeys(sign for text in texts for sign in _FOREIGN.findall(text)))


def em_width(text: str) -> float:
    """Return the width of a text on one line, in ems of the ten-point font: a Chinese character is one.

    >>> round(em_width("0.0143"), 2)
    2.78
    """
    return sum(_em(character) for character in unicodedata.normalize("NFC", text))


def unbreakable(text: str) -> list[str]:
    """Return the pieces between which a text may break: words, parts of long words, single Chinese characters."""
    pieces: list[str] = []
    for word in text.split():
        parts = _BREAKS.split(word) if len(word) > _LONG_WORD else re.split(r"(?<=[a-z]-)", word)
        for part in parts:
            pieces += re.findall(r"[⺀-\U0002ffff]|[^⺀-\U0002ffff]+", part)
    return pieces


def _em(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if ord(character) > _NARROWEST_CJK:
        return _CJK
    plain = unicodedata.normalize("NFD", character)[0]
    return _EM.get(character, _EM.get(plain, _OTHER))


def _accented(base: str, marks: str) -> str:
    if not marks:
        return _single(base)
    if base in _MATH:
        inner = _MATH[base]
        for mark in marks:
            inner = _OVER_MATH.get(mark, _BAR) + f"{{{inner}}}"
        return f"${inner}$"
    text = _single(base)
    for mark in marks:
        text = f"\\{_ACCENTS[mark]}{{{text}}}"
    return text


def _single(character: str) -> str:
    if character in _ESCAPES or character < "\x7f":
        return _ESCAPES.get(character, character)
    parts = unicodedata.normalize("NFD", character)
    if ord(character) > 0xFF and len(parts) > 1 and all(mark in _ACCENTS for mark in parts[1:]):
        return _accented(parts[0], parts[1:])
    return character
