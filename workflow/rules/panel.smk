"""Records of all sources -> the study's panel.

REQUIRED INPUTS: results/sources/<source>/<number>.records.parquet, config/aliases/<table>.csv
OUTPUTS: results/<study>/panel.parquet, panel_long.parquet, panel_ledger.csv, checks.csv
"""


rule build_panel:
    """Join the sources, compute the variables, date the treatment."""
    input:
        records=lambda w: paths.extracted(PLAN, w.study, "records.parquet"),
        aliases=lambda w: paths.alias_tables(PLAN, w.study),
    output:
        panel="results/{study}/panel.parquet",
        long="results/{study}/panel_long.parquet",
        ledger="results/{study}/panel_ledger.csv",
        checks="results/{study}/checks.csv",
    log:
        "results/logs/build_panel/{study}.log",
    benchmark:
        "results/benchmarks/build_panel/{study}.tsv"
    conda:
        "../../envs/shidian.yaml"
    params:
        root=ROOT,
        spec=lambda w: PLAN.panel_digest(w.study),
        code=code_digest("build_panel"),
    script:
        "../scripts/build_panel.py"
