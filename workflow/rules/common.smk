"""What all rules share: the plan of the run, code digests, the environment of the jobs, what ran before."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from shidian.audit.bundle.facts import made_files, raw_paths, study_facts
from shidian.audit.replication.facts import replication_facts, replication_modules
from shidian.audit.bundle.source_tree import tree_digest
from shidian.audit.signature import ENDING, signing_key
from shidian.errors import ShidianError
from shidian.extensions import VARIABLE
from shidian.run_owner import own_this_run
from shidian.placebo.registry import estimator_modules
from shidian.code_digests import ROOT as PROJECT
from shidian.code_digests import code_digest
from shidian.study import paths, printed_sizes
from shidian.study.plan import load_plan
from shidian.study.table_formats import format_modules
from shidian.run_summary import SEEN, look, read_seen, summary, write_seen
from shidian.warm_jobs import COLD, run_script
from shidian.written import changed, refuse
from snakemake.benchmark import benchmarked
from snakemake.dag import DAG
from snakemake.exceptions import WorkflowError
from snakemake.script import PythonScript

# The same bytes everywhere: string hashing pinned, one thread of linear algebra in every job.
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
os.environ.update(
    {"PYTHONHASHSEED": "0", "MPLBACKEND": "Agg", **dict.fromkeys(THREADS, "1")}
)

# A run of fewer jobs is over before the warm process has imported all that it does: they are cold.
WORTH_WARMING = 4


@cache
def is_warm():
    """Say whether this run, or this job of a cluster, has so much to do that its jobs are forks."""
    return len(list(workflow.dag.needrun_jobs())) >= WORTH_WARMING


def run_warm(script, fname, edit=False):
    """Run a Python script in a fork of the warm process of this run, or of this job of a cluster.

    See docs/decisions/12_warm_jobs.md.
    """
    elsewhere = script.conda_env or script.container_img or script.env_modules
    if elsewhere or not is_warm():
        return run_cold(script, fname, edit)
    tmpdir = script.resources.get("tmpdir")
    environment = {VARIABLE: os.environ.get(VARIABLE, "")}
    if tmpdir:
        environment |= dict.fromkeys(("TMPDIR", "TMP", "TEMP", "TEMPDIR"), tmpdir)
    record = script.bench_record
    watch = {} if record is None else {"watch": lambda pid: benchmarked(pid, record)}
    try:
        code = run_script(fname, environment, **watch)
    except OSError:  # no memory for it, or a sandbox that forbids it
        return run_cold(script, fname, edit)
    if code:
        raise subprocess.CalledProcessError(code, f"python {fname}")


if (workflow.is_main_process or workflow.remote_exec) and COLD not in os.environ:
    run_cold = getattr(PythonScript.execute_script, "cold", PythonScript.execute_script)
    run_warm.cold = run_cold
    PythonScript.execute_script = run_warm


MADE_BY_AUDIT = ("write_bundle", "write_replication")


async def check_results(dag):
    """Before the jobs are chosen: take over from a run that was killed, and make again what no job wrote as it stands.

    A bundle is of results that the author has seen: it is refused where one was edited.
    """
    lighten(dag)
    if not dag.workflow.dryrun:
        for owner in own_this_run():
            print(f"the run of {owner} was killed: this one goes on", file=sys.stderr)
    rules = {str(file): job.rule.name for job in dag.jobs for file in job.output}
    edited = changed(rules)
    try:
        if "write_bundle" in rules.values():
            refuse([file for file in edited if rules[file] not in MADE_BY_AUDIT])
    except ShidianError as problem:
        raise WorkflowError(str(problem)) from None
    for file in edited:
        print(
            f"{file} is not what its job wrote (edited, damaged or replaced since): it is made again",
            file=sys.stderr,
        )
    dag.forcefiles.update(edited)
    await check_results.incomplete(dag)


if workflow.is_main_process:
    check_results.incomplete = getattr(
        DAG.check_incomplete, "incomplete", DAG.check_incomplete
    )
    DAG.check_incomplete = check_results

# The configuration of the folder one stands in, or of the project itself; of an importer where this is its `module:`.
ROOT = "." if Path("config/config.yaml").exists() else str(PROJECT)
try:
    PLAN = load_plan(Path(ROOT))
except ShidianError as problem:
    raise WorkflowError(str(problem)) from None

if workflow.is_main_process:
    for notice in PLAN.notices:
        print(notice, file=sys.stderr)
    for skipped in PLAN.skipped:
        print(
            skipped.headline(PLAN.raw_root),
            *skipped.files(),
            sep="\n  ",
            file=sys.stderr,
        )


wildcard_constraints:
    study="|".join(PLAN.studies) or "none",
    source="|".join(PLAN.sources) or "none",
    exhibit="[a-z][a-z0-9_]*",
    first=r"\d+",
    last=r"\d+",


onsuccess:
    before = read_seen(SEEN)
    now = look(Path("results"), PLAN.studies, before)
    for study in PLAN.studies:
        if not any(name.startswith(f"{study}/") for name in now):
            continue  # it was not asked for, and has no results of another run
        print(summary(study, before, now), file=sys.stderr)
        print(
            f"  {Path.cwd() / 'results' / study / 'report.html'}",
            file=sys.stderr,
        )
    for skipped in PLAN.skipped:
        print(skipped.headline(PLAN.raw_root), file=sys.stderr)
    write_seen(SEEN, now)
