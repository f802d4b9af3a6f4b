"""Digests of code: what a job's result depends on beyond its inputs, so that an edit reruns what uses it.

Snakemake does not see an edit in an imported module, nor an upgraded package. Each rule therefore carries in
``params`` the digest of its script and of every module of ``shidian`` and its extensions that the script imports,
directly or not, together with the tables of the project that those modules read, the locked versions of the
third-party packages that they import, and of what these packages need. Code counts by its meaning: a comment, a
docstring or a line break changes no digest.
"""

from __future__ import annotations

import ast
import hashlib
import re
import sys
import tomllib
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from shidian.checksums import content_checksum, remembered
from shidian.extensions import NAME, folders, is_ours, path_of, short

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = Path(__file__).resolve().parent
SCRIPTS = PACKAGE.parent / "scripts"
LOCK = ROOT / "uv.lock"

DISTRIBUTIONS = {
    "yaml": "pyyaml",
    "docx": "python-docx",
    "msoffcrypto": "msoffcrypto-tool",
}
"""Import name -> distribution, where they differ by more than case and dashes."""

READS = {
    "shidian.regions.table": tuple(f"resources/regions/{name}.csv" for name in ("units", "changes", "usage")),
    "shidian.regions.spelling": ("resources/regions/traditional.csv",),
    "shidian.regions.polygons": ("resources/geo/prefectures.json",),
    "shidian.simulate.units": tuple(
        f"resources/regions/simulated_units/{name}.csv" for name in ("cities", "city_names", "counties", "provinces")
    ),
}
"""Module -> the tables of the project that it reads: an edit reruns the jobs whose code reads them."""

BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
"""Fields of a syntax tree that hold statements, or what holds them."""

COMPILED = frozenset({".pyc", ".nbi", ".nbc"})
"""Endings of what Python and Numba write beside code."""

ROOM_FILES = frozenset({"kind.yaml", "spec.yaml", "example.yaml", "zh.po"})
"""Files in the room of a kind that reach no estimate: what of them does stands in the job's own parameters."""


def code_digest(script: str, *modules: str) -> str:
    """Return the digest of a script and of everything it imports.

    Args:
        script: name of a file in ``workflow/scripts`` without ``.py``.
        modules: modules that the script imports by name at run time, which no import statement shows.
    """
    if folders():  # what they import may be installed beside the lock, which no file says
        return _code_digest(script, modules, folders())
    key = f"{sys.version_info.major}.{sys.version_info.minor} {script} {' '.join(modules)} {_state()}"
    return str(remembered("digests", key, lambda: _code_digest(script, modules, ())))


@cache
def _state() -> str:
    """Return a digest of how all files lie that a digest of code may read: sizes, times of change, inodes."""
    tables = (ROOT / table for of_module in READS.values() for table in of_module)
    lines = [_as_it_lies(path) for path in (*_sources(PACKAGE), *_sources(SCRIPTS), LOCK, *tables)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:24]


def _sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix not in COMPILED and path.name != "__pycache__")


def _as_it_lies(path: Path) -> str:
    try:
        stat = path.stat()
    except OSError:
        return f"{path} missing"
    return f"{path} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}"


