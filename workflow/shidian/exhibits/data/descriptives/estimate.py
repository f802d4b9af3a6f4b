"""Descriptive statistics: one row a variable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from shidian.errors import EstimationError, no_column
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.regression_table import DASH, Style
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.samples import by_rows, roles
from shidian.exhibits.subsample import needed_by, subsample
from shidian.inference.weights import Weighting, row_weights, weights_of
from shidian.ledger import ledger_frame, ledger_row
from shidian.messages import joined, say
from shidian.used import Rows

STATISTICS = {
    "n": "N", "mean": say("Mean"), "sd": say("SD"), "min": say("Min"), "p25": "P25", "median": say("Median"),
    "p75": "P75", "max": say("Max"), "cv": say("CV"),
}  # fmt: skip
DEFAULT = ("n", "mean", "sd", "min", "max")
LARGE = 1_000
QUANTILES = ("p25", "median", "p75")
NO_QUANTILE = say("no quantile of weighted rows is given here")
NO_VARIATION = say("a coefficient of variation wants values of zero or more, and a mean above zero")


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Describe the variables of ``spec`` (default: outcome, treatment, controls).

    ``rows: available`` (default) takes each variable's own non-missing rows, ``rows: complete`` the rows where
    no variable is missing. The standard deviation has N-1 in the denominator. In the long schema the statistic
    is the ``column`` and the variable the ``term``. ``groups`` sets headings between the rows, ``definitions`` a column
    of words beside the variables.

    Raises:
        EstimationError: a variable that the panel has not, or that stands in no group or in two.
    """
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
    names = table_variables(spec, info, part)
    wanted = spec.get("statistics", list(DEFAULT))
    data = part[names].astype("float64")
    weighting = weights_of(spec)
    w = _row_weights(part[data.notna().any(axis=1)], weighting)
    idle = 0 if w is None else int((w == 0).sum())
    data = data if w is None else data.loc[w.index[w > 0]]
    if spec.get("rows", "available") == "complete":
        data = data.dropna()
    if data.empty:
        raise EstimationError(say("exhibit '{exhibit}': no row is left to describe", exhibit=exhibit))
    counts = bool(weighting and weighting.counts)
    estimates = normalise(
        pd.concat([_long(data[name], w, counts, wanted, exhibit, info) for name in names], ignore_index=True)
    )
    definitions = {str(name): str(text) for name, text in spec.get("definitions", {}).items()}
    words_head = [(say("Definition"), 1)] if definitions else []
    header = (((say("Variable"), 1), *words_head, *((STATISTICS[s], 1) for s in wanted)),)
    rows: list[Row] = []
    for heading, members in _groups(spec, names, exhibit):
        if heading:
            rows.append(Row(heading, tuple(Cell("") for _ in header[0][1:]), rule_above=bool(rows)))
        for name in members:
            defined = [Cell(definitions.get(name, ""))] * bool(definitions)
            whole = bool((data[name].dropna() % 1 == 0).all())
            rows.append(Row(info.label(name), (*defined, *(_cell(estimates, name, s, style, whole) for s in wanted))))
    complete = spec.get("rows", "available") == "complete"
    text = [
        notes.described_sentence(len(data), part.loc[data.index, "unit"].nunique(), words, info),
        say("{n} rows with any variable missing are left out.", n=len(part) - len(data))
        if complete
        else say("Each variable on the rows where it is not missing."),
        *([notes.weighted_by(weighting, idle, info)] if weighting else []),
        say("SD with N-1."),
        *_measured(names, info),
        *([say("CV = SD / mean.")] if "cv" in wanted else []),
        *notes.simulated_sentence(info),
    ]
    units = part.loc[data.index, "unit"]
    ledger = [
        ledger_row(say("descriptives"), name, say("missing value"), units=units[gone].nunique(), rows=int(gone.sum()))
        for name, gone in ((name, data[name].isna()) for name in names)
        if gone.any()
    ]
    if len(data) < len(part):
        lost = part.drop(index=data.index)
        gone = {"units": lost["unit"].nunique(), "rows": len(lost)}
        ledger.append(ledger_row(say("descriptives"), say("all variables"), say("a variable is missing"), **gone))
    variables = roles({"sample": spec.get("sample"), "weights": spec.get("weights")}, variables=names)
    known = data.dropna(how="all")
    used = replace(
        by_rows(known, part, variables, words, len(part) - len(known)),
        of_terms={n: Rows.of(data[n].dropna().index) for n in names},
    )
    return ExhibitResult(
        estimates, Table(header, tuple(rows)), notes=tuple(text), ledger=ledger_frame(ledger),
        used=dict.fromkeys(wanted, used),
    )  # fmt: skip


