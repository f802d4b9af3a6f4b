"""Put estimated efficiency beside the planted one."""

import json

import pandas as pd
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.truth.efficiency_recovery.estimate import run
from shidian.job import job, write_text

with job(snakemake):
    panel, noise_free = (pd.read_parquet(path) for path in (snakemake.input.panel, snakemake.input.noise_free))
    truth = pd.read_csv(snakemake.input.truth, dtype={"unit": str})
    spec, info = json.loads(snakemake.params.spec), StudyInfo(**json.loads(snakemake.params.info))
    write_text(snakemake.output.result, run(panel, truth, noise_free, spec, info).to_json())
