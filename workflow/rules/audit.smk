"""Results, inputs and code -> one sealed bundle a study, for the reviewer.

REQUIRED INPUTS: everything that the reports are made of, the raw files, the project's own files
OUTPUTS: results/audit/<study>.zip, <study>.zip.sha256
"""


rule write_bundle:
    """Write a study's bundle: RO-Crate, inputs, environment, exhibit map, ledger, README, results and code."""
    input:
        made=lambda w: made_files(PLAN, w.study),
        raw=lambda w: raw_paths(PLAN, w.study),
    output:
        bundle="results/audit/{study}.zip",
        digest="results/audit/{study}.zip.sha256",
    log:
        "results/logs/write_bundle/{study}.log",
    conda:
        "../../envs/shidian.yaml"
    params:
        root=ROOT,
        facts=lambda w: study_facts(PLAN, w.study),
        tree=lambda w: tree_digest(Path(ROOT)),
        code=code_digest("write_bundle"),
    script:
        "../scripts/write_bundle.py"


localrules:
    audit,


rule audit:
    """The bundles of all studies that can run."""
    input:
        expand("results/audit/{study}.zip", study=PLAN.studies),
