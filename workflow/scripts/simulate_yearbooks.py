"""Write the simulated yearbooks of one level, workbooks in parallel, with what was planted beside them."""

import json

from shidian.job import job, write_files
from shidian.simulate.world import Size
from shidian.simulate.yearbooks import write_level

with job(snakemake):
    simulation = json.loads(snakemake.params.simulation)
    size = Size(**simulation["units"]) if simulation["units"] else None
    write_files(
        snakemake.output,
        lambda folder: write_level(
            snakemake.params.level, folder, simulation["seed"], size=size, jobs=snakemake.threads
        ),
        root="results/simulated",
    )
