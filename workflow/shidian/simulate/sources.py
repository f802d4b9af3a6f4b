"""Source files of the simulated workbooks in the declared format, made from the same catalogue as the workbooks."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from xlsxwriter.utility import xl_col_to_name

from shidian.simulate.catalogue import SIMULATED, Family, Table, family, mess_settings
from shidian.simulate.layout import FOOTNOTE, MARK, MARK_NOTE, SCOPES, Block, Rows, lay_out
from shidian.simulate.lists import LEVEL_NAMES, frame_columns
from shidian.simulate.truth import load_truth, studies
from shidian.simulate.units import province_names, read_provinces, read_units
from shidian.simulate.volumes import named
from shidian.simulate.work_reports import YEARS as REPORT_YEARS
from shidian.simulate.workbook import COVER, DATABASE
from shidian.simulate.world import Size

FOLDER = "simulated"
"""Folder of the simulated workbooks below the raw-data folder."""
YEARS = {"city": (2002, 2021), "county": (2014, 2022), "province": (2011, 2022)}
HEAD = "# Generated from workflow/shidian/simulate/catalogue.yaml; a test keeps it so.\n"


def source_files(size: Size | None = None) -> dict[str, str]:
    """Return the text of every source file of a simulated world, name without .yaml -> text."""
    contents = {}
    for level in YEARS:
        for content in (_volumes(level, size), _units(level)):
            contents[content["source"]] = content
    for study in studies():
        truth = load_truth(study)
        if truth.treatment.batches:
            contents[f"sim_pilots_{study}"] = _pilots(study, truth.unit)
    contents["sim_work_reports"] = _work_reports()
    return {name: HEAD + _dump(content) for name, content in contents.items()}


def _head(source: str, title: str, what: str) -> dict[str, Any]:
    return {
        "source": source,
        "title": f"{title} {SIMULATED}",
        "publisher": "shidian, shidian.simulate",
        "citation": f"Simulated data ({what}), made by shidian from config/truth and a seed.",
        "licence": "MIT",
        "url": "",
        "accessed": "2026-11",
        "redistributable": True,
        "simulated": True,
    }


def _volumes(level: str, size: Size | None) -> dict[str, Any]:
    kind = family(level)
    first, last = YEARS[level]
    years = list(range(first, last + 1))
    content = _head(kind.source, kind.volume, kind.volume_en)
    content["note"] = "SIMULATED. Units of measure change between years; see workflow/shidian/simulate/catalogue.yaml."
    content["ignore_sheets"] = [COVER, DATABASE]
    what = f"Simulated {kind.volume_en}, made by the workflow's simulator."
    content["files"] = [
        {"path": f"{FOLDER}/{level}/{kind.file.format(year=y)}", "what": what, "year": y} for y in years
    ]
    declared = {year: _declarations(kind, level, year, size) for year in years}
    content["tables"] = [
        {**entry, "valid_from": run[0], "valid_to": run[-1]}
        for position in range(len(declared[first]))
        for entry, run in _runs([(declared[year][position], year) for year in years])
    ]
    return content


def _runs(entries: list[tuple[dict[str, Any], int]]) -> list[tuple[dict[str, Any], list[int]]]:
    """Join years whose declarations are equal."""
    grouped = groupby(entries, key=lambda pair: pair[0])
    return [(declaration, [year for _, year in group]) for declaration, group in grouped]


def _declarations(kind: Family, level: str, year: int, size: Size | None) -> list[dict[str, Any]]:
    """Return the declaration of every block of every table of one year."""
    rows = _one_unit_a_province(level, year, size)
    return [
        _declaration(kind, table, block) for table in kind.tables(year) for block in lay_out(kind, table, rows).blocks
    ]


def _one_unit_a_province(level: str, year: int, size: Size | None) -> Rows:
    """Return a volume that has the blocks and province rows of the full one, with one unit under each."""
    most = {"city": "cities", "county": "counties", "province": "provinces"}[level]
    everything = read_units(level, getattr(size, most) if size else None)
    listed = everything[(everything["first_year"] <= year) & (everything["last_year"] >= year)]
    units = named(listed.groupby("province_code").head(1).reset_index(drop=True), level, year)
    return Rows(units, province_names(), lambda item, scope: np.zeros(len(units)), everything)


def _declaration(kind: Family, table: Table, block: Block) -> dict[str, Any]:
    name_header = " ".join(kind.name_header.split())
    unit: dict[str, Any] = {"level": kind.level, "name": name_header}
    if kind.english_names:
        unit["name_columns"] = 2
    if block.skipped:
        unit["skip"] = list(block.skipped)
    if block.provinces:
        unit["province_rows"] = {name: "unit" if alone else "heading" for name, alone in block.provinces}
    entry: dict[str, Any] = {
        "name": block.title.removesuffix(f" {SIMULATED}"),
        "sheet": table.number,
        "layout": "yearbook",
    }
    entry |= {"title": block.title, "header_depth": 2 if table.pairs else 1}
    if block.subtitles:
        entry["subtitles"] = list(block.subtitles)
    if table.beside:
        entry["area"] = f"{xl_col_to_name(block.first_column)}:{xl_col_to_name(block.last_column)}"
    entry |= {"unit": unit, "year": {"from_file": True}, "columns": _columns(table, block)}
    entry["footer"] = {"texts": [FOOTNOTE, MARK_NOTE]}
    entry["footnote_marks"] = [MARK]
    return entry


def _columns(table: Table, block: Block) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for column in block.columns:
        header = " ".join(table.header(column).split("\n"))
        for scope, suffix in ((0, ""), (1, "_districts")) if table.pairs else ((0, ""),):
            path = [header, " ".join(SCOPES[scope].split("\n"))] if table.pairs else header
            columns[column.series + suffix] = {
                "header": path, "measure": column.measure, "missing": list(mess_settings()["gap_marks"]),
            }  # fmt: skip
    return columns


def _units(level: str) -> dict[str, Any]:
    first, last = YEARS[level]
    title = f"{LEVEL_NAMES[level]}名录"
    content = _head(f"sim_{level}_units", title, f"list of units, {first}-{last}")
    content["files"] = [
        {"path": f"{FOLDER}/units/sim_{level}_units.xlsx", "what": "List of units, made by the workflow's simulator."}
    ]
    given = frame_columns(level)
    columns = {item: {"header": header, "measure": measure} for item, (header, measure) in given.items()}
    content["tables"] = [
        {
            "sheet": "名录", "layout": "flat", "header_row": 2,
            "unit": {"level": level, "code": "区划代码", "name": "名称", "province": "省份"},
            "year": {"header": "年份"},
            "columns": columns,
        }
    ]  # fmt: skip
    return content


def _pilots(study: str, level: str) -> dict[str, Any]:
    content = _head(f"sim_pilots_{study}", "试点名单", f"pilots of {study}")
    content["note"] = (
        "Years are real where a public notice was found; the column 年份来源 says which are simulated dates."
    )
    content["files"] = [
        {
            "path": f"{FOLDER}/pilots/sim_pilots_{study}.xlsx",
            "what": "List of pilots, made by the workflow's simulator.",
        }
    ]
    content["tables"] = [
        {
            "sheet": "试点名单", "layout": "flat", "header_row": 2,
            "unit": {"level": level, "code": "区划代码", "name": "名称"},
            "columns": {"pilot_year": {"header": "批准年份", "measure": "year"}},
            "ignore": ["年份来源"],
        }
    ]  # fmt: skip
    return content


def _work_reports() -> dict[str, Any]:
    codes = ",".join(sorted(read_provinces()["code"]))
    name = "sim_work_report_{}_{}.txt"
    content = _head("sim_work_reports", "省级政府工作报告", "work reports of provincial governments, 2004-2018")
    content["note"] = "SIMULATED. Years after 2018 have no report, as in the published study."
    what = "Simulated work report of a provincial government, made by the workflow's simulator."
    span = f"{REPORT_YEARS[0]}..{REPORT_YEARS[-1]}"
    path = f"{FOLDER}/work_reports/" + name.format("{" + codes + "}", "{" + span + "}")
    content["files"] = [{"path": path, "what": what}]
    content["tables"] = [
        {
            "layout": "text", "document": "work_report", "encoding": "utf-8",
            "file_name": name.format("{code}", "{year}"), "skip_lines": 1,
            "unit": {"level": "province", "from_file": True}, "year": {"from_file": True},
        }
    ]  # fmt: skip
    return content


class _Dumper(yaml.SafeDumper):
    """Short lists and mappings on one line, no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent(dumper: yaml.SafeDumper, data: Any) -> yaml.Node:
    flat = all(not isinstance(value, dict) for value in data.values()) and "tables" not in data and len(data) <= 6
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=flat)


def _represent_list(dumper: yaml.SafeDumper, data: Any) -> yaml.Node:
    flat = all(isinstance(value, str) for value in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=flat)


_Dumper.add_representer(dict, _represent)
_Dumper.add_representer(list, _represent_list)


def _dump(content: Mapping[str, Any]) -> str:
    return yaml.dump(dict(content), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=160)


def write_sources(folder: Path, size: Size | None = None) -> None:
    """Write the source files of a simulated world."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in source_files(size).items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8", newline="\n")
