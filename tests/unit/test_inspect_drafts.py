"""Drafts of source files: names, codes, levels, labels and periods are guessed, and what is drafted reads."""

import os
from pathlib import Path

import pandas as pd
import pytest
from shidian.drafting.inspect import inspect_workbook
from shidian.drafting.names import series_names
from shidian.errors import SourceError
from shidian.period import read_period
from shidian.yearbook.extract import extract_file
from shidian.yearbook.source import load_source
from shidian.yearbook.stata import likely_encoding, read_labels, read_stata

CASES = Path(os.environ.get("SHIDIAN_SHARED", "../shared")) / "cases"


def drafted(path: Path) -> str:
    return inspect_workbook(path).split("Draft of the source file:\n\n")[1]


def records_of(path: Path, folder: Path) -> pd.DataFrame:
    """Fill in what a draft leaves to its user, and nothing else, and read the file."""
    text = drafted(path).replace("accessed: TODO", 'accessed: "2026-11"').replace(": TODO\n", ': "x"\n')
    name = text.splitlines()[0].removeprefix("source: ")
    source = folder / f"{name}.yaml"
    source.write_text(text, encoding="utf-8")
    return extract_file(load_source(source), 1, path.parent).records


def case(name: str) -> Path:
    path = CASES / name
    if not path.exists():
        pytest.skip(f"no {path}")
    return path


@pytest.mark.parametrize(
    ("file", "units", "years", "series"),
    [
        ("papers/wolfers/Divorce-Wolfers-AER.dta", 51, (1956, 1998), {"div_rate", "stpop", "lfdivlaw"}),
        ("papers/ren/spatial_data.dta", 31, (2011, 2017), {"ln_tfp", "l3_pub_emp", "l3_aging"}),
        ("papers/gbk/gbk.dta", 2, (2010, 2011), {"y", "post"}),
        ("papers/mpdta/mpdta.csv", 500, (2003, 2007), {"lemp", "first_treat"}),
        ("papers/firm/firm.csv", 1666, (2019, 2024), {"industry_code", "province_std", "patent_stock"}),
        ("papers/produc/plm_Produc.csv", 48, (1970, 1986), {"region", "pcap"}),
        ("papers/firms/firms.csv", 20, (2001, 2006), {"city", "y"}),
    ],
)
def test_the_files_of_papers_read_as_drafted(tmp_path, file, units, years, series):
    found = records_of(case(file), tmp_path)
    assert found["unit_code"].fillna(found["unit_name"]).nunique() == units
    assert (found["year"].min(), found["year"].max()) == years
    assert series <= set(found["indicator"])


@pytest.mark.parametrize("file", ["papers/firms/pilot_city.csv", "papers/mpdta/adopt_blank.csv"])
def test_a_list_of_adoption_years_is_facts_of_units(tmp_path, file):
    found = records_of(case(file), tmp_path)
    assert found["year"].isna().all()
    assert set(found["indicator"]) == {"first"}


def test_quarters_are_drafted_as_such(tmp_path):
    draft = drafted(case("papers/organ/organ_donation2.csv"))
    assert 'year: { header: "Quarter", kind: quarter }' in draft
    assert "      rate: # column Rate" in draft
    assert records_of(CASES / "papers/organ/organ_donation2.csv", tmp_path)["unit_name"].nunique() == 27


