"""Gather the chunks of draws into the placebo exhibit, beside the true estimate."""

import json

import pandas as pd
from shidian.exhibits.placebo.placebo.estimate import fit_truth, summarise
from shidian.exhibits.result import StudyInfo
from shidian.job import job, write_text

with job(snakemake.log[0]):
    panel = pd.read_parquet(snakemake.input.panel)
    spec, info = json.loads(snakemake.params.spec), StudyInfo(**json.loads(snakemake.params.info))
    draws = [pd.read_parquet(path) for path in snakemake.input.draws]
    result = summarise(draws, fit_truth(panel, spec, info), spec, info, panel)
    write_text(snakemake.output.result, result.to_json())
