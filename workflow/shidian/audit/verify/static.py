"""What can be checked of a bundle without running anything: hashes, completeness, inner links."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shidian.audit.bundle.archive import MOST_BYTES, Fault, file_digest, member_digest, seal_fault
from shidian.audit.bundle.write import MANIFEST
from shidian.audit.verify.bundle import Bundle, opened
from shidian.audit.verify.links import check_environment, check_exhibit_map, check_inputs, check_metadata
from shidian.errors import AuditError


@dataclass(frozen=True)
class Verdict:
    """What a verification found: one line a passed check, one fault each that failed."""

    passed: tuple[str, ...]
    faults: tuple[Fault, ...]


def verify(path: Path, *, digest: str = "", most_bytes: int = MOST_BYTES) -> Verdict:
    """Check a bundle without running anything.

    Args:
        path: the zip.
        digest: SHA-256 of the file that its author published; not compared where empty.
        most_bytes: most bytes that the members may declare together.

    Raises:
        AuditError: no zip that can be read, or members that are not safe to read.
    """
    if not path.is_file():
        raise AuditError(f"{path}: there is no such file; `make audit` writes bundles to results/audit")
    seal = list(filter(None, [seal_fault(path), _published(path, digest)]))
    with _opened(path, seal, most_bytes) as bundle:
        checks: dict[str, Callable[[Bundle], Iterator[Fault]]] = {
            "every file has the SHA-256 of the manifest, none is missing, none is extra": check_files,
            "README, study file, results of every exhibit, report and code are there": check_completeness,
            "inputs: declared, read and included files are the same": check_inputs,
            "environment: the locked versions are those of the lock file": check_environment,
            "exhibit map: every number is the one printed and the one estimated": check_exhibit_map,
            "RO-Crate: every file is described": check_metadata,
        }
        passed = [] if seal else ["seal: no byte of the file has changed since it was written"]
        faults = list(seal)
        for words, check in checks.items():
            found = _collect(check, bundle)
            faults += found
            passed += [] if found else [words]
    return Verdict(tuple(passed), tuple(dict.fromkeys(faults)))


@contextmanager
def _opened(path: Path, seal: list[Fault], most_bytes: int) -> Iterator[Bundle]:
    """Open a bundle; where it cannot be opened, a broken seal is named as well."""
    try:
        with opened(path, most_bytes) as bundle:
            yield bundle
    except AuditError as problem:
        raise AuditError("\n  ".join([str(problem), *map(str, seal)])) from None


def _collect(check: Callable[[Bundle], Iterator[Fault]], bundle: Bundle) -> list[Fault]:
    """Return the faults of one check; what it cannot even read is a fault too."""
    found: list[Fault] = []
    try:
        found.extend(check(bundle))
    except AuditError as problem:
        found.append(Fault("unreadable", "", str(problem)))
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as problem:
        found.append(Fault("unreadable", "", f"the bundle's facts are not of the expected form ({problem!r})"))
    return found


def _published(path: Path, digest: str) -> Fault | None:
    found = file_digest(path)
    if digest and found != digest.strip().lower():
        return Fault("another bundle", path.name, f"its sha256 is {found}, the published one {digest}")
    return None


def check_files(bundle: Bundle) -> Iterator[Fault]:
    """Yield changed, missing and extra members."""
    listed = bundle.manifest["files"]
    for name in sorted(set(listed) - bundle.names):
        yield Fault("missing file", name, "listed in the manifest, not in the zip")
    for name in sorted(bundle.names - set(listed) - {MANIFEST}):
        yield Fault("extra file", name, "in the zip, not listed in the manifest")
    for info in bundle.archive.infolist():
        if info.filename in listed:
            try:
                found = member_digest(bundle.archive, info)
            except AuditError as problem:
                yield Fault("changed byte", info.filename, str(problem))
                continue
            if found != listed[info.filename]["sha256"] or info.file_size != listed[info.filename]["size"]:
                yield Fault(
                    "changed file", info.filename, f"sha256 {found}, manifest {listed[info.filename]['sha256']}"
                )


def check_completeness(bundle: Bundle) -> Iterator[Fault]:
    """Yield what a bundle must hold and does not."""
    facts = bundle.json("audit/study.json")
    study = facts["study"]
    if study != bundle.manifest["study"]:
        yield Fault("contradiction", "audit/study.json", f"study '{study}', manifest '{bundle.manifest['study']}'")
    needed = [
        "README.md", "source/Snakefile", "source/uv.lock", "source/pyproject.toml", "source/LICENSE",
        f"source/config/studies/{study}.yaml", "source/config/config.yaml", f"results/{study}/ledger.csv",
        f"results/{study}/panel.parquet", "run/environment.json", "run/run_times.csv",
    ]  # fmt: skip
    needed += [f"results/{study}/report.{end}" for end in ("html", "pdf", "docx")]
    needed += [f"source/config/sources/{s['id']}.yaml" for s in facts["sources"]]
    needed += [path for e in facts["exhibits"] for path in (e["result"], *e["printed"], f"source/{e['script']}")]
    present = bundle.names | set(bundle.manifest["left_out"])
    for name in needed:
        if name not in present:
            yield Fault("missing file", name, "a bundle must hold it")


def describe(path: Path, verdict: Verdict) -> str:
    """Return what was checked, one line each."""
    return "\n".join([f"{path}", *(f"  ok  {text}" for text in verdict.passed)])
