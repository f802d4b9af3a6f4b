"""What the placebo figures show: the draws and the observed estimate."""

from __future__ import annotations

import pandas as pd

from shidian.did.event_window import Window, term_name
from shidian.exhibits.placebo.distribution_table import Columns
from shidian.exhibits.result import Figure, StudyInfo
from shidian.messages import say
from shidian.placebo.draws import OK
from shidian.placebo.settings import Settings

MAX_POINTS = 20_000
"""Most draws shown in the figure; the table always uses all."""


def draws_figure(
    frame: pd.DataFrame, observed: pd.DataFrame, term: str, settings: Settings, info: StudyInfo, statistic: str = "t"
) -> Figure:
    """Return the draws with their p-values, and the observed estimate; ``statistic``: the name of estimate / error."""
    field = "estimate" if settings.statistic == "coefficient" else "statistic"
    shown = frame.loc[(frame["status"] == OK) & (frame["draw"] < MAX_POINTS)]
    points = shown[["draw", field, "p"]].set_axis(["draw", "estimate", "p"], axis=1).reset_index(drop=True)
    line = observed.loc[[term], [field, "se"]].set_axis(["estimate", "se"], axis=1).reset_index(drop=True)
    axis = say("{statistic} statistic of the placebo estimate of {name}", statistic=statistic, name=info.label(term))
    if settings.statistic == "coefficient":
        axis = say("Placebo estimate of {name}", name=info.label(term))
    return Figure("placebo", {"draws": points, "observed": line}, {"x_label": axis})


def event_figure(columns: Columns, observed: pd.DataFrame, window: Window) -> Figure:
    """Return the true event study and, behind it, the quantiles of the draws at each event time.

    ``window`` has the base period that was used.
    """
    keys = ["q2.5", "q25", "q50", "q75", "q97.5"]
    bands = []
    by_term = {term_name(k): k for k in window.estimated()}
    for (term, name), lines in columns.items():
        if name == "coefficient":
            by_key = {line.key: line.number for line in lines}
            bands.append([by_term[term], *(by_key[key] for key in keys)])
    points = observed.assign(tau=[by_term[term] for term in observed.index])
    data = {
        "points": points[["tau", "estimate", "ci_low", "ci_high"]].reset_index(drop=True),
        "bands": pd.DataFrame(bands, columns=["tau", "low", "lower", "middle", "upper", "high"]),
    }
    return Figure("placebo", data, {"reference": list(window.reference), "binned": window.ends == "bin"})
