"""The PO files kept complete: every template that the code says, none that it no longer says (``shidian docs``)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from shidian.code_digests import PACKAGE
from shidian.report.catalogue import catalogues, read_catalogue, templates

PLACE = {"say": 0, "counted": 1}
"""Function -> which of its arguments is a template or noun."""


def templates_said(lang: str, base: Path = PACKAGE) -> dict[Path, list[str]]:
    """Return a language's PO file, one a folder of ``base`` -> the templates that its modules say, sorted.

    ``base`` is the package, or the folder of an extension.
    """
    found: dict[Path, set[str]] = {}
    for path in sorted(base.rglob("*.py")):
        for template, _ in said_in(path):
            if template is not None:
                found.setdefault(catalogue_of(path.parent, lang), set()).add(template)
    return {path: sorted(texts) for path, texts in sorted(found.items())}


def catalogue_of(folder: Path, lang: str) -> Path:
    """Return the PO file of what the modules of a folder say: a kind's is in its room, an extension's in the folder."""
    if (folder / "kind.yaml").exists() or not folder.is_relative_to(PACKAGE):
        return folder / f"{lang}.po"
    name = ".".join(folder.relative_to(PACKAGE).parts) or "shidian"
    return PACKAGE / "report" / "languages" / lang / f"{name}.po"


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


def write_catalogues(lang: str, base: Path = PACKAGE) -> None:
    """Rewrite the PO files of a language: translations are kept, new templates are added without one.

    ``base`` is the package, or the folder of an extension; what ours say already needs no second translation.
    """
    wanted, everywhere = templates_said(lang, base), templates(lang)
    for path, texts in wanted.items():
        known = everywhere | (read_catalogue(path) if path.exists() else {})
        catalogue = Catalog(locale=lang)
        for text in texts:
            catalogue.add(text, known.get(text, ""))
        path.parent.mkdir(exist_ok=True, parents=True)
        with path.open("wb") as file:
            write_po(file, catalogue, omit_header=True, width=120)
    for path in catalogues(lang) if base == PACKAGE else []:
        if path not in wanted:
            path.unlink()
