"""``shidian verify``: a bundle checked, and run again where asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from shidian.audit.bundle.archive import MOST_BYTES
from shidian.audit.verify.bundle import Bundle, faults_text, opened
from shidian.audit.verify.consent import Ask, agreed, question
from shidian.audit.verify.installation import changed_machine, changed_packages
from shidian.audit.verify.rerun import rerun
from shidian.audit.verify.results import (
    BundleResults,
    Compared,
    Difference,
    FolderResults,
    compare_results,
    differences_frame,
)
from shidian.audit.verify.sandbox import HOURS, sandbox
from shidian.audit.verify.static import describe, verify
from shidian.code_digests import ROOT
from shidian.errors import AuditError
from shidian.job import write_csv

NOT_RUN = "  not checked: whether this code makes these results from these data; that is what --rerun does"
_SHOWN = 40
"""Differences shown on the screen; the table on disk has all."""


OTHER_MACHINE, OTHER_MACHINE_FLOOR = 1e-9, 1e-12
"""Relative and absolute difference that another Python, processor or package explains (last digits: about 1e-14)."""


@dataclass(frozen=True)
class Allowance:
    """Differences that are let pass: relative to the size of a number, or absolute."""

    relative: float
    floor: float = 0.0


@dataclass(frozen=True)
class RerunOptions:
    """How a bundle is run again: where (a temporary folder where None), raw files, cores, tolerance, hours.

    ``ask`` is given what will be executed, in words, and raises where nobody agrees to it.
    """

    into: Path | None
    raw_root: Path | None
    cores: int
    tolerance: float
    any_environment: bool
    hours: float = HOURS
    ask: Ask = agreed


def verify_bundle(
    path: Path,
    *,
    digest: str = "",
    most_bytes: int = MOST_BYTES,
    again: RerunOptions | None = None,
    signature: Path | None = None,
    signer: Path | None = None,
    checkout: Path = ROOT,
) -> str:
    """Verify a bundle and return what was checked.

    Args:
        path: the zip.
        digest: SHA-256 of the bundle, as its author published it; "" where unknown.
        most_bytes: most bytes that may be unpacked.
        again: how it is run again; not at all where None.
        signature: the bundle's signature; the file beside it where None.
        signer: the author's public key; None where unknown.
        checkout: the reviewer's checkout of the project, where the bundle's commit is looked up.

    Raises:
        AuditError: every fault, named; or the table of differences of the rerun.
    """
    verdict = verify(path, digest=digest, signature=signature, signer=signer, most_bytes=most_bytes, checkout=checkout)
    if verdict.faults:
        lines = [*(f"  ok: {t}" for t in verdict.passed), *(f"  note: {t}" for t in verdict.notes)]
        raise AuditError("\n".join([faults_text(path, list(verdict.faults)), *lines]))
    with opened(path, most_bytes) as bundle:
        lines = [describe(path, verdict), *_notes(bundle)]
        lines.append(NOT_RUN if again is None else _again(bundle, again))
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
    elsewhere = changed_machine(bundle)
    with ExitStack() as stack:
        into = options.into or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shidian-rerun-"))) / "run"
        project = rerun(
            bundle, into, options.raw_root, options.cores, options.any_environment, hours=options.hours,
            ask=lambda folder: options.ask(question(bundle, sandbox(_there(folder)).words, options.hours)),
        )  # fmt: skip
        facts = bundle.json("audit/study.json")
        ours = FolderResults(project, facts["study"], tuple(s["id"] for s in facts["sources"]))
        theirs = BundleResults(bundle)
        found, allowed = _compared(theirs, ours, options.tolerance, bool(elsewhere))
        count = len(theirs.digests())
        if options.into is not None:
            write_csv(into / "differences.csv", differences_frame(found.differences))
    if found.differences:
        raise AuditError("\n  ".join([_table(found.differences, count), *_elsewhere(elsewhere, allowed)]))
    passed = f"  ok  rerun from the raw files: {count} result files, numbers and figures, {_equal(found, allowed)}"
    return "\n  ".join([f"{passed}; differences: none", *_elsewhere(elsewhere, allowed)])


def _there(folder: Path) -> Path:
    """Return the nearest folder that is there, of one that is still to be made."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.is_dir())


def _compared(
    theirs: BundleResults, ours: FolderResults, tolerance: float, elsewhere: bool
) -> tuple[Compared, Allowance]:
    """Compare byte for byte; where that finds something, with what was asked for or another environment explains."""
    exact = compare_results(theirs, ours)
    allowed = Allowance(tolerance)
    if elsewhere and not tolerance and exact.differences:
        allowed = Allowance(OTHER_MACHINE, OTHER_MACHINE_FLOOR)
    if not allowed.relative:
        return exact, allowed
    return compare_results(theirs, ours, allowed.relative, allowed.floor), allowed


def _equal(found: Compared, allowed: Allowance) -> str:
    """Return how equal the results are."""
    if not allowed.relative:
        return "equal byte for byte"
    digits = f"; {len(found.allowed):,} numbers differ in their last digits, by {found.largest:.1e} at most"
    return f"equal within {allowed.relative:g} (relative){digits if found.allowed else ''}"


def _elsewhere(changed: list[str], allowed: Allowance) -> Iterator[str]:
    """Yield that the bundle was made elsewhere, and what that allows."""
    if changed:
        yield f"  note: another environment than the bundle's (bundle -> here): {', '.join(changed)}"
    if allowed.floor:
        yield (
            f"  note: for that reason numbers were compared to within {allowed.relative:g} of their size, or "
            f"{allowed.floor:g}, and not byte for byte; what is printed of them was not compared"
        )


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
