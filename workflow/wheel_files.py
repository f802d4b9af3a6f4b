"""What a wheel holds: the project as it lies in a clone, in one folder that a .pth file puts on Python's path.

Workflow, schemas and tables are found from the package in both. An editable installation is the clone itself.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PARTS = (
    "workflow", "config", "resources/geo", "resources/policies", "resources/published", "resources/regions",
    "resources/weights", "envs", "profiles", "Snakefile", "pyproject.toml", "uv.lock", "LICENSE", "README.md",
    "CITATION.cff",
)  # fmt: skip
"""Never ``resources/raw``, where a user's own files lie, those too that may not be passed on."""


class WheelFiles(BuildHookInterface):  # type: ignore[type-arg,misc]
    """Adds the project's files to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files of a standard wheel and where they go."""
        if version != "editable":
            build_data["force_include"].update({part: f"shidian_project/{part}" for part in PARTS})
            build_data["force_include"]["workflow/shidian.pth"] = "shidian.pth"
