"""The extensions that a configuration names: put in force and checked as a whole before any job runs.

Nothing of them is imported here: what a file lacks is found in its syntax tree, so that the graph of jobs stays fast
and a broken file is one clear line, not the traceback of job 17.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from shidian.declarations import declared, parse
from shidian.errors import ShidianError, StudyError, nearest
from shidian.extensions import NAME, PACKAGE, PARTS, is_ours, path_of, use
from shidian.placebo_estimators import estimators
from shidian.schema import read_schema_file, read_yaml
from shidian.study.efficiency_models import score_models
from shidian.study.indicator_methods import methods, study_schema
from shidian.study.kinds import figures, kind_spec, kinds
from shidian.study.table_formats import table_formats

DECLARED = {
    "indicators": ("METHOD", "compute"),
    "estimators": ("ESTIMATOR", "refit"),
    "formats": ("FORMAT", "write"),
    "efficiency": ("MODEL", "measure"),
}
"""Folder of an extension -> what each of its files must declare, and the function that it must have."""
ROOM = ("kind.yaml", "spec.yaml", "estimate.py")
"""Files that every room of a kind must have; the others are asked for by ``shidian check-kinds``."""


def use_extensions(root: Path) -> tuple[Path, ...]:
    """Put the extensions of a project's configuration in force and return their folders.

    Raises:
        StudyError: all that is wrong in them, a line a fault, each naming its file.
    """
    path = root / "config" / "config.yaml"
    content = read_yaml(path) if path.exists() else {}
    chosen = _folders(root, content.get("extensions") if isinstance(content, dict) else None)
    use(chosen)
    check_extensions(chosen)
    return chosen


def _folders(root: Path, given: Any) -> tuple[Path, ...]:
    names = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    found = tuple((root / str(name)).resolve() for name in names)
    for name, folder in zip(names, found, strict=True):
        where = f"config/config.yaml: at 'extensions': '{name}'"
        if not os.path.isdir(folder):  # a name too long for any folder is not there either
            there = [p.name for p in folder.parent.glob("*") if p.is_dir()]
            raise StudyError(f"{where}: there is no folder {folder}{nearest(folder.name, there)}")
        if ":" in str(folder) or set("{}") & set(str(folder)):
            raise StudyError(f"{where}: the path {folder} holds a colon or a brace: rename the folder")
        if folder.is_relative_to(PACKAGE) or PACKAGE.is_relative_to(folder):
            raise StudyError(f"{where}: {folder} holds the project's own code; name a folder apart from it")
    return found


@cache
def check_extensions(chosen: tuple[Path, ...]) -> None:
    """Check the extensions in force, once a process.

    Raises:
        StudyError: all that is wrong in their files, or what keeps them from being found at all.
    """
    faults = [fault for folder in chosen for fault in _faults(folder)]
    if not faults:
        faults = list(dict.fromkeys(_unfound()))
    if faults:
        raise StudyError("\n".join(faults))


def _unfound() -> Iterator[str]:
    """Give what the registries say of the extensions: unknown keys, names that are taken, schemas that are none."""
    placebo = partial(kind_spec, "placebo")
    for registry in (kinds, figures, methods, study_schema, score_models, estimators, table_formats, placebo):
        try:
            registry()
        except ShidianError as problem:
            yield str(problem)


def _faults(folder: Path) -> Iterator[str]:
    for part in sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._"):
        if part.name not in PARTS:
            yield f"{part}: an extension has no folder '{part.name}'{nearest(part.name, PARTS)}: {', '.join(PARTS)}"
    for path in sorted(folder.rglob("*.py")):
        yield from _faults_of_code(path, folder)
    for room in sorted(path for path in (folder / "kinds").glob("*") if path.is_dir() and path.name[0] not in "._"):
        yield from _faults_of_room(room)


def _faults_of_room(room: Path) -> Iterator[str]:
    if not _is_name(room.name):
        yield f"{room}: the name of a kind has small letters, digits and _ alone, a letter first"
    for name in ROOM:
        if not (room / name).is_file():
            yield f"{room}: a kind needs the file {name}{nearest(name, [p.name for p in room.iterdir()])}"
    if (room / "spec.yaml").is_file():
        try:
            _check_spec(room)
        except ShidianError as problem:
            yield str(problem)


def _check_spec(room: Path) -> None:
    from jsonschema import Draft202012Validator, SchemaError

    path = room / "spec.yaml"
    try:
        schema = read_schema_file(path)
        Draft202012Validator.check_schema(schema)
    except KeyError as absent:
        raise StudyError(f"{path}: a $ref names {absent}, which is not in workflow/schemas") from None
    except (SchemaError, AssertionError) as problem:
        raise StudyError(f"{path}: no JSON Schema: {getattr(problem, 'message', 'not keys and values')}") from None
    if not isinstance(schema.get("properties"), dict) or schema.get("title") != f"kind: {room.name}":
        raise StudyError(f"{path}: needs 'properties', the kind's keys, and 'title: \"kind: {room.name}\"'")


def _faults_of_code(path: Path, folder: Path) -> Iterator[str]:
    """Give what is wrong in a file: syntax, a function or declaration that it lacks, what it imports in vain."""
    try:
        tree = parse(path)
        part, *inside = path.relative_to(folder).parts
        if part in DECLARED and len(inside) == 1 and path.stem != "__init__":
            yield from _faults_of_declared(path, tree, *DECLARED[part])
    except StudyError as problem:
        yield str(problem)
        return
    if part == "kinds" and len(inside) == 2:
        wanted = {"estimate": "run", "replicate": "models"}.get(path.stem, "draw" if path.stem[:5] == "draw_" else "")
        if wanted and wanted not in _bound(tree):
            yield f"{path}: there is no function '{wanted}'{nearest(wanted, _bound(tree))}"
    yield from _missing_imports(path, tree)


def _faults_of_declared(path: Path, tree: ast.Module, variable: str, function: str) -> Iterator[str]:
    content = declared(path, variable)
    if content is None:
        yield f"{path}: nothing is assigned to {variable}; code that others share lies in 'shared'"
    elif function not in _bound(tree) and not content.get("batched"):
        yield f"{path}: there is no function '{function}'{nearest(function, _bound(tree))}"
    if not _is_name(path.stem):
        yield f"{path}: its name has small letters, digits and _ alone, a letter first"
    if content is not None and content.get("batched"):
        yield f"{path}: 'batched' is for the project's own engines; give a function '{function}'"


def _missing_imports(path: Path, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield f"{path}, line {node.lineno}: write 'from {NAME}....' in the place of an import with dots"
        elif isinstance(node, ast.ImportFrom) and is_ours(node.module or ""):
            yield from _missing_names(path, node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            for name in names:
                there = _is_there(name) if is_ours(name) else find_spec(name.split(".")[0]) is not None
                if not there:
                    yield f"{path}, line {node.lineno}: there is no module '{name}' to import"


def _missing_names(path: Path, node: ast.ImportFrom) -> Iterator[str]:
    module = node.module or ""
    if not _is_there(module):
        yield f"{path}, line {node.lineno}: there is no module '{module}' to import"
        return
    file = path_of(module)
    bound = _bound(parse(file)) if file.is_file() else set()
    for name in (alias.name for alias in node.names):
        if name != "*" and name not in bound and not _is_there(f"{module}.{name}"):
            yield f"{path}, line {node.lineno}: {module} has no '{name}'{nearest(name, bound)}"


def _is_there(module: str) -> bool:
    """Say whether a module of ours or of an extension is there; a folder without ``__init__.py`` is one, too."""
    path = path_of(module)
    return path.is_file() or (path.name == "__init__.py" and path.parent.is_dir())


def _bound(tree: ast.Module) -> set[str]:
    """Return the names that a module has at its top, those in ``if`` and ``try`` too."""
    names: set[str] = set()
    todo: list[ast.AST] = list(tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names.add(node.name)
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        todo += ast.iter_child_nodes(node)
    return names


def _is_name(text: str) -> bool:
    return text.isascii() and text.isidentifier() and text == text.lower() and text[0] != "_"
