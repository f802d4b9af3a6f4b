"""config/README.md says what the schemas say."""

from shidian.provenance import ROOT
from shidian.reference import config_reference
from shidian.study.kinds import KINDS


def test_config_readme_is_generated():
    assert (ROOT / "config" / "README.md").read_text(encoding="utf-8") == config_reference(), "run `make docs`"


def test_every_key_is_described():
    lines = [x for x in config_reference().splitlines() if x.startswith("| `") and x.count("|") == 4]
    blank = [x for x in lines if x.split("|")[2].strip() == "" and not x.startswith("| `config")]
    assert blank == []
    assert len(lines) > 100


def test_every_kind_of_exhibit_is_there():
    text = config_reference()
    assert all(f"`kind: {kind}`" in text for kind in KINDS)
