"""The reader's work on the small world graded against the key: all right, and every kind of mistake is counted."""

from dataclasses import replace

import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.truth.extraction_grade.estimate import Reading, grade, run
from shidian.simulate.sources import write_sources
from shidian.yearbook.corrections import gather_corrections
from shidian.yearbook.extract import extract_files
from shidian.yearbook.source import load_source

from tests.report.chinese import english_left

from .conftest import SMALL, YEARS

LEVELS = {"city": 2002, "county": 2014, "province": 2011}
FINDINGS = pd.DataFrame({"cell_id": pd.Series([], dtype="str")})
INFO = StudyInfo(study="s", unit_label="city", treatment="did", simulated=True)


@pytest.fixture(scope="module", params=LEVELS)
def read(request, written, planted, key, tmp_path_factory):
    """Reading, planted numbers and key of one level; the study's raw values are joined by the planted codes."""
    level = request.param
    folder = tmp_path_factory.mktemp("sources")
    write_sources(folder, SMALL)
    source = load_source(folder / f"sim_{level}_yearbook.yaml")
    numbers = [year - LEVELS[level] + 1 for year in YEARS[level]]
    raw = tmp_path_factory.mktemp("raw")
    (raw / "simulated").symlink_to(written)
    corrections = gather_corrections([written / level / "corrections.yaml"])
    found = extract_files(source, numbers, raw, corrections)
    mine = planted[planted["file"].str.startswith(f"{level}/")]
    where = "simulated/" + mine["file"] + "|" + mine["sheet"] + "|" + mine["cell"]
    code = dict(zip(where, mine["unit_code"], strict=True))
    cells = found.cells.set_index("cell_id")
    place = cells["file"] + "|" + cells["sheet"] + "|" + cells["cell"]
    long = found.records[["year", "cell_id"]].assign(unit=found.records["cell_id"].map(place).map(code))
    return Reading(found.cells, found.records, long, FINDINGS), mine, key[key["file"].str.startswith(f"{level}/")]


def wrong(counts):
    return {name: total - right for name, (total, right) in counts.items() if total != right}


def test_everything_is_right_and_nothing_is_left_out(read):
    reading, planted, key = read
    counts = grade(reading, planted, key)
    assert wrong(counts) == {}
    assert counts["number"] == (len(planted), len(planted))
    kinds = key["kind"].value_counts().to_dict()
    assert {name: total for name, (total, _) in counts.items() if name in kinds} == kinds


def changed(reading, row, **values):
    records = reading.records.copy()
    for name, value in values.items():
        records.loc[row, name] = value
    return replace(reading, records=records)


def test_a_wrong_number_unit_of_measure_or_flag_is_counted(read):
    reading, planted, key = read
    plain = reading.records.index[reading.records["flag"] == "as_printed"][5]
    assert wrong(grade(changed(reading, plain, value=-1.0), planted, key)).get("number") == 1
    assert wrong(grade(changed(reading, plain, measure="元/吨"), planted, key)).get("number") == 1
    assert wrong(grade(changed(reading, plain, flag="blank"), planted, key)) == {"flag": 1}
    corrected = reading.records.index[reading.records["flag"] == "corrected"][0]
    assert wrong(grade(changed(reading, corrected, flag="as_printed"), planted, key)) == {"misprint": 1}


def test_a_number_that_is_lost_invented_or_joined_to_another_unit_is_counted(read):
    reading, planted, key = read
    plain = reading.records["cell_id"][reading.records["flag"] == "as_printed"].iloc[5]
    lost = replace(reading, records=reading.records[reading.records["cell_id"] != plain])
    assert wrong(grade(lost, planted, key))["number"] == 1
    place = reading.cells.set_index("cell_id").loc[plain]
    same = (planted["sheet"] == place["sheet"]) & (planted["cell"] == place["cell"])
    same &= "simulated/" + planted["file"] == place["file"]
    assert wrong(grade(reading, planted[~same], key))["stranger"] == 1
    long = reading.long.copy()
    long.loc[long["cell_id"] == plain, "unit"] = "999999"
    assert wrong(grade(replace(reading, long=long), planted, key))["unit"] == 1


def test_a_name_read_with_its_spaces_is_counted(read):
    reading, planted, key = read
    spaced = key[key["kind"] == "spaced_name"].iloc[0]
    cells = reading.cells.copy()
    mine = (cells["file"] == f"simulated/{spaced['file']}") & (cells["sheet"] == spaced["sheet"])
    mine &= cells["cell"] == spaced["cell"]
    assert mine.sum() == 1
    cells.loc[mine, "row_label"] = f"{spaced['printed']} 2010"
    assert wrong(grade(replace(reading, cells=cells), planted, key)) == {"spaced_name": 1}


def test_the_exhibit_prints_the_grade_and_says_simulated(read):
    reading, planted, key = read
    result = run(reading, planted, key, {"id": "grade", "kind": "extraction_grade"}, INFO)
    assert result.notes[0] == "Everything is right."
    assert any("SIMULATED" in sentence for sentence in result.notes)
    assert result.warnings == ()
    by_term = result.estimates[result.estimates["column"] == "wrong"].set_index("term")["estimate"]
    assert (by_term == 0).all()
    plain = reading.records.index[reading.records["flag"] == "as_printed"][5]
    worse = run(changed(reading, plain, value=-1.0), planted, key, {"id": "grade", "kind": "extraction_grade"}, INFO)
    assert worse.warnings == ("the extraction misses the key in 1 places",)
    assert english_left(result) == english_left(worse) == []


def test_files_that_were_not_simulated_cannot_be_graded(read):
    reading, planted, key = read
    cells = reading.cells.assign(file="raw/real.xlsx")
    with pytest.raises(EstimationError, match="none of the files that were read was simulated"):
        grade(replace(reading, cells=cells), planted, key)
