"""Reading YAML: the fast loader gives what the plain one gives, and says as much where it cannot."""

import pytest
import yaml
from shidian.code_digests import ROOT
from shidian.errors import StudyError
from shidian.schema import _FastLoader, _PlainLoader, read_yaml_text

FILES = sorted(path for part in ("config", "workflow", "resources") for path in (ROOT / part).rglob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_both_loaders_read_the_same(path):
    text = path.read_text(encoding="utf-8")
    assert repr(yaml.load(text, Loader=_FastLoader)) == repr(yaml.load(text, Loader=_PlainLoader))


def test_dates_stay_text_and_merged_keys_may_be_given_again():
    text = "base: &base {a: 1, b: 2}\nown: {<<: *base, a: 3}\nday: 2010-07-19\n"
    assert read_yaml_text(text, "f.yaml") == {"base": {"a": 1, "b": 2}, "own": {"a": 3, "b": 2}, "day": "2010-07-19"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", r"f.yaml: not valid YAML: the key 'a' is given twice \(line 3\)"),
        ("a: [1, 2\nb: 3\n", "f.yaml: not valid YAML: while parsing a flow sequence .* line 1, column 4"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text, words):
    with pytest.raises(StudyError, match=words):
        read_yaml_text(text, "f.yaml")
