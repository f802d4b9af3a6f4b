"""Read one workbook as its source file declares it: cells, records, what was passed over, and its checksum."""

import json
from pathlib import Path

from shidian.job import job, write_csv, write_parquet, write_text
from shidian.yearbook.corrections import load_corrections
from shidian.yearbook.extract import extract_file
from shidian.yearbook.source import checked_digest, load_source

with job(snakemake.log[0]):
    config = Path(snakemake.params.root) / "config"
    number = int(snakemake.wildcards.number)
    source = load_source(config / "sources" / f"{snakemake.wildcards.source}.yaml")
    corrections = load_corrections(config / "corrections.yaml")
    file = source.files[number - 1]
    raw_root = snakemake.input.raw.removesuffix(file.path)
    extraction = extract_file(source, number, raw_root, corrections)
    facts = {"path": file.path, "sha256": checked_digest(file, Path(snakemake.input.raw)), "what": file.what}
    write_parquet(snakemake.output.cells, extraction.cells)
    write_parquet(snakemake.output.records, extraction.records)
    write_csv(snakemake.output.ledger, extraction.ledger)
    write_text(snakemake.output.file, json.dumps(facts, ensure_ascii=False, sort_keys=True) + "\n")
