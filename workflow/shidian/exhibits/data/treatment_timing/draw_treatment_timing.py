"""Who is treated when: units adopting each year, and the sample's make-up by year."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.report.figures.frames import frame, numbers, option
from shidian.report.figures.style import BLUE, HEIGHT, PALE, SKY, WIDTH, whole_numbers


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frames ``cohorts``: adoption_year, units; and ``status``: year, treated, not_yet, never (units).

    Option: ``x_label``.
    """
    cohorts = frame(figure, "cohorts", ["adoption_year", "units"])
    status = frame(figure, "status", ["year", "treated", "not_yet", "never"])
    drawing = Drawing(figsize=(WIDTH, HEIGHT * 1.25))
    upper, lower = drawing.subplots(2, 1, sharex=True, height_ratios=[2, 3])
    _cohorts(upper, numbers(cohorts, "adoption_year"), numbers(cohorts, "units"))
    upper.set_ylabel(words["axis_adopting"])
    years = numbers(status, "year")
    floor = np.zeros(len(years))
    for column, colour in (("treated", BLUE), ("not_yet", SKY), ("never", PALE)):
        height = numbers(status, column)
        lower.bar(years, height, bottom=floor, width=0.82, color=colour, label=words[f"legend_{column}"])
        floor = floor + height
    lower.set_ylabel(words["axis_units"])
    lower.set_xlabel(option(figure, "x_label", words["axis_year"]))
    handles, labels = lower.get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside lower center", ncols=3)
    upper.tick_params(bottom=False)
    lower.set_xlim(years.min() - 0.6, years.max() + 0.6)
    whole_numbers(lower)
    return drawing


def _cohorts(axes: Axes, year: np.ndarray, units: np.ndarray) -> None:
    """Draw one bar a cohort, its size above; a missing year (never treated) is left to the lower panel."""
    known = np.isfinite(year)
    bars = axes.bar(year[known], units[known], width=0.82, color=BLUE)
    axes.bar_label(bars, fmt="%g", fontsize=8, padding=1.5)
    axes.margins(y=0.18)
