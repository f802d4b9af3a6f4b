"""Filling of gaps at the boundaries of what was declared: gaps of just so many years, ends just so far away."""

import pandas as pd
import pytest
from shidian.panel.fill import fill_gaps
from shidian.panel.fill_methods import METHODS
from shidian.study.model import Fill
from shidian.trace.cells import cells_of


def filled(known: dict[int, float], years: range, max_gap: int, ends: bool = False):
    """Fill one unit's values; return year -> (value, flag) of what was added, and the ledger."""
    long = pd.DataFrame({
        "unit": "a", "year": list(known), "value": list(known.values()), "source_id": "s", "indicator": "x",
        "measure": "", "factor": 1.0, "flag": "", "cell_id": [f"!{y}" for y in known],
    })  # fmt: skip
    rows = pd.DataFrame({"unit": "a", "year": list(years)})
    found, ledger = fill_gaps(long, rows, [Fill("s.x", max_gap, ends)])
    new = found[found["flag"] != ""]
    return {r["year"]: (r["value"], r["flag"]) for r in new.to_dict("records")}, ledger


@pytest.mark.parametrize(("max_gap", "values"), [(2, []), (3, [2.0, 4.0, 6.0]), (4, [2.0, 4.0, 6.0])])
def test_a_gap_of_three_years(max_gap, values):
    """0 in 2000 and 8 in 2004: the missing years step by two; a gap longer than declared stays empty whole."""
    found, _ = filled({2000: 0.0, 2004: 8.0}, range(2000, 2005), max_gap=max_gap)
    assert list(found.values()) == [(value, "interpolated") for value in values]
    assert list(found) == [2001, 2002, 2003][: len(values)]


@pytest.mark.parametrize("max_gap", [1, 2, 3])
def test_ends_are_carried_as_many_years_as_declared(max_gap):
    found, ledger = filled({2005: 1.0, 2006: 3.0}, range(2000, 2012), max_gap=max_gap, ends=True)
    before, after = range(2005 - max_gap, 2005), range(2007, 2007 + max_gap)
    assert found == dict.fromkeys(before, (1.0, "carried")) | dict.fromkeys(after, (3.0, "carried"))
    assert (ledger[0]["units"], ledger[0]["rows"]) == (1, 2 * max_gap)


def test_ends_stay_empty_where_they_are_not_declared():
    assert filled({2005: 1.0, 2006: 3.0}, range(2003, 2009), max_gap=3) == ({}, [])


def methods(how: str, known: dict[int, float], years: range, max_gap: int = 2, ends: bool = False):
    """Fill the values of unit 130100 by a method; two other units of the province and one of another have values."""
    others = {"130200": {2001: 10.0, 2002: 20.0, 2005: 5.0}, "130300": {2001: 40.0}, "370100": {2001: 1e6, 2003: 1e6}}
    parts = [(unit, year, value) for unit, values in {"130100": known, **others}.items()
             for year, value in values.items()]  # fmt: skip
    long = pd.DataFrame(parts, columns=["unit", "year", "value"]).assign(
        source_id="s", indicator="x", measure="", factor=1.0, flag="as_printed"
    )
    long["cell_id"] = [f"s/1/!{unit}:{year}" for unit, year in zip(long["unit"], long["year"], strict=True)]
    rows = pd.DataFrame({"unit": "130100", "year": list(years)})
    found, ledger = fill_gaps(long, rows, [Fill("s.x", max_gap, ends, how)])
    new = found[found["flag"] != "as_printed"].set_index("year")
    assert set(new["unit"]) <= {"130100"}
    return new[["value", "flag", "cell_id"]], ledger


KNOWN = {2000: 100.0, 2003: 800.0, 2005: 50.0}


def test_geometric_fills_at_the_growth_that_leads_from_one_value_to_the_next():
    """100 in 2000 and 800 in 2003 double each year; between 800 and 50 lies their geometric mean, 200."""
    new, ledger = methods("geometric", KNOWN, range(1999, 2008), ends=True)
    assert new["value"].to_dict() == pytest.approx(
        {1999: 100.0, 2001: 200.0, 2002: 400.0, 2004: 200.0, 2006: 50.0, 2007: 50.0}, rel=1e-12
    )
    assert new["flag"].to_dict() == {1999: "carried", 2001: "geometric", 2002: "geometric", 2004: "geometric",
                                     2006: "carried", 2007: "carried"}  # fmt: skip
    assert cells_of(new.loc[2001, "cell_id"], "geometric") == ["s/1/!130100:2000", "s/1/!130100:2003"]
    assert {line["reason"]: line["rows"] for line in ledger} == {
        "interpolated at a constant growth rate: gaps of at most 2 years": 3, "carried: gaps of at most 2 years": 3,
    }  # fmt: skip


