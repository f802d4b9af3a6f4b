"""Do tables, figures and reports print the results? Each is printed again here, and read back where bytes differ."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from shidian.audit.bundle.archive import Fault, read_member
from shidian.audit.verify.bundle import Bundle
from shidian.audit.verify.estimates import result_of
from shidian.audit.verify.printed_again import PrintedAgain, print_again
from shidian.audit.verify.printed_reports import Results, wrong_in_html, wrong_in_pdf, wrong_in_word
from shidian.audit.verify.printed_tables import first_of, wrong_numbers
from shidian.report.words import in_words

REPORTS: Mapping[str, Callable[[bytes, Results], Iterator[str]]] = {
    ".html": wrong_in_html,
    ".pdf": wrong_in_pdf,
    ".docx": wrong_in_word,
}
ALIKE = 0.02
"""Mean difference of a figure's pixels, of 0 to 1, that another version of the drawing library explains."""


@dataclass(frozen=True)
class Printed:
    """What was found of the printed files.

    Attributes:
        faults: files that do not print their results.
        notes: files that could be compared in part only, and why.
    """

    faults: tuple[Fault, ...]
    notes: tuple[str, ...]


def check_printed(bundle: Bundle, changed_from_here: list[str]) -> Printed:
    """Compare every table, figure and report of a bundle with its results.

    Args:
        bundle: an open bundle.
        changed_from_here: why this installation may print other bytes; where it is empty, it must print the same.
    """
    facts = bundle.json("audit/study.json")
    again = print_again(bundle) if "report" in facts else PrintedAgain({}, {})
    said = {e["id"]: in_words(result_of(bundle, e), facts["language"]) for e in facts["exhibits"]}
    faults: list[Fault] = []
    unknown: list[str] = []
    for name, exhibit in _names(facts):
        content = read_member(bundle.archive, name)
        if again.files.get(name) == content:
            continue
        results = {exhibit: said[exhibit]} if exhibit else said
        wrong = first_of(_wrong(name, content, results, again.files.get(name), bool(exhibit)))
        if wrong:
            faults.append(Fault("another number", name, wrong))
        elif name in again.files and not changed_from_here:
            faults.append(Fault("not what its results print", name, "printed again, it has other bytes"))
        else:
            unknown.append(name)
    return Printed(tuple(faults), tuple(_notes(unknown, again, changed_from_here)))


def _names(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give each printed file and its exhibit, "" for a report."""
    yield from ((name, exhibit["id"]) for exhibit in facts["exhibits"] for name in exhibit["printed"])
    yield from ((f"results/{facts['study']}/report{ending}", "") for ending in REPORTS)


def _wrong(name: str, content: bytes, results: Results, again: bytes | None, of_exhibit: bool) -> Iterator[str]:
    """Yield what a file says otherwise than the results: its numbers, or the pixels of a figure."""
    if not of_exhibit:
        yield from REPORTS[PurePosixPath(name).suffix](content, results)
        return
    if name.endswith(".png"):
        yield from _another_picture(content, again)
    else:
        yield from wrong_numbers(name, content, next(iter(results.values())))


def _another_picture(content: bytes, again: bytes | None) -> Iterator[str]:
    """Yield how a figure differs from the one drawn again from the result's data."""
    from matplotlib.image import imread

    if again is None:
        return
    there, here = (np.asarray(imread(io.BytesIO(c), format="png"), dtype=float)[..., :3] for c in (content, again))
    if there.shape != here.shape:
        yield f"the picture is {there.shape[1]} x {there.shape[0]}, drawn again {here.shape[1]} x {here.shape[0]}"
    elif (difference := float(np.abs(there - here).mean())) > ALIKE:
        yield f"the picture is not the one drawn again from its data: pixels differ by {difference:.1%} on average"


def _notes(unknown: list[str], again: PrintedAgain, changed: list[str]) -> Iterator[str]:
    refused = [name for name in unknown if name in again.refused]
    if refused:
        yield f"not printed again here: {_some(refused)} ({again.refused[refused[0]]})"
    rest = [name for name in unknown if name not in again.refused and name in again.files]
    if rest:
        why = f"this is another installation: {'; '.join(changed[:4])}"
        yield f"numbers read back and right, bytes otherwise than printed here: {_some(rest)} ({why})"
    plain = [name for name in unknown if name not in again.refused and name not in again.files]
    if plain:
        why = "the bundle does not say how, or a format of the author's own"
        yield f"numbers read back where there are some, not printed again ({why}): {_some(plain)}"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
