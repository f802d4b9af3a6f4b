"""Texts packed as .gz, .bz2 or .xz are read as the texts that they are; others are refused in one line."""

import bz2
import gzip
import lzma
from pathlib import Path

import pytest
from shidian.drafting.file import shown_by
from shidian.errors import SourceError
from shidian.yearbook.limits import Limits
from shidian.yearbook.text_form import TextForm
from shidian.yearbook.workbook import Workbook

TEXT = "town;value\n阳江;1.5\n茂名;2\n"
PACK = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


def rows(path: Path, form: TextForm | None = None) -> list[tuple[str, ...]]:
    return [tuple(row) for row in Workbook(path, form or TextForm()).grid(None).rows]


@pytest.mark.parametrize("ending", PACK)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_packed_text_reads_as_the_text_itself(tmp_path, ending, encoding):
    plain, packed = tmp_path / "a.csv", tmp_path / f"a.CSV{ending.upper()}"
    plain.write_bytes(TEXT.encode(encoding))
    packed.write_bytes(PACK[ending](TEXT.encode(encoding)))
    form = TextForm(encoding=encoding)
    assert rows(packed, form) == rows(plain, form) == [("town", "value"), ("阳江", "1.5"), ("茂名", "2")]
    assert shown_by(packed, None) == shown_by(plain, None)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cut.csv.bz2", bz2.compress(b"a,b\n1,2\n" * 99)[:-9], "damaged or cut short"),
        ("cut.csv.gz", gzip.compress(b"a,b\n1,2\n" * 99)[:-9], "damaged or cut short"),
        ("cut.csv.xz", lzma.compress(b"a,b\n1,2\n" * 99)[:-9], "damaged or cut short"),
        ("other.csv.bz2", gzip.compress(b"a,b\n"), "not a readable .bz2 file"),
        ("panel.dta.gz", gzip.compress(b"x"), "of packed files only texts are read, such as .csv.gz"),
        ("panel.gz", gzip.compress(b"x"), "of packed files only texts are read"),
    ],
    ids=[
        "cut bz2",
        "cut gz",
        "cut xz",
        "gz named bz2",
        "packed dta",
        "packed without a kind",
    ],  # bytes of gz hold the time
)
def test_what_is_no_packed_text_is_refused(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=said) as refused:
        rows(path)
    assert str(refused.value).startswith(str(path))
    assert "\n" not in str(refused.value)


def test_a_small_file_that_unpacks_to_more_than_the_limit_is_refused(tmp_path):
    path = tmp_path / "bomb.csv.bz2"
    path.write_bytes(bz2.compress(b"1,2\n" * 1_000_000))
    with pytest.raises(SourceError, match=r"limits.unpacked_mb in config/config.yaml"):
        Workbook(path, TextForm(), Limits(unpacked_mb=1)).grid(None)
