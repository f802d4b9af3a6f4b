"""Write a study's replication package: data, do-files and R scripts that re-estimate its regression tables."""

import json
from pathlib import Path

from shidian.audit.replication.inputs import read_finished
from shidian.audit.replication.package import write_package
from shidian.job import job

with job(snakemake):
    found = read_finished(json.loads(snakemake.params.facts), Path("results"))
    write_package(found, Path(snakemake.output.package))
