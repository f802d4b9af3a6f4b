"""What Snakemake does again for every job, or every second, and need not (docs/speed.md)."""

import gc
from functools import cache

import snakemake.rules
from snakemake.dag import ScriptProcessor
from snakemake.settings.types import DeploymentMethod

# A large graph of jobs is not looked through for garbage every few hundred objects: it is kept to the end.
gc.freeze()
gc.set_threshold(200_000, 20, 100)


def lighten(dag):
    """Before the jobs of a run are chosen: leave out what is of no use in it.

    A limit to submissions in a run on one machine: after each job the scheduler would look around once a second more.
    In a plan, environments that nobody asked for: they have the parameters of all jobs worked out.
    """
    if dag.workflow.local_exec and dag.workflow.scheduling_settings is not None:
        dag.workflow.scheduling_settings.max_jobs_per_timespan = None
    asked = dag.workflow.deployment_settings.deployment_method
    if dag.workflow.dryrun and DeploymentMethod.CONDA not in asked:
        dag.update_conda_envs = lambda: None


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
