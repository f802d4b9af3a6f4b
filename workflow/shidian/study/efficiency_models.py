"""The models that score efficiency for a study's panel: one file each, which declares ``MODEL`` beside ``measure``.

Ours lie in ``efficiency/models``, those of an extension in its folder ``efficiency``. An entry of the section
``efficiency`` names one under ``method``; what an entry may say is made from the declaration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from shidian.declarations import Declaration, declarations, refuse_unknown
from shidian.errors import StudyError, nearest
from shidian.extensions import folders
from shidian.schema import inline
from shidian.study.kinds import kind_spec

DEFAULT = "super_sbm"
SHARED = ("inputs", "desirable", "undesirable", "zeros", "missing", "years")
"""Keys that every model has: the variables, how they are cleaned, the years."""
FRONTIERS = ("contemporaneous", "global")
"""Frontiers that another model may be measured against: a job a year, or one job over all years."""


@dataclass(frozen=True)
class ScoreModel:
    """A model of efficiency.

    Attributes:
        name: its name under ``method``.
        path: the file.
        module: the module with ``measure(panel, model) -> Measured``.
        about: one line of documentation, as it follows the name.
        options: further key of an entry -> JSON Schema.
    """

    name: str
    path: Path
    module: str
    about: str
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def score_models() -> Mapping[str, ScoreModel]:
    """Return every model by name, in alphabetical order.

    Raises:
        StudyError: a declaration with an unknown key, without ``about``, or with an option that every model has.
    """
    return _score_models(folders())


@cache
def _score_models(_extensions: tuple[Path, ...]) -> Mapping[str, ScoreModel]:
    return {name: _model(one) for name, one in declarations("MODEL", ("efficiency/models",), "efficiency").items()}


def _model(one: Declaration) -> ScoreModel:
    known = [f.name for f in fields(ScoreModel) if f.name in ("about", "options")]
    refuse_unknown("MODEL", one.path, one.content, known)
    if not isinstance(one.content.get("about"), str):
        raise StudyError(f"{one.path}: MODEL needs the key 'about', a text")
    for key in one.content.get("options", {}):
        if key in (*SHARED, "method", "frontier", "label"):
            raise StudyError(f"{one.path}: the option '{key}' is one that every model has; give it another name")
    return ScoreModel(one.name, one.path, one.module, **one.content)


def model_schema(method: str, where: str) -> dict[str, Any]:
    """Return the schema of an entry of ``efficiency`` by its method.

    Raises:
        StudyError: there is no such method.
    """
    schema: dict[str, Any] = kind_spec("efficiency_scores")["properties"]["model"]
    if method == DEFAULT:
        return schema
    if method not in score_models():
        raise StudyError(
            f"{where}.method: '{method}' is not one of {', '.join(score_models())}{nearest(method, score_models())}"
        )
    frontier = {**schema["properties"]["frontier"], "enum": list(FRONTIERS)}
    shared = {key: schema["properties"][key] for key in SHARED}
    options = inline(dict(score_models()[method].options))
    return {**schema, "properties": {"method": {"type": "string"}, **shared, "frontier": frontier, **options}}


def with_methods(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of the section ``efficiency`` with the methods that an entry may name."""
    lines = "; ".join(f"{one.name}: {one.about}" for one in score_models().values())
    method = {
        "description": f"How efficiency is measured. {lines}.", "enum": list(score_models()), "default": DEFAULT
    }  # fmt: skip
    return {**schema, "additionalProperties": {"type": "object", "properties": {"method": method}}}
