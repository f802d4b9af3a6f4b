"""Files of SPSS and SAS: numbers, texts, dates, missing values and labels, or one line that says why not."""

import base64
import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from made_workbooks import read_made
from shidian.drafting.inspect import inspect_workbook
from shidian.errors import SourceError
from shidian.yearbook.corrections import Correction
from shidian.yearbook.extract import extract_file
from shidian.yearbook.limits import Limits
from shidian.yearbook.source import load_source
from shidian.yearbook.workbook import Workbook

SAS = (
    "H4sIAAe7DWsC/+3aMUgCURgH8M9MUHNQMDAIsmgoiLijiJrqQANBJx0ai5IURCKMCoKs2aklmloKKtpqiCCIlpYgaqmtJRtagwqs7O7eM/PpVWQN"
    "0f8n8vH9731PObjh4BEVHd0uDO+4XacHS1ayHcsZT5PT1UXUQiaS6UPuki6shL2DgaDfp0SUsD/iNUKf0ObZunR9YvpKKVaBtpOTqEaI+zolWZJD"
    "klq71doTjCenZggAAAAAAAAAAAAAAAAAAOA/sqsfoksH69rMpVcPee4RpuZ47isEJlZ6DfKTOlYTQp7h+YCwf9AgdxjkJ/bKecYgBwAAAIDf95LL"
    "6766vpusVc1LVFvVfLX//6fnn9h4fkjIbeq3lmr0qrHqvYlcQt8g9M1C/x7/qbz0ljTyu+kl9orQyvs2XjvKzuc+l+2hTgtng0fjqdnxsQmajY5M"
    "TseiyZGUfi5YO1vsjwRC/nuVts4i7P2g+so9a+fVbHDd8tkGzspxXoCnG/4kE3syspnl6/3t7N4iSx/79RJb1d+b03dnWo1tbF0o2bXNm931t4X8"
    "xTrBFpJ8rtX0Su5COMV/9jiv1wm+sNAXKgAAAAAAAAB83yujoMC9AEAAAA=="
)
"""Written by R's haven: cities, gdp, year, a date and a time; the third row is missing but for its year."""
TABLE: dict[str, Any] = {
    "layout": "flat",
    "unit": {"level": "city", "name": "city"},
    "year": {"header": "year"},
    "columns": {"gdp": {"header": "gdp", "measure": "亿元"}},
}
CITIES = ["唐山市", "太原市", "石家庄市"]


def frame(**more: Any) -> pd.DataFrame:
    return pd.DataFrame({"city": CITIES, "year": [2010, 2011, 2012], "gdp": [3401.5, 0.1, 1e9 + 0.5], **more})


def write(path: Path, what: pd.DataFrame, **more: Any) -> Path:
    kind = path.suffix[1:].replace("xpt", "xport")
    getattr(pyreadstat, f"write_{kind}")(what, str(path), **more)
    return path


def recoded(path: Path, code: int, texts: str = "") -> Path:
    """Make a .sav file say another code page, and no encoding by name; ``texts`` is that which its texts get."""
    content = bytearray(path.read_bytes())
    name = content.index(b"\x07\0\0\0\x14\0\0\0\x01\0\0\0\x05\0\0\0UTF-8")
    content[name + 4] = 99
    facts = content.index(b"\x07\0\0\0\x03\0\0\0\x04\0\0\0\x08\0\0\0")
    content[facts + 44 : facts + 48] = code.to_bytes(4, "little")
    if texts:
        for city in CITIES:
            new = city.encode(texts)
            content = content.replace(city.encode(), new + b" " * (len(city.encode()) - len(new)))
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", ["sav", "xpt"])
def test_numbers_and_texts_are_those_of_the_file(tmp_path: Path, kind: str) -> None:
    write(tmp_path / f"a.{kind}", frame())
    table = TABLE | ({"encoding": "utf-8"} if kind == "xpt" else {})
    found = read_made(tmp_path, table, f"a.{kind}")
    assert found.records["value"].tolist() == [3401.5, 0.1, 1e9 + 0.5]
    assert found.records["unit_name"].tolist() == CITIES
    assert found.records["year"].tolist() == [2010, 2011, 2012]
    assert found.records["cell_id"].tolist()[1].endswith("/1/!2:gdp")
    assert found.cells.set_index("cell")["raw_text"]["3:gdp"] == "1000000000.5"


