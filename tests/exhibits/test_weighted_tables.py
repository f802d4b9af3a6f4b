"""Weights in tables of variables: yearly means, correlations, variance inflation, against numpy and statsmodels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from shidian.errors import EstimationError

from tests.exhibits.exhibit_checks import run_exhibit
from tests.kinds.example_panel import INFO, example_panel

PANEL = example_panel().assign(pop=lambda d: np.random.default_rng(1).uniform(0.2, 5, len(d)))
WEIGHTED = {"weights": "pop"}


def estimates(kind, panel, declared, study):
    return run_exhibit(kind, panel, declared, study, INFO)


def test_a_correlation_is_that_of_weighted_moments():
    found = estimates("correlation", PANEL, {"variables": ["y", "x", "w"]}, WEIGHTED)
    table = found.estimates.set_index(["term", "column"])
    values = PANEL[["y", "x", "w"]].to_numpy()
    V = np.cov(values, rowvar=False, aweights=PANEL["pop"])
    for i, j, pair in ((1, 0, ("x", "y")), (2, 0, ("w", "y")), (2, 1, ("w", "x"))):
        r = V[i, j] / np.sqrt(V[i, i] * V[j, j])
        assert table.loc[pair, "estimate"] == pytest.approx(r, rel=1e-12)
        t = r * np.sqrt((len(PANEL) - 2) / (1 - r * r))
        assert table.loc[pair, "statistic"] == pytest.approx(t, rel=1e-10)
    assert "Weighted by pop (analytic weights)." in found.notes
    flat = estimates("correlation", PANEL.assign(x=1.0), {"variables": ["y", "x"]}, WEIGHTED)
    assert flat.estimates["reason"].tolist() == ["a variable is constant"]


def test_variance_inflation_is_that_of_weighted_least_squares():
    found = estimates("vif", PANEL, {"variables": ["did", "x", "w"]}, WEIGHTED).estimates
    table = found[found["column"] == "vif"].set_index("term")["estimate"]
    for name in ("did", "x", "w"):
        others = sm.add_constant(PANEL[[n for n in ("did", "x", "w") if n != name]])
        fit = sm.WLS(PANEL[name], others, PANEL["pop"]).fit()
        assert table[name] == pytest.approx(1 / (1 - fit.rsquared), rel=1e-9)


def test_a_trend_is_of_weighted_means():
    panel = PANEL.assign(pop=PANEL["pop"].mask(PANEL.index % 13 == 4, 0.0))
    found = estimates("trend", panel, {"variable": "gie"}, WEIGHTED)
    table = found.estimates.set_index(["column", "term"])
    for label, rows in (("All", panel), ("Treated", panel[panel["adoption_year"].notna()])):
        for year, part in rows.groupby("year"):
            mean = np.average(part["gie"], weights=part["pop"])
            assert table.loc[(label, str(year)), "estimate"] == pytest.approx(mean, rel=1e-12)
            assert table.loc[(label, str(year)), "n_obs"] == (part["pop"] > 0).sum()
    assert (
        f"Weighted by pop (analytic weights); {(panel['pop'] == 0).sum()} rows of weight zero left out." in found.notes
    )
    times = PANEL.assign(pop=np.random.default_rng(3).integers(1, 4, len(PANEL)))
    counted = {"weights": {"variable": "pop", "kind": "frequency"}}
    written = times.loc[times.index.repeat(times["pop"])].reset_index(drop=True)
    both = [estimates("trend", p, {"variable": "gie"}, s).estimates for p, s in ((times, counted), (written, {}))]
    pd.testing.assert_frame_equal(both[0][["estimate", "n_obs"]], both[1][["estimate", "n_obs"]], rtol=1e-12)


@pytest.mark.parametrize(
    ("kind", "declared", "words"),
    [
        ("correlation", {"variables": ["y", "x"], "method": "spearman"}, "take the method pearson"),
        ("trend", {"variable": "gie", "statistic": "median"}, "take the statistic mean"),
    ],
)
def test_what_ranks_cannot_weigh_is_refused(kind, declared, words):
    with pytest.raises(EstimationError, match=f"{words}, or write 'unweighted: true'"):
        estimates(kind, PANEL, declared, WEIGHTED)
    alone = estimates(kind, PANEL, {**declared, "unweighted": True}, WEIGHTED).estimates
    pd.testing.assert_frame_equal(alone, estimates(kind, PANEL, declared, {}).estimates)
