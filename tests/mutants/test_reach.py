"""The tests that a fault is tried on."""

from dataclasses import replace

from tests.mutants.operators import Mutant
from tests.mutants.reach import Reach

FILE = "workflow/shidian/did/f.py"
OUTER, INNER, OTHER = (FILE, 3, 9), (FILE, 5, 6), (FILE, 12, 15)
REACH = Reach(
    {"a.py::slow": 3.0, "a.py::quick": 0.1, "a.py::other": 0.2, "b.py::elsewhere": 0.3},
    {
        "a.py::slow": frozenset({OUTER, INNER}), "a.py::quick": frozenset({OUTER}), "a.py::other": frozenset({OTHER}),
        "b.py::elsewhere": frozenset({("g.py", 1, 20)}),
    },
)  # fmt: skip


def at(line: int, file: str = FILE) -> Mutant:
    return Mutant(file, line, "", "", 0, 0, "")


def test_tests_that_run_the_innermost_function_around_a_fault_the_quickest_first():
    assert REACH.tests(at(8)) == ("a.py::quick", "a.py::slow")
    assert REACH.tests(at(5)) == ("a.py::slow",)
    assert REACH.usual(REACH.tests(at(8))) == 3.1


def test_a_constant_of_a_module_is_tried_on_all_that_runs_the_file_and_an_unseen_file_on_all():
    assert REACH.tests(at(1)) == ("a.py::quick", "a.py::other", "a.py::slow")
    assert len(REACH.tests(at(1, "compiled.py"))) == 4


def test_what_does_not_fit_the_budget_is_left_out():
    assert replace(REACH, budget=0.35).tests(at(1)) == ("a.py::quick", "a.py::other")
    assert replace(REACH, budget=0.01).tests(at(5)) == ("a.py::slow",)


def test_compiled_code_is_tried_on_what_runs_a_file_that_imports_it():
    importing = replace(REACH, source=lambda file: "from shidian.did.kernel import solve" if file == "g.py" else "")
    assert importing.tests(at(1, "workflow/shidian/did/kernel.py")) == ("b.py::elsewhere",)
