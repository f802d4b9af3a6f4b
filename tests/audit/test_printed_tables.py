"""Checks of printed tables: each fires where it must, is silent where it must, and claims no more than the digits."""

import textwrap

import numpy as np
import pytest
from shidian.errors import EstimationError
from shidian.indicators.inequality import smallest_ratio, theil_maximum, theil_t

from .printed_papers import BASE, run, verdicts


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
