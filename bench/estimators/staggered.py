"""The estimators for staggered adoption."""

from __future__ import annotations

from bench.estimators.line import Line

OURS = """
from shidian.did.staggered import design, estimate
def job(frame):
    estimate("{name}", design(frame, "y", CONTROLS, (-5, 5)))
"""
DIFF_DIFF = """
import diff_diff
def job(frame):
    frame = frame.assign(first=frame["adoption_year"].astype("Float64").fillna(0).astype(int))
    diff_diff.{name}().fit(frame, "y", "unit", "year", "first", aggregate="event_study", covariates=CONTROLS)
"""
LINES = (
    Line(
        "Callaway-Sant'Anna, 4 covariates", OURS.format(name="callaway_santanna"),
        "diff_diff.CallawaySantAnna", DIFF_DIFF.format(name="CallawaySantAnna"),
    ),
    Line(
        "Sun-Abraham, 4 controls",
        """
from shidian.did.sun_abraham import fit_sun_abraham
def job(frame):
    fit_sun_abraham(frame, "y", CONTROLS, ["unit", "year"], BY_UNIT)
""",
        "pyfixest.feols, the same dummies",
        """
import pyfixest as pf
def job(frame):
    g = frame["adoption_year"].astype("Float64").fillna(0).to_numpy(dtype=float)
    cell = np.where((g > 0) & (frame["year"] != g - 1), g * 100 + frame["year"] - 2000, 0).astype(int)
    pf.feols("y ~ i(cell, ref=0) + x0 + x1 + x2 + x3 | unit + year", frame.assign(cell=cell), vcov={"CRV1": "unit"})
""",
        3_000, "minutes",
    ),
    Line(
        "imputation, 4 controls", OURS.format(name="imputation"),
        "diff_diff.ImputationDiD", DIFF_DIFF.format(name="ImputationDiD"), 3_000, "minutes",
    ),
    Line(
        "two stages, 4 controls", OURS.format(name="two_stage"),
        "pyfixest.did2s, one effect",
        """
import pyfixest as pf
def job(frame):
    pf.did2s(frame, "y", "~ x0 + x1 + x2 + x3 | unit + year", "~ i(d, ref=0)", "d", "unit")
""",
        3_000, "minutes",
    ),
    Line(
        "stacked regression", OURS.format(name="stacked").replace("CONTROLS", "[]"),
        "diff_diff.StackedDiD",
        """
from diff_diff import StackedDiD
def job(frame):
    frame = frame.assign(first=frame["adoption_year"].astype("Float64").fillna(0).astype(int))
    StackedDiD(kappa_pre=2, kappa_post=2).fit(frame, "y", "unit", "year", "first", aggregate="event_study")
""",
        3_000, "minutes",
    ),
    Line(
        "LP-DID, horizons -5 to 10, 4 controls",
        """
from shidian.did.lp_did import fit_lp_did
def job(frame):
    fit_lp_did(frame, "y", CONTROLS, -5, 10)
""",
        "pyfixest.feols on the stacked rows, stacking not timed",
        """
import pyfixest as pf
from shidian.did.lp_did import fit_lp_did
def job(frame):
    global begin
    fitted = fit_lp_did(frame, "y", CONTROLS, -5, 10).regression
    names = {term: f"c{j}" for j, term in enumerate(fitted.fit.terms)}
    rows = fitted.sample.frame.rename(columns={"change in y": "change", "_year_horizon": "yh", **names})
    begin = time.process_time()
    pf.feols(f"change ~ {' + '.join(names.values())} | yh", rows, vcov={"CRV1": "unit"})
""",
        3_000, "its dummies take minutes", 3_000, "the stacked rows, 16 horizons x 86 columns, do not fit into 8 GB",
    ),
)  # fmt: skip
