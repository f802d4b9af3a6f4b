"""Account of what was read: each printed place with the checks that used it, or the reason why none did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shidian.audit.printed_tables.findings import Finding
from shidian.audit.printed_tables.paper import Paper, Read

_NO_NUMBER = {"words": "words, no number", "blank": "nothing is printed", "remark": "the transcriber's words"}
_REASONS = {
    "coefficient": "no stars, and not two of error, t, z, p and interval that could be compared",
    "fact": "no other printed number that it could be compared with",
    "moment": "no other moment, bound or column that it could be compared with",
    "sample": "no other number of the sample, and no column's N, that it could be compared with",
    "percentage": "no total that it is of",
    "share": "no mediator of this name with a direct effect",
}
_KINDS = {
    "coefficient": "coefficients", "fact": "facts of columns", "moment": "moments", "sample": "numbers of the sample",
    "percentage": "numbers of percentages", "share": "shares",
}  # fmt: skip


@dataclass(frozen=True)
class Coverage:
    """What was read of a file.

    Attributes:
        read: kind of place -> how many hold numbers.
        used: check -> how many places it used.
        checked: number of places that some check used.
        unchecked: reason -> the places that no check used, numbers first, then what is no number.
    """

    read: dict[str, int]
    used: dict[str, int]
    checked: int
    unchecked: dict[str, list[str]]

    @property
    def total(self) -> int:
        """Number of places that hold numbers."""
        return sum(self.read.values())


def coverage(paper: Paper, findings: Iterable[Finding]) -> Coverage:
    """Return the account of a paper's printed places after all checks."""
    used: dict[str, set[str]] = {}
    for finding in findings:
        used.setdefault(finding.check, set()).update(finding.uses)
    seen = set().union(*used.values()) if used else set()
    read: dict[str, int] = {}
    unchecked: dict[str, list[str]] = {}
    places = {place.at: place for place in paper.read}
    for place in places.values():
        if place.kind not in _NO_NUMBER:
            read[place.kind] = read.get(place.kind, 0) + 1
        if place.at not in seen:
            unchecked.setdefault(_reason(paper, place), []).append(place.at)
    numbers = {at for at, place in places.items() if place.kind not in _NO_NUMBER}
    order = sorted(unchecked, key=lambda reason: reason in _NO_NUMBER.values())
    counts = {check: len(at) for check, at in used.items() if at}
    return Coverage(read, counts, len(numbers & seen), {reason: unchecked[reason] for reason in order})


def _reason(paper: Paper, place: Read) -> str:
    if place.kind in _NO_NUMBER:
        return _NO_NUMBER[place.kind]
    if place.kind == "coefficient":
        cells = [e for c in paper.columns for e in c.terms.values() if e.at == place.at]
        if cells and not cells[0].beside:
            return "nothing stands below the coefficient that its stars or size could be compared with"
    return _REASONS[place.kind]


def describe_coverage(account: Coverage) -> str:
    """Return how many places were read, by which checks they were used, and each that was not with the reason."""
    kinds = ", ".join(f"{count} {_KINDS[kind]}" for kind, count in account.read.items())
    lines = [f"read {account.total} printed places: {kinds or 'none'}"]
    used = ", ".join(f"{check} {count}" for check, count in account.used.items())
    lines.append(f"checked {account.checked} of them: {used or 'by none'}")
    left = account.total - account.checked
    lines.append(f"not checked: {left}" + (", and what is no number" if len(account.unchecked) else ""))
    lines += [f"  {len(at)} ({reason}): {'; '.join(at)}" for reason, at in account.unchecked.items()]
    return "\n".join(lines)
