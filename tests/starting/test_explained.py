"""What ``shidian explain`` and ``shidian add exhibit`` print: every kind and key is known, every draft is a study's."""

import re

import pytest
import yaml
from shidian.errors import UsageError
from shidian.explained import draft, explain
from shidian.schema import read_schema
from shidian.study.kinds import kinds
from shidian.study.resolve import exhibit_schema

ALL = sorted(kinds())


@pytest.mark.parametrize("kind", ALL)
def test_a_kind_is_explained_with_its_keys(kind):
    said = explain(kind)
    assert said.startswith(f"kind: {kind}\n")
    for key in exhibit_schema(kind).get("required", []):
        assert key in ("id", "kind") or f"  {key} *: " in said
    assert max(map(len, said.splitlines())) < 400


@pytest.mark.parametrize("kind", ALL)
def test_a_draft_is_an_exhibit_with_every_key_of_the_kind(kind):
    text = draft(kind)
    (drafted,) = yaml.safe_load(text)
    assert (drafted["id"], drafted["kind"]) == (kind, kind)
    required = set(exhibit_schema(kind).get("required", []))
    assert required <= set(drafted)
    commented = set(re.findall(r"^    # ([a-z_]+):   #", text, re.M))
    assert set(exhibit_schema(kind)["properties"]) <= commented | set(drafted) | set(
        read_schema("exhibit")["properties"]
    )


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("vcov", "Kind of standard error"),
        ("few_clusters", "kind ddd, kind did_table, kind mixed_table, kind variations:"),
        ("vcov.by", "Panel column to cluster by"),
        ("header_row", "a source:"),
        ("csdid", "word of another program"),
        ("sdid", "the kind 'synthetic_did'"),
    ],
)
def test_words(word, said):
    assert said in explain(word)


def test_what_is_nothing_is_refused_with_the_nearest():
    with pytest.raises(
        UsageError, match=r"'event_studdy' is no kind of exhibit and no key \(did you mean 'event_study'"
    ):
        explain("event_studdy")
    with pytest.raises(UsageError, match=r"'did_tabel' is no kind of exhibit \(did you mean 'did_table'\?\); kinds: "):
        draft("did_tabel")