def test_a_portable_file(tmp_path: Path) -> None:
    write(tmp_path / "a.por", frame().assign(city=["x", "y", "z"]).rename(columns=str.upper))
    table = {
        "layout": "flat", "unit": {"level": "other", "name": "CITY"}, "year": {"header": "YEAR"},
        "columns": {"gdp": {"header": "GDP", "measure": "1"}},
    }  # fmt: skip
    assert read_made(tmp_path, table, "a.por").records["value"].tolist() == [3401.5, 0.1, 1e9 + 0.5]


def test_a_file_of_sas(tmp_path: Path) -> None:
    (tmp_path / "a.sas7bdat").write_bytes(gzip.decompress(base64.b64decode(SAS)))
    grid = Workbook(tmp_path / "a.sas7bdat").grid(None)
    assert [list(row) for row in grid.rows] == [
        ["city", "gdp", "year", "when", "at"],
        ["北京市", 1.5, 2010.0, "2010-04-30", "2010-04-30T10:00:00"],
        ["天津市", 2.0, 2011.0, "2011-01-01", "2011-01-01"],
        ["", "", 2012.0, "", ""],
    ]
    with pytest.raises(SourceError, match=r"'gdp' is no variable with labels.*SAS keeps them in a file apart"):
        read_made(tmp_path, TABLE | {"value_labels": ["gdp"]}, "a.sas7bdat")


def test_what_a_file_declares_as_missing_is_blank_and_counted(tmp_path: Path) -> None:
    what = frame(share=[98.0, 0.5, 99.0])
    write(tmp_path / "a.sav", what, missing_ranges={"share": [{"lo": 97, "hi": 99}], "gdp": [0.1]})
    columns = TABLE["columns"] | {"share": {"header": "share", "measure": "1"}}
    found = read_made(tmp_path, TABLE | {"columns": columns}, "a.sav")
    share = found.records[found.records["indicator"] == "share"]
    assert share["flag"].tolist() == ["blank", "as_printed", "blank"]
    said = found.ledger[found.ledger["event"].str.contains("declares as missing")]
    assert sorted(said["detail"]) == ["gdp: 1", "share: 2"]


def test_labels_of_values_are_texts_by_declaration(tmp_path: Path) -> None:
    what = frame(own=[1.0, 2.0, 3.0])
    write(
        tmp_path / "a.sav", what, variable_value_labels={"own": {1: "国有", 2: "民营"}}, column_labels={"own": "所有制"}
    )
    columns = TABLE["columns"] | {"own": {"header": "own", "measure": "category"}}
    plain = read_made(tmp_path, TABLE | {"columns": columns}, "a.sav").records
    assert plain.loc[plain["indicator"] == "own", "text"].tolist() == ["1", "2", "3"]
    told = read_made(tmp_path, TABLE | {"columns": columns, "value_labels": ["own"]}, "a.sav")
    assert told.records.loc[told.records["indicator"] == "own", "text"].tolist() == ["国有", "民营", "3"]
    assert "labels of values read as texts" in told.ledger["event"].tolist()
    with pytest.raises(SourceError, match=r"a\.sav: value_labels: 'gdp' is no variable with labels; those are: own"):
        read_made(tmp_path, TABLE | {"value_labels": ["gdp"]}, "a.sav")
    draft = inspect_workbook(tmp_path / "a.sav")
    assert "# column own: 所有制" in draft
    assert "# 1 = 国有; 2 = 民营" in draft


def test_dates_are_read_as_the_period_that_they_lie_in(tmp_path: Path) -> None:
    days = [dt.date(2010, 12, 31), dt.date(2011, 1, 1), dt.date(2012, 6, 30)]
    seconds = [(day - dt.date(1582, 10, 14)).days * 86_400.0 for day in days]
    what = frame(day=days, quarter=seconds).drop(columns="year")
    write(tmp_path / "a.sav", what, variable_format={"quarter": "QYR8"})
    for header in ("day", "quarter"):
        table = TABLE | {"year": {"header": header, "kind": "year"}}
        table["ignore"] = ["quarter" if header == "day" else "day"]
        found = read_made(tmp_path, table, "a.sav")
        assert found.records["year"].tolist() == [2010, 2011, 2012]
        assert found.cells.set_index("cell")["raw_text"][f"1:{header}"] == "2010-12-31"


