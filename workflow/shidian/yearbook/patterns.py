"""Texts that say a unit or a year among others: headers such as ``gdp2010``, names of sheets and of files."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from shidian.errors import SourceError
from shidian.yearbook.numbers import HALF_WIDTH, clean, parse_code

TOKENS = {"name": ".+?", "code": r"\d{6}", "year": ".+?", "any": ".*?"}
"""What may stand in braces in a pattern, and the texts that it stands for."""
LONGEST_YEAR = 20
"""Most characters of a year, or of another period, that stands beside a name."""
_TOKEN = re.compile("{(" + "|".join(TOKENS) + ")}")


class ReadsPeriods(Protocol):
    """What reads a text as a period: ``periods.PeriodText``."""

    def read(self, text: str) -> int | None:
        """Return the period's number, None where the text is none."""


@dataclass(frozen=True)
class Said:
    """What a text says by a pattern: name and code of a unit, number of a period; None where it says none."""

    name: str | None = None
    code: str | None = None
    year: int | None = None


def tokens_in(text: str) -> list[str]:
    """Return the words in braces of a pattern, in order; none of a plain text."""
    return _TOKEN.findall(text)


def check_pattern(where: str, pattern: str, known: Collection[str] = tuple(TOKENS)) -> None:
    """Refuse a pattern without any word in braces, with one twice, or with one that is not among ``known``.

    Raises:
        SourceError: with ``where``, which names the file and the key.
    """
    found = tokens_in(pattern)
    listed = ", ".join("{" + token + "}" for token in known)
    if not found:
        raise SourceError(f"{where}: '{pattern}' holds nothing that differs from text to text; write one of {listed}")
    for token in found:
        if token not in known:
            raise SourceError(f"{where}: '{{{token}}}' has no meaning here; there are {listed}")
        if found.count(token) > 1 and token != "any":
            raise SourceError(f"{where}: '{{{token}}}' stands {found.count(token)} times in '{pattern}'")


def said_by(pattern: str, text: str, reads: ReadsPeriods) -> Said | None:
    """Return what a text says by a pattern, None where it is not as the pattern says.

    Spaces are ignored between the pattern's own characters. Beside a name the year is the longest text that is one:
    ``Region12001`` is ``Region1`` in 2001.

    >>> from shidian.yearbook.periods import PeriodText
    >>> said_by("{name}{year}", "Beijing1997", PeriodText())
    Said(name='Beijing', code=None, year=1997)
    """
    plain = clean(text).translate(HALF_WIDTH)
    for year in _years(pattern, plain):
        found = _compiled(pattern, year).fullmatch(plain)
        if found is None:
            continue
        said = found.groupdict()
        number = reads.read(said["year"].strip()) if "year" in said else None
        if "year" in said and number is None:
            continue
        return Said(said.get("name", "").strip() or None, parse_code(said.get("code", ""), "gb2260"), number)
    return None


def code_in(pattern: str, text: str, kind: str) -> str | None:
    """Return the code of a unit in a text by a pattern of one ``{code}``, None where the text is another.

    >>> code_in("CN{code}00000000", "CN0100100000000", "plain")
    '01001'
    """
    before, after = (part.replace(" ", "") for part in clean(pattern).translate(HALF_WIDTH).split("{code}"))
    plain = clean(text).translate(HALF_WIDTH).replace(" ", "")
    if not (plain.startswith(before) and plain.endswith(after)) or len(plain) <= len(before) + len(after):
        return None
    return parse_code(plain[len(before) : len(plain) - len(after)], kind)


def year_texts(pattern: str, text: str) -> list[str]:
    """Return what may be the year of a text by a pattern, the longest first; nothing where the text is another."""
    plain = clean(text).translate(HALF_WIDTH)
    found = [_compiled(pattern, year).fullmatch(plain) for year in _years(pattern, plain)]
    return [one["year"].strip() for one in found if one and "year" in tokens_in(pattern)]


def _years(pattern: str, text: str) -> list[str]:
    """Return what a year may look like, longest first where another word of any length stands beside it."""
    if not {"name", "any"} & set(tokens_in(pattern)) or "year" not in tokens_in(pattern):
        return [TOKENS["year"]]
    return [f".{{{n}}}" for n in range(min(len(text), LONGEST_YEAR), 0, -1)]


@lru_cache(maxsize=1024)
def _compiled(pattern: str, year: str) -> re.Pattern[str]:
    parts = _TOKEN.split(clean(pattern).translate(HALF_WIDTH))
    texts = {**TOKENS, "year": year}
    written = [
        (f"(?:{texts[part]})" if part == "any" else f"(?P<{part}>{texts[part]})")
        if number % 2
        else r"\s*".join(["", *map(re.escape, part.replace(" ", "")), ""])
        for number, part in enumerate(parts)
    ]
    return re.compile("".join(written))
