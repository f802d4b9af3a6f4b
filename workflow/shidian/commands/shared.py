"""What the commands share: an answer, the folder whose configuration counts, the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shidian.code_digests import ROOT

if TYPE_CHECKING:
    from shidian.study.model import Study


@dataclass(frozen=True)
class Answer:
    """What a command prints, and its exit code where that says more than that it was answered."""

    text: str
    code: int = 0


def here() -> Path:
    """Return the folder whose configuration counts: the one one stands in, or the project's."""
    return Path.cwd() if (Path.cwd() / "config" / "config.yaml").exists() else ROOT


def config_here() -> Mapping[str, Any]:
    """Return the checked configuration, its language always in it."""
    from shidian.schema import check, read_schema, read_yaml

    config = read_yaml(here() / "config" / "config.yaml")
    check(config, read_schema("config"), "config/config.yaml")
    return {"language": "en", **config}


def translated() -> Callable[[str], str]:
    """Return what gives a message in the language of the configuration."""
    from shidian.report.catalogue import in_language

    language = config_here()["language"]
    return lambda text: in_language(text, language)


def study_here(name: str) -> Study:
    """Return a study by its name, with the extensions that it may use.

    Raises:
        ShidianError: there is no such study, or what is wrong in its file.
    """
    from shidian.coverage.command import require_study
    from shidian.study.extensions import use_extensions
    from shidian.study.read import read_study

    require_study(here(), name)
    use_extensions(here())
    return read_study(here(), name)[0]
