"""Cases of published papers, run from their own files by study and source YAML alone."""

import shutil
from collections.abc import Callable

import pytest
import yaml

from .run_study import project_results


@pytest.fixture
def case(shared, tmp_path, own_raw_files):
    """Return a function: name of a paper, changed keys of its study -> results of its exhibits.

    ``with_source`` takes the content of each source file and returns it as it is to be read.
    """

    def run(name, with_source: Callable[[dict], dict] = lambda content: content, **changed):
        folder = shared / "cases" / "papers" / name
        if not folder.is_dir():
            pytest.skip(f"no case {folder}")
        config = tmp_path / "config"
        for sub in ("studies", "sources", "aliases"):
            (config / sub).mkdir(parents=True)
        shutil.copytree(folder, tmp_path / "raw")
        for path in folder.glob("*.yaml"):
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            sub, stem = ("studies", content["study"]) if "study" in content else ("sources", content["source"])
            content = content | changed if sub == "studies" else with_source(content)
            (config / sub / f"{stem}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return project_results(tmp_path, name)

    return run
