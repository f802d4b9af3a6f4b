"""Functions of variable formulas: against computations of their own, in any order of rows, with gaps, and refused."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata
from shidian.errors import PanelError, StudyError
from shidian.indicators.chain_index import chain_index
from shidian.measures import parse_measure
from shidian.panel.compute import compute_variable
from shidian.panel.scope import Scope
from shidian.period import Period
from shidian.study.formula_functions import FUNCTIONS
from shidian.study.regressors import same_variables
from shidian.study.variables import Catalogue, SeriesInfo, resolve_variables
from shidian.yearbook.categories import code_of

MEASURES = {
    "x": "万元", "y": "万元", "z": "元", "share": "%", "people": "人", "price": "1", "region_price": "1", "one": "1",
    "city": "category", "adopted": "year",
}  # fmt: skip
CATALOGUE = Catalogue({
    "made": {name: SeriesInfo(one, True, is_category=one == "category") for name, one in MEASURES.items()}
})  # fmt: skip


def variable_of(formula, period=None, **spec):
    return resolve_variables({"v": {"formula": formula, **spec}}, {}, ["made"], CATALOGUE, period=period)[0]


def computed(formula, frame, period=None, **spec):
    """Return the values of a formula on a frame of unit, year and series, and the ledger's lines."""
    rows = frame[["unit", "year"]].assign(unit_name=frame["unit"]).reset_index(drop=True)
    columns = {name: frame[name].to_numpy(dtype=float) for name in frame if name not in ("unit", "unit_name")}
    scope = Scope(rows, columns, period or Period())
    return compute_variable(variable_of(formula, period, **spec), scope)


def panel(seed=3, units=7, years=9, share=0.8):
    """Make units by years with rows left out and values missing, rows in any order."""
    rng = np.random.default_rng(seed)
    keys = pd.MultiIndex.from_product([[f"u{n}" for n in range(units)], range(2001, 2001 + years)])
    frame = keys.to_frame(index=False, name=["unit", "year"])
    n = len(frame)
    frame["x"] = np.where(rng.random(n) < 0.9, rng.lognormal(3, 1, n).round(2), np.nan)
    frame["y"] = rng.normal(size=n)
    frame["one"] = rng.integers(0, 4, n)
    frame["price"] = rng.uniform(0.9, 1.4, n)
    frame["region_price"] = rng.uniform(0.9, 1.4, n)
    frame["city"] = [code_of(text) for text in rng.choice(["北京", "上海", "C39"], n)]
    return frame[rng.random(n) < share].sample(frac=1, random_state=seed)


def by_row(frame, value):
    return np.array([value(row["unit"], row["year"], row) for row in frame.to_dict("records")], dtype=float)


def series(frame, name="x"):
    return {(u, t): v for u, t, v in frame[["unit", "year", name]].itertuples(index=False)}


@pytest.mark.parametrize("k", [1, 3])
def test_other_periods_are_read_by_period_not_by_row(k):
    frame = panel()
    x = series(frame)
    expected = {
        f"lag(x, {k})": lambda u, t, r: x.get((u, t - k), np.nan),
        f"lead(x, {k})": lambda u, t, r: x.get((u, t + k), np.nan),
        f"diff(x, {k})": lambda u, t, r: r["x"] - x.get((u, t - k), np.nan),
        f"growth(x, {k})": lambda u, t, r: r["x"] / x.get((u, t - k), np.nan) - 1,
    }
    for formula, value in expected.items():
        np.testing.assert_allclose(computed(formula, frame)[0], by_row(frame, value), rtol=1e-14, err_msg=formula)
    for name in ("lag", "lead", "diff", "growth"):
        np.testing.assert_array_equal(computed(f"{name}(x)", frame)[0], computed(f"{name}(x, 1)", frame)[0])


def test_a_sum_runs_until_a_year_is_missing():
    frame = panel(share=0.93)
    x, years = series(frame), range(2001, 2010)

    def value(unit, year, row):
        known = [t for t in years if not math.isnan(x.get((unit, t), np.nan))]
        upto = [t for t in known if t <= year]
        whole = upto and upto[-1] == year and len(upto) == year - known[0] + 1
        return sum(x[unit, t] for t in upto) if whole else np.nan

    found, ledger = computed("cumulate(x)", frame)
    expected = by_row(frame, value)
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    lost = np.isnan(expected) & frame["x"].notna().to_numpy()
    assert 0 < lost.sum() == ledger[0]["rows"]
    assert ledger[0]["reason"].startswith("after a year without a value")


