"""A planted truth -> the simulated yearbooks, lists of units and pilot lists, one job a level, workbooks in parallel.

REQUIRED INPUTS: config/truth/<study>.yaml, resources/regions/simulated_units/, resources/policies/simulated/
OUTPUTS: results/simulated/{city,county,province}/, results/simulated/{units,pilots,true_values,work_reports}/
"""

# What ships with the project is read from there, wherever one stands.
SHIPPED = "" if Path.cwd() == PROJECT else f"{PROJECT}/"
BESIDE = [
    "corrections.yaml",
    "key.csv",
    "planted.parquet",
    "truth.yaml",
    "SIMULATED.txt",
]
PROVINCES = [
    *(11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41),
    *(42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65),
]
CITY_STUDIES = ["income_gap_cities", "talent_agglomeration", "green_innovation_cities"]


rule simulate_cities:
    """Write the City Yearbooks, the list of cities and the pilots of the city studies."""
    input:
        truth=expand(
            "{project}config/truth/{study}.yaml", project=SHIPPED, study=CITY_STUDIES
        ),
        units=expand(
            "{project}resources/regions/simulated_units/{table}.csv",
            project=SHIPPED,
            table=["cities", "city_names", "provinces"],
        ),
        pilots=expand(
            "{project}resources/policies/simulated/{policy}.csv",
            project=SHIPPED,
            policy=["industrial_cluster", "innovative_city"],
        ),
    output:
        volumes=expand(
            "results/simulated/city/sim_city_yearbook_{year}.xlsx",
            year=range(2002, 2022),
        ),
        beside=expand("results/simulated/city/{file}", file=BESIDE),
        lists=expand(
            "results/simulated/pilots/sim_pilots_{study}.xlsx", study=CITY_STUDIES
        ),
        units="results/simulated/units/sim_city_units.xlsx",
        true_values=expand(
            "results/simulated/true_values/{study}.csv", study=CITY_STUDIES
        ),
    log:
        "results/logs/simulate_cities.log",
    benchmark:
        "results/benchmarks/simulate_cities.tsv"
    localrule: ON_NODE
    conda:
        "../../envs/shidian.yaml"
    threads: 8
    resources:
        **needs("simulate_cities"),
    params:
        level="city",
        simulation=PLAN.simulation_json(),
        code=lambda w: code_digest("simulate_yearbooks"),
    script:
        "../scripts/simulate_yearbooks.py"


rule simulate_counties:
    """Write the County Yearbooks, the list of counties and the simulated pilots."""
    input:
        truth=f"{SHIPPED}config/truth/industry_clusters_counties.yaml",
        units=expand(
            "{project}resources/regions/simulated_units/{table}.csv",
            project=SHIPPED,
            table=["counties", "provinces"],
        ),
    output:
        volumes=expand(
            "results/simulated/county/sim_county_yearbook_{year}.xlsx",
            year=range(2014, 2023),
        ),
        beside=expand("results/simulated/county/{file}", file=BESIDE),
        lists="results/simulated/pilots/sim_pilots_industry_clusters_counties.xlsx",
        units="results/simulated/units/sim_county_units.xlsx",
        true_values="results/simulated/true_values/industry_clusters_counties.csv",
    log:
        "results/logs/simulate_counties.log",
    benchmark:
        "results/benchmarks/simulate_counties.tsv"
    localrule: ON_NODE
    conda:
        "../../envs/shidian.yaml"
    threads: 8
    resources:
        **needs("simulate_counties"),
    params:
        level="county",
        simulation=PLAN.simulation_json(),
        code=lambda w: code_digest("simulate_yearbooks"),
    script:
        "../scripts/simulate_yearbooks.py"


rule simulate_provinces:
    """Write the China Statistical Yearbooks and the list of provinces."""
    input:
        truth=f"{SHIPPED}config/truth/productive_forces_provinces.yaml",
        units=f"{SHIPPED}resources/regions/simulated_units/provinces.csv",
    output:
        volumes=expand(
            "results/simulated/province/sim_province_yearbook_{year}.xlsx",
            year=range(2011, 2023),
        ),
        beside=expand("results/simulated/province/{file}", file=BESIDE),
        units="results/simulated/units/sim_province_units.xlsx",
        true_values="results/simulated/true_values/productive_forces_provinces.csv",
    log:
        "results/logs/simulate_provinces.log",
    benchmark:
        "results/benchmarks/simulate_provinces.tsv"
    localrule: ON_NODE
    conda:
        "../../envs/shidian.yaml"
    threads: 8
    resources:
        **needs("simulate_provinces"),
    params:
        level="province",
        simulation=PLAN.simulation_json(),
        code=lambda w: code_digest("simulate_yearbooks"),
    script:
        "../scripts/simulate_yearbooks.py"