def test_a_column_of_quarters_is_drafted_as_numbers_of_periods(tmp_path):
    path = tmp_path / "towns.csv"
    rows = [
        (town, f"Town {town}", f"2013Q{q}", 1.5, "2013Q3" if town < 3 else "") for town in range(1, 6) for q in (1, 2)
    ]
    path.write_text("id,town,quarter,price,first\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))
    draft = drafted(path)
    assert 'header: "first"\n        measure: "1"\n        period: { kind: quarter }' in draft
    values = records_of(path, tmp_path).query("indicator == 'first'")["value"]
    assert set(values.dropna()) == {read_period("quarter", "2013Q3")}


def test_names_come_from_headers():
    paths = [("GDP per capita (yuan)",), ("Rate",), ("甲乙",), ("rate",), ("2nd",), ("unit",), ("A", "x"), ("B", "x")]
    assert series_names(paths) == [
        "gdp_per_capita", "rate", "series_3", "rate_2", "n2nd", "unit_value", "a_x", "b_x",
    ]  # fmt: skip
    assert series_names([("Rate",), ("丙",)], taken=["rate"], start=4) == ["rate_2", "series_6"]


def test_codes_and_names_of_chinas_units_say_the_level(tmp_path):
    cities = ((320100, "南京市", "a"), (320500, "苏州", "b"), (130100, "石家庄市", "a"))
    rows = [f"{code},{name},{year},{code % 7}.5,{kind}" for year in (2019, 2020) for code, name, kind in cities]
    rows.insert(0, "code,市,year,gdp,Sector")
    (tmp_path / "a.csv").write_text("\n".join(rows) + "\n", encoding="gb18030")
    draft = drafted(tmp_path / "a.csv")
    assert "level: city # 3 of 3 codes are known at this level" in draft
    assert '      code: "code"\n      name: "市"\n' in draft
    assert "code_kind" not in draft
    assert "    encoding: gb18030\n" in draft
    assert '        header: "Sector"\n        measure: category\n' in draft
    assert records_of(tmp_path / "a.csv", tmp_path)["unit_code"].nunique() == 3


def test_six_digits_that_are_no_region_are_plain_codes(tmp_path):
    rows = ["stkcd,year,y", *(f"{firm:06},{year},{firm % 5}.1" for firm in (1, 19, 600519) for year in (2019, 2020))]
    (tmp_path / "a.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    draft = drafted(tmp_path / "a.csv")
    assert '      level: other # TODO: country, province, city, county or other\n      code: "stkcd"' in draft
    assert "      code_kind: plain" in draft
    assert set(records_of(tmp_path / "a.csv", tmp_path)["unit_code"]) == {"000001", "000019", "600519"}


def test_labels_of_stata_are_comments(tmp_path):
    frame = pd.DataFrame({"id": [1, 1, 2, 2], "year": [2001, 2002] * 2, "kind": [0, 1, 0, 1], "gdp": [1.5, 2, 3, 4]})
    frame.to_stata(
        tmp_path / "a.dta", write_index=False, variable_labels={"gdp": "Output, 亿元", "kind": "Kind"},
        value_labels={"kind": {0: "none", 1: "pilot"}}, version=118,
    )  # fmt: skip
    labels = read_labels(tmp_path / "a.dta")
    assert labels.variables["gdp"] == "Output, 亿元"
    assert labels.values == {"kind": {0.0: "none", 1.0: "pilot"}}
    draft = drafted(tmp_path / "a.dta")
    assert "      gdp: # column gdp: Output, 亿元\n" in draft
    assert '      kind: # column kind: Kind\n        header: "kind" # 0 = none; 1 = pilot\n' in draft
    assert "header_row" not in draft
    assert len(records_of(tmp_path / "a.dta", tmp_path)) == 8


def test_texts_of_an_old_file_of_stata_want_their_encoding():
    path = case("papers/gbk/gbk.dta")
    with pytest.raises(SourceError, match=r"column 'city' a text is not ASCII.*gb18030 \('南京'\), latin-1 \('ÄÏ¾©'\)"):
        read_stata(path)
    with pytest.raises(SourceError, match="is not utf-8 text; it may be read as encoding: gb18030"):
        read_stata(path, "utf-8")
    assert likely_encoding(path) == "gb18030"
    assert read_stata(path, "gb18030").rows[1][0] == "南京"
    assert "Texts read as gb18030" in inspect_workbook(path)


def test_a_new_file_of_stata_says_its_encoding(tmp_path):
    frame = pd.DataFrame({"name": ["南京", "Orléans"], "year": [2001, 2001], "x": [1.0, 2.0]})
    frame.to_stata(tmp_path / "a.dta", write_index=False, version=118)
    assert [row[0] for row in read_stata(tmp_path / "a.dta").rows] == ["name", "南京", "Orléans"]
    assert likely_encoding(tmp_path / "a.dta") is None
    with pytest.raises(SourceError, match="since Stata 14 have their texts in UTF-8; leave out 'encoding: gb18030'"):
        read_stata(tmp_path / "a.dta", "gb18030")


def test_texts_of_western_europe_are_no_chinese(tmp_path):
    frame = pd.DataFrame({"name": ["Orléans", "Ås"], "year": [2001, 2001], "x": [1.0, 2.0]})
    frame.to_stata(tmp_path / "a.dta", write_index=False, version=114)
    assert likely_encoding(tmp_path / "a.dta") in ("latin-1", "gb18030")
    assert read_stata(tmp_path / "a.dta", "latin-1").rows[1][0] == "Orléans"
