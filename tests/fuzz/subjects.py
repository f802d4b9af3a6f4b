"""What is fuzzed, and what must hold: an input is refused in words of ours, or means what is written."""

from __future__ import annotations

import copy
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlwt
import yaml
from hypothesis import strategies as st
from shidian.errors import ShidianError
from shidian.panel.build import build_panel
from shidian.panel.compute import compute_variable
from shidian.panel.scope import Scope
from shidian.study.grammar import names_in
from shidian.study.plan import load_plan
from shidian.study.variables import Catalogue, SeriesInfo, resolve_variables
from shidian.yaml_loader import load
from shidian.yearbook.extract import extract_file
from shidian.yearbook.source import load_source

from tests.study.own_data import SOURCE, STUDY, write_project
from tests.unit.made_workbooks import FLAT_PAGE, FLAT_TABLE, write_source, write_xlsx

from .mutations import CELLS, formulas, mutated

LONGEST_ERROR = 20_000


@dataclass(frozen=True)
class Subject:
    """One kind of input.

    Attributes:
        name: its name on the command line.
        ending: of the files in which failures are kept.
        inputs: draws contents of such a file.
        check: reads one, in a folder of its own; raises what is a fault.
    """

    name: str
    ending: str
    inputs: st.SearchStrategy[bytes]
    check: Callable[[bytes, Path], None]


def dumped(content: dict[str, Any]) -> str:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)


def _said(problem: ShidianError) -> None:
    """An error of ours says something, in a length that somebody reads, and can be printed."""
    text = str(problem)
    assert text.strip()
    assert len(text) < LONGEST_ERROR, text[:300]
    text.encode("utf-8")


def check_study(content: bytes, folder: Path) -> None:
    """A study file is refused, or its panel is built."""
    _check_project(content, folder, "studies/my_study.yaml")


def check_source(content: bytes, folder: Path) -> None:
    """A source file is refused, or its table is read and the panel built."""
    _check_project(content, folder, "sources/my_panel.yaml")


def _check_project(content: bytes, folder: Path, file: str) -> None:
    if not (folder / "config").exists():
        write_project(folder)
    path = folder / "config" / file
    before = path.read_bytes()
    path.write_bytes(content)
    try:
        numbers_are_as_written(content)
        plan = load_plan(folder)
        for study in plan.studies.values():
            records = {
                u.source: extract_file(plan.sources[u.source], 1, plan.raw_root).records for u in study.panel.sources
            }
            build_panel(study.panel, records, {})
    except ShidianError as problem:
        _said(problem)
    finally:
        path.write_bytes(before)


def numbers_are_as_written(content: bytes) -> None:
    """Every plain scalar that is read as a number is that number in decimal, leading zeros and all."""
    try:
        text = content.decode("utf-8")
        load(text)
        scalars = [e for e in yaml.parse(text) if isinstance(e, yaml.ScalarEvent) and e.style is None and e.tag is None]
    except (UnicodeDecodeError, yaml.YAMLError):
        return
    for scalar in scalars:
        try:
            value = load(scalar.value)
        except yaml.YAMLError:
            continue
        if isinstance(value, int | float) and not isinstance(value, bool):
            assert float(scalar.value) == value
            assert not re.match(r"[-+]?0\d", scalar.value), scalar.value


MEASURES = {"wage_yuan": "元", "people_wan": "万人", "ln_wage": "1", "on": "1"}
CATALOGUE = Catalogue({"made": {name: SeriesInfo(measure, True) for name, measure in MEASURES.items()}})
ROWS = pd.DataFrame({"unit": ["a", "a", "b"], "unit_name": ["a", "a", "b"], "year": [2003, 2004, 2003]})
COLUMNS = {name: np.array([1.5, 2.0, 4.0]) for name in MEASURES} | {"year": ROWS["year"].to_numpy(dtype=float)}


def check_formula(content: bytes, folder: Path) -> None:
    """A formula is refused, or computed; in brackets it is the same."""
    text = content.decode("utf-8")
    try:
        values = _computed(text)
    except ShidianError as problem:
        _said(problem)
        return
    deep = text.count("(") + text.count("-") > 44  # a bracket more may be one too many
    again = values if deep or len(text) > 299 else _computed(f"({text})")
    np.testing.assert_array_equal(values, again)
    assert not np.isinf(values).any()


