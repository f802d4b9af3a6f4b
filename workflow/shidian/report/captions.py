"""Fixed texts of reports and figures, in English or Chinese (``captions.yaml``)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

import yaml

from shidian.errors import ReportError, nearest


@cache
def _all_captions() -> dict[str, dict[str, str]]:
    text = resources.files("shidian.report").joinpath("captions.yaml").read_text(encoding="utf-8")
    content: dict[str, dict[str, str]] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return content


def languages() -> tuple[str, ...]:
    """Return the languages that reports can be written in."""
    return tuple(_all_captions())


def captions(lang: str) -> Mapping[str, str]:
    """Return the fixed texts of one language.

    Raises:
        ReportError: there is no such language.
    """
    if lang not in languages():
        valid = ", ".join(languages())
        raise ReportError(
            f"lang: '{lang}' is not a language of the reports{nearest(lang, languages())}: one of {valid}"
        )
    return _all_captions()[lang]
