"""Spatial models and errors. Weights of n units are dense, (n, n): of 100,000 they would take 80 GB."""

from __future__ import annotations

from bench.estimators.line import Line

DENSE = "dense weights of 100,000 units take 80 GB"
WEIGHTS = """
from shidian.spatial.distance import k_nearest
from shidian.spatial.weights import normalise
def weights(frame):
    first = frame.drop_duplicates("unit")
    codes = [str(u) for u in first["unit"]]
    return normalise(k_nearest(codes, first["lon"].to_numpy(), first["lat"].to_numpy(), 6), "row")
"""
MODEL = (
    WEIGHTS
    + """
from shidian.spatial.effects import effects
from shidian.spatial.lm import lm_tests
from shidian.spatial.logdet import log_determinant
from shidian.spatial.models import fit_spatial
from shidian.spatial.moran import moran
from shidian.spatial.selection import likelihood_ratio
X = ["d", *CONTROLS]
def job(frame):
    global begin
    W = weights(frame)
    begin = time.process_time()
    {job}
"""
)
SPREG = (
    WEIGHTS
    + """
import contextlib, io, libpysal, spreg
def job(frame):
    global begin
    V = libpysal.weights.util.full2W(weights(frame).matrix)
    rows = frame.sort_values(["year", "unit"])
    begin = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        spreg.{model}(rows[["y"]].to_numpy(), rows[["d", *CONTROLS]].to_numpy(), V)
"""
)
CONLEY = """
from shidian.spatial.conley import conley_covariance
from shidian.spatial.near import NearPlaces
def parts(frame):
    first = frame.drop_duplicates("unit")
    arrays = frame[CONTROLS].to_numpy(), frame["y"].to_numpy(), frame["unit"].to_numpy(), frame["year"].to_numpy()
    return first["lon"].to_numpy(), first["lat"].to_numpy(), arrays
"""
LINES = (
    Line(
        "SAR, 6 nearest, unit effects",
        MODEL.format(job='fit_spatial(frame, "y", X, W, "sar", effects="unit", lee_yu="none")'),
        "spreg.ML_LagFE", SPREG.format(model="ML_LagFE"), 280, "eigenvalues of 3,000 places take minutes",
        3_000, DENSE,
    ),
    Line(
        "SEM, 6 nearest, unit effects",
        MODEL.format(job='fit_spatial(frame, "y", X, W, "sem", effects="unit", lee_yu="none")'),
        "spreg.ML_ErrorFE", SPREG.format(model="ML_ErrorFE"), 280, "eigenvalues of 3,000 places take minutes",
        3_000, DENSE,
    ),
    Line(
        "SDM with effects, 1,000 draws",
        MODEL.format(job='effects(fit_spatial(frame, "y", X, W, "sdm"), X)'),
        "", "", 0, "spreg has no SDM of panels; effects: bench.bench_spatial", 3_000, DENSE,
    ),
    Line(
        "choice of the spatial model",
        MODEL.format(job="""shared = log_determinant(W)
    general = fit_spatial(frame, "y", X, W, "sdm", logdet=shared)
    for model in ("sar", "sem"):
        likelihood_ratio(general, fit_spatial(frame, "y", X, W, model, logdet=shared))
    lm_tests(frame, "y", X, W)"""),
        "", "", 0, "no locked package tests within models", 3_000, DENSE,
    ),
    Line(
        "Moran's I, 999 permutations a year",
        MODEL.format(job="""for t, (_, rows) in enumerate(frame.groupby("year")):
        moran(rows["y"].to_numpy(), W, 999, 1, t)"""),
        "a product a permutation",
        MODEL.format(job="""rng = np.random.default_rng(1)
    for _, rows in frame.groupby("year"):
        z = rows["y"].to_numpy() - rows["y"].mean()
        for _ in range(999):
            p = rng.permutation(z)
            p @ (W.matrix @ p)"""),
        280, "minutes", 3_000, DENSE,
    ),
    Line(
        "rings of treated neighbours, 3 rings",
        """
from shidian.spatial.near import NearPlaces
from shidian.spatial.rings import ring_indicators
def job(frame):
    first = frame.drop_duplicates("unit")
    near = NearPlaces(first["lon"].to_numpy(), first["lat"].to_numpy())
    ring_indicators(frame, "d", [str(u) for u in first["unit"]], near, [0, 50, 100, 150])
""",
        "all pairs of places",
        """
from shidian.spatial.haversine import great_circle_km
def job(frame):
    first = frame.drop_duplicates("unit")
    km = great_circle_km(first["lon"].to_numpy(), first["lat"].to_numpy())
    treated = frame["d"].to_numpy().reshape(len(first), -1)
    for low, high in ((0, 50), (50, 100), (100, 150)):
        ((km > low) & (km <= high)).astype(float) @ treated > 0
""",
        3_000, "all pairs take 80 GB",
    ),
    Line(
        "Conley, 100 km, 3 lags",
        CONLEY + """
def job(frame):
    lon, lat, (X, e, unit, year) = parts(frame)
    conley_covariance(X, e, unit, year, NearPlaces(lon, lat), 100.0, "bartlett", 3)
""",
        "all pairs of places",
        CONLEY + """
from shidian.spatial.haversine import great_circle_km
def job(frame):
    lon, lat, (X, e, unit, year) = parts(frame)
    K = np.clip(1 - great_circle_km(lon, lat) / 100, 0, None)
    s = X * e[:, None]
    sum(s[year == t].T @ K @ s[year == t] for t in np.unique(year))
""",
        3_000, "all pairs take 80 GB",
    ),
)  # fmt: skip
