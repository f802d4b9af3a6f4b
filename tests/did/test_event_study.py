"""Event study: published castle design, the ways of treating the ends, the joint test, bad input."""

import numpy as np
import pandas as pd
import pytest
from shidian.did.event_study import Window, fit_event_study
from shidian.did.twfe import regress
from shidian.did.wald import wald_test
from shidian.errors import EstimationError

BY_UNIT = {"kind": "cluster", "by": "unit"}
EFFECTS = ["unit", "year"]


def study(panel, window, controls=()):
    return fit_event_study(panel, "l_homicide", controls, EFFECTS, window, BY_UNIT, "reghdfe")


def test_castle_equals_pyfixest(castle):
    """Reference -1, -6 … +4, ends binned: the same numbers as feols on hand-made dummies."""
    import pyfixest as pf

    done = study(castle, Window(-6, 4))
    tau = (castle["year"] - castle["adoption_year"].astype("float64")).clip(-6, 4)
    names = {k: f"m{-k}" if k < 0 else f"p{k}" for k in range(-6, 5) if k != -1}
    data = castle.assign(**{name: (tau == k).astype(float) for k, name in names.items()})
    peer = pf.feols("l_homicide ~ " + " + ".join(names.values()) + " | unit + year", data, vcov={"CRV1": "unit"},
                    ssc=pf.ssc(k_adj=False, G_adj=False))  # fmt: skip
    estimated = done.effects[done.effects["reason"] == ""]
    assert estimated["tau"].tolist() == [-6, -5, -4, -3, -2, 0, 1, 2, 3, 4]
    assert estimated["estimate"].to_numpy() == pytest.approx(peer.coef().to_numpy(), rel=1e-6)
    factor = np.sqrt(549 / (550 - 21) * 50 / 49)  # K = 10 dummies + 10 years + constant
    assert estimated["se"].to_numpy() == pytest.approx(peer.se().to_numpy() * factor, rel=1e-6)
    assert done.outside == (-10, -9, -8, -7)
    reference = done.effects[done.effects["is_reference"]]
    assert reference[["tau", "estimate"]].to_numpy().tolist() == [[-1, 0.0]]


def test_pretrend_is_the_wald_test_by_hand(castle):
    done = study(castle, Window(-6, 4))
    fit = done.regression.fit
    b, V = fit.coef[:5], fit.vcov[:5, :5]
    assert pytest.approx(b @ np.linalg.inv(V) @ b / 5, rel=1e-10) == done.pretrend.F
    assert (done.pretrend.df1, done.pretrend.df2) == (5, 49)
    assert done.pretrend.p == pytest.approx(0.0800707826, rel=1e-6)


def test_ends_omitted_are_part_of_the_reference(castle):
    """The same as a regression without those dummies (the way of study 000)."""
    done = study(castle, Window(-3, 2, ends="omit"))
    tau = castle["year"] - castle["adoption_year"].astype("float64")
    by_hand = castle.assign(**{f"d{k}": (tau == k).astype(float) for k in (-3, -2, 0, 1, 2)})
    plain = regress(by_hand, "l_homicide", [f"d{k}" for k in (-3, -2, 0, 1, 2)], EFFECTS, BY_UNIT)
    assert done.regression.fit.coef == pytest.approx(plain.fit.coef, rel=1e-10)
    assert done.outside == (-10, -9, -8, -7, -6, -5, -4, 3, 4)


def test_ends_dropped_lose_their_rows(castle):
    done = study(castle, Window(-3, 2, ends="drop"))
    tau = castle["year"] - castle["adoption_year"].astype("float64")
    kept = castle[tau.isna() | tau.between(-3, 2)]
    assert done.regression.fit.n_obs == len(kept)
    assert set(kept["unit"]) == set(castle["unit"])


def test_never_treated_have_no_dummy(castle):
    controls_only = castle[castle["adoption_year"].isna()]
    with pytest.raises(EstimationError, match="needs treated units"):
        study(controls_only, Window(-3, 2))


def test_a_relative_time_without_data_is_named(castle):
    early = castle[castle["year"] <= 2008]
    done = study(early, Window(-6, 4))
    last = done.effects.set_index("tau").loc[4]
    assert pd.isna(last["estimate"])
    assert last["reason"] == "no treated unit is observed at this relative time"


def test_without_never_treated_a_second_reference_is_missing(castle):
    """Unit and year effects leave one more dummy unidentified; it is named, not guessed."""
    treated = castle[castle["adoption_year"].notna()]
    done = study(treated, Window(-10, 4))
    assert done.effects["reason"].str.contains("collinear").sum() == 1
    assert not study(treated, Window(-10, 4, reference=(-10, -1))).effects["reason"].str.contains("collinear").any()


def test_a_window_says_what_it_leaves_to_the_default():
    assert Window.declared({"window": [-3, 4]}) == Window(-3, 4, (-1,), "bin", 0)
    assert Window.declared({"window": [-3, 4], "anticipation": 1}) == Window(-3, 4, (-2,), "bin", 1)


def test_windows_that_make_no_sense():
    for arguments, message in [
        ((1, 4), "from before 0"),
        ((-3, 2, ()), "needs a reference"),
        ((-3, 2, (-4,)), "outside the window"),
        ((-3, 2, (-1,), "trim"), "bin, omit, omit_before or drop"),
        ((-3, 2, (-1,), "bin", 1), "τ = -1 lies within the 1 years of anticipation: the base is τ = -2 or earlier"),
        ((-4, 2, (-4, -2), "bin", 2), "τ = -2 lies within the 2 years of anticipation: the base is τ = -3"),
    ]:
        with pytest.raises(EstimationError, match=message):
            Window(*arguments)


def test_wald_test_refuses_a_singular_covariance(castle):
    few = castle[castle["unit"].isin(["1", "3", "4", "5", "6"])]
    result = regress(few, "l_homicide", ["post", "l_police", "l_income", "poverty", "l_larceny"], ["unit"], BY_UNIT)
    with pytest.raises(EstimationError, match="lower rank"):
        wald_test(result.fit, result.fit.terms)
