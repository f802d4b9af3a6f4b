"""The functions of variable formulas: what each computes, and which arguments it takes after the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

YEARS, MOST_YEARS_BACK, MOST_GROUPS = (1900, 2100), 200, 1000
"""Years that are read as numbers; most periods of a lag, and of a mean growth; most quantile groups."""
UNIT, LEAVE_OUT = "unit", "leave_out"
"""Words in the place of a column: the unit of the row; groups without the row itself."""


@dataclass(frozen=True)
class Function:
    """A function.

    Attributes:
        about: what it computes, with an example; it ends up in config/README.md.
        takes: kinds of the arguments after the first, in order: ``periods``, ``year``, ``count``, ``measure``,
            ``values``, ``expression``, ``column``, ``named``. One with ``?`` may be left out, with ``*`` it comes any
            number of times, with ``+`` at least once.
    """

    about: str
    takes: tuple[str, ...] = ()


_GROUP = "The group is all rows of the panel that agree in the columns named, texts, `year` and `unit` among them"
FUNCTIONS: dict[str, Function] = {
    "ln": Function(
        "natural logarithm, of x in its own unit of measure: ln(gdp). In ln(x) - ln(y) one kind is brought to one size"
    ),
    "log10": Function("logarithm to base 10: log10(gdp)"),
    "exp": Function(
        "exponential, of a number without a unit of measure; of logarithms it has the unit of what they are of: "
        "exp(ln_gdp)"
    ),
    "sqrt": Function("square root: sqrt(x^2 + y^2)"),
    "abs": Function("absolute value: abs(x)"),
    "asinh": Function(
        "inverse hyperbolic sine, ln(x + sqrt(x^2 + 1)), of x in its own unit of measure, on which it depends: "
        "asinh(patents)"
    ),
    "min": Function("smallest of several values of the row, missing where one is: min(x, y), min(share, 1)", (
        "expression+",)),
    "max": Function("largest of several values of the row, missing where one is: max(x, y), max(profit, 0)", (
        "expression+",)),
    "lag": Function(
        "value of the same unit k years earlier: lag(x, k), k a whole number from 1, 1 when not given; periods count, "
        "not rows, and years before the panel's first are not read",
        ("periods?",),
    ),
    "lead": Function("value of the same unit k years later: lead(x, k), as lag", ("periods?",)),
    "diff": Function("x - lag(x, k): diff(x), diff(x, 2)", ("periods?",)),
    "growth": Function("x / lag(x, k) - 1: growth(gdp) is 0.08 where gdp is 8 % above the year before", ("periods?",)),
    "cumulate": Function(
        "sum of the unit's values from its first on: cumulate(investment); after a gap in its years nothing, counted "
        "in the ledger"
    ),
    "base": Function(
        "the unit's own value in a base year, in every year: x / base(x, 2005) is an index with 2005 = 1", ("year",)
    ),
    "since": Function(
        "1 from the year that is the value of x on, 0 before it and for units without one: since(pilot_year), the "
        "dummy of another policy from its list"
    ),
    "deflate": Function(
        "x at the prices of a base year, by a price index of any level: deflate(gdp, cpi, 2005) is gdp / (cpi / "
        "base(cpi, 2005)). A fourth argument is the index of the region, which serves throughout those units whose own "
        "lacks a year of theirs: deflate(gdp, city_cpi, 2005, province_cpi). `chained: 100` says that the index "
        "compares with the year before (上年=100): 'deflate(gdp, cpi, 2005, chained: 100)'",
        ("expression", "year", "expression?", "named*"),
    ),
    "perpetual_inventory": Function(
        "capital stock K_t = I_t + (1 - d) K_(t-1) of real investment I and depreciation d, a share or a column (Zhang "
        "Jun, Wu Guiying and Zhang Jipeng 2004: 0.096): 'perpetual_inventory(investment, 0.096, initial: growth)'. The "
        "stock of the unit's first year of investment is I / (g + d) by `initial: growth`, g the geometric mean growth "
        "of the `years: 5` that follow, or given as `growth: 0.161`; it is I / 0.1 by `initial: ratio`, another "
        "share as `ratio: 0.12`. With `start: year_before` it is that of the year before. After a gap nothing, counted "
        "in the ledger",
        ("expression", "named*"),
    ),
    "group_mean": Function(
        "mean of x over the row's group, each row with a value counting once: group_mean(x, industry, year). With "
        f"leave_out the row's own value does not count: group_mean(x, city, year, leave_out). {_GROUP}",
        ("column+",),
    ),
    "group_count": Function(
        "number of rows of the group that have a value of x: group_count(rate, unit) is the number of years in which "
        f"the unit has one. {_GROUP}",
        ("column+",),
    ),
    "rank": Function(
        f"rank of x in its group, 1 for the smallest, equal values the mean of their ranks: rank(x, year). {_GROUP}; "
        "without columns it is all rows",
        ("column*",),
    ),
    "quantile_group": Function(
        "quantile group of x, 1 to n from the smallest: quantile_group(x, 4, year) makes quartiles of each year. Cut "
        f"points are those of Stata's xtile; equal values share a group. {_GROUP}; without columns it is all rows",
        ("count", "column*"),
    ),
    "standardise": Function(
        "x less the mean of its group, in standard deviations (n - 1): standardise(x), standardise(x, year). "
        f"{_GROUP}; without columns it is all rows",
        ("column*",),
    ),
    "if": Function("a where the condition holds, b where it does not: if(industry == 'C39', output, 0)"),
    "in": Function(
        "1 where x is one of the values listed, 0 where it is another: in(industry, ['C39', 'C40']), in(year, [2009, "
        "2010])",
        ("values+",),
    ),
    "to": Function("converted to another unit of the same kind: to(x, 'yuan/person')", ("measure",)),
}  # fmt: skip
BY_GROUP = ("group_mean", "group_count", "rank", "quantile_group", "standardise")
"""Functions whose value has to do with other units' rows."""

Named = Mapping[str, float | str]


def named_options(function: str, named: Named) -> tuple[float | str, ...] | None:
    """Return the options that named arguments make; None where they are not the function's, or exclude each other.

    Of ``perpetual_inventory``: what the first stock comes of (``mean_growth``, ``growth`` or ``ratio``), the number of
    years, the growth or the ratio, and ``first_year`` or ``year_before``.
    """
    if function == "deflate":
        return tuple(named.values()) if set(named) <= {"chained"} and set(named.values()) <= {1.0, 100.0} else None
    given = {"initial": "growth", "start": "first_year", **named}
    initial, start = given.pop("initial"), given.pop("start")
    if start not in ("first_year", "year_before") or len(given) > 1:
        return None
    key, value = next(iter(given.items()), ("years", 5.0) if initial == "growth" else ("ratio", 0.1))
    if isinstance(value, str) or key not in {"growth": ("years", "growth"), "ratio": ("ratio",)}.get(str(initial), ()):
        return None
    good = is_whole(value, (1, MOST_YEARS_BACK)) if key == "years" else key == "growth" or value > 0
    return ("mean_growth" if key == "years" else key, value, start) if good else None


def is_whole(value: float | str, within: tuple[int, int]) -> bool:
    """Say whether an argument is a whole number within two others."""
    return isinstance(value, float) and value == int(value) and within[0] <= value <= within[1]
