"""Panel -> one result file an exhibit: numbers, table, figure data, notes, ledger. One job an exhibit.

REQUIRED INPUTS: results/<study>/panel.parquet
OUTPUTS: results/<study>/estimates/<exhibit>.json, comparisons/<exhibit>.json, stacked/<exhibit>.json
"""


rule estimate_exhibit:
    """Estimate one exhibit."""
    input:
        panel="results/{study}/panel.parquet",
    output:
        result="results/{study}/estimates/{exhibit}.json",
    log:
        "results/logs/estimate_exhibit/{study}_{exhibit}.log",
    benchmark:
        "results/benchmarks/estimate_exhibit/{study}_{exhibit}.tsv"
    localrule: ON_NODE
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("estimate_exhibit"),
    params:
        spec=lambda w: PLAN.spec(w.study, w.exhibit),
        info=lambda w: PLAN.info(w.study, w.exhibit),
        module=lambda w: PLAN.kind(w.study, w.exhibit).module,
        code=lambda w: code_digest(
            "estimate_exhibit", PLAN.kind(w.study, w.exhibit).module
        ),
    script:
        "../scripts/estimate_exhibit.py"


rule compare_published:
    """Put each published number beside the study's own; on simulated data, planted and pseudo-true values too."""
    input:
        results=lambda w: paths.compared_results(PLAN, w.study, w.exhibit),
        pseudo=lambda w: paths.pseudo_true_results(PLAN, w.study, w.exhibit),
        truth=lambda w: paths.truth_file(PLAN, w.study),
        published=lambda w: paths.published_file(PLAN, w.study, w.exhibit),
    output:
        result="results/{study}/comparisons/{exhibit}.json",
    log:
        "results/logs/compare_published/{study}_{exhibit}.log",
    localrule: True
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("compare_published", login_node=1),
    params:
        spec=lambda w: PLAN.spec(w.study, w.exhibit),
        info=lambda w: PLAN.info(w.study, w.exhibit),
        code=lambda w: code_digest("compare_published"),
    script:
        "../scripts/compare_published.py"


rule stack_panels:
    """Put the tables of exhibits one under the other, as the panels of one table."""
    input:
        results=lambda w: paths.stacked_results(PLAN, w.study, w.exhibit),
    output:
        result="results/{study}/stacked/{exhibit}.json",
    log:
        "results/logs/stack_panels/{study}_{exhibit}.log",
    localrule: True
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("stack_panels", login_node=1),
    params:
        spec=lambda w: PLAN.spec(w.study, w.exhibit),
        info=lambda w: PLAN.info(w.study, w.exhibit),
        code=lambda w: code_digest("stack_panels"),
    script:
        "../scripts/stack_panels.py"
