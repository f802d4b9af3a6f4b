"""The traces of all exhibits of a study, as the report takes them."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pandas as pd

from shidian.exhibits.result import read_result
from shidian.messages import behind
from shidian.study.model import Study
from shidian.trace.estimate import EstimateTrace, Panels, trace_column
from shidian.trace.lines import report_lines
from shidian.yearbook.source import Source

Traced = Mapping[str, Mapping[str, EstimateTrace]]
"""Exhibit -> column of its estimates -> where they come from."""


def panels_of(study: Study, sources: Mapping[str, Source], frame: pd.DataFrame, long: pd.DataFrame) -> Panels:
    """Return a study with its panel, its raw values and the names of its raw files."""
    return Panels(study, frame, long, {name: tuple(f.path for f in s.files) for name, s in sources.items()})


def trace_study(panels: Panels, results: Mapping[str, str]) -> Traced:
    """Trace every column of every exhibit.

    Args:
        panels: the study with its panel and raw values.
        results: exhibit -> path of its result file.
    """
    traced: dict[str, dict[str, EstimateTrace]] = {}
    for exhibit, path in results.items():
        result = read_result(path)
        traced[exhibit] = {column: trace_column(panels, exhibit, column, result) for column in result.used}
    return traced


def traces_of_study(traced: Traced, study: str) -> str:
    """Return as JSON: exhibit -> column of its estimates -> labelled lines (``report_lines``)."""
    traces = {
        exhibit: {column: report_lines(trace, study) for column, trace in columns.items()}
        for exhibit, columns in traced.items()
    }
    return json.dumps(traces, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def messages_of(traces: str) -> str:
    """Return as JSON what is behind the lines that ``traces_of_study`` of this process gave (``behind``)."""
    columns = [lines for exhibit in json.loads(traces).values() for lines in exhibit.values()]
    found = behind(text for lines in columns for _, text in lines)
    return json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
