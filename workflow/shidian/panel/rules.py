"""The declared rules between series, held against the values: a volume that breaks one is one finding, which stops."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import PanelError
from shidian.measures import parse_measure
from shidian.messages import say
from shidian.panel.checks import CHECK_COLUMNS, printed_values
from shidian.study.model import Accepted, PanelSpec, Rule
from shidian.study.sized import conversion_factor

LEAST, SHARE = 4, 0.2
"""Units, and the share of those of a period, from which on what breaks a rule is the volume."""
NAMES = {
    "most": say("parts above the whole"), "sum": say("parts and whole"), "product": say("product and factors"),
    "units": say("sum of units and whole"),
}  # fmt: skip
"""Kind of a rule -> the name of its check."""


def rule_findings(long: pd.DataFrame, spec: PanelSpec) -> tuple[pd.DataFrame, list[str], list[Accepted]]:
    """Hold the values behind a panel against the declared rules.

    Args:
        long: raw values behind the panel.
        spec: the study's panel.

    Returns:
        Findings (``CHECK_COLUMNS``): one a volume where many units break a rule, else one a unit; the volumes that
        stop, in words; the accepted entries that they meet.
    """
    rows, stops, met = [], [], []
    for rule in spec.checks.rules:
        held = held_against(long, rule, spec.own_measures)
        per_year = held.groupby("year")["off"].agg(["sum", "size"])
        whole = per_year.index[(per_year["sum"] >= LEAST) & (per_year["sum"] > SHARE * per_year["size"])]
        for year in whole:
            detail = say(
                "'{rule}' does not hold in {count} of {units} units, in other periods in {rest} of {rows}",
                rule=rule.text, count=int(per_year["sum"][year]), units=int(per_year["size"][year]),
                rest=int(per_year["sum"].drop(year).sum()), rows=int(per_year["size"].drop(year).sum()),
            )  # fmt: skip
            entries = [a for a in spec.checks.accept if a.period == year and a.series in (rule.whole, *rule.terms)]
            met += entries
            if entries:
                detail = say("{detail}; accepted: {reason}", detail=detail, reason=entries[0].reason)
            elif spec.checks.strict:
                stops.append(f"{rule.whole.partition('.')[0]}, {spec.period.label(int(year))}: {detail}")
            rows.append({"check": NAMES[rule.how], "indicator": rule.whole, "year": int(year), "detail": detail})
        single = held[held["off"] & ~held["year"].isin(whole)]
        rows += [_unit_row(rule, row) for row in single.to_dict("records")]
    texts = dict.fromkeys(CHECK_COLUMNS, "") | {"value": np.nan, "compared_with": np.nan}
    return pd.DataFrame([texts | row for row in rows], columns=list(CHECK_COLUMNS)), stops, met


def _unit_row(rule: Rule, row: Mapping[Hashable, Any]) -> dict[str, object]:
    detail = say("'{rule}': {whole:,.6g} and {other:,.6g}", rule=rule.text, whole=row["whole"], other=row["other"])
    return {
        "check": NAMES[rule.how], "indicator": rule.whole, "unit": row["unit"], "year": row["year"],
        "value": row["whole"], "compared_with": row["other"], "cell_id": row["cell_id"], "detail": detail,
    }  # fmt: skip


def held_against(long: pd.DataFrame, rule: Rule, extra: Mapping[str, str]) -> pd.DataFrame:
    """Return ``unit, year, whole, other, cell_id, off`` of the rows that have all numbers of a rule.

    ``other`` is the right side in the unit of measure of the whole. Of a sum over units a row is a whole, such as a
    province in a year, under its first unit.
    """
    whole, *terms = (printed_values(long, name) for name in (rule.whole, *rule.terms))
    if whole.empty or any(term.empty for term in terms):
        return pd.DataFrame(columns=["unit", "year", "whole", "other", "cell_id", "off"]).astype({"off": bool})
    measures = [parse_measure(str(part["measure"].iloc[0]), extra) for part in (whole, *terms)]
    held = whole[["unit", "year", "value", "cell_id"]].rename(columns={"value": "whole"})
    for n, term in enumerate(terms):
        held = held.merge(term[["unit", "year", "value"]].rename(columns={"value": f"term_{n}"}), on=["unit", "year"],
                          how="left" if rule.how == "units" else "inner")  # fmt: skip
    parts = held[[f"term_{n}" for n in range(len(terms))]].to_numpy(float)
    if rule.how == "product":
        held["other"] = parts.prod(axis=1) * conversion_factor(prod(measures[2:], start=measures[1]), measures[0])
    else:
        held["other"] = parts @ np.array([conversion_factor(term, measures[0]) for term in measures[1:]])
    if rule.how == "units":
        held = _added(held)
    return held.assign(off=_off(held, rule))


def _added(held: pd.DataFrame) -> pd.DataFrame:
    """Return one row a whole and year: the cell of the whole is the same for all its units. Sums with gaps are none."""
    rows = held.sort_values(["year", "cell_id", "unit"]).groupby(["year", "cell_id"], sort=False)
    added = rows.agg(
        unit=("unit", "first"), whole=("whole", "first"), other=("other", "sum"), there=("other", "count"),
        size=("other", "size"),
    ).reset_index()  # fmt: skip
    return added[added["there"] == added["size"]]


def _off(held: pd.DataFrame, rule: Rule) -> pd.Series:
    """Say which rows break a rule."""
    whole, other, slack = held["whole"], held["other"], rule.tolerance * held["whole"].abs()
    if rule.how == "most":
        return other > whole + slack + 1e-9 * whole.abs()
    if rule.how != "units":
        return (other - whole).abs() > slack
    # not all units of a province need be in the panel: the sum is held against what it is of the whole in other years
    share = other / whole.where(whole > 0)
    usual = share.groupby([held["unit"], held["size"]]).transform("median")
    return (share > 1 + rule.tolerance) | ((share / usual - 1).abs() > rule.tolerance)


def refuse_unmet(entries: Sequence[Accepted], spec: PanelSpec) -> None:
    """Raise PanelError where an accepted slip is none."""
    if entries:
        raise PanelError(
            f"checks.accept names a slip of '{entries[0].series}' in {spec.period.label(entries[0].period)}, and no "
            "such slip is found: take the entry out"
        )
