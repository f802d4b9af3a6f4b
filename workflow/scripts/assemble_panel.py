"""Add the efficiency scores to the panel."""

from collections import defaultdict
from pathlib import Path

import pandas as pd
from shidian.derive.scores import add_scores
from shidian.job import job, write_parquet
from shidian.panel.leave_out import leave_out

with job(snakemake.log[0]):
    scores = defaultdict(list)
    for path in map(Path, snakemake.input.scores):
        scores[path.parent.name].append(pd.read_parquet(path))
    panel = add_scores(pd.read_parquet(snakemake.input.panel), scores)
    write_parquet(snakemake.output.panel, leave_out(panel))
