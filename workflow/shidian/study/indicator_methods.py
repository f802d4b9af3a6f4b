"""The methods of indicators: found in the files that declare them, without importing one.

A file of ``shidian.indicators`` or ``shidian.panel`` (what reads more than columns of the panel) that assigns a
literal dictionary to ``METHOD`` is a method of the file's name: its roles, options, formula, source and labels. The
schema of study files, the reference and the page of formulas are made from it; its ``compute`` runs in the job.
Reading the literal keeps pandas out of the graph of jobs.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from shidian.schema import read_schema

PACKAGE = Path(__file__).resolve().parent.parent
FOLDERS = ("indicators", "panel")


@dataclass(frozen=True)
class Method:
    """A method of indicators.

    Attributes:
        name: its name in study files.
        module: the module that computes it.
        label: language -> what it is called.
        formula: the formula, as a reader of the paper knows it.
        source: who proposed it.
        roles: the roles of its inputs; none where ``inputs`` is a list of variables or there are none.
        optional: those of the roles that may be left out.
        options: option -> JSON Schema, with its default where there is one.
        required: options that must be given.
        takes: what ``inputs`` is: roles (by name), a list, or nothing.
        of_one_size: groups of roles that measure one kind of thing: they are brought to the size of the first.
        keeps_measure: the role whose unit of measure the result has; "" for a pure number.
        other_rows: what of other rows of the panel enters; "" for none.
    """

    name: str
    module: str
    label: Mapping[str, str]
    formula: str
    source: str
    roles: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    takes: str = "roles"
    of_one_size: tuple[tuple[str, ...], ...] = ()
    keeps_measure: str = ""
    other_rows: str = ""

    @property
    def defaults(self) -> dict[str, Any]:
        """The options that have a default, with it."""
        return {name: schema["default"] for name, schema in self.options.items() if "default" in schema}


@cache
def methods() -> Mapping[str, Method]:
    """Return every method by name, in alphabetical order."""
    files = [path for folder in FOLDERS for path in (PACKAGE / folder).glob("*.py")]
    found = {path.stem: _declared(path) for path in files}
    return {
        path.stem: Method(path.stem, f"shidian.{path.parent.name}.{path.stem}", **declared)
        for path in sorted(files, key=lambda path: path.stem)
        if (declared := found[path.stem]) is not None
    }


def method(name: str) -> Method:
    """Return a method; the schema has refused names that there are not."""
    return methods()[name]


@cache
def study_schema() -> dict[str, Any]:
    """Return the schema of a study file, with what the methods of indicators take put in its place."""
    schema = deepcopy(read_schema("study"))
    schema["properties"]["indicators"]["additionalProperties"] = _indicator_schema()
    return schema


def _indicator_schema() -> dict[str, Any]:
    """Return what a study file may say of one indicator: the inputs and options of all methods."""
    every = methods()
    options: dict[str, dict[str, Any]] = {}
    for one in every.values():
        for name, schema in one.options.items():
            words = f"For {one.name}: {schema['description']}"
            if name in options:
                words = f"{options[name]['description']} {words}"
            options[name] = {**schema, "description": words}
            options[name].pop("default", None)
    roles = "; ".join(f"{one.name}: {', '.join(one.roles)}" for one in every.values() if one.roles)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["method"],
        "properties": {
            "method": {"description": "The measure; see the table of formulas.", "enum": list(every)},
            "inputs": {
                "description": f"Role -> variable ({roles}), or a list of variables ({_listed(every)}).",
                "anyOf": [
                    {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}},
                    {"type": "array", "minItems": 2, "uniqueItems": True, "items": {"type": "string"}},
                ],
            },
            "label": {"description": "Label as printed in tables.", "$ref": "#/$defs/text"},
            **options,
        },
    }


def formulas_page() -> str:
    """Return the table of formulas: what each method computes, from what, with which options, and its source."""
    head = "| method | 中文 | formula | inputs | options | source |\n|---|---|---|---|---|---|\n"
    return head + "".join(
        f"| `{one.name}` {one.label['en']} | {one.label['zh']} | {one.formula.replace('|', '∣')} | {_inputs(one)} | "
        f"{_options(one)} | {one.source} |\n"
        for one in methods().values()
    )


def _declared(path: Path) -> dict[str, Any] | None:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [getattr(t, "id", "") for t in node.targets] == ["METHOD"]:
            declared: dict[str, Any] = ast.literal_eval(node.value)
            return declared
    return None


def _listed(every: Mapping[str, Method]) -> str:
    return ", ".join(one.name for one in every.values() if one.takes == "list")


def _inputs(one: Method) -> str:
    return "a list of variables" if one.takes == "list" else ", ".join(_role(one, role) for role in one.roles) or "–"


def _role(one: Method, role: str) -> str:
    return f"`{role}`" + (" (may be left out)" if role in one.optional else "")


def _options(one: Method) -> str:
    return (
        "; ".join(
            f"`{name}`" + (f" ({schema['default']})" if "default" in schema else "")
            for name, schema in one.options.items()
        )
        or "–"
    )
