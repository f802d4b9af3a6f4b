"""What goes into a bundle and what stays out of it, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from shidian.audit.bundle.archive import file_digest
from shidian.errors import AuditError
from shidian.yearbook.raw_paths import PACKAGE_PREFIX

NOT_REDISTRIBUTABLE = "its licence does not let it be passed on (source '{source}': {licence})"
_RAW_VALUES = (".cells.parquet", ".records.parquet")
"""Files of a source that hold its cells one by one."""


@dataclass(frozen=True)
class LeftOut:
    """A file that is not in the bundle: its digest lets whoever has it check it, ``why`` says why it is not here."""

    sha256: str
    size: int
    why: str


@dataclass(frozen=True)
class Contents:
    """Path in the bundle -> file on disk, and path -> what was left out."""

    files: dict[str, Path]
    left_out: dict[str, LeftOut]


def raw_place(source: str, path: str) -> str:
    """Return where a raw file lies in a bundle."""
    inner = path.replace(PACKAGE_PREFIX, "package/", 1) if path.startswith(PACKAGE_PREFIX) else path
    return f"data/raw/{source}/{inner}"


def gather(facts: Mapping[str, Any], results: Path, source_files: Mapping[str, Path]) -> Contents:
    """Return the contents of a study's bundle.

    Args:
        facts: the study's facts (``shidian.audit.bundle.facts``).
        results: folder of the results.
        source_files: the project's own files.

    Raises:
        AuditError: a raw file is not the one that was read, or is not there.
    """
    files = {f"source/{name}": path for name, path in source_files.items() if not _is_raw(path, facts)}
    left_out: dict[str, LeftOut] = {}
    closed = [s for s in facts["sources"] if not s["redistributable"]]
    for path in _files(results / facts["study"]):
        name = f"results/{path.relative_to(results).as_posix()}"
        if closed and name.endswith("/panel_long.parquet"):
            why = "it holds raw values of sources that may not be passed on: " + ", ".join(s["id"] for s in closed)
            left_out[name] = LeftOut(file_digest(path), path.stat().st_size, why)
        else:
            files[name] = path
    for source in facts["sources"]:
        _add_source(source, results, files, left_out)
    return Contents(files, left_out)


def _is_raw(path: Path, facts: Mapping[str, Any]) -> bool:
    """Say whether a file of the project is raw data that enters by its licence, never as code.

    A table of the project that may be passed on (groups of units, seats) is code too: a rerun reads it there.
    """
    raw_root, place = Path(facts["raw_root"]).resolve(), path.resolve()
    inside = place.is_relative_to(raw_root) and place.name != "README.md" and facts["raw_root_is_apart"]
    closed = (s for s in facts["sources"] if not s["redistributable"])
    return inside or place in {Path(f["on_disk"]).resolve() for s in closed for f in s["files"]}


def _add_source(source: Mapping[str, Any], results: Path, files: dict[str, Path], left_out: dict[str, LeftOut]) -> None:
    raw = {raw_place(source["id"], f["path"]): Path(f["on_disk"]) for f in source["files"]}
    derived = {
        f"results/{path.relative_to(results).as_posix()}": path for path in _files(results / "sources" / source["id"])
    }
    for name, path in {**raw, **derived}.items():
        if not path.is_file():
            raise AuditError(f"{path}: there is no such file; run the study first (make run)")
        if not source["redistributable"] and (name in raw or name.endswith(_RAW_VALUES)):
            why = NOT_REDISTRIBUTABLE.format(source=source["id"], licence=source["licence"])
            left_out[name] = LeftOut(file_digest(path), path.stat().st_size, why)
        else:
            files[name] = path


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path


INPUTS = (
    "source", "file", "sha256", "size", "included", "bundle_path", "why_not", "title", "publisher", "licence",
    "citation", "url", "accessed", "simulated", "made_by_the_run", "what",
)  # fmt: skip


def inputs_table(
    facts: Mapping[str, Any], digests: Mapping[str, str], sizes: Mapping[str, int], contents: Contents
) -> pd.DataFrame:
    """Return one row a raw file: its digest, where it comes from, whether it is included, and why not."""
    rows = []
    for source in facts["sources"]:
        words = {k: source[k] for k in ("title", "publisher", "licence", "citation", "url", "accessed", "simulated")}
        for file in source["files"]:
            place = raw_place(source["id"], file["path"])
            out = contents.left_out.get(place)
            facts_of_file = (
                {"sha256": out.sha256, "size": out.size, "included": "no", "bundle_path": "", "why_not": out.why}
                if out
                else {"sha256": digests[place], "size": sizes[place], "included": "yes", "bundle_path": place}
            )
            words |= {"source": source["id"], "file": file["path"], "what": file["what"]}
            rows.append({**words, "made_by_the_run": "yes" if source["made"] else "no", **facts_of_file})
    return pd.DataFrame(rows, columns=list(INPUTS)).fillna("")


def check_declared(facts: Mapping[str, Any], inputs: pd.DataFrame, read: Mapping[str, str]) -> None:
    """Check that each raw file is the declared one and the one that the study read.

    Args:
        facts: the study's facts.
        inputs: table of the inputs.
        read: ``<source>/<path>`` -> SHA-256 that the extraction noted.

    Raises:
        AuditError: the file changed since the study ran.
    """
    declared = {(s["id"], f["path"]): f["declared_sha256"] for s in facts["sources"] for f in s["files"]}
    for row in inputs.to_dict("records"):
        key = (row["source"], row["file"])
        for what, digest in (("declared", declared[key]), ("read by the study", read.get("/".join(key)))):
            if digest and digest != row["sha256"]:
                raise AuditError(
                    f"{row['file']} (source '{row['source']}') is not the file {what}: sha256 {row['sha256']}, "
                    f"expected {digest}; put the right file back or run the study again (make run)"
                )
