"""Compute one productivity index of a study: a column of its panel, and what could not be compared."""

import json

import pandas as pd
from shidian.job import job, write_csv, write_parquet
from shidian.ledger import ledger_frame
from shidian.messages.frames import with_messages
from shidian.panel.productivity import index_of

with job(snakemake):
    panel, declared = pd.read_parquet(snakemake.input.panel), json.loads(snakemake.params.declared)
    panel = panel[panel["year"].between(*declared["years"])]
    index, ledger = index_of(panel, snakemake.wildcards.name, declared["spec"])
    write_parquet(snakemake.output.index, index)
    write_csv(snakemake.output.ledger, with_messages(ledger_frame(ledger)))