def _measured(names: list[str], info: StudyInfo) -> list[str]:
    """Return the sentence on the units of measure of those variables that have one."""
    measured = [(info.label(name), info.measures[name]) for name in names if name in info.measures]
    if not measured:
        return []
    said = joined([say("{variable} in {measure}", variable=label, measure=text) for label, text in measured], "commas")
    return [say("Units of measure: {list}.", list=said)]


def _groups(spec: Mapping[str, Any], names: list[str], exhibit: str) -> list[tuple[str, list[str]]]:
    """Return (heading, variables) in printed order; one group without heading where none are declared."""
    if "groups" not in spec:
        return [("", names)]
    groups = [(str(group["heading"]), [str(name) for name in group["variables"]]) for group in spec["groups"]]
    grouped = [name for _, members in groups for name in members]
    if sorted(grouped) != sorted(names):
        raise EstimationError(
            say(
                "exhibit '{exhibit}': its groups hold {grouped}, its variables are {names}; each variable must stand "
                "in one group",
                exhibit=exhibit,
                grouped=grouped,
                names=names,
            )
        )
    return groups


def table_variables(spec: Mapping[str, Any], info: StudyInfo, panel: pd.DataFrame) -> list[str]:
    """Return the variables that a table of variables is about: those named, else outcome, treatment, controls.

    Raises:
        EstimationError: a name that the panel has not, or no variable at all.
    """
    default = [*([spec["outcome"]] if "outcome" in spec else []), info.treatment, *spec.get("controls", [])]
    names = list(dict.fromkeys(spec.get("variables", default)))
    for name in names:
        if name not in panel.columns:
            raise no_column(name, panel.columns)
    return names


def _row_weights(part: pd.DataFrame, weighting: Weighting | None) -> pd.Series | None:
    """Return the weights of the rows as they stand, None for none."""
    if weighting is None:
        return None
    if weighting.variable not in part.columns:
        raise no_column(weighting.variable, part.columns)
    return pd.Series(row_weights(part, weighting), index=part.index)


def _long(
    column: pd.Series, w: pd.Series | None, counts: bool, wanted: list[str], exhibit: str, info: StudyInfo
) -> pd.DataFrame:
    values = column.dropna()
    mean, sd, n = values.mean(), values.std(ddof=1), len(values)
    quantiles = values.quantile([0.25, 0.5, 0.75]).tolist() if n and w is None else [float("nan")] * 3
    if w is not None and n:
        mean, sd, n = _weighted(values, w[values.index], counts)
    all_of = dict(zip(QUANTILES, quantiles, strict=True)) | {
        "n": float(n), "mean": mean, "sd": sd, "min": values.min(), "max": values.max(),
        "cv": float("nan") if n < 2 or (values < 0).any() or mean == 0 else float(sd / mean),
    }  # fmt: skip
    frame = pd.DataFrame({"column": wanted, "estimate": [all_of[s] for s in wanted]})
    few = "" if n > 1 else say("{n} values", n=n)
    why = {s: few or (NO_QUANTILE if s in QUANTILES else NO_VARIATION) for s in wanted}
    frame["reason"] = ["" if pd.notna(v) else why[s] for s, v in zip(frame["column"], frame["estimate"], strict=True)]
    return frame.assign(study=info.study, exhibit=exhibit, term=str(column.name), n_obs=n)


def _weighted(values: pd.Series, w: pd.Series, counts: bool) -> tuple[float, float, int]:
    """Return weighted mean and standard deviation, N-1 in its denominator, and N ([R] summarize of Stata)."""
    n = int(w.sum()) if counts else len(w)
    own = w * (n / w.sum())
    mean = float((own * values).sum() / n)
    spread = float((own * (values - mean) ** 2).sum() / (n - 1)) if n > 1 else float("nan")
    return mean, spread**0.5, n


def _cell(estimates: pd.DataFrame, name: str, statistic: str, style: Style, whole: bool) -> Cell:
    """Return a printed statistic; the extremes of a variable of whole numbers, such as a dummy, are whole."""
    at = (estimates["term"] == name) & (estimates["column"] == statistic)
    value = estimates.loc[at, "estimate"].iloc[0]
    if pd.isna(value):
        return Cell(DASH, (statistic, name, "reason"))
    counted = statistic == "n" or (whole and statistic in ("min", "max"))
    beside = estimates.loc[(estimates["term"] == name) & (estimates["column"] != "n"), "estimate"].abs().max()
    text = f"{int(value):,}" if counted else spread(value, style, beside)
    return Cell(text, (statistic, name, "estimate"))


def spread(value: float, style: Style, beside: float = 0.0) -> str:
    """Return a mean, deviation or bound as printed: from a thousand on without decimals, with separators.

    Beside a number so large (``beside``: the largest of its variable), one from a hundred on, and a whole one, has no
    decimals either.
    """
    large = abs(value) >= LARGE or (beside >= LARGE and (abs(value) >= LARGE / 10 or float(value).is_integer()))
    return f"{value:,.0f}" if large else style.number(value)
