"""Inner links of a bundle: does each fact agree with the file that it speaks of?"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from shidian.audit.bundle.archive import Fault, read_member
from shidian.audit.bundle.contents import raw_place
from shidian.audit.bundle.crate import METADATA
from shidian.audit.bundle.exhibit_map import value_of
from shidian.audit.bundle.write import MANIFEST
from shidian.audit.verify.bundle import Bundle
from shidian.code_digests import lock_versions
from shidian.errors import AuditError
from shidian.exhibits.result import ExhibitResult
from shidian.schema import read_yaml_text
from shidian.yearbook.raw_paths import expand


def check_inputs(bundle: Bundle) -> Iterator[Fault]:
    """Yield raw files whose digest in the table, in the source file, in the run and in the zip are not one."""
    listed, left_out = bundle.manifest["files"], bundle.manifest["left_out"]
    table = bundle.table("audit/inputs.csv")
    facts = bundle.json("audit/study.json")
    read = _read_by_the_run(bundle, [s["id"] for s in facts["sources"]])
    for source in facts["sources"]:
        declared = _declared(bundle, source["id"])
        rows = table[table["source"] == source["id"]].set_index("file")
        for path in dict.fromkeys([*declared, *rows.index]):
            where = f"{source['id']}: {path}"
            if path not in rows.index or path not in declared:
                place = "audit/inputs.csv" if path not in rows.index else f"config/sources/{source['id']}.yaml"
                yield Fault("missing file", where, f"not in {place}")
                continue
            row = rows.loc[path]
            place = raw_place(source["id"], path)
            held = (listed if row["included"] == "yes" else left_out).get(place)
            if held is None:
                yield Fault("missing file", where, f"'included: {row['included']}', but the bundle says nothing of it")
                continue
            if row["included"] != "yes" and not row["why_not"]:
                yield Fault("contradiction", where, "not included, and no reason given")
            found = {"in the bundle": held["sha256"], "declared": declared[path], "read by the run": read.get(where)}
            for what, digest in found.items():
                if digest and digest != row["sha256"]:
                    yield Fault("a raw file differs", where, f"{what}: {digest}, table of inputs: {row['sha256']}")


def _declared(bundle: Bundle, source: str) -> dict[str, str | None]:
    """Return path -> declared SHA-256 of the files of a source file in the bundle's code, braces expanded."""
    name = f"source/config/sources/{source}.yaml"
    content = read_yaml_text(read_member(bundle.archive, name).decode("utf-8"), name, AuditError)
    return {path: f.get("sha256") for f in content["files"] for path in expand(f["path"])}


