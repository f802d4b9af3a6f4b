"""A trace in words: lines beside a clicked number in the report, and what ``shidian trace`` prints."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from shidian.messages import joined, say
from shidian.trace.estimate import EstimateTrace, TracedSample, TracedVariable

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
        facts = {"n": trace.n_cells, "files": len(trace.files), "names": list(named)}
        lines.append(("cells", say("{n:,} cells in {files} files: {names}", **facts)))
    lines += _draw_lines(trace)
    lines += [("estimate", _taken_from(exhibit, column, trace)) for exhibit, column in trace.estimates]
    return [*lines, ("follow", f"shidian trace {study} {trace.exhibit} '{trace.column}'")]


def _draw_lines(trace: EstimateTrace) -> list[Line]:
    if trace.seed is None:
        return []
    words = [say("seed {seed}", seed=trace.seed)]
    if trace.draws_lie:
        words.append(
            say(
                "draw d of 0 to {last:,} has the random stream SeedSequence({seed}, spawn_key=(d,))",
                last=trace.n_draws - 1,
                seed=trace.seed,
            )
        )
        words.append(say("each draw stands in {folder}", folder=trace.draws_lie))
    elif trace.n_draws:
        words.append(say("{n:,} draws", n=trace.n_draws))
    return [("draws", joined(words, "clauses"))]


def _taken_from(exhibit: str, column: str, trace: EstimateTrace) -> str:
    if not trace.noise_free:
        return say("{exhibit} {column}", exhibit=exhibit, column=column)
    return say(
        "{exhibit} {column}, the same on the panel without disturbances: {file}",
        exhibit=exhibit,
        column=column,
        file=trace.noise_free,
    )


def sample_words(sample: TracedSample) -> str:
    """Return what part of the panel was used."""
    if sample.noise_free:
        return say("{n:,} rows of {file}, the panel without disturbances", n=len(sample.rows), file=sample.noise_free)
    gone = [say("restricted to {words}", words=sample.words)] if sample.words else []
    gone += [say("{n:,} without a value", n=sample.n_missing)] if sample.n_missing else []
    gone += [say("{n:,} singletons", n=sample.n_singletons)] if sample.n_singletons else []
    gone += [say("{n:,} separated", n=sample.n_separated)] if sample.n_separated else []
    gone += [say("{n:,} that the method leaves out", n=sample.n_idle)] if sample.n_idle else []
    counts = {"n": len(sample.rows), "of": sample.n_panel}
    rows = say("{n:,} of {of:,} rows of the panel", **counts)
    if gone:
        rows = say("{n:,} of {of:,} rows of the panel ({gone})", **counts, gone=joined(gone, "commas"))
    more = [say("N counts {what}", what=sample.counts)] if sample.counts else []
    more += [say("nothing was estimated from them, see the note and the ledger")] if sample.refused else []
    return joined([rows, *more], "clauses")


def variable_words(variable: TracedVariable) -> str:
    """Return how a variable is made, down to the series of the sources, and from how many cells."""
    steps = [say("= {formula}", formula=variable.origins[0].formula)]
    steps += [say("{name} = {formula}", name=o.name, formula=o.formula) for o in variable.origins[1:]]
    reads = list(dict.fromkeys(read for o in variable.origins for read in o.reads))
    beyond = [say("{name}: {what}", name=o.name, what=o.beyond) for o in variable.origins if o.beyond]
    read = [say("reads {names} ({n:,} cells)", names=reads, n=variable.n_cells)] if reads else []
    return joined([*steps, *read, *beyond], "clauses")


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
    shown += [_shown(name, row[name]) for name in ("se", "statistic", "p") if not pd.isna(row[name])]
    shown += [f"N {row['n_obs']}"] if not pd.isna(row["n_obs"]) else []
    shown += [str(row["vcov"])] if row["vcov"] else []
    return f" ({', '.join(shown)})" if shown else ""


def _number(value: Any) -> str:
    return "none" if pd.isna(value) else f"{value:.10g}"


def _shown(name: str, value: Any) -> str:
    """Return a number with its name; a p-value beyond what a double holds is small, not zero."""
    return "p < 1e-300" if name == "p" and value == 0 else f"{name} {_number(value)}"
