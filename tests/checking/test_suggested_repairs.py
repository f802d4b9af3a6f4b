"""Slips of whole volumes, found, written out as repairs, accepted: the values are those before the slips."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from shidian.checking.command import check_source
from shidian.errors import SourceError
from shidian.slips.records import findings_of
from shidian.yearbook.corrections import load_corrections
from shidian.yearbook.extract import Extraction, extract_files
from shidian.yearbook.source import Source, load_source

SERIES = ("gdp", "revenue", "spending", "science", "education")
YEARS = range(2004, 2016)
CODES = tuple(f"{province}{city:02d}00" for province in (13, 21, 32, 41, 43) for city in range(1, 13))
SOURCE = """\
source: volumes
title: Twelve made volumes
publisher: the tests
citation: none
licence: MIT
url: ""
accessed: 2026-11
redistributable: true
files: [{path: "{2004..2015}.csv", what: made by the tests}]
tables:
  - layout: flat
    file_name: "{year}.csv"
    unit: {level: city, code: code}
    year: {from_file: true}
    columns:
"""


def truth() -> dict[int, pd.DataFrame]:
    """Return what each volume should print: cities that grow, each with its own size and noise."""
    rng = np.random.default_rng(4)
    size, found = rng.normal(0, 1, len(CODES)), {}
    own = rng.normal(0, 0.4, (len(CODES), len(SERIES)))
    walk = np.zeros((len(CODES), len(SERIES)))
    for year in YEARS:
        walk = walk + rng.normal(0.07, 0.02, walk.shape)
        values = np.exp(9 - np.arange(len(SERIES)) * 0.8 + size[:, None] + own + walk).round(2)
        found[year] = pd.DataFrame(values, index=list(CODES), columns=list(SERIES))
    return found


def planted(right: dict[int, pd.DataFrame]) -> dict[int, pd.DataFrame]:
    """Return the volumes with five mistakes: two exchanges, a province ten times, rows slipped, 亿元 under 万元."""
    wrong = {year: one.copy() for year, one in right.items()}
    wrong[2007][["revenue", "spending"]] = right[2007][["spending", "revenue"]].to_numpy()
    wrong[2011]["gdp"] = (right[2011]["gdp"] / 1e4).round(6)
    wrong[2014][["education", "gdp"]] = right[2014][["gdp", "education"]].to_numpy()
    wrong[2006].loc[[code for code in CODES if code.startswith("32")], "science"] *= 10
    column = right[2008]["spending"].to_numpy().copy()
    column[20:40] = right[2008]["spending"].to_numpy()[19:39]
    wrong[2008]["spending"] = column
    return wrong


def write(folder: Path, volumes: dict[int, pd.DataFrame]) -> Source:
    for year, one in volumes.items():
        with (folder / f"{year}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["code", *SERIES])
            writer.writerows([code, *row] for code, row in zip(CODES, one.to_numpy().tolist(), strict=True))
    columns = "".join(f"      {name}: {{header: {name}, measure: 万元}}\n" for name in SERIES)
    (folder / "volumes.yaml").write_text(SOURCE + columns, encoding="utf-8")
    return load_source(folder / "volumes.yaml")


def read(folder: Path, source: Source, corrections: Path | None = None) -> Extraction:
    declared = load_corrections(corrections) if corrections else ()
    return extract_files(source, range(1, len(source.files) + 1), folder, declared)


def test_five_planted_mistakes_are_repaired_as_suggested(tmp_path: Path) -> None:
    right = truth()
    source = write(tmp_path, planted(right))
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "corrections.yaml").write_text("corrections: []\n", encoding="utf-8")
    checked = check_source(tmp_path, str(tmp_path / "volumes.yaml"), {"raw_data": str(tmp_path)}, tmp_path, str)
    assert "Suggested repairs of whole volumes: 5, in" in checked.text
    suggested = (tmp_path / ".checks" / "volumes.volumes.yaml").read_text(encoding="utf-8")
    entries = yaml.safe_load(suggested)["volumes"]
    said = {(entry["file"], *entry["series"]): entry for entry in entries}
    assert said["2011.csv", "gdp"]["factor"] == 10_000
    assert said["2006.csv", "science"]["factor"] == 0.1
    assert {code[:2] for code in said["2006.csv", "science"]["units"]} == {"32"}
    assert said["2007.csv", "revenue", "spending"]["exchange"] is True
    assert said["2014.csv", "education", "gdp"]["exchange"] is True
    slipped = said["2008.csv", "spending"]
    assert slipped["belong"] == -1
    assert len(entries) == 5

    (tmp_path / "corrections.yaml").write_text(f"{suggested}corrections: []\n", encoding="utf-8")
    repaired = read(tmp_path, source, tmp_path / "corrections.yaml")
    found = repaired.records.set_index(["indicator", "year", "unit_code"]).sort_index()
    wrong = []
    for year in YEARS:
        for name in SERIES:
            values = found.loc[(name, year), "value"].reindex(list(CODES)).to_numpy()
            off = ~np.isclose(values, right[year][name].to_numpy(), rtol=1e-6)
            wrong += [(year, name)] * int(off.sum())
    assert set(wrong) <= {(2008, "spending")}
    assert len(wrong) <= 3, "the first and last rows of a block are for the user to look at"
    assert [one for one in findings_of(repaired.records) if one.grade == "stop"] == []
    assert set(found.loc[("gdp", 2011), "flag"]) == {"corrected"}
    lines = repaired.ledger[repaired.ledger["event"].astype(str).str.startswith("volume repaired")]
    assert len(lines) == 7
    cells = repaired.cells.set_index("cell_id")
    cell = found.loc[("gdp", 2011, CODES[0])]
    assert float(cells.loc[cell["cell_id"], "raw_text"]) * 10_000 == pytest.approx(cell["value"])


FACTOR = {
    "source": "volumes",
    "file": "2011.csv",
    "series": ["gdp"],
    "factor": 10000,
    "reason": "printed 亿元, page 3",
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"factor": None}, "says one of 'factor', 'exchange: true' and 'rows' with 'belong'"),
        ({"exchange": True}, "says one of 'factor', 'exchange: true' and 'rows' with 'belong'"),
        ({"factor": None, "exchange": True}, "'exchange' wants two series, not 1"),
        ({"factor": None, "rows": [3, 9]}, r"'rows: \[first, last\]' goes with 'belong'"),
        ({"file": "2031.csv"}, r"volumes has no such file \(did you mean '20"),
        ({"series": ["gdpp"]}, r"volumes has no series 'gdpp' \(did you mean 'gdp'"),
        ({"units": ["99"]}, "volumes: 2011.csv, gdp: changes nothing"),
        ({"year": 2010}, "volumes: 2011.csv, gdp: changes nothing"),
        ({"factor": 0}, "0 is less than or equal to the minimum of 0"),
        ({"factor": None, "rows": [90, 99], "belong": 1}, "volumes: 2011.csv, gdp: changes nothing"),
    ],
)  # fmt: skip
def test_a_repair_that_does_not_fit_is_refused(tmp_path: Path, change: dict[str, object], said: str) -> None:
    source = write(tmp_path, truth())
    entry = {key: value for key, value in (FACTOR | change).items() if value is not None}
    declared = tmp_path / "corrections.yaml"
    declared.write_text(yaml.safe_dump({"volumes": [entry], "corrections": []}, allow_unicode=True), encoding="utf-8")
    with pytest.raises(SourceError, match=said):
        read(tmp_path, source, declared)


def test_a_cell_is_not_corrected_and_repaired(tmp_path: Path) -> None:
    source = write(tmp_path, truth())
    cell = {"cell_id": "volumes/8/!2:gdp", "expected": "", "corrected": "5", "reason": "as the page prints it"}
    cell["expected"] = str(truth()[2011]["gdp"].iloc[0])
    declared = tmp_path / "corrections.yaml"
    declared.write_text(yaml.safe_dump({"volumes": [FACTOR], "corrections": [cell]}), encoding="utf-8")
    with pytest.raises(SourceError, match=r"2:gdp: corrected, and repaired by volumes: 2011\.csv, gdp; keep one"):
        read(tmp_path, source, declared)
