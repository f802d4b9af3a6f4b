"""Reading YAML: both loaders give the same, numbers are read as written, and nothing grows without end."""

import pytest
import yaml
from shidian.code_digests import ROOT
from shidian.errors import StudyError
from shidian.schema import check, read_schema_file, read_yaml_text
from shidian.study.indicator_methods import methods
from shidian.yaml_loader import FastLoader, PlainLoader

FILES = sorted(path for part in ("config", "workflow", "resources") for path in (ROOT / part).rglob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_both_loaders_read_the_same(path):
    text = path.read_text(encoding="utf-8")
    assert repr(yaml.load(text, Loader=FastLoader)) == repr(yaml.load(text, Loader=PlainLoader))


def test_dates_stay_text_and_merged_keys_may_be_given_again():
    text = "base: &base {a: 1, b: 2}\nown: {<<: *base, a: 3}\nday: 2010-07-19\n"
    assert read_yaml_text(text, "f.yaml") == {"base": {"a": 1, "b": 2}, "own": {"a": 3, "b": 2}, "day": "2010-07-19"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", r"f.yaml: not valid YAML: the key 'a' is given twice \(line 3\)"),
        ("a: [1, 2\nb: 3\n", "f.yaml: not valid YAML: while parsing a flow sequence .* line 1, column 4"),
        ("a: f(x, initial: growth)\n", "line 1, column 16.*; a text with ': ' in it stands in quotes"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text, words):
    with pytest.raises(StudyError, match=words):
        read_yaml_text(text, "f.yaml")


@pytest.mark.parametrize(
    "text", ["010", "-010", "007.5", "1:30", "0b11", "0o17", "0x1F", "1_000", "yes", "No", "on", "2010-07-19", "="]
)
def test_what_is_no_decimal_number_stays_as_it_was_written(text):
    assert read_yaml_text(f"a: {text}\n", "f.yaml") == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [("10", 10), ("+1", 1), ("-0", 0), ("1e-3", 0.001), ("1.0e+5", 100_000.0), (".5", 0.5), ("2.", 2.0), ("TRUE", True),
     ("~", None), ("", None), ("'010'", "010"), ("!!str 010", "010"), ("!!int 10", 10)],
)  # fmt: skip
def test_numbers_of_the_core_schema(text, value):
    found = read_yaml_text(f"a: {text}\n", "f.yaml")["a"]
    assert found == value
    assert type(found) is type(value)


BOMB = "\n".join(["a0: &a0 [1, 2]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 28))])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: {b: [1, .nan]}", r"f.yaml: not valid YAML: at 'a.b\[2\]': '.nan' is not a finite number \(line 1\)"),
        ("a: -.inf", "at 'a': '-.inf' is not a finite number"),
        ("a: 1e999", "at 'a': '1e999' is not a finite number"),
        ("a: !!int abc", "at 'a': 'abc' is no whole number"),
        ("a: !!int '010'", "at 'a': '010' is no whole number"),
        ("a: !!bool yes", "at 'a': 'yes' is neither true nor false"),
        ("a: !!timestamp abc", "could not determine a constructor"),
        ("a: " + "9" * 5000, "at 'a': a number of 5000 digits; at most 18 are read"),
        ("{[a,b]: c}", "a key must be a text, not a list or a mapping"),
        ("{? {a: b} : c}", "a key must be a text, not a list or a mapping"),
        ('t: {en: "\\ud800"}', r"at 't.en': the text holds the character U\+D800, which cannot be printed"),
        ('t: "x\\x07"', r"at 't': the text holds the character U\+0007"),
        ("[" * 100_000, "nested deeper than 60 levels"),
        ("[" * 3_000, "nested deeper than 60 levels"),
        ("- " * 5_000, "nested deeper than 60 levels"),
        ("a: &a [*a]", "an alias stands inside of what it repeats"),
        (BOMB, "its aliases repeat each other until nothing could hold it"),
        ("a: " + "x" * 20_000_001, "characters; at most 20,000,000 are read"),
    ],
    ids=lambda text: text[:20],
)
def test_what_is_not_taken_is_named_with_its_key(text, words):
    with pytest.raises(StudyError, match=words) as caught:
        read_yaml_text(text, "f.yaml")
    assert len(str(caught.value)) < 1000


SCHEMA = {
    "type": "object",
    "propertyNames": {"pattern": "^[a-z]+$"},
    "properties": {
        "n": {"type": "integer"},
        "t": {"type": "string"},
        "units": {"items": {"type": ["string", "integer"]}},
    },
}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({5: 1}, "f.yaml: the key 5 is read as a whole number; put it in quotes if it is meant as text"),
        ({"a": {True: 1}}, "f.yaml: at 'a': the key True is read as true or false"),
        ({"a\n": 1}, r"'a\\n' does not match"),
        ({"n": 999.0}, "at 'n': 999.0 is no whole number as it is written; write 999"),
        ({"n": True}, "at 'n': True is not of type 'integer'"),
        ({"n": "010"}, "at 'n': '010' is not of type 'integer'"),
        ({"units": ["010", 10.0]}, r"at 'units\[2\]': 10.0 is no whole number as it is written; write 10"),
        ({"t": ["x" * 10_000]}, " ... .*is not of type 'string'"),
    ],
    ids=str,
)
def test_what_a_schema_would_let_through(content, words):
    with pytest.raises(StudyError, match=words) as caught:
        check(content, SCHEMA, "f.yaml")
    assert len(str(caught.value)) < 3000


def integers(node, path=()):
    """Give every rule for a whole number in a schema, with its place."""
    if isinstance(node, dict):
        if node.get("type") == "integer":
            yield path, node
        for key, value in node.items():
            yield from integers(value, (*path, key))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from integers(value, (*path, number))


def test_every_whole_number_that_a_user_writes_has_bounds():
    """A window of a billion years, or a trillion draws, must not be tried."""
    schemas = [path for path in FILES if path.name == "spec.yaml" or path.name.endswith(".schema.yaml")]
    found = [(path, at, rule) for path in schemas for at, rule in integers(read_schema_file(path))]
    found += [(name, at, rule) for name, one in methods().items() for at, rule in integers(one.options)]
    assert len(found) > 50
    assert not [(path, at) for path, at, rule in found if not {"minimum", "maximum"} <= set(rule)]