GROUPS = {"city": ["city"], "city, year": ["city", "year"], "[one, unit]": ["one", "unit"], "year": ["year"]}


@pytest.mark.parametrize("by", GROUPS)
def test_group_functions_are_those_of_a_loop_over_groups(by):
    frame, columns = panel(), GROUPS[by]
    found = {name: np.full(len(frame), np.nan) for name in ("mean", "without", "count", "rank", "z")}
    x = frame["x"].to_numpy()
    for rows in frame.reset_index(drop=True).groupby(columns).indices.values():
        known = rows[~np.isnan(x[rows])]
        found["count"][rows] = len(known)
        if len(known):
            found["mean"][rows] = sum(x[known]) / len(known)
            found["rank"][known] = rankdata(x[known])
        for row in rows:
            others = [x[r] for r in known if r != row]
            found["without"][row] = sum(others) / len(others) if others else np.nan
        if len(set(x[known])) > 1:
            found["z"][known] = (x[known] - np.mean(x[known])) / np.std(x[known], ddof=1)
    lenient = {"invalid": "missing"}
    np.testing.assert_allclose(computed(f"group_mean(x, {by})", frame)[0], found["mean"], rtol=1e-12)
    np.testing.assert_array_equal(computed(f"group_count(x, {by})", frame)[0], found["count"])
    np.testing.assert_allclose(
        computed(f"group_mean(x, {by}, leave_out)", frame, **lenient)[0], found["without"], rtol=1e-11
    )
    np.testing.assert_array_equal(computed(f"rank(x, {by})", frame)[0], found["rank"])
    np.testing.assert_allclose(computed(f"standardise(x, {by})", frame, **lenient)[0], found["z"], rtol=1e-9)


def xtile(values, n):
    """Group values as Stata's xtile does: cut points of pctile, ties at or below a cut point in its group."""
    ordered, m = sorted(values), len(values)
    cuts = []
    for j in range(1, n):
        place = Fraction(m * j, n)
        at = int(place)
        cuts.append((ordered[at - 1] + ordered[at]) / 2 if place == at else ordered[at])
    return [1 + sum(value > cut for cut in cuts) for value in values]


@given(st.lists(st.integers(0, 12), min_size=5, max_size=60), st.integers(2, 5))
@settings(max_examples=60, deadline=None)
def test_quantile_groups_are_those_of_xtile(values, n):
    frame = pd.DataFrame({"unit": [f"u{i}" for i in range(len(values))], "year": 2001, "x": values})
    found = computed(f"quantile_group(x, {n}, year)", frame)[0]
    assert found.tolist() == xtile(values, n)
    shuffled = frame.sample(frac=1, random_state=1)
    assert computed(f"quantile_group(x, {n})", shuffled)[0].tolist() == found[shuffled.index].tolist()


def test_quantile_groups_are_made_within_each_year():
    frame = panel(share=1.0)
    found = computed("quantile_group(x, 3, year)", frame)[0]
    for rows in frame.reset_index(drop=True).groupby("year").indices.values():
        known = rows[frame["x"].notna().to_numpy()[rows]]
        assert found[known].tolist() == xtile(frame["x"].to_numpy()[known].tolist(), 3)
    assert np.isnan(found[frame["x"].isna().to_numpy()]).all()


def test_functions_of_the_row():
    frame = panel().assign(z=3.0)
    x, y = frame["x"].to_numpy(), frame["y"].to_numpy()
    np.testing.assert_array_equal(computed("min(x, y, 2)", frame)[0], np.minimum(np.minimum(x, y), 2))
    np.testing.assert_array_equal(computed("max(x, y)", frame)[0], np.maximum(x, y))  # missing where x is
    np.testing.assert_allclose(computed("asinh(x)", frame)[0], np.log(x + np.sqrt(x**2 + 1)), rtol=1e-14)
    assert computed("max(year, adopted)", frame.assign(adopted=2004.0))[0].min() == 2004


