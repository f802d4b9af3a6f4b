"""Robust staggered estimators with weights of rows: against pyfixest, explicit matrices, naive loops and diff-diff.

Errors of estimators with influence functions are checked by the infinitesimal jackknife: the derivative of an estimate
in the weight of a unit is that unit's influence.
"""

import numpy as np
import pandas as pd
import pyfixest as pf
import pytest
from shidian.did.callaway_santanna import group_time_effects
from shidian.did.second_engine import PEERS, check
from shidian.did.staggered import ESTIMATORS, design, estimate
from shidian.did.staggered.weights import rule_sentences
from shidian.errors import EstimationError

WINDOW = (-3, 2)
YEARS = range(2001, 2009)
ADOPTED = (0, 0, 2004, 0, 2006, 0, 2005)


@pytest.fixture(scope="module")
def panel():
    rng, n = np.random.default_rng(11), 35
    unit, year = np.repeat(np.arange(n), len(YEARS)), np.tile(list(YEARS), n)
    adopted = np.array([ADOPTED[i % len(ADOPTED)] for i in range(n)])[unit]
    frame = pd.DataFrame({"unit": unit, "year": year, "x": rng.normal(size=len(unit)) + 0.02 * unit})
    frame["adoption_year"] = pd.array(np.where(adopted > 0, adopted, 1), dtype="Int64")
    frame["adoption_year"] = frame["adoption_year"].mask(adopted == 0)
    tau = np.where(adopted > 0, year - adopted, -99)
    frame["y"] = 0.3 * (tau >= 0) * (1 + tau) + 0.2 * frame["x"] + 0.1 * unit + rng.normal(size=len(unit))
    size = rng.uniform(0.3, 6, n)[unit]
    return frame.assign(
        size=size, pop=size * (1 + 0.1 * (year - 2001) * rng.uniform(size=n)[unit]), block=unit // 4,
        times=rng.integers(1, 4, n)[unit],
    )  # fmt: skip


def gaps(frame):
    return frame[(frame.index * 7) % 23 != 3].reset_index(drop=True)


def numbers(effects):
    event = effects.event[["tau", "estimate", "se"]].to_numpy(dtype=float)
    return np.concatenate([[effects.att, effects.att_se], event.ravel()])


def fitted(name, frame, weights=None, controls=(), **more):
    return estimate(name, design(frame, "y", list(controls), WINDOW, weights=weights, **more))


# ----------------------------------------------------------------------------------------- Callaway & Sant'Anna


def naive(frame, rule, first="adoption_year"):
    """Return ATT(g, t) by weighted means of a loop, the shares of groups, and the overall effect."""
    y, w = (frame.pivot(index="unit", columns="year", values=name) for name in ("y", "pop"))
    g = frame.groupby("unit")[first].first()
    cells = {}
    for cohort in sorted(g.dropna().unique()):
        base = cohort - 1
        for t in YEARS:
            if t == base:
                continue

            def change(members, t=t, base=base):
                if rule == "varying":
                    after, before = (np.average(y.loc[members, k], weights=w.loc[members, k]) for k in (t, base))
                    return after - before
                fixed = w.loc[members, base if rule == "base_period" else min(YEARS)]
                return np.average(y.loc[members, t] - y.loc[members, base], weights=fixed)

            cells[cohort, t] = change(g.index[g == cohort]) - change(g.index[g.isna()])
    share = w[min(YEARS)].groupby(g).sum()
    after = {cell: share[cell[0]] for cell in cells if cell[1] >= cell[0]}
    return cells, np.average([cells[cell] for cell in after], weights=list(after.values())), share


