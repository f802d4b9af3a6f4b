"""Say where the numbers of each exhibit come from: sample, variables, workbook cells."""

from pathlib import Path

import pandas as pd
from shidian.job import job, write_text
from shidian.panel.records import read_long
from shidian.study.read import read_study
from shidian.trace.cells_page import VALUES, cells_script
from shidian.trace.study import messages_of, panels_of, trace_study, traces_of_study

with job(snakemake):
    study, sources = read_study(Path(snakemake.params.root), snakemake.wildcards.study)
    panels = panels_of(study, sources, pd.read_parquet(snakemake.input.panel), read_long(snakemake.input.long, VALUES))
    results = {Path(path).stem: path for path in snakemake.input.results}
    traced = trace_study(panels, results)
    traces = traces_of_study(traced, study.study)
    write_text(snakemake.output.traces, traces)
    write_text(snakemake.output.messages, messages_of(traces))
    write_text(snakemake.output.cells, cells_script(panels, traced, snakemake.params.simulated))
