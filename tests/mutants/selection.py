"""Which faults are planted, and the tests that must find them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.mutants.operators import Mutant, mutants_of

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("did", "iv", "matching", "threshold", "spatial", "inference", "efficiency", "mediation", "placebo")
TESTS: dict[str, str] = {
    "inference": "inference did/test_small_sample.py",
    "matching": "matching",
    "iv": "iv",
    "threshold": "threshold",
    "mediation": "mediation",
    "efficiency": "efficiency/test_reference.py efficiency/test_productivity.py efficiency/test_properties.py "
    "efficiency/test_engines.py efficiency/test_bad_input.py efficiency/test_exhibits.py",
    "efficiency/bootstrap": "efficiency/test_bootstrap_by_hand.py efficiency/test_bootstrap.py",
    "efficiency/cleaning": "efficiency/test_bad_input.py efficiency/test_exhibits.py",
    "efficiency/productivity": "efficiency/test_productivity.py efficiency/test_exhibits.py",
    "efficiency/declared": "efficiency/test_model_years.py efficiency/test_bad_input.py efficiency/test_exhibits.py "
    "derive",
    "placebo": "placebo/test_placebo_draws.py placebo/test_placebo_against_feols.py placebo/test_placebo_exhibit.py",
    "placebo/streams": "placebo/test_placebo_streams.py placebo/test_placebo_assign.py",
    "placebo/assign": "placebo/test_placebo_assign.py placebo/test_placebo_draws.py",
    "placebo/fisher": "placebo/test_placebo_fisher.py placebo/test_placebo_exhibit.py",
    "placebo/distribution": "placebo/test_placebo_distribution.py",
    "placebo/event_study": "placebo/test_placebo_estimators.py placebo/test_placebo_exhibit.py",
    "placebo/staggered": "placebo/test_placebo_estimators.py",
    "placebo/registry": "placebo/test_placebo_estimators.py",
    "spatial": "spatial/test_models.py spatial/test_reference.py",
    "spatial/arrays": "spatial/test_models.py spatial/test_weights.py spatial/test_exhibits.py",
    "spatial/classes": "spatial/test_space.py",
    "spatial/conley": "spatial/test_space.py",
    "spatial/moran": "spatial/test_by_hand.py spatial/test_space.py spatial/test_reference.py spatial/test_exhibits.py",
    "spatial/selection": "spatial/test_by_hand.py spatial/test_models.py spatial/test_reference.py",
    "spatial/rings": "spatial/test_space.py",
    "spatial/distance": "spatial/test_by_hand.py spatial/test_weights.py spatial/test_exhibits.py",
    "spatial/weights": "spatial/test_by_hand.py spatial/test_weights.py spatial/test_exhibits.py",
    "spatial/weights_summary": "spatial/test_by_hand.py spatial/test_weights.py spatial/test_exhibits.py",
    "spatial/logdet": "spatial/test_weights.py spatial/test_models.py",
    "spatial/symmetric": "spatial/test_weights.py spatial/test_models.py",
    "did": "did/test_imputation.py did/test_second_engine.py did/test_staggered.py did/test_exhibits.py",
    "did/within": "did/test_small_sample.py did/test_twfe.py threshold iv/test_bad_input.py",
    "did/twfe": "did/test_twfe.py",
    "did/bacon": "did/test_bacon.py did/test_bacon_controls.py",
    "did/bacon_controls": "did/test_bacon_controls.py",
    "did/event_study": "did/test_event_study.py did/test_cohorts.py did/test_exhibits.py",
    "did/wald": "did/test_event_study.py did/test_equal_effects.py",
    "did/heterogeneity": "did/test_weights_honest_bootstrap.py did/test_exhibits.py",
    "did/honest": "did/test_weights_honest_bootstrap.py",
    "did/twfe_weights": "did/test_weights_honest_bootstrap.py",
    "did/wild_bootstrap": "did/test_weights_honest_bootstrap.py",
    "did/callaway_santanna": "did/test_staggered.py",
    "did/sun_abraham": "did/test_staggered.py",
    "did/lp_did": "did/test_staggered.py",
}
"""Package or module -> its tests below ``tests``, the quickest first; the first that fails ends a trial."""


def selected_tests(file: str) -> tuple[str, ...]:
    """Return the tests to try on a fault in a file: of its module where it has its own, else of its package."""
    module = Path(file).relative_to("workflow/shidian").with_suffix("").as_posix()
    return tuple(f"tests/{name}" for name in TESTS.get(module, TESTS[module.split("/")[0]]).split())


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
