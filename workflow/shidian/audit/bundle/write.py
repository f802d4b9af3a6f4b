"""Put a study's bundle together and write it whole."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from shidian.audit.bundle.archive import file_digest, write_sealed
from shidian.audit.bundle.contents import Contents, check_declared, gather, inputs_table
from shidian.audit.bundle.crate import METADATA, crate_metadata
from shidian.audit.bundle.exhibit_map import exhibit_map
from shidian.audit.bundle.extension_files import extension_files
from shidian.audit.bundle.readme import readme
from shidian.audit.bundle.run_facts import FOLDER, environment, run_times
from shidian.audit.bundle.source_tree import SourceTree, source_tree
from shidian.code_digests import locked_distributions
from shidian.exhibits.result import ExhibitResult, read_result
from shidian.study.paths import versions
from shidian.written import require_unchanged

MANIFEST = "manifest.json"
FORMAT = "shidian-bundle/1"
RUN_FACTS = (FOLDER, "README.md", METADATA)
"""What may differ between two bundles of one commit: the run's own facts, and the two files that quote them."""
_OF_THIS_MACHINE = ("studies", "raw_root", "raw_root_is_apart", "extension_folders")
EPOCH = "1980-01-01T00:00:00+00:00"
"""Date of a bundle whose code is in no git checkout."""


def write_bundle(facts: Mapping[str, Any], root: Path, results: Path, target: Path) -> str:
    """Write the bundle of a study and return its SHA-256.

    Args:
        facts: the study's facts (``shidian.audit.bundle.facts.study_facts``, read back).
        root: folder of the project.
        results: folder of the results.
        target: the zip to write.

    Raises:
        AuditError: a raw file is not the one that the study read.
        WrittenError: a result is not what its job wrote.
    """
    tree = _with_extensions(source_tree(root), facts)
    contents = gather(facts, results, tree.files)
    require_unchanged([*_results(contents, results), results / facts["study"] / "replication"])
    digests = {name: file_digest(path) for name, path in contents.files.items()}
    sizes = {name: path.stat().st_size for name, path in contents.files.items()}
    inputs = inputs_table(facts, digests, sizes, contents)
    check_declared(facts, inputs, _digests_read(facts, results))
    made = _made(facts, root, tree, digests)
    times = run_times(results / "benchmarks", facts["study"], [s["id"] for s in facts["sources"]], facts["studies"])
    outcomes = {e["id"]: read_result(str(results.parent / e["result"])) for e in facts["exhibits"]}
    seeds = _seeds(facts, outcomes)
    why = {name: out.why for name, out in contents.left_out.items()}
    texts: dict[str, bytes] = {
        "README.md": readme(facts, inputs, why, times, seeds, made),
        "audit/study.json": _json(_published(facts)),
        "audit/made.json": _json({k: v for k, v in made.items() if k != "environment"} | {"seeds": seeds}),
        "audit/inputs.csv": _csv(inputs),
        "audit/exhibit_map.csv": _csv(exhibit_map(facts["exhibits"], outcomes, digests)),
        f"{FOLDER}environment.json": _json(made["environment"]),
        f"{FOLDER}run_times.csv": _csv(times),
    }
    return _seal(target, facts, contents, texts, digests, sizes, made)


def _results(contents: Contents, results: Path) -> list[Path]:
    """Return the results on disk behind a bundle, those that it leaves out as well."""
    names = [*contents.files, *contents.left_out]
    return [results.parent / name for name in names if name.startswith(f"{results.name}/")]


def _with_extensions(tree: SourceTree, facts: Mapping[str, Any]) -> SourceTree:
    """Add the files of the user's extensions; those that are not the project's own are in no commit of it."""
    theirs = extension_files(map(Path, facts["extension_folders"]), facts["extensions"])
    beside = set(theirs) - set(tree.files)
    changed = tuple(sorted({*tree.changed, *beside})) if tree.commit else tree.changed
    return replace(tree, files=tree.files | theirs, changed=changed)


def _seal(
    target: Path,
    facts: Mapping[str, Any],
    contents: Contents,
    texts: dict[str, bytes],
    digests: Mapping[str, str],
    sizes: Mapping[str, int],
    made: Mapping[str, Any],
) -> str:
    """Add the crate and the manifest over everything, and write the zip."""
    listed = {name: (digests[name], sizes[name]) for name in contents.files}
    listed |= {name: (hashlib.sha256(text).hexdigest(), len(text)) for name, text in texts.items()}
    crate = {
        "commit": made["commit"],
        "date": made["date"],
        "python": made["environment"]["python"],
        "lock": made["lock"],
    }
    texts[METADATA] = crate_metadata(facts, dict(sorted(listed.items())), crate)
    listed[METADATA] = (hashlib.sha256(texts[METADATA]).hexdigest(), len(texts[METADATA]))
    manifest = {
        "format": FORMAT,
        "study": facts["study"],
        "run_facts": list(RUN_FACTS),
        "files": {name: {"sha256": sha256, "size": size} for name, (sha256, size) in listed.items()},
        "left_out": {n: {"sha256": o.sha256, "size": o.size, "why": o.why} for n, o in contents.left_out.items()},
    }
    return write_sealed(target, {**contents.files, **texts, MANIFEST: _json(manifest)})


def _made(facts: Mapping[str, Any], root: Path, tree: SourceTree, digests: Mapping[str, str]) -> dict[str, Any]:
    study_file = f"config/studies/{facts['study']}.yaml"
    lines = tree.files[study_file].read_text(encoding="utf-8").splitlines() if study_file in tree.files else []
    return {
        "commit": tree.commit,
        "changed": list(tree.changed),
        "date": _commit_date(root) if tree.commit else EPOCH,
        "lock": digests.get("source/uv.lock", ""),
        "versions": versions(),
        "packages": locked_distributions(),
        "seed_line": next((n for n, line in enumerate(lines, 1) if line.startswith("seed:")), None),
        "environment": environment(),
    }


def _commit_date(root: Path) -> str:
    done = subprocess.run(["git", "log", "-1", "--format=%cI"], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _seeds(facts: Mapping[str, Any], outcomes: Mapping[str, ExhibitResult]) -> list[dict[str, str]]:
    """Return the exhibits whose estimates name a seed, and the module that draws."""
    rows = []
    for exhibit in facts["exhibits"]:
        seeds = outcomes[exhibit["id"]].estimates["seed"].dropna().unique()
        rows += [
            {"exhibit": exhibit["id"], "where": exhibit["module"], "seed": str(int(seed))} for seed in sorted(seeds)
        ]
    return rows


def _digests_read(facts: Mapping[str, Any], results: Path) -> dict[str, str]:
    """Return ``<source>/<path>`` -> SHA-256 as the extraction noted it."""
    found: dict[str, str] = {}
    for source in facts["sources"]:
        for path in sorted((results / "sources" / source["id"]).glob("*.files.json")):
            noted = json.loads(path.read_text(encoding="utf-8"))
            found |= {f"{source['id']}/{file['path']}": file["sha256"] for file in noted}
    return found


def _published(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the study's facts without the paths of this machine and the other studies of this run."""
    sources = [
        {**s, "files": [{k: v for k, v in f.items() if k != "on_disk"} for f in s["files"]]} for s in facts["sources"]
    ]
    return {**{k: v for k, v in facts.items() if k not in _OF_THIS_MACHINE}, "sources": sources}


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")


def _csv(frame: pd.DataFrame) -> bytes:
    text: str = frame.to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8")
