"""Tables printed from least squares on drawn data, in every form of cell: no alarm; each kind of misprint is found."""

import numpy as np
import pytest
import yaml
from scipy import stats
from shidian.audit.printed_tables.check import check_paper

LEVELS = (0.10, 0.05, 0.01)
BELOWS = ("se", "t", "p", "ci", "z")


def fits(rng, tables, normal):
    """Yield b, se, t, p, interval and stars of the terms of one regression after another, with N and both R²."""
    for _ in range(tables):
        n, k = int(rng.integers(16, 300)), int(rng.integers(1, 6))
        X = np.column_stack([np.ones(n), rng.normal(size=(n, k)) * rng.uniform(0.1, 30, k)])
        y = X @ rng.normal(size=k + 1) * rng.choice([0, 0.05, 0.3]) + rng.normal(size=n) * rng.uniform(0.05, 20)
        V = np.linalg.inv(X.T @ X)
        b = V @ X.T @ y
        rest = (y - X @ b) @ (y - X @ b)
        se = np.sqrt(np.diag(V) * rest / (n - k - 1))
        law = stats.norm if normal else stats.t(n - k - 1)
        t = b / se
        p = 2 * law.sf(np.abs(t))
        half = law.isf(0.025) * se
        r2 = 1 - rest / ((y - y.mean()) @ (y - y.mean()))
        yield n, r2, 1 - (1 - r2) * (n - 1) / (n - k - 1), list(zip(b, se, t, p, b - half, b + half, strict=True))


def cell(one, below, decimals, form):
    """Print one coefficient with what stands below it, as text, list or mapping."""
    b, se, t, p, low, high = one
    show = lambda value: f"{value:.{decimals}f}"  # noqa: E731
    stars = int(sum(p < level for level in LEVELS))
    second = {"se": show(se), "t": f"{t:.2f}", "z": f"{t:.2f}", "p": f"{p:.3f}", "ci": [show(low), show(high)]}[below]
    if form == "mapping":
        return {"b": show(b), below: second, "se": show(se), "stars": str(stars)}
    if form == "list":
        return [show(b), second, str(stars)]
    text = ", ".join(second) if isinstance(second, list) else second
    return f"{show(b)}{'*' * stars} ({text})".replace("-", "\u2212")


def drawn(seed, below, count):
    rng = np.random.default_rng(seed)
    tables = {}
    for k, (n, r2, adjusted, terms) in enumerate(fits(rng, count, below == "z")):
        decimals, form = int(rng.integers(2, 6)), ("text", "list", "mapping")[k % 3]
        column = {f"x{j}": cell(one, below, decimals, form) for j, one in enumerate(terms[1:])}
        column["_cons"] = cell(terms[0], below, decimals, form)
        facts = {"n": f"{n:,}", "r2": f"{r2:.3f}", "adj_r2": f"{adjusted:.3f}"}
        tables[f"t{k}"] = {"c": {**column, **(facts if k % 3 or n < 40 else {})}}
    return {"below": below, "star_levels": ["0.10", "0.05", "0.01"], "tables": tables}


def check(content, tmp_path):
    path = tmp_path / "paper.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return check_paper(path)


@pytest.mark.parametrize("below", BELOWS)
def test_right_tables_raise_no_alarm(tmp_path, below):
    """Ninety regressions for each kind, a third in each form: some 1,800 cells in all."""
    checked = check(drawn(BELOWS.index(below), below, 90), tmp_path)
    alarms = checked.findings[checked.findings["verdict"].isin(["disagrees", "unusual"])]
    assert alarms.empty, alarms.to_string()
    assert checked.coverage.used["stars"] > 200
    assert not any("coefficient" in reason for reason in checked.coverage.unchecked)


