# shidian: from raw yearbooks to the finished paper. A table of contents; each stage has its file in workflow/rules.
from snakemake.utils import min_version

min_version("9.27")


include: "workflow/rules/light.smk"
include: "workflow/rules/common.smk"
include: "workflow/rules/cluster.smk"
include: "workflow/rules/simulate.smk"
include: "workflow/rules/extract.smk"
include: "workflow/rules/panel.smk"
include: "workflow/rules/indicators.smk"
include: "workflow/rules/estimate.smk"
include: "workflow/rules/placebo.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/audit.smk"


rule all:
    """Every report of the studies that can run, all that the reports lead to, and the index over them."""
    input:
        "results/index.html",
        paths.finished(PLAN),
    localrule: True
