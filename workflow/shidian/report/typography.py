"""How signs are set where people read: minus signs, ranges of years, numbers that do not break."""

from __future__ import annotations

import re

MINUS, EN_DASH = "\N{MINUS SIGN}", "\N{EN DASH}"
_NEGATIVE = re.compile(
    r"(?<![A-Za-z0-9_.)\]\-\u2212/\u2013])-(?=(?:\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?|\.\d+|∞)(?![A-Za-z0-9_-]))"
)
"""The hyphen of a negative number in a text, but not that of a range (2006-2016), a name or a code."""
_EXPONENT = re.compile(r"(?<=\d[eE])-(?=\d)")
_YEARS = re.compile(r"(?<![A-Za-z0-9_.,\-/])((?:1[89]|20)\d\d)-((?:1[89]|20)\d\d)(?![A-Za-z0-9_\-/]|\.\w)")
_TIED_DASH = re.compile(r"(?<=\d)-(?=\d)")
_NUMBER = re.compile(r"^[(\[]?[-−+]?(\d[\d,]*\.?\d*|\.\d+)([eE][-+]?\d+)?%?[)\]]?\**$")


def with_minus(text: str) -> str:
    """Return a text as it is set: its negative numbers with a minus sign, its ranges of years with an en dash.

    >>> with_minus("[-0.07, -0.02] in 2006-2018, SDM-DID, 1.2e-05")
    '[−0.07, −0.02] in 2006–2018, SDM-DID, 1.2e−05'
    """
    if "-" not in text:
        return text
    if _NUMBER.match(text.strip()):
        return text.replace("-", MINUS)
    return _YEARS.sub(rf"\1{EN_DASH}\2", _EXPONENT.sub(MINUS, _NEGATIVE.sub(MINUS, text)))


def unbroken(text: str) -> str:
    """Return a text as it is set, without places inside a number or an interval where a line may break.

    >>> unbroken("[-0.07, -0.02]") == "[\u22120.07,\u00a0\u22120.02]"
    True
    """
    tied = _TIED_DASH.sub("\u2011", with_minus(text))
    return tied if any(c.isalpha() for c in tied) else tied.replace(" ", "\u00a0")


def as_typed(text: str) -> str:
    """Return a text with plain hyphens and spaces again, whatever signs it was set with."""
    plain = text.replace(MINUS, "-").replace("\u2011", "-").replace("\u2060", "").replace("\u00a0", " ")
    return re.sub(rf"(?<=\d{{4}}){EN_DASH}(?=\d{{4}})", "-", plain)
