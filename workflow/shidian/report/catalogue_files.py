"""The PO files kept complete: every template that the code says, none that it no longer says (``shidian docs``)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from shidian.code_digests import PACKAGE

LANGUAGES = PACKAGE / "report" / "languages"
PLACE = {"say": 0, "counted": 1}
"""Function -> which of its arguments is a template or noun."""


def templates_said() -> dict[str, list[str]]:
    """Return the name of a PO file ("exhibits.did", a folder) -> the templates that its modules say, sorted."""
    found: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        folder = ".".join(path.relative_to(PACKAGE).parent.parts) or "shidian"
        for template, _ in said_in(path):
            if template is not None:
                found.setdefault(folder, set()).add(template)
    return {folder: sorted(texts) for folder, texts in sorted(found.items())}


def said_in(path: Path) -> Iterator[tuple[str | None, int]]:
    """Give the templates that a module says and their lines; None for a template of ``say`` that is not written out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if not isinstance(node, ast.Call) or name not in PLACE or len(node.args) <= PLACE[name]:
            continue
        given = node.args[PLACE[name]]
        if isinstance(given, ast.Constant):
            yield str(given.value), node.lineno
        elif name == "say":
            yield None, node.lineno


def write_catalogues(lang: str) -> None:
    """Rewrite the PO files of a language: translations are kept, new templates are added without one."""
    folder = LANGUAGES / lang
    folder.mkdir(exist_ok=True, parents=True)
    wanted = templates_said()
    for name, texts in wanted.items():
        known = _translations(folder / f"{name}.po")
        catalogue = Catalog(locale=lang, header_comment=f"# What shidian.{name} says.")
        for text in texts:
            catalogue.add(text, known.get(text, ""))
        with (folder / f"{name}.po").open("wb") as file:
            write_po(file, catalogue, omit_header=True, width=120)
    for path in folder.glob("*.po"):
        if path.stem not in wanted:
            path.unlink()


def _translations(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}
