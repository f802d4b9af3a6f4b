"""``shidian diff``: which numbers moved between two runs of a study, by how much, and what changed upstream of each."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from shidian.audit.bundle.archive import read_member
from shidian.audit.bundle.extension_files import extension_files, paths_of
from shidian.audit.bundle.facts import study_facts
from shidian.audit.verify.bundle import opened
from shidian.audit.verify.results import BundleResults, FolderResults, Results
from shidian.code_digests import lock_versions
from shidian.errors import AuditError, nearest
from shidian.estimates import ESTIMATE_COLUMNS
from shidian.exhibits.result import ExhibitResult
from shidian.job import write_csv
from shidian.schema import read_yaml_text
from shidian.study.plan import load_plan
from shidian.study.renamed import with_new_names

KEYS = ("column", "term")
FIELDS = tuple(c for c in ESTIMATE_COLUMNS if c not in ("study", "exhibit", "vcov", "ssc", "reason", *KEYS))
MOVED = ("exhibit", "column", "term", "field", "first", "second", "difference", "in_standard_errors", "upstream")
_WORDS = ("title", "description", "paper", "note", "number", "exhibits")
"""Keys of a study file that move no number, and the list of exhibits, which is compared one by one."""
_SHARED = ("config/corrections.yaml", "config/aliases/", "config/dictionaries/", "resources/regions/")
"""Files beside the source files that say how raw values become a panel."""


@dataclass(frozen=True)
class Side:
    """One of the two runs: its results, its facts, and the code behind them.

    Attributes:
        results: the result files.
        facts: the study's facts, as in ``audit/study.json``.
        study: the study file, parsed.
        code: path in the project -> SHA-256, of code and configuration.
        packages: distribution -> locked version.
        inputs: ``<source>: <file>`` -> SHA-256.
    """

    results: Results
    facts: Mapping[str, Any]
    study: Mapping[str, Any]
    code: Mapping[str, str]
    packages: Mapping[str, str]
    inputs: Mapping[str, str]


@contextmanager
def opened_side(path: Path) -> Iterator[Side]:
    """Open a bundle, or a folder ``results/<study>`` inside its project.

    Raises:
        AuditError: neither of the two, or a study that this project does not list.
    """
    if path.is_dir():
        yield _folder(path)
        return
    if not path.is_file():
        raise AuditError(f"{path}: there is neither a bundle nor a folder of results")
    with opened(path) as bundle:
        facts = bundle.json("audit/study.json")
        text = read_member(bundle.archive, f"source/config/studies/{facts['study']}.yaml").decode("utf-8")
        lock = read_member(bundle.archive, "source/uv.lock").decode("utf-8")
        listed = bundle.manifest["files"]
        code = {n.removeprefix("source/"): f["sha256"] for n, f in listed.items() if n.startswith("source/")}
        rows = bundle.table("audit/inputs.csv").to_dict("records")
        inputs = {f"{row['source']}: {row['file']}": row["sha256"] for row in rows}
        study, _ = with_new_names(read_yaml_text(text, str(path), AuditError))
        yield Side(BundleResults(bundle), facts, study, code, lock_versions(lock), inputs)


def _folder(path: Path) -> Side:
    folder = path.resolve()
    root = folder.parent.parent
    if folder.parent.name != "results" or not (root / "config" / "config.yaml").exists():
        raise AuditError(f"{path}: expected a folder results/<study> inside its project, or a bundle")
    plan = load_plan(root)
    if folder.name not in plan.studies:
        raise AuditError(f"{path}: '{folder.name}' is no study that runs here{nearest(folder.name, plan.studies)}")
    facts = json.loads(study_facts(plan, folder.name))
    sources = tuple(s["id"] for s in facts["sources"])
    inputs: dict[str, str] = {}
    for source in sources:
        for noted in sorted((root / "results" / "sources" / source).glob("*.files.json")):
            inputs |= {f"{source}: {f['path']}": f["sha256"] for f in json.loads(noted.read_text(encoding="utf-8"))}
    files = [p for part in ("config", "workflow", "resources") for p in (root / part).rglob("*") if p.is_file()]
    found = {p.relative_to(root).as_posix(): p for p in files if _is_code(p)}
    found |= extension_files(plan.extensions, facts["extensions"])
    code = {name: hashlib.sha256(p.read_bytes()).hexdigest() for name, p in found.items()}
    name = root / "config" / "studies" / f"{folder.name}.yaml"
    study, _ = with_new_names(read_yaml_text(name.read_text(encoding="utf-8"), str(name), AuditError))
    packages = lock_versions((root / "uv.lock").read_text(encoding="utf-8"))
    return Side(FolderResults(root, folder.name, sources), facts, study, code, packages, inputs)


def _is_code(path: Path) -> bool:
    return path.suffix in (".py", ".yaml", ".smk", ".csv", ".txt") and "__pycache__" not in path.parts


def moved_numbers(first: Side, second: Side) -> pd.DataFrame:
    """Return one row a number that moved: both values, their difference, also in standard errors, and upstream."""
    rows = []
    exhibits = [dict.fromkeys(e["id"] for e in side.facts["exhibits"]) for side in (first, second)]
    for exhibit in [*exhibits[0], *(e for e in exhibits[1] if e not in exhibits[0])]:
        estimates = [_estimates(side, exhibit) for side in (first, second)]
        moved = [{"exhibit": exhibit, **row} for row in _moved(*estimates)]
        if moved:
            upstream = "; ".join(changed_upstream(first, second, exhibit)) or "nothing that is recorded"
            rows += [{**row, "upstream": upstream} for row in moved]
    return pd.DataFrame(rows, columns=list(MOVED))


def _estimates(side: Side, exhibit: str) -> pd.DataFrame:
    """Return an exhibit's estimates by column, term and number of such row; empty where there is no such exhibit."""
    path = next((e["result"] for e in side.facts["exhibits"] if e["id"] == exhibit), None)
    content = side.results.read(path) if path is not None else None
    empty = pd.DataFrame(columns=list(ESTIMATE_COLUMNS))
    frame = ExhibitResult.from_json(content.decode("utf-8")).estimates if content is not None else empty
    return frame.assign(n=frame.groupby(list(KEYS)).cumcount()).set_index([*KEYS, "n"])


