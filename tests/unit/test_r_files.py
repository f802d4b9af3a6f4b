"""Files of R: data frames as R holds them, or one line that says why not. Most were written by R 4.2."""

import base64
import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rdata
from made_workbooks import read_made
from shidian.drafting.inspect import inspect_workbook
from shidian.errors import SourceError
from shidian.yearbook.limits import Limits
from shidian.yearbook.workbook import Workbook

ALONE = (
    "H4sIAAAAAAAAA3VSz0sCQRSe/aW4kAT9HXnuplIUnQpS8Cbj7pjR5sq6KXZJOil0qFMHBSPyUHToECFBdOlYl/oXXPHoKbqUzczOs9xwYWfe+958"
    "870fk9ERQgpSZRkpGjWRlk6tLi5RbIE6EfrP8wOozuyId3zWf7jxekcT4PJqcNdlgMpPsy/KGPFP30kI8HDE1vAFxBOdgh/vWGIviZOKH395rnP8"
    "NV6f5qsyNSShpxkWLpdFmgCqK9gldP+Gy5JvH9cNaiTf11rn/y6TxoIvC354c2NrPWO4wg1x1w0quwd2kQSUlXRqWQjP+X1DnMNLmOaHLFIhVnki"
    "7TdUGXafwOz32oEEJ9w8Nlzb+VtifDSr3wFVnOOqMmPJQVawxiLeI8EUQ17rcdBugje4PR2edP1UpslcapK5eDCDZp2SvcZ9oDRFsKIFXCHFLOda"
    "xBSoXjFcp5xlKxRi2vs5S0wZQbNFo7mtA8aA3wFooBiB12LsuDWY37ZZArhGMIip1QIpClvG8C6kXWDZVYhKYCg11riphkQcuxqDjrKMZZbVeDz+"
    "mjFm3cQujuUdSmF1/gAv1etsrAMAAA=="
)
"""A data frame of three rows: city, gdp, year, when, at, k (a factor), own (labelled), n (integers), yes (truths)."""
TWO = (
    "H4sIAAAAAAAAAwtyiTDmiuBiYGBgZmBhYmJgZgUyGVhDQ9x0LRiAIkAOIwMLAyeITgEqEgYyQBwBsA6GBhCb82nP9Ce71jzd0QQXWLLy2ZalIAGI"
    "VhDgA+mw/wHhOEAF6z+ASPZFMHmH+RkQ+fk5ULoAqpIZIn/mSANY/Kx9A6p+FKeyJuckFhdDnQkTZHFJLEkF0v9ghjle+raqA8hwvOw+ewGGYUz/"
    "ofqZoPrZA/yDPSOSS6BcNjC3BN3mkqr8vFQ0m5lDQ5yhFvNCwo0BrAfsBVT9bDmpZak5xXCrIQHK/GLpfhjzyY45aA6E601LTC7JL0L2ov0HXOGN"
    "ZmtiEthWJpAuJnRd6H7MS8xNRXci29PZe5/N6YTxnm2Y+GLCUohTUDWDrYK7HJpgnnU2ADU/7diG5jVmqC6+jMSy1Lx4sN6c1BSoKFdZcklRcTyI"
    "hHkkJb80KQcaywywwIYGNJjNBRMDCSAigA1mIycstSRnllTC4i89pQAmXJmaCLOMpTwjNQ/KZkqEpQvGbJiu/HKYLCOMwVwJCjiUAOEsyi/Xg4Uo"
    "yMVMIFf9////L45o5kpJLEnUSysCasESvoypaLmUiYhcCsl9TOi5EyaOniuhqYsJPTficDB6xmNCz3hkZDhmdEvQ8hgTFDNClLMgzKYsR+HIG6z/"
    "8ecdNnT7CWQXdoRLaJ5DkIoicO6ABhuG0+mVMzjQ0wFjBYxRSWyWYPgHAN0BmJLZBgAA"
)
"""That data frame as d, and as e its first two rows, called x and y."""
MIXED = (
    "H4sIAAAAAAAAA3VSMU8CMRQuvQPCJRoTf4csLm5oJBonjUrCRspdFePBETghuEicNHHQyQESjJFB4+BgDDExLo666F8AwshkXATbXh96VS+59r2v"
    "/fq997Wr8eS0kTQQQhrSMUZakIUomFhfmJpBDGFJAOkowmeLbZpkAU8mBANVeRzpHJ227687rf0RcHHZvW1ywKPyb5wzYh9eMivBvT4fw+ewPtvI"
    "eOsNW855uVPz1p+fqgJ/iVX9fF+pQdMmxaIsE0A9TlzK5gEcNvf6fnXAgrm3xdrZr8PwUPKx5IdXlteWkqYr05BIXVXZ3XVyVFHWEuvzUnjM8w0J"
    "jmjBzw/ZtETt4kjaM1TrNR8hbLfqSoEj7gYxXafws8VY/z+/FVWSFqqYs7DKUnvMkSxVSwx1ag/d+iFk3ZuT3nHTK8VPFlKjyuWD6R5WGblzcKe0"
    "pknWeIaUaC4luDa1JGqUTLdQTPERGrGcnbQtbxmB2dJoERuAceD7AkKgGIHXYm65Fbi/TSsPcIUSENPLGZqTMSbwLgLbwHLKsBqAQKtw43yGRApO"
    "OQqO8ooxr2o4HH7+c82GRVwS3Sgwyh/+BrKMwo/RZZNYNqwrGzVrKwuKP37u2+AL3iKgeRYEAAA="
)
"""That data frame as d, and a matrix."""
NATIVE = (
    "H4sIAAAAAAAAA4vgYmBgYGZgYWJiYGYFMhlYQ0PcdC2AYsJADhMQC4AVMDBwAjHbxo37Vp66AOOdebP3E5DHAuaBAB9Irf0PCMcBKlj/AUSyL2IA"
    "2gJkMELVs+Yl5qYWQy1gggqyJGeWVELZzOkpBWh6OIvyy/Vg+nhB+hqAxP////+iG56ck1gMMxwmyJWSWJKol1YE1A/k/QMAb61HxfsAAAA="
)
"""City and gdp, the texts in GB18030 without a word about it."""
COLUMNS = ["city", "gdp", "year", "when", "at", "k", "own", "n", "yes"]
TABLE: dict[str, Any] = {
    "layout": "flat",
    "unit": {"level": "other", "name": "city"},
    "year": {"header": "year"},
    "columns": {
        "gdp": {"header": "gdp", "measure": "亿元"},
        "kind": {"header": "k", "measure": "category"},
        "own": {"header": "own", "measure": "category"},
    },
    "ignore": ["when", "at", "n", "yes"],
}


