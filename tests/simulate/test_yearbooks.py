"""The workbooks: same bytes for a seed, labels everywhere, planted cells in their places, mess as the key says."""

import hashlib
import math
import re
import zipfile

import pandas as pd
import pytest
import yaml
from python_calamine import CalamineWorkbook
from shidian.errors import SimulationError
from shidian.indicators.keyword_counts import stock_tokenizer
from shidian.simulate.catalogue import SIMULATED, family
from shidian.simulate.cities import simulate_cities
from shidian.simulate.mess import planted_gaps
from shidian.simulate.volumes import write_volume
from shidian.simulate.work_reports import DIGITAL, FILLER
from shidian.simulate.world import Size
from shidian.simulate.yearbooks import write_all_reports, write_yearbooks

from .conftest import SEED, SMALL, YEARS


def digests(folder):
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def position(a1):
    letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", a1).groups()
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - 64
    return int(digits) - 1, column - 1


@pytest.fixture(scope="module")
def books(written):
    """File -> sheet -> rows, as printed."""
    result = {}
    for path in sorted(written.rglob("*.xlsx")):
        book = CalamineWorkbook.from_path(path)
        sheets = {n: book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in book.sheet_names}
        result[path.relative_to(written).as_posix()] = sheets
    return result


def printed(books, row):
    r, c = position(row.cell)
    cells = books[row.file][row.sheet]
    return cells[r][c] if r < len(cells) else ""


def test_one_seed_gives_the_same_bytes_whatever_the_number_of_processes(written, tmp_path):
    write_yearbooks(tmp_path, SEED, size=SMALL, years=YEARS, jobs=2)
    write_all_reports(tmp_path, SEED)
    assert digests(tmp_path) == digests(written)


def test_another_seed_gives_other_workbooks(written, tmp_path):
    write_yearbooks(tmp_path, SEED + 1, size=SMALL, years=YEARS, levels=["province"])
    other, same = digests(tmp_path), digests(written)
    volumes = [name for name in other if name.startswith("province/") and name.endswith(".xlsx")]
    assert len(volumes) == 4
    assert all(other[name] != same[name] for name in volumes)


def test_a_volume_does_not_depend_on_which_others_are_written(written, tmp_path):
    world = simulate_cities(SEED, SMALL)
    volume = write_volume(world, 2010, SEED, tmp_path)
    assert (tmp_path / volume.file).read_bytes() == (written / volume.file).read_bytes()


def test_no_time_of_the_day_is_in_the_files(written):
    for path in written.rglob("*.xlsx"):
        with zipfile.ZipFile(path) as archive:
            assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_everything_says_simulated(written, books):
    assert len(books) == 12 + 3 + 4
    for file, sheets in books.items():
        assert file.split("/")[1].startswith("sim_")
        for name, rows in sheets.items():
            assert "SIMULATED" in str(rows[0][0]), (file, name)
    for path in written.glob("work_reports/*.txt"):
        assert SIMULATED in path.read_text(encoding="utf-8").splitlines()[0]
        assert path.name.startswith("sim_")
    for level in ("city", "county", "province"):
        assert SIMULATED in (written / level / "SIMULATED.txt").read_text(encoding="utf-8")
        assert yaml.safe_load((written / level / "truth.yaml").read_text(encoding="utf-8"))["note"] == SIMULATED


def test_every_continuation_says_simulated(books):
    titles = [
        str(c)
        for sheets in books.values()
        for rows in sheets.values()
        for r in rows
        for c in r
        if re.search(r"续表|\(续\)", str(c))
    ]
    assert titles
    assert all("SIMULATED" in title for title in titles)


def test_the_printed_habits_are_there(written):
    book = CalamineWorkbook.from_path(written / "city/sim_city_yearbook_2006.xlsx")
    sheet = book.get_sheet_by_name("2-1")
    rows = sheet.to_python(skip_empty_area=False)
    text = [str(c) for row in rows for c in row]
    assert ((2, 0), (3, 1)) in sheet.merged_cell_ranges
    assert ((2, 2), (2, 3)) in sheet.merged_cell_ranges
    assert rows[3][2:4] == ["全市\nTotal City", "市辖区\nDistricts under City"]
    assert any(c.startswith("注：") for c in text)
    assert "Total City" in " ".join(text)
    assert all(isinstance(c, str) for row in rows for c in row), "numbers are stored as text"
    names = [r[0] for r in rows]
    assert any(n.endswith("省") for n in names), "provinces stand above their cities"
    unit_row = book.get_sheet_by_name("2-6").to_python(skip_empty_area=False)
    assert [r[0] for r in unit_row[2:4]] == ["单位：万元", "(10 000 yuan)"]


def test_every_planted_number_stands_in_its_cell(planted, books):
    assert len(planted) > 4500
    assert not planted.duplicated(["file", "sheet", "cell"]).any()
    assert not planted.duplicated(["file", "unit_code", "indicator"]).any()
    for row in planted.itertuples():
        assert printed(books, row) == row.text


