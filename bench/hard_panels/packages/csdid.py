"""csdid, the Python port of R's did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from csdid.att_gt import ATTgt

from bench.hard_panels.answer import ATT, Answer, Number, numbers
from bench.hard_panels.packages.coded import coded, one_cluster
from bench.hard_panels.panel import HardPanel


def callaway_santanna(panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask ``ATTgt`` with analytic errors, then both aggregations."""
    by = one_cluster(panel)
    never = rows["adoption_year"].isna().any()
    formula = "y ~ " + " + ".join(panel.controls) if panel.controls else None
    arguments: dict[str, Any] = {"xformla": formula} if formula else {}
    asked = ATTgt(
        "y", "year", "id", "first", coded(panel, rows), control_group="nevertreated" if never else "notyettreated",
        clustervar=None if by == "unit" else by, **arguments,
    )  # fmt: skip
    fit = asked.fit(est_method="dr", base_period="universal", bstrap=False)
    simple = _read(fit.aggte("simple", bstrap=False, cband=False))
    study = _read(fit.aggte("dynamic", bstrap=False, cband=False))
    inside = [k for k, tau in enumerate(study["egt"]) if panel.window[0] <= tau <= panel.window[1]]
    taus, att, se = ([study[key][k] for k in inside] for key in ("egt", "att_egt", "se_egt"))
    overall = Number(ATT, float(simple["overall_att"]), _float(simple["overall_se"]))
    return Answer((overall, *numbers(taus, att, [_float(value) for value in se])))


def _read(fit: Any) -> dict[str, Any]:
    return dict(fit.atte)


def _float(value: Any) -> float:
    return float("nan") if value is None else float(pd.Series(value).iloc[0] if hasattr(value, "__len__") else value)


ANSWERS = {"callaway_santanna": callaway_santanna}
REFUSALS: Sequence[type[Exception]] = (Exception,)
