"""The truth tables of green_innovation_cities over many workbooks: what each number of them recovers, seed by seed.

A table warns of its own world; one world is one draw. Here a number fails where its 95% intervals hold the pseudo-true
value in fewer worlds than the exact binomial band allows, and scores or extraction fail where they do so in any world.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from shidian.exhibits.result import ExhibitResult, read_result
from shidian.exhibits.truth.efficiency_recovery.estimate import EFFICIENT, FEW, LEAST_RANK, LOWEST

from tests.monte_carlo.gates import band

STUDY = "green_innovation_cities"
RECOVERED, SCORES = "comparisons/recovered", "recovery/efficiency_recovery"
EXTRACTION = "grades/extraction_grade"
FILES = (RECOVERED, SCORES, EXTRACTION)
HOLDS = 5
"""Place of "Holds pseudo-true" among the cells of Table A1; the pseudo-true value and the estimate stand at 1 and 2."""
HEAD = f"""
## Truth tables of {STUDY}

What the study's own truth tables say in these worlds. *held in*: share of the seeds in which the 95% interval of the
number holds its pseudo-true value, and the least that the exact binomial band allows (99.9%, Bonferroni over the
numbers of this table); pseudo-true values and estimates are means. Intervals may hold it too often: where a policy
works in few cities, clustered errors count how far its effects lie apart ([second_stage.md](second_stage.md)).

| number | pseudo-true | recovered | held in | least | passes |
|---|---|---|---|---|---|
"""
FOOT = """Lowest rank correlation of scores with the truth within a year: {rank:.3f} (at least {least:g} is asked for);
efficient cities a year: {low:.1f} to {high:.1f} (at least {few}); items of the extraction that are wrong: {wrong:.0f}
(none). Of the {n} seeds, Table A1 has a warning in {recovered}, Truth 1 in {scores} (it warns where one of two 95%
intervals misses), Truth 2 in {extraction}. """


def targets(results: str) -> list[str]:
    """Return the files of the truth tables below a folder of results."""
    return [f"{results}/{STUDY}/{name}.json" for name in FILES]


def read_tables(folder: Path) -> Mapping[str, Any]:
    """Return what the truth tables of one world say.

    Returns:
        ``numbers``: name -> [pseudo-true value, estimate, whether the interval holds it]; ``lowest rank``,
        ``efficient`` units a year; ``wrong`` items of the extraction; ``warnings``.
    """
    found = {name: read_result(str(folder / f"{name}.json")) for name in FILES}
    scores = found[SCORES].estimates
    closeness = scores[scores["column"] == "closeness"].set_index("term")["estimate"]
    graded = found[EXTRACTION].estimates
    return {
        "numbers": dict(_recovered(found[RECOVERED])) | dict(_effects(found[SCORES])),
        "lowest rank": float(closeness[LOWEST]), "efficient": float(closeness[EFFICIENT]),
        "wrong": float(graded.loc[graded["column"] == "wrong", "estimate"].sum()),
        "warnings": {name: list(result.warnings) for name, result in found.items()},
    }  # fmt: skip


def _recovered(result: ExhibitResult) -> Iterator[tuple[str, list[Any]]]:
    known, heading = result.estimates.set_index(["column", "term"])["estimate"], ""
    for row in result.table.rows:
        held = row.cells[HOLDS].text if len(row.cells) > HOLDS else ""
        if held not in ("yes", "no"):
            heading = heading if held else str(row.label)
            continue
        values = [float(known[cell.ref[:2]]) for cell in row.cells[1:3] if cell.ref is not None]
        yield f"{heading}: {row.label}".strip(": "), [*values, held == "yes"]


def _effects(result: ExhibitResult) -> Iterator[tuple[str, list[Any]]]:
    rows = result.estimates[result.estimates["column"] != "closeness"].groupby("column", sort=False).first()
    truth = float(rows.loc["Without disturbances", "estimate"])
    for name in ("Scores", "True efficiency"):
        row = rows.loc[name]
        yield (
            f"Truth 1: did, {name.lower()}",
            [truth, float(row["estimate"]), bool(row["ci_low"] <= truth <= row["ci_high"])],
        )


def verdicts(worlds: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one row a number: mean pseudo-true value and estimate, share held, the least share, whether it passes."""
    names = list(worlds[0]["numbers"])
    least = band(len(worlds), 0.95, len(names))[0]
    rows = []
    for name in names:
        found = np.array([world["numbers"][name] for world in worlds], dtype=float)
        held = float(found[:, 2].mean())
        rows.append({"number": name, "truth": found[:, 0].mean(), "estimate": found[:, 1].mean(), "held": held,
                     "least": least, "passes": held >= least})  # fmt: skip
    return rows


def failures(worlds: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what does not hold over the worlds, in words; none where the tables pass."""
    found = [f"{r['number']}: held in {r['held']:.2f} of the seeds" for r in verdicts(worlds) if not r["passes"]]
    for key, holds, words in (
        ("lowest rank", lambda x: x >= LEAST_RANK, "rank correlation of scores within a year"),
        ("efficient", lambda x: x >= FEW, "efficient cities a year"),
        ("wrong", lambda x: x == 0, "items of the extraction that are wrong"),
    ):
        off = [world[key] for world in worlds if not holds(world[key])]
        if off:
            found.append(f"{words}: {off[0]:g} in one of {len(off)} seeds")
    return found


def section(worlds: Sequence[Mapping[str, Any]]) -> str:
    """Return the page's section."""
    lines = [
        f"| {r['number']} | {r['truth']:.5f} | {r['estimate']:.5f} | {r['held']:.2f} | {r['least']:.2f} | "
        f"{'yes' if r['passes'] else 'NO'} |"
        for r in verdicts(worlds)
    ]
    ranks, efficient, wrong = ([world[key] for world in worlds] for key in ("lowest rank", "efficient", "wrong"))
    warned = {name: sum(bool(world["warnings"][name]) for world in worlds) for name in FILES}
    said = failures(worlds)
    end = f"Does NOT hold: {'; '.join(said)}." if said else "All hold."
    text = FOOT.format(
        rank=min(ranks), least=LEAST_RANK, low=min(efficient), high=max(efficient), few=FEW, wrong=sum(wrong),
        n=len(worlds), recovered=warned[RECOVERED], scores=warned[SCORES], extraction=warned[EXTRACTION],
    )  # fmt: skip
    return HEAD + "\n".join(lines) + f"\n\n{text}{end}\n"
