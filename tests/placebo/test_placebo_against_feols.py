"""Every draw equals ``pyfixest.feols`` on the same assignment: coefficient to 1e-10, standard error and p to 1e-9.

pyfixest's covariance is divided by its own small-sample factor and multiplied by ours, because its count of
parameters can depend on how the effects are spelled; our count is checked against dummies written out by hand.
"""

import numpy as np
import pandas as pd
import pytest
from placebo_panels import BASE, INFO, make_panel
from scipy import stats
from shidian.exhibits.placebo.estimators.feols import fit_frame
from shidian.placebo.assign import draw_assignments
from shidian.placebo.draws import draw_frame, pseudo_panel
from shidian.placebo.engine import fit_batched
from shidian.placebo.prepare import design_of, prepare
from shidian.placebo.settings import read_settings

MODES = {
    "permute": {"mode": "permute"},
    "random": {"mode": "random"},
    "strata": {"mode": "permute", "strata": "province"},
    "in_time": {"mode": "in_time"},
    "never_treated": {"mode": "permute", "pool": "never_treated"},
}


def assert_equal_to_feols(panel: pd.DataFrame, spec: dict, draws: int, status: str = "ok") -> None:
    """Refit each draw by pyfixest and compare; the assignments are read from the scheme, draw by draw."""
    settings = read_settings(spec, INFO.seed)
    found = draw_frame(panel, spec, "policy", INFO.seed, 0, draws - 1)
    assert (found["status"] == status).all()
    prepared = prepare(panel, settings, "policy")
    design = prepared.design
    units, cohorts = draw_assignments(prepared.scheme, settings.seed, 0, draws - 1)
    want = []
    for treated, years in zip(units, cohorts, strict=True):
        adoption = np.full(design.n_units, 9999)
        adoption[treated] = design.years[years]
        frame = design.frame.assign(placebo_treatment=(design.year >= adoption[design.unit]).astype(float))
        want.append(
            fit_frame(frame, design, settings.outcome, settings.controls, settings.fixed_effects, settings.weights)
        )
    (coef, se), df = np.array(want).T, design.df
    np.testing.assert_allclose(found["estimate"], coef, rtol=0, atol=1e-10)
    np.testing.assert_allclose(found["se"], se, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found["p"], 2 * stats.t.sf(np.abs(coef / se), df), rtol=0, atol=1e-9)
    assert found["estimate"].std() > 0.01  # draws differ


