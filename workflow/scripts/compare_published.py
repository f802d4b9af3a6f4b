"""Put each published number beside the study's own; on simulated data, planted and pseudo-true values too."""

import json
from pathlib import Path

from shidian.exhibits.result import StudyInfo, read_result
from shidian.exhibits.truth import recovery
from shidian.exhibits.truth.comparison import estimate as comparison
from shidian.exhibits.truth.printed import read_published
from shidian.job import job, write_text
from shidian.schema import read_yaml

with job(snakemake):
    results = {Path(path).stem: read_result(path) for path in snakemake.input.results}
    pseudo = {Path(path).stem: read_result(path) for path in snakemake.input.pseudo}
    spec, info = json.loads(snakemake.params.spec), StudyInfo(**json.loads(snakemake.params.info))
    published = read_published(snakemake.input.published)
    if snakemake.input.truth:
        truth = read_yaml(Path(str(snakemake.input.truth)))
        found = recovery.run(results, pseudo, truth, published, spec, info)
    else:
        found = comparison.run(results, published, spec, info)
    write_text(snakemake.output.result, found.to_json())