def _moved(first: pd.DataFrame, second: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for key in [*first.index, *(k for k in second.index if k not in first.index)]:
        words = {"column": key[0], "term": key[1], "difference": math.nan, "in_standard_errors": math.nan}
        sides = ["there" if key in frame.index else "missing" for frame in (first, second)]
        if "missing" in sides:
            yield {**words, "field": "", "first": sides[0], "second": sides[1]}
            continue
        se = _float(first.loc[key, "se"])
        for name in FIELDS:
            a, b = _float(first.loc[key, name]), _float(second.loc[key, name])
            if a != b and not (math.isnan(a) and math.isnan(b)):
                sized = {"difference": b - a}
                if name == "estimate" and se > 0:
                    sized["in_standard_errors"] = (b - a) / se
                yield {**words, "field": name, "first": a, "second": b, **sized}


def _float(value: Any) -> float:
    return math.nan if value is None or pd.isna(value) else float(value)


def changed_upstream(first: Side, second: Side, exhibit: str) -> list[str]:
    """Return what an exhibit's numbers depend on and is not the same: inputs, parameters, code, package versions."""
    found = [f"input {name}" for name in _changed(first.inputs, second.inputs)]
    exhibits = [exhibit, *_compared(first.study, exhibit), *_compared(second.study, exhibit)]
    sources = {f"config/sources/{s['id']}.yaml" for side in (first, second) for s in side.facts["sources"]}
    changed = _changed(first.code, second.code)
    found += [f"how sources are read {n}" for n in changed if n in sources or n.startswith(_SHARED)]
    found += [f"parameter {text}" for text in _parameters(first.study, second.study, dict.fromkeys(exhibits))]
    modules, scripts, packages = (_union(first, second, exhibits, key) for key in ("modules", "scripts", "packages"))
    places = [place for side in (first, second) for place in side.facts.get("extensions", [])]
    paths = {f"workflow/scripts/{s}.py" for s in scripts} | {p for m in modules for p in paths_of(m, places)}
    found += [f"code {n}" for n in changed if n in paths]
    versions = [{p: side.packages.get(p, "") for p in packages} for side in (first, second)]
    return found + [f"package {p} {versions[0][p]} -> {versions[1][p]}" for p in _changed(*versions)]


def _specification(study: Mapping[str, Any], exhibit: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next((e for e in study.get("exhibits", []) if e["id"] == exhibit), {})
    return {k: v for k, v in found.items() if k not in _WORDS}


def _compared(study: Mapping[str, Any], exhibit: str) -> list[str]:
    """Return the exhibits that a comparison with published numbers reads."""
    return [n["exhibit"] for n in _specification(study, exhibit).get("numbers", []) if isinstance(n, Mapping)]


def _union(first: Side, second: Side, exhibits: list[str], key: str) -> list[str]:
    """Return scripts, modules or packages behind exhibits and their panel, on either side."""
    facts = [f for side in (first, second) for f in side.facts["exhibits"] if f["id"] in exhibits]
    return sorted({name for f in (*facts, first.facts["panel"], second.facts["panel"]) for name in f[key]})


def _changed(first: Mapping[str, str], second: Mapping[str, str]) -> list[str]:
    return [name for name in sorted({*first, *second}) if first.get(name) != second.get(name)]


def _parameters(first: Mapping[str, Any], second: Mapping[str, Any], exhibits: Iterable[str]) -> Iterator[str]:
    """Yield the keys of the study file that differ: the study's own, and those of the exhibits."""
    general = [{k: v for k, v in study.items() if k not in _WORDS} for study in (first, second)]
    yield from _keys("", general[0], general[1])
    for exhibit in exhibits:
        yield from _keys(f"exhibits.{exhibit}", _specification(first, exhibit), _specification(second, exhibit))


def _keys(place: str, a: Any, b: Any) -> Iterator[str]:
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        for key in [*a, *(k for k in b if k not in a)]:
            yield from _keys(f"{place}.{key}".lstrip("."), a.get(key), b.get(key))
    elif a != b:
        yield f"{place}: {'not there' if a is None else a} -> {'not there' if b is None else b}"


def describe(moved: pd.DataFrame) -> str:
    """Return the numbers that moved, exhibit by exhibit, the largest move in standard errors first."""
    lines = []
    for exhibit, rows in moved.groupby("exhibit", sort=False):
        order = rows["in_standard_errors"].abs().sort_values(ascending=False, na_position="last").index
        lines.append(f"{exhibit}: {len(rows)} numbers moved")
        for row in rows.loc[order].head(10).to_dict("records"):
            in_se = row["in_standard_errors"]
            size = "" if math.isnan(in_se) else f" ({in_se:+.2g} standard errors)"
            lines.append(f"  {row['column']} {row['term']} {row['field']}: {row['first']} -> {row['second']}{size}")
        lines += [f"  upstream: {text}" for text in rows["upstream"].iloc[0].split("; ")]
    return "\n".join(lines) if lines else "no number moved"


def compare(first: Path, second: Path, out: Path | None = None) -> str:
    """Compare two runs of a study and return what moved; the whole table goes to ``out``.

    Raises:
        AuditError: a side that cannot be read, or two studies.
    """
    with opened_side(first) as a, opened_side(second) as b:
        if a.facts["study"] != b.facts["study"]:
            raise AuditError(f"two studies: {first} is '{a.facts['study']}', {second} is '{b.facts['study']}'")
        moved = moved_numbers(a, b)
    if out is not None:
        write_csv(out, moved)
    return describe(moved)
