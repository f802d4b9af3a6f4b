"""The placebo event study: every draw has the base, the second normalisation and the event times of the true one."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shidian.did.event_study import Window, fit_event_study
from shidian.errors import EstimationError
from shidian.exhibits.placebo.placebo import estimate as placebo
from shidian.exhibits.result import StudyInfo
from shidian.placebo.assign import draw_assignments
from shidian.placebo.draws import draw_frame, pseudo_panel
from shidian.placebo.event_study import BASE_UNOBSERVED, COLLINEAR
from shidian.placebo.observed import fit_observed
from shidian.placebo.prepare import prepare
from shidian.placebo.settings import read_settings

from tests.did.simulate import exact_panel

INFO = StudyInfo("cases", "city", "d", {"d": "Pilot"}, seed=4)
SPEC = {
    "id": "placebo", "kind": "placebo", "outcome": "y", "fixed_effects": ["unit", "year"], "ssc": "reghdfe",
    "vcov": {"kind": "cluster", "by": "unit"}, "estimator": "event_study", "draws": 40, "mode": "permute",
}  # fmt: skip


def noisy(panel, sd=0.1):
    return panel.assign(y=panel["y"] + sd * np.random.default_rng(2).normal(size=len(panel)))


def two_yearly():
    return noisy(exact_panel([2004] * 4 + [2006] * 4 + [None] * 8, range(2000, 2012, 2)))


def all_treated():
    return noisy(exact_panel([2004] * 5 + [2006] * 5 + [2008] * 5, range(2001, 2009), lambda tau: 2.0))


@pytest.mark.parametrize(
    ("panel", "declared"),
    [
        (two_yearly(), {"window": [-4, 4]}),
        (all_treated(), {"window": [-7, 4]}),
        (all_treated(), {"window": [-7, 4], "reference": [-1, -6, -7]}),
        (all_treated(), {"window": [-5, 3], "anticipation": 1}),
    ],
)
def test_the_true_estimate_and_each_draw_are_the_event_study_itself(panel, declared):
    spec = {**SPEC, **declared}
    truth = fit_observed(panel, spec, "d", 4)
    window = Window.declared(spec)
    study = fit_event_study(panel, "y", [], ["unit", "year"], window, SPEC["vcov"])
    shown = study.effects[study.effects["estimate"].notna() & ~study.effects["is_reference"]]
    assert list(truth.terms) == shown["term"].tolist()
    np.testing.assert_allclose(truth.coef, shown["estimate"], rtol=1e-9)
    np.testing.assert_allclose(truth.se, shown["se"], rtol=1e-9)
    settings = read_settings(spec, 4)
    prepared = prepare(panel, settings, "d")
    frame = draw_frame(panel, spec, "d", 4, 0, 9)
    assert frame["status"].eq("ok").all()
    units, cohorts = draw_assignments(prepared.scheme, 4, 0, 9)
    for d in (0, 7):
        drawn = pseudo_panel(prepared, settings, "d", units[d], cohorts[d])
        again = fit_event_study(drawn, "y", [], ["unit", "year"], window, SPEC["vcov"])
        assert again.window == study.window
        assert again.normalisation.second.keys() == study.normalisation.second.keys()
        rows = again.effects.set_index("term").loc[list(truth.terms)]
        mine = frame[frame["draw"] == d].set_index("term").loc[list(truth.terms)]
        np.testing.assert_allclose(mine["estimate"], rows["estimate"], rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(mine["se"], rows["se"], rtol=1e-8)


def test_without_clusters_the_degrees_of_freedom_are_those_of_the_exhibit():
    spec = {**SPEC, "window": [-4, 4], "vcov": {"kind": "hetero"}}
    panel = two_yearly()
    truth = fit_observed(panel, spec, "d", 4)
    study = fit_event_study(panel, "y", [], ["unit", "year"], Window(-4, 4), "hetero")
    assert truth.df == study.regression.fit.df
    draw = draw_frame(panel, spec, "d", 4, 0, 0).iloc[0]
    assert draw["p"] == pytest.approx(2 * stats.t.sf(abs(draw["statistic"]), truth.df), rel=1e-9)


def test_the_note_and_the_figure_have_the_base_that_was_used():
    result = placebo.run(two_yearly(), {**SPEC, "window": [-4, 4]}, INFO)
    assert result.figure.options["reference"] == [-2]
    assert result.figure.data["points"]["tau"].tolist() == [-4, 0, 2, 4]
    assert "Every draw has the base of the observed estimate: τ = -2." in result.notes
    assert "No treated unit is observed at τ = -1, asked for as reference; the base is τ = -2." in result.notes
    assert "τ = 1 not estimated: no treated unit is observed at this relative time." in result.notes
    assert "no treated unit is observed at τ = -1: effects are relative to τ = -2" in result.warnings
    subjects = set(result.ledger["subject"])
    assert {"placebo base period", "placebo tau-1", "placebo tau+3"} <= subjects


def test_second_normalisations_are_said_and_shared():
    result = placebo.run(all_treated(), {**SPEC, "window": [-7, 4]}, INFO)
    assert result.figure.data["points"]["tau"].tolist() == [-5, -4, -3, -2, 0, 1, 2, 3, 4]
    assert any(n.startswith("τ ≤ -7, τ = -6: second normalisation: set to zero") for n in result.notes)
    assert any(w.startswith("relative times are collinear") for w in result.warnings)
    assert "Every draw gave an estimate." in result.notes


def gappy():
    """Two of six units are treated from 2004; in 2003 units 0 and 2 alone are observed."""
    starts = [2004] * 2 + [None] * 4
    panel = exact_panel(starts, range(2000, 2009), missing=[(i, 2003) for i in (1, 3, 4, 5)])
    return noisy(panel)


def test_a_draw_without_the_base_gives_no_number_and_its_reason():
    spec = {**SPEC, "window": [-3, 3], "draws": 60}
    frame = draw_frame(gappy(), spec, "d", 4, 0, 59)
    status = frame.groupby("draw")["status"].agg(set)
    lost = status.map(lambda s: BASE_UNOBSERVED in s)
    assert 0 < lost.sum() < 60
    assert all(s == {BASE_UNOBSERVED} for s in status[lost])
    assert frame.loc[frame["status"] == BASE_UNOBSERVED, "estimate"].isna().all()
    result = placebo.run(gappy(), spec, INFO)
    assert any(n.endswith(f"gave no estimate of some event time and are left out there: {BASE_UNOBSERVED}.")
               for n in result.notes)  # fmt: skip


def test_a_draw_needs_every_period_of_its_base():
    """In 2002 units 0 and 2 alone are observed: a draw of others has τ = -1 but not τ = -2."""
    panel = noisy(exact_panel([2004] * 2 + [None] * 4, range(2000, 2009), missing=[(i, 2002) for i in (1, 3, 4, 5)]))
    spec = {**SPEC, "window": [-3, 3], "reference": [-1, -2], "draws": 60}
    frame = draw_frame(panel, spec, "d", 4, 0, 59)
    lost = frame.groupby("draw")["status"].agg(set).map(lambda s: s == {BASE_UNOBSERVED})
    settings = read_settings(spec, 4)
    units, _ = draw_assignments(prepare(panel, settings, "d").scheme, 4, 0, 59)
    assert lost.tolist() == [not {0, 2} & set(treated) for treated in units.tolist()]
    assert 0 < lost.sum() < 60


def test_a_draw_whose_event_times_are_collinear_gives_no_number():
    """Every unit is treated in every draw, where the observed estimate has units never treated."""
    spec = {**SPEC, "window": [-5, 3], "mode": "random", "treated": 15, "adoption_years": [2004, 2007], "draws": 30}
    panel = noisy(exact_panel([2004] * 5 + [2007] * 5 + [None] * 5, range(2001, 2009)))
    frame = draw_frame(panel, spec, "d", 4, 0, 29)
    assert frame.loc[frame["status"] == COLLINEAR, "estimate"].isna().all()
    assert (frame["status"] == COLLINEAR).any()
    ok = frame[frame["status"] == "ok"]
    assert not set(ok["draw"]) & set(frame.loc[frame["status"] == COLLINEAR, "draw"])


def test_a_true_estimate_that_is_not_identified_is_refused():
    panel = noisy(exact_panel([2000] * 3 + [2003] * 3, range(2000, 2006)))
    with pytest.raises(EstimationError, match="cannot be told apart from each other and the fixed effects"):
        fit_observed(panel, {**SPEC, "window": [-6, 6]}, "d", 4)
    never = panel.assign(adoption_year=pd.array([pd.NA] * len(panel), dtype="Int64"), d=0.0)
    with pytest.raises(EstimationError, match="no unit of the sample is treated"):
        fit_observed(never, {**SPEC, "window": [-3, 3]}, "d", 4)
