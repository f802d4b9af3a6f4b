"""The records of all sources of a panel with the keys that they join by; all units that are not certain at once."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from shidian.errors import PanelError
from shidian.panel.join import Joined
from shidian.study.model import PanelSpec


def joined_sources(
    spec: PanelSpec, records: Mapping[str, pd.DataFrame], aliases: Mapping[str, Mapping[str, str]]
) -> dict[str, Joined]:
    """Return the records of every source with their keys.

    Args:
        spec: the resolved spec.
        records: source id -> records.
        aliases: alias table -> printed name -> code.

    Raises:
        PanelError: what any source cannot join by; one message for all of them.
    """
    joined, problems = dict[str, Joined](), list[str]()
    for use in spec.sources:
        try:
            joined[use.source] = Joined.by(spec, use, records[use.source], aliases.get(use.aliases, {}))
        except PanelError as problem:
            problems.append(str(problem))
    if problems:
        raise PanelError("\n".join(problems))
    return joined