@pytest.mark.parametrize(
    ("code", "texts", "words"),
    [
        (
            0,
            "gb18030",
            "its texts are not UTF-8, or of the encoding that the file says; they may be read as encoding: gb18030",
        ),
        (
            0,
            "",
            "the text .* is not ASCII, and the file does not say its encoding; it may be read as encoding: .*utf-8",
        ),
        (1252, "gb18030", "the file says that its texts are WINDOWS-1252, but they read as Chinese"),
        (65001, "gb18030", "its texts are not UTF-8, or of the encoding that the file says; they may"),
    ],
)
def test_an_encoding_that_the_file_does_not_say_is_declared(tmp_path: Path, code: int, texts: str, words: str) -> None:
    path = recoded(write(tmp_path / "a.sav", frame()), code, texts)
    with pytest.raises(SourceError, match=words):
        read_made(tmp_path, TABLE, "a.sav")
    if code != 65001:
        found = read_made(tmp_path, TABLE | {"encoding": texts or "utf-8"}, "a.sav")
        assert found.records["unit_name"].tolist() == CITIES
    assert "encoding: gb18030" in inspect_workbook(path) or texts == ""


def test_western_texts_stay_western(tmp_path: Path) -> None:
    path = write(tmp_path / "a.sav", frame().assign(city=["Zürich", "Málaga", "Besançon"]))
    content = recoded(path, 1252).read_bytes()
    for name in ("Zürich", "Málaga", "Besançon"):
        content = content.replace(name.encode(), name.encode("cp1252") + b" ")
    path.write_bytes(content)
    assert [row[0] for row in Workbook(path).grid(None).rows] == ["city", "Zürich", "Málaga", "Besançon"]


def test_an_encoding_other_than_the_file_says_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.sav", frame())
    with pytest.raises(SourceError, match=r"the file says that its texts are UTF-8; leave out 'encoding: gb18030'"):
        read_made(tmp_path, TABLE | {"encoding": "gb18030"}, "a.sav")
    with pytest.raises(SourceError, match=r"no \.sav file is encoded as utf-16"):
        read_made(tmp_path, TABLE | {"encoding": "utf-16"}, "a.sav")


@pytest.mark.parametrize("kind", ["sav", "zsav", "por", "sas7bdat", "xpt"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"PK\3\4" + b"x" * 3_000, "damaged, cut short or of another kind"),
        (b"\x1c\0\0\0\0\0\0\0ENCRYPTEDSAV" + b"\0" * 3_000, "protected by a password"),
    ],
)
def test_other_files_are_refused_in_a_line(tmp_path: Path, kind: str, content: bytes, words: str) -> None:
    (tmp_path / f"a.{kind}").write_bytes(content)
    with pytest.raises(SourceError, match=words) as refused:
        read_made(tmp_path, TABLE, f"a.{kind}")
    assert "\n" not in str(refused.value)


def test_files_cut_short_are_refused(tmp_path: Path) -> None:
    files = {
        "a.sav": write(tmp_path / "b.sav", frame()).read_bytes(),
        "a.sas7bdat": gzip.decompress(base64.b64decode(SAS)),
    }
    for name, content in files.items():
        for share in (0.1, 0.5, 0.97):
            (tmp_path / name).write_bytes(content[: int(len(content) * share)])
            with pytest.raises(SourceError, match=f"{name}: not a readable"):
                read_made(tmp_path, TABLE, name)


def test_limits_of_files_without_sheets(tmp_path: Path) -> None:
    path = write(tmp_path / "a.sav", frame())
    with pytest.raises(
        SourceError, match=r"a\.sav: 3 rows of 3 cells; at most .* 8 cells are read \(limits\.file_cells"
    ):
        Workbook(path, limits=Limits(file_cells=8)).grid(None)
    with pytest.raises(SourceError, match=r"at most 2 columns .*\(limits\.columns in config/config\.yaml\)"):
        Workbook(path, limits=Limits(columns=2)).grid(None)


def test_corrections_and_drafts(tmp_path: Path) -> None:
    path = write(tmp_path / "a.sav", frame())
    read_made(tmp_path, TABLE, "a.sav")
    source = load_source(next(tmp_path.glob("*.yaml")))
    one = Correction(f"{source.source}/1/!2:gdp", "0.1", "4469.1", "misprint")
    assert extract_file(source, 1, tmp_path, [one]).records["value"].tolist()[1] == 4469.1
    twice = pd.concat([frame(), frame().assign(year=[2011, 2012, 2013])])
    draft = inspect_workbook(write(path, twice))
    assert "header_row" not in draft
    assert 'year: { header: "year" }' in draft
    assert 'name: "city"' in draft
