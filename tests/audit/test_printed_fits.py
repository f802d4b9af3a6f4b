"""Tables printed from real regressions: no check may disagree; with one number changed one must."""

import numpy as np
import pytest
import yaml
from scipy import stats
from shidian.audit.printed_tables.check import check_tables

from .printed_papers import verdicts


def printed_paper(seed, decimals):
    """Return a paper whose tables are printed from least squares on drawn data."""
    rng = np.random.default_rng(seed)
    units, years = 40, 8
    n = units * years
    unit = np.repeat(np.arange(units), years)
    year = np.tile(np.arange(years), units)
    start = rng.integers(2, 12, units)[unit]
    did = (year >= start).astype(float)
    x = rng.gamma(2.0, 1.0, n) + 0.3 * did
    m = 0.5 * did + 0.2 * x + rng.normal(size=n)
    y = 1 + rng.normal(size=units)[unit] + 0.1 * year - 0.8 * did + 0.4 * x + 0.6 * m + rng.normal(size=n)
    fixed = np.column_stack([unit[:, None] == np.arange(1, units), year[:, None] == np.arange(1, years)]).astype(float)
    show = lambda value: f"{value:.{decimals}f}"  # noqa: E731
    names = {"did": did, "x": x, "m": m}

    def column(outcome, terms, effects=None):
        X = np.column_stack([np.ones(n), *(names[t] for t in terms), *([effects] if effects is not None else [])])
        b, *_ = np.linalg.lstsq(X, outcome, rcond=None)
        e = outcome - X @ b
        V = np.linalg.inv(X.T @ X)
        se = np.sqrt(np.diag(V) * (e @ e) / (n - X.shape[1]))
        p = 2 * stats.norm.sf(np.abs(b / se))
        star = [int(sum(value < level for level in (0.1, 0.05, 0.01))) for value in p]
        rows = {t: [show(b[k]), show(se[k]), star[k]] for k, t in enumerate(terms, 1)}
        mean_constant = outcome.mean() - sum(names[t].mean() * b[k] for k, t in enumerate(terms, 1))
        rows["_cons"] = [
            show(mean_constant if effects is not None else b[0]),
            show(se[0]),
            0 if effects is not None else star[0],
        ]
        r2 = show(1 - (e @ e) / ((outcome - outcome.mean()) @ (outcome - outcome.mean())))
        return {**rows, "n": str(n), "r2": r2}

    moments = {
        name: [str(n), *(show(f) for f in (v.mean(), v.std(ddof=1), v.min(), v.max()))]
        for name, v in {"y": y, **names}.items()
    }
    moments["did"][3:] = ["0", "1"]
    total, first, direct = (
        column(y, ["did", "x"], fixed),
        column(m, ["did", "x"], fixed),
        column(y, ["did", "x", "m"], fixed),
    )
    for rows in (total, first, direct):
        rows.pop("_cons")
    first["outcome"], direct["outcome"] = "m", "y"
    baseline = {
        "none": column(y, ["did"]), "x": column(y, ["did", "x"]), "fe": {**total, "fe": ["unit", "year"]},
    }  # fmt: skip
    return {
        "sample": {"units": str(units), "first_year": "2001", "last_year": "2008", "balanced": "true", "n": str(n)},
        "outcome": {"y": "made up"},
        "descriptives": moments,
        "tables": {"baseline": {"columns": baseline}, "mediation": {"columns": {"m": first, "y": direct}}},
    }  # fmt: skip


def findings_of(paper, tmp_path):
    path = tmp_path / "paper.yaml"
    path.write_text(yaml.safe_dump(paper, sort_keys=False), encoding="utf-8")
    return check_tables(path)


@pytest.mark.parametrize("decimals", [2, 3, 4, 6])
def test_a_right_paper_has_no_disagreement(tmp_path, decimals):
    for seed in range(6):
        found = findings_of(printed_paper(seed, decimals), tmp_path)
        wrong = found[found["verdict"].isin(["disagrees", "unusual"])]
        # the stars of least squares are those of the normal here; nothing else may ask for a word
        assert wrong.empty, wrong.to_string()
        assert len(found) > 40


@pytest.mark.parametrize(
    ("place", "value", "check"),
    [
        (("tables", "baseline", "columns", "none", "_cons", 0), "9.1234", "means"),
        (("tables", "baseline", "columns", "x", "x", 0), "3.1234", "means"),
        (("tables", "baseline", "columns", "none", "r2"), "0.9000", "R2 of one term"),
        (("tables", "mediation", "columns", "y", "did", 0), "3.1234", "mediation total"),
        (("tables", "mediation", "columns", "m", "n"), "321", "sample size"),
        (("descriptives", "x", 2), "9.1234", "spread"),
        (("descriptives", "did", 2), "0.1234", "0/1"),
    ],
)
def test_one_wrong_number_is_found(tmp_path, place, value, check):
    paper = printed_paper(3, 4)
    at = paper
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    assert "disagrees" in verdicts(findings_of(paper, tmp_path), check)
