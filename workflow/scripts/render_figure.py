"""Draw an exhibit's figure as PNG, PDF and SVG."""

import json

from shidian.exhibits.result import read_result
from shidian.job import job, write_files
from shidian.report.files import write_figure_files
from shidian.report.study_report import ExhibitMeta
from shidian.report.styled.apply import as_printed

with job(snakemake):
    meta = ExhibitMeta(**json.loads(snakemake.params.meta))
    result = as_printed(read_result(snakemake.input.result), meta)
    write_files(snakemake.output, lambda folder: write_figure_files(result, meta, folder))
