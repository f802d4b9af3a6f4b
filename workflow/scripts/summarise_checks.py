"""Summarise what the checks of the raw values found, and name the variables that are not of the published size."""

import json
from pathlib import Path

import pandas as pd
from shidian.exhibits.data.data_checks.estimate import run
from shidian.exhibits.result import StudyInfo, read_result
from shidian.exhibits.truth.printed import read_published
from shidian.exhibits.truth.sizes import as_findings, sizes_apart
from shidian.job import job, write_text
from shidian.messages.frames import read_messages

with job(snakemake):
    findings = pd.read_csv(snakemake.input.checks, dtype={"unit": str}, keep_default_na=False)
    read_messages(findings)
    spec, info = json.loads(snakemake.params.spec), StudyInfo(**json.loads(snakemake.params.info))
    results = {Path(path).stem: read_result(path) for path in snakemake.input.described}
    sizes = [
        size
        for file, numbers in json.loads(snakemake.params.sizes).items()
        for size in sizes_apart(results, read_published(file), numbers)
    ]
    write_text(snakemake.output.result, run(findings, spec, info, as_findings(sizes, info.labels)).to_json())
