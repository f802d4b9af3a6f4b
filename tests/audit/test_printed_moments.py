"""Moments of whole numbers, of groups and percentages: right ones never disagree, impossible ones always do."""

import numpy as np
import pytest
import yaml
from shidian.audit.printed_tables.check import check_tables


def findings(content, tmp_path):
    path = tmp_path / "paper.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return check_tables(path)


def verdict(found, check):
    return found.loc[found["check"] == check, "verdict"].tolist()


def moments(values, decimals=2):
    mean, sd = (f"{f:.{decimals}f}" for f in (values.mean(), values.std(ddof=1)))
    return [str(len(values)), mean, sd, f"{values.min():g}", f"{values.max():g}"]


def test_drawn_scales_and_counts_are_possible(tmp_path):
    rng = np.random.default_rng(7)
    rows, kinds = {}, {}
    for k in range(30):
        values = rng.integers(1, int(rng.integers(3, 8)), int(rng.integers(5, 45))).astype(float)
        rows[f"s{k}"], kinds[f"s{k}"] = moments(values), {"kind": "scale"}
        rows[f"c{k}"], kinds[f"c{k}"] = (
            moments(rng.poisson(3, int(rng.integers(5, 60))).astype(float)),
            {"kind": "count"},
        )
    found = findings({"descriptives": rows, "variables": kinds}, tmp_path)
    assert set(found["verdict"]) <= {"agrees", "undecided"}
    samples = found[found["check"] == "sample"]
    assert len(samples) == 60
    assert (samples["verdict"] == "agrees").sum() > 50
    assert samples["computed"].str.startswith("for example").sum() > 50


@pytest.mark.parametrize(
    ("row", "check"),
    [
        (["20", "3.47", "1.20", "1", "5"], "whole total"),  # 69.4 of 20
        (["10", "3.10", "1.15", "1", "5"], "whole squares"),
        (["12", "1.083", "2.503", "0", "9"], "sample"),  # squares add to 83; nine and four ones to 85
    ],
)
def test_impossible_moments_of_whole_numbers(tmp_path, row, check):
    found = findings({"descriptives": {"x": row}, "variables": {"x": {"kind": "scale"}}}, tmp_path)
    assert verdict(found, check) == ["disagrees"]
    assert found.loc[found["check"] == check, "sure"].tolist() == ["certain"]


def test_means_of_items_are_finer(tmp_path):
    kind = {"kind": "scale", "low": "1", "high": "5"}
    for items, expected in (("3", "agrees"), ("1", "disagrees")):
        content = {"descriptives": {"x": ["10", "3.47", "1.02"]}, "variables": {"x": {**kind, "items": items}}}
        assert verdict(findings(content, tmp_path), "whole total") == [expected]


def groups(seed):
    rng = np.random.default_rng(seed)
    parts = [rng.normal(rng.normal(), 1 + rng.random(), int(rng.integers(10, 80))) for _ in range(3)]
    rows = lambda v: [str(len(v)), *(f"{f:.3f}" for f in (v.mean(), v.std(ddof=1), v.min(), v.max()))]  # noqa: E731
    return {
        "descriptives": {"x": rows(np.concatenate(parts))},
        "groups": {"split": {f"g{k}": {"x": rows(part)} for k, part in enumerate(parts)}},
    }


def test_right_groups_agree(tmp_path):
    for seed in range(15):
        found = findings(groups(seed), tmp_path)
        assert set(found["verdict"]) == {"agrees"}, found.to_string()
        assert {"group sizes", "group means", "group spreads", "group range"} <= set(found["check"])


@pytest.mark.parametrize(
    ("place", "value", "check"),
    [
        (("groups", "split", "g0", "x", 0), "9", "group sizes"),
        (("groups", "split", "g1", "x", 1), "0.777", "group means"),
        (("descriptives", "x", 2), "0.900", "group spreads"),
        (("groups", "split", "g2", "x", 4), "9.000", "group range"),
    ],
)
def test_one_wrong_moment_of_a_group_is_found(tmp_path, place, value, check):
    content = groups(1)
    at = content
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    assert "disagrees" in verdict(findings(content, tmp_path), check)


def test_without_rows_the_whole_lies_between_its_groups(tmp_path):
    content = {
        "descriptives": {"x": {"mean": "2.50"}},
        "groups": {"s": {"a": {"x": {"mean": "1.00"}}, "b": {"x": {"mean": "2.00"}}}},
    }
    assert verdict(findings(content, tmp_path), "group means") == ["disagrees"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["45", "120", "37.5%"], "agrees"), (["45", "120", "38.5"], "disagrees"), (["130", "120", None], "disagrees"),
        ({"n": "12", "percent": "37.5"}, "disagrees"), ({"n": "16", "percent": "37.5"}, "agrees"),
    ],
)  # fmt: skip
def test_percentages(tmp_path, given, expected):
    assert verdict(findings({"percentages": {"x": given}}, tmp_path), "percentage") == [expected]


@pytest.mark.parametrize(("median", "expected"), [("2.0", "agrees"), ("5.0", "disagrees")])
def test_quantiles_rise(tmp_path, median, expected):
    row = {
        "n": "50",
        "mean": "2.5",
        "sd": "1.0",
        "min": "0.1",
        "p25": "1.0",
        "median": median,
        "p75": "3.0",
        "max": "9.0",
    }
    assert verdict(findings({"descriptives": {"x": row}}, tmp_path), "quantiles") == [expected]
