"""Engines behind the scores: fallbacks, exact arithmetic, frontiers, and the cache of the compiled code."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from shidian.efficiency import definition, engines, exact, highs, programs, super_sbm
from shidian.efficiency.engines import Model, solve_model
from shidian.efficiency.frontiers import frontier_sets
from shidian.efficiency.programs import Counts
from shidian.efficiency.solution import INFEASIBLE, OPTIMAL, T_COLUMN

from tests.efficiency.technologies import random_technology


def problem(returns="vrs", orientation="none", stage="sbm", n=12, seed=0, dispersion=0.5):
    counts = Counts(2, 1, 1)
    Z = np.hstack(random_technology(n, counts, seed, dispersion)).T
    return Model(stage, counts, np.full(4, 0.5), returns, orientation), np.ascontiguousarray(Z)


@pytest.mark.parametrize("returns", ["crs", "vrs", "nirs", "ndrs"])
@pytest.mark.parametrize("stage", ["sbm", "super"])
def test_exact_arithmetic_agrees_with_highs(returns, stage):
    for orientation in ("none", "input"):
        model, Z = problem(returns, orientation, stage)
        for o in range(4):
            excluded = o if stage == "super" else -1
            first = exact.solve_one(model.program, Z, Z[:, o], excluded)
            second = highs.solve_one(model.program, Z, Z[:, o], excluded)
            assert first.status == second.status
            np.testing.assert_allclose(first.objective, second.objective, rtol=1e-9)


@pytest.mark.parametrize(
    ("counts", "orientation", "returns", "data", "unit", "score"),
    [
        # without itself the last unit is matched with twice its input at best, that of the first
        ((1, 1, 1), "input", "ndrs", [[2, 3, 3, 1], [1, 3, 3, 1], [1, 3, 2, 1]], 3, 2.0),
        ((2, 1, 1), "output", "vrs", [[3, 2, 2], [3, 3, 3], [3, 1, 2], [2, 2, 2]], 2, 4 / 3),
    ],
)
def test_artificials_that_stay_at_zero_do_not_come_back(counts, orientation, returns, data, unit, score):
    """Equal values leave artificial columns in the basis at zero; a pivot must not let them grow."""
    counts, Z = Counts(*counts), np.array(data, dtype=float)
    m = counts.inputs
    weights = np.concatenate([np.full(m, 1 / m), np.full(len(Z) - m, 1 / (len(Z) - m))])
    model = Model("super", counts, weights, returns, orientation)
    assert exact.solve_one(model.program, Z, Z[:, unit], unit).objective == pytest.approx(score, rel=1e-15)
    assert highs.solve_one(model.program, Z, Z[:, unit], unit).objective == pytest.approx(score, rel=1e-9)


@pytest.mark.parametrize("returns", ["crs", "vrs", "nirs", "ndrs"])
@pytest.mark.parametrize("stage", ["sbm", "super"])
def test_the_compiled_engine_gives_up_nothing_on_ordinary_data(stage, returns):
    """What it does wrong others would mend in silence, for more time: here it is on its own."""
    model, Z = problem(returns, "none", stage, n=60)
    solved = solve_model(model, Z, Z.T.copy(), np.arange(60) if stage == "super" else np.full(60, -1), "fast")
    assert (solved.solver[solved.status == OPTIMAL] == engines.SOLVERS.index("fast")).all()
    assert (solved.status == OPTIMAL).sum() >= 50


def test_what_the_compiled_engine_gives_up_goes_to_highs_and_is_counted(monkeypatch):
    model, Z = problem()
    everyone = np.full(12, -1)
    good = solve_model(model, Z, Z.T.copy(), everyone, "fast")
    monkeypatch.setattr(engines, "MAX_PIVOTS", 1)
    weak = solve_model(model, Z, Z.T.copy(), everyone, "fast")
    assert (weak.solver == engines.SOLVERS.index("highs")).any()
    assert (weak.status == OPTIMAL).all()
    np.testing.assert_allclose(weak.objective, good.objective, rtol=1e-9)
    blocks = random_technology(12, (2, 1, 1), 0)
    result = super_sbm(*blocks, returns="vrs", engine="fast")
    counts = result.counts()
    assert counts["highs"] > 0
    assert counts["fast"] + counts["highs"] + counts["exact"] == counts["programs"]
    assert result.ledger()[0]["rows"] == counts["highs"] + counts["exact"]


def test_what_highs_cannot_certify_is_solved_exactly(monkeypatch):
    model, Z = problem()
    expected = solve_model(model, Z, Z.T.copy(), np.full(12, -1), "highs")
    monkeypatch.setattr(highs, "is_certified", lambda *_: False)
    found = solve_model(model, Z, Z.T.copy(), np.full(12, -1), "highs")
    assert (found.solver == engines.SOLVERS.index("exact")).all()
    np.testing.assert_allclose(found.objective, expected.objective, rtol=1e-9)


def test_an_engine_that_gives_up_everywhere_leaves_no_score(monkeypatch):
    monkeypatch.setattr(highs, "is_certified", lambda *_: False)
    monkeypatch.setattr(exact, "MAX_PIVOTS", 0)
    result = super_sbm(*random_technology(12, (2, 1, 1), 0), engine="highs")
    scores = result.scores()
    assert scores["score"].isna().all()
    assert (scores["reason"] == "no engine could certify an optimum").all()
    assert scores["efficient"].isna().all()
    assert result.ledger()[-1]["rows"] == 12


@pytest.mark.parametrize(
    ("answer", "kept"),
    [(("Optimal", 0.5), False), (("Infeasible", np.nan), False), (("Not Solved", np.nan), False), (None, True)],
)
def test_a_score_by_pulp_that_no_certified_one_confirms_is_withdrawn(monkeypatch, answer, kept):
    solve = definition.solve

    def first_is_wrong(model, wrong=[answer]):  # noqa: B006 -- used up by the first call
        true = solve(model)
        return (wrong.pop() or true) if wrong else true

    blocks = random_technology(12, (2, 1, 1), 0)
    expected = super_sbm(*blocks, super_efficiency=False)
    monkeypatch.setattr(definition, "solve", first_is_wrong)
    result = super_sbm(*blocks, super_efficiency=False, engine="pulp")
    np.testing.assert_allclose(result.score[1:], expected.score[1:], rtol=1e-7)
    assert np.isfinite(result.score[0]) == kept
    assert result.counts()["uncertified"] == (not kept)
    assert np.isnan(result.sbm.slack[0]).any() != kept


def test_pulp_on_widely_dispersed_data_is_right_or_flagged():
    withdrawn = 0
    for seed in range(8):
        spread = 10.0 ** np.random.default_rng(seed).uniform(-5, 5, (12, 4))
        blocks = spread[:, :2], spread[:, 2:3], spread[:, 3:]
        written, highs_ = (super_sbm(*blocks, returns="vrs", engine=engine) for engine in ("pulp", "highs"))
        for stage in ("sbm", "superstage"):
            first, second = getattr(written, stage), getattr(highs_, stage)
            known = np.isfinite(first.objective)
            np.testing.assert_allclose(first.objective[known], second.objective[known], rtol=1e-7, atol=1e-7)
        withdrawn += written.counts()["uncertified"]
    assert withdrawn > 0


def test_a_solver_that_breaks_down_within_pulp_leaves_no_score():
    # HiGHS returns no values for one of these programs, which PuLP reads all the same
    blocks = random_technology(12, (2, 1, 1), seed=43, dispersion=8.0)
    result = super_sbm(*blocks, returns="nirs", orientation="input", engine="pulp")
    assert result.counts()["uncertified"] > 0
    missing = result.scores()["score"].isna()
    assert set(result.scores().loc[missing, "reason"]) <= {
        "no engine could certify an optimum",
        "super-efficiency is infeasible",
    }


def test_t_is_the_first_column_of_every_program():
    counts, weights, direction = Counts(2, 1, 1), np.full(4, 0.5), np.ones(4)
    for returns in ("crs", "vrs", "nirs"):
        for program in (
            programs.sbm(counts, weights, returns, "none"),
            programs.super_sbm(counts, weights, returns, "none"),
            programs.radial_input(counts, returns),
            programs.directional(counts, returns, direction, weak=True),
        ):
            assert program.position("t") == T_COLUMN


def test_infeasibility_is_proved_by_each_engine():
    model, Z = problem("vrs", "input", "super", n=12, seed=4)
    own = np.arange(12)
    fast = solve_model(model, Z, Z.T.copy(), own, "fast")
    slow = solve_model(model, Z, Z.T.copy(), own, "highs")
    np.testing.assert_array_equal(fast.status, slow.status)
    assert (fast.status == INFEASIBLE).any()
    for o in np.flatnonzero(fast.status == INFEASIBLE):
        assert exact.solve_one(model.program, Z, Z[:, o], int(o)).status == INFEASIBLE


def test_frontier_sets():
    year = np.repeat([2010, 2011, 2012, 2013], 3)
    labels = {kind: [s.label for s in frontier_sets(year, kind, 2)] for kind in ("contemporaneous", "global", "window")}
    assert labels["contemporaneous"] == ["2010", "2011", "2012", "2013"]
    assert labels["global"] == ["2010-2013"]
    assert labels["window"] == ["2010-2011", "2011-2012", "2012-2013"]
    sequential = frontier_sets(year, "sequential")
    assert [len(s.reference) for s in sequential] == [3, 6, 9, 12]
    assert [len(s.evaluated) for s in sequential] == [3, 3, 3, 3]
    assert sequential[2].label == "2010-2012"


def test_frontiers_of_a_panel_are_nested():
    blocks = [np.hstack(random_technology(10, (2, 1, 1), y)) for y in range(3)]
    data = np.vstack(blocks)
    unit, year = np.tile(np.arange(10), 3), np.repeat([2010, 2011, 2012], 10)

    def sbm(frontier, **options):
        result = super_sbm(data[:, :2], data[:, 2:3], data[:, 3:], unit=unit, year=year, frontier=frontier, **options)
        return result.scores().sort_values(["year", "unit"])

    own, sequential, pooled = (sbm(f) for f in ("contemporaneous", "sequential", "global"))
    assert (sequential["sbm"].to_numpy() <= own["sbm"].to_numpy() + 1e-9).all()
    assert (pooled["sbm"].to_numpy() <= sequential["sbm"].to_numpy() + 1e-9).all()
    alone = super_sbm(blocks[1][:, :2], blocks[1][:, 2:3], blocks[1][:, 3:])
    np.testing.assert_allclose(own.query("year == 2011")["score"], alone.score, rtol=1e-12)
    windows = super_sbm(data[:, :2], data[:, 2:3], data[:, 3:], unit=unit, year=year, frontier="window", window=2)
    assert len(windows.score) == 40
    means = windows.window_means().set_index(["unit", "year"])
    assert means["frontiers"].groupby("year").first().tolist() == [1, 2, 1]
    by_hand = windows.scores().query("unit == 3 and year == 2011")["score"].mean()
    assert means.loc[(3, 2011), "score"] == pytest.approx(by_hand)


def test_frames_do_not_depend_on_the_order_of_rows():
    data = np.hstack(random_technology(15, (2, 1, 1), 0))
    frame = pd.DataFrame(data, columns=["x1", "x2", "y", "b"]).assign(city=np.arange(15).astype(str), year=2010)
    first, second = (
        super_sbm(["x1", "x2"], "y", "b", data=f, unit="city", year="year")
        for f in (frame, frame.sample(frac=1, random_state=3))
    )
    for name in ("scores", "slacks", "peers"):
        pd.testing.assert_frame_equal(getattr(first, name)(), getattr(second, name)())


def test_compiled_code_is_cached_between_processes():
    code = (
        "import numpy as np; from shidian.efficiency import super_sbm; r = np.random.default_rng(0);"
        "super_sbm(r.lognormal(size=(20, 2)), r.lognormal(size=(20, 1)), engine='fast');"
        "from shidian.efficiency.simplex import solve_batch as s; print(sum(s.stats.cache_hits.values()))"
    )
    for _ in range(2):  # the first run may have to compile
        hits = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(hits) == 1