@pytest.mark.parametrize("rule", ["base_period", "first_period", "varying"])
def test_group_time_effects_are_weighted_means_of_a_loop(panel, rule):
    cells, overall, share = naive(panel, rule)
    found = group_time_effects(panel, "y", base_period="universal", weights="pop", fix_weights=rule)
    own = found.cells[~found.cells["is_base"]].set_index(["group", "year"])["att"]
    assert own.to_dict() == pytest.approx(cells, abs=1e-12)
    effects = fitted("callaway_santanna", panel, "pop", fix_weights=rule)
    assert effects.att == pytest.approx(overall, abs=1e-12)
    two = {g: cells[g, g + 2] for g in share.index if g + 2 <= max(YEARS)}
    by_time = effects.event.set_index("tau")["estimate"]
    assert by_time[2] == pytest.approx(np.average(list(two.values()), weights=[share[g] for g in two]), abs=1e-12)


def test_the_base_periods_weights_are_the_default_and_varying_those_of_cross_sections(panel):
    base = fitted("callaway_santanna", panel, "pop", fix_weights="base_period")
    np.testing.assert_array_equal(numbers(fitted("callaway_santanna", panel, "pop")), numbers(base))
    rows = fitted("callaway_santanna", panel, "pop", fix_weights="varying")
    cross = fitted("callaway_santanna", panel, "pop", balance="none")
    np.testing.assert_allclose(numbers(rows), numbers(cross), rtol=1e-12, atol=1e-14)


def dr(frame, g, t, base, rule, weights):
    """Return the doubly robust ATT(g, t) of drdid_panel, by statsmodels."""
    import statsmodels.api as sm

    wide = {name: frame.pivot(index="unit", columns="year", values=name) for name in ("y", "x")}
    groups = frame.groupby("unit")["adoption_year"].first()
    rows = groups.index[groups.isna() | groups.eq(g).fillna(False)]
    D, w = groups[rows].notna().to_numpy(float), weights.loc[rows].to_numpy()
    X = np.column_stack([np.ones(len(rows)), wide["x"].loc[rows, min(t, base)]])
    dy = (wide["y"].loc[rows, t] - wide["y"].loc[rows, base]).to_numpy()
    p = sm.GLM(D, X, sm.families.Binomial(), freq_weights=w).fit(tol=1e-14, maxiter=100).fittedvalues
    e = dy - X @ sm.WLS(dy[D == 0], X[D == 0], w[D == 0]).fit().params
    odds = w * p * (1 - D) / (1 - p)
    return np.average(e, weights=w * D) - np.average(e, weights=odds)


@pytest.mark.parametrize("rule", ["base_period", "first_period"])
def test_covariates_enter_a_weighted_logit_and_weighted_least_squares(panel, rule):
    found = group_time_effects(panel, "y", ["x"], base_period="universal", weights="pop", fix_weights=rule)
    table = panel.pivot(index="unit", columns="year", values="pop")
    for row in found.cells[~found.cells["is_base"]].itertuples():
        base = row.group - 1
        w = table[base if rule == "base_period" else min(YEARS)]
        assert row.att == pytest.approx(dr(panel, row.group, row.year, base, rule, w), abs=1e-8)


def jackknifed(panel, weights, cluster, run):
    """Return the error of run's estimates by derivatives in the weights of units, summed by cluster."""
    step, sums = 1e-5, {}
    for unit, block in panel.groupby("unit")[cluster].first().items():
        ends = [
            run(panel.assign(**{weights: panel[weights] * np.where(panel["unit"] == unit, 1 + side * step, 1.0)}))
            for side in (1, -1)
        ]
        sums[block] = sums.get(block, 0.0) + (ends[0] - ends[1]) / (2 * step)
    return np.sqrt(sum(value**2 for value in sums.values()))


