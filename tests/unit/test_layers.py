"""Imports run one way: no layer imports one above it (docs/architecture.md)."""

import ast
import re
from graphlib import TopologicalSorter

import pytest
from shidian.code_digests import PACKAGE, ROOT, SCRIPTS

TABLE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
LAYERS = {
    package: int(layer)
    for layer, packages in re.findall(r"^\| (\d+) \| ([^|]+) \|", TABLE, re.MULTILINE)
    for package in re.findall(r"`(\w+)`", packages)
}
"""Package -> its layer, as the table of docs/architecture.md has it."""
ESTIMATORS = {
    "indicators", "efficiency", "did", "matching", "iv", "threshold", "mediation", "spatial", "placebo", "distribution",
}  # fmt: skip
"""Pure estimators know neither workbooks nor study files nor reports."""


UPPER_PARTS = {"draw": "report", "replicate": "audit"}
"""Files in the room of a kind that belong to a layer above the estimates: drawings, models for a second program."""


def layer_of(path):
    """Return the package whose layer a file has: its own, or that of the part of a kind's room."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    room = parts[0] == "exhibits" and len(parts) == 4
    return UPPER_PARTS.get(parts[-1].split("_")[0], parts[0]) if room else parts[0]


def imports():
    for path in sorted(PACKAGE.rglob("*.py")):
        own = layer_of(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""] if node.module != "shidian" else [f"shidian.{a.name}" for a in node.names]
            for name in names:
                yield path.relative_to(PACKAGE).as_posix(), own, name


def test_every_package_has_a_layer():
    found = {
        p.stem if p.is_file() else p.name
        for p in PACKAGE.iterdir()
        if p.suffix == ".py" or (p / "__init__.py").exists()
    }
    assert found - {"__init__"} == set(LAYERS), "the table of layers names each package, and no other"


def test_no_layer_imports_one_above_it():
    wrong = []
    for file, own, name in imports():
        parts = name.split(".")
        if parts[0] == "shidian" and len(parts) > 1 and own != "__init__" and parts[1] != own:
            if LAYERS[parts[1]] > LAYERS[own] or (LAYERS[parts[1]] == LAYERS[own] and LAYERS[own] >= 5):
                wrong.append(f"{file} imports {name}")
            if own in ESTIMATORS and parts[1] in {"yearbook", "study", "panel", "regions", "job"}:
                wrong.append(f"{file}, an estimator, imports {name}")
    assert wrong == []


def test_the_folders_of_exhibits_import_one_way():
    """Parts that exhibits share import no folder of a method, and the folders form no circle."""
    below = {}
    for file, own, name in imports():
        if own == "exhibits" and name.startswith("shidian.exhibits."):
            here, there = file.split("/")[1:-1], name.split(".")[2:]
            if (PACKAGE / "exhibits" / there[0]).is_dir():
                below.setdefault(here[0] if here else "", set()).add(there[0])
    assert "" not in below
    order = TopologicalSorter({folder: others - {folder} for folder, others in below.items()})
    assert list(order.static_order())


def test_the_simulator_does_not_know_the_reader():
    """The yearbooks are made without the reader's ideas, so that reading them is a test of the reader."""
    reader = ("shidian.yearbook", "shidian.panel", "shidian.indicators", "shidian.efficiency")
    assert [f"{file}: {name}" for file, own, name in imports() if own == "simulate" and name.startswith(reader)] == []


def test_nothing_in_the_package_imports_snakemake():
    assert [f"{file}: {name}" for file, _, name in imports() if name.split(".")[0] == "snakemake"] == []


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.py")), ids=lambda p: p.stem)
def test_scripts_are_thin(script):
    lines = [x for x in script.read_text(encoding="utf-8").splitlines() if x.strip()]
    assert len(lines) <= 60
    assert "def " not in script.read_text(encoding="utf-8"), "logic belongs in the package"
