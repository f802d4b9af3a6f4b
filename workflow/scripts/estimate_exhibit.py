"""Estimate one exhibit; the module that does so is that of its kind (shidian.study.kinds)."""

import json
from importlib import import_module

import pandas as pd
from shidian.exhibits.referee import estimate_exhibit
from shidian.exhibits.result import StudyInfo
from shidian.job import job, write_text

with job(snakemake):
    exhibit = import_module(snakemake.params.module)
    panel = pd.read_parquet(snakemake.input.panel)
    spec, info = json.loads(snakemake.params.spec), StudyInfo(**json.loads(snakemake.params.info))
    result = estimate_exhibit(exhibit, panel, spec, info)
    write_text(snakemake.output.result, result.to_json())
