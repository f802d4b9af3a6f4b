"""Raw workbooks -> cells (verbatim) and records (unit, year, indicator, value), one job a workbook.

REQUIRED INPUTS: the raw files that config/sources/<source>.yaml declares, config/corrections.yaml
OUTPUTS: results/sources/<source>/<number>.{cells.parquet,records.parquet,ledger.csv,file.json}
"""


rule extract_workbook:
    """Read one workbook as its source file declares it."""
    input:
        raw=lambda w: paths.raw_file(PLAN, w.source, int(w.number)),
    output:
        cells="results/sources/{source}/{number}.cells.parquet",
        records="results/sources/{source}/{number}.records.parquet",
        ledger="results/sources/{source}/{number}.ledger.csv",
        file="results/sources/{source}/{number}.file.json",
    log:
        "results/logs/extract_workbook/{source}_{number}.log",
    benchmark:
        "results/benchmarks/extract_workbook/{source}_{number}.tsv"
    conda:
        "../../envs/shidian.yaml"
    params:
        root=ROOT,
        declared=lambda w: PLAN.source_digest(w.source),
        code=code_digest("extract_workbook"),
    script:
        "../scripts/extract_workbook.py"
