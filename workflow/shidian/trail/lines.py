"""A trace in words: lines beside a clicked number in the report, and what ``shidian trace`` prints."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from shidian.trail.estimate import EstimateTrace, TracedSample, TracedVariable

Line = tuple[str, str]
"""(what, text): ``what`` is a key ``trace_<what>`` of the report's captions, or the name of a variable."""

FILES_SHOWN = 6
"""Most files named in the report; the command names all."""


def report_lines(trace: EstimateTrace, study: str) -> list[Line]:
    """Return the labelled lines that a click on a number of this column shows, the command to go on with last."""
    lines: list[Line] = []
    if trace.sample:
        lines.append(("sample", sample_words(trace.sample)))
    lines += [(v.name, variable_words(v)) for v in trace.variables]
    if trace.n_cells:
        named = trace.files if len(trace.files) <= FILES_SHOWN else (*trace.files[:FILES_SHOWN], "…")
        lines.append(("cells", f"{trace.n_cells:,} cells in {len(trace.files)} files: {', '.join(named)}"))
    lines += _draw_lines(trace)
    twin = f", the same on the panel without disturbances: {trace.noise_free}" if trace.noise_free else ""
    lines += [("estimate", f"{exhibit} {column}{twin}") for exhibit, column in trace.estimates]
    return [*lines, ("follow", f"shidian trace {study} {trace.exhibit} '{trace.column}'")]


def _draw_lines(trace: EstimateTrace) -> list[Line]:
    if trace.seed is None:
        return []
    words = f"seed {trace.seed}"
    if trace.n_draws:
        words += (
            f"; draw d of 0 to {trace.n_draws - 1:,} has the random stream SeedSequence({trace.seed}, spawn_key=(d,))"
        )
    if trace.draws_lie:
        words += f"; each draw stands in {trace.draws_lie}"
    return [("draws", words)]


def sample_words(sample: TracedSample) -> str:
    """Return what part of the panel was used, and whether the count is the estimate's."""
    rows = f"{len(sample.rows):,} of {sample.n_panel:,} rows of the panel"
    gone = [f"restricted to {sample.words}"] if sample.words else []
    gone += [f"{sample.n_missing:,} without a value"] if sample.n_missing else []
    gone += [f"{sample.n_singletons:,} singletons"] if sample.n_singletons else []
    left = f" ({', '.join(gone)})" if gone else ""
    more = "" if sample.exact else "; the method itself uses a part of them, see the note and the ledger"
    return rows + left + more


def variable_words(variable: TracedVariable) -> str:
    """Return how a variable is made, down to the raw indicators, and from how many cells."""
    steps = [f"= {variable.origins[0].formula}"]
    steps += [f"{o.name} = {o.formula}" for o in variable.origins[1:]]
    reads = list(dict.fromkeys(read for o in variable.origins for read in o.reads))
    beyond = [f"{o.name}: {o.beyond}" for o in variable.origins if o.beyond]
    read = [f"reads {', '.join(reads)} ({variable.n_cells:,} cells)"] if reads else []
    return "; ".join([*steps, *read, *beyond])


def describe_estimate(trace: EstimateTrace, study: str, estimates: pd.DataFrame, term: str | None) -> str:
    """Return a trace as ``shidian trace`` prints it: the estimates, then what they come from."""
    rows = estimates[estimates["column"] == trace.column]
    if term is not None:
        rows = rows[rows["term"] == term]
    lines = [f"{study}, exhibit {trace.exhibit} ({trace.kind}), column {trace.column}"]
    lines += [f"  {row['term']} = {_number(row['estimate'])}{_rest(row)}" for row in rows.to_dict("records")]
    lines += [f"  {what}: {text}" for what, text in report_lines(trace, study)[:-1]]
    if len(trace.files) > FILES_SHOWN:
        lines += [f"    {file}" for file in trace.files]
    for exhibit, column in trace.estimates:
        lines.append(f"  go on with: shidian trace {study} {exhibit} '{column}'")
    if trace.variables and trace.n_cells:
        lines.append(f"  go on with: shidian trace {study} UNIT YEAR {trace.variables[0].name}")
    return "\n".join(lines)


def _rest(row: Mapping[Hashable, Any]) -> str:
    if pd.isna(row["estimate"]) and row["reason"]:
        return f" ({row['reason']})"
    shown = [str(row["reason"])] if row["reason"] else []
    shown += [f"{name} {_number(row[name])}" for name in ("se", "statistic", "p") if not pd.isna(row[name])]
    shown += [f"N {row['n_obs']}"] if not pd.isna(row["n_obs"]) else []
    shown += [str(row["vcov"])] if row["vcov"] else []
    return f" ({', '.join(shown)})" if shown else ""


def _number(value: Any) -> str:
    return "none" if pd.isna(value) else f"{value:.10g}"
