"""What each rule needs of a cluster, and which rules are too short to be sent there (docs/decisions/15_cluster.md).

A run on one machine heeds none of it, unless it is given `--resources mem_mb=...`: then no more jobs run at once than
fit into that memory.
"""

from snakemake.jobs import GroupJob


def rule_of(group):
    """Return the rule of a group's first job.

    SLURM's plugin (2.8) asks for it to say what it could not submit; its error would be lost and the run wait for ever.
    """
    return next(iter(group.jobs)).rule


if not hasattr(GroupJob, "rule"):
    GroupJob.rule = property(rule_of)

# In a job of the cluster its rules run as on one machine, not each through one more Snakemake.
ON_NODE = workflow.remote_exec

# Rule -> the largest memory of one of its jobs in the ten studies, MB (max_rss in results/benchmarks), and the minutes
# that it may take.
NEEDS = {
    "simulate_cities": (562, 20),
    "simulate_counties": (517, 20),
    "simulate_provinces": (368, 20),
    "simulate_work_reports": (151, 10),
    "simulate_noise_free": (527, 30),
    "extract_workbooks": (552, 10),
    "find_slips": (900, 10),
    "build_panel": (507, 10),
    "summarise_checks": (130, 10),
    "compute_indicators": (299, 10),
    "solve_efficiency_year": (275, 10),
    "compute_productivity": (282, 10),
    "assemble_panel": (162, 10),
    "estimate_exhibit": (681, 10),
    "estimate_pseudo_true": (681, 10),
    "compare_published": (138, 10),
    "stack_panels": (138, 10),
    "recover_efficiency": (214, 20),
    "grade_extraction": (965, 20),
    "draw_placebo_chunk": (360, 15),
    "gather_placebo": (336, 10),
    "render_table": (147, 10),
    "render_figure": (186, 10),
    "assemble_ledger": (136, 10),
    "trace_exhibits": (319, 20),
    "render_report": (455, 10),
    "render_index": (150, 10),
    "write_replication": (236, 10),
    "write_bundle": (178, 10),
}
# A cluster counts the Snakemakes that start a job too, and other data are larger than those measured.
SNAKEMAKE, ROOM = 400, 1.5


def needs(rule, login_node=0):
    """Return memory and time of a rule: the table with some room, twice as much at each of three further attempts.

    Of rules that stay on the login node (1) the profile says how many run there at once.
    """
    peak, minutes = NEEDS[rule]
    megabytes = 100 * round((SNAKEMAKE + ROOM * peak) / 100)
    return {
        "mem_mb": lambda wildcards, attempt: megabytes * 2 ** min(attempt - 1, 3),
        "runtime": lambda wildcards, attempt: minutes * 2 ** min(attempt - 1, 3),
        "login_node": login_node,
    }
