"""What can be checked of a bundle without running its code: hashes, completeness, links, every printed number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from shidian.audit.bundle.archive import MOST_BYTES, Fault, file_digest, member_digest, seal_fault
from shidian.audit.bundle.write import MANIFEST
from shidian.audit.signature import Signature, check_signature
from shidian.audit.verify.bundle import Bundle, opened
from shidian.audit.verify.commit import compare_commit
from shidian.audit.verify.estimates import check_estimates
from shidian.audit.verify.installation import changed_code, changed_from_here
from shidian.audit.verify.links import check_environment, check_exhibit_map, check_inputs, check_metadata
from shidian.audit.verify.printed import check_printed
from shidian.audit.verify.readable import check_readable
from shidian.code_digests import ROOT
from shidian.errors import AuditError

T = TypeVar("T")


@dataclass(frozen=True)
class Verdict:
    """What a verification found: one line a passed check, one fault each that failed, and what could not be checked."""

    passed: tuple[str, ...]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...] = ()


Check = Callable[[Bundle], Iterator[Fault]]
SEALED = (
    "seal: no byte of the file has changed since it was sealed (a seal is no signature: who rebuilds a bundle can seal "
    "it again)"
)


def verify(
    path: Path,
    *,
    digest: str = "",
    signature: Path | None = None,
    signer: Path | None = None,
    most_bytes: int = MOST_BYTES,
    checkout: Path = ROOT,
) -> Verdict:
    """Check a bundle without running anything of it.

    Args:
        path: the zip.
        digest: SHA-256 of the file that its author published; not compared where empty.
        signature: its signature; the file beside it where None.
        signer: the author's public key; None where unknown.
        most_bytes: most bytes that the members may declare together.
        checkout: the reviewer's own checkout of the project, where the commit is looked up that the bundle names.

    Raises:
        AuditError: no zip that can be read, or members that are not safe to read.
    """
    if not path.is_file():
        raise AuditError(f"{path}: there is no such file; `make audit` writes bundles to results/audit")
    seal = list(filter(None, [seal_fault(path)]))
    found = Findings([] if seal else [SEALED], seal)
    _of_author(path, digest, check_signature(path, signature, signer), found)
    with _opened(path, found.faults, most_bytes) as bundle:
        for words, check in CHECKS.items():
            found.add(words, _collect(check, bundle))
        if found.faults:
            found.notes.append("not looked at, since the bundle is not whole: numbers, tables, figures, reports, code")
        else:
            _inside(bundle, checkout, found)
    return Verdict(tuple(found.passed), tuple(dict.fromkeys(found.faults)), tuple(found.notes))


@dataclass
class Findings:
    """A verdict that grows: what passed, what did not, what could not be checked."""

    passed: list[str]
    faults: list[Fault]
    notes: list[str] = field(default_factory=list)

    def add(self, words: str, faults: Iterable[Fault]) -> None:
        """Add a check: its words where it found nothing, else its faults."""
        found = list(faults)
        self.faults += found
        self.passed += [] if found else [words]


def _of_author(path: Path, digest: str, signature: Signature, found: Findings) -> None:
    """Add whether the file is the one that its author published, or signed."""
    if digest:
        sha256, published = file_digest(path), digest.strip().lower()
        other = [Fault("another bundle", path.name, f"its sha256 is {sha256}, the published one {digest}")]
        found.add("digest: the file is the one whose SHA-256 was given", other if sha256 != published else [])
    if signature.right is None:
        found.notes.append(f"signature: {signature.text}")
    else:
        wrong = [] if signature.right else [Fault("signature", path.name, signature.text)]
        found.add(f"signature: {signature.text}", wrong)


def _inside(bundle: Bundle, checkout: Path, found: Findings) -> None:
    """Add what the files of a whole bundle say: opened, read and printed again."""
    for words, check in NUMBERS.items():
        found.add(words, _collect(check, bundle))
    if not found.faults:
        found.add(*_printed(bundle, found.notes))
    code = _collected(lambda: compare_commit(bundle, checkout))
    if isinstance(code, Fault):
        found.faults.append(code)
    elif code.known:
        found.add("code: every file is that of the commit, or named as differing from it", code.faults)
    else:
        found.notes.append(f"code: UNKNOWN whether it is that of a commit: {code.note}{_unlike_here(bundle, checkout)}")


def _unlike_here(bundle: Bundle, checkout: Path) -> str:
    """Return how the code of a bundle differs from the reviewer's own."""
    files = changed_code(bundle, checkout)
    if not files:
        return "; all of it is that of this installation"
    return f"; {len(files)} of its files are not those of this installation, the first {files[0]}"


def _printed(bundle: Bundle, notes: list[str]) -> tuple[str, list[Fault]]:
    """Return what was checked of the printed files, and the faults; what could not be is added to the notes."""
    found = _collected(lambda: check_printed(bundle, changed_from_here(bundle)))
    if isinstance(found, Fault):
        return "", [found]
    notes += found.notes
    if found.notes:
        return "printed: every number that can be read in tables and reports is the one estimated", list(found.faults)
    words = "tables (CSV, LaTeX, Word, Excel), figures and reports (HTML, PDF, Word)"
    return f"printed: {words} are those that the results print, byte for byte", list(found.faults)


@contextmanager
def _opened(path: Path, seal: list[Fault], most_bytes: int) -> Iterator[Bundle]:
    """Open a bundle; where it cannot be opened, a broken seal is named as well."""
    try:
        with opened(path, most_bytes) as bundle:
            yield bundle
    except AuditError as problem:
        raise AuditError("\n  ".join([str(problem), *map(str, seal)])) from None


def _collect(check: Check, bundle: Bundle) -> list[Fault]:
    """Return the faults of one check; what it cannot even read is a fault too."""
    found: list[Fault] = []
    problem = _collected(lambda: found.extend(check(bundle)))
    return [*found, problem] if isinstance(problem, Fault) else found


def _collected(look: Callable[[], T]) -> T | Fault:
    """Return what a look at a bundle gives, or the fault that it cannot be read.

    Whatever stands in a bundle was written by others: an error of any kind says that it is not of the expected form.
    """
    try:
        return look()
    except AuditError as problem:
        return Fault("unreadable", "", str(problem))
    except Exception as problem:
        return Fault("unreadable", "", f"the bundle's facts are not of the expected form ({problem!r})")


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


CHECKS: Mapping[str, Check] = {
    "every file has the SHA-256 of the manifest, none is missing, none is extra": check_files,
    "README, study file, results of every exhibit, report and code are there": check_completeness,
    "inputs: declared, read and included files are the same": check_inputs,
    "environment: the locked versions are those of the lock file": check_environment,
    "exhibit map: every number is that of the result and of the CSV table": check_exhibit_map,
    "RO-Crate: every file is described": check_metadata,
}
"""What is asked first: is the bundle whole, and do its parts speak of the same files?"""
NUMBERS: Mapping[str, Check] = {
    "results: every data file, table, document and figure opens as what it is": check_readable,
    "estimates: errors, statistics, p-values, intervals and N belong together, and the panel has the rows": (
        check_estimates
    ),
}
"""What is asked then of the files themselves."""


def describe(path: Path, verdict: Verdict) -> str:
    """Return what was checked and what could not be, one line each."""
    lines = [*(f"  ok  {text}" for text in verdict.passed), *(f"  note: {text}" for text in verdict.notes)]
    return "\n".join([f"{path}", *lines])
