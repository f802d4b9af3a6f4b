"""Every kind on rows of individuals and in one period: right, or refused in a line by its name."""

from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
from shidian.errors import StudyError
from shidian.exhibits.referee import estimate_exhibit
from shidian.exhibits.result import ExhibitResult
from shidian.report.figures.draw import draw_figure
from shidian.study.kinds import kinds
from shidian.study.over_time import of_individuals, refuse_kinds, refuse_one_period
from shidian.study.resolve import resolve_exhibits

from tests.kinds.example_panel import INFO, example_panel
from tests.kinds.test_row_weights import LIVING, example_of, listed
from tests.report.chinese import english_left

PANEL = example_panel().assign(city=lambda d: d["unit"])
ROWS = PANEL.assign(unit=[f"{n}" for n in range(2, len(PANEL) + 2)], unit_name=lambda d: d["unit"])
"""The same rows, each a unit of its own in a city."""
PERSONS = replace(INFO, unit_label="person", individuals=True, assigned_by="city", assigned_column="city")
ASKED = sorted(kind for kind, room in kinds().items() if not room.made_from or kind == "placebo")
TAKEN = [kind for kind in ASKED if kinds()[kind].individuals]
REFUSED = [kind for kind in ASKED if not kinds()[kind].individuals]
ONE = [kind for kind in ASKED if kinds()[kind].least_periods == 1]
SEVERAL = [kind for kind in ASKED if kinds()[kind].least_periods > 1]
OTHERWISE = ("mediation", "epsilon_sensitivity", "second_stage", "score_intervals", "ddd")
"""Kinds whose draws or programs go through units in their order, or that have effects of units seen again."""
NUMBERS = ["estimate", "se", "p", "ci_low", "ci_high", "df", "n_obs", "r2"]


def example(kind, effects=("city", "year")):
    """Return the smallest use of a kind with effects and clusters of cities."""
    grouped = {"fixed_effects": list(effects), "vcov": {"kind": "cluster", "by": "city"}}
    declared = _replaced(example_of(kind), grouped)
    study = {"treatment": {"name": "did"}, **LIVING, **grouped}
    return resolve_exhibits({**study, "exhibits": [{"id": f"my_{kind}", "kind": kind, **declared}]}, {})


def _replaced(value, grouped):
    if isinstance(value, dict):
        return {key: grouped.get(key, _replaced(one, grouped)) for key, one in value.items()}
    return [_replaced(one, grouped) for one in value] if isinstance(value, list) else value


def run(kind, panel, info, specs):
    (spec,) = specs
    return estimate_exhibit(import_module(kinds()[kind].module), panel, spec, info)


@pytest.mark.parametrize("kind", listed(TAKEN))
def test_rows_of_persons_give_the_numbers_of_the_same_rows_of_cities(kind):
    mine = run(kind, ROWS, PERSONS, of_individuals(example(kind), "city"))
    theirs = run(kind, PANEL, INFO, [{**example(kind)[0], **({"assign_by": "city"} if kind == "placebo" else {})}])
    assert mine.estimates["estimate"].notna().any()
    if kind in OTHERWISE:
        return
    for name in ("column", "term"):
        assert mine.estimates[name].tolist() == theirs.estimates[name].tolist()
    a, b = mine.estimates[NUMBERS].astype(float), theirs.estimates[NUMBERS].astype(float)
    np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-9)
    assert not any("every year observed" in text for text in (*mine.notes, *mine.warnings))


@pytest.mark.parametrize("kind", listed(TAKEN))
def test_its_sentences_are_said_in_chinese(kind):
    result = run(kind, ROWS, PERSONS, of_individuals(example(kind), "city"))
    again = ExhibitResult.from_json(result.to_json())
    own = [*ROWS.columns, *INFO.labels.values(), "person", "First years", "Size", "Moderated"]
    assert english_left(again, own) == []
    if again.figure is not None:
        assert draw_figure(again.figure, lang="zh").axes


def declared(kind, **panel):
    """Return what is refused of an exhibit as a study file declares it."""
    whole = SimpleNamespace(**{"individuals": False, "is_one_period": False, "has_adoption": True, **panel})
    refuse_kinds([{"id": f"my_{kind}", "kind": kind}], whole)


@pytest.mark.parametrize("kind", REFUSED)
def test_a_kind_that_follows_units_refuses_them(kind):
    with pytest.raises(
        StudyError, match=rf"exhibit 'my_{kind}': the kind {kind} follows units.*use did_table"
    ) as problem:
        declared(kind, individuals=True)
    assert len(str(problem.value).splitlines()) == 1


@pytest.mark.parametrize("kind", SEVERAL)
def test_a_kind_that_compares_periods_refuses_one(kind):
    with pytest.raises(StudyError, match=rf"exhibit 'my_{kind}': the kind {kind} compares periods and needs 2"):
        declared(kind, is_one_period=True)


def test_a_status_of_individuals_dates_no_group():
    dated = [kind for kind in TAKEN if kinds()[kind].dated]
    assert {"event_study", "placebo"} <= set(dated)
    for kind in dated:
        with pytest.raises(StudyError, match=r"needs adoption years.*write 'treatment.adoption'"):
            declared(kind, individuals=True, has_adoption=False)


@pytest.mark.parametrize("kind", listed(ONE))
def test_a_kind_that_does_with_one_period_says_nothing_of_others(kind):
    specs = example(
        kind, effects=["large"] if kind not in ("spatial_did", "spatial_selection", "weights_choice") else []
    )
    year = PANEL[PANEL["year"] == 2006].reset_index(drop=True)
    specs = [_replaced(specs[0], {"sample": {}, "years": [2006], "year": 2006, "instruments": ["z"]})]
    if kind == "mixed_table":
        columns = [column for column in specs[0]["columns"] if "matching" not in column]
        specs = [{**specs[0], "columns": columns}]
    refuse_one_period(specs)
    result = run(kind, year, INFO, specs) if kind != "index_weights" else None
    if result is None:
        return  # its indices are made of the rows of all years
    assert result.estimates["estimate"].notna().any(), result.notes
    said = [*result.notes, *result.warnings]
    assert not any(words in text for text in said for words in ("every year observed", "× 1 years", "Year fixed"))


def test_the_kinds_that_regress_rows_take_individuals():
    regressions = {
        "did_table",
        "event_study",
        "heterogeneity",
        "iv_table",
        "mediation",
        "placebo",
        "u_test",
        "variations",
    }
    assert regressions < set(TAKEN)
    assert {"staggered_did", "goodman_bacon", "psm_did", "twfe_weights", "threshold", "spatial_did"} < set(REFUSED)
    assert {"event_study", "trend", "placebo", "threshold", "productivity_change"} < set(SEVERAL)
