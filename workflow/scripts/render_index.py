"""List the reports, and the studies that could not run with the files they miss."""

import json

from shidian.job import job, write_text
from shidian.report.index import IndexEntry, render_index

with job(snakemake):
    meta = json.loads(snakemake.params.meta)
    formats = ("html", "pdf", "docx")
    entries = [
        IndexEntry(e["study"], e["title"], {f: f"{e['study']}/report.{f}" for f in formats}, simulated=e["simulated"])
        for e in meta["ran"]
    ]
    entries += [
        IndexEntry(e["study"], e["title"], not_run=f"raw files are missing: {'; '.join(e['missing'])}")
        for e in meta["left_out"]
    ]
    write_text(snakemake.output.index, render_index(entries, meta["lang"]))
