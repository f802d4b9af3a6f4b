"""Read a batch of workbooks: cells, records, what was passed over, and the checksums of the files."""

import json
from pathlib import Path

from shidian.job import job, write_csv, write_text
from shidian.messages.frames import with_messages
from shidian.yearbook.arrow import write_tables
from shidian.yearbook.corrections import gather_corrections
from shidian.yearbook.extract import extract_files
from shidian.yearbook.limits import Limits
from shidian.yearbook.source import load_source

with job(snakemake):
    config = Path(snakemake.params.root) / "config"
    first, last = int(snakemake.wildcards.first), int(snakemake.wildcards.last)
    source = load_source(config / "sources" / f"{snakemake.wildcards.source}.yaml")
    corrections = gather_corrections([config / "corrections.yaml", *snakemake.input.planted])
    files = source.files[first - 1 : last]
    raw_root = snakemake.input.raw[0].removesuffix(files[0].path)
    extraction = extract_files(
        source, range(first, last + 1), raw_root, corrections, Limits.of(snakemake.params.limits)
    )
    facts = [
        {"path": file.path, "sha256": digest, "what": file.what}
        for file, digest in zip(files, extraction.digests, strict=True)
    ]
    write_tables(snakemake.output.cells, extraction.assembly.cells())
    write_tables(snakemake.output.records, extraction.assembly.records())
    write_csv(snakemake.output.ledger, with_messages(extraction.ledger))
    write_text(snakemake.output.files, json.dumps(facts, ensure_ascii=False, sort_keys=True) + "\n")