@pytest.mark.parametrize(
    ("name", "controls", "more"),
    [
        ("callaway_santanna", [], {}),
        ("callaway_santanna", ["x"], {}),
        ("callaway_santanna", ["x"], {"fix_weights": "varying", "control_group": "not_yet_treated"}),
        ("callaway_santanna", ["x"], {"balance": "none", "vcov": {"kind": "cluster", "by": "block"}}),
        ("callaway_santanna", [], {"balance": "pair", "vcov": {"kind": "cluster", "by": "block"}}),
        ("two_stage", ["x"], {"vcov": {"kind": "cluster", "by": "block"}}),
    ],
)
def test_errors_are_those_of_the_infinitesimal_jackknife(panel, name, controls, more):
    small = panel[panel["unit"] < 21].reset_index(drop=True)
    frame = gaps(small) if more.get("balance") or name == "two_stage" else small
    found = fitted(name, frame, "pop", controls, **more)
    cluster = more.get("vcov", {}).get("by", "unit")
    kept = found.event["se"].notna().to_numpy()

    def run(changed):
        again = fitted(name, changed, "pop", controls, **more)
        return np.array([again.att, *again.event["estimate"][kept]])

    own = np.array([found.att_se, *found.event["se"][kept]])
    np.testing.assert_allclose(own, jackknifed(frame, "pop", cluster, run), rtol=1e-6)


# ------------------------------------------------------------------------------------------ weighted regressions


def feols(formula, frame, weights, by="unit"):
    return pf.feols(
        formula, frame, vcov={"CRV1": by}, weights=weights, ssc=pf.ssc(k_adj=False, G_adj=True), fixef_rm="none",
        demeaner=pf.demeaners.MapDemeaner(fixef_tol=1e-13, fixef_maxiter=100_000),
    )  # fmt: skip


@pytest.mark.parametrize("cut", [lambda f: f, gaps])
def test_sun_abraham_is_the_weighted_saturated_regression(panel, cut):
    frame = cut(panel)
    found = fitted("sun_abraham", frame, "pop", ["x"], ssc="fixest", singletons="keep")
    tau = frame["year"] - frame["adoption_year"].astype("float")
    cells = {
        f"g{int(g)}at{'m' if k < 0 else ''}{abs(int(k))}": ((frame["adoption_year"] == g).fillna(False) & (tau == k))
        for g, k in set(zip(frame["adoption_year"].dropna(), tau.dropna(), strict=True))
        if k != -1
    }
    saturated = frame.assign(**{name: cell.astype(float) for name, cell in cells.items()})
    fit = feols(f"y ~ {' + '.join(cells)} + x | unit + year", saturated, "pop")
    names = list(fit._coefnames)
    size = {name: float(frame.loc[cell, "pop"].sum()) for name, cell in cells.items()}

    def average(chosen):
        a = np.array([size[n] if n in chosen else 0.0 for n in names])
        a = a / a.sum()
        return float(a @ fit._beta_hat), float(np.sqrt(a @ fit._vcov @ a))

    factor = np.sqrt((len(frame) - 1) / (len(frame) - len(names) - frame["year"].nunique()))
    att, se = average([n for n in cells if "atm" not in n])
    assert (found.att, found.att_se) == pytest.approx((att, se * factor), rel=1e-8)
    for row in found.event.itertuples():
        tail = f"at{'m' if row.tau < 0 else ''}{abs(row.tau)}"
        estimate_, se = average([n for n in cells if n.endswith(tail)])
        assert (row.estimate, row.se) == pytest.approx((estimate_, se * factor), rel=1e-8)


def differences(panel, at):
    """Return long differences of adopting units and clean controls by horizon, made by merging."""
    parts = []
    g = panel["adoption_year"].astype("float").fillna(9999)
    rows = panel.assign(g=g)[["unit", "year", "g", "y", "pop", "x"]]
    for h in range(WINDOW[0], WINDOW[1] + 1):
        base = rows.assign(year=rows["year"] + 1)[["unit", "year", "y", "pop", "x"]]
        later = rows.assign(year=rows["year"] - h)
        both = later[later["year"] <= max(YEARS)].merge(base, on=["unit", "year"], suffixes=("", "_base"))
        here = both[(both["g"] == both["year"]) | (both["g"] > np.maximum(both["year"], both["year"] + h))]
        if h != -1:
            parts.append(here.assign(h=h, w=here["pop_base"] if at == "base" else here["pop"]))
    data = pd.concat(parts, ignore_index=True)
    data = data.assign(dy=data["y"] - data["y_base"], adopts=(data["g"] == data["year"]).astype(float))
    for h in data["h"].unique():
        data[f"b{h - WINDOW[0]}"] = data["adopts"] * (data["h"] == h)
        data[f"s{h - WINDOW[0]}"] = data["x_base"] * (data["h"] == h)
    return data.assign(cell=data["year"].astype(str) + "@" + data["h"].astype(str))


