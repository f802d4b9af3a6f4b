"""The full-size simulation: what it writes, and what it costs."""

import hashlib
import json
import subprocess
import sys

import pandas as pd
import pytest
import yaml
from shidian.simulate.truth import studies

from .conftest import SEED

WRITE = """
import json, resource, sys, time
from pathlib import Path
from shidian.simulate.yearbooks import write_yearbooks
write_yearbooks(Path(sys.argv[1]), int(sys.argv[2]))
print(json.dumps({"cpu": time.process_time(), "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


@pytest.mark.slow
def test_the_full_size_world_is_written_twice_alike_within_two_gigabytes(tmp_path):
    digests = []
    for run in ("first", "second"):
        folder = tmp_path / run
        done = subprocess.run(
            [sys.executable, "-c", WRITE, str(folder), str(SEED)], capture_output=True, text=True, check=True
        )
        cost = json.loads(done.stdout.splitlines()[-1])
        print(f"{run}: {cost['cpu']:.1f} s CPU, {cost['mb']:.0f} MB")
        assert cost["mb"] < 2048
        files = sorted(p for p in folder.rglob("*") if p.is_file())
        digests.append({str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files})
    assert digests[0] == digests[1]
    books = [name for name in digests[0] if name.endswith(".xlsx")]
    assert len(books) == 20 + 9 + 12 + 3 + 4
    first = tmp_path / "first"
    planted = pd.concat([pd.read_parquet(path) for path in sorted(first.glob("*/planted.parquet"))])
    sizes = planted.groupby("file")["unit_code"].nunique()
    assert sizes[sizes.index.str.startswith("city/")].between(279, 288).all()
    assert (sizes[sizes.index.str.startswith("county/")] == 1287).all()
    assert (sizes[sizes.index.str.startswith("province/")] == 31).all()
    truths = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(first.glob("*/truth.yaml"))]
    written = {name: study for truth in truths for name, study in truth["studies"].items()}
    assert set(written) == set(studies())
    assert {truth["seed"] for truth in truths} == {SEED}
    assert all(truth["version"] for truth in truths)
