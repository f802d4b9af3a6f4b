"""The bundle of a small project, made once a module of tests."""

import pytest

from .small_bundle import SmallProject


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> SmallProject:
    return SmallProject(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def bundle(project, tmp_path_factory):
    return project.bundle(tmp_path_factory.mktemp("bundle") / "towns.zip")
