"""Fixtures that several test folders share."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
LONG = ("workflow", "e2e", "audit", "slurm")
"""Folders of tests that take minutes a file."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first: what is left at the end is short, and no process waits for another (``-n``)."""
    items.sort(key=lambda item: item.path.parent.name not in LONG)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder with reference and Chinese data that may not be committed; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("SHIDIAN_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no reference data: {folder} is not there (set SHIDIAN_SHARED)")
    return folder


@pytest.fixture(scope="session")
def r_with_packages() -> None:
    """R with the packages that replication scripts load; tests that run them skip without."""
    needed = "library(sandwich); library(AER)"
    if shutil.which("Rscript") is None or subprocess.run(["Rscript", "-e", needed], capture_output=True).returncode:
        pytest.skip("no Rscript with sandwich and AER (Debian: r-base-core r-cran-sandwich r-cran-aer)")


@pytest.fixture(scope="session")
def reference(shared: Path) -> Path:
    """Folder of the real data with published results."""
    return shared / "reference" / "data"


@pytest.fixture(scope="session")
def cases(shared: Path) -> dict[str, dict]:
    """The reference cases: id -> method, data and expected numbers."""
    listed = yaml.safe_load((shared / "reference" / "cases.yaml").read_text(encoding="utf-8"))
    return {case["id"]: case for case in listed["cases"]}


@pytest.fixture(scope="module")
def own_raw_files() -> Iterator[None]:
    """Projects that tests write hold their raw files: the folder that the user named must not stand in for them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SHIDIAN_RAW", raising=False)
        yield
