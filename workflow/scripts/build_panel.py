"""Build the study's panel from the records of its sources."""

from collections import defaultdict
from pathlib import Path

import pandas as pd
from shidian.job import job, write_csv, write_parquet
from shidian.messages.frames import with_messages
from shidian.panel.build import build_panel
from shidian.panel.records import long_tables, read_records, series_used
from shidian.slips.records import read_slips
from shidian.study.read import read_study
from shidian.yearbook.aliases import load_aliases
from shidian.yearbook.arrow import write_tables

with job(snakemake):
    study, _ = read_study(Path(snakemake.params.root), snakemake.wildcards.study)
    parts = defaultdict(list)
    for path in snakemake.input.records:
        parts[Path(path).parent.name].append(path)
    records = {source: read_records(paths, series_used(study.panel, source)) for source, paths in parts.items()}
    aliases = {Path(path).stem: load_aliases(path) for path in snakemake.input.aliases}
    texts: dict[str, str] = {}
    for path in snakemake.input.texts:
        cells = pd.read_parquet(path, columns=["cell_id", "raw_text"])
        texts |= dict(zip(cells["cell_id"], cells["raw_text"], strict=True))
    slips = {Path(path).parent.name: read_slips(path) for path in snakemake.input.slips}
    panel = build_panel(study.panel, records, aliases, texts, slips)
    write_parquet(snakemake.output.panel, panel.frame)
    write_tables(snakemake.output.long, long_tables(panel.long))
    write_csv(snakemake.output.ledger, with_messages(panel.ledger))
    write_csv(snakemake.output.checks, with_messages(panel.findings))
    write_csv(snakemake.output.matches, with_messages(panel.matches))