def _computed(text: str) -> np.ndarray:
    spec = {"formula": text, "invalid": "missing"}
    (variable,) = resolve_variables({"v": spec}, {}, ["made"], CATALOGUE)
    named = {name: COLUMNS[name.rpartition(".")[2]] for name in names_in(variable.node)}
    return compute_variable(variable, Scope(ROWS, named))[0]


def check_workbook(content: bytes, folder: Path) -> None:
    """A workbook is refused, or every number is the one stored in its cell."""
    name = "a.xlsx" if content[:2] == b"PK" else "a.xls"
    (folder / name).write_bytes(content)
    source = load_source(write_source(folder, [copy.deepcopy(FLAT_TABLE)], name))
    try:
        found = extract_file(source, 1, folder)
    except ShidianError as problem:
        _said(problem)
        return
    values = found.records["value"].dropna()
    assert np.isfinite(values).all()
    if name == "a.xlsx":
        stored = _stored(content)
        for cell_id, value in found.records.loc[values.index, ["cell_id", "value"]].itertuples(index=False):
            text = stored.get(cell_id.rpartition("!")[2])
            assert text is None or float(text) == value, (cell_id, text, value)


def _stored(content: bytes) -> dict[str, str]:
    """Address -> number stored in the XML, of the cells whose XML is plain."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode("utf-8", errors="replace")
    plain = re.findall(r'<c r="([A-Z]+\d+)"(?: s="\d+")?><v>([-+.\deE]+)</v></c>', xml)
    return dict(plain)


def _xlsx(folder: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(write_xlsx(folder / "base.xlsx", {"data": FLAT_PAGE})) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _xls() -> bytes:
    book = xlwt.Workbook()
    page = book.add_sheet("data")
    for r, row in enumerate(FLAT_PAGE):
        for c, value in enumerate(row):
            page.write(r, c, value)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def workbooks(folder: Path) -> st.SearchStrategy[bytes]:
    """Draw workbooks with odd cells, other XML, or flipped bytes."""
    parts, old = _xlsx(folder), _xls()
    step = st.tuples(st.sampled_from(CELLS), st.integers(0, 60))
    flips = st.lists(st.tuples(st.integers(0, len(old) - 1), st.integers(0, 255)), min_size=1, max_size=4)
    settings = st.sampled_from([None, 'fullCalcOnLoad="0"', 'fullCalcOnLoad="1"', 'calcCompleted="0"'])

    def packed(steps: list[tuple[str, int]], setting: str | None) -> bytes:
        xml = parts["xl/worksheets/sheet1.xml"].decode()
        for new, at in steps:
            places = [found.span() for found in re.finditer(r"<c [^>]*>.*?</c>|<row[^>]*>", xml)]
            first, last = places[at % len(places)] if places else (0, 0)
            xml = xml[: first if at % 2 else last] + new + xml[last:]
        changed = {**parts, "xl/worksheets/sheet1.xml": xml.encode()}
        if setting is not None:
            book = parts["xl/workbook.xml"].decode()
            changed["xl/workbook.xml"] = re.sub(r'fullCalcOnLoad="1"', setting, book).encode()
        buffer = BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in changed.items():
                archive.writestr(zipfile.ZipInfo(name), content)
        return buffer.getvalue()

    def flipped(places: list[tuple[int, int]]) -> bytes:
        content = bytearray(old)
        for at, byte in places:
            content[at] = byte
        return bytes(content)

    return st.builds(packed, st.lists(step, min_size=1, max_size=4), settings) | flips.map(flipped)


def subjects(folder: Path) -> dict[str, Subject]:
    """Return every subject by name; ``folder`` is for what they make once."""
    encoded: Callable[[str], bytes] = lambda text: text.encode("utf-8", errors="replace")  # noqa: E731
    every = (
        Subject("study", ".yaml", mutated(dumped(STUDY)).map(encoded), check_study),
        Subject("source", ".yaml", mutated(dumped(SOURCE)).map(encoded), check_source),
        Subject("formula", ".txt", formulas().map(encoded), check_formula),
        Subject("workbook", ".bin", workbooks(folder), check_workbook),
    )
    return {subject.name: subject for subject in every}
