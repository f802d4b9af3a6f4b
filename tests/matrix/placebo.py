"""The row of the matrix of placebo draws."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from shidian.exhibits.crossed import entered
from shidian.placebo.assign import draw_assignments
from shidian.placebo.prepare import prepare
from shidian.placebo.settings import read_settings

from tests.matrix.cells import DATED, Asked, Numbers, Row
from tests.matrix.peers import feols

DRAWS = 9


def placebo(asked: Asked) -> Numbers:
    """The observed coefficient and that of every draw's assignment, each a regression of pyfixest of its own."""
    rows = asked.complete.assign(adoption_year=lambda d: d["adopted"])
    spec = {
        **asked.exhibit, "kind": "placebo", "outcome": "y", "controls": ["x"], "fixed_effects": list(asked.effects),
        "vcov": {"kind": "cluster", "by": "unit"}, "ssc": "fixest", "seed": 3,
        **({"weights": {"variable": asked.weights}} if asked.weights else {}),
    }  # fmt: skip
    panel, spec = entered(rows, json.loads(json.dumps(spec)))
    settings = read_settings(spec, 3)
    prepared = prepare(panel, settings, "did")
    units, cohorts = draw_assignments(prepared.scheme, settings.seed, 0, DRAWS - 1)
    observed, drawn = fitted(rows, asked), []
    for treated, years in zip(units, cohorts, strict=True):
        design = prepared.design
        first = pd.Series(design.years[years], index=design.unit_names[treated])
        mine = rows.assign(did=(rows["year"] >= rows["unit"].map(first)).astype(float))
        drawn.append(fitted(mine, asked))
    b, t = np.array(drawn).T
    column = "did: coefficient"
    return {
        (column, "observed"): {"estimate": observed[0]}, (column, "mean"): {"estimate": b.mean()},
        (column, "min"): {"estimate": b.min()}, (column, "max"): {"estimate": b.max()},
        (column, "p_two_sided"): {"estimate": (1 + (abs(b) >= abs(observed[0])).sum()) / (1 + DRAWS)},
        ("did: t", "observed"): {"estimate": observed[1]}, ("did: t", "max"): {"estimate": t.max()},
    }  # fmt: skip


def fitted(rows: pd.DataFrame, asked: Asked) -> tuple[float, float]:
    """Return coefficient and t statistic of the treatment."""
    fit = feols(rows, "y", ["did", "x"], asked.effects, asked.weights)
    return float(fit.coef()["did"]), float(fit.tstat()["did"])


ROWS = {
    "placebo": Row({"draws": DRAWS, "chunk": DRAWS}, placebo, "pyfixest of every draw", DATED,
                   category={"strata": "home"}),
}  # fmt: skip
"""Kind -> its row."""
