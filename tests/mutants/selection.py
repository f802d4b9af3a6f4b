"""Which faults are planted, and the tests that must find them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.mutants.operators import Mutant, mutants_of

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("did", "iv", "matching", "threshold", "spatial", "inference", "efficiency", "mediation", "placebo")
BESIDE = {"inference": ("did/test_small_sample.py", "did/test_singletons.py", "unit/test_scaled.py")}
"""Tests of a package outside its own folder."""


def package_of(file: str) -> str:
    """Return the package of a file below ``workflow/shidian``."""
    return Path(file).parts[2]


def where_tested(package: str) -> tuple[str, ...]:
    """Return where the tests of a package are."""
    return tuple(f"tests/{name}" for name in (package, *BESIDE.get(package, ())))


def every_mutant(root: Path, packages: Sequence[str]) -> list[Mutant]:
    """Return all faults that can be planted in the packages."""
    files = [path for p in packages for path in sorted((root / "workflow" / "shidian" / p).rglob("*.py"))]
    return [m for path in files for m in mutants_of(path.relative_to(root).as_posix(), path.read_bytes())]


def chosen(mutants: Iterable[Mutant], number: int, seed: int) -> list[Mutant]:
    """Return ``number`` faults in as many lines, by the digest of seed, file, line and fault.

    A line that is edited changes its own digest only, so that the choice stays the same elsewhere.
    """
    by_line: dict[tuple[str, str], Mutant] = {}
    for planted in sorted(mutants, key=lambda m: (_digest(m, seed), m.start)):
        by_line.setdefault((planted.file, planted.text), planted)
    return sorted(list(by_line.values())[:number], key=lambda m: (m.file, m.line))


def _digest(planted: Mutant, seed: int) -> str:
    place = f"{seed}|{planted.file}|{planted.text}|{planted.reads}"
    return hashlib.sha256(place.encode()).hexdigest()