@pytest.mark.parametrize(("rule", "at"), [("varying", "own"), ("base_period", "base")])
def test_lp_did_is_the_weighted_regression_of_long_differences(panel, rule, at):
    found = fitted("lp_did", panel, "pop", ["x"], ssc="fixest", fix_weights=rule)
    data = differences(panel, at)
    taus = [k for k in range(WINDOW[0], WINDOW[1] + 1) if k != -1]
    terms = [f"b{k - WINDOW[0]}" for k in taus]
    slopes = [f"s{k - WINDOW[0]}" for k in taus]
    fit = feols(f"dy ~ {' + '.join([*terms, *slopes])} | cell", data, "w")
    b, V = fit.coef()[terms].to_numpy(), pd.DataFrame(fit._vcov, fit._coefnames, fit._coefnames).loc[terms, terms]
    factor = (len(data) - 1) / (len(data) - 2 * len(taus) - data["cell"].nunique())
    assert found.event["estimate"].to_numpy() == pytest.approx(b, abs=1e-9)
    assert found.event["se"].to_numpy() == pytest.approx(np.sqrt(np.diag(V) * factor), rel=1e-8)
    a = np.array(
        [float(data.loc[data[t] == 1, "w"].sum()) if k >= 0 else 0.0 for t, k in zip(terms, taus, strict=True)]
    )
    a = a / a.sum()
    assert (found.att, found.att_se) == pytest.approx((a @ b, np.sqrt(a @ V @ a * factor)), rel=1e-8)


def with_dummies(data):
    """Return the rows of stacks with a dummy of the treated for each time but the base, and the dummies' names."""
    taus = [k for k in range(WINDOW[0], WINDOW[1] + 1) if k != -1]
    dummies = {f"e{j}": ((data["tau"] == k) & (data["D"] == 1)).astype(float) for j, k in enumerate(taus)}
    return data.assign(**dummies), list(dummies)


def stacked_rows(panel, weight):
    """Return the stacks, with the paper's weights of controls from sums of weights, times the rows' own."""
    g, parts = panel["adoption_year"].astype("float").fillna(9999), []
    for cohort in sorted(g[g < 9999].unique()):
        if cohort + WINDOW[0] >= min(YEARS) and cohort + WINDOW[1] <= max(YEARS):
            inside = panel["year"].between(cohort + WINDOW[0], cohort + WINDOW[1])
            rows = panel[inside & ((g == cohort) | (g > cohort + WINDOW[1]))]
            D = g[rows.index].eq(cohort).astype(float)
            parts.append(rows.assign(stack=cohort, D=D, tau=rows["year"] - int(cohort)))
    data = pd.concat(parts, ignore_index=True)
    mean = data.groupby(["stack", "unit"])[weight].transform("mean")
    once = data.assign(mean=mean).drop_duplicates(["stack", "unit"])
    total = once.groupby(["stack", "D"])["mean"].sum().unstack()
    share = total / total.sum()
    q = data["stack"].map(share[1.0] / share[0.0])
    return data.assign(w=data[weight] * np.where(data["D"] == 1, 1.0, q)), total[1.0]


