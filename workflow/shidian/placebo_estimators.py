"""Estimators that the placebo test can run draw by draw, by name: one file each, which declares ``ESTIMATOR``.

Ours lie in ``exhibits/placebo/estimators``, those of an extension in its folder ``estimators``. One that cannot be
batched has a function ``refit(panel, spec, treatment) -> Fit``. Its panel holds the rows that the exhibit uses, with
the draw's adoption years in ``adoption_year`` and the draw's 0/1 treatment in the column named ``treatment``;
``spec["seed"]`` is always there. The first term of its fit is the effect. It raises EstimationError when a draw gives
no number (such draws are counted and reported), SpecificationError when no draw could. Schema and documentation of
the exhibit are made from the declarations.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from shidian.declarations import Declaration, declarations, refuse_unknown
from shidian.errors import StudyError
from shidian.extensions import folders
from shidian.schema import inline

DEFAULT = "twfe"
FOLDER = "exhibits/placebo/estimators"


@dataclass(frozen=True)
class Entry:
    """A registered estimator.

    Attributes:
        path: the file.
        module: the module with ``refit``; imported only by the jobs of a study that names it.
        about: one line of documentation, as it follows the estimator's name.
        options: key of the exhibit's ``options`` that it understands -> JSON Schema.
        weights: whether it takes the exhibit's analytic weights.
        fixed_effects: whether it partials out the exhibit's fixed effects, whatever they are.
        individuals: whether it takes rows of individuals, none of which is followed over time.
        batched: whether an exact engine of the placebo makes all draws at once, not ``refit`` one by one.
    """

    path: Path
    module: str
    about: str
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    weights: bool = False
    fixed_effects: bool = True
    individuals: bool = False
    batched: bool = False

    @property
    def words(self) -> str:
        """What it estimates, for the note."""
        words: str = importlib.import_module(self.module).ESTIMATOR["words"]
        return words


def estimators() -> Mapping[str, Entry]:
    """Return name in a study file -> estimator, the default first.

    Raises:
        StudyError: a declaration with an unknown key, or without one that it needs.
    """
    return _estimators(folders())


@cache
def _estimators(_extensions: tuple[Path, ...]) -> Mapping[str, Entry]:
    found = declarations("ESTIMATOR", (FOLDER,), "estimators")
    return {name: _entry(found[name]) for name in sorted(found, key=lambda name: (name != DEFAULT, name))}


def _entry(one: Declaration) -> Entry:
    known = ["words", *(f.name for f in fields(Entry) if f.name not in ("path", "module"))]
    refuse_unknown("ESTIMATOR", one.path, one.content, known)
    for key in ("words", "about"):
        if not isinstance(one.content.get(key), str):
            raise StudyError(f"{one.path}: ESTIMATOR needs the key '{key}', a text")
    return Entry(one.path, one.module, **{key: value for key, value in one.content.items() if key != "words"})


def with_estimators(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of the placebo exhibit with the estimators and their options put in."""
    properties = dict(schema["properties"])
    estimator, options = properties["estimator"], properties["options"]
    lines = "; ".join(f"{name}: {one.about}" for name, one in estimators().items())
    takes: dict[str, Any] = {}
    first: dict[str, Path] = {}
    for name, one in estimators().items():
        for key, facts in inline(dict(one.options)).items():
            words = f"For {name}: {facts.get('description', '')}"
            if key in takes:
                if _without_words(takes[key]) != _without_words(facts):
                    raise StudyError(f"{one.path}: its option '{key}' is of another kind than that of {first[key]}")
                words = f"{takes[key]['description']} {words}"
            first.setdefault(key, one.path)
            takes[key] = {**facts, "description": words}
    properties["estimator"] = {
        **estimator, "description": f"{estimator['description']} {lines}.", "enum": list(estimators())
    }  # fmt: skip
    properties["options"] = {**options, "properties": takes}
    return {**schema, "properties": properties}


def _without_words(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "description"}
