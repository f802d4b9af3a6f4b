"""Drafts of sheets as public files have them: numbered rows, one year in a header, NA, rows without a name, titles."""

from pathlib import Path
from typing import Any

import pytest
from layout_drafts import CITIES, number
from made_workbooks import write_xlsx
from shidian.errors import SourceError
from test_draft_layouts import drafted_records

AGES = ("0-4", "0", "1", "2", "3", "4", "5-9")


def drafted(folder: Path, rows: list[list[Any]], merges: Any = ()) -> tuple[str, Any]:
    write_xlsx(folder / "a.xlsx", {"S": rows}, merges)
    return drafted_records(folder / "a.xlsx", folder)


def panel(head: list[str], row: Any) -> list[list[Any]]:
    """Return rows of cities and years, each made by ``row`` of its number, city and year."""
    pairs = [(city, year) for year in range(2010, 2019) for city in CITIES]
    return [head, *(row(i, city, year) for i, (city, year) in enumerate(pairs))]


def test_numbers_of_rows_are_no_units(tmp_path: Path) -> None:
    for first in (1, 1179):
        rows = panel(["id", "year", "city", "gdp"], lambda i, c, y, n=first: [n + i, y, c, number(c, y)])  # type: ignore[misc]
        _, records = drafted(tmp_path, rows)
        gdp = records[records["indicator"] == "gdp"]
        assert dict(zip(zip(gdp["unit_name"], gdp["year"], strict=True), gdp["value"], strict=True)) == {
            (city, year): value for _, year, city, value in rows[1:]
        }


def test_texts_of_unit_and_year_are_no_units(tmp_path: Path) -> None:
    rows = panel(["year", "city", "code", "gdp"], lambda i, c, y: [y, c, f"{y}{c}", number(c, y)])
    _, records = drafted(tmp_path, rows)
    assert set(records["unit_name"]) == set(CITIES)
    assert set(records["year"]) == set(range(2010, 2019))


def test_one_year_among_the_words_of_one_header_is_no_year_of_rows(tmp_path: Path) -> None:
    heads = ["城市", "gdp at constant prices of 2010"]
    text, records = drafted(tmp_path, [heads, *([city, number(city)] for city in CITIES)])
    assert "in_header" not in text
    assert set(records["year"]) == {2015}


def test_what_programs_write_for_nothing_is_missing(tmp_path: Path) -> None:
    rows = panel(["city", "year", "gdp"], lambda i, c, y: [c, y, "NA" if i % 3 else number(c, y)])
    text, records = drafted(tmp_path, rows)
    assert "category" not in text
    assert records["value"].isna().sum() == sum(row[2] == "NA" for row in rows)


def test_dates_and_lists_of_codes_among_numbers_are_texts(tmp_path: Path) -> None:
    rows = panel(["city", "year", "start", "gdp"], lambda i, c, y: [c, y, f"{y}.0{i % 3}-{y + 1}.01", number(c, y)])
    text, records = drafted(tmp_path, rows)
    assert "measure: category" in text
    assert set(records["indicator"]) == {"start", "gdp"}


def test_rows_without_a_name_are_left_out_aloud(tmp_path: Path) -> None:
    rows = panel(["city", "year", "gdp"], lambda i, c, y: ["" if i % 7 == 3 else c, y, number(c, y)])
    text, records = drafted(tmp_path, rows)
    assert 'drop_rows: { city: "" }' in text
    assert len(records) == sum(bool(row[0]) for row in rows[1:])


def test_a_title_over_a_part_of_the_columns_is_no_header(tmp_path: Path) -> None:
    years = list(range(1995, 2001))
    title = ["人口预测", *[""] * 6]
    rows = [title, [""] * 7, ["年龄", *years], *([age, *(number(age, year) for year in years)] for age in AGES)]
    text, records = drafted(tmp_path, rows, [(0, 4, 0, 6), (1, 0, 1, 3), (1, 4, 1, 6)])
    assert 'title: "人口预测"' in text
    assert len(records) == len(AGES) * len(years)
    assert set(records["unit_name"]) == set(AGES)


def test_names_of_other_places_are_not_those_of_the_codes(tmp_path: Path) -> None:
    codes = dict(zip(CITIES, ("130100", "130200", "130300", "130400"), strict=True))
    born = ("沛县", "正定县", "河北", "河南", "怀宁县", "平山县", "太湖县", "武安市", "沙河市")
    rows = panel(
        ["year", "prefcode", "pref", "born", "age"],
        lambda i, c, y: [y, codes[c], c, born[(i + y) % len(born)], 40 + i],
    )
    text, records = drafted(tmp_path, rows)
    assert "skip" not in text
    assert set(records["unit_name"]) == set(CITIES)
    assert len(records[records["indicator"] == "age"]) == len(rows) - 1


def test_slips_among_numbers_stay_numbers(tmp_path: Path) -> None:
    rows = panel(["city", "year", "gdp"], lambda i, c, y: [c, y, "12.3.4" if i == 5 else number(c, y)])
    write_xlsx(tmp_path / "a.xlsx", {"S": rows})
    with pytest.raises(SourceError, match=r"cell C7: '12\.3\.4' is not a number"):
        drafted_records(tmp_path / "a.xlsx", tmp_path)