def _read_by_the_run(bundle: Bundle, sources: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in sorted(bundle.names):
        parts = name.split("/")
        if name.startswith("results/sources/") and name.endswith(".files.json") and parts[2] in sources:
            found |= {f"{parts[2]}: {f['path']}": f["sha256"] for f in bundle.json(name)}
    return found


def check_environment(bundle: Bundle) -> Iterator[Fault]:
    """Yield where the facts of the environment are not those of the bundle's own lock file."""
    made = bundle.json("audit/made.json")
    lock = read_member(bundle.archive, "source/uv.lock")
    digest = hashlib.sha256(lock).hexdigest()
    if made["lock"] != digest:
        yield Fault("another lock", "source/uv.lock", f"sha256 {digest}, the results were made with {made['lock']}")
    locked = lock_versions(lock.decode("utf-8"))
    for name in sorted(set(locked) | set(made["packages"])):
        if locked.get(name) != made["packages"].get(name):
            versions = [facts.get(name, "missing") for facts in (locked, made["packages"])]
            text = f"{name} {versions[0]} in the lock, {versions[1]} in the facts"
            yield Fault("another lock", "audit/made.json", text)


def check_exhibit_map(bundle: Bundle) -> Iterator[Fault]:
    """Yield printed numbers that are not the cell, the estimate, or in the file that the map names."""
    table = bundle.table("audit/exhibit_map.csv")
    facts = {e["id"]: e for e in bundle.json("audit/study.json")["exhibits"]}
    for exhibit in sorted(set(facts) | set(table["exhibit"])):
        rows = table[table["exhibit"] == exhibit]
        if exhibit not in facts:
            yield Fault("contradiction", "audit/exhibit_map.csv", f"there is no exhibit '{exhibit}'")
            continue
        text = read_member(bundle.archive, facts[exhibit]["result"]).decode("utf-8")
        yield from _exhibit(bundle, facts[exhibit], rows, ExhibitResult.from_json(text))


def _exhibit(bundle: Bundle, facts: Mapping[str, Any], rows: pd.DataFrame, result: ExhibitResult) -> Iterator[Fault]:
    numbers = rows[rows["row"] != ""]
    if result.table is not None:
        printed = sum(cell.ref is not None for row in result.table.rows for cell in row.cells)
        if printed != len(numbers):
            text = f"{printed} printed numbers, {len(numbers)} in the exhibit map"
            yield Fault("contradiction", facts["id"], text)
            return
        body = _printed_body(bundle, facts, len(result.table.header))
        for row in _records(numbers):
            yield from _number(row, result, body)
    for row in _records(rows):
        listed = bundle.manifest["files"].get(row["output"], {}).get("sha256")
        if listed != row["output_sha256"]:
            yield Fault(
                "contradiction", row["claim"], f"{row['output']} has sha256 {listed}, not {row['output_sha256']}"
            )
        if row["result"] != facts["result"] or row["code"] != facts["code"] or row["script"] != facts["script"]:
            yield Fault("contradiction", row["claim"], "result, script or code are not those of the exhibit")


def _records(table: pd.DataFrame) -> list[dict[str, str]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _printed_body(bundle: Bundle, facts: Mapping[str, Any], header: int) -> list[list[str]]:
    """Return the printed table without its header, the stub first."""
    name = next(path for path in facts["printed"] if re.search(rf"/{facts['id']}\.csv$", path))
    text = read_member(bundle.archive, name).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))[header:]


def _number(row: Mapping[str, Any], result: ExhibitResult, body: list[list[str]]) -> Iterator[Fault]:
    assert result.table is not None
    at, cell = int(row["row"]), int(row["cell"])
    own = result.table.rows[at].cells[cell]
    if own.text != row["printed"] or own.ref != (row["column"], row["term"], row["field"]):
        yield Fault("contradiction", row["claim"], f"map prints '{row['printed']}', the result '{own.text}'")
    if body[at][cell + 1] != row["printed"]:
        yield Fault("contradiction", row["claim"], f"map prints '{row['printed']}', the table '{body[at][cell + 1]}'")
    if value_of(result, row) != row["value"]:
        yield Fault("contradiction", row["claim"], f"map has {row['value']}, the estimate is {value_of(result, row)}")


def check_metadata(bundle: Bundle) -> Iterator[Fault]:
    """Yield files that the RO-Crate does not describe, describes otherwise, or describes without their being there."""
    content = json.loads(read_member(bundle.archive, METADATA))
    entities = {e["@id"]: e for e in content["@graph"]}
    described = {n: e for n, e in entities.items() if "File" in [*_types(e)] and n != METADATA}
    listed = bundle.manifest["files"]
    for name in sorted(set(described) ^ (set(listed) - {METADATA, MANIFEST})):
        place = "not described in" if name in listed else "only described in"
        yield Fault("contradiction", name, f"{place} {METADATA}")
    for name in sorted(set(described) & set(listed)):
        if described[name].get("sha256") != listed[name]["sha256"]:
            yield Fault("contradiction", name, f"{METADATA} has another sha256 than the manifest")
    made = bundle.json("audit/made.json")
    version = entities.get("source/Snakefile", {}).get("version")
    if version != (made["commit"] or "no git checkout"):
        yield Fault("contradiction", METADATA, f"commit '{version}', audit/made.json '{made['commit']}'")


def _types(entity: Mapping[str, Any]) -> list[str]:
    kinds = entity["@type"]
    return kinds if isinstance(kinds, list) else [kinds]
