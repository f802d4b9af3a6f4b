"""Compute a study's panel from its world without disturbances, by the study's own formulas."""

import json
from pathlib import Path

import pandas as pd
from shidian.job import job, write_parquet
from shidian.panel.build import build_panel
from shidian.panel.indicators import add_indicators
from shidian.panel.keyword_share import Texts, load_dictionary
from shidian.panel.leave_out import leave_out
from shidian.panel.productivity import index_of
from shidian.simulate.records import world_records
from shidian.simulate.world import Size
from shidian.simulate.worlds import simulate_world, true_values
from shidian.study.model import SIMULATED
from shidian.study.read import read_study
from shidian.yearbook.aliases import load_aliases

with job(snakemake):
    study, _ = read_study(Path(snakemake.params.root), snakemake.wildcards.study)
    simulation = json.loads(snakemake.params.simulation)
    size = Size(**simulation["units"]) if simulation["units"] else None
    world = simulate_world(study.study, simulation["seed"], size, disturbed=False)
    records = world_records(world, simulation["seed"])
    for path in map(Path, snakemake.input.beside):
        known = [records[path.parent.name]] if path.parent.name in records else []
        records[path.parent.name] = pd.concat([*known, pd.read_parquet(path)], ignore_index=True)
    aliases = {Path(path).stem: load_aliases(path) for path in snakemake.input.aliases}
    panel = build_panel(study.panel, records, aliases)
    texts = None
    if snakemake.input.texts:
        cells = pd.concat([pd.read_parquet(path) for path in snakemake.input.texts]).set_index("cell_id")
        dictionaries = {Path(path).stem: load_dictionary(path) for path in snakemake.input.dictionaries}
        texts = Texts(panel.long, cells, dictionaries)
    frame = add_indicators(panel.frame, study.indicators, texts).panel
    truth = true_values(world.panels[study.study], [model.name for model in study.efficiency])
    frame = frame.merge(truth, on=["unit", "year"], how="left", validate="1:1")
    for index in study.productivity:
        values, _ = index_of(frame[frame["year"].between(*index.years)], index.name, index.spec)
        frame = frame.merge(values, on=["unit", "year"], how="left", validate="1:1")
    frame = leave_out(frame)
    frame[SIMULATED] = True
    write_parquet(snakemake.output.panel, frame)
