"""Gather the ledger's lines of extraction, panel and exhibits into the study's sample ledger."""

import json
from collections import defaultdict
from pathlib import Path

import pandas as pd
from shidian.exhibits.result import read_result
from shidian.job import job, write_csv, write_text
from shidian.messages import behind
from shidian.messages.frames import read_messages
from shidian.report.ledger import assemble_ledger
from shidian.report.tables.delimited import guarded_texts, marked

with job(snakemake):
    extracted = [pd.read_csv(path, keep_default_na=False) for path in snakemake.input.extracted]
    steps = [snakemake.input.panel, snakemake.input.indicators, *snakemake.input.efficiency]
    panel = pd.concat([pd.read_csv(path, keep_default_na=False) for path in steps])
    for frame in (*extracted, panel):
        read_messages(frame)
    results = [(Path(path).stem, read_result(path).ledger) for path in snakemake.input.results]
    volumes = defaultdict(list)
    for path in map(Path, snakemake.input.files):
        volumes[path.parent.name] += [file["path"] for file in json.loads(path.read_text(encoding="utf-8"))]
    ledger = assemble_ledger(extracted, panel, results, volumes)
    messages = behind(text for name in ("step", "subject", "reason") for text in ledger[name])
    write_csv(snakemake.output.ledger, marked(guarded_texts(ledger), snakemake.params.simulated))
    write_text(snakemake.output.messages, json.dumps(messages, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
