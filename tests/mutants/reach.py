"""Which tests run which functions, noted while the tests pass without a fault: a fault is tried on those alone."""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.mutants.selection import ROOT

if TYPE_CHECKING:
    from tests.mutants.operators import Mutant

Span = tuple[str, int, int]
"""File below the project's root, first and last line of a function."""


@dataclass(frozen=True)
class Reach:
    """The tests of a package: how many seconds each takes and what it runs, and how many all may take for a fault."""

    seconds: Mapping[str, float]
    runs: Mapping[str, frozenset[Span]]
    budget: float = float("inf")
    source: Callable[[str], str] = lambda file: ""

    def tests(self, planted: Mutant) -> tuple[str, ...]:
        """Return the tests that run the innermost function around a fault, the quickest first.

        Compiled functions and constants of a module are seen by nobody: there it is the tests that run anything of
        the file, where none does of a file that imports it, and where none does, all.
        """
        file, line = planted.file, planted.line
        around = {s for spans in self.runs.values() for s in spans if s[0] == file and s[1] <= line <= s[2]}
        inner = min(around, key=lambda span: (span[2] - span[1], span), default=None)
        found = [name for name, spans in self.runs.items() if inner in spans]
        found = found or self._in({file}) or self._in(self._importers(file))
        quickest = sorted(found or self.runs, key=lambda name: self.seconds[name])
        within = np.cumsum([self.seconds[name] for name in quickest]) <= self.budget
        return tuple(name for i, name in enumerate(quickest) if within[i] or i == 0)

    def _in(self, files: set[str]) -> list[str]:
        return [name for name, spans in self.runs.items() if any(span[0] in files for span in spans)]

    def _importers(self, file: str) -> set[str]:
        seen = {span[0] for spans in self.runs.values() for span in spans}
        return {path for path in seen if f"{Path(file).stem} import " in self.source(path)}

    def usual(self, tests: tuple[str, ...]) -> float:
        """Return the seconds that the tests take together."""
        return sum(self.seconds[name] for name in tests)


class Recorder:
    """A plugin of pytest that notes the functions below ``root`` that each test runs, itself or in a fixture."""

    def __init__(self, root: Path) -> None:
        self.root = f"{root.resolve()}/"
        self._tests: dict[str, dict[int, CodeType]] = {}
        self._fixtures: dict[str, dict[int, CodeType]] = defaultdict(dict)
        self._used: dict[str, list[str]] = {}
        self._seconds: dict[str, float] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
        with _Traced(self._fixtures[fixturedef.argname]):
            yield

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        with _Traced(self._tests.setdefault(item.nodeid, {})) as traced:
            yield
        self._seconds[item.nodeid] = traced.seconds
        self._used[item.nodeid] = list(getattr(item, "fixturenames", ()))

    def write(self, path: Path) -> None:
        """Write what was noted, for :func:`read`."""
        fixtures = defaultdict(set, {name: self._spans(codes) for name, codes in self._fixtures.items()})
        tests = {name: self._spans(codes) for name, codes in self._tests.items()}
        noted = {
            name: [self._seconds[name], sorted(set().union(codes, *(fixtures[used] for used in self._used[name])))]
            for name, codes in tests.items()
        }
        path.write_text(json.dumps(noted))

    def _spans(self, codes: Mapping[int, CodeType]) -> set[Span]:
        ours = (code for code in codes.values() if code.co_filename.startswith(self.root))
        return {
            (code.co_filename.removeprefix(self.root), code.co_firstlineno, max(n or 0 for *_, n in code.co_lines()))
            for code in ours
        }


def read(path: Path, budget: float) -> Reach:
    """Read what :class:`Recorder` wrote."""
    noted = json.loads(path.read_text())
    runs = {name: frozenset((file, first, last) for file, first, last in spans) for name, (_, spans) in noted.items()}
    return Reach({name: seconds for name, (seconds, _) in noted.items()}, runs, budget, _source)


def _source(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


class _Traced:
    """Note the code of every function that is called in between."""

    def __init__(self, codes: dict[int, CodeType]) -> None:
        self.codes, self.seconds = codes, 0.0

    def __enter__(self) -> _Traced:
        self._start, self._before = time.process_time(), sys.gettrace()
        codes = self.codes

        def called(frame: FrameType, event: str, arg: Any) -> None:
            code = frame.f_code
            codes[id(code)] = code

        sys.settrace(called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)
        self.seconds = time.process_time() - self._start
