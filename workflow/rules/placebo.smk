"""Panel -> placebo draws in chunks of a declared size -> the placebo exhibit.

REQUIRED INPUTS: results/<study>/panel.parquet
OUTPUTS: results/<study>/placebo/<exhibit>/draws_<first>_<last>.parquet, placebo/<exhibit>.json
"""


rule draw_placebo_chunk:
    """Draw and estimate draws first..last; draw d is the same whatever the chunk."""
    input:
        panel="results/{study}/panel.parquet",
    output:
        draws="results/{study}/placebo/{exhibit}/draws_{first}_{last}.parquet",
    log:
        "results/logs/draw_placebo_chunk/{study}_{exhibit}_{first}_{last}.log",
    benchmark:
        "results/benchmarks/draw_placebo_chunk/{study}_{exhibit}_{first}_{last}.tsv"
    localrule: ON_NODE
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("draw_placebo_chunk"),
    params:
        spec=lambda w: PLAN.spec(w.study, w.exhibit, without=["draws", "chunk"]),
        info=lambda w: PLAN.info(w.study, w.exhibit),
        code=lambda w: code_digest(
            "draw_placebo_chunk",
            *estimator_modules(PLAN.studies[w.study].exhibit(w.exhibit)),
        ),
    script:
        "../scripts/draw_placebo_chunk.py"


rule gather_placebo:
    """Gather the draws into the placebo exhibit."""
    input:
        panel="results/{study}/panel.parquet",
        draws=lambda w: paths.placebo_chunks(PLAN, w.study, w.exhibit),
    output:
        result="results/{study}/placebo/{exhibit}.json",
    log:
        "results/logs/gather_placebo/{study}_{exhibit}.log",
    localrule: True
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("gather_placebo", login_node=1),
    params:
        spec=lambda w: PLAN.spec(w.study, w.exhibit),
        info=lambda w: PLAN.info(w.study, w.exhibit),
        code=lambda w: code_digest(
            "gather_placebo",
            *estimator_modules(PLAN.studies[w.study].exhibit(w.exhibit)),
        ),
    script:
        "../scripts/gather_placebo.py"
