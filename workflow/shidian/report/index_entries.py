"""The lines of the index from what a run left: result files, what they were in the last run, missing raw files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shidian.exhibits.result import read_result
from shidian.report.captions import captions
from shidian.report.headline import changed, headline, placebo_p
from shidian.report.index import IndexEntry
from shidian.run_summary import Seen, changes

FORMATS = ("html", "pdf", "docx")


def ran_entry(
    meta: Mapping[str, Any], results: Path, before: Mapping[str, Seen], now: Mapping[str, Seen], lang: str
) -> IndexEntry:
    """Return the line of a study that ran.

    Args:
        meta: the study's words (``shidian.study.plan.Plan.index_meta``).
        results: folder of the results.
        before: result files as the last run left them.
        now: result files as they are.
        lang: language of the index.
    """
    study = meta["study"]
    mine = {Path(name).stem: results / name for name in now if name.startswith(f"{study}/")}
    order = [(exhibit, kind) for exhibit, kind in meta["exhibits"] if exhibit in mine]
    estimates = {exhibit: read_result(str(mine[exhibit])).estimates for exhibit, _ in order}
    found = changes(study, before, now)
    stamps = [one.stamp[0] for name, one in now.items() if name.startswith(f"{study}/")]
    return IndexEntry(
        study, meta["title"], {f: f"{study}/report.{f}" for f in FORMATS}, simulated=meta["simulated"],
        headline=headline(list(estimates.items()), meta["regressor"], meta["label"]),
        placebo_p=placebo_p(estimates[exhibit] for exhibit, kind in order if kind == "placebo"),
        warnings=found.warnings, ran=_time(max(stamps)) if stamps else "", changed=changed(found, lang),
    )  # fmt: skip


def left_out_entry(meta: Mapping[str, Any], lang: str) -> IndexEntry:
    """Return the line of a study that could not run, with the raw files it misses."""
    missing = tuple(str(name) for name in meta["missing"])
    words = captions(lang)["missing_files"].format(n=len(missing))
    return IndexEntry(meta["study"], meta["title"], not_run=words, missing=missing)


def _time(stamp: int) -> str:
    """Return when a file was written, whatever the machine's own time zone."""
    return datetime.fromtimestamp(stamp / 1e9, tz=UTC).strftime("%Y-%m-%d %H:%M UTC")