@pytest.mark.parametrize("effects", ["stack", "pooled"])
def test_stacked_is_the_weighted_regression_of_the_stacks(panel, effects):
    data, _ = stacked_rows(panel, "size")
    by = data["stack"].astype(str) if effects == "stack" else ""
    data = data.assign(ts=by + "@" + data["tau"].astype(str), us=by + "/" + data["D"].astype(str))
    if effects == "stack":
        data = data.assign(us=data["unit"].astype(str) + "/" + by)
    data, names = with_dummies(data)
    fit = feols(f"y ~ {' + '.join(names)} | us + ts", data, "w")
    found = fitted("stacked", panel, "size", stack_effects=effects)
    K = 3 * 7 + 5 if effects == "stack" else 2 + 2 * 5
    factor = np.sqrt((len(data) - 1) / (len(data) - K))
    assert found.event["estimate"].to_numpy() == pytest.approx(fit.coef().to_numpy(), abs=1e-9)
    assert found.event["se"].to_numpy() == pytest.approx(fit.se().to_numpy() * factor, rel=1e-7)


def test_weights_that_change_weigh_each_stacks_own_regression(panel):
    data, size = stacked_rows(panel, "pop")
    own = {}
    for stack, part in data.groupby("stack"):
        part, names = with_dummies(part)
        own[stack] = feols(f"y ~ {' + '.join(names)} | unit + year", part, "pop").coef()[names].to_numpy()
    found = fitted("stacked", panel, "pop")
    mean = np.average(list(own.values()), axis=0, weights=size[list(own)])
    assert found.event["estimate"].to_numpy() == pytest.approx(mean, abs=1e-9)


def test_one_stack_with_weights_that_change_has_the_errors_of_its_regression(panel):
    one = panel[panel["adoption_year"].eq(2004).fillna(False) | panel["adoption_year"].isna()]
    data, _ = stacked_rows(one, "pop")
    data, names = with_dummies(data)
    fit = feols(f"y ~ {' + '.join(names)} | unit + year", data, "pop")
    found = fitted("stacked", one, "pop")
    factor = np.sqrt((len(data) - 1) / (len(data) - 12))
    assert found.event["se"].to_numpy() == pytest.approx(fit.se().to_numpy() * factor, rel=1e-7)


@pytest.mark.parametrize("controls", [[], ["x"]])
def test_imputation_is_weighted_least_squares_on_untreated_rows(panel, controls):
    """Effects, and the conservative errors of did_imputation's estimation weights, by explicit matrices."""
    frame = gaps(panel)
    found = fitted("imputation", frame, "pop", controls)
    tau = (frame["year"] - frame["adoption_year"].astype("float")).to_numpy()
    D, w, y = tau >= 0, frame["pop"].to_numpy(), frame["y"].to_numpy()
    A = np.column_stack([pd.get_dummies(frame["unit"]), pd.get_dummies(frame["year"]).iloc[:, 1:], frame[controls]])
    A = A.astype(float)
    A0 = A[~D]
    bread = np.linalg.pinv(A0.T @ (A0 * w[~D, None]))
    effect = y - A @ (bread @ A0.T @ (w[~D] * y[~D]))
    cohort = frame["adoption_year"].fillna(0).astype(int).to_numpy()
    for k in [None, 0, 1, 2]:
        wtr = np.where(D if k is None else tau == k, w, 0.0)
        wtr = wtr / wtr.sum()
        v = wtr.copy()
        v[~D] = -w[~D] * (A0 @ (bread @ (A.T @ wtr)))
        average = (
            pd.Series(wtr**2 * np.where(D, effect, 0)).groupby([cohort, frame["year"].to_numpy()]).transform("sum")
        )
        square = pd.Series(wtr**2).groupby([cohort, frame["year"].to_numpy()]).transform("sum")
        rest = np.where(D, effect - (average / square.where(square > 0, 1.0)).to_numpy(), effect)
        se = np.sqrt((pd.Series(v * rest).groupby(frame["unit"].to_numpy()).sum() ** 2).sum())
        own = (found.att, found.att_se)
        if k is not None:
            own = tuple(found.event.set_index("tau").loc[k, ["estimate", "se"]].astype(float))
        assert own == pytest.approx((wtr @ np.where(D, effect, 0.0), se), rel=1e-9), k
        assert fitted("two_stage", frame, "pop", controls).att == pytest.approx(found.att, rel=1e-10)