rule simulate_work_reports:
    """Write the government work reports of the provinces, 2004 to 2018, as text."""
    input:
        units=f"{SHIPPED}resources/regions/simulated_units/provinces.csv",
    output:
        key="results/simulated/work_reports/key.csv",
        reports=expand(
            "results/simulated/work_reports/sim_work_report_{code}0000_{year}.txt",
            code=PROVINCES,
            year=range(2004, 2019),
        ),
    log:
        "results/logs/simulate_work_reports.log",
    localrule: ON_NODE
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("simulate_work_reports"),
    params:
        simulation=PLAN.simulation_json(),
        code=lambda w: code_digest("simulate_work_reports"),
    script:
        "../scripts/simulate_work_reports.py"


rule simulate_noise_free:
    """Compute a study's panel, indicators included, from its world without disturbances; true efficiency for scores."""
    input:
        truth=f"{SHIPPED}config/truth/{{study}}.yaml",
        aliases=lambda w: paths.alias_tables(PLAN, w.study),
        beside=lambda w: paths.records_beside(PLAN, w.study),
        texts=lambda w: paths.text_cells(PLAN, w.study),
        dictionaries=lambda w: paths.dictionaries(PLAN, w.study),
    output:
        panel="results/{study}/noise_free_panel.parquet",
    log:
        "results/logs/simulate_noise_free/{study}.log",
    benchmark:
        "results/benchmarks/simulate_noise_free/{study}.tsv"
    localrule: ON_NODE
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("simulate_noise_free"),
    params:
        root=lambda w: ROOT,
        simulation=PLAN.simulation_json(),
        spec=lambda w: PLAN.panel_digest(w.study),
        indicators=lambda w: PLAN.indicators_digest(w.study),
        scores=lambda w: PLAN.scores_digest(w.study),
        code=lambda w: code_digest(
            "simulate_noise_free", *PLAN.indicator_modules(w.study)
        ),
    script:
        "../scripts/simulate_noise_free.py"


rule estimate_pseudo_true:
    """Estimate an exhibit on the noise-free panel: the values that its estimates are graded against."""
    input:
        panel="results/{study}/noise_free_panel.parquet",
    output:
        result="results/{study}/pseudo_true/{exhibit}.json",
    log:
        "results/logs/estimate_pseudo_true/{study}_{exhibit}.log",
    localrule: ON_NODE
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("estimate_pseudo_true"),
    params:
        spec=lambda w: PLAN.spec(w.study, w.exhibit),
        info=lambda w: PLAN.info(w.study, w.exhibit),
        module=lambda w: PLAN.kind(w.study, w.exhibit).module,
        code=lambda w: code_digest(
            "estimate_exhibit", PLAN.kind(w.study, w.exhibit).module
        ),
    script:
        "../scripts/estimate_exhibit.py"


rule grade_extraction:
    """Grade what was read from the simulated yearbooks against what was planted in them."""
    input:
        cells=lambda w: paths.graded(PLAN, w.study, "cells.parquet"),
        records=lambda w: paths.graded(PLAN, w.study, "records.parquet"),
        planted=lambda w: paths.planted_files(PLAN, w.study, "planted.parquet"),
        key=lambda w: paths.planted_files(PLAN, w.study, "key.csv"),
        long="results/{study}/panel_long.parquet",
        checks="results/{study}/checks.csv",
    output:
        result="results/{study}/grades/{exhibit}.json",
    log:
        "results/logs/grade_extraction/{study}_{exhibit}.log",
    benchmark:
        "results/benchmarks/grade_extraction/{study}_{exhibit}.tsv"
    localrule: ON_NODE
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("grade_extraction"),
    params:
        spec=lambda w: PLAN.spec(w.study, w.exhibit),
        info=lambda w: PLAN.info(w.study, w.exhibit),
        code=lambda w: code_digest("grade_extraction"),
    script:
        "../scripts/grade_extraction.py"


rule recover_efficiency:
    """Put estimated efficiency beside the planted one: ranks, and the policy effect on each."""
    input:
        panel="results/{study}/panel.parquet",
        noise_free="results/{study}/noise_free_panel.parquet",
        truth="results/simulated/true_values/{study}.csv",
    output:
        result="results/{study}/recovery/{exhibit}.json",
    log:
        "results/logs/recover_efficiency/{study}_{exhibit}.log",
    localrule: ON_NODE
    conda:
        "../../envs/shidian.yaml"
    resources:
        **needs("recover_efficiency"),
    params:
        spec=lambda w: PLAN.spec(w.study, w.exhibit),
        info=lambda w: PLAN.info(w.study, w.exhibit),
        code=lambda w: code_digest("recover_efficiency"),
    script:
        "../scripts/recover_efficiency.py"
