"""Text files as sites give them out: titles above, notes below, any separator, quote and encoding; decimal commas."""

import copy
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from made_workbooks import read_made
from shidian.drafting.inspect import inspect_workbook
from shidian.errors import SourceError
from shidian.yearbook.extract import Extraction, extract_files
from shidian.yearbook.source import load_source

CASES = Path(os.environ.get("SHIDIAN_SHARED", "../shared")) / "cases" / "files"
FLAT: dict[str, Any] = {
    "layout": "flat",
    "unit": {"level": "city", "name": "city"},
    "year": {"header": "year"},
    "columns": {"gdp": {"header": "gdp", "measure": "1"}},
}
NBS: dict[str, Any] = {
    "layout": "yearbook",
    "title": "数据库：分省年度数据",
    "subtitles": ["指标：总人口(万人)", "时间：最近2年"],
    "header_row": 4,
    "unit": {"level": "province", "name": "地区"},
    "year": {"in_header": True},
    "columns": {"population": {"header": [], "measure": "万人"}},
    "footer": {"patterns": ["注：.*", "数据来源：.*"]},
}
EXPORT = (
    "数据库：分省年度数据\n指标：总人口(万人)\n时间：最近2年\n地区,2019年,2018年\n北京市,2190,2192\n天津市,1385,1383\n"
    "注：常住人口包括,外出不满半年的人,在境外工作学习的人,等等。\n数据来源：国家统计局\n"
)


def read(folder: Path, text: str | bytes, table: dict[str, Any], name: str = "a.csv", **keys: Any) -> Extraction:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_made(folder, {**copy.deepcopy(table), **keys}, name)


def values(found: Extraction) -> list[float]:
    return found.records["value"].tolist()


def events(found: Extraction) -> dict[str, tuple[int, str]]:
    return {line.event: (line.count, line.detail) for line in found.ledger.itertuples()}


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_export_of_the_national_site(tmp_path: Path, encoding: str) -> None:
    found = read(tmp_path, EXPORT.encode(encoding), NBS, encoding=encoding)
    assert found.records.set_index(["unit_name", "year"])["value"].to_dict() == {
        ("北京市", 2019): 2190, ("北京市", 2018): 2192, ("天津市", 2019): 1385, ("天津市", 2018): 1383,
    }  # fmt: skip
    assert events(found)["footer rows skipped"] == (2, "")
    assert found.cells["cell_id"].str.startswith("made/1/!").all()
    assert set(found.cells.loc[found.cells["raw_text"] == "2192", "cell"]) == {"5:2018年"}


def test_rows_of_data_that_lack_a_comma_are_no_notes(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="row 6 has 2 cells, the header row has 3; is a comma missing"):
        read(tmp_path, EXPORT.replace("1385,1383", "1385 1383"), NBS)
    with pytest.raises(SourceError, match=r"row 8 has 1 cells, the header row has 3.*declared as footer"):
        read(tmp_path, EXPORT, NBS, footer={"patterns": ["注：.*"]})


def test_titles_above_a_flat_table(tmp_path: Path) -> None:
    flat = {key: value for key, value in NBS.items() if key not in ("title", "subtitles")} | {"layout": "flat"}
    assert values(read(tmp_path, EXPORT, flat)) == values(read(tmp_path, EXPORT, NBS))


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolon"), ("\t", "tab"), ("|", "bar")])
def test_separators_declared_or_seen(tmp_path: Path, separator: str, name: str) -> None:
    text = "city,year,gdp\n石家庄市,2010,1.5\n唐山市,2010,2.5\n".replace(",", separator)
    seen = read(tmp_path, text, FLAT)
    assert events(seen)["separator of cells seen in the file"] == (1, name)
    declared = read(tmp_path, text, FLAT, separator="tab" if separator == "\t" else separator)
    assert values(seen) == values(declared) == [2.5, 1.5]
    assert not len(declared.ledger)
    assert f'separator: "{"tab" if separator == chr(9) else separator}"' in inspect_workbook(tmp_path / "a.csv")


def test_two_separators_that_fit_alike_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="separated by semicolon or bar; declare separator"):
        read(tmp_path, "city;year|gdp\na;2010|1\n", FLAT)


