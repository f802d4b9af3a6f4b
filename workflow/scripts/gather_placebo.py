"""Gather the chunks of draws into the placebo exhibit, beside the observed estimate."""

import json

import pandas as pd
from shidian.exhibits.placebo.placebo.estimate import fit_observed, summarise
from shidian.exhibits.result import StudyInfo
from shidian.job import job, write_text

with job(snakemake):
    panel = pd.read_parquet(snakemake.input.panel)
    spec, info = json.loads(snakemake.params.spec), StudyInfo(**json.loads(snakemake.params.info))
    draws = [pd.read_parquet(path) for path in snakemake.input.draws]
    result = summarise(draws, fit_observed(panel, spec, info), spec, info, panel)
    write_text(snakemake.output.result, result.to_json())
