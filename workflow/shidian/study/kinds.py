"""The kinds of exhibit: one room each, a folder that holds all there is of the kind.

Ours are ``exhibits/<method>/<kind>``, those of an extension ``kinds/<kind>`` in its folder.

``kind.yaml``       facts that the graph of jobs needs (``Kind``); no estimator is imported for them
``spec.yaml``       the keys of the kind, their types, defaults and one line of documentation (JSON Schema)
``estimate.py``     ``run(panel, spec, info)``, the estimates, table, figure data, notes and warnings
``draw_<figure>.py`` the drawing, where there is one that no other kind shares
``replicate.py``    the models behind its columns, for R and Stata, or a reason in ``kind.yaml`` why there are none
``zh.po``           what it says, in Chinese
``example.yaml``    its smallest use, which one test runs for every kind
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from shidian.declarations import refuse_twice, refuse_unknown
from shidian.errors import StudyError
from shidian.extensions import PACKAGE, folders, module_of
from shidian.placebo_estimators import with_estimators
from shidian.schema import read_schema_file, read_yaml
from shidian.study.treated import ANY_TREATMENT, STAYS

_TYPES = {"bool": (bool, "true or false"), "str": (str, "a text"), "int": (int, "a whole number")}
"""Type of a fact of a kind -> what its value must be, in words; other facts are lists of names."""
SHARED_FIGURES = "shidian.report.figures"
"""Where the drawings lie that several kinds share."""


@dataclass(frozen=True)
class Kind:
    """One kind of exhibit, as its ``kind.yaml`` says.

    Attributes:
        folder: its room.
        figures: the kinds of figure that it may hand on; none where there is no figure.
        figure_key: the key of an exhibit without which no figure is drawn, "" where one always is.
        table: whether it prints a table.
        dated: whether it needs a treatment with adoption years.
        dated_key: the key of an exhibit that makes it need adoption years, "" where none does.
        treatments: kinds of treatment that it allows (``treatment.kind``); by default those that stay for a dated kind,
            and any for another.
        individuals: whether it takes rows of individuals, none of which is followed over time (``rows: individuals``).
        periods: least number of periods that it needs.
        planted: whether it needs a planted truth: a study on real sources leaves it out.
        dashes: whether a variable without any value costs it dashes and a reason, not the whole exhibit.
        no_replication: why no other program re-estimates it, "" where one does or there is nothing to estimate.
        made_from: what it is made from beside the panel, "" for the panel alone; then ``example.yaml`` runs as it is.
    """

    folder: Path
    figures: tuple[str, ...] = ()
    figure_key: str = ""
    table: bool = True
    dated: bool = False
    dated_key: str = ""
    treatments: tuple[str, ...] = ()
    individuals: bool = False
    periods: int = 1
    planted: bool = False
    dashes: bool = False
    no_replication: str = ""
    made_from: str = ""

    @property
    def allowed(self) -> tuple[str, ...]:
        """The kinds of treatment that it allows."""
        return self.treatments or ((STAYS,) if self.dated else ANY_TREATMENT)

    @property
    def least_periods(self) -> int:
        """Least number of periods that it needs: one before and one from adoption on where it is dated."""
        return max(self.periods, 2 if self.dated else 1)

    @property
    def module(self) -> str:
        """The module that estimates it: imported by the job alone, its digest decides what reruns."""
        return f"{self.package}.estimate"

    @property
    def package(self) -> str:
        """The room as a package."""
        return module_of(self.folder)

    @property
    def replicate_module(self) -> str:
        """The module with the models behind it, for R and Stata; "" where there is none."""
        return f"{self.package}.replicate" if (self.folder / "replicate.py").exists() else ""

    @property
    def figure(self) -> bool:
        """Whether a figure may be drawn."""
        return bool(self.figures)

    def draws(self, exhibit: Mapping[str, Any]) -> bool:
        """Say whether a figure is drawn of an exhibit of the kind."""
        return self.figure and (not self.figure_key or self.figure_key in exhibit)

    @property
    def figure_modules(self) -> tuple[str, ...]:
        """The modules that draw the figures."""
        return tuple(figures()[name] for name in self.figures)


def kinds() -> Mapping[str, Kind]:
    """Return kind as written in a study file -> its room: ours, then those of the extensions in force.

    Raises:
        StudyError: a ``kind.yaml`` with a key that a kind has not or a value of another type, one name in two rooms.
    """
    return _kinds(folders())


def figures() -> Mapping[str, str]:
    """Return kind of figure -> the module with its ``draw(figure, words)``."""
    return _figures(folders())


@cache
def _kinds(extensions: tuple[Path, ...]) -> Mapping[str, Kind]:
    found: dict[str, Kind] = {}
    theirs = [path for folder in extensions for path in sorted((folder / "kinds").glob("*/kind.yaml"))]
    for path in (*sorted((PACKAGE / "exhibits").glob("*/*/kind.yaml")), *theirs):
        name = path.parent.name
        refuse_twice(name, path.parent, {other: kind.folder for other, kind in found.items()})
        found[name] = _kind(path.parent)
    return found


def _kind(room: Path) -> Kind:
    """Read the facts of a room; raises StudyError for a key that a kind has not, or a value of another type."""
    path = room / "kind.yaml"
    facts = read_yaml(path) or {}
    if not isinstance(facts, dict):
        raise StudyError(f"{path}: not keys and values")
    known = {field.name: field.type for field in fields(Kind) if field.name != "folder"}
    refuse_unknown("a kind", path, facts, known)
    for key, value in facts.items():
        wanted, words = _TYPES.get(str(known[key]), (list, "a list of names"))
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise StudyError(f"{path}: at '{key}': {value!r} is not {words}")
    lists = {key: tuple(facts.get(key, ())) for key in ("figures", "treatments")}
    for name in lists["treatments"]:
        if name not in ANY_TREATMENT:
            raise StudyError(f"{path}: at 'treatments': {name!r} is not one of {', '.join(ANY_TREATMENT)}")
    return Kind(room, **{**facts, **lists})


@cache
def _figures(extensions: tuple[Path, ...]) -> Mapping[str, str]:
    """Return kind of figure -> the module that draws it: of the room that holds it, else of the shared folder."""
    found: dict[str, str] = {}
    places: dict[str, Path] = {}
    for kind in _kinds(extensions).values():
        for name in kind.figures:
            path = kind.folder / f"draw_{name}.py"
            if path.exists():
                refuse_twice(name, path, places)
                found[name], places[name] = f"{kind.package}.draw_{name}", path
            elif name not in found:
                places[name] = PACKAGE / "report" / "figures" / f"{name}.py"
                found[name] = f"{SHARED_FIGURES}.{name}"
                if not places[name].exists():
                    raise StudyError(f"{kind.folder / 'kind.yaml'}: at 'figures': no {path.name} draws '{name}'")
    return found


def kind_spec(kind: str) -> dict[str, Any]:
    """Return the schema of a kind's own keys, its ``spec.yaml``; that of placebo with the estimators there are."""
    schema = read_schema_file(kinds()[kind].folder / "spec.yaml")
    return with_estimators(schema) if kind == "placebo" else schema
