"""Panel threshold regression on Hansen's investment data (case b1)."""

import numpy as np
import pandas as pd
import pytest
from shidian.did.constant import fit_with_constant
from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.threshold.candidates import ThresholdOptions, hansen_code
from shidian.threshold.hansen import fit_thresholds
from shidian.threshold.panel_arrays import threshold_panel
from shidian.threshold.regime_regression import regime_regression

from .made_panels import QUIET


@pytest.fixture(scope="module")
def investment(reference):
    """565 firms, 14 years: investment on lagged cash flow by regime of lagged debt (Hansen 1999, section 6)."""
    frame = pd.read_csv(reference / "hansen_invest.csv")
    for name in ("tobinq", "cf", "debt"):
        frame[name] = frame.groupby("firm")[name].shift(1)
    frame = frame.assign(q2=frame["tobinq"] ** 2, q3=frame["tobinq"] ** 3, qd=frame["tobinq"] * frame["debt"])
    frame["d"] = frame["debt"]
    return threshold_panel(
        frame.dropna(), "inva", ["cf"], "debt", ["tobinq", "q2", "q3", "d", "qd"], unit="firm", year="year"
    )


def test_full_within_and_all_values(investment):
    """b1, second block: the default conventions."""
    model = fit_thresholds(investment, 2, QUIET)
    single, double = model.steps
    assert model.ssr_linear == pytest.approx(17.861098726454266, rel=1e-12)
    assert single.gamma == pytest.approx(0.0157, abs=1e-12)
    assert single.ssr == pytest.approx(17.78165081395243, rel=1e-12)
    assert single.f == pytest.approx(32.81725208933308, rel=1e-9)
    assert double.gamma == pytest.approx(0.54003, abs=1e-12)
    assert double.ssr == pytest.approx(17.723695140490186, rel=1e-12)
    assert double.f == pytest.approx(24.017814468480058, rel=1e-9)
    assert double.thresholds == pytest.approx((0.0157, 0.54003))
    fit, sizes = regime_regression(investment, double.thresholds, QUIET, "iid")
    assert fit.coef[:3] == pytest.approx([0.059332251, 0.0931260836, 0.0380967674], abs=5e-11)
    assert sizes == (966, 6416, 528)
    assert (fit.n_obs, fit.n_units, fit.df) == (7910, 565, 565 * 13 - 8)
    scaled = fit_thresholds(investment, 1, ThresholdOptions(replications=0, f_scale="nT"))
    assert scaled.steps[0].f == pytest.approx(35.34165609620485, rel=1e-9)


@pytest.mark.parametrize(
    ("vcov", "kind", "ssc"),
    [("iid", "iid", "xtreg"), ("robust", "hetero", "areg"), ("cluster", {"kind": "cluster", "by": "firm"}, "xtreg")],
)
def test_constant_is_that_of_xtreg(investment, vcov, kind, ssc):
    """The peer is xtreg's regression (``did.constant``) on the regressors by regime, the thresholds given."""
    thresholds, (n, periods) = (0.0157, 0.54003), investment.y.shape
    fit, _ = regime_regression(investment, thresholds, QUIET, vcov, constant=True)
    plain, _ = regime_regression(investment, thresholds, QUIET, vcov)
    regime = np.searchsorted(thresholds, investment.q.ravel(), side="left")
    x = np.column_stack([investment.x.ravel()[:, None] * (regime == r)[:, None] for r in range(3)])
    columns = np.column_stack([x, investment.z.reshape(n * periods, -1)])
    names = [f"x{j}" for j in range(columns.shape[1])]
    frame = pd.DataFrame(columns, columns=names).assign(y=investment.y.ravel(), firm=np.repeat(np.arange(n), periods))
    within = regress(frame, "y", names, ["firm"], kind, ssc, unit="firm")
    peer = fit_with_constant(within, "y", ["firm"], kind, ssc)
    assert fit.terms[-1] == peer.terms[-1] == "_cons"
    assert fit.coef == pytest.approx(peer.coef, rel=1e-9)
    assert np.diag(fit.vcov) == pytest.approx(np.diag(peer.vcov), rel=1e-8)
    assert np.diag(fit.vcov)[:-1] == pytest.approx(np.diag(plain.vcov), rel=1e-8)
    assert (fit.df, fit.n_obs, fit.r2_within) == (plain.df, plain.n_obs, plain.r2_within)


