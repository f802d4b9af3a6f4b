"""``shidian verify``: a bundle checked, and run again where asked for."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from shidian.audit.bundle.archive import MOST_BYTES
from shidian.audit.verify.bundle import Bundle, faults_text, opened
from shidian.audit.verify.rerun import changed_packages, rerun
from shidian.audit.verify.results import (
    BundleResults,
    Difference,
    FolderResults,
    differences,
    differences_frame,
)
from shidian.audit.verify.static import describe, verify
from shidian.errors import AuditError
from shidian.job import write_csv

_SHOWN = 40
"""Differences shown on the screen; the table on disk has all."""


@dataclass(frozen=True)
class RerunOptions:
    """How a bundle is run again: where (a temporary folder where None), raw files, cores, tolerance."""

    into: Path | None
    raw_root: Path | None
    cores: int
    tolerance: float
    any_environment: bool


def verify_bundle(
    path: Path, *, digest: str = "", most_bytes: int = MOST_BYTES, again: RerunOptions | None = None
) -> str:
    """Verify a bundle and return what was checked.

    Raises:
        AuditError: every fault, named; or the table of differences of the rerun.
    """
    verdict = verify(path, digest=digest, most_bytes=most_bytes)
    if verdict.faults:
        raise AuditError("\n".join([faults_text(path, list(verdict.faults)), *(f"  ok: {t}" for t in verdict.passed)]))
    with opened(path, most_bytes) as bundle:
        lines = [describe(path, verdict), *_notes(bundle)]
        if again is not None:
            lines.append(_again(bundle, again))
    return "\n".join(lines)


def _notes(bundle: Bundle) -> list[str]:
    """Return what is no fault, but must be known."""
    made, left_out = bundle.json("audit/made.json"), bundle.manifest["left_out"]
    inputs = bundle.table("audit/inputs.csv")
    lines = [f"  inputs: {len(inputs)}, of which {int((inputs['included'] == 'yes').sum())} included"]
    if left_out:
        lines.append(f"  left out, with digests and reasons: {len(left_out)} files")
    lines.append(f"  commit: {made['commit'] or 'none (no git checkout)'}")
    if made["changed"]:
        lines.append(f"  note: files that differ from the commit: {', '.join(made['changed'])}")
    changed = changed_packages(bundle)
    if changed:
        lines.append(f"  note: another lock than here (bundle -> here): {', '.join(changed)}")
    return lines


def _again(bundle: Bundle, options: RerunOptions) -> str:
    with ExitStack() as stack:
        into = options.into or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shidian-rerun-"))) / "run"
        project = rerun(bundle, into, options.raw_root, options.cores, options.any_environment)
        facts = bundle.json("audit/study.json")
        ours = FolderResults(project, facts["study"], tuple(s["id"] for s in facts["sources"]))
        theirs = BundleResults(bundle)
        found = differences(theirs, ours, options.tolerance)
        count = len(theirs.digests())
        if options.into is not None:
            write_csv(into / "differences.csv", differences_frame(found))
    if found:
        raise AuditError(_table(found, count))
    how = "equal byte for byte" if not options.tolerance else f"equal within {options.tolerance:g} (relative)"
    return f"  ok  rerun from the raw files: {count} result files, numbers and figures, {how}; differences: none"


def _table(found: list[Difference], count: int) -> str:
    """Return the table of differences, the numbers first."""
    ordered = sorted(found, key=lambda d: (not d.is_number, d.file, d.place))
    rows = [f"{len(found)} differences in {len({d.file for d in found})} of {count} result files (bundle, rerun):"]
    for d in ordered[:_SHOWN]:
        size = f" (relative {d.size:.1e})" if d.is_number else ""
        rows.append(f"{d.file} {d.place}: {d.first[:60]}, {d.second[:60]}{size}")
    if len(ordered) > _SHOWN:
        rows.append(f"... and {len(ordered) - _SHOWN} more; --into FOLDER keeps the whole table")
    return "\n  ".join(rows)
