"""Put each published number beside the study's own."""

import json
from pathlib import Path

from shidian.exhibits.comparison import read_published, run
from shidian.exhibits.result import StudyInfo, read_result
from shidian.job import job, write_text

with job(snakemake.log[0]):
    results = {Path(path).stem: read_result(path) for path in snakemake.input.results}
    info = StudyInfo(**json.loads(snakemake.params.info))
    published = read_published(snakemake.input.published)
    write_text(snakemake.output.result, run(results, published, json.loads(snakemake.params.spec), info).to_json())
