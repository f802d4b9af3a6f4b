"""A kind that does not say what a column used is stopped, with its file and the column."""

from dataclasses import replace
from types import ModuleType

import pytest
from shidian.errors import StudyError
from shidian.exhibits.referee import estimate_exhibit

from tests.kinds.example_panel import INFO, example_panel
from tests.kinds.test_rooms import example, resolved


def test_a_column_without_what_it_used_names_the_file_and_the_column():
    silent = ModuleType("silent")
    silent.__file__ = "my_kinds/silent/estimate.py"
    silent.run = lambda panel, spec, info: replace(example("did_table"), used={})
    with pytest.raises(StudyError, match=r"my_kinds/silent/estimate.py: its result says under 'used' nothing of"):
        estimate_exhibit(silent, example_panel(), resolved("did_table"), INFO)
