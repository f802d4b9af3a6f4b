"""The numbers in a text: what each claims, and which claim nothing (years, references, labels, levels, dates)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shidian.audit.draft.no_claims import NO_CLAIM
from shidian.audit.draft.passages import Passage

_PERCENT = r"(?:%|per\s?cent\b|percentage\spoints?\b|pp\b|个?百分点)"
_JOINED = r"[A-Za-z0-9_\u00c0-\u03ff)\]%]"
"""What makes a dash behind it a hyphen or a range; a Chinese character does not."""
NUMBER = re.compile(
    rf"(?P<sign>(?<!{_JOINED}[-−–])(?<!{_JOINED})[-−–](?=[\d.]))?(?<![A-Za-z0-9_#@\\])(?<!\d\.)(?<![A-Za-z_/:]/)"
    r"(?<![A-Za-z][-−])"
    # what has begun as a number is taken whole or not at all (``++``): never 0.079 of 0.0792x
    r"(?P<digits>(?:0,\d++(?![.,]\d)|(?:[1-9]\d{0,2}(?:[,\u2009\u202f\u00a0]\d{3})++(?!\d)|\d++)(?P<part>\.\d++)?+)"
    r"|(?P<bare>\.\d++))(?!\.\d)"
    r"(?P<power>[eE][-−+]?\d+|\s?[×x]\s?10\s?\^?\s?\(?[-−]?\d+\)?)?"
    rf"(?P<percent>[\s-]?{_PERCENT}|(?=\s?(?:[-−–—~至到]|to\b|and\b|or\b)\s?[\d.]+\s?{_PERCENT}))?"
    r"(?P<times>\s?(?:[万亿‰]|(?:thousand|million|billion|trillion)\b))?"
    r"(?(part)|(?(bare)|(?![A-Za-z_])))(?P<stars>\s?[*∗]{1,4}(?!\s?[*∗]|\s*[pP]\s*<))?"
)
TIMES = {"万": 1e4, "亿": 1e8, "‰": 1e-3, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
"""Word behind a number -> by how much it multiplies."""
_TYPED = str.maketrans({
    **{chr(wide): chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F) if chr(wide) not in "！，？；"},
    **dict.fromkeys("\u2010\u2011\u2012\ufe63", "-"), "∙": "·", "∗": "*",
})  # fmt: skip
"""Signs of an input method or a typesetter -> those that are typed; one for one, so that places stay."""
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_COUNTED = re.compile(r"\b(?:[Nn]|obs\.?|observations?|sample(?: size)?(?: of)?)\s*(?:=|:|is|of)?\s*$")
_BOUND = re.compile(r"(?P<p>\b[pP](?:[\s-]?values?)?\b[^.;,()|]{0,15})?(?P<sign>[<>≤≥＜＞])\s*$")
_ENDS = re.compile(r"(?<=[.!?。！？；])\s+(?=[^\d\s])|[。！？；|]|\n\s*\n")


@dataclass(frozen=True)
class Claim:
    """One number of a manuscript.

    Attributes:
        text: as it is written.
        value: its value; percentages as written.
        decimals: printed decimals.
        signed: whether it is written with a minus.
        percent: whether it is a percentage.
        times: by how much the word behind it multiplies (万, million); 1 without one.
        stars: the stars behind it.
        bound: "<" or ">" where it bounds a p-value, else "".
        where, section: where it stands.
        sentence: the sentence around it, as far as the passage goes.
        before: offset inside the sentence.
        passed: why it is no claim, "" where it is one.
    """

    text: str
    value: float
    decimals: int
    signed: bool
    percent: bool
    stars: str
    bound: str
    where: str
    section: str
    sentence: str
    before: int
    passed: str = ""
    times: float = 1.0

    @property
    def half(self) -> float:
        """Half of a unit of its last printed digit."""
        return 0.5 * 10.0**-self.decimals


def claims_of(passage: Passage, ignored: Sequence[re.Pattern[str]] = ()) -> Iterator[Claim]:
    """Give all numbers of a passage, those that claim nothing with the reason.

    Args:
        passage: text and places.
        ignored: numbers in what these match are passed over.
    """
    text = typed(passage.text)
    spans = [(m.span(), reason) for reason, pattern in NO_CLAIM for m in pattern.finditer(text)]
    spans += [(m.span(), "ignored") for pattern in ignored for m in pattern.finditer(text)]
    for found in NUMBER.finditer(text):
        start, end = _sentence(text, found.start())
        yield _claim(passage, found, text[start:end], found.start() - start, _passed(passage, found, spans))


def typed(text: str) -> str:
    """Return a text in the signs that numbers are read in, each character where it was.

    Full-width digits and signs, typeset hyphens, raised powers of ten and the raised point of British journals are
    what is typed for them.
    """
    text = text.translate(_TYPED)
    text = re.sub(r"(?<=\d)·(?=\d)", ".", text)
    return re.sub(r"(?<=10)[⁰¹²³⁴-⁹⁻]+", lambda found: found[0].translate(_RAISED), text)


def _claim(passage: Passage, found: re.Match[str], sentence: str, before: int, passed: str) -> Claim:
    value, decimals = value_of(found)
    bound = _BOUND.search(sentence[:before])
    if bound and not bound["p"] and not passed:
        passed = "bound"
    sign = {"<": "<", "≤": "<", "＜": "<"}.get(bound["sign"], ">") if bound else ""
    return Claim(
        found[0].strip(), value, decimals, bool(found["sign"]), found["percent"] is not None,
        (found["stars"] or "").strip(), sign, passage.where(found.start("digits")),
        passage.section, " ".join(sentence.split()), before, passed, TIMES.get((found["times"] or "").strip(), 1.0),
    )  # fmt: skip


def value_of(found: re.Match[str]) -> tuple[float, int]:
    """Return the value of what ``NUMBER`` found, and the decimals to which it is printed (negative for 1.2e+22)."""
    printed = found["digits"].replace(",", ".") if found["digits"].startswith("0,") else found["digits"]
    digits, power = re.sub(r"[^\d.]", "", printed), _power(found["power"] or "")
    return float(f"{digits}e{power}") * (-1 if found["sign"] else 1), len(digits.partition(".")[2]) - power


def _power(text: str) -> int:
    text = text.rstrip(")")
    found = re.search(r"([-−]?)\s*(\d+)$", text.replace("10", "", 1) if "10" in text and text[0] not in "eE" else text)
    return 0 if found is None else int(found[2]) * (-1 if found[1] else 1)


def _passed(passage: Passage, found: re.Match[str], spans: list[tuple[tuple[int, int], str]]) -> str:
    """Return why a number is no claim."""
    if passage.skipped:
        return passage.skipped
    at = found.start("digits")
    for (start, end), reason in spans:
        if start <= at < end and not (reason == "year" and _COUNTED.search(found.string[:at])):
            return reason
    plain = found["digits"] in ("0", "1") and not (
        found["percent"] is not None or any(found[n] for n in ("stars", "sign", "times"))
    )
    return "0 or 1" if plain else ""


def _sentence(text: str, at: int) -> tuple[int, int]:
    """Return where the sentence around a character begins and ends."""
    start = max((m.end() for m in _ENDS.finditer(text, 0, at)), default=0)
    end = _ENDS.search(text, at)
    return start, end.start() if end else len(text)
