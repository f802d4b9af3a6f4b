"""The limits that the configuration of a project declares."""

from __future__ import annotations

from pathlib import Path

from shidian.schema import check, read_schema, read_yaml
from shidian.yearbook.limits import LIMITS, Limits


def declared_limits(root: Path) -> Limits:
    """Return the limits of the project in a folder, the usual ones where there is no project.

    Raises:
        StudyError: its configuration breaks the schema.
    """
    path = root / "config" / "config.yaml"
    if not path.is_file():
        return LIMITS
    config = read_yaml(path)
    check(config, read_schema("config"), "config/config.yaml")
    return Limits.of(config.get("limits", {}))
