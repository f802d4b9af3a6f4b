"""Slips of whole volumes in what a study reads: those that stop it, are accepted, or are reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from shidian.errors import PanelError
from shidian.messages import say
from shidian.panel.checks import CHECK_COLUMNS
from shidian.panel.records import series_used
from shidian.panel.rules import refuse_unmet, rule_findings
from shidian.slips.finding import KINDS
from shidian.study.model import Accepted, PanelSpec

MOST_SHOWN = 12
"""Slips that an error lists; of further ones it says how many."""


def slip_findings(spec: PanelSpec, slips: Mapping[str, pd.DataFrame], long: pd.DataFrame) -> pd.DataFrame:
    """Return the slips of the volumes and series that a study reads, and what breaks its rules, as findings of checks.

    Args:
        spec: the study's panel.
        slips: source -> its slips (``shidian.slips.records.COLUMNS``).
        long: raw values behind the panel.

    Raises:
        PanelError: a slip that stops a run and is not accepted; or an accepted one that is not there.
    """
    ruled, broken, kept = rule_findings(long, spec)
    rows, stops, met = [], [], set()
    for source in sorted(slips):
        read = series_used(spec, source)
        for slip in slips[source].to_dict("records"):
            mine = [name for name in str(slip["series"]).split() if name in read]
            if not mine or not spec.first_year <= int(slip["period"]) <= spec.last_year:
                continue
            accepted = _accepted(spec.checks.accept, source, mine, int(slip["period"]))
            met |= set(accepted)
            detail = slip["detail"] if not accepted else _with_reason(slip["detail"], accepted[0].reason)
            where = f"{source}, {spec.period.label(int(slip['period']))}"
            if slip["grade"] == "stop" and spec.checks.strict and not accepted:
                stops.append(f"{where}: {slip['detail']}")
            row = dict.fromkeys(CHECK_COLUMNS, "") | {"value": np.nan, "compared_with": np.nan}
            row |= {"check": KINDS[str(slip["kind"])], "indicator": f"{source}.{mine[0]}", "detail": detail}
            rows.append(row | {"year": int(slip["period"])})
    names = {name for rule in spec.checks.rules for name in (rule.whole, *rule.terms)}
    looked_at = [one for one in spec.checks.accept if one.series.partition(".")[0] in slips or one.series in names]
    refuse_unmet([one for one in looked_at if one not in met and one not in kept], spec)
    stops += broken
    if stops:
        raise PanelError(_refusal(stops))
    found = pd.DataFrame(rows, columns=list(CHECK_COLUMNS))
    return pd.concat([part for part in (found, ruled) if len(part)] or [found], ignore_index=True)


def _accepted(entries: Sequence[Accepted], source: str, series: Sequence[str], period: int) -> list[Accepted]:
    names = {f"{source}.{name}" for name in series}
    return [one for one in entries if one.period == period and one.series in names]


def _with_reason(detail: str, reason: str) -> str:
    return say("{detail}; accepted: {reason}", detail=detail, reason=reason)


def _refusal(stops: Sequence[str]) -> str:
    more = f"\n  and {len(stops) - MOST_SHOWN} more" if len(stops) > MOST_SHOWN else ""
    lines = "".join(f"\n  {line}" for line in stops[:MOST_SHOWN])
    return (
        f"{len(stops)} slips of whole volumes in what the study reads:{lines}{more}\n"
        "Mend the source file (header, measure, valid_from) or config/corrections.yaml; where the numbers are right, "
        "accept the slip under 'checks.accept: [{series, year, reason}]', or say 'checks: {strict: false}' to have all "
        "of them reported only"
    )
