"""Checks of printed tables: each fires where it must, is silent where it must, and claims no more than the digits."""

import textwrap
from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy import stats
from shidian.audit.printed_tables.check import CHECKS, check_tables, describe, write_findings
from shidian.audit.printed_tables.interval import Interval, Printed
from shidian.cli import main
from shidian.errors import AuditError, EstimationError
from shidian.indicators.inequality import smallest_ratio, theil_maximum, theil_t


def run(tmp_path, text):
    path = tmp_path / "paper.yaml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return check_tables(path)


def verdicts(findings, check):
    return findings.loc[findings["check"] == check, "verdict"].tolist()


# --- arithmetic of printed digits


def test_a_printed_number_stands_for_all_that_round_to_it():
    assert Printed("0.0230").interval == Interval(pytest.approx(0.02295), pytest.approx(0.02305))
    assert Printed("72").interval == Interval(71.5, 72.5)
    assert Printed("1", exact=True).interval == Interval(1, 1)


def test_intervals_enclose_every_value():
    rng = np.random.default_rng(1)
    for _ in range(500):
        (a, b), (c, d) = np.sort(rng.normal(size=(2, 2)), axis=1)
        x, y = Interval(a, b), Interval(c, d)
        u, v = rng.uniform(a, b), rng.uniform(c, d)
        for result, value in ((x + y, u + v), (x - y, u - v), (x * y, u * v), (x / y, u / v), (x.square(), u * u)):
            assert result.meets(value), (x, y, u, v)


# --- one check each: a table where it fires, a table where it does not

BASE = """
    sample: {{units: 100, first_year: 2001, last_year: 2010, balanced: true, n: 1000}}
    tables:
      baseline:
        columns: {{a: {{n: 1000, r2: 0.10}}, b: {{n: 1000, r2: {r2}}}}}
        rows:
          did: {{a: [0.50, 0.10, 3], b: [0.40, {se}, {stars}]}}
          x: {{b: [0.01, 0.02, 0]}}
"""


@pytest.mark.parametrize(
    ("se", "stars", "expected"),
    [
        ("0.10", 3, "agrees"),
        ("0.10", 2, "disagrees"),  # t from 3.76 to 4.26
        ("0.20", 3, "disagrees"),  # t from 1.93 to 2.08
        ("0.20", 2, "agrees"),
        ("0.20", 1, "agrees"),  # 1.93 earns one star: the digits allow it
        ("0.0", 3, "undecided"),
        ("0.3", 3, "disagrees"),  # t from 1.13 to 1.62
    ],
)
def test_stars(tmp_path, se, stars, expected):
    found = run(tmp_path, BASE.format(se=se, stars=stars, r2="0.12"))
    row = found[(found["where"] == "baseline b: did") & found["check"].isin(["stars", "standard error"])]
    assert row["verdict"].tolist() == [expected]


def test_few_clusters_take_the_t_distribution(tmp_path):
    """Ten provinces: t = 3.18 earns two stars with t(9), three with the normal."""
    text = """
        sample: {units: 31, first_year: 2011, last_year: 2022, balanced: true, n: 372}
        tables:
          regions: {columns: {east: {nqp: [1.878, 0.591, 2], n: 120}, west: {nqp: [1.878, 0.591, 3], n: 120}}}
    """
    found = run(tmp_path, text)
    stars = found[found["check"] == "stars"].set_index("where")
    assert stars.loc["regions east: nqp", "sure"] == "with t(9), not with normal"
    assert stars.loc["regions west: nqp", "sure"] == "with normal, not with t(9)"


def test_stars_that_leave_the_convention_of_all_others_are_unusual(tmp_path):
    rows = "\n".join(f"x{n}: {{c: [1.878, 0.591, 2]}}" for n in range(5))
    text = f"""
        sample: {{units: 10, first_year: 2011, last_year: 2022, n: 120}}
        tables:
          regions:
            columns: {{c: {{n: 120}}}}
            rows:
{textwrap.indent(rows, " " * 14)}
              odd: {{c: [1.878, 0.591, 3]}}
    """
    found = run(tmp_path, text)
    assert found.loc[found["where"] == "regions c: odd", "verdict"].tolist() == ["unusual"]


