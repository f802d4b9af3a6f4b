"""Write a study's bundle: inputs, code, results and the facts that let another person check them."""

import json
from pathlib import Path

from shidian.audit.bundle.write import write_bundle
from shidian.audit.signature import ENDING, sign
from shidian.job import job, write_text

with job(snakemake):
    facts = json.loads(snakemake.params.facts)
    target = Path(snakemake.output.bundle)
    target.with_name(f"{target.name}{ENDING}").unlink(missing_ok=True)  # of an earlier bundle
    digest = write_bundle(facts, Path(snakemake.params.root), Path("results"), target)
    write_text(snakemake.output.digest, f"{digest}  {target.name}\n")
    if snakemake.params.key:
        sign(target, snakemake.params.key)