def put(path: Path, text: str) -> Path:
    path.write_bytes(base64.b64decode(text))
    return path


def test_columns_are_as_r_holds_them(tmp_path: Path) -> None:
    grid = Workbook(put(tmp_path / "a.rds", ALONE)).grid(None)
    assert [list(row) for row in grid.rows] == [
        COLUMNS,
        ["北京市", 1.5, 2010.0, "2010-04-30", "2010-04-30T10:00:00", "东", 1.0, 1.0, 1.0],
        ["天津市", 2.0, 2011.0, "2011-01-01", "2011-01-01", "西", 2.0, "", 0.0],
        ["", "", 2012.0, "", "", "", "", 3.0, ""],
    ]
    assert grid.seen == (("truth values read as 1 and 0", "yes"),)


def test_labels_and_factors_are_texts(tmp_path: Path) -> None:
    put(tmp_path / "a.rds", ALONE)
    found = read_made(tmp_path, TABLE | {"value_labels": ["own"], "drop_rows": {"year": "2012"}}, "a.rds")
    records = found.records
    assert records.loc[records["indicator"] == "kind", "text"].tolist() == ["东", "西"]
    assert records.loc[records["indicator"] == "own", "text"].tolist() == ["国有", "民营"]
    assert records.loc[records["indicator"] == "gdp", "cell_id"].tolist()[1].endswith("/1/!2:gdp")
    assert "labels of values read as texts" in found.ledger["event"].tolist()
    with pytest.raises(SourceError, match=r"'k' is no column with labels; those are: own \(a factor is read"):
        read_made(tmp_path, TABLE | {"value_labels": ["k"]}, "a.rds")


