"""What a bundle says of its study before anything is read from disk: sources, exhibits, rules, seeds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from shidian.audit.bundle.extension_files import places_of
from shidian.code_digests import code_digest, job_modules, locked_packages
from shidian.placebo.registry import estimator_modules
from shidian.study import paths
from shidian.study.model import in_language
from shidian.study.plan import Plan, canonical
from shidian.study.simulated import is_made
from shidian.yearbook.source import Source

RULES = {
    "placebo": "gather_placebo", "comparison": "compare_published", "data_checks": "summarise_checks",
    "panels": "stack_panels",
}  # fmt: skip
"""Kind of exhibit -> the rule that makes its result, else ``estimate_exhibit``; a rule's script bears its name."""
DRAWN = {"placebo": ("draw_placebo_chunk", "gather_placebo")}
"""Kind of exhibit -> its scripts, where there is more than the one of its rule."""


def study_facts(plan: Plan, study: str) -> str:
    """Return as JSON what the bundle of a study needs of the plan."""
    s = plan.studies[study]
    return canonical({
        "study": study,
        "title": plan.title(s),
        "description": plan.description(s),
        "paper": s.paper,
        "language": plan.language_of(study),
        "simulated": plan.is_simulated(study),
        "seed": s.seed,
        "studies": list(plan.studies),
        "raw_root": str(plan.raw_root),
        "raw_root_is_apart": not plan.root.resolve().is_relative_to(plan.raw_root.resolve()),
        "report": json.loads(plan.report_meta(study)),
        "sources": [_source(plan, plan.sources[use.source]) for use in s.panel.sources],
        "exhibits": [_exhibit(plan, study, e["id"]) for e in s.exhibits],
        "panel": _code(_panel_scripts(plan, study)),
        "extensions": places_of(plan.root, plan.extensions),
        "extension_folders": [str(folder) for folder in plan.extensions],
    })  # fmt: skip


def _source(plan: Plan, source: Source) -> dict[str, Any]:
    words = ("title", "publisher", "citation", "licence", "url", "accessed", "redistributable", "simulated", "note")
    on_disk = paths.raw_files(plan, source.source, 1, len(source.files))
    files = [
        {"path": f.path, "what": f.what, "declared_sha256": f.sha256, "on_disk": place}
        for f, place in zip(source.files, on_disk, strict=True)
    ]
    return {
        "id": source.source,
        **{key: getattr(source, key) for key in words},
        "made": is_made(source),
        "files": files,
    }


def _exhibit(plan: Plan, study: str, exhibit: str) -> dict[str, Any]:
    spec = plan.studies[study].exhibit(exhibit)
    kind = plan.kind(study, exhibit)
    rule = RULES.get(spec["kind"], "estimate_exhibit")
    modules = {"estimate_exhibit": (kind.module,), "gather_placebo": estimator_modules(spec)}.get(rule, ())
    return {
        "id": exhibit,
        "kind": spec["kind"],
        "number": in_language(spec.get("number", ""), plan.language_of(study)),
        "title": in_language(spec.get("title", ""), plan.language_of(study)),
        "rule": rule,
        "script": f"workflow/scripts/{rule}.py",
        "module": kind.module,
        "code": code_digest(rule, *modules),
        **_code([(script, (*modules, kind.module)) for script in DRAWN.get(spec["kind"], (rule,))]),
        "result": paths.result_file(plan, study, exhibit),
        "printed": [f"results/{study}/exhibits/{name}" for name in paths.printed_files(spec)],
    }


def _panel_scripts(plan: Plan, study: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the scripts that make the panel of a study."""
    s = plan.studies[study]
    names = ["extract_workbooks", "build_panel", "compute_indicators", "assemble_panel"]
    names += ["solve_efficiency_year"] if s.efficiency else []
    names += ["compute_productivity"] if s.productivity else []
    named = {
        "compute_indicators": plan.indicator_modules(study),
        "solve_efficiency_year": plan.efficiency_modules(study),
    }
    return [(name, named.get(name, ())) for name in names]


def _code(scripts: Sequence[tuple[str, tuple[str, ...]]]) -> dict[str, list[str]]:
    """Return scripts, the modules that they load (those named included), and the packages behind these."""
    modules = sorted({m for script, named in scripts for m in job_modules(script, *named)})
    packages = {p.split("==")[0] for script, _ in scripts for p in locked_packages(modules, script)}
    return {"scripts": [script for script, _ in scripts], "modules": modules, "packages": sorted(packages)}


def made_files(plan: Plan, study: str) -> list[str]:
    """Return every file that must be there before a study is bundled."""
    report = [f"results/{study}/report.{end}" for end in ("html", "pdf", "docx")]
    facts = paths.extracted(plan, study, "files.json")
    return [
        *report, f"results/{study}/ledger.csv", *paths.all_results(plan, study), *paths.rendered(plan, study), *facts
    ]  # fmt: skip


def raw_paths(plan: Plan, study: str) -> list[str]:
    """Return the raw files of a study, so that a changed one is bundled anew."""
    sources = [plan.sources[use.source] for use in plan.studies[study].panel.sources]
    return [path for source in sources for path in paths.raw_files(plan, source.source, 1, len(source.files))]
