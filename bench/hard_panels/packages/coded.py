"""The columns that packages ask for beside ours: whole-number units, adoption years that are zero or missing."""

from __future__ import annotations

import pandas as pd

from bench.hard_panels.panel import HardPanel


def coded(panel: HardPanel, rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``id`` (number of the unit), ``first`` (0 = never), ``first_nan`` (missing = never), ``tau`` (binned).

    ``tau`` is what event studies are commonly given: time since adoption, the window's ends binned, never-treated
    units at the reference of -1. Rows with a missing outcome or control are taken out, as packages that do not do so
    ask for.
    """
    rows = rows.dropna(subset=["y", *panel.controls]).reset_index(drop=True)
    adopted = rows["adoption_year"].astype("Float64")
    tau = (rows["year"] - adopted).clip(*panel.window).fillna(-1)
    return rows.assign(
        id=pd.factorize(rows["unit"])[0], first=adopted.fillna(0).astype("int64"),
        first_nan=adopted.astype("float64"), tau=tau.astype("int64"), did=rows["did"].astype("int64"),
    )  # fmt: skip


def one_cluster(panel: HardPanel) -> str:
    """Return the variable by which errors are clustered, where it is one."""
    if len(panel.clusters) > 1:
        raise ValueError("asked for one cluster variable")
    return panel.clusters[0]