@pytest.mark.parametrize("how", ["geometric", "mean_growth"])
def test_no_growth_from_zero_is_left_empty_and_counted(how):
    new, ledger = methods(how, {2000: 0.0, 2003: 800.0}, range(2000, 2004))
    assert new.empty
    reason = "gaps left empty: a growth rate needs two values of the unit, both above zero"
    assert [(line["rows"], line["units"], line["reason"]) for line in ledger] == [(2, 1, reason)]


def test_mean_growth_goes_on_at_the_growth_of_all_years():
    """From 100 to 25 in five years: 2002 is 100 (1/4)^(2/5); 2006 is 25 (1/4)^(1/5); 1999 lies as much above 100."""
    new, _ = methods("mean_growth", {2000: 100.0, 2003: 40.0, 2005: 25.0}, range(1999, 2009), ends=True)
    rate = 0.25 ** (1 / 5)
    wanted = {1999: 100 / rate, 2001: 100 * rate, 2002: 100 * rate**2, 2004: 40 * rate, 2006: 25 * rate,
              2007: 25 * rate**2}  # fmt: skip
    assert new["value"].to_dict() == pytest.approx(wanted, rel=1e-12)
    assert set(new["flag"]) == {"mean_growth"}
    ends = ["s/1/!130100:2000", "s/1/!130100:2005"]
    assert cells_of(new.loc[2004, "cell_id"], "mean_growth") == ["s/1/!130100:2003", *ends]
    assert cells_of(new.loc[2001, "cell_id"], "mean_growth") == ends


def test_the_mean_of_the_province_is_that_of_its_other_units():
    """2001: (10 + 40) / 2; 2002: 20 of one unit; 2004: no unit has a value, which is counted; 2006 is an end."""
    new, ledger = methods("province_mean", KNOWN, range(2000, 2007), ends=True)
    assert new["value"].to_dict() == {2001: 25.0, 2002: 20.0}
    assert cells_of(new.loc[2001, "cell_id"], "province_mean") == ["s/1/!130200:2001", "s/1/!130300:2001"]
    reasons = {line["reason"]: line["rows"] for line in ledger}
    assert reasons == {"mean of the province in the year: gaps of at most 2 years": 2,
                       "gaps left empty: no other unit of the province has a value in the year": 2}  # fmt: skip


def test_the_nearest_year_is_the_earlier_of_two():
    new, _ = methods("nearest", KNOWN, range(1999, 2007), ends=True)
    assert new["value"].to_dict() == {1999: 100.0, 2001: 100.0, 2002: 800.0, 2004: 800.0, 2006: 50.0}
    assert set(new["flag"]) == {"nearest"}


@pytest.mark.parametrize("how", list(METHODS))
def test_limits_hold_for_every_method(how):
    """A gap of two years stays empty whole where one is declared, and ends stay empty where they are not."""
    new, _ = methods(how, {2000: 100.0, 2003: 800.0}, range(1999, 2006), max_gap=1)
    assert new.empty
    new, _ = methods(how, {2000: 100.0, 2002: 800.0}, range(1990, 2006), max_gap=1, ends=True)
    assert set(new.index) <= {1999, 2001, 2003}
    assert 2001 in new.index


@pytest.mark.parametrize("how", list(METHODS))
def test_units_of_measure_do_not_matter(how):
    one, _ = methods(how, KNOWN, range(1999, 2007), ends=True)
    large = {year: value * 1e4 for year, value in KNOWN.items()}
    if how != "province_mean":
        other, _ = methods(how, large, range(1999, 2007), ends=True)
        assert other["value"].to_numpy() == pytest.approx(one["value"].to_numpy() * 1e4, rel=1e-12)


def test_what_was_filled_fills_nothing_else():
    long = pd.DataFrame({
        "unit": "a", "year": [2000, 2003], "value": [1.0, 7.0], "source_id": "s", "indicator": "x", "measure": "",
        "factor": 1.0, "flag": "as_printed", "cell_id": ["s/1/!1", "s/1/!2"],
    })  # fmt: skip
    rows = pd.DataFrame({"unit": "a", "year": range(2000, 2007)})
    found, _ = fill_gaps(long, rows, [Fill("s.x", 1, True, "nearest"), Fill("s.x", 3, True, "linear")])
    values = found.set_index("year")["value"].to_dict()
    assert values == {2000: 1.0, 2001: 3.0, 2002: 5.0, 2003: 7.0, 2004: 7.0, 2005: 7.0, 2006: 7.0}
