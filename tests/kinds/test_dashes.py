"""A variable without any value, as one of a real source that nobody has, costs the kinds that say so dashes alone."""

from importlib import import_module

import pytest
from shidian.exhibits.referee import estimate_exhibit

from tests.kinds.example_panel import INFO, example_panel
from tests.kinds.rooms import ROOMS
from tests.kinds.test_rooms import resolved

DASHING = sorted(name for name, kind in ROOMS.items() if kind.dashes)


def names_below(content) -> set[str]:
    if isinstance(content, str):
        return {content}
    values = content.values() if isinstance(content, dict) else content if isinstance(content, list | tuple) else ()
    return {name for value in values for name in names_below(value)}


@pytest.mark.parametrize("kind", DASHING)
def test_each_variable_of_the_example_may_lack_every_value(kind):
    spec, panel = resolved(kind), example_panel()
    taken = {"unit", "unit_name", "year", "adoption_year", INFO.treatment}
    used = sorted((names_below(spec) & set(panel.columns)) - taken)
    assert used
    for name in used:
        lacking = panel.assign(**{name: float("nan")})
        result = estimate_exhibit(import_module(ROOMS[kind].module), lacking, spec, INFO)
        without = result.estimates[result.estimates["estimate"].isna()]
        assert len(without), name
        assert (without["reason"] != "").all(), (name, without)
