"""What a replication package must know of its study beyond the results on disk; light, for the graph of jobs."""

from __future__ import annotations

import json

from shidian.study.model import in_language
from shidian.study.paths import result_file
from shidian.study.plan import Plan, canonical


def replication_modules(plan: Plan, study: str) -> tuple[str, ...]:
    """Return the modules that make the models behind a study's exhibits, for the digest of the job."""
    found = {plan.kind(study, e["id"]).replicate_module for e in plan.studies[study].exhibits}
    return tuple(sorted(found - {""}))


def replication_facts(plan: Plan, study: str) -> str:
    """Return as JSON the title, treatment and labels of a study, and of each exhibit what its job was given."""
    declared = plan.studies[study]
    treatment = declared.panel.treatment
    return canonical({
        "study": study,
        "title": plan.title(declared),
        "simulated": plan.is_simulated(study),
        "treatment": treatment.name if treatment else "",
        "labels": {name: in_language(text, plan.language_of(study)) for name, text in declared.labels.items()},
        "exhibits": [
            {
                "spec": json.loads(plan.spec(study, e["id"])), "info": json.loads(plan.info(study, e["id"])),
                "result": result_file(plan, study, e["id"]),
            }
            for e in declared.exhibits
        ],
    })  # fmt: skip
