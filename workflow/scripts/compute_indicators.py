"""Compute the declared indicators of a study."""

from pathlib import Path

import pandas as pd
from shidian.job import job, write_csv, write_parquet
from shidian.ledger import ledger_frame
from shidian.messages.frames import with_messages
from shidian.panel.indicators import add_indicators
from shidian.panel.keyword_share import Texts, load_dictionary
from shidian.study.read import read_study

with job(snakemake):
    study, _ = read_study(Path(snakemake.params.root), snakemake.wildcards.study)
    texts = None
    if snakemake.input.texts:
        cells = pd.concat([pd.read_parquet(path) for path in snakemake.input.texts]).set_index("cell_id")
        dictionaries = {Path(path).stem: load_dictionary(path) for path in snakemake.input.dictionaries}
        texts = Texts(pd.read_parquet(snakemake.input.long[0]), cells, dictionaries)
    derived = add_indicators(pd.read_parquet(snakemake.input.panel), study.indicators, texts)
    write_parquet(snakemake.output.panel, derived.panel)
    write_csv(snakemake.output.weights, derived.weights)
    write_csv(snakemake.output.ledger, with_messages(ledger_frame(derived.ledger)))
