"""Hold the volumes of a source against those beside them."""

import pandas as pd
from shidian.job import job, write_csv
from shidian.messages.frames import with_messages
from shidian.slips.records import READ, slips_of

with job(snakemake):
    records = pd.concat([pd.read_parquet(path, columns=list(READ)) for path in snakemake.input.records])
    write_csv(snakemake.output.slips, with_messages(slips_of(records)))