def test_no_constant_without_the_last_period(investment):
    with pytest.raises(EstimationError, match="no constant"):
        regime_regression(investment, (0.0157,), hansen_code(replications=0), "iid", constant=True)


def test_conventions_of_hansens_code(investment):
    """b1, first block: R's pdR::ptm, 400 quantiles, trim 1%, last demeaned period dropped."""
    options = hansen_code(replications=0)
    model = fit_thresholds(investment, 2, options)
    single, double = model.steps
    assert model.ssr_linear == pytest.approx(16.5912201, abs=5e-8)
    assert single.gamma == pytest.approx(0.0157)
    assert (single.curve.low, single.curve.high) == pytest.approx((0.01392, 0.01806))
    assert single.ssr == pytest.approx(16.51779542, abs=5e-9)
    assert single.f == pytest.approx(35.16142434, abs=5e-9)
    assert double.gamma == pytest.approx(0.53616)
    assert (double.curve.low, double.curve.high) == pytest.approx((0.53616, 0.56287))
    assert double.ssr == pytest.approx(16.45997947, abs=5e-9)
    assert double.f == pytest.approx(27.78400621, abs=5e-9)
    fit, _ = regime_regression(investment, double.thresholds, options, "iid")
    robust, _ = regime_regression(investment, double.thresholds, options, "robust", ssc="none")
    assert fit.coef[:3] == pytest.approx([0.0631537411, 0.0977259002, 0.0392092964], abs=5e-11)
    assert fit.se[:3] == pytest.approx([0.0054505272, 0.0054625664, 0.0113818324], abs=5e-11)
    assert robust.se[:3] == pytest.approx([0.0135002291, 0.0102923739, 0.0311144601], abs=5e-11)


def test_quantiles_of_the_observations(investment):
    """b1, second block, grid of 400 quantiles of all observations."""
    model = fit_thresholds(investment, 2, ThresholdOptions(replications=0, grid=400, grid_of="observations"))
    assert [s.gamma for s in model.steps] == pytest.approx([0.016, 0.53945])
    assert [s.ssr for s in model.steps] == pytest.approx([17.785296006148183, 17.728460938650812], rel=1e-12)


def test_small_sample_conventions(investment):
    """N = 7,910, n = 565, K = 8: HC1 is White's error times sqrt(N/(N - K - n)); the others as in any regression."""
    at = (0.0157, 0.54003)
    white, _ = regime_regression(investment, at, QUIET, "robust", ssc="none")
    assert (white.df, white.ssc, white.n_obs) == (np.inf, "", 7910)
    N, n, K, G = 7910, 565, 8, 565
    for ssc in ("xtreg", "reghdfe", "fixest", "areg"):
        robust, _ = regime_regression(investment, at, QUIET, "robust", ssc=ssc)
        assert robust.se == pytest.approx(white.se * np.sqrt(N / (N - K - n)), rel=1e-12)
        assert (robust.df, robust.ssc) == (N - K - n, ssc)
    plain, _ = regime_regression(investment, at, QUIET, "cluster", ssc="none")
    for ssc, count in (("xtreg", K + 1), ("reghdfe", K + 1), ("fixest", K + 1), ("areg", K + n)):
        fit, _ = regime_regression(investment, at, QUIET, "cluster", ssc=ssc)
        assert fit.se == pytest.approx(plain.se * np.sqrt((N - 1) / (N - count) * G / (G - 1)), rel=1e-12), ssc
        assert fit.df == n - 1
    iid, _ = regime_regression(investment, at, QUIET, "iid", ssc="none")
    usual, _ = regime_regression(investment, at, QUIET, "iid")
    assert iid.se == pytest.approx(usual.se * np.sqrt((N - n - K) / N), rel=1e-12)
