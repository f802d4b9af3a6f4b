"""Published means and standard deviations beside the panel's: what is ten times as large, or a tenth, is named.

A formula that divides 万人 by 人 gives numbers 10,000 times too small and regressions that look like regressions. The
paper's table of descriptive statistics shows it at once, before any estimate is compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.exhibits.data.descriptives.estimate import STATISTICS
from shidian.exhibits.result import ExhibitResult
from shidian.exhibits.truth.printed import declared_numbers, printed_at
from shidian.messages import say

APART = 10.0
"""Least factor that is named."""
SPREAD = 0.1
"""A mean of less than this share of its standard deviation says nothing of size: the deviations are compared then."""
NAMES = {"mean": say("mean"), "sd": say("standard deviation")}


@dataclass(frozen=True)
class Size:
    """A variable whose size is not the published one.

    Attributes:
        variable: its name.
        statistic: what is compared, ``mean`` or ``sd``.
        ours: the panel's.
        published: the printed number.
    """

    variable: str
    statistic: str
    ours: float
    published: str

    @property
    def factor(self) -> float:
        """How many times the published number ours is; infinite and zero where ours is zero."""
        return abs(self.ours) / abs(float(self.published))

    def said(self, label: str) -> str:
        """Return the sentence on it; ``label`` is the variable as printed."""
        facts = {"variable": label, "statistic": NAMES[self.statistic], "published": self.published}
        if self.ours == 0:
            return say("{variable}: its {statistic} is 0, the published one {published}", **facts)
        facts["ours"] = f"{self.ours:.6g}"
        if self.factor > 1:
            return say(
                "{variable}: its {statistic} is {ours}, the published one {published}: {factor} times as large; "
                "compare the units of measure of its series (shidian check --variables)",
                factor=f"{self.factor:,.0f}", **facts,
            )  # fmt: skip
        return say(
            "{variable}: its {statistic} is {ours}, the published one {published}: 1/{factor} of it; compare the units "
            "of measure of its series (shidian check --variables)",
            factor=f"{1 / self.factor:,.0f}", **facts,
        )  # fmt: skip


def sizes_apart(
    results: Mapping[str, ExhibitResult], published: Mapping[str, Any], numbers: Iterable[Mapping[str, Any]]
) -> tuple[Size, ...]:
    """Return the variables whose size is ten times the published one or more, or a tenth or less, in declared order.

    Args:
        results: exhibit -> result; those that are no table of descriptive statistics are passed over.
        published: the published numbers as text.
        numbers: those of a comparison: a mean or standard deviation has ``mean`` or ``sd`` as its column.
    """
    printed: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for number in declared_numbers(numbers):
        if number["column"] in NAMES and number["field"] == "estimate" and "at" in number:
            value = printed_at(published, number["at"]).value
            printed[str(number["exhibit"]), str(number["term"])][number["column"]] = value
    found = (
        _apart(variable, given, _ours(results[exhibit], variable))
        for (exhibit, variable), given in printed.items()
        if _describes(results[exhibit])
    )
    return tuple(size for size in found if size)


def _describes(result: ExhibitResult) -> bool:
    """Say whether a result is a table of descriptive statistics: a mean of draws, say, is no size of a variable."""
    return set(result.estimates["column"]) <= set(STATISTICS)


def _ours(result: ExhibitResult, variable: str) -> dict[str, float]:
    rows = result.estimates[(result.estimates["term"] == variable) & result.estimates["estimate"].notna()]
    return {str(c): float(v) for c, v in zip(rows["column"], rows["estimate"], strict=True)}


def _apart(variable: str, printed: Mapping[str, str], ours: Mapping[str, float]) -> Size | None:
    """Compare the means; the standard deviations where the published mean is about zero, or not printed."""
    mean, sd = (abs(float(printed.get(name, "0"))) for name in ("mean", "sd"))
    statistic = "mean" if mean > 0 and mean >= SPREAD * sd else "sd"
    if statistic not in printed or statistic not in ours or float(printed[statistic]) == 0:
        return None
    size = Size(variable, statistic, ours[statistic], printed[statistic])
    return None if 1 / APART < size.factor < APART else size


def as_findings(sizes: Iterable[Size], label: Mapping[str, str]) -> pd.DataFrame:
    """Return the sizes as lines of data checks: check, indicator, detail."""
    rows = [
        (say("published size"), size.variable, size.said(label.get(size.variable, size.variable))) for size in sizes
    ]
    return pd.DataFrame(rows, columns=["check", "indicator", "detail"])