@cache
def _code_digest(script: str, modules: tuple[str, ...], _extensions: tuple[Path, ...]) -> str:
    parts = [f"script {script} {meaning(SCRIPTS / f'{script}.py')}"]
    closure = job_modules(script, *modules)
    parts += [f"module {name} {meaning(path_of(name))}" for name in closure]
    parts += [f"table {table} {content_checksum(ROOT / table)}" for name in closure for table in READS.get(name, ())]
    parts += [f"words {short(path)} {content_checksum(path)}" for path in _words(closure)]
    parts += [f"data {short(path)} {content_checksum(path)}" for path in _data_files(closure)]
    parts += [f"package {name}" for name in locked_packages(closure, script)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def job_modules(script: str, *modules: str) -> tuple[str, ...]:
    """Return the modules of ``shidian`` and its extensions that a script imports, directly or not, sorted."""
    return _job_modules(script, modules, folders())


@cache
def _job_modules(script: str, modules: tuple[str, ...], _extensions: tuple[Path, ...]) -> tuple[str, ...]:
    todo = [*modules, *filter(is_ours, _imports(SCRIPTS / f"{script}.py", ""))]
    found: set[str] = set()
    while todo:
        name = todo.pop()
        parents = [name.rsplit(".", n)[0] for n in range(1, name.count(".") + 1)]
        for module in (name, *parents):
            if module not in found and path_of(module).exists():
                found.add(module)
                todo += filter(is_ours, _imports(path_of(module), module))
    return tuple(sorted(found))


def locked_packages(modules: Iterable[str], script: str | None = None) -> tuple[str, ...]:
    """Return ``name==version`` of the third-party packages behind modules, with what those packages need.

    A package that is not locked, which an extension alone may import, counts as installed.
    """
    files = [(path_of(m), m) for m in modules] + ([(SCRIPTS / f"{script}.py", "")] if script else [])
    tops = {name.split(".")[0] for path, module in files for name in _imports(path, module)}
    third = sorted(tops - set(sys.stdlib_module_names) - {"shidian", NAME, "__future__"})
    lock = _lock()
    todo, found = [distribution(name) for name in third], set()
    while todo:
        name = todo.pop()
        if name in lock and name not in found:
            found.add(name)
            todo += lock[name][1]
    beside = {name: _installed(name) for name in map(distribution, third) if name not in lock}
    versions = {**{name: lock[name][0] for name in found}, **beside}
    return tuple(f"{name}=={versions[name]}" for name in sorted(versions))


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "?"


def distribution(import_name: str) -> str:
    """Return the distribution that provides a top-level import name."""
    return DISTRIBUTIONS.get(import_name, import_name.replace("_", "-").lower())


def locked_version(package: str) -> str:
    """Return the locked version of a distribution."""
    return _lock()[package][0]


def locked_distributions() -> dict[str, str]:
    """Return every locked distribution and its version."""
    return lock_versions(LOCK.read_text(encoding="utf-8"))


def lock_versions(text: str) -> dict[str, str]:
    """Return distribution -> version of the text of a ``uv.lock``; versions for several Pythons are all given."""
    return dict(_lock_versions(text))


@lru_cache(maxsize=4)  # parsing takes longer than all else of a verification
def _lock_versions(text: str) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for package in tomllib.loads(text)["package"]:
        found.setdefault(package["name"], set()).add(package.get("version", ""))
    return {name: " or ".join(sorted(found[name])) for name in sorted(found)}


@cache
def _lock() -> dict[str, tuple[str, list[str]]]:
    """Read uv.lock: distribution -> version, direct dependencies; remembered by its content over runs."""
    text = LOCK.read_text(encoding="utf-8")
    found = remembered("lock", hashlib.sha256(text.encode()).hexdigest(), lambda: _packages(text))
    return {name: (version, needs) for name, (version, needs) in found.items()}


def _packages(text: str) -> dict[str, tuple[str, list[str]]]:
    packages = tomllib.loads(text)["package"]
    return {p["name"]: (p.get("version", ""), [d["name"] for d in p.get("dependencies", [])]) for p in packages}


@cache
def _imports(path: Path, module: str) -> tuple[str, ...]:
    """Return the absolute names that a file imports, those inside functions too."""
    found = _facts(path)["imports"]
    return tuple(dict.fromkeys(name for dots, base, names in found for name in _absolute(dots, base, names, module)))


@cache
def meaning(path: Path) -> str:
    """Return the digest of what the code of a file does: its syntax tree without docstrings, comments and layout."""
    return str(_facts(path)["meaning"])


def _facts(path: Path) -> dict[str, Any]:
    """Return what a file imports and what it means, remembered by its content and the Python that parses it."""
    text = path.read_bytes()
    key = f"{sys.version_info.major}.{sys.version_info.minor} {hashlib.sha256(text).hexdigest()}"
    found: dict[str, Any] = remembered("code", key, lambda: _read(ast.parse(text)))
    return found


def _read(tree: ast.Module) -> dict[str, Any]:
    """Return the imports of a file's code, and the digest of its tree once docstrings are taken out of it.

    Statements alone hold imports and docstrings: expressions, by far the most of a tree, are not looked into.
    """
    imports: list[tuple[int, str, list[str]]] = []
    blocks: list[ast.AST] = [tree]
    while blocks:
        node = blocks.pop()
        if isinstance(node, ast.Import):
            imports.append((0, "", [alias.name for alias in node.names]))
        elif isinstance(node, ast.ImportFrom):
            imports.append((node.level, node.module or "", [alias.name for alias in node.names]))
        else:
            blocks += [part for field in BLOCKS for part in getattr(node, field, ())]
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [part for part in node.body if not _is_text(part)]
    return {"imports": imports, "meaning": hashlib.sha256(ast.dump(tree).encode()).hexdigest()}


def _is_text(node: ast.stmt) -> bool:
    """Say whether a statement is a docstring, of what encloses it or of the attribute before it."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _absolute(dots: int, base: str, names: list[str], module: str) -> list[str]:
    """Return the absolute names of one import of a module: ``dots`` dots before ``base``, none for ``import``."""
    if not dots and not base:
        return names
    if dots:
        is_package = path_of(module).name == "__init__.py"
        anchor = module.split(".")
        anchor = anchor[: len(anchor) - dots + (1 if is_package else 0)]
        base = ".".join([*anchor, base]).rstrip(".")
    return [base, *(f"{base}.{name}" for name in names)]


def _words(modules: Iterable[str]) -> list[Path]:
    """Return the catalogues in rooms and extensions, where the modules print them."""
    if "shidian.report.catalogue" not in modules:
        return []
    rooms = sorted((PACKAGE / "exhibits").glob("*/*/zh.po"))
    return [*rooms, *(path for folder in folders() for path in sorted(folder.rglob("zh.po")))]


def _data_files(modules: Iterable[str]) -> list[Path]:
    """Return the files that are no Python code in the folders of packages: templates, dictionaries, styles."""
    places = {path_of(m).parent for m in modules} - {PACKAGE, PACKAGE.parent / NAME}
    return sorted({file for place in places for file in _data_below(place)})


@cache
def _data_below(folder: Path) -> tuple[Path, ...]:
    ignored = {".py", *COMPILED}
    files = (f for f in folder.rglob("*") if f.suffix not in ignored and f.name not in ROOM_FILES)
    return tuple(f for f in files if f.is_file())


def conda_environment() -> str:
    """Return ``envs/shidian.yaml``: the project's direct dependencies as locked, for conda users.

    The packages come from PyPI through pip, so that conda and uv install the same files. Nobody has run it
    under conda yet; the environment that is tested is ``uv.lock``.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [re.split(r"[<>=!~ \[]", text, maxsplit=1)[0].lower() for text in project["dependencies"]]
    pins = "\n".join(f"    - {name}=={locked_version(name)}" for name in sorted(names))
    return (
        "# Generated from uv.lock by `make docs`; untested under conda (the tested environment is uv.lock).\n"
        "name: shidian\nchannels: [conda-forge, nodefaults]\ndependencies:\n  - python=3.11\n  - pip\n  - pip:\n"
        f"{pins}\n"
    )
