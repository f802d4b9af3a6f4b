"""Gather the ledger's lines of extraction, panel and exhibits into the study's sample ledger."""

from pathlib import Path

import pandas as pd
from shidian.exhibits.result import read_result
from shidian.job import job, write_csv
from shidian.report.ledger import assemble_ledger

with job(snakemake.log[0]):
    extracted = [pd.read_csv(path, keep_default_na=False) for path in snakemake.input.extracted]
    steps = [snakemake.input.panel, snakemake.input.indicators, *snakemake.input.efficiency]
    panel = pd.concat([pd.read_csv(path, keep_default_na=False) for path in steps])
    results = [(Path(path).stem, read_result(path).ledger) for path in snakemake.input.results]
    write_csv(snakemake.output.ledger, assemble_ledger(extracted, panel, results))
