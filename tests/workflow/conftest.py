"""One finished run of castle_doctrine, made once and edited by the tests that come after."""

import pytest

from .project import Project


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Project:
    """A project whose castle_doctrine has run; tests that edit it must put it back."""
    project = Project(tmp_path_factory.mktemp("finished") / "project")
    project.snakemake()
    return project
