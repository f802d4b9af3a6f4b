"""Add efficiency scores and productivity indices to the panel, and to simulated data the column that says so."""

from collections import defaultdict
from pathlib import Path

import pandas as pd
from shidian.job import job, write_parquet
from shidian.panel.leave_out import leave_out
from shidian.panel.scores import add_scores
from shidian.study.model import SIMULATED

with job(snakemake):
    scores = defaultdict(list)
    for path in map(Path, snakemake.input.scores):
        scores[path.parent.name].append(pd.read_parquet(path))
    panel = add_scores(pd.read_parquet(snakemake.input.panel), scores)
    for path in snakemake.input.productivity:
        panel = panel.merge(pd.read_parquet(path), on=["unit", "year"], how="left", validate="1:1")
    panel = leave_out(panel)
    if snakemake.params.simulated:
        panel[SIMULATED] = True
    write_parquet(snakemake.output.panel, panel)