def stock(flows, lost, first=None, ratio=None, before=False):
    """Accumulate the plainest way."""
    began = flows[0] / ratio if ratio else flows[0] / (first + lost[0])
    found = [flows[0] + (1 - lost[0]) * began if before else began]
    for flow, share in zip(flows[1:], lost[1:], strict=True):
        found.append(flow + (1 - share) * found[-1])
    return found


INVESTMENT = [10.0, 12.0, 11.0, 15.0, 18.0, 20.0, 26.0, 25.0]


@pytest.mark.parametrize(
    ("options", "how"),
    [
        ("initial: growth", {"first": (20 / 10) ** (1 / 5) - 1}),
        ("", {"first": (20 / 10) ** (1 / 5) - 1}),
        ("initial: growth, years: 2", {"first": (11 / 10) ** (1 / 2) - 1}),
        ("initial: growth, growth: 0.161", {"first": 0.161}),
        ("initial: growth, growth: 0.161, start: year_before", {"first": 0.161, "before": True}),
        ("initial: ratio", {"ratio": 0.1}),
        ("initial: ratio, ratio: 0.12", {"ratio": 0.12}),
        ("ratio: 0.12, initial: ratio, start: year_before", {"ratio": 0.12, "before": True}),
    ],
)
def test_perpetual_inventory_is_a_loop_over_years(options, how):
    frame = pd.DataFrame({"unit": "a", "year": range(2001, 2009), "x": INVESTMENT, "share": np.linspace(8, 12, 8)})
    frame = pd.concat([frame, frame.assign(unit="b", year=frame["year"] + 3, x=frame["x"] * 2)])
    frame = frame.sample(frac=1, random_state=4)
    given_by = f", {options}" if options else ""
    for lost, formula in (([0.096] * 8, "0.096"), (list(np.linspace(0.08, 0.12, 8)), "share")):
        found, ledger = computed(f"perpetual_inventory(x, {formula}{given_by})", frame)
        table = pd.Series(found, index=pd.MultiIndex.from_frame(frame[["unit", "year"]])).sort_index()
        np.testing.assert_allclose(table["a"], stock(INVESTMENT, lost, **how), rtol=1e-13)
        np.testing.assert_allclose(table["b"], 2 * table["a"].to_numpy(), rtol=1e-13)
        assert ledger == []


def test_a_stock_ends_at_a_gap_and_needs_its_first_years():
    frame = pd.DataFrame({"unit": "a", "year": range(2001, 2009), "x": INVESTMENT})
    gap = frame.assign(x=frame["x"].mask(frame["year"].isin([2001, 2005])))
    found, ledger = computed("perpetual_inventory(x, 0.1, initial: ratio)", gap)
    assert np.isnan(found).tolist() == [True, False, False, False, True, True, True, True]
    assert [(line["rows"], line["reason"][:26]) for line in ledger] == [(3, "after a year without a val")]
    found, ledger = computed("perpetual_inventory(x, 0.1, initial: growth, years: 3)", gap)
    assert np.isnan(found).all()
    assert "too few years of investment without a gap" in ledger[1]["reason"]
    rows = frame.drop(index=3)  # no row of 2004 is the same as none of its investment
    assert np.isnan(computed("perpetual_inventory(x, 0.1)", rows, invalid="missing")[0]).all()
    assert np.isfinite(computed("perpetual_inventory(x, 0.1, years: 2)", rows)[0]).sum() == 3


@pytest.mark.parametrize(
    ("change", "options"),
    [
        ({"x": [0.0, *INVESTMENT[1:]]}, "initial: ratio"),
        ({"x": [-1.0, *INVESTMENT[1:]]}, "initial: growth"),
        ({"x": [100.0, 50, 20, 10, 5, 2, 1, 1]}, "initial: growth"),
        ({"share": [9.6] * 3 + [150.0] + [9.6] * 4}, "initial: ratio"),
    ],
)
def test_a_stock_without_a_meaning_stops_the_run_or_is_counted(change, options):
    frame = pd.DataFrame({"unit": "a", "year": range(2001, 2009), "x": INVESTMENT, "share": 9.6}).assign(**change)
    formula = f"perpetual_inventory(x, share, {options})"
    with pytest.raises(PanelError, match=r"the first being a a in 200[14] \(the first investment, or growth plus"):
        computed(formula, frame)
    found, ledger = computed(formula, frame, invalid="missing")
    assert np.isnan(found).sum() == ledger[0]["rows"] > 4
    assert ledger[0]["reason"].endswith("no share from 0 to 1: left empty")


