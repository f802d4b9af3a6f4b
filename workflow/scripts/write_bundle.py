"""Write a study's bundle: inputs, code, results and the facts that let another person check them."""

import json
from pathlib import Path

from shidian.audit.bundle.write import write_bundle
from shidian.job import job, write_text

with job(snakemake.log[0], snakemake.input):
    facts = json.loads(snakemake.params.facts)
    target = Path(snakemake.output.bundle)
    digest = write_bundle(facts, Path(snakemake.params.root), Path("results"), target)
    write_text(snakemake.output.digest, f"{digest}  {target.name}\n")
