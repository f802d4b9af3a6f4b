"""What the rules ask of a cluster: memory and time from one table, growing; short rules local, others in groups."""

import re
import runpy
from types import SimpleNamespace

import pytest
import yaml
from snakemake.jobs import GroupJob

from .project import ROOT

LOCAL = {
    *("all", "audit", "summarise_checks", "assemble_panel", "gather_placebo", "compare_published"),
    "stack_panels",
    *("render_table", "render_figure", "assemble_ledger", "render_report", "render_index"),
    *("write_replication", "write_bundle"),
}
RULES = {
    name: body
    for path in (ROOT / "Snakefile", *sorted((ROOT / "workflow" / "rules").glob("*.smk")))
    for name, body in re.findall(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", path.read_text(encoding="utf-8"), re.M | re.S)
}
TABLE = runpy.run_path(
    str(ROOT / "workflow" / "rules" / "cluster.smk"), {"workflow": SimpleNamespace(remote_exec=False)}
)
PROFILE = yaml.safe_load((ROOT / "profiles" / "slurm" / "config.yaml").read_text(encoding="utf-8"))
GROUPS = dict(entry.split("=") for entry in PROFILE["groups"])
ASKED = r"^    resources:\n        \*\*needs\(\"(\w+)\"(, login_node=1)?\),\n"
SCRIPTS = {name for name, body in RULES.items() if "script:" in body}


def test_every_rule_with_a_script_asks_for_what_the_table_says_of_it():
    asked = {name: re.findall(ASKED, RULES[name], re.M) for name in RULES}
    at_home = {name: ", login_node=1" if name in LOCAL else "" for name in RULES}
    assert asked == {name: [(name, at_home[name])] if name in SCRIPTS else [] for name in RULES}
    assert set(TABLE["NEEDS"]) == SCRIPTS


@pytest.mark.parametrize("rule", sorted(SCRIPTS))
def test_memory_and_time_double_at_each_attempt_above_what_was_measured(rule):
    needs = TABLE["needs"](rule)
    peak, minutes = TABLE["NEEDS"][rule]
    memory, time = ([needs[what](None, attempt) for attempt in (1, 2, 3)] for what in ("mem_mb", "runtime"))
    assert memory == [memory[0], 2 * memory[0], 4 * memory[0]]
    assert time == [minutes, 2 * minutes, 4 * minutes]
    assert memory[0] > 1.2 * peak + 300
    assert all(isinstance(asked, int) for asked in memory + time)
    assert needs["mem_mb"](None, 20) == 8 * memory[0]  # many attempts are for long outages, not for a node of 1 TB


def test_rules_of_others_have_a_default_that_grows_too():
    for asked in PROFILE["default-resources"].values():
        assert eval(asked, {"attempt": 2}) == 2 * eval(asked, {"attempt": 1}) > 0
    assert PROFILE["retries"] >= 2


def test_rules_that_cost_less_than_a_job_of_slurm_are_local_and_all_are_within_a_job():
    where = {name: re.findall(r"^    localrule: (\w+)\n", body, re.M) for name, body in RULES.items()}
    assert where == {name: ["True" if name in LOCAL else "ON_NODE"] for name in RULES}
    assert PROFILE["resources"] == ["login_node=2"]


def test_short_jobs_that_are_submitted_travel_in_groups_and_local_ones_do_not():
    alone = {name for name in SCRIPTS - LOCAL if name not in GROUPS}
    assert alone == {
        *("simulate_cities", "simulate_counties", "simulate_provinces", "simulate_work_reports"),
        *("simulate_noise_free", "grade_extraction", "trace_exhibits"),
    }
    assert set(GROUPS) <= SCRIPTS - LOCAL  # Snakemake submits a rule that is in a group, local or not


def test_a_group_is_of_one_study_or_source_and_its_size_is_of_a_group_that_there_is():
    assert all(re.fullmatch(r"[a-z]+_\{(study|source)\}", group) for group in GROUPS.values())
    sizes = dict(entry.split("=") for entry in PROFILE["group-components"])
    assert set(sizes) <= set(GROUPS.values())
    assert all(int(size) > 1 for size in sizes.values())


def test_a_group_that_cannot_be_submitted_has_a_rule_to_be_named_by():
    """The plugin's handler asks for it; without, its error is lost and the run waits for ever."""
    group = SimpleNamespace(jobs=[SimpleNamespace(rule="estimate_exhibit")])
    assert GroupJob.rule.fget(group) == "estimate_exhibit"