def test_real_values_by_a_price_index():
    frame = panel(share=1.0).dropna().sort_values(["unit", "year"])
    base = frame["unit"].map(frame[frame["year"] == 2003].set_index("unit")["price"])
    expected = frame["x"] / (frame["price"] / base)
    for factor in (1, 100):
        found = computed("deflate(x, price, 2003)", frame.assign(price=frame["price"] * factor))[0]
        np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_an_index_of_each_year_against_the_one_before_is_chained():
    frame = panel(units=4, share=1.0).fillna({"x": 5.0})
    level = chain_index(frame["price"] * 100, frame["unit"], frame["year"], 2004).to_numpy()
    expected = frame["x"].to_numpy() / level
    for hundred in (1, 100):
        table = frame.assign(price=frame["price"] * hundred)
        found = computed(f"deflate(x, price, 2004, chained: {hundred})", table)[0]
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    gap = frame.assign(price=frame["price"].mask((frame["unit"] == "u1") & (frame["year"] == 2006)))
    found = computed("deflate(x, price, 2004, chained: 1)", gap)[0]
    lost = ((frame["unit"] == "u1") & (frame["year"] >= 2006)).to_numpy()
    np.testing.assert_allclose(found, np.where(lost, np.nan, expected), rtol=1e-12)
    first = frame.assign(price=frame["price"].mask(frame["year"] == 2001))  # that of the first year is not needed
    np.testing.assert_allclose(computed("deflate(x, price, 2004, chained: 1)", first)[0], expected, rtol=1e-12)


def test_the_region_s_index_serves_units_without_a_whole_one():
    frame = panel(units=3, share=1.0).fillna({"x": 5.0})
    gaps = frame.assign(price=frame["price"].mask((frame["unit"] == "u1") & (frame["year"] == 2002)))
    found, ledger = computed("deflate(x, price, 2003, region_price)", gaps)
    own, region = (computed(f"deflate(x, {name}, 2003)", frame)[0] for name in ("price", "region_price"))
    np.testing.assert_array_equal(found, np.where(frame["unit"] == "u1", region, own))
    assert [(line["units"], line["rows"]) for line in ledger] == [(1, 9)]
    assert "price index of the region" in ledger[0]["reason"]


@pytest.mark.parametrize(
    ("formula", "frame", "words"),
    [
        ("growth(x)", {"x": [0.0, 1.0, 2.0]}, "in 2002: correct"),
        ("standardise(x)", {"x": [0.1, 0.1, 0.1]}, r"in 2001 \(all values of the group are equal\)"),
        ("quantile_group(x, 4)", {"x": [1.0, 2.0, 3.0]}, r"fewer values in the group of rows than 4 quantile groups"),
        ("group_mean(x, year, leave_out)", {"x": [1.0, 2.0, 3.0]}, "no other row of the group has a value"),
        ("group_mean(ln(x), unit)", {"x": [1.0, 0.0, 3.0]}, "in 1 unit-years, the first being a a in 2002: correct"),
        ("rank(1 / x)", {"x": [1.0, 0.0, 3.0]}, "in 1 unit-years, the first being a a in 2002"),
        ("cumulate(ln(x))", {"x": [1.0, 0.0, 3.0]}, "in 2 unit-years, the first being a a in 2002"),
        ("deflate(x, price, 2002)", {"x": [1.0, 2.0, 3.0], "price": [1.0, 0.0, 1.0]}, "index is not above zero"),
        ("deflate(x, price, 2001, chained: 1)", {"x": [1.0] * 3, "price": [1.0, -1.0, 1.0]}, "index is not above zero"),
        ("lag(growth(x))", {"x": [0.0, 1.0, 2.0]}, "in 1 unit-years, the first being a a in 2003"),
    ],
)
def test_nothing_is_divided_by_zero_unseen(formula, frame, words):
    table = pd.DataFrame({"unit": "a", "year": [2001, 2002, 2003], **frame})
    with pytest.raises(PanelError, match=words):
        computed(formula, table)
    found, ledger = computed(formula, table, invalid="missing")
    assert not np.isinf(found).any()
    assert ledger
    assert all(line["rows"] and line["reason"].endswith("left empty") for line in ledger)


