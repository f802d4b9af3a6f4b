"""What a dry run says, in the author's words."""

from shidian.run_status import StaleJob, stale_jobs, status_text

PRINTED = """Building DAG of jobs...
Job stats:
job                 count
----------------  -------
estimate_exhibit        1

[Mon Nov 30 08:43:06 2026]
rule extract_workbooks:
    input: resources/raw/a.csv
    jobid: 7
    reason: Missing output files: results/a.json; Params have changed since last execution: before: 'a' now: 'b'
    wildcards: source=towns, first=1, last=1
    resources: tmpdir=/tmp
[Mon Nov 30 08:43:06 2026]
rule build_panel:
    input: results/sources/towns/1_1.records.parquet
    jobid: 6
    reason: Input files updated by another job: results/sources/towns/1_1.records.parquet
    wildcards: study=town_wages
[Mon Nov 30 08:43:06 2026]
localrule estimate_exhibit:
    jobid: 3
    reason: A reason of another version of Snakemake
    wildcards: study=town_wages, exhibit=twfe

[Mon Nov 30 08:43:06 2026]
localrule all:
    jobid: 0
    reason: Input files updated by another job: results/index.html

Reasons:
    (check individual jobs above for details)
"""


def test_jobs_and_their_causes_are_read():
    assert stale_jobs(PRINTED) == [
        StaleJob(
            "extract_workbooks", "sources", "towns 1 1",
            ("not made yet, or deleted", "its settings, its code or a package it uses changed"),
        ),
        StaleJob("build_panel", "town_wages", "", ()),
        StaleJob("estimate_exhibit", "town_wages", "twfe", ("A reason of another version of Snakemake",)),
    ]  # fmt: skip


def test_what_follows_is_counted():
    assert status_text(stale_jobs(PRINTED)).splitlines() == [
        "sources: 1 job would run",
        "  extract_workbooks towns 1 1: not made yet, or deleted; its settings, its code or a package it uses changed",
        "town_wages: 2 jobs would run",
        "  estimate_exhibit twfe: A reason of another version of Snakemake",
        "  and 1 that follows from these",
    ]
    assert status_text([]) == "everything is up to date"
