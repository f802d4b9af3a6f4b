"""Paths of raw files as source files write them: braces expanded, nothing outside the raw-data folder."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from shidian.errors import SourceError

PACKAGE_PREFIX = "package:"
MOST_FILES = 20_000
"""Most files that one path with braces stands for."""
_LONGEST_PART, _LONGEST = 255, 1000
"""Most bytes of the name of a file or folder, which no file system exceeds, and most characters of a path."""
_BRACES = re.compile(r"\{([^{}]*(?:,|\.\.)[^{}]*)\}")
_SPAN = re.compile(r"(\d{1,4000})\.\.(\d{1,4000})")


def expand(path: str) -> Iterator[str]:
    """Give every path that braces stand for, the last brace changing fastest.

    >>> list(expand("reports/{44,51}_{2004..2006}.txt"))[:4]
    ['reports/44_2004.txt', 'reports/44_2005.txt', 'reports/44_2006.txt', 'reports/51_2004.txt']
    >>> list(expand("{08..10}.csv"))
    ['08.csv', '09.csv', '10.csv']

    Raises:
        SourceError: they stand for no file, or for more than ``MOST_FILES``.
    """
    found = list(_BRACES.finditer(path))
    choices = [_choices(one[1]) for one in found]
    count = math.prod(map(len, choices))
    if not 0 < count <= MOST_FILES:
        words = "no file" if not count else f"{count:,} files; at most {MOST_FILES:,} are read"
        raise SourceError(f"the braces of '{path[:200]}' stand for {words}")
    ends = [0, *(one.end() for one in found)]
    starts = [*(one.start() for one in found), len(path)]
    return _filled([path[end:start] for end, start in zip(ends, starts, strict=True)], choices)


def _choices(inside: str) -> Sequence[str]:
    """Return what one pair of braces stands for; ``08..10`` keeps its zeros."""
    span = _SPAN.fullmatch(inside)
    if not span:
        return [choice.strip() for choice in inside.split(",")]
    first, last = int(span[1]), int(span[2])
    if last - first >= MOST_FILES:
        raise SourceError(
            f"the braces {{{inside}}} stand for {last - first + 1:,} files; at most {MOST_FILES:,} are read"
        )
    width = len(span[1]) if span[1].startswith("0") else 0
    return [str(number).zfill(width) for number in range(first, last + 1)]


def _filled(between: list[str], choices: list[Sequence[str]]) -> Iterator[str]:
    """Give the texts between braces joined by every choice."""
    if not choices:
        yield between[0]
        return
    for choice in choices[0]:
        for rest in _filled(between[1:], choices[1:]):
            yield between[0] + choice + rest


def refuse_outside(path: str) -> None:
    """Refuse a path that does not stay below the raw-data folder, or below the installed package that it names.

    Raises:
        SourceError: it is absolute, climbs by ``..``, or names a module inside of a package, which only importing
            the package would find.
    """
    shown = path if len(path) <= 200 else f"{path[:200]} ..."
    package, slash, inner = path.removeprefix(PACKAGE_PREFIX).partition("/")
    of_package = path.startswith(PACKAGE_PREFIX)
    if of_package and not (re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", package) and slash):
        raise SourceError(
            f"path '{shown}': write package:NAME/PATH, NAME being that of an installed package, no part of one"
        )
    plain = inner if of_package else path
    if plain.startswith("/") or re.match(r"[A-Za-z]:", plain) or "\\" in plain:
        raise SourceError(
            f"path '{shown}': an absolute path, or one with backslashes; write it from the raw-data folder on, with "
            "'/' between folders"
        )
    if any(part in ("", ".", "..") for part in plain.split("/")):
        raise SourceError(
            f"path '{shown}': write it from the raw-data folder on, without '..', '.' or a doubled '/'; files outside "
            "of the folder are not read"
        )
    if len(path) > _LONGEST or any(len(part.encode()) > _LONGEST_PART for part in plain.split("/")):
        raise SourceError(f"path '{shown}': longer than the name of a file can be")
