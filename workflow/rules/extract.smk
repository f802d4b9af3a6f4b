"""Raw workbooks -> cells (verbatim) and records (unit, year, series, value), one job a batch of workbooks.

REQUIRED INPUTS: the raw files that config/sources/<source>.yaml declares, config/corrections.yaml; for simulated
yearbooks results/simulated/<level>/corrections.yaml
OUTPUTS: results/sources/<source>/<first>_<last>.{cells.parquet,records.parquet,ledger.csv,files.json}, and of sources
that are not simulated results/sources/<source>/slips.csv
"""


rule extract_workbooks:
    """Read a batch of workbooks as their source file declares them."""
    input:
        raw=lambda w: paths.raw_files(PLAN, w.source, int(w.first), int(w.last)),
        planted=lambda w: paths.planted_corrections(PLAN, w.source),
    output:
        cells="results/sources/{source}/{first}_{last}.cells.parquet",
        records="results/sources/{source}/{first}_{last}.records.parquet",
        ledger="results/sources/{source}/{first}_{last}.ledger.csv",
        files="results/sources/{source}/{first}_{last}.files.json",
    log:
        "results/logs/extract_workbooks/{source}_{first}_{last}.log",
    benchmark:
        "results/benchmarks/extract_workbooks/{source}_{first}_{last}.tsv"
    localrule: ON_NODE
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("extract_workbooks"),
    params:
        root=lambda w: ROOT,
        declared=lambda w: PLAN.source_digest(w.source),
        limits=PLAN.limits,
        contents=lambda w: paths.raw_contents(PLAN, w.source, int(w.first), int(w.last)),
        code=lambda w: code_digest("extract_workbooks"),
    script:
        "../scripts/extract_workbooks.py"


rule find_slips:
    """Hold the volumes of a source against those beside them."""
    input:
        records=lambda w: paths.extracted_of(PLAN.sources[w.source], "records.parquet"),
    output:
        slips="results/sources/{source}/slips.csv",
    log:
        "results/logs/find_slips/{source}.log",
    benchmark:
        "results/benchmarks/find_slips/{source}.tsv"
    localrule: ON_NODE
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("find_slips"),
    params:
        code=lambda w: code_digest("find_slips"),
    script:
        "../scripts/find_slips.py"
