"""Summarise what the checks of the raw values found."""

import json

import pandas as pd
from shidian.exhibits.data.data_checks.estimate import run
from shidian.exhibits.result import StudyInfo
from shidian.job import job, write_text
from shidian.messages.frames import read_messages

with job(snakemake):
    findings = pd.read_csv(snakemake.input.checks, dtype={"unit": str}, keep_default_na=False)
    read_messages(findings)
    spec, info = json.loads(snakemake.params.spec), StudyInfo(**json.loads(snakemake.params.info))
    write_text(snakemake.output.result, run(findings, spec, info).to_json())
