"""Joins by code where one side was stored as numbers, which lose their leading zeros: 1001 is 01001."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from shidian.errors import PanelError
from shidian.ledger import ledger_row
from shidian.messages import say
from shidian.panel.join import Frame, Joined, plain_code, step
from shidian.study.model import SourceUse


def with_zeros(frame: Frame, joined: Joined, use: SourceUse) -> tuple[Joined, list[dict[str, Any]]]:
    """Give the units of a source that joins by code the panel's codes where only leading zeros differ.

    A code that the panel has as it is printed stays that unit's.

    Returns:
        The source, and the ledger's line where any code was matched so.

    Raises:
        PanelError: two units of the panel whose codes differ by leading zeros only, and the source prints neither.
    """
    if use.is_frame or use.join != "code":
        return joined, []
    key, units = joined.printed["key"].astype("str"), pd.Series(frame.names.index.astype("str"))
    strange = key[~key.isin(units)]
    bare = units.groupby(units.map(plain_code)).agg(list)
    found = strange.map(plain_code)
    found = found[found.isin(bare.index)]
    if found.empty:
        return joined, []
    for code, several in zip(strange[found.index], found.map(bare), strict=True):
        if len(several) > 1:
            raise PanelError(
                f"source '{use.source}': code {code} may be unit {several[0]} or {several[1]} of the panel, "
                "whose codes differ by leading zeros only: store the codes as texts in both files"
            )
    matched = key.mask(key.index.isin(found.index), key.map(plain_code).map(bare.str[0]))
    first = str(strange[found.index[0]])
    reason = say(
        "{n} of its codes match those of the panel but for leading zeros, such as {code}",
        n=strange[found.index].nunique(), code=first,
    )  # fmt: skip
    line = ledger_row(step(use), use.source, reason, units=int(matched[found.index].nunique()))
    return replace(joined, printed=joined.printed.assign(key=matched)), [line]
