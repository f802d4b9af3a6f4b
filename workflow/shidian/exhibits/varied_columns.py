"""The columns of an exhibit that varies a baseline; apart from the columns' estimates, so that it hangs on none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shidian.messages import say


def varied_columns(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the keys of each column: the baseline's where it is printed, then those of each variation over them."""
    baseline = dict(spec.get("baseline", {}))
    first = (
        [{"label": spec.get("baseline_label", say("Baseline")), **baseline}] if spec.get("print_baseline", True) else []
    )
    return [*first, *({**baseline, **variation} for variation in spec["variations"])]
