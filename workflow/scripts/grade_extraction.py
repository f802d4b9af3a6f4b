"""Grade the extraction of the simulated yearbooks against their key."""

import json

import pandas as pd
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.truth.extraction_grade.estimate import CELLS, RECORDS, Reading, run
from shidian.job import job, write_text

with job(snakemake):
    given = snakemake.input
    reading = Reading(
        cells=pd.concat([pd.read_parquet(path, columns=list(CELLS)) for path in given.cells], ignore_index=True),
        records=pd.concat([pd.read_parquet(path, columns=list(RECORDS)) for path in given.records], ignore_index=True),
        long=pd.read_parquet(given.long),
        findings=pd.read_csv(given.checks, dtype={"unit": str}, keep_default_na=False),
    )
    planted = pd.concat([pd.read_parquet(path) for path in given.planted], ignore_index=True)
    key = pd.concat([pd.read_csv(path, dtype=str, keep_default_na=False) for path in given.key], ignore_index=True)
    spec, info = json.loads(snakemake.params.spec), StudyInfo(**json.loads(snakemake.params.info))
    write_text(snakemake.output.result, run(reading, planted, key, spec, info).to_json())
