"""What the index says of a study: its headline estimate, its placebo p and what changed since the last run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from shidian.report.captions import captions
from shidian.run_summary import Changes

_SMALLEST_P = 0.0001
"""A p below this is printed as below it."""


@dataclass(frozen=True)
class Headline:
    """A study's first estimate of its policy, as printed.

    Attributes:
        exhibit, column: where it stands.
        label: what it is an effect of.
        estimate, interval, n_obs: the numbers.
    """

    exhibit: str
    column: str
    label: str
    estimate: str
    interval: str
    n_obs: str


def headline(results: Iterable[tuple[str, pd.DataFrame]], regressor: str, label: str) -> Headline | None:
    """Return the estimate of the regressor in the last column of the first exhibit that has one with its error.

    Args:
        results: (exhibit, estimates) in the order of the report.
        regressor: the treatment, or the variable of interest of a study without a policy.
        label: how it is printed.
    """
    for exhibit, estimates in results:
        rows = estimates[(estimates["term"] == regressor) & estimates["se"].notna() & estimates["estimate"].notna()]
        if rows.empty:
            continue
        row = rows.iloc[-1]
        interval = f"[{_number(row['ci_low'])}, {_number(row['ci_high'])}]" if pd.notna(row["ci_low"]) else ""
        n_obs = "" if pd.isna(row["n_obs"]) else f"{int(row['n_obs']):,}"
        return Headline(exhibit, str(row["column"]), label, _number(row["estimate"]), interval, n_obs)
    return None


def placebo_p(results: Iterable[pd.DataFrame]) -> str:
    """Return the two-sided p of the first placebo test among the estimates of placebo exhibits, "" without one."""
    for estimates in results:
        found = estimates.loc[estimates["term"] == "p_two_sided", "estimate"].dropna()
        if len(found):
            p = float(found.iloc[0])
            return f"< {_SMALLEST_P}" if p < _SMALLEST_P else f"{p:.4f}"
    return ""


def changed(found: Changes, lang: str) -> str:
    """Return in words what changed since the last run."""
    words = captions(lang)
    if found.first:
        return words["changed_first"]
    parts = [words["changed_none"]]
    if found.moved:
        far = max(found.moved.values())
        parts = [words["changed_moved"].format(n=len(found.moved), far="∞" if far == float("inf") else f"{far:.2g}")]
    parts += [words["changed_new"].format(n=found.new)] if found.new else []
    parts += [words["changed_gone"].format(n=found.gone)] if found.gone else []
    return ("，" if lang == "zh" else ", ").join(parts)


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
