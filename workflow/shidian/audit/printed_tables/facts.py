"""Facts of a column: its printed numbers, and texts such as its outcome and fixed effects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shidian.audit.printed_tables.interval import Printed
from shidian.audit.printed_tables.keys import LISTS, check_keys, is_number_key
from shidian.audit.printed_tables.paper import Read
from shidian.audit.printed_tables.typography import is_blank, keyboard, plain_number, whole_number
from shidian.errors import AuditError

COUNTS = ("n", "units", "clusters", "df", "replications")
"""Numbers that no rounding touched."""
CRITICAL = ("p10", "p05", "p01")
_NO = {"no", "none", "\u5426"}
_WORDS = re.compile(
    r"(yes|no|y|n|included|controlled|(not |in)?significant\b.*|"
    r"\u221a|\u2713|\u2714|x|\u00d7|\u662f|\u5426|\u63a7\u5236|\u672a\u63a7\u5236)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Facts:
    """A column's facts: texts (``below`` and ``star_levels`` among them), and printed numbers."""

    texts: Mapping[str, Any] = field(default_factory=dict)
    numbers: Mapping[str, Printed] = field(default_factory=dict)

    def over(self, more: Facts) -> Facts:
        """Return these facts with those of the column itself in place of what it says otherwise."""
        return Facts({**self.texts, **more.texts}, {**self.numbers, **more.numbers})


def is_words(value: Any, strict: bool = False) -> bool:
    """Say whether a cell holds words in place of a number: Yes, controlled, not significant; any, where not strict."""
    if not isinstance(value, str) or is_blank(value):
        return False
    return bool(_WORDS.match(value.strip())) or (not strict and not re.search(r"\d", keyboard(value)))


def read_facts(given: Mapping[str, Any], where: str, at: str, read: list[Read]) -> Facts:
    """Return the facts under known keys and add each number to ``read``.

    Raises:
        AuditError: a number that is none, a count that is not whole.
    """
    texts: dict[str, Any] = {}
    numbers: dict[str, Printed] = {}
    for key, value in given.items():
        if is_blank(value):
            continue
        place = f"{where}.{key}'"
        if key == "crit":
            texts[key] = _critical(value, place, f"{at}.crit", read)
        elif is_number_key(key):
            numbers[key] = _number(key, value, place, f"{at}.{key}", read)
        elif key in LISTS:
            texts[key] = _listed(key, value)
        else:
            texts[key] = value
    return Facts(texts, numbers)


def _number(key: str, value: Any, where: str, at: str, read: list[Read]) -> Printed:
    plain = plain_number(value)
    if plain is None:
        raise AuditError(f"{where}: '{value}' is no number")
    if key in COUNTS:
        whole = whole_number(value)
        if whole is None:
            raise AuditError(f"{where}: '{value}' is no whole number")
        plain = str(whole)
    read.append(Read(at, "fact", plain))
    return Printed(plain, exact=key in COUNTS, at=at)


def _critical(value: Any, where: str, at: str, read: list[Read]) -> dict[str, Printed]:
    if not isinstance(value, Mapping):
        raise AuditError(f"{where}: expected critical values {{p10: , p05: , p01: }}, found {value!r}")
    check_keys(value, CRITICAL, where)
    return {key: _number(key, v, where, f"{at}.{key}", read) for key, v in value.items() if not is_blank(v)}


def _listed(key: str, value: Any) -> Any:
    """Return fixed effects as a tuple of names; other lists as they are."""
    if key != "fe":
        return value
    names = value if isinstance(value, list) else [part.strip() for part in str(value).split(",")]
    return tuple(name for name in names if name.strip().lower() not in _NO)