def test_several_data_frames_are_sheets(tmp_path: Path) -> None:
    book = Workbook(put(tmp_path / "a.RData", TWO))
    assert book.sheet_names == ["d", "e"]
    grid = book.grid("e")
    assert grid.sheet == "e"
    assert [row[:2] for row in grid.rows] == [["row.names", "city"], ["x", "北京市"], ["y", "天津市"]]
    with pytest.raises(SourceError, match=r"a\.RData: say which of its data frames: sheet: d, e"):
        book.grid(None)
    with pytest.raises(SourceError, match=r"the sheet 'e' is neither read nor declared under ignore_sheets"):
        read_made(tmp_path, TABLE | {"sheet": "d"}, "a.RData")
    found = read_made(tmp_path, TABLE | {"sheet": "d", "drop_rows": {"year": "2012"}}, "a.RData", ignore_sheets=["e"])
    assert found.records["cell_id"].str.contains("/1/d!1:gdp").any()
    assert Workbook(put(tmp_path / "b.rda", MIXED)).sheet_names == ["d"]


def test_one_data_frame_has_no_sheet(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a file with one data frame has no sheets; leave out 'sheet: d'"):
        Workbook(put(tmp_path / "a.rds", ALONE)).grid("d")


def test_texts_in_no_encoding_that_the_file_says(tmp_path: Path) -> None:
    path = put(tmp_path / "a.rds", NATIVE)
    with pytest.raises(
        SourceError, match=r"is not of the encoding that the file says; .* encoding: gb18030 \('北京市'\)"
    ):
        Workbook(path).grid(None)
    assert "encoding: gb18030" in inspect_workbook(path)
    table = {"layout": "flat", "encoding": "gb18030", "unit": {"level": "other", "name": "city"}}
    table |= {"columns": {"gdp": {"header": "gdp", "measure": "亿元"}}, "footer": {"blank_rows": 1}}
    assert read_made(tmp_path, table, "a.rds").records["unit_name"].tolist() == ["北京市", "天津市"]


@pytest.mark.parametrize("packing", ["gzip", "bzip2", "xz", None])
def test_every_packing(tmp_path: Path, packing: Any) -> None:
    frame = pd.DataFrame({"gdp": [1.5, np.nan, 1e9 + 0.5], "kind": pd.Categorical(["a", "b", None])})
    rdata.write_rds(tmp_path / "a.rds", frame, compression=packing)
    rows = [list(row) for row in Workbook(tmp_path / "a.rds").grid(None).rows]
    assert rows == [["gdp", "kind"], [1.5, "a"], ["", "b"], [1e9 + 0.5, ""]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "this is no file of R, whatever its name says"),
        (b"PK\3\4" + b"x" * 300, "this is no file of R, whatever its name says"),
        (b"city,gdp\nx,1\n", "this is no file of R, whatever its name says"),
        (base64.b64decode(ALONE)[:200], "not a readable file of R, damaged or cut short"),
        (
            gzip.compress(gzip.decompress(base64.b64decode(ALONE))[:500]),
            "not a readable file of R, damaged or cut short",
        ),
    ],
)
def test_other_files_are_refused_in_a_line(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.rds").write_bytes(content)
    with pytest.raises(SourceError, match=words) as refused:
        read_made(tmp_path, TABLE, "a.rds")
    assert "\n" not in str(refused.value)


def test_what_is_no_data_frame_is_refused(tmp_path: Path) -> None:
    rdata.write_rds(tmp_path / "a.rds", np.arange(3.0))
    with pytest.raises(SourceError, match=r"a\.rds: it holds no data frame but ndarray; save the data frame"):
        Workbook(tmp_path / "a.rds")


def test_limits(tmp_path: Path) -> None:
    rdata.write_rds(tmp_path / "a.rds", pd.DataFrame({"gdp": np.zeros(200_000)}))
    assert (tmp_path / "a.rds").stat().st_size < 10_000
    with pytest.raises(
        SourceError, match=r"unpacked; at most 1 are read \(limits\.unpacked_mb in config/config\.yaml\)"
    ):
        Workbook(tmp_path / "a.rds", limits=Limits(unpacked_mb=1))
    with pytest.raises(SourceError, match=r"200,000 rows of 1 cells; .*\(limits\.file_cells in config/config\.yaml\)"):
        Workbook(tmp_path / "a.rds", limits=Limits(file_cells=1000))
