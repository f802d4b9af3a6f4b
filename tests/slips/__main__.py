"""Plant slips in real panels and write what is found of them: ``python -m tests.slips`` (make slips) -> docs/slips.md.

The panels are read from $SHIDIAN_SHARED/china by the shipped source files; each trial is a study of a dozen columns.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from shidian.slips.find import find_slips
from shidian.slips.finding import Finding
from shidian.slips.paths import paths_of
from shidian.slips.records import sizes_of
from shidian.yearbook.extract import extract_files
from shidian.yearbook.source import load_source

from .more_plants import MORE_PLANTS
from .plants import PLANTS, Volumes, real_volumes

ROOT = Path(__file__).resolve().parents[2]
RAW = Path(os.environ.get("SHIDIAN_SHARED", "../shared")) / "china"
PANELS = {
    "city_yearbook_wan": (2013, 2019),
    "city_sector_structure": (2003, 2019),
    "city_loans_deposits": (2005, 2019),
}
"""Source -> the years in which most of its columns have most of their units."""
COLUMNS = 12


@dataclass(frozen=True)
class Trial:
    """One planted slip: whether it was found near its volume, and whether it stopped."""

    kind: str
    found: bool
    stopped: bool


def main() -> None:
    """Run the trials and write the page."""
    asked = argparse.ArgumentParser(prog="python -m tests.slips", description=__doc__)
    asked.add_argument("--studies", type=int, default=4, help="studies drawn from each panel")
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    rng = np.random.default_rng(options.seed)
    trials: list[Trial] = []
    alarms: list[tuple[str, Finding]] = []
    studies = 0
    for source, (first, last) in PANELS.items():
        for values in _studies(source, first, last, options.studies, rng):
            studies += 1
            before = _found(values)
            alarms += [(source, one) for one in before]
            planted = (_trial(kind, values, before, rng) for kind in {**PLANTS, **MORE_PLANTS})
            trials += [one for one in planted if one is not None]
    page = _page(pd.DataFrame(trials), alarms, studies)
    (ROOT / "docs" / "slips.md").write_text(page, encoding="utf-8")


def _studies(source: str, first: int, last: int, count: int, rng: np.random.Generator) -> Iterator[pd.DataFrame]:
    """Give the values of some columns of a source, drawn anew for each study."""
    declared = load_source(ROOT / "config" / "sources" / f"{source}.yaml")
    records = extract_files(declared, range(1, len(declared.files) + 1), RAW).records
    numbers = records[records["value"].notna() & records["year"].between(first, last)]
    whole = numbers[~numbers["measure"].isin(["%", "‰", "1"])]
    rows = whole.groupby("indicator").size()
    names = rows.index[rows > 0.85 * rows.max()]
    for _ in range(count):
        chosen = rng.choice(names, min(COLUMNS, len(names)), replace=False)
        yield real_volumes(records, list(chosen), first, last)


def _found(values: pd.DataFrame) -> list[Finding]:
    paths = paths_of(values, sizes_of(values["measure"].unique()))
    return find_slips(paths, np.array([unit[:2] for unit in paths[0].units], dtype=object))


def _trial(kind: str, values: pd.DataFrame, before: list[Finding], rng: np.random.Generator) -> Trial | None:
    """Plant one slip and look for it among what was not found before; None where it changes no number."""
    order = tuple(map(str, rng.permutation(values["series"].unique())))
    first, last = int(values["period"].min()), int(values["period"].max())
    planted = {**PLANTS, **MORE_PLANTS}[kind](Volumes(values, order, int(rng.integers(first + 2, last - 1)), rng))
    if planted.values.reset_index(drop=True).equals(values.reset_index(drop=True)):
        return None
    known = {(one.kind, one.period, one.series) for one in before}
    new = [one for one in _found(planted.values) if (one.kind, one.period, one.series) not in known]
    near = [one for one in new if abs(one.period - planted.period) <= 1 and set(one.series) & set(planted.series)]
    return Trial(kind, bool(near), any(one.grade == "stop" for one in near))


def _page(trials: pd.DataFrame, alarms: list[tuple[str, Finding]], studies: int) -> str:
    """Write docs/slips.md."""
    text = (Path(__file__).parent / "page.md").read_text(encoding="utf-8")
    rates = trials.groupby("kind", sort=False)[["found", "stopped"]].mean()
    rows = [f"| {kind} | {r['found']:.0%} | {r['stopped']:.0%} |" for kind, r in rates.iterrows()]
    stops = sum(one.grade == "stop" for _, one in alarms)
    unplanted = dict.fromkeys(f"- {source}, {one.period}: {one.said} ({one.grade})" for source, one in alarms)
    summary = (
        f"{len(trials)} slips of {len(rates)} kinds were planted in {studies} studies of up to {COLUMNS} columns of "
        f"{len(PANELS)} real panels: {trials['found'].mean():.1%} were found, {trials['stopped'].mean():.1%} stopped "
        f"the run. Without a planted slip there were {len(alarms) / studies:.2f} findings a study, "
        f"{stops / studies:.2f} of them stopping."
    )
    table = "\n".join(["| planted | found | stopped |", "|---|---|---|", *rows])
    return text.format(summary=summary, table=table, alarms="\n".join(unplanted) or "none")


if __name__ == "__main__":
    main()
