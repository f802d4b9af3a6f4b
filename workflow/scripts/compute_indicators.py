"""Compute the declared indicators of a study."""

from pathlib import Path

import pandas as pd
from shidian.derive.indicators import derive_indicators
from shidian.exhibits.result import ledger_frame
from shidian.job import job, write_csv, write_parquet
from shidian.study.read import read_study

with job(snakemake.log[0]):
    study, _ = read_study(Path(snakemake.params.root), snakemake.wildcards.study)
    derived = derive_indicators(pd.read_parquet(snakemake.input.panel), study.indicators)
    write_parquet(snakemake.output.panel, derived.panel)
    write_csv(snakemake.output.weights, derived.weights)
    write_csv(snakemake.output.ledger, ledger_frame(derived.ledger))
