"""Texts as a source: a document a file, or a table of documents; kept verbatim, unit and year from name or entry."""

import hashlib

import pytest
import yaml
from shidian.errors import SourceError
from shidian.yearbook.extract import extract_files
from shidian.yearbook.raw_paths import expand
from shidian.yearbook.source import load_source
from shidian.yearbook.texts import read_name

HEAD = {
    "title": "Work reports", "publisher": "made for the tests", "citation": "made for the tests",
    "licence": "none stated", "url": "", "accessed": "2026-01", "redistributable": True,
}  # fmt: skip
TABLE = {
    "layout": "text", "document": "report", "unit": {"level": "province", "from_file": True},
    "year": {"from_file": True},
}  # fmt: skip
REPORT = "各位代表：\r\n  大力发展数字经济。\n"


def source(folder, files, table, name="reports"):
    (folder / "config").mkdir(exist_ok=True)
    path = folder / "config" / f"{name}.yaml"
    content = {"source": name, **HEAD, "files": files, "tables": [table]}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return load_source(path)


def write(folder, path, text, encoding="utf-8"):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(text.encode(encoding))


def read(folder, one):
    return extract_files(one, range(1, len(one.files) + 1), folder)


def test_braces_stand_for_files_in_order():
    assert list(expand("a/{44,51}_{2004..2006}.txt"))[2:4] == ["a/44_2006.txt", "a/51_2004.txt"]
    assert list(expand("plain.txt")) == ["plain.txt"]
    assert list(expand("{code}_{year}.txt")) == ["{code}_{year}.txt"]  # no list, no span: nothing to expand


def test_unit_and_year_come_from_the_file_name():
    said = read_name("{year}年{name}政府工作报告.txt", "reports/2015年广东省政府工作报告.txt")
    assert said == {"year": "2015", "name": "广东省"}
    assert read_name("r_{code}_{year}.txt", "r_440000_2010.txt") == {"code": "440000", "year": "2010"}
    with pytest.raises(SourceError, match=r"the file's name 'r_44_2010\.txt' is not as file_name says"):
        read_name("r_{code}_{year}.txt", "r_44_2010.txt")
    with pytest.raises(SourceError, match="'3010' in the file's name"):
        read_name("r_{code}_{year}.txt", "r_440000_3010.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_document_is_kept_verbatim_with_its_trail(tmp_path, encoding):
    write(tmp_path, "2015年广东省.txt", "标题\n" + REPORT, encoding)
    write(tmp_path, "2015年四川省.txt", "标题\n \n", encoding)
    files = [{"path": "2015年{广东省,四川省}.txt", "what": "a report"}]
    table = {**TABLE, "encoding": encoding, "file_name": "{year}年{name}.txt", "skip_lines": 1}
    found = read(tmp_path, source(tmp_path, files, table))
    records = found.records.set_index("unit_name")
    assert records.loc["广东省", ["year", "indicator", "measure", "flag"]].tolist() == [
        2015, "report", "text", "as_printed",
    ]  # fmt: skip
    assert records.loc["广东省", "value"] == len(REPORT)
    assert records.loc["四川省", "flag"] == "blank"
    assert records["value"].isna().tolist() == [False, True]
    cells = found.cells.set_index("cell_id")
    cell = cells.loc[records.loc["广东省", "cell_id"]]
    assert cell["raw_text"] == REPORT
    assert cell["file"] == "2015年广东省.txt"
    assert cell["sha256"] == hashlib.sha256((tmp_path / "2015年广东省.txt").read_bytes()).hexdigest()
    assert found.ledger[["event", "count"]].values.tolist() == [["read as missing: blank", 1]]


def test_what_the_name_does_not_say_stands_in_the_entry(tmp_path):
    write(tmp_path, "a.txt", REPORT)
    one = source(tmp_path, [{"path": "a.txt", "what": "a report", "code": "440000", "year": 2016}], TABLE)
    records = read(tmp_path, one).records
    assert records[["unit_code", "year"]].values.tolist() == [["440000", 2016]]
    with pytest.raises(SourceError, match=r"a.txt: neither file_name nor the file's entry says its year"):
        source(tmp_path, [{"path": "a.txt", "what": "a report", "code": "440000"}], TABLE)


def test_a_table_of_documents(tmp_path):
    write(tmp_path, "all.csv", 'code,year,text\n440000,2015,"大力发展\n数字经济"\n510000,2015,\n')
    table = {
        "layout": "flat", "unit": {"level": "province", "code": "code"}, "year": {"header": "year"},
        "columns": {"report": {"header": "text", "measure": "text"}},
    }  # fmt: skip
    found = read(tmp_path, source(tmp_path, [{"path": "all.csv", "what": "reports"}], table))
    records = found.records.set_index("unit_code")
    assert records.loc["440000", "value"] == len("大力发展\n数字经济")
    assert records.loc["510000", "flag"] == "blank"
    cell = found.cells.set_index("cell_id").loc[records.loc["440000", "cell_id"]]
    assert (cell["cell"], cell["raw_text"]) == ("2:text", "大力发展\n数字经济")


def test_wrong_files_are_named(tmp_path):
    write(tmp_path, "a.txt", REPORT, "gb18030")
    entry = {"path": "a.txt", "what": "a report", "code": "440000", "year": 2016}
    with pytest.raises(SourceError, match=r"a.txt: not utf-8 text \(byte 0, line 1\).*encoding: gb18030 \('各位代表"):
        read(tmp_path, source(tmp_path, [entry], TABLE))
    with pytest.raises(SourceError, match="2 lines, declared: skip_lines: 5"):
        read(tmp_path, source(tmp_path, [entry], {**TABLE, "encoding": "gb18030", "skip_lines": 5}))
    with pytest.raises(SourceError, match="'44' is not a six-digit code"):
        read(tmp_path, source(tmp_path, [{**entry, "code": "44"}], {**TABLE, "encoding": "gb18030"}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"columns": {"a": {"header": "b", "measure": "1"}}}, "columns: a table with layout: text has no such key"),
        ({"document": None}, "layout: text needs 'document'"),
        ({"year": {"fixed": 2010}}, "'unit: {from_file: true}' and 'year: {from_file: true}'"),
        ({"layout": "flat", "columns": {"a": {"header": "b", "measure": "1"}}}, "belongs to layout: text"),
        ({"layout": "flat", "document": None}, "the key 'columns' is missing"),
    ],
)
def test_contradictions_in_a_declaration_are_errors(tmp_path, change, message):
    table = {key: value for key, value in {**TABLE, **change}.items() if value is not None}
    entry = {"path": "a.txt", "what": "a report", "code": "440000", "year": 2016}
    with pytest.raises(SourceError, match=message):
        source(tmp_path, [entry], table)


def test_one_checksum_is_for_one_file(tmp_path):
    files = [{"path": "{a,b}.txt", "what": "reports", "sha256": "0" * 64, "year": 2010, "code": "440000"}]
    with pytest.raises(SourceError, match="a checksum belongs to one file, but the path stands for 2"):
        source(tmp_path, files, TABLE)
