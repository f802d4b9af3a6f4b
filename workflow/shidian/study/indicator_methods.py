"""The methods of indicators: found in the files that declare them, without importing one.

A file of ``shidian.indicators``, of ``shidian.panel`` (what reads more than columns of the panel) or of the folder
``indicators`` of an extension that assigns a literal dictionary to ``METHOD`` is a method of the file's name: its
roles, options, formula, source and labels. The schema of study files, the reference and the page of formulas are made
from it; its ``compute`` runs in the job. Reading the literal keeps pandas out of the graph of jobs.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from shidian.declarations import Declaration, declarations, refuse_unknown
from shidian.errors import StudyError
from shidian.extensions import folders
from shidian.schema import read_schema
from shidian.study.efficiency_models import with_methods

FOLDERS = ("indicators", "panel")


@dataclass(frozen=True)
class Method:
    """A method of indicators.

    Attributes:
        name: its name in study files.
        path: the file.
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
        ratio_of: the two roles whose units of measure the result has the ratio of; none for another.
        other_rows: what of other rows of the panel enters; "" for none.
    """

    name: str
    path: Path
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
    ratio_of: tuple[str, ...] = ()
    other_rows: str = ""

    @property
    def defaults(self) -> dict[str, Any]:
        """The options that have a default, with it."""
        return {name: schema["default"] for name, schema in self.options.items() if "default" in schema}


def methods() -> Mapping[str, Method]:
    """Return every method by name, in alphabetical order.

    Raises:
        StudyError: a declaration with a key that a method has not, or without one that it needs.
    """
    return _methods(folders())


@cache
def _methods(_extensions: tuple[Path, ...]) -> Mapping[str, Method]:
    return {name: _method(one) for name, one in declarations("METHOD", FOLDERS, "indicators").items()}


def _method(one: Declaration) -> Method:
    own = [f for f in fields(Method) if f.name not in ("name", "path", "module")]
    known = {f.name: f.default is MISSING and f.default_factory is MISSING for f in own}
    refuse_unknown("METHOD", one.path, one.content, known)
    for key, needed in known.items():
        if needed and key not in one.content:
            raise StudyError(f"{one.path}: METHOD needs the key '{key}'")
    return Method(one.name, one.path, one.module, **one.content)


def method(name: str) -> Method:
    """Return a method; the schema has refused names that there are not."""
    return methods()[name]


def study_schema() -> dict[str, Any]:
    """Return the schema of a study file, with what the methods of indicators take put in its place."""
    return _study_schema(folders())


@cache
def _study_schema(_extensions: tuple[Path, ...]) -> dict[str, Any]:
    schema = deepcopy(read_schema("study"))
    schema["properties"]["indicators"]["additionalProperties"] = _indicator_schema()
    schema["properties"]["efficiency"] = with_methods(schema["properties"]["efficiency"])
    return schema


def _indicator_schema() -> dict[str, Any]:
    """Return what a study file may say of one indicator: the inputs and options of all methods."""
    every = methods()
    options: dict[str, dict[str, Any]] = {}
    first: dict[str, Path] = {}
    for one in every.values():
        for name, schema in one.options.items():
            words = f"For {one.name}: {schema.get('description', '')}"
            if name in options:
                if _kind_of(options[name]) != _kind_of(schema):
                    raise StudyError(f"{one.path}: its option '{name}' is of another kind than that of {first[name]}")
                words = f"{options[name]['description']} {words}"
            first.setdefault(name, one.path)
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


def _kind_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in ("description", "default")}


def formulas_page(only: Path | None = None) -> str:
    """Return the table of formulas: what each method computes, from what, with which options, and its source.

    ``only`` is the folder of the methods that are wanted, all where it is not given.
    """
    head = "| method | 中文 | formula | inputs | options | source |\n|---|---|---|---|---|---|\n"
    return head + "".join(
        f"| `{one.name}` {one.label['en']} | {one.label['zh']} | {one.formula.replace('|', '∣')} | {_inputs(one)} | "
        f"{_options(one)} | {one.source} |\n"
        for one in methods().values()
        if only is None or one.path.is_relative_to(only)
    )


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