def test_declared_star_levels(tmp_path):
    text = "star_levels: [0.05, 0.01, 0.001]\ntables: {t: {c: {x: [0.2000, 0.1000, 1]}}}"
    assert verdicts(run(tmp_path, text), "stars") == ["agrees"]
    assert verdicts(run(tmp_path, text.replace("1]}", "2]}")), "stars") == ["disagrees"]


def test_a_negative_standard_error(tmp_path):
    found = run(tmp_path, BASE.format(se="-0.10", stars=3, r2="0.12"))
    assert verdicts(found, "standard error") == ["disagrees"]


@pytest.mark.parametrize(("r2", "expected"), [("0.12", "agrees"), ("0.10", "agrees"), ("0.08", "disagrees")])
def test_r2_does_not_fall_in_a_larger_column(tmp_path, r2, expected):
    assert verdicts(run(tmp_path, BASE.format(se="0.10", stars=3, r2=r2)), "R2 order") == [expected]


def test_r2_may_fall_when_fixed_effects_come_in_as_within_r2(tmp_path):
    text = (
        "tables: {t: {columns: {a: {r2: 0.9}, b: {r2: 0.2, fe: [unit]}}, rows: {x: {a: [1, 0.1, 3], b: [1, 0.1, 3]}}}}"
    )
    assert verdicts(run(tmp_path, text), "R2 order") == ["unusual"]


def test_r2_beyond_one(tmp_path):
    assert "disagrees" in verdicts(run(tmp_path, BASE.format(se="0.10", stars=3, r2="1.12")), "R2")


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("{units: 10, first_year: 2001, last_year: 2005, balanced: true, n: 50}", "agrees"),
        ("{units: 10, first_year: 2001, last_year: 2005, balanced: true, n: 48}", "disagrees"),
        ("{units: 10, first_year: 2001, last_year: 2005, balanced: false, n: 48}", "agrees"),
        ("{units: 10, first_year: 2001, last_year: 2005, balanced: false, n: 51}", "disagrees"),
        ("{units: 10, first_year: 2001, last_year: 2005}", "implied"),
    ],
)
def test_units_times_years(tmp_path, sample, expected):
    assert verdicts(run(tmp_path, f"sample: {sample}"), "sample size") == [expected]


SPLIT = """
    sample: {{units: 100, first_year: 2001, last_year: 2010, balanced: true, n: 1000}}
    tables: {{heterogeneity: {{columns: {{{columns}}}}}}}
"""


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("east: {n: 400}, central: {n: 350}, west: {n: 250}", ["agrees"]),
        ("east: {n: 400}, central: {n: 350}, west: {n: 240}", ["disagrees"]),
        ("high_fin: {n: 500}, low_fin: {n: 500}, c1_key: {n: 600}, c2_non_key: {n: 390}", ["agrees", "disagrees"]),
        ("grain: {n: 100}, fruit: {n: 900}", ["agrees"]),
    ],
)
def test_subsamples_add_to_the_sample(tmp_path, columns, expected):
    assert sorted(verdicts(run(tmp_path, SPLIT.format(columns=columns)), "subsamples")) == expected


def test_half_a_unit_is_unusual(tmp_path):
    columns = "a: {n: 500}, b: {n: 463}, c: {n: 900}"
    assert sorted(verdicts(run(tmp_path, SPLIT.format(columns=columns)), "whole units")) == [
        "agrees", "agrees", "unusual",
    ]  # fmt: skip


