"""Repairs that slips of whole volumes suggest, written as ``config/corrections.yaml`` takes them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from shidian.messages import say
from shidian.slips.finding import Finding, Mend
from shidian.whole_files import whole
from shidian.yearbook.source import Source

Translate = Callable[[str], str]


def suggestions(source: Source, records: pd.DataFrame, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return the repairs that findings suggest, as entries under ``volumes``.

    Args:
        source: the source.
        records: its records.
        findings: its slips (``shidian.slips.records.findings_of``).
    """
    found = [one for finding in findings for mend in finding.mends for one in _entries(source, records, finding, mend)]
    return [one for i, one in enumerate(found) if one not in found[:i]]


def _entries(source: Source, records: pd.DataFrame, finding: Finding, mend: Mend) -> Iterator[dict[str, Any]]:
    """Give the entry of each file that prints the volume."""
    mine = records[records["indicator"].isin(mend.series) & (records["year"] == mend.period)]
    numbers = mine["cell_id"].astype(str).str.split("/", n=2).str[1].astype(int)
    for number in sorted(numbers.unique()):
        here = mine[(numbers == number).to_numpy()]
        exchanged = mend.factor is None and mend.rows is None
        if exchanged and (here["indicator"].nunique() < 2 or here["measure"].nunique() > 1):
            continue  # of two tables or units of measure: their headers are exchanged in the source file
        within = records["cell_id"].astype(str).str.startswith(f"{source.source}/{number}/")
        years = records.loc[within & records["indicator"].isin(mend.series), "year"].dropna().unique()
        entry: dict[str, Any] = {"source": source.source, "file": source.files[number - 1].path}
        entry |= {"series": list(mend.series)} | ({"year": mend.period} if len(years) > 1 else {})
        if mend.factor is not None:
            entry["factor"] = int(mend.factor) if mend.factor >= 1 else mend.factor
        elif mend.rows is not None:
            entry |= {"rows": list(mend.rows), "belong": mend.belong}
        else:
            entry["exchange"] = True
        entry |= {"units": list(mend.units)} if mend.units else {}
        yield entry | {"reason": finding.said}


def suggested_file(results: Path, source: str) -> Path:
    """Return where the suggestions for a source stand."""
    return results / ".checks" / f"{source}.volumes.yaml"


def write_suggestions(path: Path, entries: Sequence[dict[str, Any]], source: str, translated: Translate) -> None:
    """Write the entries to a file of their own, or take an old one away where there are none.

    Args:
        path: the file.
        entries: what :func:`suggestions` returns.
        source: name of the source.
        translated: gives a message in the language of the reader.
    """
    if not entries:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    said = translated(say(
        "Suggested repairs of whole volumes of {source}. Hold each against the printed page (first and last rows of "
        "blocks above all); move those that are right to 'volumes:' in config/corrections.yaml.", source=source,
    ))  # fmt: skip
    lines = ["\n".join(["", *textwrap.wrap(f"# {said}", 118, subsequent_indent="# "), "volumes:"]).lstrip()]
    for one in entries:
        written = {**one, "reason": translated(one["reason"])}
        dumped = yaml.safe_dump([written], allow_unicode=True, sort_keys=False, default_flow_style=None, width=4000)
        lines += [f"  {line}" for line in dumped.splitlines()]
    text = "\n".join(lines) + "\n"
    with whole(path) as part:
        part.write_text(text, encoding="utf-8")
