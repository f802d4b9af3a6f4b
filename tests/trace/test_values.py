"""``shidian trace UNIT YEAR VARIABLE`` reads what stands behind the unit, and says what it does not know."""

import pytest
from shidian.errors import PanelError
from shidian.job import write_parquet
from shidian.panel.build import build_panel
from shidian.panel.records import long_tables
from shidian.study.plan import load_plan
from shidian.study.read import read_study
from shidian.trace.command import trace
from shidian.yearbook.arrow import write_tables
from shidian.yearbook.corrections import Correction
from shidian.yearbook.extract import extract_file

from ..study.own_data import write_project


@pytest.fixture
def asked(tmp_path, own_raw_files):
    """Return a function that traces a value of the user's own study, from files as the jobs write them."""
    plan = load_plan(write_project(tmp_path))
    found = extract_file(plan.sources["my_panel"], 1, plan.raw_root)
    panel = build_panel(plan.studies["my_study"].panel, {"my_panel": found.records}, {})
    results = tmp_path / "results"
    write_tables(results / "sources/my_panel/1_1.cells.parquet", found.assembly.cells())
    write_tables(results / "my_study/panel_long.parquet", long_tables(panel.long))
    write_parquet(results / "my_study/panel.parquet", panel.frame)
    study, sources = read_study(tmp_path, "my_study")
    return lambda *words, **said: trace(study, sources, results, words, **said)


def test_a_value_ends_in_its_cell(asked):
    lines = asked("Town 3", "2005", "ln_people").splitlines()
    assert lines[0].startswith("ln_people of 103 Town 3 in 2005 = ")
    assert lines[3] == "    cell 22:people shows '13.4'"
    assert lines[4].startswith("    in my_panel.csv (sha256 ")
    assert lines[5:] == ["    note: residents at the end of the year"]


def test_what_a_source_file_says_of_a_column_and_a_correction_stands_beside_the_cell(asked):
    correction = Correction("my_panel/1/!22:people", "13,4", "13.4", "a comma as decimal mark")
    lines = asked("Town 3", "2005", "ln_people", corrections=[correction]).splitlines()
    assert lines[5:] == [
        "    note: residents at the end of the year",
        "    note: corrected to '13.4': a comma as decimal mark",
    ]
    assert len(asked("Town 3", "2004", "ln_people", corrections=[correction]).splitlines()) == 6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Town 33", "2005", "ln_people"), "the panel has no unit 'Town 33' .did you mean 'Town 3'"),
        (("103", "1999", "ln_people"), "no row of unit 103 in 1999"),
        (("103", "2005", "ln_person"), "no variable 'ln_person' .did you mean 'ln_people'"),
    ],
)
def test_what_is_not_there_is_named(asked, words, said):
    with pytest.raises(PanelError, match=said):
        asked(*words)
