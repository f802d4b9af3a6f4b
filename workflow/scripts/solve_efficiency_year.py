"""Solve one year's frontier of an efficiency model, or all years where frontiers pool them."""

import json

import pandas as pd
from shidian.job import job, write_csv, write_parquet
from shidian.ledger import ledger_frame
from shidian.messages.frames import with_messages
from shidian.panel.scores import solve_part

with job(snakemake):
    panel, declared = pd.read_parquet(snakemake.input.panel), json.loads(snakemake.params.declared)
    panel = panel[panel["year"].between(*declared["years"])]
    name, part = snakemake.wildcards.model, snakemake.wildcards.part
    scores, ledger = solve_part(panel, name, declared["model"], part, snakemake.params.module)
    write_parquet(snakemake.output.scores, scores)
    write_csv(snakemake.output.ledger, with_messages(ledger_frame(ledger)))
