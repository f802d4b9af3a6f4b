"""The part of the panel that a study's exhibits use where they give none of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shidian.errors import StudyError

OF_THE_PANEL = ("exclude",)
"""Keys of the study's ``sample`` that leave rows out of the panel itself."""


def study_sample(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the study's ``sample`` says for its exhibits; empty where it says nothing."""
    return {key: value for key, value in content.get("sample", {}).items() if key not in OF_THE_PANEL}


def with_study_sample(
    exhibit: Mapping[str, Any], takes: Mapping[str, Any], sample: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return an exhibit with the study's sample where it, or one of its columns, has none of its own.

    Args:
        exhibit: the exhibit with the study's other defaults.
        takes: the keys of its kind, as in its schema.
        sample: the study's sample; ``sample: {}`` in an exhibit or column means the whole panel.

    Raises:
        StudyError: the kind estimates, and takes no sample.
    """
    if not sample:
        return exhibit
    if "sample" in takes:
        return {"sample": sample, **exhibit}
    if "sample" in takes.get("baseline", {}).get("properties", {}):
        return {**exhibit, "baseline": {"sample": sample, **exhibit.get("baseline", {})}}
    if "sample" in takes.get("columns", {}).get("items", {}).get("properties", {}):
        columns = exhibit.get("columns", [{}])
        return {**exhibit, "columns": [{"sample": sample, **c} if isinstance(c, Mapping) else c for c in columns]}
    if "vcov" in takes:
        raise StudyError(
            f"exhibit '{exhibit['id']}': the kind {exhibit['kind']} takes no 'sample', and that of the study is for "
            f"every exhibit: give the exhibits their own ({', '.join(sample)}), or leave this one out"
        )
    return exhibit
