"""The bench of hard panels: its judge is strict, its panels are what their truths say, its page holds what was said."""

import os
import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from bench.hard_panels.answer import ATT, Answer, Number, numbers
from bench.hard_panels.ask import answer, ask
from bench.hard_panels.judge import CRASHED, REFUSED, RIGHT, SAID, SILENT, Verdict, judge
from bench.hard_panels.packages import PACKAGES
from bench.hard_panels.page import faults, page
from bench.hard_panels.panel import METHODS, HardPanel, Truth, cohorts, planted, truth
from bench.hard_panels.situations import PANELS

TRUTH = Truth(1.0, 0.01, cause="reference")
NAN = float("nan")


def said(*rows, **more):
    return Answer(tuple(Number(*row) for row in rows), **more)


@pytest.mark.parametrize(
    ("found", "kind", "fault"),
    [
        (said((ATT, 1.004, 0.1)), RIGHT, ""),
        (said((ATT, 1.004, NAN)), RIGHT, ""),
        (said((ATT, 1.02, 0.1)), SILENT, "wrong"),
        (said((ATT, 1.02, 0.1), warned="no Reference"), SAID, "wrong"),
        (said((ATT, 1.02, 0.1), warned="dropped as Collinear"), SAID, "wrong"),
        (said((ATT, 1.02, 0.1), told="collinear"), SILENT, "wrong"),
        (said((ATT, 1.02, 0.1), warned="few clusters"), SILENT, "wrong"),
        (said((ATT, 1.0, 0.1), ("tau-2", 0.02, 0.1)), SILENT, "wrong"),
        (said((ATT, 1.0, 0.1), ("tau-2", 0.002, 0.1), ("tau+1", NAN, NAN)), RIGHT, ""),
        (said((ATT, 1.0, 0.0)), SILENT, "standard error of zero"),
        (said((ATT, 1.0, -1e-3)), SILENT, "standard error of zero"),
        (said((ATT, 1.0, 1e-16)), SILENT, "standard error of zero"),
        (said((ATT, NAN, NAN)), REFUSED, ""),
        (said(), REFUSED, ""),
        (said((ATT, 5.0, 0.1), refused="no comparison"), REFUSED, ""),
        (said(refused="Traceback", crashed=True), CRASHED, ""),
    ],
)
def test_an_answer_is_judged_by_its_worst_number(found, kind, fault):
    verdict = judge(TRUTH, found)
    assert (verdict.kind, verdict.fault) == (kind, fault)


def test_the_number_shown_is_the_worst_or_the_overall_effect():
    assert judge(TRUTH, said((ATT, 1.2, 0.1), ("tau-2", -0.5, 0.1))).shown.quantity == "tau-2"
    assert judge(TRUTH, said(("tau-2", 0.0, 0.1), ("tau+0", 1.0, 0.1))).shown.quantity == "tau+0"


def test_what_the_rows_cannot_tell_may_not_be_printed():
    unknown = Truth(None, 0.01, cause="identified")
    assert judge(unknown, said((ATT, 0.0, 0.1))).fault == "not identified"
    assert judge(unknown, said((ATT, 0.0, 0.1), warned="not identified")).kind == SAID
    assert judge(unknown, said((ATT, NAN, NAN))).kind == REFUSED


def test_leads_that_need_a_normalisation_are_right_only_beside_its_name():
    free = Truth(1.0, 0.01, cause="second reference", free_leads=("imputation",))
    leads = (("tau+0", 1.0, 0.1), ("tau-3", 0.0, 0.1))
    assert judge(free, said(*leads), "imputation").fault == "not identified without a further normalisation"
    assert judge(free, said(*leads), "stacked").kind == RIGHT
    assert judge(free, said(*leads, told="τ = -7 is a second reference"), "imputation").kind == RIGHT
    assert judge(free, said(("tau+0", 1.0, 0.1)), "imputation").kind == RIGHT


def test_errors_that_do_not_exist_or_are_absurd():
    without = Truth(1.0, 0.01, "x", error=False)
    assert judge(without, said((ATT, 1.0, 0.1))).fault == "standard error that does not exist"
    assert judge(without, said((ATT, 1.0, NAN))).kind == RIGHT
    assert judge(truth(1.0, "x"), said((ATT, 1.0, 473_245.0))).fault == "absurd standard error"


def test_what_must_and_what_may_not_be_said():
    few = Truth(1.0, 0.01, "x", needs="few clusters", never="no never-treated")
    assert judge(few, said((ATT, 1.0, 0.1))).fault == "does not say what it rests on"
    assert judge(few, said((ATT, 1.0, 0.1), warned="only few clusters")).kind == RIGHT
    assert judge(few, said(refused="there are no never-treated units")).kind == SILENT


