"""RO-Crate metadata of a bundle: what each file is, and the run that made the results (Workflow Run RO-Crate)."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping
from typing import Any

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from shidian.web_links import web_link

METADATA = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/ro/wfrun/workflow/0.5"
"""The profile that the crate follows: one action, the run of the workflow."""
WORKFLOW = "source/Snakefile"
SNAKEMAKE = "https://w3id.org/workflowhub/workflow-ro-crate#snakemake"
_EXTRA_TYPES = {".parquet": "application/vnd.apache.parquet", ".smk": "text/plain", ".yaml": "application/yaml"}


def crate_metadata(facts: Mapping[str, Any], files: Mapping[str, tuple[str, int]], made: Mapping[str, str]) -> bytes:
    """Return ``ro-crate-metadata.json``.

    Args:
        facts: the study's facts.
        files: path in the bundle -> SHA-256, size, of every file but the metadata and the manifest.
        made: ``commit``, ``date`` (ISO, of the commit), ``python``, ``lock`` (digest).
    """
    crate = ROCrate()
    crate.name = f"{facts['study']}: {facts['title']}"
    crate.description = facts["description"] or facts["title"]
    crate.datePublished = made["date"]
    crate.license = "MIT (code); data as each source says"
    crate.root_dataset["conformsTo"] = {"@id": PROFILE}
    licences = {s["id"]: s for s in facts["sources"]}
    for path, (sha256, size) in files.items():
        more = _workflow(made) if path == WORKFLOW else {}
        crate.add_file(dest_path=path, properties={**_properties(path, sha256, size, licences), **more})
    _add_run(crate, facts, list(files), made)
    return (json.dumps(_sorted(crate.metadata.generate()), ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _properties(path: str, sha256: str, size: int, sources: Mapping[str, Any]) -> dict[str, Any]:
    ending = path[path.rfind(".") :] if "." in path else ""
    kind = _EXTRA_TYPES.get(ending) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    facts: dict[str, Any] = {"sha256": sha256, "contentSize": str(size), "encodingFormat": kind}
    if path.startswith("data/raw/"):
        source = sources[path.split("/")[2]]
        facts |= {"license": source["licence"], "citation": source["citation"], "publisher": source["publisher"]}
        facts |= {"isBasedOn": source["url"]} if web_link(source["url"]) else {}
    return facts


def _workflow(made: Mapping[str, str]) -> dict[str, Any]:
    return {
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        "name": "shidian",
        "version": made["commit"] or "no git checkout",
        "programmingLanguage": {"@id": SNAKEMAKE},
    }


def _add_run(crate: ROCrate, facts: Mapping[str, Any], paths: list[str], made: Mapping[str, str]) -> None:
    """Declare the workflow's engine, and the action that read the inputs and wrote the results."""
    language = {"@type": "ComputerLanguage", "name": "Snakemake", "url": "https://snakemake.github.io"}
    crate.add(ContextEntity(crate, SNAKEMAKE, properties=language))
    action = {
        "@type": "CreateAction",
        "name": f"Run of {facts['study']}",
        "instrument": {"@id": WORKFLOW},
        "object": [{"@id": p} for p in paths if p.startswith("data/raw/")],
        "result": [{"@id": p} for p in paths if p.startswith("results/")],
        "endTime": made["date"],
        "softwareRequirements": f"Python {made['python']}; uv.lock sha256 {made['lock']}",
    }
    crate.add(ContextEntity(crate, "#run", properties=action))
    crate.root_dataset["mainEntity"] = {"@id": WORKFLOW}
    crate.root_dataset["mentions"] = [{"@id": "#run"}]


def _sorted(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with its entities in order, so that the same content gives the same bytes."""
    graph = sorted(document["@graph"], key=lambda entity: entity["@id"])
    return {"@context": document["@context"], "@graph": [dict(sorted(entity.items())) for entity in graph]}
