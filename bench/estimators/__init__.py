"""Estimators that ``bench.bench_large`` times on three sizes of panel: one ``Line`` each, by field."""

from bench.estimators import did, outcomes, space, staggered
from bench.estimators.line import Line

LINES: tuple[Line, ...] = (*did.LINES, *staggered.LINES, *space.LINES, *outcomes.LINES)
