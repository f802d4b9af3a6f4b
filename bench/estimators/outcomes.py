"""Matching, mediation, thresholds, placebo draws and frontiers."""

from __future__ import annotations

from bench.estimators.line import Line

MATCH = """
from shidian.matching.neighbours import MatchRule, match_neighbours
def parts(frame):
    return frame["y"].to_numpy(), (frame["unit"] % 8 < 3).to_numpy(), np.arange(len(frame))
"""
MEDIATE = """
from shidian.mediation.bootstrap import bootstrap_paths
def job(frame):
    unit, year = frame["unit"].to_numpy(), frame["year"].to_numpy() - 2000
    bootstrap_paths(frame["y"].to_numpy(), frame["d"].to_numpy(), frame["m"].to_numpy(), frame[CONTROLS].to_numpy(),
                    [unit, year], unit, 1000, 1)
"""
THRESHOLD = """
from shidian.threshold.hansen import ThresholdOptions, fit_thresholds
from shidian.threshold.panel_arrays import threshold_panel
OPTIONS = ThresholdOptions(trim=0.05, grid=400, grid_of="observations")
def arrays(frame):
    return threshold_panel(frame.assign(unit=frame["unit"].astype(str)), "y", ["m"], "x0", CONTROLS[1:])
"""
DRAWS = """
from shidian.placebo.draws import draw_frame
SPEC = {"outcome": "y", "controls": CONTROLS, "fixed_effects": EFFECTS, "vcov": BY_UNIT, "ssc": "fixest", "draws": 500}
"""
FRONTIER = """
from shidian.efficiency import build_technology, measure
from shidian.efficiency.bootstrap import bootstrap_scores
from shidian.efficiency.productivity import malmquist_luenberger
def technology(frame):
    values = np.exp(frame[[*CONTROLS, "m", "y", "y2"]].to_numpy() / 2 + frame[["y3"]].to_numpy())
    return build_technology(values[:, :3], values[:, 3:6], values[:, 6:], unit=frame["unit"].to_numpy(),
                            year=frame["year"].to_numpy())
"""
QUADRATIC = "a frontier of n DMUs costs n²: 100,000 a year take about an hour for ten years"
LINES = (
    Line(
        "propensity score and matching, replacement",
        """
from shidian.matching.neighbours import MatchRule
from shidian.matching.psm import match_panel
def job(frame):
    match_panel(frame, frame["unit"] % 8 < 3, CONTROLS, MatchRule())
""",
        "statsmodels.Logit and cKDTree, nearest only",
        """
import statsmodels.api as sm
from scipy.spatial import cKDTree
def job(frame):
    treated = (frame["unit"] % 8 < 3).to_numpy()
    score = sm.Logit(treated, sm.add_constant(frame[CONTROLS])).fit(disp=0).predict().reshape(-1, 1)
    cKDTree(score[~treated]).query(score[treated])
""",
    ),
    Line(
        "matching without replacement",
        MATCH + "\ndef job(frame):\n    match_neighbours(*parts(frame), MatchRule(replacement=False, support='none'))",
        "looking at all free controls",
        MATCH + """
def job(frame):
    score, treated, key = parts(frame)
    free = np.flatnonzero(~treated)
    for t in np.flatnonzero(treated)[np.argsort(-score[treated])]:
        if len(free):
            free = np.delete(free, np.lexsort((key[free], np.abs(score[free] - score[t]).round(12)))[0])
""",
        280, "quadratic: minutes",
    ),
    Line(
        "mediation bootstrap, 1,000 draws",
        MEDIATE,
        "a weighted demeaning a draw (64, scaled)",
        MEDIATE.replace("1000, 1)", "64, 1)\n    return 1000 / 64")
        + "\nfrom shidian.mediation import bootstrap\nbootstrap.LARGEST = bootstrap.DEARER = 0",
        3_000, "ten minutes for 1,000 draws",
    ),
    Line(
        "three thresholds, 400 candidates, 3 x 300 draws",
        THRESHOLD + "\ndef job(frame):\n    fit_thresholds(arrays(frame), 3, OPTIONS, seed=1)",
        "least squares a candidate and draw (3, scaled)",
        THRESHOLD + """
def job(frame):
    global begin
    p = arrays(frame)
    y = (p.y - p.y.mean(axis=1, keepdims=True)).ravel()
    begin = time.process_time()
    for gamma in (-1.0, 0.0, 1.0):
        below = p.x * (p.q <= gamma)[..., None]
        design = np.concatenate([below, p.x - below, p.z], axis=2)
        np.linalg.lstsq((design - design.mean(axis=1, keepdims=True)).reshape(len(y), -1), y, rcond=None)
    return 361 * 904 / 3
""",
    ),
    Line(
        "placebo, 500 draws, 4 controls, preparation and all",
        DRAWS + '\ndef job(frame):\n    draw_frame(frame, SPEC, "d", 1, 0, 499)',
        "pyfixest.feols a draw (5, scaled)",
        """
import pyfixest as pf
def job(frame):
    rng = np.random.default_rng(2)
    for _ in range(5):
        D = frame["d"].to_numpy().reshape(frame["unit"].nunique(), -1)[rng.permutation(frame["unit"].nunique())].ravel()
        pf.feols("y ~ D + x0 + x1 + x2 + x3 | unit + year", frame.assign(D=D), vcov={"CRV1": "unit"}, store_data=False)
    return 100
""",
        peer_units=3_000, peer_why="minutes",
    ),
    Line(
        "Super-SBM, yearly frontiers, constant returns",
        FRONTIER + '\ndef job(frame):\n    measure(technology(frame), engine="fast")',
        "highspy, cold (30 programs, scaled)",
        FRONTIER + """
def job(frame):
    global begin
    part = technology(frame[frame["year"] == 2000])
    programs = measure(technology(frame), engine="fast").counts()["programs"]
    from shidian.efficiency import highs, programs as written
    program = written.sbm(part.counts, part.weights, "crs", "none")
    Z = np.ascontiguousarray(part.values.T)
    begin = time.process_time()
    for k in range(30):
        highs.solve_one(program, Z, part.values[k], -1)
    return programs / 30
""",
        3_000, "", 3_000, QUADRATIC,
    ),
    Line(
        "Malmquist-Luenberger index",
        FRONTIER + '\ndef job(frame):\n    malmquist_luenberger(technology(frame), engine="fast")',
        peer_why="no locked package has it; its programs are those of Super-SBM", units=3_000, why=QUADRATIC,
    ),
    Line(
        "frontier bootstrap, 50 replications",
        FRONTIER
        + '\ndef job(frame):\n    bootstrap_scores(technology(frame), seed=1, replications=50, engine="fast")',
        peer_why="no locked package has it", units=3_000, why=QUADRATIC,
    ),
)  # fmt: skip
