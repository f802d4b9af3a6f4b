"""Published tables from the untouched raw files of papers, by study and source YAML alone."""

import shutil

import pytest
import yaml

from tests.exhibits.exhibit_checks import value

from .run_study import project_results


@pytest.fixture
def case(shared, tmp_path, own_raw_files):
    """Return a function: name of a paper, keys of its study that are changed -> results of its exhibits."""

    def run(name, **changed):
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
            content |= changed if sub == "studies" else {}
            (config / sub / f"{stem}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return project_results(tmp_path, name)

    return run


def test_wolfers_2006_table_2_weighted_by_population(case):
    """Column 1: years since unilateral divorce, states weighted by people; without the weights the first is -0.219."""
    printed = {
        "y1": (0.267, 0.085), "y3": (0.210, 0.085), "y5": (0.164, 0.085), "y7": (0.158, 0.084),
        "y9": (-0.121, 0.084), "y11": (-0.324, 0.083), "y13": (-0.461, 0.084), "y15": (-0.507, 0.080),
    }  # fmt: skip
    found = case("wolfers", weights="pop")["t2"]
    for term, numbers in printed.items():
        mine = value(found, "(1)", term), value(found, "(1)", term, "se")
        assert tuple(round(number, 3) for number in mine) == numbers, term
    assert value(found, "(1)", "y1", "n_obs") == 1631
    assert "Weighted by pop (analytic weights)." in found.notes


def test_without_weights_the_sign_turns(case):
    found = case("wolfers")["t2"]
    assert round(value(found, "(1)", "y1"), 3) == -0.219
