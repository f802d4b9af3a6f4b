"""Run a bundle's own code from raw inputs in an empty folder. Nothing outside that folder is written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import yaml

from shidian.audit.bundle.archive import extract, file_digest, read_member
from shidian.audit.bundle.contents import raw_place
from shidian.audit.verify.bundle import Bundle
from shidian.audit.verify.installation import changed_packages
from shidian.audit.verify.sandbox import HOURS, environment, run_limited, sandbox
from shidian.errors import AuditError
from shidian.schema import read_yaml
from shidian.warm_jobs import COLD
from shidian.yearbook.raw_paths import PACKAGE_PREFIX
from shidian.yearbook.source import SourceFile, resolve_file

LOG = "rerun.log"


def rerun(
    bundle: Bundle,
    target: Path,
    raw_root: Path | None,
    cores: int,
    any_environment: bool = False,
    *,
    hours: float = HOURS,
    ask: Callable[[Path], None] = lambda target: None,
) -> Path:
    """Run the study of a bundle in an empty folder and return the folder of the project that ran.

    Args:
        bundle: an open bundle.
        target: a folder that is empty or not there yet.
        raw_root: folder of the raw files that the bundle does not include.
        cores: jobs at a time.
        any_environment: run although the locked versions differ from those of this installation.
        hours: most hours that it may take.
        ask: called with the folder when all is there, before the code of the bundle is executed; raises to refuse.

    Raises:
        AuditError: the folder is not empty, another lock, a raw file that differs or is missing, nobody agreed, or the
            run failed.
    """
    changed = changed_packages(bundle)
    if changed and not any_environment:
        raise AuditError(
            f"the bundle was made with other package versions than this installation (bundle -> here): "
            f"{', '.join(changed)}; check out commit {bundle.json('audit/made.json')['commit'] or '(none)'} "
            "and run `make .venv/.synced`, or ask for --any-environment"
        )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise AuditError(f"{target} is not empty: a rerun starts in an empty folder")
    raw = _raw_files(bundle, raw_root)
    ask(target)
    project = target / "source"
    project.mkdir(parents=True)
    extract(bundle.archive, "source/", project)
    _lay_out_raw(bundle, raw, target / "raw")
    facts = bundle.json("audit/study.json")
    _list_only(facts["study"], project / "config" / "config.yaml", facts.get("extensions", []))
    _run(project, facts["study"], target, cores, hours)
    return project


def _list_only(study: str, config: Path, extensions: list[str]) -> None:
    """Leave one study in the list of a configuration, its raw files to SHIDIAN_RAW, its extensions to the bundle."""
    elsewhere = ("raw_data", "extensions")
    content = {key: value for key, value in read_yaml(config, AuditError).items() if key not in elsewhere}
    content |= {"studies": [study], **({"extensions": extensions} if extensions else {})}
    config.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def _raw_files(bundle: Bundle, raw_root: Path | None) -> dict[str, Path | None]:
    """Return path below the raw folder -> file on this machine, None for one that the bundle includes.

    Raises:
        AuditError: every raw file that is missing or is not the one of the bundle.
    """
    problems: list[str] = []
    found: dict[str, Path | None] = {}
    for row in bundle.table("audit/inputs.csv").to_dict("records"):
        path, included = row["file"], row["included"] == "yes"
        if row["made_by_the_run"] == "yes":
            continue
        of_package = path.startswith(PACKAGE_PREFIX)
        if included and not of_package:
            found[path] = None
            continue
        if raw_root is None and not of_package:
            problems.append(f"{path}: not in the bundle ({row['why_not']}): name its folder in SHIDIAN_RAW")
            continue
        place = resolve_file(SourceFile(1, path, row["what"]), raw_root or Path())
        if not place.is_file():
            problems.append(f"{path}: not found at {place} (sha256 {row['sha256']}; {row['what']})")
        elif (digest := file_digest(place)) != row["sha256"]:
            text = f"a raw file differs: sha256 {digest} at {place}"
            problems.append(f"{path}: {text}, the bundle was made from {row['sha256']}")
        elif not of_package:
            found[path] = place
    if problems:
        raise AuditError("\n  ".join(["raw files:", *problems]))
    return found


def _lay_out_raw(bundle: Bundle, raw: dict[str, Path | None], folder: Path) -> None:
    """Put the raw files into one folder: those of the bundle unpacked, the others linked."""
    folder.mkdir()
    sources = {row["file"]: row["source"] for row in bundle.table("audit/inputs.csv").to_dict("records")}
    root = folder.resolve()
    for path, place in raw.items():
        target = root.joinpath(*path.split("/"))
        if not target.resolve().is_relative_to(root) or Path(path).is_absolute():
            raise AuditError(f"unsafe path in the bundle's inputs: {path!r}")
        target.parent.mkdir(parents=True, exist_ok=True)
        if place is None:
            target.write_bytes(read_member(bundle.archive, raw_place(sources[path], path)))
        elif not target.exists():
            target.symlink_to(place.resolve())


def _run(project: Path, study: str, target: Path, cores: int, hours: float) -> None:
    wanted = ["all", f"results/{study}/replication"]  # what a bundle holds
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores), "--nocolor", *wanted]
    own = {"PYTHONPATH": str(project.resolve() / "workflow"), "SHIDIAN_RAW": str(target.resolve() / "raw"), COLD: "1"}
    code = run_limited(
        [*sandbox(target).before, *command], project, environment(target, own), (target / LOG).resolve(), hours
    )
    if code:
        tail = (target / LOG).read_text(encoding="utf-8", errors="replace").splitlines()[-30:]
        raise AuditError("\n  ".join([f"the rerun failed; its log is {target / LOG}:", *tail]))
