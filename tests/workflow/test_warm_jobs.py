"""Jobs in forks of one warm process: processes of their own, which end as cold ones do and give the same bytes."""

import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from shidian.warm_jobs import COLD

from .project import Project

ENDS = {
    "pass": 0,
    "import sys; sys.exit()": 0,
    "import sys; sys.exit(3)": 3,
    "import sys; sys.exit('a word')": 1,
    "1 / 0": 1,
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)": -signal.SIGKILL,
    "import os; os._exit(7)": 7,
    "import os, sys; assert (__name__, sys.argv, sys.path[0]) == ('__main__', [__file__], os.getcwd())": 0,
    "import os, tempfile; assert tempfile.gettempdir() == os.environ['TMPDIR'] == os.getcwd()": 0,
    "import pandas; pandas.options.display.width = 3; import json; json.dumps = None": 0,
    "import pandas; assert pandas.options.display.width == 80; import json; assert json.dumps": 0,
    "import sys; from shidian.messages.words import _SAID; assert 'shidian.job' in sys.modules; assert not _SAID": 0,
    "from concurrent.futures import ProcessPoolExecutor as P\nwith P(2) as p: assert [*p.map(abs, [-1])] == [1]": 0,
}
"""Script -> its exit code; each is run twice."""

CALLER = """
import os
from shidian.warm_jobs import run_script
if __name__ == "__main__":
    scripts = sorted(f for f in os.listdir(".") if f.startswith("script"))
    print([run_script(script, {"TMPDIR": os.getcwd()}) for script in scripts + scripts])
"""


def test_a_job_ends_as_a_python_of_its_own_does_and_leaves_nothing_behind(tmp_path):
    for n, text in enumerate(ENDS):
        (tmp_path / f"script{n:02}.py").write_text(text, encoding="utf-8")
    (tmp_path / "caller.py").write_text(CALLER, encoding="utf-8")
    done = subprocess.run([sys.executable, "caller.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == str(list(ENDS.values()) * 2), done.stderr
    assert "ZeroDivisionError: division by zero" in done.stderr
    assert "a word" in done.stderr


def test_a_job_ends_with_the_run_that_started_it(tmp_path):
    """A run that was killed writes nothing more: the next one may be writing the same files."""
    script = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(99)"
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    (tmp_path / "caller.py").write_text(CALLER, encoding="utf-8")
    caller = subprocess.Popen([sys.executable, "caller.py"], cwd=tmp_path)
    pid, deadline = tmp_path / "pid", time.monotonic() + 120
    while not (pid.exists() and pid.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    caller.kill()
    caller.wait()
    deadline = time.monotonic() + 40  # the script itself would go on for longer
    state = Path(f"/proc/{pid.read_text()}/stat")
    while state.exists() and state.read_text(encoding="utf-8").rpartition(")")[2].split()[0] not in "ZX":
        assert time.monotonic() < deadline, "the job outlives its run"
        time.sleep(0.05)


@pytest.mark.workflow
def test_warm_and_cold_jobs_write_the_same_bytes(finished, tmp_path):
    """The finished project's jobs were cold."""
    warm = Project(tmp_path / "project")
    tables = ["results/castle_doctrine/exhibits/robust.tex", "results/castle_doctrine/exhibits/event_study.png"]
    warm.snakemake(*tables)
    digests, cold = warm.digests(), finished.digests()
    assert len(digests) > 10
    assert {name for name, digest in digests.items() if cold[name] != digest} == set()


@pytest.mark.workflow
def test_a_job_that_is_killed_is_said_and_made_again(tmp_path):
    project = Project(tmp_path / "project")
    edit = textwrap.dedent("""
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    script = project.folder / "workflow/scripts/extract_workbooks.py"
    text = script.read_text(encoding="utf-8")
    script.write_text(edit + text, encoding="utf-8")
    target = "results/sources/castle_causaldata/1_1.files.json"
    printed = project.snakemake(target, check=False)
    assert "SIGKILL" in printed
    script.write_text(text, encoding="utf-8")
    project.snakemake(target)
    project.snakemake(target, env={COLD: "1"})
