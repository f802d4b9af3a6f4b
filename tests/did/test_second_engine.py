"""The check by a second engine: it passes only where both were asked the same and say the same."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from shidian.did import second_engine
from shidian.did.second_engine import PEERS, TOLERANCE, check, overall
from shidian.did.staggered import design, estimate
from shidian.exhibits.result import StudyInfo

from tests.did.simulate import staggered_panel
from tests.exhibits.exhibit_checks import run_exhibit

INFO = StudyInfo("castle_doctrine", "state", "castle", {"l_homicide": "ln homicide"})
STUDY = {
    "outcome": "l_homicide", "controls": [], "fixed_effects": ["unit", "year"], "ssc": "reghdfe",
    "vcov": {"kind": "cluster", "by": "unit"},
}  # fmt: skip


def run(panel, **changes):
    return run_exhibit("staggered_did", panel, {"window": [-4, 3], **changes}, STUDY, INFO)


@pytest.mark.parametrize("name", list(PEERS))
@pytest.mark.parametrize("controls", [[], ["l_police"]])
@pytest.mark.parametrize("power", [0, -12, 9])
def test_both_engines_give_one_number_in_any_unit_of_measure(castle, name, controls, power):
    panel = castle.assign(l_homicide=castle["l_homicide"] * 10.0**power, l_police=castle["l_police"] * 10.0**-power)
    asked = design(panel, "l_homicide", controls, (-4, 3))
    if controls and name == "stacked":
        return  # takes none
    found = check(name, asked, estimate(name, asked))
    if controls and name == "callaway_santanna":
        assert found.words.startswith("not checked by a second engine: with controls diff-diff does not norm")
        return
    if controls and name == "etwfe":
        assert found.words.startswith("not checked by a second engine: diff-diff centres controls otherwise")
        return
    assert found.agrees
    assert found.gap < 1e-8
    assert found.words.startswith("diff-diff gives the same overall effect (relative gap below 1e-")


@pytest.mark.parametrize("name", list(PEERS))
def test_an_estimator_that_is_wrong_does_not_pass(castle, name):
    asked = design(castle, "l_homicide", [], (-4, 3))
    right = estimate(name, asked)
    wrong = replace(right, att=right.att + 3 * TOLERANCE * max(abs(right.att), right.att_se))
    found = check(name, asked, wrong)
    assert not found.agrees
    assert found.gap == pytest.approx(3 * TOLERANCE, rel=0.01)
    assert found.words.startswith("diff-diff gives another overall effect, ")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda name, asked: overall(name, asked) + 0.01, "diff-diff gives another overall effect, "),
        (lambda name, asked: np.nan, "not checked by a second engine: diff-diff finds no overall effect"),
    ],
)
def test_a_gap_or_no_number_is_a_warning_and_a_sentence(castle, monkeypatch, answer, words):
    monkeypatch.setattr(second_engine, "overall", answer)
    result = run(castle)
    for name in ("Callaway-Sant'Anna", "Sun-Abraham", "Imputation (BJS)", "Two-stage (Gardner)", "Stacked"):
        assert any(w.startswith(f"{name}: {words}") for w in result.warnings), name
        assert any(note.startswith(name) and words in note for note in result.notes), name
    assert not any("same overall effect" in note for note in result.notes)


def test_an_engine_that_stops_is_told_in_our_words(castle, monkeypatch):
    def stop(asked, data, controls):
        raise ValueError("operands could not be broadcast together with shapes (315,) (360,)")

    monkeypatch.setattr(second_engine, "PEERS", {**PEERS, "two_stage": stop})
    result = run(castle, estimators=["two_stage"])
    said = "not checked by a second engine: diff-diff stops on this sample"
    assert f"Two-stage (Gardner): {said}" in result.warnings
    assert result.notes[-1].endswith(f": {said}.")
    assert "broadcast" not in "".join([*result.notes, *result.warnings])


def test_agreement_is_no_warning(castle):
    result = run(castle)
    assert sum("diff-diff gives the same overall effect" in note for note in result.notes) == 5
    assert not any("second engine" in w or "overall effect" in w for w in result.warnings)


@pytest.mark.parametrize("name", [n for n in PEERS if n != "stacked"])
@pytest.mark.parametrize("control_group", ["never_treated", "not_yet_treated"])
def test_engines_agree_where_units_anticipate(castle, name, control_group):
    asked = design(castle, "l_homicide", [], (-4, 3), control_group=control_group, anticipation=1)
    assert check(name, asked, estimate(name, asked)).agrees


@pytest.mark.parametrize("balance", ["full", "pair", "none"])
def test_engines_agree_on_panels_with_gaps(balance):
    panel = staggered_panel(seed=2, effect=lambda tau: 1.0 + tau)
    panel = panel[np.random.default_rng(3).random(len(panel)) > 0.02]
    asked = design(panel, "y", [], (-3, 2), balance=balance)
    assert check("callaway_santanna", asked, estimate("callaway_santanna", asked)).agrees
    asked = design(panel, "y", [], (-3, 2))
    assert (
        "absorb the effects of units where there are gaps" in check("stacked", asked, estimate("stacked", asked)).words
    )
    assert check("sun_abraham", asked, estimate("sun_abraham", asked)).agrees


def test_a_cohort_without_its_base_year_cannot_be_checked():
    panel = staggered_panel(seed=2, effect=lambda tau: 1.0 + 0 * tau).assign(unit_name="", l_homicide=lambda f: f["y"])
    panel.loc[panel["adoption_year"].eq(6) & panel["year"].eq(5), "l_homicide"] = np.nan
    result = run(panel, estimators=["sun_abraham", "imputation"])
    said = "not checked by a second engine: diff-diff has no base but τ = -1, and cohorts 6 are not observed then"
    assert f"Sun-Abraham: {said}" in result.warnings
    assert "gives the same overall effect" in "".join(note for note in result.notes if note.startswith("Imputation"))


def test_rows_that_cannot_be_imputed_are_kept_from_the_second_engine_too():
    panel = staggered_panel(seed=2, effect=lambda tau: 1.0 + tau)
    treated = panel[panel["adoption_year"].notna()].sample(frac=0.8, random_state=1)
    asked = design(treated, "y", [], (-4, 3))
    for name in ("imputation", "two_stage"):
        effects = estimate(name, asked)
        assert effects.left_out
        assert check(name, asked, effects).agrees
        ahead = replace(asked, anticipation=1)
        assert check(name, ahead, estimate(name, ahead)).agrees


def test_two_effects_of_zero_have_no_gap():
    nothing = SimpleNamespace(att=0.0, att_se=np.nan)
    assert second_engine.relative_gap(0.0, nothing) == 0
    assert second_engine.relative_gap(0.1, nothing) == np.inf
    assert second_engine.relative_gap(1.5, SimpleNamespace(att=1.0, att_se=2.0)) == 0.25
