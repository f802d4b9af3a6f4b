"""The printed numbers of the five studies are those that were transcribed from their texts, and stay so."""

import hashlib
import json
from pathlib import Path

import pytest
import yaml
from shidian.code_digests import ROOT

PINNED = {
    "green_innovation_cities": "f316f670b599832b",
    "income_gap_cities": "6af07505f0906b1f",
    "industry_clusters_counties": "a8345b5b78ec3020",
    "productive_forces_provinces": "8c485b6b23848196",
    "talent_agglomeration": "8fcee34b5aa9bd9e",
}
"""Digest of the numbers as text; ``source``, which names the text and here cites the article, does not count."""


def digest(path: Path) -> str:
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    content.pop("source")
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:16]


@pytest.mark.parametrize("study", PINNED)
def test_printed_numbers_are_pinned(study: str) -> None:
    assert digest(ROOT / "resources" / "published" / f"{study}.yaml") == PINNED[study]


@pytest.mark.parametrize("study", PINNED)
def test_printed_numbers_are_those_transcribed(study: str, shared: Path) -> None:
    assert digest(shared / "published" / f"{study}.yaml") == PINNED[study]


def test_every_file_cites_its_source() -> None:
    for path in (ROOT / "resources" / "published").glob("*.yaml"):
        assert len(yaml.safe_load(path.read_text(encoding="utf-8"))["source"]) > 40, path.name
