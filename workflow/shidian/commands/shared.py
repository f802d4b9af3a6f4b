"""What the commands share: an answer, the folder whose configuration counts, the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shidian.code_digests import ROOT


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
