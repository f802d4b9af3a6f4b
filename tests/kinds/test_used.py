"""What every kind says that its columns used is what its estimates count, and lies in the panel."""

from dataclasses import replace
from types import ModuleType

import pytest
from shidian.errors import StudyError
from shidian.exhibits.referee import estimate_exhibit
from shidian.exhibits.result import ExhibitResult

from tests.kinds.example_panel import INFO, example_panel
from tests.kinds.test_rooms import RUN, example, resolved


@pytest.mark.parametrize("kind", RUN)
def test_every_column_says_what_it_used(kind):
    result, panel = example(kind), example_panel()
    assert set(result.used) == set(result.estimates["column"])
    for column, used in result.used.items():
        mine = result.estimates[result.estimates["column"] == column]
        if used.rows is None:
            continue
        assert set(used.names) <= set(panel.columns)
        assert set(used.rows.positions) <= set(used.declared.positions) <= set(panel.index)
        assert len(used.rows), "an example is estimated"
        for row in mine.dropna(subset="n_obs").to_dict("records"):
            assert used.counts or row["n_obs"] == len(used.of_term(row["term"])), (column, row["term"])
        assert set(mine["n_missing"].dropna()) <= {used.n_missing}
        assert set(mine["n_singletons"].dropna()) <= {used.n_singletons}
        assert set(mine["seed"].dropna()) == ({used.seed} if used.seed is not None else set())


@pytest.mark.parametrize("kind", RUN)
def test_its_variables_have_roles_the_outcome_and_the_treatment_among_them(kind):
    spec = resolved(kind)
    for used in example(kind).used.values():
        assert used.names
        if "outcome" in spec:
            assert used.variables["outcome"] == (spec["outcome"],)
        if "vcov" in spec and kind != "threshold":
            assert {"treatment", "endogenous", "regressor"} & set(used.variables)


@pytest.mark.parametrize("kind", RUN)
def test_it_is_read_back_as_written(kind):
    result = example(kind)
    assert ExhibitResult.from_json(result.to_json()).used == result.used


def test_a_kind_that_does_not_say_what_a_column_used_is_stopped():
    silent = ModuleType("silent")
    silent.__file__ = "silent"
    silent.run = lambda panel, spec, info: replace(example("did_table"), used={})
    with pytest.raises(StudyError, match=r"silent: its result says under 'used' nothing of the column '\(1\)'"):
        estimate_exhibit(silent, example_panel(), resolved("did_table"), INFO)
