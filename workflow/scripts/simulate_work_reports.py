"""Write the simulated government work reports."""

import json

from shidian.job import job, write_files
from shidian.simulate.yearbooks import write_all_reports

with job(snakemake):
    seed = json.loads(snakemake.params.simulation)["seed"]
    write_files(snakemake.output, lambda folder: write_all_reports(folder, seed), root="results/simulated")
