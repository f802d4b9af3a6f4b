"""How much of a source matched the panel: said in the ledger, and refused where it may be an accident."""

from __future__ import annotations

from typing import Any

import numpy as np

from shidian.errors import PanelError
from shidian.ledger import ledger_row
from shidian.messages import say
from shidian.panel.join import Frame, Joined, step
from shidian.study.model import SourceUse


def refuse_few(use: SourceUse, own: tuple[int, int], panel: tuple[int, int], what: str) -> None:
    """Refuse a source of which too little matches.

    Args:
        use: the source.
        own: its units that match, and all of them.
        panel: the panel's units that match, and all of them.
        what: what they match.

    Raises:
        PanelError: both shares are below ``use.least_matched``; says what to write.
    """
    if max(own[0] / max(own[1], 1), panel[0] / max(panel[1], 1)) >= use.least_matched:
        return
    if use.nesting:
        way = f"name another column under 'sources.{use.source}.join.on'"
    else:
        way = (
            "they may be units of another kind. If the panel's units lie in them, write "
            f"'sources.{use.source}.join: {{on: <column of the panel>}}'"
        )
    raise PanelError(
        f"source '{use.source}': {own[0]} of its {own[1]} units are {what}, {panel[0]} of the panel's {panel[1]} units "
        f"match: {way}; if so few are meant, write 'sources.{use.source}.least_matched: 0'"
    )


def matched_line(frame: Frame, joined: Joined, use: SourceUse) -> list[dict[str, Any]]:
    """Return the ledger's line on the units of a source that match those of the panel by code or by name.

    Raises:
        PanelError: few match (``refuse_few``), or their names differ though their codes are equal.
    """
    if use.is_frame or use.join not in ("code", "name"):
        return []
    own, names = joined.printed["key"], frame.names
    known = set(names.index if use.join == "code" else names)
    found = own[own.isin(known)].nunique()
    if not found:  # whoever reads a series of it says so
        return []
    share, total = (found, own.nunique()), len(names)
    refuse_few(use, share, (found, total), "units of the panel")
    if use.join == "code" and not use.declared:
        _refuse_other_names(joined, {str(code): str(name) for code, name in names.items()}, use)
    reason = say(
        "{n} of its {known} units are units of the panel, which has {total}", n=found, known=share[1], total=total
    )
    return [ledger_row(step(use), use.source, reason, units=found)]


def _refuse_other_names(joined: Joined, names: dict[str, str], use: SourceUse) -> None:
    """Refuse equal codes with different names, where both have names and most of them differ."""
    printed = joined.printed.dropna(subset=["unit_name", "unit_code"]).drop_duplicates(["key", "unit_name"])
    both = [(key, name, names[key]) for key, name in zip(printed["key"], printed["unit_name"], strict=True)
            if key in names and names[key] != key]  # fmt: skip
    other = [entry for entry in both if entry[1] != entry[2]]
    if both and np.mean([entry[1] != entry[2] for entry in both]) > 0.5:
        key, mine, theirs = other[0]
        raise PanelError(
            f"source '{use.source}': code {key} is '{mine}' in it and '{theirs}' in the panel, as {len(other)} of "
            f"{len(both)} names differ: they may be units of another kind. If the panel's units lie in them, write "
            f"'sources.{use.source}.join: {{on: <column of the panel>}}'; if they are the same, 'join: code'"
        )
