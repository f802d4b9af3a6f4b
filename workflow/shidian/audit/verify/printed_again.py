"""The tables, figures and reports of a bundle, made again from its results by the installation that verifies it.

The code is this installation's own; that of the bundle is not executed.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from shidian.audit.bundle.archive import read_member
from shidian.audit.verify.bundle import Bundle
from shidian.errors import AuditError, ShidianError
from shidian.exhibits.result import read_result
from shidian.messages import Words, read_behind
from shidian.report.assemble import assemble_report
from shidian.report.files import write_figure_files, write_table_files
from shidian.report.html import render_html
from shidian.report.pdf import render_pdf
from shidian.report.study_report import ExhibitMeta, StudyReport
from shidian.report.styled.apply import as_printed
from shidian.report.tables.delimited import unmarked
from shidian.report.word import render_docx

_PLAIN = re.compile(r"[a-z0-9][a-z0-9_]*")


@dataclass(frozen=True)
class PrintedAgain:
    """What was printed again.

    Attributes:
        files: path in the bundle -> bytes.
        refused: what could not be printed here, and why: a kind of the author's own, a missing font.
    """

    files: Mapping[str, bytes]
    refused: Mapping[str, str]


def print_again(bundle: Bundle) -> PrintedAgain:
    """Print the exhibits and reports of a bundle from its results.

    Raises:
        KeyError: the bundle does not say how its exhibits are printed (it was made by an earlier version).
    """
    facts = bundle.json("audit/study.json")
    meta, files, refused = facts["report"], dict[str, bytes](), dict[str, str]()
    _require_plain([facts["study"], *(e["id"] for e in facts["exhibits"]), *(e["id"] for e in meta["exhibits"])])
    with tempfile.TemporaryDirectory(prefix="shidian-verify-") as folder:
        root = Path(folder)
        for exhibit in facts["exhibits"]:
            content = read_member(bundle.archive, exhibit["result"])  # a member's name: safe to make a path of
            place = root / exhibit["result"]
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        for words in meta["exhibits"]:
            exhibit = next(e for e in facts["exhibits"] if e["id"] == words["id"])
            try:
                files |= _exhibit(root, facts["study"], exhibit, ExhibitMeta(**words))
            except ShidianError as problem:
                refused |= dict.fromkeys(exhibit["printed"], str(problem))
        try:
            files |= _report(bundle, root, facts, meta)
        except ShidianError as problem:
            refused |= {f"results/{facts['study']}/report.{end}": str(problem) for end in ("html", "pdf", "docx")}
    return PrintedAgain(files, refused)


def _require_plain(names: list[str]) -> None:
    """Refuse names of a hostile bundle that would become paths elsewhere."""
    for name in names:
        if not _PLAIN.fullmatch(name):
            raise AuditError(f"{name!r} in audit/study.json is no id")


def _exhibit(root: Path, study: str, exhibit: Mapping[str, Any], meta: ExhibitMeta) -> dict[str, bytes]:
    result = as_printed(read_result(str(root / exhibit["result"])), meta)
    folder = root / "results" / study / "exhibits"
    written = [*write_table_files(result, meta, folder).values()]
    if any(path.endswith(".png") for path in exhibit["printed"]):
        written += write_figure_files(result, meta, folder).values()
    names = {f"results/{study}/exhibits/{path.name}": path for path in written}
    return {name: path.read_bytes() for name, path in names.items() if name in exhibit["printed"]}


def _report(bundle: Bundle, root: Path, facts: Mapping[str, Any], meta: Mapping[str, Any]) -> dict[str, bytes]:
    study = facts["study"]
    printed = [root / path for e in facts["exhibits"] for path in e["printed"] if (root / path).is_file()]
    messages: dict[str, Words] = {}
    for name in ("ledger_messages.json", "traces_messages.json"):
        messages |= read_behind(bundle.json(f"results/{study}/{name}"))
    report = assemble_report(
        meta,
        {e["id"]: str(root / e["result"]) for e in facts["exhibits"]},
        map(str, printed),
        {source["id"]: _files_read(bundle, source["id"]) for source in facts["sources"]},
        unmarked(bundle.frame(f"results/{study}/ledger.csv")),
        messages,
        bundle.json("audit/made.json")["versions"],
        bundle.json(f"results/{study}/traces.json"),
        _panel(bundle, f"results/{study}/panel.parquet"),
    )
    return {f"results/{study}/report.{end}": content for end, content in _rendered(report).items()}


def _panel(bundle: Bundle, name: str) -> pd.DataFrame | None:
    """Return unit and year of the panel's rows, None where the bundle has none of it."""
    if name not in bundle.names:
        return None
    return pd.read_parquet(io.BytesIO(read_member(bundle.archive, name)), columns=["unit", "year"])


def _rendered(report: StudyReport) -> dict[str, bytes]:
    return {"html": render_html(report).encode("utf-8"), "pdf": render_pdf(report), "docx": render_docx(report)}


def _files_read(bundle: Bundle, source: str) -> list[Mapping[str, str]]:
    """Return the raw files of a source in their order, as its extraction noted them."""
    folder = f"results/sources/{source}/"
    names = [name for name in bundle.names if name.startswith(folder) and name.endswith(".files.json")]
    names.sort(key=lambda name: int(name.removeprefix(folder).split("_")[0]))
    return [file for name in names for file in json.loads(read_member(bundle.archive, name))]
