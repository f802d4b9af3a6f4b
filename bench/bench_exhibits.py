"""CPU seconds of all estimation exhibits of one finished city study, one process an exhibit, imports included.

``python -m bench.bench_exhibits [STUDY]``, ``green_innovation_cities`` by default; its panel must be in ``results/``
(``make run``). One thread. Compiled code is cached, as it is in a run; placebo draws count with their exhibit.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

from shidian.code_digests import ROOT
from shidian.study.paths import result_folder
from shidian.study.plan import load_plan

ASKED = 120.0
"""CPU seconds that all estimation exhibits of a city study may take."""
JOB = """
import json, sys
from importlib import import_module
import pandas as pd
from shidian.exhibits.referee import estimate_exhibit
from shidian.exhibits.result import StudyInfo
module, spec, info, panel = sys.argv[1:]
result = estimate_exhibit(
    import_module(module), pd.read_parquet(panel), json.loads(spec), StudyInfo(**json.loads(info))
)
result.to_json()
"""


def cpu_seconds(arguments: list[str]) -> float:
    """Return user and system seconds of one process, its children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", JOB, *arguments], check=True, cwd=ROOT, env=os.environ)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(study: str) -> None:
    """Print the seconds of each exhibit, the dearest first, and their sum."""
    panel = Path("results") / study / "panel.parquet"
    if not (ROOT / panel).is_file():
        print(f"{panel} is not there: `make run` first, then this bench has a panel to estimate from")
        return
    plan = load_plan(ROOT)
    taken = {}
    for exhibit in (str(e["id"]) for e in plan.studies[study].exhibits):
        kind = plan.kind(study, exhibit)
        if result_folder(plan.studies[study].exhibit(exhibit)["kind"]) in ("estimates", "placebo"):
            taken[exhibit] = cpu_seconds(
                [kind.module, plan.spec(study, exhibit), plan.info(study, exhibit), str(panel)]
            )
    print(f"estimation exhibits of {study}: {len(taken)}, one process each")
    for exhibit, seconds in sorted(taken.items(), key=lambda item: -item[1])[:8]:
        print(f"  {exhibit:28s} {seconds:6.1f} s")
    print(f"  all {sum(taken.values()):.0f} s of CPU, asked {ASKED:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "green_innovation_cities")
