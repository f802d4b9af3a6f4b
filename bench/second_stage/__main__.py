"""Measure the worlds that are not kept yet, write the page, and fail where the recommended column does."""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from shidian.errors import SimulationError

from bench.second_stage.found import BOOTSTRAPS, PEERS, SCORES, row
from bench.second_stage.page import page, verdicts
from bench.second_stage.worlds import DESIGNS

ROOT = Path(__file__).resolve().parents[2]
PAGE, KEPT = ROOT / "docs" / "second_stage.md", ROOT / "results" / "second_stage.jsonl"


def measure(seed: int, design: str, part: str) -> Mapping[str, Any]:
    """Return what is found in a world, or why the simulator refuses it."""
    try:
        return row(seed, design, part)
    except SimulationError as error:
        return {"seed": seed, "design": design, "part": part, "refused": str(error)}


def missing(kept: Sequence[Mapping[str, Any]], design: str, part: str, wanted: int) -> Iterator[Mapping[str, Any]]:
    """Measure the worlds that lack to so many of a design, from the first seed on; a refused one is replaced."""
    known = {line["seed"]: "remedies" in line for line in kept if (line["design"], line["part"]) == (design, part)}
    found = 0
    for seed in range(1, 2 * wanted + 1):
        if found == wanted:
            return
        if seed not in known:
            line = measure(seed, design, part)
            known[seed] = "remedies" in line
            yield line
        found += known[seed]


def main() -> int:
    """Measure, write, and return how many designs the recommended column fails in."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=500, help="worlds of each design")
    parser.add_argument("--remedied", type=int, default=68, help="worlds of each design with remedies")
    parser.add_argument("--page-only", action="store_true", help="write the page of the worlds that are kept")
    options = parser.parse_args()
    KEPT.parent.mkdir(exist_ok=True)
    kept = [json.loads(line) for line in KEPT.read_text(encoding="utf-8").splitlines()] if KEPT.is_file() else []
    counts = {SCORES: options.worlds, PEERS: options.remedied, BOOTSTRAPS: options.remedied}
    for part, design in () if options.page_only else itertools.product(counts, DESIGNS):
        for line in missing(tuple(kept), design, part, counts[part]):
            kept.append(line)
            with KEPT.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
    PAGE.write_text(page(kept), encoding="utf-8")
    failed = verdicts(kept)
    print("\n".join(failed) or "the recommended column holds")
    return len(failed)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
