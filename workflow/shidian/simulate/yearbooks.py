"""Write the simulated yearbooks of a seed, level by level, with truth and key beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from shidian.errors import SimulationError, nearest
from shidian.simulate.catalogue import SIMULATED, check_variables, family
from shidian.simulate.lists import write_frame, write_pilots
from shidian.simulate.mess import planted_gaps
from shidian.simulate.units import read_provinces
from shidian.simulate.volumes import Volume, write_volume
from shidian.simulate.work_reports import write_reports
from shidian.simulate.world import Size, World
from shidian.simulate.worlds import WORLDS

LEVELS = tuple(WORLDS)
NOTICE = (
    f"{SIMULATED}\nEvery number in this folder was made by a program from config/truth and a seed. Names and codes of\n"
    "places are real; nothing else is. See truth.yaml for what was planted and key.csv for the mess.\n"
)


def write_yearbooks(
    folder: Path, seed: int, *, size: Size | None = None, levels: Iterable[str] = LEVELS,
    years: Mapping[str, Iterable[int]] | None = None, jobs: int = 1,
) -> None:  # fmt: skip
    """Simulate and write the yearbooks: one seed, the same bytes.

    Args:
        folder: where to write; made when absent.
        seed: seed of the world.
        size: a small world; full size when None.
        levels: which yearbooks.
        years: level -> data years to write; all when None. The simulated numbers do not depend on it.
        jobs: processes; the bytes do not depend on it.

    Raises:
        SimulationError: an unknown level or year, moments that cannot be attained, a batch larger than its pool, a
            study variable that no table provides.
    """
    for level in levels:
        write_level(level, folder, seed, size=size, years=(years or {}).get(level), jobs=jobs)


def write_level(
    level: str, folder: Path, seed: int, *, size: Size | None = None, years: Iterable[int] | None = None, jobs: int = 1
) -> None:
    """Write the yearbooks of one level into ``folder/<level>``, what was planted beside them.

    Into ``folder/units`` and ``folder/pilots`` go the list of units and the pilot lists, into ``folder/true_values``
    the true values by study. Arguments as :func:`write_yearbooks`; ``years`` are those of this level.
    """
    world = _world(level, seed, size)
    (folder / level).mkdir(parents=True, exist_ok=True)
    (folder / level / "SIMULATED.txt").write_text(NOTICE, encoding="utf-8", newline="\n")
    volumes = _write_volumes(world, sorted(years or world.years.tolist()), seed, folder, jobs)
    write_frame(world, folder)
    for panel in world.panels.values():
        if panel.truth.treatment.batches:
            write_pilots(panel, folder)
    write_truth(folder, world, volumes, seed, size)


def write_all_reports(folder: Path, seed: int) -> None:
    """Write the government work reports of all provinces as text, with their key."""
    reports = write_reports(read_provinces(), seed, folder)
    reports.to_csv(folder / "work_reports" / "key.csv", index=False, lineterminator="\n")


def _world(level: str, seed: int, size: Size | None) -> World:
    if level not in WORLDS:
        raise SimulationError(f"no yearbooks of level '{level}'{nearest(level, WORLDS)}")
    world = WORLDS[level](seed, size)
    for study, panel in world.panels.items():
        baseline = panel.truth.baseline
        regressors = [*panel.truth.covariates, baseline.outcome, baseline.regressor, *baseline.controls]
        check_variables(study, level, [v for v in dict.fromkeys(regressors) if v in panel.variables])
    return world


def _write_volumes(world: World, years: list[int], seed: int, folder: Path, jobs: int) -> list[Volume]:
    write = partial(_write_one, world=world, seed=seed, folder=folder, gaps=planted_gaps(seed, world))
    if jobs <= 1:
        return [write(year) for year in years]
    with ProcessPoolExecutor(
        jobs, get_context("fork")
    ) as pool:  # others would import the job's script, which is one job
        return list(pool.map(write, years))


def _write_one(year: int, world: World, seed: int, folder: Path, gaps: set[tuple[str, str, int]]) -> Volume:
    return write_volume(world, year, seed, folder, gaps)


def write_truth(folder: Path, world: World, volumes: list[Volume], seed: int, size: Size | None) -> None:
    """Write what was planted: truth.yaml, key.csv, planted.parquet and corrections.yaml, and the true values."""
    beside = folder / world.level
    key = pd.concat([v.key for v in volumes], ignore_index=True)
    key.to_csv(beside / "key.csv", index=False, lineterminator="\n")
    planted = pd.concat([v.planted for v in volumes], ignore_index=True)
    planted.to_parquet(beside / "planted.parquet", index=False, compression="zstd")
    _dump(beside / "corrections.yaml", {"corrections": corrections(key)})
    (folder / "true_values").mkdir(exist_ok=True)
    for study, panel in world.panels.items():
        names = [v for v in panel.truth.equations if v in panel.variables]
        columns = ["unit", "unit_name", "year", "adoption_year", *names]
        path = folder / "true_values" / f"{study}.csv"
        panel.frame()[columns].to_csv(path, index=False, lineterminator="\n", float_format="%.10g")
    content: dict[str, Any] = {
        "note": SIMULATED, "seed": seed, "version": version("shidian"),
        "size": asdict(size) if size else "full",
        "studies": {study: {"truth": dict(p.truth.raw)} for study, p in sorted(world.panels.items())},
    }  # fmt: skip
    _dump(beside / "truth.yaml", content)


def corrections(key: pd.DataFrame) -> list[dict[str, str]]:
    """Return the entries of corrections.yaml for the planted misprints; files are numbered by year from the first."""
    entries = []
    for row in key[key["kind"] == "misprint"].itertuples():
        level = str(row.file).split("/")[0]
        kind = family(level)
        year = int(str(row.file).rsplit("_", 1)[1].removesuffix(".xlsx"))
        number = year - FIRST_YEARS[level] + 1
        entries.append(
            {
                "cell_id": f"{kind.source}/{number}/{row.sheet}!{row.cell}",
                "expected": str(row.printed),
                "corrected": str(row.true),
                "reason": "planted misprint of the simulated yearbook; the true number is in its key",
            }
        )
    return entries


FIRST_YEARS = {"city": 2002, "county": 2014, "province": 2011}
"""Year of file number 1 of each source."""


def _dump(path: Path, content: Any) -> None:
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)
    path.write_text(text, encoding="utf-8", newline="\n")
