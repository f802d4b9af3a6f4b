"""All hard panels, in the order of the page."""

from __future__ import annotations

from bench.hard_panels.panel import HardPanel
from bench.hard_panels.situations import base_period, comparison, errors, identification, rows, scale

PANELS: tuple[HardPanel, ...] = (
    *base_period.PANELS, *identification.PANELS, *comparison.PANELS, *rows.PANELS, *scale.PANELS, *errors.PANELS,
)  # fmt: skip
