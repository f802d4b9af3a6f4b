"""Checks of the raw values: what looks like a slip is reported with its cell, and changes no number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from shidian.measures import parse_measure
from shidian.messages import say
from shidian.panel.coded import codes_of, of_series, qualified_names, sorted_rows
from shidian.panel.fill_methods import FLAGS
from shidian.study.model import Agreement, Checks, Parts
from shidian.study.sized import conversion_factor
from shidian.yearbook.tables import CATEGORY

CHECK_COLUMNS = ("check", "indicator", "unit", "year", "value", "compared_with", "cell_id", "detail")


def check_values(long: pd.DataFrame, frame: pd.DataFrame, checks: Checks, extra: Mapping[str, str]) -> pd.DataFrame:
    """Return one row a finding (``CHECK_COLUMNS``), sorted.

    Jumps: a printed value is at least r times the unit's value of the year before, or at most 1/r of it, for the
    largest declared r that holds (10: a slipped digit; 10,000: 万元 read as 元). Parts: they differ from their whole
    by more than the tolerance. Shares: a variable outside [0, 1]. Agreement: two sources differ by more than the
    tolerance of the larger. A category has no jumps: its values are codes of texts.

    Args:
        long: raw values behind the panel.
        frame: the panel.
        checks: the declared checks.
        extra: units of measure that the study declares.
    """
    coded = set(qualified_names(long[long["measure"] == CATEGORY]).categories)
    names = [name for name in qualified_names(long).categories if name not in coded]
    findings = [_rows(pd.DataFrame()), *(_jumps(printed_values(long, name), checks.jumps) for name in names)]
    findings += [_parts(_several(long, [rule.whole, *rule.parts]), rule) for rule in checks.parts]
    findings += [_shares(frame, name) for name in checks.shares]
    findings += [_agreement(_several(long, [pair.first, pair.second]), pair, extra) for pair in checks.agree]
    table = pd.concat([part for part in findings if len(part)] or findings[:1], ignore_index=True)[list(CHECK_COLUMNS)]
    return table.sort_values(["check", "indicator", "unit", "year"], kind="stable").reset_index(drop=True)


def printed_values(long: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the values of a series that some year prints."""
    part = long.take(of_series(long, name))
    kept = part["value"].notna() & part["year"].notna() & ~part["flag"].isin(list(FLAGS))
    return part[kept.to_numpy(bool)].assign(name=name)


def _several(long: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the printed values of a few series."""
    return pd.concat([printed_values(long, name).astype({"unit": "str"}) for name in names], ignore_index=True)


def _jumps(printed: pd.DataFrame, ratios: tuple[float, ...]) -> pd.DataFrame:
    """Return the jumps of one series."""
    values = sorted_rows(printed, ["unit", "year"])
    unit, year = codes_of(values["unit"])[0], values["year"].to_numpy(dtype=np.int64)
    value = values["value"].to_numpy(dtype=float)
    before = np.concatenate([[np.nan], value[:-1]])[: len(value)]
    follows = np.zeros(len(value), dtype=bool)
    follows[1:] = (unit[1:] == unit[:-1]) & (year[1:] == year[:-1] + 1)
    follows &= (value > 0) & (before > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(follows, np.exp(np.abs(np.log(value / before))), 0.0)
    found = []
    for least, upper in pairwise([*ratios, np.inf]):
        hit = np.flatnonzero(follows & (ratio >= least) & (ratio < upper))
        part = values.take(hit).assign(compared_with=before[hit], check=say("jump of {ratio:,.0f} times", ratio=least))
        part["detail"] = [
            say("{ratio:,.1f} times the year before", ratio=t)
            if more
            else say("1/{ratio:,.1f} of the year before", ratio=t)
            for t, more in zip(ratio[hit], value[hit] > before[hit], strict=True)
        ]
        found.append(part)
    return _rows(pd.concat(found, ignore_index=True)) if found else _rows(values.iloc[:0])


def _parts(printed: pd.DataFrame, rule: Parts) -> pd.DataFrame:
    wide = printed[printed["name"].isin([rule.whole, *rule.parts])].pivot(
        index=["unit", "year"], columns="name", values="value"
    )
    wide = wide.reindex(columns=[rule.whole, *rule.parts]).dropna()
    total = wide[list(rule.parts)].sum(axis=1)
    off = (total - wide[rule.whole]).abs() > rule.tolerance * wide[rule.whole].abs()
    hit = pd.DataFrame({"value": wide.loc[off, rule.whole], "compared_with": total[off]}).reset_index()
    whole = printed[printed["name"] == rule.whole]
    hit = hit.merge(whole[["unit", "year", "name", "cell_id"]], on=["unit", "year"])
    hit["detail"] = [
        say("parts add to {total:g}, the whole is {whole:g}", total=t, whole=w)
        for t, w in zip(hit["compared_with"], hit["value"], strict=True)
    ]
    return _rows(hit.assign(check=say("parts and whole")))


def _shares(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    hit = frame[(frame[name] < 0) | (frame[name] > 1)]
    part = pd.DataFrame({"unit": hit["unit"], "year": hit["year"], "value": hit[name], "name": name})
    words = {"check": say("share outside 0 to 1"), "detail": say("a share")}
    return _rows(part.assign(**words, compared_with=np.nan, cell_id=""))


def _agreement(printed: pd.DataFrame, pair: Agreement, extra: Mapping[str, str]) -> pd.DataFrame:
    first, second = printed[printed["name"] == pair.first], printed[printed["name"] == pair.second]
    both = first.merge(
        second[["unit", "year", "value", "measure", "cell_id"]], on=["unit", "year"], suffixes=("", "_2")
    )
    if both.empty:
        return _rows(both.assign(check="", compared_with=0.0, detail=""))
    factor = conversion_factor(
        parse_measure(both["measure_2"].iloc[0], extra), parse_measure(both["measure"].iloc[0], extra)
    )
    other = both["value_2"] * factor
    off = (both["value"] - other).abs() > pair.tolerance * np.maximum(both["value"].abs(), other.abs())
    hit = both[off].assign(compared_with=other[off], check=say("sources disagree"))
    hit["detail"] = [
        say("{source} says {value:,.6g} {measure} ({cell})", source=pair.second, value=v, measure=m, cell=cell)
        for v, m, cell in zip(hit["value_2"], hit["measure_2"], hit["cell_id_2"], strict=True)
    ]
    return _rows(hit)


def _rows(hit: pd.DataFrame) -> pd.DataFrame:
    """Bring findings into the common columns."""
    table = hit.drop(columns=["indicator"], errors="ignore").rename(columns={"name": "indicator"})
    table = table.reindex(columns=list(CHECK_COLUMNS))
    types = {"value": "float64", "compared_with": "float64", "year": "Int64"}
    texts = {c: str for c in CHECK_COLUMNS if c not in types}
    return table.astype({**types, **texts})
