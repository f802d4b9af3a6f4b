"""The kinds of exhibit: one room each, a folder ``exhibits/<method>/<kind>`` that holds all there is of the kind.

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
from pathlib import Path
from typing import Any

from shidian.errors import StudyError, nearest
from shidian.schema import read_schema_file, read_yaml

PACKAGE = Path(__file__).resolve().parent.parent
SHARED_FIGURES = "shidian.report.figures"
"""Where the drawings lie that several kinds share."""


@dataclass(frozen=True)
class Kind:
    """One kind of exhibit, as its ``kind.yaml`` says.

    Attributes:
        folder: its room.
        figures: the kinds of figure that it may hand on; none where there is no figure.
        table: whether it prints a table.
        dated: whether it needs a treatment with adoption years.
        planted: whether it needs a planted truth: a study on real sources leaves it out.
        no_replication: why no other program re-estimates it, "" where one does or there is nothing to estimate.
        made_from: what it is made from beside the panel, "" for the panel alone; then ``example.yaml`` runs as it is.
    """

    folder: Path
    figures: tuple[str, ...] = ()
    table: bool = True
    dated: bool = False
    planted: bool = False
    no_replication: str = ""
    made_from: str = ""

    @property
    def module(self) -> str:
        """The module that estimates it: imported by the job alone, its digest decides what reruns."""
        return f"{self.package}.estimate"

    @property
    def package(self) -> str:
        """The room as a package."""
        return ".".join(["shidian", *self.folder.relative_to(PACKAGE).parts])

    @property
    def figure(self) -> bool:
        """Whether a figure is drawn."""
        return bool(self.figures)

    @property
    def figure_modules(self) -> tuple[str, ...]:
        """The modules that draw the figures."""
        return tuple(FIGURES[name] for name in self.figures)


def _kind(room: Path) -> Kind:
    """Read the facts of a room; raises StudyError for a key that a kind has not."""
    facts = read_yaml(room / "kind.yaml")
    known = {field.name for field in fields(Kind)} - {"folder"}
    for key in facts:
        if key not in known:
            raise StudyError(f"{room / 'kind.yaml'}: a kind has no key '{key}'{nearest(key, known)}")
    return Kind(room, **{**facts, "figures": tuple(facts.get("figures", ()))})


def _drawings(kinds: Mapping[str, Kind]) -> dict[str, str]:
    """Return kind of figure -> the module that draws it: of the room that holds it, else of the shared folder."""
    found = {}
    for kind in kinds.values():
        for name in kind.figures:
            own = (kind.folder / f"draw_{name}.py").exists()
            found[name] = f"{kind.package}.draw_{name}" if own else f"{SHARED_FIGURES}.{name}"
    return found


KINDS: dict[str, Kind] = {
    path.parent.name: _kind(path.parent) for path in sorted((PACKAGE / "exhibits").glob("*/*/kind.yaml"))
}
"""Kind as written in a study file -> its room."""

FIGURES: dict[str, str] = _drawings(KINDS)
"""Kind of figure -> the module with its ``draw(figure, words)``."""


def kind_spec(kind: str) -> dict[str, Any]:
    """Return the schema of a kind's own keys, its ``spec.yaml``."""
    return read_schema_file(KINDS[kind].folder / "spec.yaml")
