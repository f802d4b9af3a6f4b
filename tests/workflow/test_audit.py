"""The bundle of a real run: made by the workflow, verified, broken, run again from raw files in an empty folder."""

import json
import random
import shutil

import pytest
from shidian.audit.bundle.crate import METADATA
from shidian.audit.differences import compare
from shidian.audit.verify.command import RerunOptions, verify_bundle
from shidian.audit.verify.static import verify
from shidian.cli import main
from shidian.errors import AuditError

from ..audit.small_bundle import members, reseal, sha

pytestmark = pytest.mark.workflow


@pytest.mark.slow
def test_the_bundle_of_a_real_study_passes(bundle, capsys):
    assert main(["verify", str(bundle)]) == 0
    assert capsys.readouterr().out.count("  ok  ") == 10
    content = members(bundle)
    facts = json.loads(content["audit/study.json"])
    assert {e["id"] for e in facts["exhibits"]} >= {"twfe", "placebo", "published"}
    rows = content["audit/exhibit_map.csv"].decode().splitlines()
    assert len(rows) > 200
    readme = content["README.md"].decode()
    assert "| placebo | `shidian.exhibits.placebo.placebo.estimate` | 20240601 |" in readme


@pytest.mark.slow
def test_random_bytes_of_a_real_bundle(bundle, tmp_path):
    whole, rng = bundle.read_bytes(), random.Random(7)
    path = tmp_path / "broken.zip"
    for _ in range(10):
        at = rng.randrange(len(whole))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ rng.randrange(1, 256)]) + whole[at + 1 :])
        with pytest.raises(AuditError, match="changed byte"):
            verify_bundle(path)


@pytest.mark.slow
def test_a_folder_of_results_against_its_bundle(finished, bundle):
    results = finished.folder / "results" / "castle_doctrine"
    study, draws = "config/studies/castle_doctrine.yaml", "wild_bootstrap: {draws: %s}"
    assert compare(bundle, results) == "no number moved"
    result = results / "estimates" / "twfe.json"
    before = result.read_text(encoding="utf-8")
    finished.edit(study, draws % 9999, draws % 999)
    result.write_text(before.replace("0.0558596", "0.0658596"), encoding="utf-8")
    text = compare(bundle, results)
    result.write_text(before, encoding="utf-8")
    finished.edit(study, draws % 999, draws % 9999)
    assert "(1) post se: 0.0558596" in text
    assert "upstream: parameter exhibits.twfe.wild_bootstrap.draws: 9999 -> 999" in text
    assert "upstream: code" not in text


def forged(bundle, path):
    """Return a bundle whose main number was moved everywhere that can be checked without running it."""
    content = members(bundle)
    name = "results/castle_doctrine/estimates/twfe.json"
    result = json.loads(content[name])
    values = result["estimates"]["values"]["estimate"]
    old, new = values[0], values[0] + 1e-9
    values[0] = new
    content[name] = (json.dumps(result, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    table = content["audit/exhibit_map.csv"].decode().replace(repr(old), repr(new), 1)
    content["audit/exhibit_map.csv"] = table.encode()
    crate = json.loads(content[METADATA])
    for entity in crate["@graph"]:
        if entity["@id"] in (name, "audit/exhibit_map.csv"):
            entity["sha256"] = sha(content[entity["@id"]])
    content[METADATA] = json.dumps(crate).encode()
    return reseal(path, content, manifest=True)


@pytest.mark.slow
def test_a_rerun_from_raw_files_gives_every_number_and_figure(bundle, tmp_path):
    text = verify_bundle(bundle, again=RerunOptions(tmp_path / "run", None, 2, 0.0, False))
    assert "equal byte for byte; differences: none" in text
    outside = {p.name for p in tmp_path.iterdir()}
    assert outside == {"run"}


@pytest.mark.slow
def test_a_rerun_finds_a_number_that_was_moved_everywhere(bundle, tmp_path):
    path = forged(bundle, tmp_path / "forged.zip")
    assert verify(path).faults == ()
    with pytest.raises(AuditError, match=r"1 differences in 1 of \d+ result files") as problem:
        verify_bundle(path, again=RerunOptions(tmp_path / "run", None, 2, 0.0, False))
    assert "results/castle_doctrine/estimates/twfe.json estimates.values.estimate[0]" in str(problem.value)
    shutil.rmtree(tmp_path / "run")
    text = verify_bundle(path, again=RerunOptions(tmp_path / "run", None, 2, 1e-6, False))
    assert "equal within 1e-06" in text
