"""Draw and estimate one chunk of placebo draws; draw d is the same whatever the chunk."""

import json

import pandas as pd
from shidian.exhibits.placebo.placebo.estimate import draw_chunk
from shidian.exhibits.result import StudyInfo
from shidian.job import job, write_parquet

with job(snakemake):
    panel = pd.read_parquet(snakemake.input.panel)
    spec, info = json.loads(snakemake.params.spec), StudyInfo(**json.loads(snakemake.params.info))
    first, last = int(snakemake.wildcards.first), int(snakemake.wildcards.last)
    write_parquet(snakemake.output.draws, draw_chunk(panel, spec, info, first, last))
