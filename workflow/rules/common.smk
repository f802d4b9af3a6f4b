"""What every rule shares: the plan of the run, code digests, the environment of the jobs."""

import os
import sys
from pathlib import Path

from shidian.errors import ShidianError
from shidian.provenance import code_digest, locked_version
from shidian.study import paths
from shidian.study.plan import load_plan
from snakemake.exceptions import WorkflowError

# The same bytes everywhere: string hashing pinned, one thread of linear algebra in every job.
os.environ["PYTHONHASHSEED"] = "0"
for _name in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
    os.environ[f"{_name}_NUM_THREADS"] = "1"
os.environ["MPLBACKEND"] = "Agg"

# The configuration of the folder one stands in, or of the project itself.
_here = Path.cwd()
_root = _here if (_here / "config" / "config.yaml").exists() else Path(workflow.basedir)
try:
    PLAN = load_plan(_root)
except ShidianError as problem:
    raise WorkflowError(str(problem)) from None

if workflow.is_main_process:
    for _line in PLAN.skipped_lines():
        print(_line, file=sys.stderr)


wildcard_constraints:
    study="|".join(PLAN.studies) or "none",
    source="|".join(PLAN.sources) or "none",
    exhibit="[a-z][a-z0-9_]*",
    number=r"\d+",
    first=r"\d+",
    last=r"\d+",


onsuccess:
    for study in PLAN.studies:
        print(f"{study}: {Path.cwd() / 'results' / study / 'report.html'}", file=sys.stderr)
    for _line in PLAN.skipped_lines():
        print(_line, file=sys.stderr)
