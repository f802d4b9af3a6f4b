"""What a variable is: as the file declares it under ``variables``, else what its name means in this literature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shidian.audit.printed_tables.interval import Printed
from shidian.audit.printed_tables.paper import Paper
from shidian.audit.printed_tables.typography import is_number, plain_number, whole_number
from shidian.errors import AuditError, nearest


@dataclass(frozen=True)
class Known:
    """A variable's kind and bounds; ``declared`` tells the file's own word from what the name suggests."""

    kind: str
    low: float | None
    high: float | None
    why: str
    declared: bool = False
    ratio: Printed | None = None
    items: int = 1


KINDS: Mapping[str, Known] = {
    "dummy": Known("dummy", 0, 1, "a 0/1 variable"),
    "share": Known("share", 0, 1, "a share lies between 0 and 1"),
    "percentage": Known("percentage", 0, 100, "a percentage lies between 0 and 100"),
    "gini": Known("gini", 0, 1, "a Gini coefficient lies between 0 and 1"),
    "theil": Known("theil", 0, None, "a Theil index is not negative (Jensen's inequality)"),
    "divergence": Known(
        "divergence", 0, None, "sum of y ln(y / l) over shares that add to one is not negative (Gibbs' inequality)"
    ),
    "count": Known("count", 0, None, "a count is not negative"),
    "scale": Known("scale", None, None, "answers on a scale are whole numbers, or means of as many items as declared"),
}
"""Kind -> its bounds."""

_BY_NAME = {
    "did": "dummy", "treat": "dummy", "post": "dummy",
    "theil": "theil", "gini": "gini",
    "ris": "divergence", "tl": "divergence",
    "urban": "share", "urbanization": "share",
}  # fmt: skip
"""Names with one meaning in the literature; ``ris`` is the rationalisation index of Gan, Zheng and Yu (2011)."""


def known_variable(paper: Paper, name: str) -> Known | None:
    """Return what is known of a variable, or None.

    Raises:
        AuditError: the file declares a kind that there is not, or a bound that is no number.
    """
    declared = (paper.content.get("variables") or {}).get(name)
    if isinstance(declared, Mapping):
        return _declared(paper, name, declared)
    kind = _BY_NAME.get(name.lower())
    return KINDS[kind] if kind else None


def _declared(paper: Paper, name: str, facts: Mapping[str, Any]) -> Known:
    where = f"{paper.name}: at 'variables.{name}"
    kind = str(facts.get("kind", ""))
    if kind and kind not in KINDS:
        raise AuditError(f"{where}.kind': '{kind}' is not one of {', '.join(KINDS)}{nearest(kind, KINDS)}")
    base = KINDS.get(kind, Known(kind, None, None, "the file's own bounds"))
    for key in ("low", "high", "ratio"):
        if key in facts and not is_number(facts[key]):
            raise AuditError(f"{where}.{key}': '{facts[key]}' is no number")
    plain = {key: plain_number(facts[key]) or "" for key in ("low", "high", "ratio") if key in facts}
    low = float(plain["low"]) if "low" in facts else base.low
    high = float(plain["high"]) if "high" in facts else base.high
    ratio = Printed(plain["ratio"]) if "ratio" in facts else None
    items = whole_number(facts.get("items", "1"))
    if items is None or items < 1:
        raise AuditError(f"{where}.items': expected the number of items, found '{facts['items']}'")
    return Known(base.kind, low, high, str(facts.get("why", base.why)), True, ratio, items)
