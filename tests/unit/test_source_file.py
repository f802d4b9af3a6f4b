"""Source files: what is accepted, and what a user is told."""

import copy
from pathlib import Path

import pytest
import yaml
from shidian.errors import SourceError
from shidian.yearbook.source import load_source, missing_files, resolve_file

SOURCES = Path(__file__).resolve().parents[2] / "config" / "sources"
GOOD = {
    "source": "demo", "title": "t", "publisher": "p", "citation": "c", "licence": "l", "url": "",
    "accessed": "2026-11",
    "redistributable": False,
    "files": [{"path": "a.xlsx", "what": "demo file", "year": 2010}],
    "tables": [{
        "sheet": "S", "layout": "flat", "unit": {"level": "city", "name": "city"}, "year": {"header": "year"},
        "columns": {"gdp": {"header": "GDP", "measure": "万元"}},
    }],
}  # fmt: skip


def write(folder: Path, document: object) -> Path:
    path = folder / "demo.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return path


def test_good_source_has_defaults(tmp_path: Path) -> None:
    source = load_source(write(tmp_path, GOOD))
    assert source.simulated is False
    assert source.files[0].number == 1
    assert source.tables[0].files == (1,)
    assert source.tables[0].columns[0].missing == ("",)
    assert source.series == ("gdp",)
    (missing,) = missing_files(source, tmp_path)
    assert (missing.path, missing.sha256, missing.what) == (str(tmp_path / "a.xlsx"), None, "demo file")


def broken(change) -> dict:  # type: ignore[no-untyped-def, type-arg]
    document = copy.deepcopy(GOOD)
    change(document)
    return document


def set_column(document: dict, **keys: object) -> None:  # type: ignore[type-arg]
    document["tables"][0]["columns"]["gdp"].update(keys)


def set_table(document: dict, **keys: object) -> None:  # type: ignore[type-arg]
    document["tables"][0].update(keys)


def unread_file(document: dict) -> None:  # type: ignore[type-arg]
    document["files"].append({"path": "b.xlsx", "what": "w"})
    set_table(document, files=[1])


def year_from_file_without_year(document: dict) -> None:  # type: ignore[type-arg]
    del document["files"][0]["year"]
    set_table(document, year={"from_file": True})


DOUBLED = {"gdp": {"header": "GDP", "measure": "x"}, "gdp2": {"header": "GDP", "measure": "x"}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(titel="x"), "unknown key 'titel' (did you mean 'title'?)"),
        (lambda d: d.pop("licence"), "the key 'licence' is missing"),
        (lambda d: set_table(d, sheeet="S"), r"at 'tables[1]': unknown key 'sheeet' (did you mean 'sheet'?)"),
        (lambda d: set_column(d, unit="x"), "at 'tables[1].columns.gdp': unknown key 'unit'"),
        (
            lambda d: d["tables"][0]["unit"].pop("name"),
            "at 'tables[1].unit': needs one of: code, name, fixed_name",
        ),
        (lambda d: set_table(d, layout="flatt"), "'flatt' is not one of"),
        (lambda d: d.update(source="other"), "'other' must equal the file name, 'demo'"),
        (lambda d: set_table(d, files=[2]), "tables[1].files: there is no file 2"),
        (unread_file, "files[2]: no table reads 'b.xlsx'"),
        (lambda d: set_table(d, ignore=["GDP"]), "'GDP' is also read"),
        (lambda d: set_table(d, ignore_patterns=["("]), "is not a regular expression"),
        (lambda d: set_table(d, columns=DOUBLED), "read the same column"),
        (year_from_file_without_year, "needs the key 'year'"),
        (lambda d: set_column(d, valid_from=2011, valid_to=2010), "valid_from is after"),
    ],
)
def test_broken_source_names_file_and_key(tmp_path: Path, change, message: str) -> None:  # type: ignore[no-untyped-def]
    path = write(tmp_path, broken(change))
    with pytest.raises(SourceError) as caught:
        load_source(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)


def test_key_written_twice_and_bad_yaml(tmp_path: Path) -> None:
    path = tmp_path / "demo.yaml"
    path.write_text("source: demo\nsource: demo\n", encoding="utf-8")
    with pytest.raises(SourceError, match="'source' is given twice"):
        load_source(path)
    path.write_text("source: [", encoding="utf-8")
    with pytest.raises(SourceError, match="not valid YAML"):
        load_source(path)


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.yaml")), ids=lambda p: p.stem)
def test_every_shipped_source_file_is_valid(path: Path) -> None:
    source = load_source(path)
    assert source.simulated or all(file.sha256 for file in source.files)


def test_package_files_are_found_without_importing() -> None:
    source = load_source(SOURCES / "castle_causaldata.yaml")
    assert resolve_file(source.files[0], "nowhere").name == "castle.dta"
    assert missing_files(source, "nowhere") == ()
