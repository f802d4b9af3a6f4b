"""The lines of a run without a terminal."""

import pytest
from shidian.run_lines import RunLines, is_wrapping, plain, span


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_a_line_a_job_says_how_far_and_how_long(tmp_path):
    clock = Clock()
    lines = RunLines(clock)
    assert lines.run(12) == ["12 jobs to do"]
    assert lines.run(12) == []
    lines.start(7, "estimate_exhibit", {"study": "castle", "exhibit": "twfe"}, ["a.log"])
    clock.now += 3.25
    assert lines.finish(7) == [" 1 of 12  0:03, about 0:36 left  estimate_exhibit castle twfe (3.2 s)"]
    assert lines.finish(7) == []
    lines.total = 100
    lines.start(9, "extract_workbooks", {}, [])
    assert lines.finish(9) == ["  2 of 100  0:03  extract_workbooks (0.0 s)"]
    lines.start(8, "render_index", {}, [])
    clock.now += 0.01
    lines.total = 3
    assert lines.finish(8) == ["3 of 3  0:03  render_index (0.0 s)"]


def test_a_failure_says_first_what_its_log_says(tmp_path):
    lines = RunLines(Clock())
    log = tmp_path / "job.log"
    log.write_text("error: towns.csv: no column 'wage'\n", encoding="utf-8")
    lines.start(1, "extract_workbooks", {"source": "towns"}, [str(log)])
    assert lines.fail(1) == ["error: towns.csv: no column 'wage'", f"failed: extract_workbooks towns (log: {log})"]
    lines.start(2, "extract_workbooks", {"source": "cities"}, [str(tmp_path / "absent.log")])
    assert lines.fail(2)[0].startswith("failed: extract_workbooks cities")
    assert lines.fail(2) == []


def test_a_failure_is_said_again_at_the_end_where_other_lines_came_behind_it(tmp_path):
    lines = RunLines(Clock())
    log = tmp_path / "job.log"
    log.write_text("a\nb\nerror: towns.csv: no column 'wage'\n", encoding="utf-8")
    assert lines.last_words(bar=True) == []
    for number in (1, 2, 3):
        lines.start(number, "extract_workbooks", {"source": f"towns{number}"}, [str(log)])
    lines.fail(1)
    again = ["b", "error: towns.csv: no column 'wage'", f"failed: extract_workbooks towns1 (log: {log})"]
    assert lines.last_words() == []
    assert lines.last_words(bar=True) == again
    lines.finish(2)
    assert lines.last_words() == again
    lines.fail(3)
    assert lines.last_words()[-1].startswith("failed: extract_workbooks towns3")


def test_what_wraps_a_failure_is_told_from_what_says_why():
    assert is_wrapping("RuleException:\nCalledProcessError in file \"x.smk\", line 4:\nCommand 'a' returned 1.")
    assert is_wrapping("At least one job did not complete successfully.")
    assert not is_wrapping("Command 'x' died with <Signals.SIGKILL: 9>.")
    assert not is_wrapping("MissingInputException: a.xlsx")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Building DAG of jobs...", []),
        ("RuleException:\nCalledProcessError in file \"x.smk\", line 4:\nCommand 'python a.py' returned 1.", []),
        ("Elapsed time: 0:00:51.083438", []),
        ("At least one job did not complete successfully.", []),
        ("Exiting because a job execution failed. Look above for error messages", []),
        (
            'WorkflowError in file "/p/workflow/rules/common.smk", line 60:\n'
            "config/studies/a.yaml: at 'outcome': no\n"
            '  File "/p/workflow/rules/common.smk", line 60, in <module>',
            ["config/studies/a.yaml: at 'outcome': no"],
        ),
        ("MissingInputException: a.xlsx", ["MissingInputException: a.xlsx"]),
        ("Command 'x' died with <Signals.SIGKILL: 9>.", [
            "a job was ended by SIGKILL: the memory may have run out, or somebody stopped it; run again"]),
    ],
)  # fmt: skip
def test_of_snakemakes_texts_what_says_something_stays(text, said):
    assert plain(text) == said


def test_spans():
    assert [span(s) for s in (0, 7.4, 59.6, 3723)] == ["0:00", "0:07", "1:00", "1:02:03"]
