"""Two-way fixed effects, what is read off them, wild bootstrap and instruments."""

from __future__ import annotations

from bench.estimators.line import Line

WILD = """
from shidian.did.cluster_sums import cluster_sums
from shidian.did.twfe import regress
from shidian.did.wild_bootstrap import Signs, interval, p_value, romano_wolf, wild_draws
def sums(frame, y):
    return cluster_sums(regress(frame, y, ["d", *CONTROLS], EFFECTS, BY_UNIT, "reghdfe"), "d", EFFECTS, "unit")
"""
EVENT = """
from shidian.did.event_study import fit_event_study
from shidian.did.event_window import Window
def event(frame):
    return fit_event_study(frame, "y", CONTROLS, EFFECTS, Window(-4, 4), BY_UNIT)
"""
HONEST = (
    EVENT
    + """
from shidian.did.event_coefficients import coefficients
from shidian.did.honest import relative_magnitudes_interval
def job(frame):
    global begin
    found = coefficients(event(frame))
    begin = time.process_time()
    for size in (0.5, 1.0, 1.5, 2.0):
        relative_magnitudes_interval(found, np.full(len(found.post), 1 / len(found.post)), size)
"""
)
LINES = (
    Line(
        "two-way fixed effects, 4 controls",
        """
from shidian.did.twfe import regress
def job(frame):
    regress(frame, "y", ["d", *CONTROLS], EFFECTS, BY_UNIT, "reghdfe")
""",
        "pyfixest.feols",
        """
import pyfixest as pf
def job(frame):
    pf.feols("y ~ d + x0 + x1 + x2 + x3 | unit + year", frame, vcov={"CRV1": "unit"})
""",
    ),
    Line(
        "random effects and Hausman's test",
        """
from shidian.did.hausman import hausman
def job(frame):
    hausman(frame, "y", ["d", *CONTROLS], ["unit"])
""",
        "linearmodels, both models",
        """
from linearmodels import PanelOLS, RandomEffects
def job(frame):
    data = frame.set_index(["unit", "year"])
    X = data[["d", *CONTROLS]].assign(one=1.0)
    RandomEffects(data["y"], X).fit()
    PanelOLS(data["y"], X, entity_effects=True).fit()
""",
    ),
    Line(
        "event study, -4 to 4, 4 controls",
        EVENT + "\njob = lambda frame: event(frame) and None",
        "pyfixest.feols, the same dummies",
        """
import pyfixest as pf
def job(frame):
    tau = (frame["year"] - frame["adoption_year"]).clip(-4, 4).astype("Float64").fillna(-1).astype(int)
    pf.feols("y ~ i(tau, ref=-1) + x0 + x1 + x2 + x3 | unit + year", frame.assign(tau=tau), vcov={"CRV1": "unit"})
""",
    ),
    Line(
        "Goodman-Bacon decomposition",
        """
from shidian.did.bacon import decompose
def job(frame):
    decompose(frame, "y")
""",
        "diff_diff.BaconDecomposition",
        """
from diff_diff import BaconDecomposition
def job(frame):
    frame = frame.assign(first=frame["adoption_year"].astype("Float64").fillna(0).astype(int))
    BaconDecomposition().fit(frame, "y", "unit", "year", "first")
""",
    ),
    Line(
        "weights of two-way fixed effects",
        """
from shidian.did.twfe_weights import twfe_weights
def job(frame):
    twfe_weights(frame, "y", "d", CONTROLS)
""",
        peer_why="no locked package has them",
    ),
    Line(
        "HonestDiD, relative magnitudes, 4 sizes",
        HONEST,
        "diff_diff.HonestDiD, its own interval",
        HONEST.split("def job")[0] + """
from diff_diff import HonestDiD, MultiPeriodDiD
def job(frame):
    global begin
    ever = frame["adoption_year"].notna()
    tau = (frame["year"] - frame["adoption_year"].fillna(2006)).clip(-4, 4).astype(int)
    data = frame.assign(tau=tau + 4, ever=ever.astype(int))
    fitted = MultiPeriodDiD().fit(data, "y", "ever", "tau", post_periods=list(range(4, 9)), reference_period=3,
                                  unit="unit")
    begin = time.process_time()
    for size in (0.5, 1.0, 1.5, 2.0):
        HonestDiD(method="relative_magnitude").fit(fitted, M=size)
""",
    ),
    Line(
        "wild bootstrap, 9,999 draws, with interval",
        WILD + "\ndef job(frame):\n    interval(wild_draws(sums(frame, 'y'), Signs(frame['unit'].nunique(), 9999, 1)))",
        "rows x clusters, no interval",
        WILD + """
def job(frame):
    G = frame["unit"].nunique()
    r = regress(frame, "y", ["d", *CONTROLS], EFFECTS, BY_UNIT, "reghdfe")
    from shidian.did.within import demean
    codes, Q = frame["unit"].to_numpy(), np.linalg.qr(r.X[:, 1:])[0]
    x, y = r.X[:, 0] - Q @ (Q.T @ r.X[:, 0]), r.y - Q @ (Q.T @ r.y)
    masked = np.zeros((len(x), G))
    masked[np.arange(len(x)), codes] = x
    masked = demean(masked, [codes, frame["year"].to_numpy()])
    masked -= Q @ (Q.T @ masked)
    by = [np.add.reduceat(masked * v[:, None], np.arange(0, len(x), len(x) // G)) for v in (y, x)]
    w = np.vstack(list(Signs(G, 9999, 1).blocks()))
    b = w @ np.bincount(codes, x * y) / (x @ x)
    scores = w @ by[0] - b[:, None] * np.bincount(codes, x * x)
    b / np.sqrt((scores**2).sum(axis=1))
""",
        3_000, "its matrix takes 745 GB",
    ),
    Line(
        "Romano-Wolf, 999 draws, 3 outcomes",
        WILD + "\ndef job(frame):\n    romano_wolf([sums(frame, y) for y in ('y', 'y2', 'y3')], 999, 1)",
        "pyfixest.rwolf, on wildboottest (not locked)",
        """
import pyfixest as pf
def job(frame):
    fits = [pf.feols(f"{y} ~ d + x0 + x1 + x2 + x3 | unit + year", frame, vcov={"CRV1": "unit"}) for y in
            ("y", "y2", "y3")]
    pf.rwolf(fits, "d", reps=999, seed=1)
""",
        280, "its matrix of rows x clusters takes more than 5 GB at 3,000 x 20",
    ),
    Line(
        "2SLS, 1 instrument, 4 controls",
        """
from shidian.iv.estimate import estimate_iv
def job(frame):
    estimate_iv(frame.assign(z=frame["d"] + frame["m"]), "y", ["d"], ["z"], CONTROLS, EFFECTS, vcov=BY_UNIT)
""",
        "pyfixest.feols, without tests",
        """
import pyfixest as pf
def job(frame):
    frame = frame.assign(z=frame["d"] + frame["m"])
    pf.feols("y ~ x0 + x1 + x2 + x3 | unit + year | d ~ z", frame, vcov={"CRV1": "unit"})
""",
    ),
)  # fmt: skip
