"""Write the study's report as one HTML page, as PDF and as Word."""

import json
from collections import defaultdict
from pathlib import Path

import pandas as pd
from shidian.job import job, write_text
from shidian.messages import read_behind
from shidian.report.assemble import assemble_report
from shidian.report.complete import require_complete
from shidian.report.html import render_html
from shidian.report.pdf import render_pdf
from shidian.report.tables.delimited import unguarded_texts, unmarked
from shidian.report.word import render_docx
from shidian.schema import read_yaml
from shidian.whole_files import whole

with job(snakemake):
    files = defaultdict(list)
    for path in map(Path, snakemake.input.files):
        files[path.parent.name] += json.loads(path.read_text(encoding="utf-8"))
    messages = {}
    for path in snakemake.input.messages:
        messages |= read_behind(json.loads(Path(path).read_text(encoding="utf-8")))
    report = assemble_report(
        json.loads(snakemake.params.meta),
        {Path(path).stem: path for path in snakemake.input.results},
        snakemake.input.rendered,
        files,
        unguarded_texts(unmarked(pd.read_csv(snakemake.input.ledger, keep_default_na=False))),
        messages,
        snakemake.params.versions,
        json.loads(Path(snakemake.input.traces).read_text(encoding="utf-8")),
        pd.read_parquet(snakemake.input.panel, columns=["unit", "year"]),
    )
    require_complete(report, [read_yaml(Path(path)) for path in snakemake.input.published])
    write_text(snakemake.output.html, render_html(report))
    for render, path in ((render_pdf, snakemake.output.pdf), (render_docx, snakemake.output.docx)):
        with whole(path) as part:
            part.write_bytes(render(report))