VALUES = """
    sample: {{units: 100, first_year: 2001, last_year: 2010, balanced: false}}
    descriptives: {{y: [1000, 1.0, 0.5], x: [990, 1.0, 0.5], m: [1000, 1.0, 0.5]}}
    tables:
      baseline: {{columns: {{a: {{n: {n}, controls: all}}}}, rows: {{x: {{a: [0.5, 0.1, 3]}}}}}}
      mediation: {{columns: {{m: {{outcome: m, did: [0.5, 0.1, 3], n: {m}}}}}}}
"""


@pytest.mark.parametrize(
    ("n", "m", "disagreeing"),
    [(990, 990, []), (995, 990, ["baseline a"]), (980, 990, ["baseline a"]), (990, 1000, ["mediation m"])],
)
def test_no_more_rows_than_values(tmp_path, n, m, disagreeing):
    found = run(tmp_path, VALUES.format(n=n, m=m))
    wrong = found[(found["check"] == "values behind") & (found["verdict"] == "disagrees")]
    assert wrong["where"].tolist() == disagreeing


@pytest.mark.parametrize(
    ("row", "check", "expected"),
    [
        ("x: [100, 5.0, 2.0, 0.0, 10.0]", "spread", "agrees"),
        ("x: [100, 5.0, 5.2, 0.0, 10.0]", "spread", "disagrees"),  # at most 5.025 of exact numbers: half at each end
        ("x: [100, 5.0, 0.5, 0.0, 10.0]", "spread", "disagrees"),  # both ends alone give sd 0.71
        ("x: [100, 5.0, 0.8, 0.0, 10.0]", "spread", "agrees"),
        ("x: [100, 11.0, 2.0, 0.0, 10.0]", "range", "disagrees"),
        ("x: [100, 10.04, 2.0, 0.0, 10.0]", "range", "agrees"),
        ("x: [5.0, 2.0, 0.0, 10.0]", "spread", "agrees"),
        ("did: [40, 0.128, 0.338, 0, 1]", "whole total", "disagrees"),  # 5.12 of 40
        ("did: [40, 0.125, 0.335, 0, 1]", "whole total", "agrees"),
        ("did: [4000, 0.12, 0.33, 0, 1]", "whole total", "undecided"),
        ("did: [40, 0.125, 0.335, 0, 1]", "0/1", "agrees"),
        ("did: [40, 0.125, 0.310, 0, 1]", "0/1", "disagrees"),
        ("did: [40, 0.125, 0.335, 0, 2]", "0/1", "disagrees"),
        ("ris: [100, 0.3, 0.2, -0.03, 1.7]", "bounds", "disagrees"),
        ("urban: [100, 0.5, 0.2, 0.1, 1.2]", "bounds", "disagrees"),
        ("urban: [100, 0.5, 0.2, 0.1, 1]", "bounds", "agrees"),
    ],
)
def test_descriptives(tmp_path, row, check, expected):
    found = verdicts(run(tmp_path, f"descriptives: {{{row}}}"), check)
    assert (expected in found) if expected != "agrees" else set(found) == {"agrees"}


def test_declared_kinds_are_certain(tmp_path):
    text = """
        descriptives: {patents: [10, 0.15, 0.3], a: [10, 0.30, 0.1], b: [10, 0.50, 0.1]}
        variables: {patents: {kind: count}, all: {parts: [a, b]}}
    """
    found = run(tmp_path, text).set_index("check")
    assert found.loc["whole total", "verdict"] == "disagrees"  # ten counts add to 1.45 to 1.55
    assert found.loc["whole total", "sure"] == "certain"
    assert found.loc["parts", "verdict"] == "disagrees"


