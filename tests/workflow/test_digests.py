"""Declared and real imports agree: a job's digest covers every module that the job loads."""

import ast
import json
import os
import subprocess
import sys

import pytest
from shidian.checksums import content_checksum
from shidian.code_digests import (
    PACKAGE,
    READS,
    ROOT,
    SCRIPTS,
    _imports,
    _lock,
    code_digest,
    conda_environment,
    distribution,
    job_modules,
    locked_packages,
    meaning,
)
from shidian.extensions import path_of
from shidian.placebo.registry import estimator_modules
from shidian.placebo_estimators import estimators
from shidian.study.kinds import kinds
from shidian.study.table_formats import format_modules

pytestmark = pytest.mark.workflow

PLACEBO = sorted({estimator_modules({"estimator": name}) for name in estimators()})


@pytest.fixture(scope="module")
def loaded(finished):
    """Return what each job of the finished run had loaded at its end."""
    return [json.loads(p.read_text(encoding="utf-8")) for p in finished.recorded.iterdir()]


def test_every_job_was_recorded(loaded):
    """Every script but those of efficiency, productivity, panels and yearbooks, which castle_doctrine has not.

    Bundles are made on request only.
    """
    absent = {
        "solve_efficiency_year",
        "compute_productivity",
        "write_bundle",
        "write_replication",
        "grade_extraction",
        "recover_efficiency",
        "stack_panels",
    }
    absent |= {p.stem for p in SCRIPTS.glob("simulate_*.py")}
    assert {job["script"] for job in loaded} == {p.stem for p in SCRIPTS.glob("*.py")} - absent


def test_a_job_loads_no_module_that_its_digest_leaves_out(loaded):
    by_name = {
        "estimate_exhibit": [(kind.module,) for kind in kinds().values()],
        "render_figure": [kind.figure_modules for kind in kinds().values() if kind.figure],
        "render_table": [format_modules()],
        "draw_placebo_chunk": PLACEBO,
        "gather_placebo": PLACEBO,
    }
    for job in loaded:
        choices = by_name.get(job["script"], [()])
        left_out = [set(job["modules"]) - {"shidian", *job_modules(job["script"], *choice)} for choice in choices]
        assert set() in left_out, (job["script"], min(left_out, key=len))


def test_the_estimator_that_a_placebo_names_is_in_the_digest_of_its_jobs(loaded):
    """castle_doctrine names one: some of its jobs load that module, which a script's imports alone do not show."""
    for script in ("draw_placebo_chunk", "gather_placebo"):
        named = [set(job["modules"]) - set(job_modules(script)) for job in loaded if job["script"] == script]
        assert any("shidian.exhibits.placebo.estimators.callaway_santanna" in modules for modules in named)
        closures = {modules: job_modules(script, *modules) for modules in PLACEBO}
        assert all(set(modules) <= set(closure) for modules, closure in closures.items())
        digests = {code_digest(script, *modules) for modules in PLACEBO}
        assert len(digests) == len(set(closures.values())) > 1


def test_digests_of_kinds_differ_and_are_stable():
    digests = {name: code_digest("estimate_exhibit", kind.module) for name, kind in kinds().items()}
    assert len(set(digests.values())) == len(digests)
    code = (
        "from shidian.code_digests import code_digest; from shidian.study.kinds import kinds; import json;"
        "print(json.dumps({n: code_digest('estimate_exhibit', k.module) for n, k in kinds().items()}))"
    )
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert json.loads(again) == digests


def test_every_third_party_import_is_a_locked_package():
    lock = _lock()
    for path in PACKAGE.rglob("*.py"):
        module = ".".join(["shidian", *path.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(".__init__")
        for name in locked_packages([module]):
            assert name.split("==")[0] in lock
    tops = {n.split(".")[0] for p in PACKAGE.rglob("*.py") for n in _imports(p, "shidian")}
    third = tops - set(sys.stdlib_module_names) - {"shidian", "shidian_extensions", ""}
    assert {distribution(name) for name in third} <= set(lock)
    assert path_of("shidian.did").name == "__init__.py"


def test_the_conda_environment_is_generated_from_the_lock():
    assert (ROOT / "envs" / "shidian.yaml").read_text(encoding="utf-8") == conda_environment(), "run `make docs`"


def test_no_rule_uses_run_and_every_rule_has_a_log():
    for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")):
        blocks = path.read_text(encoding="utf-8").split("\nrule ")[1:]
        for block in blocks:
            name = block.split(":")[0]
            if "\n    output:" not in block:
                continue  # a target, which runs nothing
            assert "\n    log:" in block, name
            assert "\n    run:" not in block, name
            assert "code_digest(" in block, name
            assert '"""' in block, name


def test_a_module_that_names_resources_is_known_to_the_digests():
    """A table of the project read by a module must be in READS, or be an input of a rule."""
    inputs = {"shidian.study.paths", "shidian.study.weights_files", "shidian.audit.differences"}
    naming = set()
    for path in PACKAGE.rglob("*.py"):
        names = {n.value for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Constant)}
        if "resources" in names:
            naming.add(".".join(["shidian", *path.relative_to(PACKAGE).with_suffix("").parts]))
    assert naming - inputs == set(READS) - {"shidian.report.catalogue"}, "the catalogue reads the rooms, not resources"
    assert all((ROOT / table).is_file() for tables in READS.values() for table in tables)


def test_a_digest_is_of_the_meaning(tmp_path):
    def digest(code: str) -> str:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.py"
        path.write_text(code, encoding="utf-8")
        return meaning(path)

    plain = digest("def f(x):\n    return x + 1\n")
    assert plain == digest('"""Module."""\n\n\ndef f(x):  # add\n    """One more."""\n    return (x +\n    1)\n')
    assert plain != digest("def f(x):\n    return x + 2\n")
    assert plain != digest('def f(x):\n    print("a text that is printed")\n    return x + 1\n')
    assert digest('x = "a"\n') != digest('x = "b"\n')


def test_imports_are_found_wherever_statements_stand(tmp_path):
    path = tmp_path / "nested.py"
    path.write_text(
        "import a.b\n"
        "if x:\n    from c import d\nelse:\n    import e\n"
        "try:\n    import f\nexcept ValueError:\n    import g\nelse:\n    import h\nfinally:\n    import i\n"
        "class K:\n    async def m(self):\n        with x:\n            for _ in x:\n                import j\n"
        "match x:\n    case 1:\n        import k\n"
        "from . import l\nfrom .m import n\n",
        encoding="utf-8",
    )
    own = {"shidian.did", "shidian.did.l", "shidian.did.m", "shidian.did.m.n"}
    assert set(_imports(path, "shidian.did.bacon")) == {"a.b", "c", "c.d", *"efghijk", *own}


def test_a_file_replaced_by_an_older_one_has_another_checksum(tmp_path):
    path = tmp_path / "raw.csv"
    path.write_text("a,1\n", encoding="utf-8")
    first = content_checksum(path)
    path.write_text("a,2\n", encoding="utf-8")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert content_checksum(path) != first
    assert content_checksum(tmp_path / "none.csv") == "missing"
