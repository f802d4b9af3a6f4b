"""Inspect on folders of yearly volumes: one entry with alternatives by year, right or with a question."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import test_by_year
from made_workbooks import write_xlsx
from shidian.drafting.by_volume import alternatives, places_of
from shidian.drafting.folder import inspect_folder
from shidian.yearbook.alternatives import are_alternatives
from shidian.yearbook.extract import extract_files
from shidian.yearbook.source import load_source
from test_draft_layouts import filled

CITIES = ("石家庄市", "唐山市", "秦皇岛市", "邯郸市", "邢台市", "保定市")
YEARS = range(2004, 2010)
LEVELS = ((930, 310, 4100, 52), (460, 96, 900, 71), (250, 61, 2600, 18), (700, 150, 300, 33), (99, 41, 700, 9),
          (310, 123, 1500, 24))  # fmt: skip
HEADS = ("财政收入", "财政支出", "储蓄存款")


def number(city: int, series: int, year: int) -> float:
    """Return a number that grows by about 8 per cent a year."""
    return round(LEVELS[city][series] * 1.08 ** (year - 2004) * (1 + 0.01 * ((city * 7 + series * 3 + year) % 5)), 4)


def write(
    folder: Path,
    heads: Callable[[int], tuple[str, ...]] = lambda year: HEADS,
    read: Callable[[int], tuple[int, ...]] = lambda year: (0, 1, 2),
    above: Callable[[int], list[str]] = lambda year: [f"2-1 {year}年财政", "单位：万元"],
    size: Callable[[int], float] = lambda year: 1.0,
    sheet: Callable[[int], str] = lambda year: "S",
    file: Callable[[int], str] = lambda year: f"年鉴{year}.xlsx",
) -> Path:
    """Write a volume a year: texts above, headers, and the series of LEVELS below each."""
    folder.mkdir()
    for year in YEARS:
        rows = [["城市", *heads(year)]]
        rows += [[name, *(number(i, k, year) / size(year) for k in read(year))] for i, name in enumerate(CITIES)]
        texts = [[text, *[""] * len(heads(year))] for text in above(year)]
        write_xlsx(folder / file(year), {sheet(year): [*texts, *rows]})
    return folder


def drafted(folder: Path, tmp_path: Path) -> tuple[str, pd.Series]:
    """Return what inspect prints of a folder, and by its draft the values by series, year and unit."""
    text = inspect_folder(folder)
    source = tmp_path / "draft" / f"{folder.name}.yaml"
    source.parent.mkdir()
    source.write_text(filled(text), encoding="utf-8")
    declared = load_source(source)
    records = extract_files(declared, range(1, len(declared.files) + 1), folder).records
    return text, records.set_index(["indicator", "year", "unit_name"]).sort_index()


def questions(text: str) -> list[str]:
    """Return what the draft leaves to the user besides the metadata."""
    return [line for line in text.splitlines() if "TODO: " in line and not line.startswith(("accessed", "  - "))]


def test_twelve_volumes_are_one_entry_that_runs(tmp_path: Path) -> None:
    test_by_year.made(tmp_path)
    (tmp_path / "volumes.yaml").unlink()
    folder = tmp_path
    text, records = drafted(folder, tmp_path)
    draft = filled(text).split("\n# ")[0]
    assert len(draft.splitlines()) < 120
    assert draft.count("layout: yearbook") == 1
    assert questions(text) == []
    for year in test_by_year.YEARS:
        size, measure = (10_000, "亿元") if year >= 2012 else (1, "万元")
        for name, kind in test_by_year.CITIES.items():
            row = records.loc[("fiscal_expenditure", year, name)]
            assert row["measure"] == measure
            if (year, kind) != (2013, 2):
                assert row["value"] == pytest.approx(test_by_year.printed(year, kind) / size, rel=1e-12)
    assert set(records.loc["education_expenditure"].index.get_level_values(0)) == set(range(2007, 2016))
    for line in ("2008  sheet                  2-1                   财政{year}",
                 "2010  name of units          城市                  地级市",
                 "2012  fiscal_expenditure     财政支出(万元), 万元  财政支出 / (亿元), 亿元"):  # fmt: skip
        assert f"  {line}\n" in text


def test_a_changed_unit_of_measure_is_that_of_its_years(tmp_path: Path) -> None:
    above = {False: "单位：万元", True: "单位：亿元"}
    write(tmp_path / "v", above=lambda y: [f"{y}年财政", above[y >= 2007]], size=lambda y: 1e4 if y >= 2007 else 1)
    text, records = drafted(tmp_path / "v", tmp_path)
    assert questions(text) == []
    row = records.loc[("fiscal_income", 2008, "唐山市")]
    assert (row["measure"], row["value"]) == ("亿元", pytest.approx(number(1, 0, 2008) / 1e4))
    assert records.loc[("fiscal_income", 2006, "唐山市"), "measure"] == "万元"
    assert "2007  lines above         单位：万元      单位：亿元" in text


def test_a_unit_of_measure_that_nothing_prints_is_asked(tmp_path: Path) -> None:
    write(tmp_path / "v", above=lambda y: ["财政", "单位：万元"] if y != 2006 else ["财政"])
    text, records = drafted(tmp_path / "v", tmp_path)
    asked = "# TODO: nothing in the file says the unit of measure of 2006"
    assert sum(asked in line for line in questions(text)) == len(HEADS)
    assert set(records["measure"]) == {"万元"}
    write(tmp_path / "silent", above=lambda y: [f"{y}年财政"], size=lambda y: 1e4 if y >= 2007 else 1)
    said = questions(inspect_folder(tmp_path / "silent"))
    assert any("from this period on 6 of 6 units are 1/10,000 of those of 2006" in line for line in said), said


def test_a_renamed_column_goes_on_with_a_question(tmp_path: Path) -> None:
    write(tmp_path / "v", heads=lambda y: (HEADS[0], "财政支出" if y < 2007 else "地方一般公共预算支出", HEADS[2]))
    text, records = drafted(tmp_path / "v", tmp_path)
    (asked,) = questions(text)
    assert "2007: is '地方一般公共预算支出' what '财政支出' was before? The numbers of 6 units go on" in asked
    found = records.loc["local_public_budget_expenditure", "value"]
    assert len(found) == len(YEARS) * len(CITIES)
    assert found[2005, "保定市"] == number(5, 1, 2005)
    assert found[2009, "保定市"] == number(5, 1, 2009)


def test_another_column_in_the_place_of_one_stays_apart(tmp_path: Path) -> None:
    read = {False: (0, 1), True: (0, 3)}
    write(tmp_path / "v", lambda y: (HEADS[0], "甲乙" if y < 2007 else "丙丁"), lambda y: read[y >= 2007])
    text, records = drafted(tmp_path / "v", tmp_path)
    (asked,) = questions(text)
    assert "2007: '甲乙' end and '丙丁' begin" in asked
    years = records.loc["series_2"].index.get_level_values(0)
    assert set(years) == {2004, 2005, 2006}


@pytest.mark.parametrize("last", [2007, 2009])
def test_names_that_change_places_are_asked(tmp_path: Path, last: int) -> None:
    swapped = {False: (0, 1, 2), True: (1, 0, 2)}
    write(tmp_path / "v", read=lambda y: swapped[2007 <= y <= last])
    (asked,) = questions(inspect_folder(tmp_path / "v"))
    assert "2007: fiscal_expenditure and fiscal_income are exchanged" in asked
    assert ("from this period on" in asked) == (last == 2009)


def test_order_sheets_and_columns_that_come_later(tmp_path: Path) -> None:
    def heads(year: int) -> tuple[str, ...]:
        return HEADS if year < 2006 else (HEADS[2], HEADS[0], HEADS[1], "教育支出")

    read = {False: (0, 1, 2), True: (2, 0, 1, 3)}
    write(tmp_path / "v", heads, lambda y: read[y >= 2006], sheet=lambda y: "表1" if y < 2008 else "财政")
    text, records = drafted(tmp_path / "v", tmp_path)
    assert questions(text) == []
    for k, name in enumerate(("fiscal_income", "fiscal_expenditure", "savings_deposits", "education_expenditure")):
        years = range(2006, 2010) if k == 3 else YEARS
        found = records.loc[name, "value"]
        assert dict(found) == {(y, city): number(i, k, y) for y in years for i, city in enumerate(CITIES)}
    for what in ("order of columns", "sheet ", "education_expenditure "):
        assert f"  {what}" in text
    assert 'sheet: [{ until: 2007, is: "表1" }, { from: 2008, is: "财政" }]' in text


def test_titles_of_the_year_before_the_volume(tmp_path: Path) -> None:
    write(tmp_path / "v", above=lambda y: [f"2-1 {y - 1}年财政", "单位：万元"])
    text, records = drafted(tmp_path / "v", tmp_path)
    assert "year: { from_file: true, behind: 1 }" in text
    assert records.loc[("fiscal_income", 2003, "唐山市"), "value"] == number(1, 0, 2004)
    write(tmp_path / "w", above=lambda y: ["2-1 财政", "单位：万元"])
    (asked,) = questions(inspect_folder(tmp_path / "w"))
    assert "only the files' names say the years" in asked


def test_parts_in_brackets_are_no_units_and_keep_columns_apart(tmp_path: Path) -> None:
    both = ("教育支出(全市)", "教育支出(市辖区)")
    write(tmp_path / "v", lambda y: both if y != 2006 else both[::-1], lambda y: (0, 1) if y != 2006 else (1, 0))
    text, records = drafted(tmp_path / "v", tmp_path)
    assert questions(text) == []
    assert set(records["measure"]) == {"万元"}
    assert records["value"].groupby(level=0).count().tolist() == [36, 36]
    assert {number(1, 0, y) for y in YEARS} == set(records["value"].xs("唐山市", level=2)["education_expenditure"])


def test_alternatives_are_runs_of_years_or_lists_of_files() -> None:
    numbers = [1, 2, 3]
    one = alternatives(places_of(numbers, [2004, 2005, 2007]), ["a", "b", "a"])
    assert one == [{"until": 2004, "is": "a"}, {"from": 2005, "until": 2005, "is": "b"}, {"from": 2007, "is": "a"}]
    assert alternatives(places_of(numbers, [2004, 2004, 2005]), ["a", "b", "a"]) == [
        {"files": [1, 3], "is": "a"}, {"files": [2], "is": "b"},
    ]  # fmt: skip
    assert alternatives(places_of(numbers, [1, 2, 3]), ["a"] * 3) == "a"
    assert are_alternatives(one)
