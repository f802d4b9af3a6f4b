"""Lines of the ledger on the extraction: each names its volume, and what befell many volumes alike is one line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from shidian.ledger import ledger_row
from shidian.messages import joined, say

NAMED = 6
"""Most volumes that one line names; of more it names the first and the last."""


def extraction_lines(
    rows: Iterable[Mapping[Any, Any]], volumes: Mapping[str, Sequence[str]] | None = None
) -> list[dict[str, Any]]:
    """Return the lines of the ledger on what extraction passed over, in the order in which it was met.

    Of a source of several volumes a line names the volumes that it is about; lines that are equal but for the volume
    are one, with the sum of their rows.

    Args:
        rows: rows of the ledgers of ``shidian.yearbook.extract``.
        volumes: source -> all its files, also those of which the ledgers say nothing; those in ``rows`` by default.
    """
    alike: dict[tuple[str, str, str, int], list[str]] = defaultdict(list)
    met: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        source, file = str(row["source_id"]), str(row["file"])
        alike[source, _subject(row), _reason(row), int(str(row["count"]))].append(file)
        if file not in met[source]:
            met[source].append(file)
    names = {source: _names((volumes or {}).get(source) or files) for source, files in met.items()}
    return [
        ledger_row(
            say("extract {source}", source=source), _in_volumes(subject, files, names[source]), reason,
            rows=count * len(files),
        )
        for (source, subject, reason, count), files in alike.items()
    ]  # fmt: skip


def _subject(row: Mapping[Any, Any]) -> str:
    place = [str(row[key]) for key in ("sheet", "table") if row[key]]
    return str(row["indicator"]) or " ".join(dict.fromkeys(place)) or str(row["file"])


def _reason(row: Mapping[Any, Any]) -> str:
    event = str(row["event"])
    return say("{event}: {detail}", event=event, detail=str(row["detail"])) if row["detail"] else event


def _names(files: Sequence[str]) -> dict[str, str]:
    """Return each file's own name, with its folders where another file of the source has the same."""
    short = [PurePosixPath(file).name for file in files]
    return {file: name if short.count(name) == 1 else file for file, name in zip(files, short, strict=True)}


def _in_volumes(subject: str, files: Sequence[str], names: Mapping[str, str]) -> str:
    """Return the subject with the volumes that a line is about; alone where the source has one."""
    distinct = list(dict.fromkeys(files))
    if len(names) < 2 or subject == distinct[0]:
        return subject
    named = [names.get(file, file) for file in distinct]
    if len(named) == 1:
        return say("{subject} ({volume})", subject=subject, volume=named[0])
    if len(named) == len(names):
        return say("{subject} (each of {n} volumes)", subject=subject, n=len(named))
    if len(named) <= NAMED:
        return say("{subject} ({n} volumes: {names})", subject=subject, n=len(named), names=joined(named))
    return say(
        "{subject} ({n} volumes, {first} to {last})", subject=subject, n=len(named), first=named[0], last=named[-1]
    )