def test_quotes(tmp_path: Path) -> None:
    text = "city,year,gdp\n'石家庄,市',2010,1\n"
    assert read(tmp_path, text, FLAT, quote="'").records["unit_name"].tolist() == ["石家庄,市"]
    assert read(tmp_path, 'city,year,gdp\n5" 市,2010,1\n', FLAT, quote="none").records["unit_name"].tolist() == [
        '5" 市'
    ]
    many = "city;year;gdp\n" + "'a;b';2010;'1'\n"
    assert values(read(tmp_path, many, FLAT, quote="'", separator=";")) == [1.0]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5", "utf-8-sig", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    name = "Zürich" if encoding == "cp1252" else "臺北市"
    content = f"city,year,gdp\n{name},2010,1\n".encode(encoding)
    assert read(tmp_path, content, FLAT, encoding=encoding).records["unit_name"].tolist() == [name]
    if encoding in ("utf-16", "utf-8-sig"):
        assert read(tmp_path, content, FLAT).records["unit_name"].tolist() == [name]
    else:
        with pytest.raises(SourceError, match=rf"encoding: .*{encoding}|no text|cannot be printed|is not there"):
            read(tmp_path, content, FLAT)


def test_an_encoding_that_is_not_that_of_the_file_is_refused(tmp_path: Path) -> None:
    text = "city,year,gdp\n石家庄市,2010,1\n"
    with pytest.raises(SourceError, match="its first bytes say utf-8-sig text; leave out 'encoding: gb18030'"):
        read(tmp_path, text.encode("utf-8-sig"), FLAT, encoding="gb18030")
    with pytest.raises(SourceError, match="this is utf-8 text, declared: encoding: cp1252"):
        read(tmp_path, text.encode(), FLAT, encoding="cp1252")
    with pytest.raises(SourceError, match="declare encoding: utf-16-le or utf-16-be"):
        read(tmp_path, text.encode("utf-16-le"), FLAT, encoding="utf-16")
    with pytest.raises(SourceError, match=r"not utf-8 text \(byte \d+, line 3\)"):
        read(tmp_path, text.encode() + "唐山市,2010,2\n".encode("gb18030"), FLAT)


@pytest.mark.parametrize("rows", [1, 3_000])
def test_decimal_commas_are_declared_never_guessed(tmp_path: Path, rows: int) -> None:
    """Few cells or many, one by one or in columns."""
    text = "city;year;gdp\n" + "".join(f"城{i};2010;1.234,5\n市{i};2010;0,123\n区{i};2010;-7\n" for i in range(rows))
    table = FLAT | {"unit": {"level": "other", "name": "city"}}
    found = read(tmp_path, text, table, separator=";", decimal=",")
    assert found.records.groupby("value").size().to_dict() == {-7.0: rows, 0.123: rows, 1234.5: rows}
    with pytest.raises(SourceError, match=r"2:gdp: '1.234,5' is not a number.*declare 'decimal: \",\"'"):
        read(tmp_path, text, table, separator=";")
    with pytest.raises(SourceError, match=r'2:gdp: .0,123. is not a number.*decimal: ","'):
        read(tmp_path, 'city,year,gdp\na,2010,"0,123"\n', table)
    assert values(read(tmp_path, 'city,year,gdp\na,2010,"0,45"\n', table, decimal=",")) == [0.45]
    assert 'decimal: ","' in inspect_workbook(tmp_path / "a.csv")


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases of $SHIDIAN_SHARED are not here")
@pytest.mark.parametrize(
    ("name", "keys", "wanted"),
    [
        ("c_nbs", {}, [2.0, 1.0, 4.0, 3.0]),
        ("c_utf16", {}, [1.0]),
        ("c_semicolon", {"decimal": ","}, [1.5]),
        ("c_percent", {}, [1234.0, 99.0, 65.3, 50.0]),
        ("c_stray_row", {}, [float(i) for i in range(1, 301)]),
    ],
)
def test_cases(tmp_path: Path, name: str, keys: dict[str, Any], wanted: list[float]) -> None:
    document = yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))
    document["tables"][0] |= keys
    (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    found = extract_files(load_source(tmp_path / f"{name}.yaml"), [1], CASES)
    assert sorted(values(found)) == sorted(wanted)
