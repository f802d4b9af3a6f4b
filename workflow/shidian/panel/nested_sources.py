"""The sources of a study whose units the panel's units lie in: converted and filled by their own units, then served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.panel.absent import unserved_lines
from shidian.panel.coded import of_series, stacked
from shidian.panel.columns import column_values, needed, variables_of
from shidian.panel.join import Frame, Joined, step
from shidian.panel.nest import Members, matched_lines, members_of, own_long, serve
from shidian.panel.own_values import own_values
from shidian.panel.records import series_used
from shidian.panel.scope import Scope
from shidian.study.model import PanelSpec, SourceUse


def with_nested(
    spec: PanelSpec,
    frame: Frame,
    long: pd.DataFrame,
    joined: Mapping[str, Joined],
    aliases: Mapping[str, Mapping[str, str]],
    texts: Mapping[str, str],
) -> tuple[pd.DataFrame, dict[str, tuple[SourceUse, Members]], list[dict[str, Any]]]:
    """Serve the panel's rows the values of every nested source.

    Args:
        spec: the resolved spec.
        frame: the panel's rows.
        long: values of the sources that join by the panel's own units.
        joined: records of every source with their keys.
        aliases: alias table -> printed name -> code.
        texts: cell_id -> raw text, where a column to join on holds texts.

    Returns:
        The values with those of nested sources, each nested source with the units that rows lie in, the ledger's lines.
    """
    parts, ledger = [long], []
    nested: dict[str, tuple[SourceUse, Members]] = {}
    for use in spec.sources:
        if use.nesting is None:
            continue
        mine = joined[use.source]
        values = _column(use, spec, frame.rows, long, texts)
        context = {"geography": spec.geography, "aliases": aliases.get(use.aliases, {}), "period": spec.period}
        members, lines = members_of(use, frame.rows, values, mine, context)
        ledger += lines + matched_lines(frame, mine, members, use)
        printed = own_long(mine.only(series_used(spec, use.source)), use, spec.period)
        ledger += unserved_lines(frame.rows, members.keys, printed, step(use), use.source, spec.period)
        own, lines = own_values(spec, use, printed)
        served, moved = serve(frame, own, members, use)
        parts.append(served)
        ledger += lines + moved
        nested[use.source] = (use, members)
    return stacked(parts), nested, ledger


def _column(
    use: SourceUse, spec: PanelSpec, rows: pd.DataFrame, long: pd.DataFrame, texts: Mapping[str, str]
) -> np.ndarray | pd.Series:
    """Return the (n,) values of the column that a source joins on."""
    nesting = use.nesting
    assert nesting is not None
    if nesting.is_text:
        found = long[["unit", "year", "cell_id"]].take(of_series(long, nesting.series))
        found = found.assign(text=found["cell_id"].map(texts)).astype({"unit": "str"})
        on = ["unit"] if found["year"].isna().all() else ["unit", "year"]
        return rows.astype({"year": "Int64"}).merge(found[[*on, "text"]], on=on, how="left")["text"]
    before = needed(nesting.formula, spec.variables)
    columns = variables_of(spec, rows, long, before)[0]
    return column_values(nesting.series, nesting.formula, Scope(rows, columns, spec.period), long)
