"""Standard errors of stacked DID: those of the weighted regression, from another engine, and what moves them."""

import numpy as np
import pandas as pd
import pytest
from shidian.did.staggered import design, estimate
from shidian.exhibits.result import StudyInfo

from tests.did.simulate import staggered_panel
from tests.exhibits.exhibit_checks import run_exhibit, value

WINDOW = (-3, 2)
INFO = StudyInfo("made", "city", "d")
STUDY = {
    "outcome": "y", "controls": [], "fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": "unit"},
    "ssc": "reghdfe",
}  # fmt: skip


def made(seed: int = 4, noise: float = 1.0) -> pd.DataFrame:
    """Return a panel of three cohorts of unlike sizes, effects that grow."""
    panel = staggered_panel(seed, lambda tau: 1.0 + tau, noise)
    return panel[~panel["unit"].isin(["u000", "u004", "u005", "u008"])]


def stacks(panel: pd.DataFrame) -> pd.DataFrame:
    """Return the stacked rows with the paper's weights, put together without our code."""
    first, last = WINDOW
    parts = []
    for g in (4, 6, 7):
        rows = panel[panel["year"].between(g + first, g + last)]
        own = rows["adoption_year"].eq(g).fillna(False)
        clean = rows["adoption_year"].isna() | rows["adoption_year"].gt(g + last).fillna(False)
        rows = rows[own | clean]
        parts.append(rows.assign(stack=g, D=own[own | clean].astype(float), tau=rows["year"] - g))
    data = pd.concat(parts, ignore_index=True)
    units = data.drop_duplicates(["stack", "unit"]).groupby(["stack", "D"]).size().unstack()
    share = units.div(units.sum())
    ratio = (share[1.0] / share[0.0]).to_dict()
    return data.assign(w=np.where(data["D"] == 1, 1.0, data["stack"].map(ratio)))


def weighted(data: pd.DataFrame, groups: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return effects and covariance of weighted least squares on dummies, CRV1 by unit with all columns in K."""
    taus = sorted(set(data["tau"]) - {-1})
    X = [((data["tau"] == k) & (data["D"] == 1)).to_numpy(float) for k in taus]
    for name in groups:
        X += [(data[name] == level).to_numpy(float) for level in sorted(data[name].unique())]
    X = np.column_stack(X)
    kept = np.linalg.qr(X * np.sqrt(data["w"].to_numpy())[:, None])[1].diagonal()
    X = X[:, np.abs(kept) > 1e-8]
    w, y = data["w"].to_numpy(), data["y"].to_numpy()
    bread = np.linalg.inv(X.T @ (X * w[:, None]))
    coef = bread @ X.T @ (w * y)
    scores = pd.DataFrame(X * (w * (y - X @ coef))[:, None]).groupby(data["unit"].to_numpy()).sum().to_numpy()
    n, K, G = len(y), X.shape[1], len(scores)
    V = bread @ scores.T @ scores @ bread * (n - 1) / (n - K) * G / (G - 1)
    return coef[: len(taus)], V[: len(taus), : len(taus)]


@pytest.mark.parametrize("kind", ["stack", "pooled"])
def test_errors_are_those_of_the_weighted_regression(kind):
    """Constants, treated dummies and periods of each stack or of all, effects shared: to the last digits."""
    panel = made()
    data = stacks(panel)
    by = data["stack"].astype(str) if kind == "stack" else ""
    data = data.assign(group=by + "/" + data["D"].astype(str), period=by + "@" + data["tau"].astype(str))
    effects, V = weighted(data, ["group", "period"])
    ours = estimate("stacked", design(panel, "y", [], WINDOW, stack_effects=kind))
    assert ours.n_obs == len(data)
    assert ours.event["estimate"].to_numpy() == pytest.approx(effects, abs=1e-10)
    assert ours.event["se"].to_numpy() == pytest.approx(np.sqrt(np.diag(V)), rel=1e-9)
    a = (ours.event["tau"].to_numpy() >= 0) / 3
    assert (ours.att, ours.att_se) == pytest.approx((a @ effects, np.sqrt(a @ V @ a)), rel=1e-9)


def test_errors_are_those_of_feols_with_effects_by_stack():
    """pyfixest's own demeaner and sandwich, K apart."""
    import pyfixest as pf

    panel = made()
    data = stacks(panel).assign(us=lambda f: f["unit"] + "/" + f["stack"].astype(str))
    data = data.assign(ts=data["tau"].astype(str) + "/" + data["stack"].astype(str))
    taus = sorted(set(data["tau"]) - {-1})
    for k in taus:
        data[f"e{taus.index(k)}"] = ((data["tau"] == k) & (data["D"] == 1)).astype(float)
    fit = pf.feols(
        f"y ~ {' + '.join(f'e{j}' for j in range(len(taus)))} | us + ts", data, vcov={"CRV1": "unit"}, weights="w",
        ssc=pf.ssc(k_adj=False, G_adj=True),
    )  # fmt: skip
    ours = estimate("stacked", design(panel, "y", [], WINDOW))
    n, K = len(data), 3 * 7 + 5
    assert ours.event["estimate"].to_numpy() == pytest.approx(fit.coef().to_numpy(), abs=1e-9)
    factor = np.sqrt((n - 1) / (n - K))
    assert ours.event["se"].to_numpy() == pytest.approx(fit.se().to_numpy() * factor, rel=1e-7)


def test_of_one_stack_both_are_the_same():
    panel = made()
    panel = panel[panel["adoption_year"].eq(6) | panel["adoption_year"].isna()]
    stack, pooled = (estimate("stacked", design(panel, "y", [], WINDOW, stack_effects=k)) for k in ("stack", "pooled"))
    assert stack.att_se == pytest.approx(pooled.att_se, rel=1e-12)


def test_castle(castle):
    """Unit by stack and year by stack effects; the pooled regression's error is diff-diff's .038802."""
    ours = estimate("stacked", design(castle, "l_homicide", [], (-4, 3)))
    assert (ours.att, ours.att_se) == pytest.approx((0.019709, 0.035978), abs=1e-6)


def test_a_function_of_the_year_moves_nothing():
    """What every stack differences out is no error; in the pooled regression it is."""
    panel = made()
    shocked = panel.assign(y=panel["y"] + 100 * np.sin(7.0 * panel["year"]))
    for kind, same in (("stack", True), ("pooled", False)):
        before, after = (estimate("stacked", design(p, "y", [], WINDOW, stack_effects=kind)) for p in (panel, shocked))
        assert after.att == pytest.approx(before.att, abs=1e-9)
        assert (after.att_se == pytest.approx(before.att_se, rel=1e-9)) == same
    assert after.att_se > 10 * before.att_se


def test_without_disturbances_there_is_no_error_and_it_is_said():
    panel = staggered_panel(4, lambda tau: np.ones_like(tau), noise=0.0)
    result = run_exhibit("staggered_did", panel, {"window": [-3, 2], "estimators": ["stacked"]}, STUDY, INFO)
    assert value(result, "Stacked", "ATT") == pytest.approx(1)
    assert np.isnan(value(result, "Stacked", "ATT", "se"))
    assert value(result, "Stacked", "ATT", "reason") == "no standard error: its variance is zero but for rounding error"
    pooled = {"window": [-3, 2], "estimators": ["stacked"], "stack_effects": "pooled"}
    result = run_exhibit("staggered_did", panel, pooled, STUDY, INFO)
    assert value(result, "Stacked", "ATT", "se") > 0.05
    assert any("shocks of years, which every stack differences out, count as error" in note for note in result.notes)