def test_theil_reaches_its_maximum_and_no_more():
    rng = np.random.default_rng(2)
    for ratio in (1.0, 1.5, 2.5, 6.0, 20.0):
        shares = np.linspace(1e-6, 1 - 1e-6, 20001)
        values = [theil_t([ratio, 1.0], [p, 1 - p]) for p in [*rng.choice(shares, 60), *shares[::500]]]
        assert max(values) <= theil_maximum(ratio) + 1e-12
        assert theil_maximum(1 / ratio) == pytest.approx(theil_maximum(ratio), abs=1e-15)
        if ratio > 1:
            mean = ratio * np.log(ratio) / (ratio - 1)
            share = (mean - 1) / (ratio - 1)
            assert theil_t([ratio, 1.0], [share, 1 - share]) == pytest.approx(theil_maximum(ratio), abs=1e-14)
            assert smallest_ratio(theil_maximum(ratio)) == pytest.approx(ratio, abs=1e-8)
    for bad in (lambda: theil_maximum(0), lambda: smallest_ratio(-0.1)):
        with pytest.raises(EstimationError):
            bad()


@pytest.mark.parametrize(("ratio", "expected"), [("2.5", "disagrees"), ("6.0", "agrees")])
def test_theil_against_a_declared_ratio(tmp_path, ratio, expected):
    text = f"descriptives: {{theil: [100, 0.356, 0.186]}}\nvariables: {{theil: {{kind: theil, ratio: {ratio}}}}}"
    found = run(tmp_path, text)
    assert verdicts(found, "Theil") == sorted([expected, "implied"], key=["disagrees", "implied", "agrees"].index)
    assert "at least 5.58" in found.loc[found["verdict"] == "implied", "computed"].iloc[0]


MEDIATION = """
    tables:
      baseline: {{columns: {{a: {{did: [{total}, 0.010, 3]}}}}}}
      mediation:
        columns:
          m: {{outcome: m, did: [0.500, 0.010, 3]}}
          y: {{outcome: y, did: [0.100, 0.010, 3], m: [0.200, 0.010, 3]}}
        contribution: {{m: {share}}}
"""


@pytest.mark.parametrize(
    ("total", "share", "expected"),
    [
        ("0.200", "0.500", ["agrees", "agrees"]),
        ("0.210", "0.500", ["disagrees", "agrees"]),
        ("0.200", "0.520", ["agrees", "disagrees"]),
        ("0.200", "50.0", ["agrees", "agrees"]),
    ],
)
def test_mediation(tmp_path, total, share, expected):
    found = run(tmp_path, MEDIATION.format(total=total, share=share))
    assert [verdicts(found, f"mediation {what}")[0] for what in ("total", "share")] == expected


FIRST = """
    tables:
      iv:
        se_type: {kind}
        first_stage: {{z: [0.900, 0.100, 3], _cons: [1.0, 0.1, 3]}}
        {name}: {value}
"""


@pytest.mark.parametrize(
    ("kind", "name", "value", "expected"),
    [
        ("robust", "kp_rk_wald_f", "81.2", "agrees"),
        ("robust", "kp_rk_wald_f", "40", "disagrees"),
        ("robust", "cragg_donald_wald_f", "40", "undecided"),
        ("iid", "cragg_donald_wald_f", "40", "disagrees"),
    ],
)
def test_first_stage(tmp_path, kind, name, value, expected):
    found = run(tmp_path, FIRST.format(kind=kind, name=name, value=value))
    assert verdicts(found, "first-stage F") == [expected]


WRONG = {"agrees", "disagrees"}


def test_a_statistic_under_two_names(tmp_path):
    text = "tables: {iv: {kp_rk_wald_f: 28.9, text_says_28.9_is: 'Kleibergen-Paap rk %s'}}"
    assert verdicts(run(tmp_path, text % "LM"), "name") == ["disagrees"]
    assert verdicts(run(tmp_path, text % "Wald F"), "name") == ["agrees"]


