"""Records of all sources -> the study's variables.

REQUIRED INPUTS: results/sources/<source>/<number>.records.parquet, config/aliases/<table>.yaml,
    of names that sources join on the <number>.cells.parquet, and slips.csv of sources that are not simulated
OUTPUTS: results/<study>/variables.parquet, panel_long.parquet, panel_ledger.csv, checks.csv, matches.csv
"""


rule build_panel:
    """Join the sources, compute the variables, date the treatment."""
    input:
        records=lambda w: paths.extracted(PLAN, w.study, "records.parquet"),
        aliases=lambda w: paths.alias_tables(PLAN, w.study),
        texts=lambda w: paths.joined_texts(PLAN, w.study),
        slips=lambda w: paths.slip_tables(PLAN, w.study),
    output:
        panel="results/{study}/variables.parquet",
        long="results/{study}/panel_long.parquet",
        ledger="results/{study}/panel_ledger.csv",
        checks="results/{study}/checks.csv",
        matches="results/{study}/matches.csv",
    log:
        "results/logs/build_panel/{study}.log",
    benchmark:
        "results/benchmarks/build_panel/{study}.tsv"
    localrule: ON_NODE
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("build_panel"),
    params:
        root=lambda w: ROOT,
        spec=lambda w: PLAN.panel_digest(w.study),
        code=lambda w: code_digest("build_panel"),
    script:
        "../scripts/build_panel.py"


rule summarise_checks:
    """Count what the checks of the raw values found, and name what is not of the published size."""
    input:
        checks="results/{study}/checks.csv",
        described=lambda w: printed_sizes.described_results(PLAN, w.study),
        published=lambda w: list(printed_sizes.sized_numbers(PLAN, w.study)),
    output:
        result="results/{study}/checks/{exhibit}.json",
    log:
        "results/logs/summarise_checks/{study}_{exhibit}.log",
    localrule: True
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("summarise_checks", login_node=1),
    params:
        spec=lambda w: PLAN.spec(w.study, w.exhibit),
        info=lambda w: PLAN.info(w.study, w.exhibit),
        sizes=lambda w: printed_sizes.sizes_param(PLAN, w.study),
        code=lambda w: code_digest("summarise_checks"),
    script:
        "../scripts/summarise_checks.py"
