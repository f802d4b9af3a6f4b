"""A user's own study: a small CSV, its source file and a study file, written as the README says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import yaml

SOURCE = {
    "source": "my_panel",
    "title": "Wages of 12 towns",
    "publisher": "made for the tests",
    "citation": "made for the tests",
    "licence": "none stated",
    "url": "",
    "accessed": "2026-01",
    "redistributable": True,
    "files": [{"path": "my_panel.csv", "what": "made for the tests"}],
    "tables": [
        {
            "layout": "flat",
            "encoding": "utf-8",
            "unit": {"level": "other", "code": "town", "code_kind": "plain", "name": "town_name"},
            "year": {"header": "year"},
            "columns": {
                "wage_yuan": {"header": "wage", "measure": "元"},
                "people_wan": {"header": "people", "measure": "万人", "note": "residents at the end of the year"},
                "on": {"header": "policy", "measure": "1"},
            },
        }
    ],
}

STUDY = {
    "study": "my_study",
    "title": "Does the policy raise wages?",
    "unit": {"label": "town"},
    "years": {"first": 2001, "last": 2008},
    "sources": {"my_panel": {"role": "frame"}},
    "treatment": {"name": "did", "status": "on"},
    "variables": {"ln_wage": "ln(wage_yuan)", "ln_people": {"formula": "ln(people_wan)", "label": "ln people"}},
    "outcome": "ln_wage",
    "controls": ["ln_people"],
    "fixed_effects": ["unit", "year"],
    "vcov": {"kind": "cluster", "by": "unit"},
    "ssc": "reghdfe",
    "exhibits": [
        {"id": "summary", "kind": "descriptives", "variables": ["ln_wage", "did", "ln_people"]},
        {"id": "baseline", "kind": "did_table", "columns": [{"controls": []}, {}]},
        {"id": "dynamics", "kind": "event_study", "window": [-3, 3]},
        {"id": "placebo", "kind": "placebo", "draws": 50},
    ],
}


def rows() -> list[list[object]]:
    """Return town, town_name, year, wage, people, policy: 12 towns x 8 years, 6 of them treated from 2004 or 2006."""
    rng = np.random.default_rng(7)
    table: list[list[object]] = []
    for town in range(1, 13):
        start = {1: 2004, 2: 2004, 3: 2004, 4: 2006, 5: 2006, 6: 2006}.get(town, 9999)
        for year in range(2001, 2009):
            people = 10 + town + 0.1 * (year - 2001)
            wage = np.exp(8 + 0.1 * town + 0.05 * (year - 2001) + 0.2 * (year >= start) + 0.02 * rng.normal())
            table.append(
                [100 + town, f"Town {town}", year, round(float(wage), 4), round(people, 4), int(year >= start)]
            )
    return table


def write_project(
    folder: Path, study: dict | None = None, source: dict | None = None, table: list[list[object]] | None = None
) -> Path:
    """Write config/ and the CSV of a one-study project and return its folder."""
    for sub in ("studies", "sources", "aliases"):
        (folder / "config" / sub).mkdir(parents=True, exist_ok=True)
    (folder / "config" / "config.yaml").write_text("studies: [my_study]\nraw_data: raw\n", encoding="utf-8")
    (folder / "config" / "corrections.yaml").write_text("corrections: []\n", encoding="utf-8")
    dump(folder / "config" / "studies" / "my_study.yaml", study or STUDY)
    dump(folder / "config" / "sources" / "my_panel.yaml", source or SOURCE)
    (folder / "raw").mkdir(exist_ok=True)
    lines = [["town", "town_name", "year", "wage", "people", "policy"], *(rows() if table is None else table)]
    text = "".join(",".join(map(str, line)) + "\n" for line in lines)
    (folder / "raw" / "my_panel.csv").write_text(text, encoding="utf-8")
    return folder


def dump(path: Path, content: dict) -> None:
    """Write YAML with the keys in their order."""
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