@pytest.mark.parametrize(
    ("entry", "check", "expected"),
    [
        ("vif: {x: [4.000, 0.250]}", "VIF", {"agrees"}),
        ("vif: {x: [4.000, 0.300]}", "VIF", WRONG),
        ("vif: {x: [0.900, 1.111]}", "VIF", WRONG),
        ("t: {replications: 300, one: {f: 54.2, p: 0.050, crit: {p05: 53.7}}}", "threshold test", {"agrees"}),
        ("t: {replications: 300, one: {f: 50.2, p: 0.030, crit: {p05: 53.7}}}", "threshold test", WRONG),
        ("t: {replications: 100, one: {f: 54.2, p: 0.033, crit: {}}}", "threshold test", {"disagrees"}),
        ("t: {threshold_variable: x, one: {gamma: 12.0}}", "threshold range", {"disagrees"}),
        ("t: {threshold_variable: x, one: {gamma: 4.0}}", "threshold range", {"agrees"}),
        ("t: {threshold_variable: share of y, one: {gamma: 167.1}}", "threshold range", {"disagrees", "unusual"}),
        ("bdecomp: {rows: {a: [0.1, 0.6], b: [0.2, 0.4]}}", "decomposition", {"agrees"}),
        ("bdecomp: {rows: {a: [0.1, 0.7], b: [0.2, 0.7]}}", "decomposition", {"disagrees"}),
        ("c: {c: {did: [0.14, 0.1, 0]}}, bacon: {rows: {a: [0.1, 0.60], b: [0.2, 0.40]}}", "decomposition", {"agrees"}),
        ("c: {c: {did: [0.29, 0.1, 3]}}, bacon: {rows: {a: [0.1, 0.60], b: [0.2, 0.40]}}", "decomposition", WRONG),
    ],
)  # fmt: skip
def test_other_statistics(tmp_path, entry, check, expected):
    found = run(tmp_path, f"descriptives: {{x: [100, 5.0, 2.0, 0.0, 10.0]}}\ntables: {{{entry}}}")
    assert set(verdicts(found, check)) == expected


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [
        ("{treated: 40, never_treated: 60, units_total: 45, pilot_units: {2001: 20, 2002: 25}}", {"agrees"}),
        ("{treated: 45, never_treated: 60}", {"disagrees"}),
        ("{units_total: 50, pilot_units: {2001: 20, 2002: 25}}", {"disagrees"}),
        ("{treated: 50, units_total: 45}", {"unusual"}),
    ],
)
def test_treated_units(tmp_path, treatment, expected):
    text = f"sample: {{units: 100, first_year: 2001, last_year: 2010, n: 1000}}\ntreatment: {treatment}"
    assert set(verdicts(run(tmp_path, text), "treated units")) == expected


# --- fits: printed from real regressions no check may disagree, whatever the digits; with one number changed it must


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


# --- real papers


@pytest.fixture(scope="module")
def published(shared):
    folder = shared / "published"
    if not folder.exists():
        pytest.skip(f"{folder} is not there: the studies' printed numbers are not shipped")
    return folder


FOUND = {
    "income_gap_cities": {
        ("stars", "table2_baseline M2: open"),
        ("stars", "table2_baseline M4: did"),
        ("mediation total", "table5_mediation: ais"),
        ("mediation total", "table5_mediation: ris"),
        ("values behind", "table5_mediation M10_ais"),
        ("values behind", "table5_mediation M10_gap"),
        ("values behind", "table5_mediation M11_ris"),
        ("values behind", "table5_mediation M11_gap"),
        ("bounds", "descriptives: ris"),
        # not in the transcriber's list, argued in docs/printed_tables.md
        ("means", "table2_baseline M1"),
        ("R2 of one term", "table2_baseline M1"),
    },
    "industry_clusters_counties": {
        ("subsamples", "table6_heterogeneity: c1_high_value + c2_grain"),
        ("subsamples", "table6_heterogeneity: c5_high_financial + c6_low_financial"),
        ("name", "table3_iv"),
    },
    "productive_forces_provinces": {
        ("first-stage F", "table4_robustness iv_first_stage"),
        ("threshold range", "table5_threshold_tests single"),
    },
    "green_innovation_cities": {("mediation total", "table7_mediation: stru")},
    "talent_agglomeration": set(),
}


