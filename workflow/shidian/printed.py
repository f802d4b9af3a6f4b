"""How single numbers are printed wherever they stand: in tables, notes, warnings and figures."""

from __future__ import annotations

from shidian.messages import say


def fixed(value: float, digits: int) -> str:
    """Return a number with so many decimals and separators between thousands ("-24,494.65").

    One below zero keeps its sign where it rounds to zero ("-0.000").
    """
    return f"{value if value else 0.0:,.{digits}f}"


def whole_or(value: float, digits: int) -> str:
    """Return a number of things: without decimals where it is whole ("279"), else with so many ("5.31")."""
    return f"{value:,.0f}" if float(value).is_integer() else fixed(value, digits)


def p_text(p: float, digits: int = 4) -> str:
    """Return a p-value with so many decimals, "< 0.0001" where those would print zero."""
    text = f"{p:.{digits}f}"
    return text if float(text) != 0 else f"< {10.0**-digits:.{digits}f}"


def statistic_name(df: float) -> str:
    """Return what an estimate over its standard error is called: z where the normal is taken (``df`` inf), else t."""
    return "z" if df == float("inf") else "t"


def p_words(p: float, digits: int = 4) -> str:
    """Return "p = 0.0123" or "p < 0.0001"."""
    text = p_text(p, digits)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def number_of_units(n: int) -> str:
    """Return "1 unit", "3 units"."""
    return say("{n} unit", n=n) if n == 1 else say("{n} units", n=n)
