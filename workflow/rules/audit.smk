"""Results, inputs and code -> one sealed bundle a study, for the reviewer.

REQUIRED INPUTS: everything that the reports are made of, the raw files, the project's own files
OUTPUTS: results/<study>/replication/, results/audit/<study>.zip, <study>.zip.sha256; <study>.zip.sig where the author has
    named a key in SHIDIAN_SIGNING_KEY
"""

SIGNED = [f"results/audit/{{study}}.zip{ENDING}"] if signing_key() else []


rule write_replication:
    """Write a study's replication package: data with labels, do-files, R scripts."""
    input:
        panel="results/{study}/panel.parquet",
        results=lambda w: paths.all_results(PLAN, w.study),
    output:
        package=directory("results/{study}/replication"),
    log:
        "results/logs/write_replication/{study}.log",
    localrule: True
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("write_replication", login_node=1),
    params:
        facts=lambda w: replication_facts(PLAN, w.study),
        code=lambda w: code_digest(
            "write_replication", *replication_modules(PLAN, w.study)
        ),
    script:
        "../scripts/write_replication.py"


rule write_bundle:
    """Write a study's bundle: RO-Crate, inputs, environment, exhibit map, ledger, README, results and code."""
    input:
        made=lambda w: made_files(PLAN, w.study),
        replication="results/{study}/replication",
        raw=lambda w: raw_paths(PLAN, w.study),
    output:
        bundle="results/audit/{study}.zip",
        digest="results/audit/{study}.zip.sha256",
        signature=SIGNED,
    log:
        "results/logs/write_bundle/{study}.log",
    localrule: True
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("write_bundle", login_node=1),
    params:
        root=lambda w: ROOT,
        facts=lambda w: study_facts(PLAN, w.study),
        tree=lambda w: tree_digest(Path(ROOT), PLAN.extensions),
        key=signing_key(),
        code=lambda w: code_digest("write_bundle"),
    script:
        "../scripts/write_bundle.py"


rule audit:
    """The bundles of all studies that can run."""
    input:
        expand("results/audit/{study}.zip", study=PLAN.studies),
    localrule: True
