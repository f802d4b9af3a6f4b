"""The author's own words within an exhibit, where they are given in several languages: heads, headings, row labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shidian.study.model import in_language

WORDS = ("head", "heading", "what", "group")
"""Keys whose value is printed."""
BY_NAME = ("row_labels", "footer", "names", "definitions", "headings", "measures")
"""Keys under which a printed text stands for each name."""


def in_one_language(spec: Any, language: str) -> Any:
    """Return an exhibit's specification with its printed words in a language, in the one that they have else."""
    if isinstance(spec, list):
        return [in_one_language(one, language) for one in spec]
    if not isinstance(spec, Mapping):
        return spec
    return {key: _value(key, value, language) for key, value in spec.items()}


def _value(key: str, value: Any, language: str) -> Any:
    if not isinstance(value, Mapping | list):
        return value
    if key in WORDS and isinstance(value, Mapping):
        return in_language(value, language)
    if key in BY_NAME and isinstance(value, Mapping):
        return {name: in_language(text, language) for name, text in value.items()}
    return in_one_language(value, language)
