"""Put the tables of exhibits one under the other, as the panels of one table."""

import json
from pathlib import Path

from shidian.exhibits.result import StudyInfo, read_result
from shidian.exhibits.stacked.panels import estimate as panels
from shidian.job import job, write_text

with job(snakemake):
    results = {Path(path).stem: read_result(path) for path in snakemake.input.results}
    spec, info = json.loads(snakemake.params.spec), StudyInfo(**json.loads(snakemake.params.info))
    write_text(snakemake.output.result, panels.run(results, spec, info).to_json())