CLEAR = {"b": "0.500", "se": "0.100", "t": "5.00", "p": "0.000", "ci": ["0.304", "0.696"], "stars": "3"}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, set()),
        ({"stars": "2"}, {"stars"}),
        ({"t": "-5.00"}, {"sign of t"}),
        ({"t": "0.50"}, {"t statistic", "p-value"}),
        ({"p": "0.040"}, {"stars", "p-value"}),
        ({"p": "1.040"}, {"p-value", "stars"}),
        ({"ci": ["0.804", "0.996"]}, {"interval"}),
        ({"ci": ["0.304", "0.996"]}, {"interval"}),
        ({"ci": ["0.104", "0.896"]}, {"interval"}),
        ({"ci": ["-0.304", "0.696"]}, {"interval", "interval and p"}),
        ({"se": "-0.100"}, {"standard error"}),
        ({"p": None, "t": None, "ci": None, "se": "1.000"}, {"stars"}),
        ({"percent": "64.9"}, set()),
        ({"percent": "54.9"}, {"percent of effect"}),
        ({"elasticity": "1.000"}, set()),
        ({"elasticity": "0.100"}, {"elasticity"}),
    ],
)
def test_each_planted_misprint_of_a_cell_is_found(tmp_path, change, found):
    given = {key: value for key, value in {**CLEAR, **change}.items() if value is not None}
    content = {
        "star_levels": ["0.10", "0.05", "0.01"],
        "outcome": "y",
        "descriptives": {"y": ["500", "1.0000", "0.5"], "x": ["500", "2.0000", "0.5"]},
        "tables": {"t": {"c": {"n": "500", "x": given, "z": {"b": "-0.100", "t": "-1.00", "stars": "0"}}}},
    }
    checked = check(content, tmp_path).findings
    assert set(checked.loc[checked["verdict"] == "disagrees", "check"]) == found


@pytest.mark.parametrize(("reduced", "expected"), [("0.200", "agrees"), ("0.300", "disagrees")])
def test_two_stages(tmp_path, reduced, expected):
    iv = {
        "first_stage": {"z": ["0.400", "0.050"]},
        "reduced_form": {"z": [reduced, "0.050"]},
        "second_stage": {"x": ["0.500", "0.1"]},
    }
    found = check({"tables": {"iv": iv}}, tmp_path).findings
    assert found.loc[found["check"] == "two stages", "verdict"].tolist() == [expected]


@pytest.mark.parametrize(("adjusted", "expected"), [("0.300", "disagrees"), ("0.243", "agrees"), ("0.200", "agrees")])
def test_adjusted_r2(tmp_path, adjusted, expected):
    column = {"x": ["0.5", "0.1"], "w": ["0.5", "0.1"], "n": "30", "r2": "0.295", "adj_r2": adjusted}
    found = check({"tables": {"t": {"c": column}}}, tmp_path).findings
    assert found.loc[found["check"] == "adjusted R2", "verdict"].tolist() == [expected]


@pytest.mark.parametrize(
    ("name", "facts", "expected"),
    [
        ("plain", {}, ["disagrees"]),
        ("psm_did", {}, []),
        ("c2", {"method": "sdm"}, []),
        ("c2", {"controls": "none"}, []),
    ],
)  # fmt: skip
def test_only_models_that_nest_are_compared(tmp_path, name, facts, expected):
    x, w = ["0.5", "0.1"], ["0.1", "0.1"]
    hidden = {"controls": "all"} if "controls" in facts else {}
    columns = {"a": {"x": x, "n": "30", "r2": "0.7", **hidden}, name: {"x": x, "w": w, "n": "30", "r2": "0.4", **facts}}
    found = check({"tables": {"t": columns}}, tmp_path).findings
    order = found[found["check"] == "R2 order"]
    assert order["verdict"].tolist() == expected
    assert "certain" not in set(order["sure"])


def test_a_cell_that_repeats_under_another_outcome_is_unusual(tmp_path):
    same = ["0.1234", "0.0567"]
    columns = {"a": {"outcome": "y", "n": "300", "x": same}, "b": {"outcome": "z", "n": "300", "x": same}}
    found = check({"tables": {"t": columns}}, tmp_path).findings
    assert found.loc[found["check"] == "repeated cell", "verdict"].tolist() == ["unusual"]
