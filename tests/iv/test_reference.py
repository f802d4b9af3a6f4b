"""2SLS and its tests against published Stata output (ivreg2) and peers; cases d1, d3, d4, d5."""

import numpy as np
import pandas as pd
import pytest
from shidian.iv.estimate import estimate_iv
from shidian.iv.stock_yogo import stock_yogo


def estimate(frame, outcome, endogenous, instruments, controls, vcov="hetero", ssc="ivreg2", **options):
    return estimate_iv(frame, outcome, endogenous, instruments, controls, vcov=vcov, ssc=ssc, **options)


@pytest.fixture(scope="module")
def mroz():
    from linearmodels.datasets import mroz

    frame = mroz.load()
    return frame[frame["inlf"] == 1].reset_index(drop=True)


@pytest.fixture(scope="module")
def card():
    from linearmodels.datasets import card

    return card.load()


CARD_CONTROLS = [
    "exper", "expersq", "black", "south", "smsa", *(f"reg66{i}" for i in range(1, 9)), "smsa66",
]  # fmt: skip


def test_fulton_fish_market(reference):
    """d1: ivreg2 q Mon-Thu (p = Stormy), robust (Graddy 1995)."""
    result = estimate(pd.read_csv(reference / "Fulton.csv"), "q", ["p"], ["Stormy"], ["Mon", "Tue", "Wed", "Thu"])
    assert result.second.coef[0] == pytest.approx(-1.1194169470399373, rel=1e-10)
    assert result.second.se[0] == pytest.approx(0.43104867287740567, rel=1e-10)
    assert result.rank.kp_lm.statistic == pytest.approx(16.92534547593708, rel=1e-10)
    assert result.rank.cragg_donald_f == pytest.approx(21.517360512917527, rel=1e-10)
    assert result.rank.kp_f == pytest.approx(22.928671324109402, rel=1e-10)
    assert (result.second.n_obs, result.second.df, result.rank.kp_lm.df) == (111, np.inf, 1)


@pytest.mark.parametrize(("vcov", "se"), [("iid", 0.0814278), ("hetero", 0.0864626)])
def test_mroz_overidentified(mroz, vcov, se):
    """d3: lwage on educ = age kidslt6 kidsge6; published ivreg2 figures, N = 428."""
    result = estimate(mroz, "lwage", ["educ"], ["age", "kidslt6", "kidsge6"], ["exper", "expersq"], vcov)
    assert result.second.coef[0] == pytest.approx(0.0964002, abs=5e-8)
    assert result.second.se[0] == pytest.approx(se, abs=5e-8)
    assert result.second.n_obs == 428
    assert result.rank.anderson_lm.statistic == pytest.approx(12.815823106842203, rel=1e-9)
    assert result.rank.cragg_donald_f == pytest.approx(4.34207086242849, rel=1e-9)
    assert result.sargan.statistic == pytest.approx(0.7015122037422188, rel=1e-8)
    if vcov == "hetero":
        assert result.rank.kp_lm.statistic == pytest.approx(11.23055884485083, rel=1e-9)
        assert result.rank.kp_f == pytest.approx(5.021219248782496, rel=1e-9)
        assert result.hansen.statistic == pytest.approx(0.51, abs=5e-3)
        assert (result.hansen.df, result.rank.kp_lm.df) == (2, 3)
    else:
        assert result.rank.kp_f == result.rank.cragg_donald_f


@pytest.mark.parametrize(
    ("instruments", "kp_lm", "cd_f", "kp_f"),
    [(["age", "mrt"], 5.90, 2.72, 2.93), (["med", "kww", "age", "mrt"], 41.54, 13.79, 12.17)],
)
def test_griliches(reference, instruments, kp_lm, cd_f, kp_f):
    """d4: iq instrumented, robust, year dummies absorbed: the same as the published run with dummies explicit."""
    frame = pd.read_csv(reference / "griliches76.csv")
    controls = ["s", "expr", "tenure", "rns", "smsa"]
    result = estimate(frame, "lw", ["iq"], instruments, controls, fixed_effects=["year"])
    assert result.rank.kp_lm.statistic == pytest.approx(kp_lm, abs=5e-3)
    assert result.rank.cragg_donald_f == pytest.approx(cd_f, abs=5e-3)
    assert result.rank.kp_f == pytest.approx(kp_f, abs=5e-3)


def test_card_just_identified(card):
    """d5: returns to schooling, nearc4."""
    iid = estimate(card, "lwage", ["educ"], ["nearc4"], CARD_CONTROLS, "iid", "fixest")
    robust = estimate(card, "lwage", ["educ"], ["nearc4"], CARD_CONTROLS)
    assert iid.second.coef[0] == pytest.approx(0.13150377546116943, rel=1e-9)
    assert iid.second.se[0] == pytest.approx(0.0549636678622, rel=1e-9)
    assert iid.first_f["educ"].statistic == pytest.approx(13.255785330576087, rel=1e-9)
    assert iid.wu_hausman.statistic == pytest.approx(1.16764, abs=5e-6)
    assert robust.rank.kp_lm.statistic == pytest.approx(14.02747977631613, rel=1e-9)
    assert robust.rank.kp_f == pytest.approx(14.138670079757784, rel=1e-9)
    assert iid.second.df == 3010 - 16
    assert robust.sargan.reason == robust.hansen.reason == "exactly identified: nothing to test"


def test_card_overidentified(card):
    """d5: nearc4 and nearc2."""
    iid = estimate(card, "lwage", ["educ"], ["nearc4", "nearc2"], CARD_CONTROLS, "iid", "fixest")
    robust = estimate(card, "lwage", ["educ"], ["nearc4", "nearc2"], CARD_CONTROLS)
    assert iid.second.coef[0] == pytest.approx(0.15705932727723848, rel=1e-9)
    assert iid.second.se[0] == pytest.approx(0.0525782375894, rel=1e-9)
    assert iid.rank.cragg_donald_f == pytest.approx(7.893095911195804, rel=1e-9)
    assert iid.sargan.statistic == pytest.approx(1.2481553896181374, rel=1e-8)
    assert iid.wu_hausman.statistic == pytest.approx(2.92564225814, rel=1e-8)
    assert robust.rank.kp_lm.statistic == pytest.approx(16.36833337282457, rel=1e-9)
    assert robust.rank.kp_f == pytest.approx(8.318974740665208, rel=1e-9)


def test_stock_yogo_values():
    """Stock & Yogo (2005), Tables 5.1 and 5.2."""
    assert stock_yogo(1, 1) == {"bias": {}, "size": {0.10: 16.38, 0.15: 8.96, 0.20: 6.66, 0.25: 5.53}}
    assert stock_yogo(1, 3)["bias"] == {0.05: 13.91, 0.10: 9.08, 0.20: 6.46, 0.30: 5.39}
    assert stock_yogo(2, 2)["size"][0.10] == 7.03
    assert stock_yogo(2, 4)["bias"][0.05] == 11.04
    assert stock_yogo(3, 5) == {"bias": {0.05: 9.53, 0.10: 6.61, 0.20: 4.99, 0.30: 4.30}, "size": {}}
    assert stock_yogo(1, 30)["size"][0.10] == 86.17
    assert stock_yogo(1, 31) == {"bias": {}, "size": {}}


def test_critical_values_fall_with_the_tolerated_distortion():
    for n_endogenous in (1, 2, 3):
        for n_instruments in range(1, 31):
            for values in stock_yogo(n_endogenous, n_instruments).values():
                assert list(values.values()) == sorted(values.values(), reverse=True)
