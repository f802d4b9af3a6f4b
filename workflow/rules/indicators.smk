"""Variables -> indicators and efficiency scores -> the study's panel.

REQUIRED INPUTS: results/<study>/variables.parquet; for keyword shares also panel_long.parquet,
    results/sources/<source>/<first>_<last>.cells.parquet of the texts, config/dictionaries/<name>.txt
OUTPUTS: results/<study>/indicators.parquet, entropy_weights.csv, efficiency/<model>/<year>.parquet,
    productivity/<index>.parquet, panel.parquet
"""


rule compute_indicators:
    """Compute the declared indicators in their order."""
    input:
        panel="results/{study}/variables.parquet",
        long=lambda w: paths.texts_joined(PLAN, w.study),
        texts=lambda w: paths.text_cells(PLAN, w.study),
        dictionaries=lambda w: paths.dictionaries(PLAN, w.study),
    output:
        panel="results/{study}/indicators.parquet",
        weights="results/{study}/entropy_weights.csv",
        ledger="results/{study}/indicators_ledger.csv",
    log:
        "results/logs/compute_indicators/{study}.log",
    localrule: ON_NODE
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("compute_indicators"),
    params:
        root=lambda w: ROOT,
        declared=lambda w: PLAN.indicators_digest(w.study),
        code=lambda w: code_digest(
            "compute_indicators", *PLAN.indicator_modules(w.study)
        ),
    script:
        "../scripts/compute_indicators.py"


rule solve_efficiency_year:
    """Solve Super-SBM for one year's frontier, or for all years where frontiers pool them."""
    input:
        panel="results/{study}/indicators.parquet",
    output:
        scores="results/{study}/efficiency/{model}/{part}.parquet",
        ledger="results/{study}/efficiency/{model}/{part}.ledger.csv",
    log:
        "results/logs/solve_efficiency_year/{study}_{model}_{part}.log",
    benchmark:
        "results/benchmarks/solve_efficiency_year/{study}_{model}_{part}.tsv"
    wildcard_constraints:
        model="[a-z][a-z0-9_]*",
        part=r"\d+|all",
    localrule: ON_NODE
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("solve_efficiency_year"),
    params:
        declared=lambda w: PLAN.efficiency_model(w.study, w.model),
        module=lambda w: PLAN.efficiency_modules(w.study, w.model)[0],
        code=lambda w: code_digest(
            "solve_efficiency_year", *PLAN.efficiency_modules(w.study, w.model)
        ),
    script:
        "../scripts/solve_efficiency_year.py"


rule compute_productivity:
    """Compare consecutive years: a productivity index of all years."""
    input:
        panel="results/{study}/indicators.parquet",
    output:
        index="results/{study}/productivity/{name}.parquet",
        ledger="results/{study}/productivity/{name}.ledger.csv",
    log:
        "results/logs/compute_productivity/{study}_{name}.log",
    benchmark:
        "results/benchmarks/compute_productivity/{study}_{name}.tsv"
    wildcard_constraints:
        name="[a-z][a-z0-9_]*",
    localrule: ON_NODE
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("compute_productivity"),
    params:
        declared=lambda w: PLAN.productivity_index(w.study, w.name),
        code=lambda w: code_digest("compute_productivity"),
    script:
        "../scripts/compute_productivity.py"


rule assemble_panel:
    """Add efficiency scores and productivity to the panel: what every exhibit estimates on."""
    input:
        panel="results/{study}/indicators.parquet",
        scores=lambda w: paths.score_parts(PLAN, w.study),
        productivity=lambda w: paths.productivity_files(PLAN, w.study),
    output:
        panel="results/{study}/panel.parquet",
    log:
        "results/logs/assemble_panel/{study}.log",
    localrule: True
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("assemble_panel", login_node=1),
    params:
        simulated=lambda w: PLAN.is_simulated(w.study),
        code=lambda w: code_digest("assemble_panel"),
    script:
        "../scripts/assemble_panel.py"