@pytest.mark.parametrize("controls", [[], ["x1", "x2"]], ids=["no controls", "controls"])
@pytest.mark.parametrize("balanced", [True, False], ids=["balanced", "unbalanced"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("draws", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_random_draws_of_each_mode(mode: str, balanced: bool, controls: list[str], draws: int) -> None:
    """200 draws a mode over the four panels; the slow run makes 200 on each panel."""
    assert_equal_to_feols(make_panel(balanced), {**BASE, **MODES[mode], "controls": controls}, draws)


@pytest.mark.parametrize("ssc", ["fixest", "reghdfe"])
@pytest.mark.parametrize(
    "changes",
    [
        {"weights": "weight"},
        {"fixed_effects": ["unit", "province_year"]},
        {"fixed_effects": ["unit", "year", "province_year"], "weights": "weight"},
        {"vcov": {"kind": "hetero"}},
        {"vcov": {"kind": "iid"}, "weights": "weight"},
        {"vcov": {"kind": "cluster", "by": "province"}},
        {"vcov": {"kind": "cluster", "by": "province_year"}, "weights": "weight"},
        {"fixed_effects": ["province", "year"]},
        {"fixed_effects": []},
    ],
    ids=lambda changes: ", ".join(f"{k} {v}" for k, v in changes.items()),
)
def test_every_kind_of_design(changes: dict, ssc: str) -> None:
    assert_equal_to_feols(make_panel(balanced=False), {**BASE, **changes, "ssc": ssc}, 12)


@pytest.mark.parametrize("singletons", ["drop", "keep"])
@pytest.mark.parametrize("ssc", ["fixest", "reghdfe"])
def test_units_seen_once_are_dropped_or_kept(singletons: str, ssc: str) -> None:
    panel = make_panel(balanced=False)
    alone = panel[panel["year"] == 2004].head(6).assign(unit=lambda f: "z" + f["unit"], adoption_year=pd.NA, policy=0)
    both = pd.concat([panel, alone.astype(panel.dtypes)], ignore_index=True)
    spec = {**BASE, "ssc": ssc, "singletons": singletons}
    assert_equal_to_feols(both, spec, 8)
    design = prepare(both, read_settings(spec, 0), "policy").design
    assert (design.n_singletons, design.n_singletons_kept) == ((6, 0) if singletons == "drop" else (0, 6))


def test_provinces_treated_as_a_whole() -> None:
    panel = make_panel(balanced=False, n=60)
    panel["province"] = [f"p{int(u[1:]) // 4:02d}" for u in panel["unit"]]
    decided = {f"p{j:02d}": 2003 + j % 4 for j in range(6)}
    panel["adoption_year"] = panel["province"].map(decided).astype("Int64")
    panel["policy"] = (panel["year"] >= panel["adoption_year"]).fillna(False).astype("int64")
    spec = {**BASE, "assign_by": "province", "vcov": {"kind": "cluster", "by": "province"}}
    assert_equal_to_feols(panel, spec, 30)
    assert_equal_to_feols(panel, {**spec, "vcov": BASE["vcov"]}, 30)


def test_leads_move_every_adoption_by_the_same_years() -> None:
    panel = make_panel()
    spec = {**BASE, "mode": "in_time", "leads": [1, 2], "draws": 2}
    assert_equal_to_feols(panel, spec, 2)
    settings = read_settings(spec, 0)
    prepared = prepare(panel, settings, "policy")
    units, cohorts = draw_assignments(prepared.scheme, 0, 0, 1)
    true = panel.groupby("unit")["adoption_year"].first()
    for lead, treated, years in zip((1, 2), units, cohorts, strict=True):
        names = prepared.design.unit_names[treated]
        assert (prepared.design.years[years] == true[names].to_numpy(float) - lead).all()


def test_the_draw_by_draw_estimator_gives_the_batched_numbers() -> None:
    panel = make_panel(balanced=False)
    fast = draw_frame(panel, BASE, "policy", 7, 0, 9)
    slow = draw_frame(panel, {**BASE, "estimator": "feols"}, "policy", 7, 0, 9)
    for column in ("estimate", "se", "p"):
        np.testing.assert_allclose(fast[column], slow[column], rtol=0, atol=1e-9)
    tiny = draw_frame(panel.assign(y=panel["y"] * 1e-10), {**BASE, "estimator": "feols"}, "policy", 7, 0, 9)
    for column, unit in (("estimate", 1e10), ("se", 1e10), ("p", 1.0)):
        np.testing.assert_allclose(unit * tiny[column], slow[column], rtol=1e-8)


@pytest.mark.parametrize("ssc", ["fixest", "reghdfe", "xtreg"])
@pytest.mark.parametrize("balanced", [True, False])
def test_dummies_by_hand(balanced: bool, ssc: str) -> None:
    """Explicit dummies, K counted by hand: with unit clusters all three conventions count k + 1 slopes and T."""
    panel = make_panel(balanced)
    found = draw_frame(panel, {**BASE, "ssc": ssc}, "policy", 7, 0, 4)
    settings = read_settings(BASE, 7)
    prepared = prepare(panel, settings, "policy")
    units, cohorts = draw_assignments(prepared.scheme, 7, 0, 4)
    for j in range(5):
        frame = pseudo_panel(prepared, settings, "policy", units[j], cohorts[j])
        dummies = [pd.get_dummies(frame["unit"], dtype=float), pd.get_dummies(frame["year"], dtype=float).iloc[:, 1:]]
        X = np.column_stack([frame[["policy", "x1", "x2"]].astype(float), *dummies])
        bread = np.linalg.inv(X.T @ X)
        b = bread @ X.T @ frame["y"].to_numpy()
        scores = pd.DataFrame(X * (frame["y"].to_numpy() - X @ b)[:, None]).groupby(frame["unit"]).sum().to_numpy()
        n_obs, n_groups, n_parameters = len(frame), frame["unit"].nunique(), 3 + frame["year"].nunique()
        factor = (n_obs - 1) / (n_obs - n_parameters) * n_groups / (n_groups - 1)
        se = np.sqrt(factor * (bread @ scores.T @ scores @ bread)[0, 0])
        assert found["estimate"][j] == pytest.approx(b[0], abs=1e-10)
        assert found["se"][j] == pytest.approx(se, abs=1e-9)
        assert found["p"][j] == pytest.approx(2 * stats.t.sf(abs(b[0] / se), n_groups - 1), abs=1e-9)


@pytest.mark.parametrize("vcov", [{"kind": "cluster", "by": "unit"}, {"kind": "hetero"}, {"kind": "iid"}])
@pytest.mark.parametrize("changes", [{}, {"weights": "weight", "fixed_effects": ["unit", "province_year"]}])
def test_event_study_draws(changes: dict, vcov: dict) -> None:
    """All event-time coefficients of 20 draws against feols on event-time dummies."""
    import pyfixest
    from pyfixest.demeaners import MapDemeaner

    panel = make_panel(balanced=False)
    spec = {**BASE, **changes, "vcov": vcov, "estimator": "event_study", "window": [-3, 2]}
    found = draw_frame(panel, spec, "policy", 7, 0, 19).set_index(["draw", "term"])
    settings = read_settings(spec, 7)
    prepared = prepare(panel, settings, "policy")
    design = prepared.design
    units, cohorts = draw_assignments(prepared.scheme, 7, 0, 19)
    names = {k: f"tau_{k + 3}" for k in (-3, -2, 0, 1, 2)}
    kind = {"CRV1": "unit"} if vcov["kind"] == "cluster" else vcov["kind"]
    for d in range(20):
        adoption = np.full(design.n_units, np.nan)
        adoption[units[d]] = design.years[cohorts[d]]
        tau = np.clip(design.year - adoption[design.unit], -3, 2)
        frame = design.frame.assign(**{name: (tau == k).astype(float) for k, name in names.items()})
        fit = pyfixest.feols(
            f"y ~ {' + '.join(names.values())} + x1 + x2 | {' + '.join(settings.fixed_effects)}", frame, vcov=kind,
            weights=settings.weights or None, demeaner=MapDemeaner(fixef_tol=1e-12, fixef_maxiter=100_000),
        )  # fmt: skip
        scale = design.factor / fit._ssc[0] * ((fit._N - 1) / fit._N if kind == "iid" else 1.0)
        for k, name in names.items():
            row, b, se = found.loc[(d, f"tau{k:+d}")], fit.coef()[name], fit.se()[name] * np.sqrt(scale)
            assert row["estimate"] == pytest.approx(b, abs=1e-10)
            assert row["se"] == pytest.approx(se, abs=1e-9)
            assert row["p"] == pytest.approx(2 * stats.t.sf(abs(b / se), design.df), abs=1e-9)


def test_the_true_estimate_is_the_true_assignment() -> None:
    panel = make_panel(balanced=False)
    settings = read_settings(BASE, 7)
    design = design_of(panel, settings)
    fit = fit_batched(design, settings, "policy")
    frame = design.frame.assign(placebo_treatment=panel.sort_values(["unit", "year"])["policy"].to_numpy(float))
    coef, se = fit_frame(frame, design, "y", ("x1", "x2"), ("unit", "year"), "")
    assert fit.coef[0] == pytest.approx(coef, abs=1e-10)
    assert fit.se[0] == pytest.approx(se, abs=1e-9)
    assert (fit.n_obs, fit.n_units, fit.n_clusters, fit.df) == (len(panel), 40, 40, 39)