def test_a_choice_looks_only_at_the_side_it_takes():
    table = pd.DataFrame({"unit": "a", "year": [2001, 2002, 2003], "x": [0.0, 1.0, 2.0]})
    found, ledger = computed("if(year > 2002, growth(x), 0)", table)
    assert (found.tolist(), ledger) == ([0.0, 0.0, 1.0], [])


EVERY = [
    "lag(x)", "lead(x, 2)", "diff(x)", "growth(x)", "cumulate(x)", "group_mean(x, city, year)", "rank(x, year)",
    "group_count(x, city)",
    "group_mean(x, unit, leave_out)", "quantile_group(x, 2)", "standardise(x, city)", "min(x, y)", "base(x, 2003)",
    "deflate(x, price, 2003)", "deflate(x, price, 2003, region_price, chained: 1)",
    "perpetual_inventory(x, 0.1, initial: ratio)", "asinh(x)", "max(x, lag(x))", "rank(group_mean(x, city), year)",
]  # fmt: skip


@pytest.mark.parametrize("formula", EVERY)
def test_the_order_of_rows_and_the_names_of_units_do_not_matter(formula):
    frame = panel(seed=5).reset_index(drop=True)
    plain = computed(formula, frame, invalid="missing")[0]
    order = np.random.default_rng(0).permutation(len(frame))
    shuffled = computed(formula, frame.iloc[order], invalid="missing")[0]
    np.testing.assert_allclose(shuffled, plain[order], rtol=1e-12)
    renamed = frame.assign(unit=frame["unit"].map(lambda name: f"{9 - int(name[1:])}号"))
    np.testing.assert_allclose(computed(formula, renamed, invalid="missing")[0], plain, rtol=1e-12)


@pytest.mark.parametrize("formula", [f for f in EVERY if "asinh" not in f and "min" not in f])
def test_values_follow_the_unit_of_measure(formula):
    """What keeps the unit of measure is ten thousand times as large in yuan; what is a pure number is the same."""
    frame = panel(seed=6).assign(z=lambda one: one["x"] * 1e4)
    in_yuan = formula.replace("x", "z").replace("maz", "max")
    plain, other = variable_of(formula, invalid="missing"), variable_of(in_yuan, invalid="missing")
    a, b = (computed(f, frame, invalid="missing")[0] for f in (formula, in_yuan))
    assert {plain.measure, other.measure} in ({parse_measure("1")}, {parse_measure("万元"), parse_measure("元")})
    np.testing.assert_allclose(b * other.measure.factor, a * plain.measure.factor, rtol=1e-12)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("diff(city)", r"'diff\(…\)' of a category"),
        ("growth(city)", "of a category"),
        ("cumulate(city)", "of a category"),
        ("group_mean(city, year)", "of a category"),
        ("rank(city)", "of a category"),
        ("quantile_group(city, 3)", "of a category"),
        ("standardise(city)", "of a category"),
        ("asinh(city)", "of a category"),
        ("min(x, city)", "'min' of a category"),
        ("deflate(x, city, 2003)", "of a category"),
        ("perpetual_inventory(city, 0.1)", "of a category"),
        ("perpetual_inventory(x, city)", "of a category"),
        ("min(x, z)", r"'min' joins \[10000 yuan\] and \[yuan\]: convert one with to"),
        ("max(x, people)", "'max' joins"),
        ("min(share, 1)", r"'min' takes 1 for 1 \[%\]: write 100 for the whole"),
        ("perpetual_inventory(x, z)", r"the depreciation is in \[yuan\], and must be a share"),
        ("perpetual_inventory(x, 9.6)", "a depreciation of 9.6 is no share of the stock from 0 to 1: write 0.096"),
        ("exp(x)", r"exp\(…\) of a quantity"),
        ("min(x)", "wrong arguments for min"),
        ("diff(x, 0)", "wrong arguments for diff"),
        ("lead(x, 1.5)", "wrong arguments for lead"),
        ("growth(x, 1, 2)", "wrong arguments for growth"),
        ("group_mean(x)", "wrong arguments for group_mean"),
        ("group_mean(x, leave_out)", "wrong arguments for group_mean"),
        ("group_mean(x, 'city')", "expected the name of a column that group_mean is by, without quotes"),
        ("rank(x, 3)", "expected the name of a column that rank is by"),
        ("rank(x, cty)", "no source of the study provides 'cty' .did you mean 'city'"),
        ("quantile_group(x, year)", "a further argument of quantile_group must be a number"),
        ("quantile_group(x, 1)", "wrong arguments for quantile_group"),
        ("quantile_group(x, 2.5, year)", "wrong arguments for quantile_group"),
        ("standardise(x, [year, ])", "expected the name of a column"),
        ("standardise(x, [year)", r"expected '\]'"),
        ("deflate(x, price)", "wrong arguments for deflate"),
        ("deflate(x, price, 1)", "wrong arguments for deflate"),
        ("deflate(x, price, 2003, chained: 10)", "wrong arguments for deflate"),
        ("deflate(x, price, '2003')", "without 'period' in the study its base is a year"),
        ("perpetual_inventory(x)", "wrong arguments for perpetual_inventory"),
        ("perpetual_inventory(x, 0.1, initial: mean)", "wrong arguments for perpetual_inventory"),
        ("perpetual_inventory(x, 0.1, initial: ratio, growth: 0.1)", "wrong arguments for perpetual_inventory"),
        ("perpetual_inventory(x, 0.1, growth: 0.1, years: 3)", "wrong arguments for perpetual_inventory"),
        ("perpetual_inventory(x, 0.1, years: 0)", "wrong arguments for perpetual_inventory"),
        ("perpetual_inventory(x, 0.1, initial: ratio, ratio: 0)", "wrong arguments for perpetual_inventory"),
        ("perpetual_inventory(x, 0.1, start: 2003)", "wrong arguments for perpetual_inventory"),
        ("perpetual_inventory(x, 0.1, start: year_before, start: year_before)", "'start' is given twice"),
        ("lag(x, years: 3)", "wrong arguments for lag"),
        ("mean(x)", "unknown function 'mean'"),
        ("standardize(x)", "did you mean 'standardise'"),
    ],
)
def test_what_has_no_meaning_is_refused(formula, words):
    with pytest.raises(StudyError, match=words):
        variable_of(formula)


