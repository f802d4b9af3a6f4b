"""List the reports, a line each, and the studies that could not run with the files they miss."""

import json
from pathlib import Path

from shidian.job import job, write_text
from shidian.report.index import render_index
from shidian.report.index_entries import left_out_entry, ran_entry
from shidian.run_summary import SEEN, look, read_seen

with job(snakemake):
    meta = json.loads(snakemake.params.meta)
    before = read_seen(SEEN)
    now = look(Path("results"), [e["study"] for e in meta["ran"]], before)
    entries = [ran_entry(study, Path("results"), before, now, meta["lang"]) for study in meta["ran"]]
    entries += [left_out_entry(study, meta["lang"]) for study in meta["left_out"]]
    write_text(snakemake.output.index, render_index(entries, meta["lang"]))