def test_numbers_without_mess_are_the_planted_values(planted, key):
    messy = key[key["kind"].isin(["gap", "misprint", "footnote_mark"])]
    clean = planted.merge(messy[["file", "sheet", "cell", "kind"]], how="left", on=["file", "sheet", "cell"])
    plain = clean[clean["kind"].isna()]
    assert (plain["text"].astype(float) == plain["value"]).all()
    wrong = clean[clean["kind"] == "misprint"]
    assert len(wrong) == 6 * 12
    assert (wrong["text"].astype(float) != wrong["value"]).all()
    assert clean.loc[clean["kind"] == "gap", "value"].isna().all()


def test_planted_values_are_the_simulated_items(planted):
    world = simulate_cities(SEED, SMALL)
    i = 5
    code = world.units["code"][i]
    row = planted[(planted["indicator"] == "deposits") & (planted["unit_code"] == code)].set_index("year")
    item = {int(y): v for y, v in zip(world.years, world.items["deposits_wan_yuan"][i], strict=True)}
    assert row["measure"].to_dict() == {2006: "万元", 2010: "万元", 2013: "万元", 2017: "亿元"}
    assert row.loc[2010, "value"] == pytest.approx(item[2010], abs=0.5)
    assert row.loc[2017, "value"] == pytest.approx(item[2017] * 1e-4, rel=1e-6)


def test_the_key_says_what_is_printed_and_what_is_true(key, books):
    kinds = set(key["kind"])
    assert {"gap", "misprint", "footnote_mark", "spaced_name", "unit_change", "header_change"} <= kinds
    for row in key[key["cell"] != ""].itertuples():
        assert printed(books, row) == row.printed
        if row.kind == "spaced_name":
            assert "".join(row.printed.split()) == row.true
        if row.kind == "footnote_mark":
            assert row.printed == row.true + "①"
        if row.kind == "gap":
            assert row.printed in ("", "—", "…")
    changes = key[key["kind"] == "unit_change"]["printed"].tolist()
    assert "deposits: 亿元" in changes


def test_renamed_cities_are_printed_under_the_name_of_their_year(tmp_path):
    world = simulate_cities(SEED, Size(cities=289))
    volume = write_volume(world, 2009, SEED, tmp_path)
    renamed = volume.key[volume.key["kind"] == "renamed"]
    assert set(renamed["true"]) == {"420600"}
    assert {"".join(t.split()) for t in renamed["printed"]} == {"襄樊市"}
    later = write_volume(world, 2012, SEED, tmp_path)
    assert "renamed" not in set(later.key["kind"])


def test_misprints_have_a_matching_correction(corrections, key, books):
    assert len(corrections) == (key["kind"] == "misprint").sum() == 72
    for entry in corrections:
        source, number, cell = entry["cell_id"].split("/")
        level = source.removeprefix("sim_").removesuffix("_yearbook")
        year = {"city": 2002, "county": 2014, "province": 2011}[level] + int(number) - 1
        sheet, a1 = cell.split("!")
        r, c = position(a1)
        assert books[f"{level}/{family(level).file.format(year=year)}"][sheet][r][c] == entry["expected"]
        assert not math.isclose(float(entry["expected"]), float(entry["corrected"]))


def test_gaps_are_as_many_as_the_printed_samples_leave_out(cities):
    gaps = planted_gaps(SEED, cities)
    counts = pd.Series([item for _, item, _ in gaps]).value_counts().to_dict()
    assert counts == {"urban_income_yuan": 28, "fdi_wan_usd": 19}  # 3,640 - 3,612 and 3,640 - 3,621
    assert all(2006 <= year <= 2018 for _, _, year in gaps)


def test_no_unit_year_loses_two_items(cities):
    gaps = planted_gaps(SEED, cities)
    assert len({(code, year) for code, _, year in gaps}) == len(gaps) == 47  # 3,640 - 3,593 complete rows


def test_work_reports_hold_the_words_that_the_key_counts(written):
    key = pd.read_csv(written / "work_reports" / "key.csv", dtype={"province_code": str})
    assert len(key) == 31 * 15
    tokenizer = stock_tokenizer()
    for word in DIGITAL:
        tokenizer.add_word(word, freq=10**6)
    for row in key.iloc[::60].itertuples():
        text = (written / row.file).read_text(encoding="utf-8").split("\n", 1)[1]
        words = [w for w in tokenizer.cut(text) if w.strip() and w not in "、。"]
        assert len(words) == row.words
        assert sum(w in DIGITAL for w in words) == row.digital_words
    assert not set(DIGITAL) & set(FILLER)


def test_an_unknown_level_or_year_is_an_error(tmp_path):
    with pytest.raises(SimulationError, match=r"no yearbooks of level 'town'"):
        write_yearbooks(tmp_path, SEED, size=SMALL, levels=["town"])
    with pytest.raises(SimulationError, match="no province volume for 2010: simulated are 2011 to 2022"):
        write_yearbooks(tmp_path, SEED, size=SMALL, levels=["province"], years={"province": [2010]})
