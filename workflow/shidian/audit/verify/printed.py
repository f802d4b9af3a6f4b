"""Do tables, figures and reports print the results? Each is printed again here, and read back where bytes differ."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from shidian.audit.bundle.archive import Fault
from shidian.audit.verify.bundle import Bundle
from shidian.audit.verify.estimates import result_of
from shidian.audit.verify.printed_again import PrintedAgain, print_again
from shidian.audit.verify.printed_reports import Results, wrong_in_html, wrong_in_pdf, wrong_in_word
from shidian.audit.verify.printed_tables import first_of, wrong_numbers
from shidian.report.study_report import ExhibitMeta
from shidian.report.styled.apply import as_printed

REPORTS: Mapping[str, Callable[[bytes, Results], Iterator[str]]] = {
    ".html": wrong_in_html,
    ".pdf": wrong_in_pdf,
    ".docx": wrong_in_word,
}
ALIKE = 0.02
"""Mean difference of a figure's pixels, of 0 to 1, that another version of the drawing library explains."""
CLOSE = 0.1
"""Largest difference of a pixel, of 0 to 1, that the last digits of another processor explain."""


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
    metas = {words["id"]: ExhibitMeta(**words) for words in facts.get("report", {}).get("exhibits", ())}
    said = {
        e["id"]: as_printed(
            result_of(bundle, e), metas.get(e["id"]) or ExhibitMeta("", e["id"], lang=facts["language"])
        )
        for e in facts["exhibits"]
    }
    other = {name: exhibit for name, exhibit in _names(facts) if again.files.get(name) != bundle.read(name)}
    changed = changed_from_here or _drift(bundle, [name for name in other if name.endswith(".png")], again)
    faults: list[Fault] = []
    unknown: list[str] = []
    for name, exhibit in other.items():
        if name.endswith(".png"):
            wrong = _another_picture(bundle.read(name), again.files.get(name), bool(changed_from_here))
        else:
            wrong = first_of(_wrong(name, bundle.read(name), {exhibit: said[exhibit]} if exhibit else said, exhibit))
        if wrong:
            faults.append(Fault("another number" if not name.endswith(".png") else "another figure", name, wrong))
        elif name in again.files and not changed:
            faults.append(Fault("not what its results print", name, "printed again, it has other bytes"))
        else:
            unknown.append(name)
    return Printed(tuple(faults), tuple(_notes(unknown, again, changed)))


def _drift(bundle: Bundle, pictures: list[str], again: PrintedAgain) -> list[str]:
    """Return why other bytes are no fault: figures drawn here are the bundle's but for last digits of their pixels."""
    close = [name for name in pictures if name in again.files and not _far(bundle.read(name), again.files[name])]
    return (
        [f"{len(close)} figures have other last digits of their pixels, as another processor draws them"]
        if close
        else []
    )


def _names(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give each printed file and its exhibit, "" for a report."""
    yield from ((name, exhibit["id"]) for exhibit in facts["exhibits"] for name in exhibit["printed"])
    yield from ((f"results/{facts['study']}/report{ending}", "") for ending in REPORTS)


def _wrong(name: str, content: bytes, results: Results, exhibit: str) -> Iterator[str]:
    """Yield the numbers of a file of an exhibit, or of a report where that is "", that are not the results'."""
    if exhibit:
        yield from wrong_numbers(name, content, results[exhibit])
    else:
        yield from REPORTS[PurePosixPath(name).suffix](content, results)


def _another_picture(content: bytes, again: bytes | None, roughly: bool) -> str:
    """Return how a figure differs from the one drawn again from the result's data, "" for not at all.

    Args:
        content: the figure in the bundle.
        again: the figure drawn here; None where it could not be.
        roughly: another installation draws the same figure otherwise.
    """
    if again is None:
        return ""
    there, here = _pixels(content), _pixels(again)
    if there.shape != here.shape:
        size = f"{there.shape[1]} x {there.shape[0]}"
        return f"the picture is {size}, drawn again {here.shape[1]} x {here.shape[0]}"
    difference = float(np.abs(there - here).mean())
    if difference > ALIKE if roughly else _far(content, again):
        return f"the picture is not the one drawn again from its data: pixels differ by {difference:.2%} on average"
    return ""


def _far(content: bytes, again: bytes) -> bool:
    """Say whether two pictures differ by more than the last digits of their pixels."""
    there, here = _pixels(content), _pixels(again)
    return there.shape != here.shape or float(np.abs(there - here).max()) > CLOSE


def _pixels(content: bytes) -> np.ndarray:
    from matplotlib.image import imread

    return np.asarray(imread(io.BytesIO(content), format="png"), dtype=float)[..., :3]


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
