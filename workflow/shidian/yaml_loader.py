"""YAML as users write it: the core schema of YAML 1.2 in decimal, each key once, and nothing that grows without end.

YAML 1.1 reads ``010`` as 8, ``1:30`` as 90 and ``no`` as false. Here a plain word is a number only where it is written
as a decimal number; what has a leading zero, a colon or another base stays the text that was written, so that a code
keeps its digits and a key that wants a number refuses it. A number that is not finite, or that a computer's whole
number cannot hold, is an error at any key.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any, ClassVar

import yaml

MOST_DEPTH, MOST_NODES, MOST_CHARACTERS = 60, 400_000, 20_000_000
"""Deepest nesting, most values (those repeated by aliases counted each time) and longest text that is read."""

_PREFIX = "tag:yaml.org,2002:"
_NULL, _BOOL = re.compile(r"~|null|Null|NULL|"), re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_SIGNS = "-+0123456789"
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that neither a page nor Word can print."""


class Refused(yaml.YAMLError):
    """A value that is YAML and is not taken; ``mark`` says where it stands."""

    def __init__(self, problem: str, mark: yaml.Mark | None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.mark = mark


def _resolvers() -> dict[str | None, list[tuple[str, re.Pattern[str]]]]:
    """Return the tags of plain words by their first character, as PyYAML wants them."""
    table: dict[str | None, list[tuple[str, re.Pattern[str]]]] = {}
    rows = (("null", _NULL, "~nN"), ("bool", _BOOL, "tTfF"), ("int", _INT, _SIGNS), ("float", _FLOAT, _SIGNS + "."))
    for name, pattern, firsts in rows:
        whole = re.compile(f"(?:{pattern.pattern})$(?!\n)")
        for first in [*firsts, ""] if name == "null" else firsts:
            table.setdefault(first, []).append((_PREFIX + name, whole))
    table["<"] = [(_PREFIX + "merge", re.compile("<<$"))]
    return table


class _Core:
    """Resolver, composer and constructor of a YAML loader, as the module says."""

    yaml_implicit_resolvers: ClassVar[Any] = _resolvers()
    yaml_constructors: ClassVar[dict[str | None, Any]]
    _depth = 0
    _nodes = 0
    aliases = True

    def descend_resolver(self, parent: Any, index: Any) -> None:
        """Count a level: both loaders compose by recursion, and the one in C ends the process when it goes too deep."""
        self._depth += 1
        self._nodes += 1
        if self._depth > MOST_DEPTH:
            raise Refused(f"nested deeper than {MOST_DEPTH} levels", getattr(parent, "start_mark", None))
        if self._nodes > MOST_NODES:
            raise Refused(f"more than {MOST_NODES:,} values", None)

    def ascend_resolver(self) -> None:
        """Leave a level."""
        self._depth -= 1

    def get_single_data(self) -> Any:
        """Read the one document, its aliases written out no further than any other text may go."""
        node = self.get_single_node()  # type: ignore[attr-defined]
        if node is None:
            return None
        if self.aliases:
            refuse_bombs(node)
        return self.construct_document(node)  # type: ignore[attr-defined]

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Construct a mapping whose own keys all differ; keys merged in by ``<<`` may be given again."""
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == _PREFIX + "merge":
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                raise Refused("a key must be a text, not a list or a mapping", key_node.start_mark)
            key = self.construct_object(key_node, deep=True)  # type: ignore[attr-defined]
            if key in seen:
                line = key_node.start_mark.line + 1
                raise yaml.constructor.ConstructorError(None, None, f"the key '{key}' is given twice (line {line})")
            seen.add(key)
        return super().construct_mapping(node, deep)  # type: ignore[misc]

    def _null(self, node: yaml.ScalarNode) -> None:
        self._want(node, _NULL, "no empty value")

    def _bool(self, node: yaml.ScalarNode) -> bool:
        return self._want(node, _BOOL, "neither true nor false").lower() == "true"

    def _int(self, node: yaml.ScalarNode) -> int:
        text = self._want(node, _INT, "no whole number")
        if len(text) > 18:
            raise Refused(f"a number of {len(text)} digits; at most 18 are read", node.start_mark)
        return int(text)

    def _float(self, node: yaml.ScalarNode) -> float:
        text = self._want(node, _FLOAT, "no number").lower()
        value = float(text.replace(".inf", "inf").replace(".nan", "nan"))
        if not math.isfinite(value):
            raise Refused(f"'{node.value[:40]}' is not a finite number", node.start_mark)
        return value

    def _str(self, node: yaml.ScalarNode) -> str:
        text = self.construct_scalar(node)  # type: ignore[attr-defined]
        if found := UNPRINTABLE.search(text):
            raise Refused(
                f"the text holds the character U+{ord(found[0]):04X}, which cannot be printed; write it out or leave "
                "it away",
                node.start_mark,
            )
        return str(text)

    def _want(self, node: yaml.ScalarNode, pattern: re.Pattern[str], what: str) -> str:
        """Return the text of a value that a tag, such as ``!!int``, may have been put before."""
        text = self.construct_scalar(node)  # type: ignore[attr-defined]
        if not pattern.fullmatch(text):
            raise Refused(f"'{text[:40]}' is {what}", node.start_mark)
        return str(text)


_KEPT = {key: yaml.SafeLoader.yaml_constructors[key] for key in (_PREFIX + "seq", _PREFIX + "map", None)}
_Core.yaml_constructors = _KEPT | {
    _PREFIX + name: getattr(_Core, f"_{name}") for name in ("null", "bool", "int", "float", "str")
}


class PlainLoader(_Core, yaml.SafeLoader):
    """The loader in Python, whose errors say more."""


class FastLoader(_Core, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The loader in C, ten times faster, where it is there: the graph of a run is built from some sixty files."""


def load(text: str) -> Any:
    """Read one YAML document.

    Raises:
        yaml.YAMLError: what cannot be read or is not taken, with its line and its key.
    """
    if len(text) > MOST_CHARACTERS:
        raise Refused(f"{len(text):,} characters; at most {MOST_CHARACTERS:,} are read", None)
    try:
        return _load(text, FastLoader)
    except Refused as problem:
        raise Refused(_with_place(problem, text, FastLoader), None) from None
    except yaml.YAMLError:  # the loader in Python has better words, or reads what the one in C cannot
        try:
            return _load(text, PlainLoader)
        except Refused as problem:
            raise Refused(_with_place(problem, text, PlainLoader), None) from None


def _load(text: str, kind: type[FastLoader | PlainLoader]) -> Any:
    loader = kind(text)
    loader.aliases = "*" in text and "&" in text
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def refuse_bombs(root: yaml.Node) -> None:
    """Refuse a document whose aliases write out to more, or deeper, than a text without aliases may be."""
    sizes: dict[int, tuple[int, int]] = {}
    open_nodes: set[int] = set()

    def size(node: yaml.Node) -> tuple[int, int]:
        if isinstance(node, yaml.ScalarNode):
            return 1, 1
        if id(node) in open_nodes:
            raise Refused("an alias stands inside of what it repeats", node.start_mark)
        if id(node) not in sizes:
            open_nodes.add(id(node))
            below = [size(child) for child in _children(node)]
            open_nodes.discard(id(node))
            sizes[id(node)] = 1 + sum(n for n, _ in below), 1 + max((d for _, d in below), default=0)
            if sizes[id(node)][0] > MOST_NODES or sizes[id(node)][1] > MOST_DEPTH:
                raise Refused("its aliases repeat each other until nothing could hold it", node.start_mark)
        return sizes[id(node)]

    size(root)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    for child in node.value:
        yield from child if isinstance(child, tuple) else (child,)


def _with_place(problem: Refused, text: str, kind: type[FastLoader | PlainLoader]) -> str:
    """Word a refusal with its key and line."""
    if problem.mark is None:
        return problem.problem
    line = f"line {problem.mark.line + 1}"
    try:
        root = yaml.compose(text, Loader=kind)
    except yaml.YAMLError:  # refused while it was composed: there are no keys to name
        return f"{problem.problem} ({line})"
    path = root and _path_to(root, (problem.mark.line, problem.mark.column), set())
    return f"at '{path.lstrip('.')}': {problem.problem} ({line})" if path else f"{problem.problem} ({line})"


def _path_to(node: yaml.Node, place: tuple[int, int], seen: set[int]) -> str | None:
    """Return the keys that lead to the value, or to the key, that stands at a place of the text; None where none do."""
    if (node.start_mark.line, node.start_mark.column) == place and isinstance(node, yaml.ScalarNode):
        return ""
    if isinstance(node, yaml.ScalarNode) or id(node) in seen:
        return None
    seen.add(id(node))
    pairs = isinstance(node, yaml.MappingNode)
    for number, child in enumerate(node.value, start=1):
        step = f".{child[0].value}" if pairs and isinstance(child[0], yaml.ScalarNode) else f"[{number}]"
        for one in child if pairs else (child,):
            if (found := _path_to(one, place, seen)) is not None:
                return step + found
    return None
