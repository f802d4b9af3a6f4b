"""Result files -> printed tables, drawn figures, the sample ledger, the reports and their index.

REQUIRED INPUTS: results/<study>/{estimates,placebo,comparisons}/..., results/sources/...
OUTPUTS: results/<study>/traces.json, traces_messages.json, cells.js, exhibits/<exhibit>.{csv,tex,docx,xlsx,md,png,pdf}, ledger.csv, ledger_messages.json, report.{html,pdf,docx}; results/index.html
"""


rule render_table:
    """Print an exhibit's table in every format: CSV, LaTeX, Word and Excel, and its estimates as CSV."""
    input:
        result=lambda w: paths.result_file(PLAN, w.study, w.exhibit),
    output:
        csv=report(
            "results/{study}/exhibits/{exhibit}.csv",
            category="{study}",
            subcategory="tables",
            labels={"exhibit": "{exhibit}"},
        ),
        others=paths.printed_tables(apart=[".csv"]),
    log:
        "results/logs/render_table/{study}_{exhibit}.log",
    localrule: True
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("render_table", login_node=1),
    params:
        meta=lambda w: PLAN.meta(w.study, w.exhibit),
        code=lambda w: code_digest("render_table", *format_modules()),
    script:
        "../scripts/render_table.py"


rule render_figure:
    """Draw an exhibit's figure as PNG, PDF and SVG."""
    input:
        result=lambda w: paths.result_file(PLAN, w.study, w.exhibit),
    output:
        png=report(
            "results/{study}/exhibits/{exhibit}.png",
            category="{study}",
            subcategory="figures",
            labels={"exhibit": "{exhibit}"},
        ),
        pdf="results/{study}/exhibits/{exhibit}.pdf",
        svg="results/{study}/exhibits/{exhibit}.svg",
    log:
        "results/logs/render_figure/{study}_{exhibit}.log",
    localrule: True
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("render_figure", login_node=1),
    params:
        meta=lambda w: PLAN.meta(w.study, w.exhibit),
        code=lambda w: code_digest(
            "render_figure", *PLAN.kind(w.study, w.exhibit).figure_modules
        ),
    script:
        "../scripts/render_figure.py"


rule assemble_ledger:
    """Gather what every step dropped, filled, corrected or left unmatched."""
    input:
        extracted=lambda w: paths.extracted(PLAN, w.study, "ledger.csv"),
        files=lambda w: paths.extracted(PLAN, w.study, "files.json"),
        panel="results/{study}/panel_ledger.csv",
        indicators="results/{study}/indicators_ledger.csv",
        efficiency=lambda w: paths.score_ledgers(PLAN, w.study),
        results=lambda w: paths.all_results(PLAN, w.study),
    output:
        ledger="results/{study}/ledger.csv",
        messages="results/{study}/ledger_messages.json",
    log:
        "results/logs/assemble_ledger/{study}.log",
    localrule: True
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("assemble_ledger", login_node=1),
    params:
        code=lambda w: code_digest("assemble_ledger"),
        simulated=lambda w: PLAN.is_simulated(w.study),
    script:
        "../scripts/assemble_ledger.py"


rule trace_exhibits:
    """Follow every column of every exhibit to its sample, its variables and their workbook cells."""
    input:
        panel="results/{study}/panel.parquet",
        long="results/{study}/panel_long.parquet",
        results=lambda w: paths.all_results(PLAN, w.study),
    output:
        traces="results/{study}/traces.json",
        messages="results/{study}/traces_messages.json",
        cells="results/{study}/cells.js",
    log:
        "results/logs/trace_exhibits/{study}.log",
    benchmark:
        "results/benchmarks/trace_exhibits/{study}.tsv"
    localrule: ON_NODE
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("trace_exhibits"),
    params:
        root=lambda w: ROOT,
        declared=lambda w: PLAN.traces_digest(w.study),
        simulated=lambda w: PLAN.is_simulated(w.study),
        code=lambda w: code_digest("trace_exhibits"),
    script:
        "../scripts/trace_exhibits.py"


rule render_report:
    """Write the study's report as one HTML page, as PDF and as Word; fail where an exhibit is missing or empty."""
    input:
        results=lambda w: paths.all_results(PLAN, w.study),
        rendered=lambda w: paths.rendered(PLAN, w.study),
        files=lambda w: paths.extracted(PLAN, w.study, "files.json"),
        ledger="results/{study}/ledger.csv",
        traces="results/{study}/traces.json",
        panel="results/{study}/panel.parquet",
        messages=[
            "results/{study}/ledger_messages.json",
            "results/{study}/traces_messages.json",
        ],
        published=lambda w: paths.published_files(PLAN, w.study),
    output:
        html=report(
            "results/{study}/report.html",
            category="{study}",
            labels={"exhibit": "the whole report"},
        ),
        pdf="results/{study}/report.pdf",
        docx="results/{study}/report.docx",
    log:
        "results/logs/render_report/{study}.log",
    benchmark:
        "results/benchmarks/render_report/{study}.tsv"
    localrule: True
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("render_report", login_node=1),
    params:
        meta=lambda w: PLAN.report_meta(w.study),
        versions=lambda w: paths.versions(),
        code=lambda w: code_digest("render_report"),
    script:
        "../scripts/render_report.py"


rule render_index:
    """List the reports, and the studies that could not run."""
    input:
        reports=expand("results/{study}/report.html", study=PLAN.studies),
        results=[
            path for study in PLAN.studies for path in paths.all_results(PLAN, study)
        ],
    output:
        index="results/index.html",
    log:
        "results/logs/render_index.log",
    localrule: True
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("render_index", login_node=1),
    params:
        meta=lambda w: PLAN.index_meta(),
        code=lambda w: code_digest("render_index"),
    script:
        "../scripts/render_index.py"
