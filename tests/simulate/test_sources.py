"""Source files of the simulated workbooks: generated, valid, and complete."""

from pathlib import Path

import pytest
import yaml
from shidian.schema import check, read_schema
from shidian.simulate.catalogue import family, study_items
from shidian.simulate.sources import source_files, write_sources
from shidian.simulate.truth import load_truth, studies
from shidian.simulate.world import Size
from shidian.yearbook.source import load_source

SHIPPED = ("sim_city_groups", "sim_county_groups", "sim_province_groups")
"""Written by hand beside their tables: they depend on no seed."""
CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.fixture(scope="module")
def generated():
    return source_files()


def test_the_files_in_config_are_those_of_the_catalogue(generated):
    files = (CONFIG / "sources").glob("sim_*.yaml")
    on_disk = {p.stem: p.read_text(encoding="utf-8") for p in files if p.stem not in SHIPPED}
    assert on_disk == generated, "write them again: shidian.simulate.sources.write_sources"


@pytest.mark.parametrize("name", SHIPPED)
def test_groups_ship_with_the_project_and_say_whether_any_is_simulated(name):
    source = load_source(CONFIG / "sources" / f"{name}.yaml")
    assert all(file.path.startswith("package:shidian/") for file in source.files)
    assert source.simulated == ("SIMULATED" in source.title) == ("Simulated:" in source.note)
    assert source.simulated == (name != "sim_province_groups"), "regions and municipalities are real"


def test_every_file_follows_the_schema_of_source_files(generated):
    schema = read_schema("source")
    for name, text in generated.items():
        content = yaml.safe_load(text)
        check(content, schema, f"{name}.yaml")
        assert content["source"] == name
        assert content["simulated"] is True
        assert "SIMULATED" in content["title"]


@pytest.mark.parametrize("level", ["city", "county", "province"])
def test_every_item_is_declared_in_every_year(generated, level):
    content = yaml.safe_load(generated[family(level).source])
    for file in content["files"]:
        year = file["year"]
        tables = [t for t in content["tables"] if t["valid_from"] <= year <= t["valid_to"]]
        declared = {(name, column["measure"]) for t in tables for name, column in t["columns"].items()}
        for table in family(level).tables(year):
            for column in table.columns:
                assert (column.series, column.measure) in declared


def test_every_study_finds_its_items_in_the_sources(generated):
    for study in studies():
        level = load_truth(study).unit
        declared = {n for t in yaml.safe_load(generated[family(level).source])["tables"] for n in t["columns"]}
        printed = {c.item: c.series for t in family(level).tables(2012) for c in t.columns}
        for items in study_items()[study].values():
            assert {printed[i] for i in items if i in printed} <= declared


def test_a_small_world_has_its_own_source_files(tmp_path):
    write_sources(tmp_path / "sources", Size(12, 12, 8))
    small = yaml.safe_load((tmp_path / "sources" / "sim_city_yearbook.yaml").read_text(encoding="utf-8"))
    provinces = {name for t in small["tables"] for name in t["unit"]["province_rows"]}
    assert 5 < len(provinces) <= 13
