"""config/README.md says what the schemas say."""

from shidian.code_digests import ROOT
from shidian.reference import config_reference
from shidian.schema import read_schema
from shidian.study.kinds import kind_spec, kinds
from shidian.study.resolve import exhibit_schema


def test_config_readme_is_generated():
    assert (ROOT / "config" / "README.md").read_text(encoding="utf-8") == config_reference(), "run `make docs`"


def test_every_key_is_described():
    lines = [x for x in config_reference().splitlines() if x.startswith("| `") and x.count("|") == 4]
    blank = [x for x in lines if x.split("|")[2].strip() == "" and not x.startswith("| `config")]
    assert blank == []
    assert len(lines) > 100


def test_every_kind_of_exhibit_is_there():
    text = config_reference()
    assert all(f"`kind: {kind}`" in text for kind in kinds())


def test_every_key_of_every_exhibit_is_described_wherever_its_schema_stands():
    for kind in kinds():
        for where, node in _keys(exhibit_schema(kind), kind):
            assert node.get("description"), where


def _keys(schema, where):
    for name, node in schema.get("properties", {}).items():
        yield f"{where}.{name}", node
        yield from _keys(node, f"{where}.{name}")
        if isinstance(node.get("items"), dict):
            yield from _keys(node["items"], f"{where}.{name}[]")


def test_keys_shared_by_exhibits_are_put_in_place_and_may_be_described_anew():
    shared = read_schema("shared")["$defs"]
    table, placebo = kind_spec("did_table")["properties"], kind_spec("placebo")["properties"]
    assert table["vcov"] == table["columns"]["items"]["properties"]["vcov"] == shared["vcov"]
    assert placebo["vcov"]["properties"]["kind"] == shared["vcov"]["properties"]["kind"]
    assert placebo["sample"] == {**shared["sample"], "description": placebo["sample"]["description"]}
    assert placebo["sample"]["description"] != shared["sample"]["description"]
