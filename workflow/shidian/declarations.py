"""What files say of themselves: a literal dictionary that a module assigns, read without importing it.

One file is then one indicator, placebo estimator or table format: found by its folder, the project's or an
extension's, and known to schema, documentation and graph of jobs by its declaration. Its code runs in the job.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from shidian.errors import StudyError, nearest
from shidian.extensions import PACKAGE, folders, module_of


@dataclass(frozen=True)
class Declaration:
    """A file that declares something.

    Attributes:
        name: what study files call it, the name of the file.
        path: the file.
        content: the literal; a ``say("...")`` in it is its text.
    """

    name: str
    path: Path
    content: Mapping[str, Any]

    @property
    def module(self) -> str:
        """The module, imported by the jobs that use it alone."""
        return module_of(self.path)


def declarations(variable: str, ours: Sequence[str], theirs: str) -> Mapping[str, Declaration]:
    """Return the declarations of a kind by name, in alphabetical order.

    Args:
        variable: the variable that the literal is assigned to.
        ours: folders of the package that hold such files, among others.
        theirs: the folder of an extension that holds them.

    Raises:
        StudyError: a file that cannot be read, one name in two files.
    """
    return _declarations(variable, tuple(ours), theirs, folders())


@cache
def _declarations(
    variable: str, ours: tuple[str, ...], theirs: str, extensions: tuple[Path, ...]
) -> Mapping[str, Declaration]:
    places = [*(PACKAGE / folder for folder in ours), *(folder / theirs for folder in extensions)]
    found: dict[str, Declaration] = {}
    for path in (path for place in places for path in sorted(place.glob("*.py"))):
        content = declared(path, variable)
        if content is None:
            continue
        refuse_twice(path.stem, path, {name: other.path for name, other in found.items()})
        found[path.stem] = Declaration(path.stem, path, content)
    return dict(sorted(found.items()))


def refuse_unknown(what: str, path: Path, keys: Iterable[Any], known: Collection[str]) -> None:
    """Refuse a key that is not known.

    Raises:
        StudyError: names the file, the key and the nearest known one; ``what`` is what has no such key.
    """
    for key in keys:
        if key not in known:
            raise StudyError(f"{path}: {what} has no key '{key}'{nearest(str(key), known)}")


def refuse_twice(name: str, path: Path, taken: Mapping[str, Path]) -> None:
    """Refuse a name that another file has.

    Raises:
        StudyError: names both files.
    """
    if name in taken:
        raise StudyError(f"{path}: the name '{name}' is taken by {taken[name]}; rename one of the two")


def declared(path: Path, variable: str) -> dict[str, Any] | None:
    """Return the literal dictionary that a file assigns to a variable, None where it assigns none.

    Raises:
        StudyError: no Python, or no literal dictionary.
    """
    for node in parse(path).body:
        if isinstance(node, ast.Assign) and [getattr(t, "id", "") for t in node.targets] == [variable]:
            try:
                content = ast.literal_eval(_Plain().visit(node.value))
            except ValueError:
                content = None
            if not isinstance(content, dict):
                raise StudyError(f"{path}, line {node.lineno}: {variable} must be a dictionary written out, no code")
            return content
    return None


def parse(path: Path) -> ast.Module:
    """Parse a file of Python.

    Raises:
        StudyError: it is none; names the line.
    """
    try:
        return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as problem:  # a ValueError for bytes that no source holds
        line = f", line {problem.lineno}" if isinstance(problem, SyntaxError) and problem.lineno else ""
        raise StudyError(f"{path}{line}: no valid Python: {getattr(problem, 'msg', problem)}") from None


class _Plain(ast.NodeTransformer):
    """Replaces ``say("text")`` by the text."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        said = isinstance(node.func, ast.Name) and node.func.id == "say" and len(node.args) == 1 and not node.keywords
        return node.args[0] if said else node
