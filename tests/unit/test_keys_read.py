"""Every key that a schema takes is read: one that nothing reads would be written in vain, and nobody would say so."""

from __future__ import annotations

import ast
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest
from shidian.code_digests import PACKAGE, job_modules
from shidian.extensions import path_of
from shidian.placebo_estimators import estimators
from shidian.schema import read_schema
from shidian.study.kinds import kinds
from shidian.study.resolve import exhibit_schema
from shidian.yearbook.addresses import Address
from shidian.yearbook.periods import PeriodText
from shidian.yearbook.source import Source, SourceFile
from shidian.yearbook.tables import Column, Footer, Table, Year
from shidian.yearbook.unit_columns import UnitColumns

READERS = {
    "aliases": ("yearbook", "regions", "panel"),
    "config": ("study", "simulate", "yearbook"),
    "corrections": ("yearbook", "study"),
    "efficiency_model": ("efficiency", "study", "exhibits/efficiency"),
    "exhibit": ("study", "report"),
    "study": (
        "study",
        "panel",
        "efficiency",
        "exhibits/sample_rules.py",
        "exhibits/subsample.py",
        "exhibits/spatial",
        "report/figures",
        "report/study_report.py",
    ),
    "truth": ("simulate", "study"),
}
"""Schema -> the parts of the package that act on what it takes."""
FOR_READERS = {"truth": {"why"}}
"""Keys that explain a file to whoever reads it, and stand in no result."""
HELD_BY = {
    "": (Source,),
    "file": (SourceFile,),
    "table": (Table,),
    "unit": (UnitColumns,),
    "year": (Year, PeriodText),
    "column": (Column,),
    "footer": (Footer,),
    "address": (Address,),
}
"""Part of a source file -> what holds its keys once it is read."""
TAKEN_APART = {"document", "column", "position"}
"""Keys of a source file that become another: the name of a document, that of its column; a place, its number."""
JOBS = {"comparison": "compare_published", "panels": "stack_panels", "placebo": "draw_placebo_chunk"}
"""Kind -> the script that makes it, where that is not the one of most exhibits."""


@cache
def named(path: Path) -> frozenset[str]:
    """Return the texts and the attributes that a file reads."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return frozenset(
        node.value if isinstance(node, ast.Constant) else node.attr
        for node in nodes
        if (isinstance(node, ast.Constant) and isinstance(node.value, str))
        or (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load))
    )


def named_in(parts) -> set[str]:
    paths = [PACKAGE / part for part in parts]
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))]
    assert files
    return {name for file in files for name in named(file)}


def keys(schema, where=""):
    """Give place and name of each key, those of parts, lists and alternatives too."""
    for name, part in schema.get("properties", {}).items():
        yield where, name
        yield from keys(part, f"{where}.{name}")
    for part in (p for word in ("oneOf", "anyOf", "allOf") for p in schema.get(word, [])):
        yield from keys(part, where)
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            yield from keys(schema[word], f"{where}.*")
    for name, part in schema.get("$defs", {}).items():
        yield from keys(part, f"#{name}")


@pytest.mark.parametrize("schema", READERS)
def test_a_key_of_a_schema_is_named_where_it_acts(schema):
    known = named_in(READERS[schema]) | FOR_READERS.get(schema, set())
    assert sorted({f"{where}.{key}" for where, key in keys(read_schema(schema)) if key not in known}) == []


@pytest.mark.parametrize("part", HELD_BY)
def test_a_key_of_a_source_file_is_held_and_what_is_held_is_read(part):
    schema = read_schema("source")
    declared = set((schema["$defs"][part] if part else schema)["properties"])
    held = {field.name for kind in HELD_BY[part] for field in fields(kind)}
    assert sorted(declared - held - TAKEN_APART) == []
    elsewhere = ("study/plan.py", "audit/bundle/facts.py") if part == "" else ()  # words of the report and the bundle
    assert sorted(declared - named_in(("yearbook", "trace", *elsewhere))) == []


@pytest.mark.parametrize("kind", kinds())
def test_a_key_of_a_kind_is_named_in_what_its_jobs_run(kind):
    """Keys of every exhibit are read where studies are resolved, and those of its model where scores are solved."""
    refitted = [entry.module for entry in estimators().values()] if kind == "placebo" else []
    modules = job_modules(JOBS.get(kind, "estimate_exhibit"), kinds()[kind].module, *refitted)
    files = [path_of(name) for name in modules if name.startswith("shidian.")]
    known = {name for file in (*filter(None, files), *kinds()[kind].folder.glob("*.py")) for name in named(Path(file))}
    known |= {key for _, key in keys(read_schema("exhibit"))} | named_in(("efficiency", "study/paths.py"))
    assert sorted({f"{where}.{key}" for where, key in keys(exhibit_schema(kind)) if key not in known}) == []
