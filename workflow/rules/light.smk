"""What Snakemake does again for every job, or every second, and need not (docs/speed.md)."""

import gc
from collections import Counter
from functools import cache
from pathlib import Path

import snakemake.rules
from snakemake.dag import ScriptProcessor
from snakemake.settings.types import DeploymentMethod

BY_DEFAULT = (100, 1)  # submissions in so many seconds, where the user sets no limit

# A large graph of jobs is not looked through for garbage every few hundred objects: it is kept to the end.
gc.freeze()
gc.set_threshold(200_000, 20, 100)


def lighten(dag):
    """Before the jobs of a run are chosen: leave out what is of no use in it.

    A limit to submissions in a run on one machine: after each job the scheduler would look around once a second more.
    In a plan, environments that nobody asked for: they have the parameters of all jobs worked out.
    """
    settings = dag.workflow.scheduling_settings
    limit = settings and settings.max_jobs_per_timespan
    if (
        dag.workflow.local_exec
        and limit
        and (limit.max_jobs, limit.timespan) == BY_DEFAULT
    ):
        settings.max_jobs_per_timespan = None
    asked = dag.workflow.deployment_settings.deployment_method
    if dag.workflow.dryrun and DeploymentMethod.CONDA not in asked:
        dag.update_conda_envs = lambda: None
    runs_here = dag.workflow.local_exec and not dag.workflow.dryrun
    if runs_here and not (dag.priorityfiles or dag.priorityrules):
        dag.priorityfiles = first_to_read(dag.jobs)


def first_to_read(jobs):
    """Return the report of the study with the fewest jobs: what it needs runs first, so that one can read early."""
    jobs = list(jobs)
    size = Counter(getattr(job.wildcards, "study", None) for job in jobs)
    reports = [
        str(file)
        for job in jobs
        for file in job.output
        if Path(str(file)).name == "report.html"
    ]
    return set(
        sorted(reports, key=lambda report: (size[Path(report).parent.name], report))[:1]
    )


def once_a_rule(process_job):
    """Return a look whether the script of a job is there that is taken for the first job of each rule alone."""
    seen = set()

    def process(self, job):
        if (self.script_type, job.rule) not in seen:
            seen.add((self.script_type, job.rule))
            process_job(self, job)

    process.each = process_job
    return process


if workflow.is_main_process:
    ScriptProcessor.process_job = once_a_rule(
        getattr(ScriptProcessor.process_job, "each", ScriptProcessor.process_job)
    )
    if not hasattr(snakemake.rules.get_function_params, "cache_info"):
        snakemake.rules.get_function_params = cache(snakemake.rules.get_function_params)