@pytest.mark.parametrize("name", FOUND)
def test_the_studies_own_contradictions_are_found(published, name):
    found = check_tables(published / f"{name}.yaml")
    wrong = found[found["verdict"] == "disagrees"]
    assert set(zip(wrong["check"], wrong["where"], strict=True)) == FOUND[name]


def test_few_provinces_explain_the_stars_of_the_regions(published):
    found = check_tables(published / "productive_forces_provinces.yaml")
    east = found[(found["check"] == "stars") & (found["where"] == "table7_regions east: nqp")]
    assert east["sure"].tolist() == ["with t(9), not with normal"]
    convention = found.loc[found["check"] == "stars: convention", "computed"].iloc[0]
    assert convention == "normal: 58 of 66; t(units - 1): 66 of 66"


@pytest.mark.parametrize("name", FOUND)
def test_the_transcribers_remarks_are_not_read(published, tmp_path, name):
    content = yaml.load((published / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    content["printed_oddities"] = ["all wrong"]
    path = tmp_path / f"{name}.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    assert check_tables(path).equals(check_tables(published / f"{name}.yaml"))


def test_castle_doctrine_agrees():
    found = check_tables(Path(__file__).parents[2] / "resources" / "published" / "castle_doctrine.yaml")
    assert set(found["verdict"]) == {"agrees"}
    assert verdicts(found, "decomposition") == ["agrees", "agrees"]


# --- files, command line, bad input


def test_files_and_summary(tmp_path, capsys):
    path = tmp_path / "paper.yaml"
    path.write_text(textwrap.dedent(BASE.format(se="0.10", stars=2, r2="0.12")), encoding="utf-8")
    assert main(["check-tables", str(path), "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert "DISAGREES  stars: baseline b: did" in printed
    page = (tmp_path / "out" / "paper.html").read_text(encoding="utf-8")
    assert "0.40 (0.10) **" in page
    assert page.startswith("<!DOCTYPE html>")
    rows = (tmp_path / "out" / "paper.csv").read_text(encoding="utf-8").splitlines()
    found = check_tables(path)
    assert rows[0] == "check,where,printed,computed,verdict,sure,why"
    assert len(rows) == len(found) + 1
    assert describe(found) in printed
    first = write_findings(path, found, tmp_path / "again")[0].read_bytes()
    assert first == (tmp_path / "out" / "paper.html").read_bytes()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- 1", "expected a mapping"),
        ("title: nothing", "nothing to check"),
        ("tables: 3", "at 'tables'"),
        ("descriptives: {x: [1, 2]}", "at 'descriptives.x': 2 numbers"),
        ("descriptives: {x: [1, a, 3]}", "'a' is no number"),
        ("tables: {t: {columns: {a: {n: 3}}, rows: {x: {b: [1, 2, 3]}}}}", "'b' is no column of the table"),
        ("tables: {t: {columns: {a: {n: 3}}, rows: {x: {a: [1, 2, 4]}}}}", "stars are counted 0 to 3, found '4'"),
        ("tables: {t: {columns: {a: {n: 3}}, rows: {x: {a: [one, 2, 3]}}}}", "expected [coefficient, standard error"),
        ("descriptives: {x: [1, 2.0, 3.0]}\nvariables: {x: {kind: shares}}", "did you mean 'share'"),
        ("descriptives: {x: [1, 2.0, 3.0]}\nvariables: {x: {low: a}}", "at 'variables.x.low'"),
        ("a: 1\na: 2", "given twice"),
    ],
)
def test_bad_files_are_named(tmp_path, text, words):
    with pytest.raises(AuditError, match=words.replace("[", r"\[").replace("(", r"\(")):
        run(tmp_path, text)


def test_a_missing_file_is_named(tmp_path, capsys):
    assert main(["check-tables", str(tmp_path / "none.yaml")]) == 1
    assert "there is no such file" in capsys.readouterr().err


def test_every_check_is_tried_here():
    assert len(CHECKS) == len(set(CHECKS)) == 20