def test_leads_of_imputation_are_a_weighted_regression_on_untreated_rows(panel):
    found = fitted("imputation", panel, "pop", ["x"]).event.set_index("tau")
    tau = panel["year"] - panel["adoption_year"].astype("float")
    rows = panel[~(tau >= 0)].assign(**{f"l{k}": (tau == -k).astype(float) for k in range(2, 6)})
    fit = feols("y ~ l2 + l3 + l4 + l5 + x | unit + year", rows, "pop")
    n, K = len(rows), 5 + rows["year"].nunique() - 1 + 1
    for k in (2, 3):
        se = fit.se()[f"l{k}"] * np.sqrt((n - 1) / (n - K))
        assert tuple(found.loc[-k, ["estimate", "se"]].astype(float)) == pytest.approx(
            (fit.coef()[f"l{k}"], se), rel=1e-8
        )


# ----------------------------------------------------------------------------------------------------- properties


@pytest.mark.parametrize("name", list(ESTIMATORS))
@pytest.mark.parametrize("cut", [lambda f: f, gaps])
def test_equal_weights_are_none_and_their_scale_does_not_matter(panel, name, cut):
    frame, controls = cut(panel), [] if name == "stacked" else ["x"]
    plain = numbers(fitted(name, frame, None, controls))
    for c in (1.0, 3e-7, 2.5e9):
        same = numbers(fitted(name, frame.assign(c=c), "c", controls))
        np.testing.assert_allclose(same, plain, rtol=1e-10, atol=1e-12)
    weighted = numbers(fitted(name, frame, "pop", controls))
    scaled = numbers(fitted(name, frame.assign(pop=frame["pop"] * 1e6), "pop", controls))
    np.testing.assert_allclose(scaled, weighted, rtol=1e-9, atol=1e-12)
    assert not np.allclose(weighted, plain, rtol=1e-3)


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_the_order_of_rows_does_not_matter(panel, name):
    frame = gaps(panel)
    mixed = frame.sample(frac=1.0, random_state=3)
    first, second = (numbers(fitted(name, rows, "pop")) for rows in (mixed, frame))
    np.testing.assert_allclose(first, second, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_periods_may_have_any_numbers_and_units_any_names(panel, name):
    """Quarters are numbered on as years are; which unit comes first decides nothing."""
    moved = panel.assign(
        year=panel["year"] - 2500, adoption_year=panel["adoption_year"] - 2500, unit=99 - panel["unit"]
    )
    first, second = (numbers(fitted(name, rows, "pop")) for rows in (moved, panel))
    np.testing.assert_allclose(first, second, rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_a_weight_of_zero_leaves_the_row_out(panel, name):
    gone = (panel.index % 29 == 5) & ~(panel["year"] >= panel["adoption_year"].astype("float").fillna(9999))
    panel_with = panel.assign(pop=panel["pop"].mask(gone, 0.0))
    zeros = fitted(name, panel_with, "pop")
    without = fitted(name, panel[~gone], "pop")
    np.testing.assert_allclose(numbers(zeros), numbers(without), rtol=1e-12)
    assert zeros.n_obs == without.n_obs
    assert design(panel_with, "y", [], WINDOW, weights="pop").sample.n_zero == gone.sum()


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_a_whole_weight_is_that_many_units(panel, name):
    copies = panel.loc[panel.index.repeat(panel["times"])]
    number = copies.groupby(level=0).cumcount()
    copies = copies.assign(once=copies["unit"], unit=copies["unit"] * 10 + number.to_numpy()).reset_index(drop=True)
    by = {"kind": "cluster", "by": "once"}
    controls = [] if name == "stacked" else ["x"]
    repeated = fitted(name, copies, None, controls, vcov=by)
    weighted = fitted(name, panel.assign(once=panel["unit"]), "times", controls, vcov=by)
    assert weighted.att == pytest.approx(repeated.att, rel=1e-9)
    np.testing.assert_allclose(weighted.event["estimate"], repeated.event["estimate"], rtol=1e-9)
    if name in ("callaway_santanna", "two_stage"):  # no count of rows enters their errors
        np.testing.assert_allclose(weighted.event["se"], repeated.event["se"], rtol=1e-9)


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_of_constant_weights_all_rules_are_one(panel, name):
    plain = numbers(fitted(name, panel, "size"))
    for rule in ("base_period", "first_period", "varying"):
        found = numbers(fitted(name, panel, "size", fix_weights=rule))
        np.testing.assert_allclose(found, plain, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", [n for n in ESTIMATORS if n not in ("callaway_santanna", "lp_did")])
def test_a_base_periods_weights_are_refused_where_comparisons_share_none(panel, name):
    with pytest.raises(EstimationError, match=r"fix_weights base_period.*take first_period or varying"):
        fitted(name, panel, "pop", fix_weights="base_period")
    first = panel.groupby("unit")["pop"].transform("first")
    fixed = fitted(name, panel, "pop", fix_weights="first_period")
    np.testing.assert_allclose(numbers(fixed), numbers(fitted(name, panel.assign(pop=first), "pop")), rtol=1e-12)


def test_what_has_no_meaning_is_refused(panel):
    with pytest.raises(EstimationError, match=r"balance none.*take fix_weights varying or first_period"):
        fitted("callaway_santanna", panel, "pop", balance="none", fix_weights="base_period")
    with pytest.raises(EstimationError, match=r"the frequency weight 'times'.*declare it analytic"):
        fitted("twfe", panel, {"variable": "times", "kind": "frequency"})
    np.testing.assert_array_equal(
        numbers(fitted("twfe", panel, {"variable": "pop", "kind": "probability"})),
        numbers(fitted("twfe", panel, "pop")),
    )


@pytest.mark.parametrize("name", list(PEERS))
@pytest.mark.parametrize("cut", [lambda f: f, gaps])
def test_a_second_engine_agrees_on_weights_constant_within_units(panel, name, cut):
    asked = design(cut(panel), "y", [], WINDOW, weights="size")
    words = check(name, asked, estimate(name, asked)).words
    expected = "takes the controls of a stack without" if name == "stacked" else "gives the same overall effect"
    assert expected in words
    changing = design(panel, "y", [], WINDOW, weights="pop")
    assert "not checked" in check(name, changing, estimate(name, changing)).words


def test_units_that_a_weight_of_zero_leaves_a_gap_are_named_with_it(panel):
    gone = panel["unit"].isin([3, 8]) & panel["year"].eq(2006)
    found = fitted("callaway_santanna", panel.assign(pop=panel["pop"].mask(gone, 0.0)), "pop")
    assert "Left out, not observed in every year: 2 units (weight of zero in 2006)." in found.sentences


def test_the_rule_is_said(panel):
    names, labels = ["twfe", "callaway_santanna"], ["TWFE", "Callaway-Sant'Anna"]

    def said(weights, names=names, labels=labels, **more):
        return rule_sentences(design(panel, "y", [], WINDOW, weights=weights, **more), names, labels)

    assert said(None) == []
    assert said("size") == ["The weights of each unit are the same in every year."]
    assert said("pop") == [
        "Weights change within units; each comparison of TWFE takes those of its rows.",
        "Weights change within units; each comparison of Callaway-Sant'Anna takes those of its base period.",
    ]
    assert said("pop", fix_weights="first_period") == [
        "Weights change within units; each comparison takes those of the units' first years."
    ]
    assert said("pop", fix_weights="base_period") == said("pop", ["callaway_santanna"], ["CS"])