@pytest.mark.parametrize("formula", ["lag(x)", "diff(x)", "cumulate(x)", "base(x, 2001)", "deflate(x, price, 2001)",
                                     "perpetual_inventory(x, 0.1)"])  # fmt: skip
def test_several_rows_of_a_unit_in_a_year_are_refused_where_other_years_are_read(formula):
    frame = pd.DataFrame({"unit": ["a", "a", "b"], "year": 2001, "x": [1.0, 2.0, 3.0], "price": 1.0})
    with pytest.raises(PanelError, match="unit a a has several rows in one period"):
        computed(formula, frame)
    assert computed("group_mean(x, unit, year)", frame)[0].tolist() == [1.5, 1.5, 3.0]


def test_periods_count_steps_and_bases_are_written_as_periods():
    frame = pd.DataFrame({"unit": "a", "year": [8043, 8044, 8046], "x": [1.0, 3.0, 9.0], "price": [2.0, 1.0, 4.0]})
    quarter = Period("quarter")
    assert computed("diff(x)", frame, quarter)[0].tolist()[1] == 2
    assert np.isnan(computed("growth(x)", frame, quarter)[0][[0, 2]]).all()  # 2011Q2 has no row
    assert computed("deflate(x, price, '2011Q1')", frame, quarter)[0].tolist() == [0.5, 3.0, 2.25]
    with pytest.raises(StudyError, match="write the quarter in quotes"):
        computed("deflate(x, price, 2011)", frame, quarter)
    second = Period("year", 2, 1)
    assert computed("lead(x, 2)", frame, second)[0].tolist()[1] == 9
    for formula in ("perpetual_inventory(x, 0.1)", "deflate(x, price, '2011', chained: 100)"):
        with pytest.raises(StudyError, match=r"of every year, and 'period\.step: 2' passes over some"):
            variable_of(formula, second)


def test_a_standardised_variable_is_a_copy_but_within_groups_it_is_none():
    formulas = {"a": "x", "b": "standardise(x)", "c": "standardise(x, year)"}
    assert same_variables(resolve_variables(formulas, {}, ["made"], CATALOGUE)) == {"a": "a", "b": "a", "c": "c"}


def test_every_function_has_an_example_of_its_own():
    for name, function in FUNCTIONS.items():
        assert f"{name}(" in function.about, name