def test_a_reference_printed_as_zero_is_no_number():
    found = numbers([-2, -1, 0], [0.1, 0.0, 1.0], [0.2, NAN, 0.2])
    assert [number.quantity for number in found] == ["tau-2", "tau+0"]
    assert [n.quantity for n in numbers([-1], [0.3], [0.1])] == ["tau-1"]


def test_tolerance_and_errors_are_in_the_outcomes_unit():
    small = truth(1e-9, "x", 1e-9)
    assert judge(small, said((ATT, 1.005e-9, 1e-12))).kind == RIGHT
    assert judge(small, said((ATT, 1.02e-9, 1e-12))).fault == "wrong"


def test_there_are_thirty_panels_and_more_each_its_own():
    assert len(PANELS) >= 30
    assert len({panel.key for panel in PANELS}) == len({panel.title for panel in PANELS}) == len(PANELS)
    assert all(set(panel.methods) <= set(METHODS) and panel.window[0] < 0 <= panel.window[1] for panel in PANELS)


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.key)
def test_a_panel_is_made_the_same_twice_and_holds_what_is_asked(panel):
    rows = panel.make()
    pd.testing.assert_frame_equal(rows, panel.make())
    assert {"unit", "unit_name", "year", "adoption_year", "did", "y", *panel.controls} <= set(rows)
    assert set(panel.clusters) <= set(rows)
    adopted = rows["adoption_year"].astype("Float64").fillna(np.inf).to_numpy(dtype=float)
    assert (rows["did"] == (rows["year"] >= adopted)).all()


def test_a_planted_panel_has_the_effect_and_nothing_else():
    rows = planted(cohorts(g2005=3, never=4), range(2000, 2010), 2.0, noise=0.0)
    wide = (rows["y"] - 2.0 * rows["did"]).to_numpy().reshape(7, 10)
    within = wide - wide.mean(axis=0) - wide.mean(axis=1, keepdims=True) + wide.mean()
    assert np.abs(within).max() < 1e-12
    assert cohorts(g_2=1, never=1) == [-2.0, None]


def module(answers, *refusals):
    return SimpleNamespace(ANSWERS={"static": answers}, REFUSALS=refusals)


EASY = HardPanel("easy", "Easy", "Easy.", lambda: planted([2001, None], [2000, 2001]), TRUTH, (-1, 0), ("static",))


def test_warnings_prints_and_refusals_are_kept_beside_the_numbers():
    def speaks(panel, rows):
        import warnings

        print("printed")
        warnings.warn("about data", UserWarning, stacklevel=1)
        warnings.warn("about code", FutureWarning, stacklevel=1)
        return said((ATT, 1.0, 0.1))

    def fails(panel, rows):
        raise ValueError("no\n comparison")

    found = answer(module(speaks), "static", EASY)
    assert found.told.strip() == "printed"
    assert "about data" in found.warned
    assert "about code" not in found.warned
    assert answer(module(fails, ValueError), "static", EASY) == Answer(refused="no comparison")
    assert answer(module(fails), "static", EASY).crashed


def test_a_package_that_hangs_or_dies_takes_nothing_along():
    def sleeps(panel, rows):
        time.sleep(60)

    def dies(panel, rows):
        os._exit(3)

    def answers(panel, rows):
        return said((ATT, 1.0, 0.1))

    tried = SimpleNamespace(ANSWERS={"a": answers, "b": sleeps, "c": dies}, REFUSALS=())
    found = list(ask(tried, [(name, EASY) for name in ("a", "b", "a", "c", "c", "a")], seconds=3))
    assert [answer.crashed for answer in found] == [False, True, False, True, True, False]
    assert "no answer within" in found[1].refused
    assert found[3].refused == "the process died"
    assert judge(TRUTH, found[5]).kind == RIGHT


def test_the_page_names_panels_answers_and_faults():
    judged = {
        ("shidian", "easy", "static"): (said((ATT, 1.3, 0.1)), Verdict(SILENT, Number(ATT, 1.3, 0.1), "wrong")),
        ("pyfixest", "easy", "static"): (said(refused="x"), Verdict(REFUSED)),
    }
    text = page([EASY], judged, dict.fromkeys(PACKAGES, "1.0"), 5)
    assert "| DID (two-way fixed effects) | 1.3 (0.1) **wrong**, silent | – | refused | – | – |" in text
    assert "| 1. Easy | 1 **wrong, silent** | – | 1 refused | – | – |" in text
    assert faults(judged) == ["easy static: wrong, silent, 1.3 (0.1) **wrong**, silent"]
    assert faults(judged, "pyfixest") == []
