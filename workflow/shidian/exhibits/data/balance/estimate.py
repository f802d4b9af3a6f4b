"""Means of two groups side by side, the difference with its test, and the normalised difference."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings
from shidian.exhibits.data.descriptives.estimate import table_variables
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.samples import by_rows, refused, roles
from shidian.exhibits.subsample import needed_by, subsample
from shidian.exhibits.two_groups import TwoGroups, spread_of, two_groups
from shidian.inference.weights import row_weights, weights_of
from shidian.ledger import ledger_frame, ledger_row
from shidian.messages import say
from shidian.printed import statistic_name
from shidian.used import Rows

OF_GROUPS = {"n": "N", "mean": say("Mean"), "sd": say("SD")}
OF_BOTH = {"difference": say("Difference"), "se": say("SE"), "p": "p", "normalised": say("Normalised difference")}
DEFAULT = ("mean", "sd", "difference", "t")
SECOND = "second group"
"""Name of the dummy in the regression behind a difference."""


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Compare the means of the variables of ``spec`` between two groups.

    The difference is the coefficient of the second group's dummy in a regression of the variable on it, with the
    study's errors and weights. The normalised difference is (m2 - m1) / sqrt((s1^2 + s2^2) / 2) (Imbens and Rubin 2015,
    14.2). In the long schema the variable is the ``term``; ``first n`` ... ``second sd`` and the ``difference`` are
    columns.

    Raises:
        EstimationError: a column that the panel has not, groups that are not two, no row left.
    """
    exhibit, style, settings = notes.exhibit_id(spec), Style.of(spec), column_settings(spec, {}, 0, info)
    part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
    names = table_variables(spec, info, part)
    if str(spec["by"]) in part and part[str(spec["by"])].isna().all():
        empty = EstimationError(say("'{name}' has no value in the rows that the exhibit uses", name=spec["by"]))
        return notes.refusal(exhibit, info, names, empty, refused(part, {"variables": names, "groups": [spec["by"]]}))
    groups = two_groups(part, spec)
    inside = part.assign(**{SECOND: groups.second})[groups.second.notna()]
    known = inside[names].astype("float64").notna()
    data = inside[known.all(axis=1) if spec.get("rows") == "complete" else known.any(axis=1)]
    if data.empty:
        raise EstimationError(say("exhibit '{exhibit}': no row is left to describe", exhibit=exhibit))
    estimates = pd.concat([_of_variable(data, name, settings, info, exhibit) for name in names], ignore_index=True)
    wanted = list(spec.get("statistics", DEFAULT))
    lines = [Row(info.label(name), tuple(_cells(estimates, name, wanted, style))) for name in names]
    variables = roles({k: settings.get(k) for k in ("sample", "weights", "vcov")}, variables=names, groups=[spec["by"]])
    return ExhibitResult(
        estimates,
        Table(_header(wanted, groups, estimates), tuple(lines)),
        notes=tuple(_sentences(data, groups, settings, words, wanted, estimates, info, style)),
        ledger=ledger_frame(_ledger(part, groups, data, names)),
        used={
            str(column): replace(
                by_rows(data, part, variables, words, len(part) - len(data)),
                of_terms={name: Rows.of(_rows_behind(data, name, str(column)).index) for name in names},
            )
            for column in estimates["column"].unique()
        },
    )


def _of_variable(
    data: pd.DataFrame, name: str, settings: Mapping[str, Any], info: StudyInfo, exhibit: str
) -> pd.DataFrame:
    """Return all estimates of one variable."""
    rows, weighting = data[data[name].notna()], weights_of(settings)
    w = None if weighting is None else row_weights(rows, weighting)
    if w is not None:
        rows, w = rows[w > 0], w[w > 0]
    found, spreads = list[dict[str, Any]](), []
    for group, place in (("first", 0.0), ("second", 1.0)):
        own = (rows[SECOND] == place).to_numpy()
        mean, sd, n = spread_of(
            rows[name].to_numpy(dtype=float)[own], None if w is None else w[own], bool(weighting and weighting.counts)
        )
        spreads.append((mean, sd))
        for statistic, value, few in (("n", float(n), 0), ("mean", mean, 1), ("sd", sd, 2)):
            reason = say("{n} values", n=n) if n < few else ""
            found.append({"column": f"{group} {statistic}", "estimate": value, "n_obs": n, "reason": reason})
    (m1, s1), (m2, s2) = spreads
    spread = ((s1**2 + s2**2) / 2) ** 0.5
    has_spread = bool(spread > 0)
    found.append({
        "column": "normalised", "estimate": (m2 - m1) / spread if has_spread else np.nan,
        "n_obs": sum(int(one["estimate"]) for one in found if one["column"].endswith(" n")),
        "reason": "" if has_spread else say("no variation within the groups"),
    })  # fmt: skip
    constants = {"study": info.study, "exhibit": exhibit, "term": name}
    return pd.concat(
        [normalise(pd.DataFrame(found).assign(**constants)), _difference(rows, name, settings, constants)],
        ignore_index=True,
    )


def _rows_behind(data: pd.DataFrame, name: str, column: str) -> pd.DataFrame:
    """Return the rows with a value of a variable that an estimates' column is of: those of its group, or of both."""
    known = data[data[name].notna()]
    place = {"first": 0.0, "second": 1.0}.get(column.split()[0])
    return known if place is None else known[known[SECOND] == place]


def _difference(rows: pd.DataFrame, name: str, settings: Mapping[str, Any], at: Mapping[str, str]) -> pd.DataFrame:
    """Return the estimate of the difference, or why there is none."""
    try:
        fit = regress(
            rows, name, [SECOND], [], settings["vcov"], settings["ssc"], weights=weights_of(settings)
        ).fit.only(SECOND)
    except EstimationError as error:
        return missing(at["study"], at["exhibit"], "difference", at["term"], str(error))
    return fit.long(at["study"], at["exhibit"], "difference").assign(term=name)


def _header(
    wanted: Sequence[str], groups: TwoGroups, estimates: pd.DataFrame
) -> tuple[tuple[tuple[str, int], ...], ...]:
    of_groups, of_both = [s for s in wanted if s in OF_GROUPS], [s for s in wanted if s not in OF_GROUPS]
    df = estimates.loc[estimates["column"] == "difference", "df"].max()
    names = OF_BOTH | {"t": statistic_name(1.0 if pd.isna(df) else float(df))}
    below = [(OF_GROUPS[s], 1) for s in of_groups] * 2 + [(names[s], 1) for s in of_both]
    if not of_groups:
        return (((say("Variable"), 1), *below),)
    above = [(name, len(of_groups)) for name in groups.names] + ([("", len(of_both))] if of_both else [])
    return ((("", 1), *above), ((say("Variable"), 1), *below))


def _cells(estimates: pd.DataFrame, name: str, wanted: Sequence[str], style: Style) -> list[Cell]:
    """Return the cells of a variable: of the first group, of the second, of both."""
    own: dict[str, dict[Hashable, Any]] = {
        str(row["column"]): row for row in estimates[estimates["term"] == name].to_dict("records")
    }
    cells = []
    for column in [f"{group} {s}" for group in ("first", "second") for s in wanted if s in OF_GROUPS]:
        value = float(own[column]["estimate"])
        text = f"{int(value):,}" if column.endswith(" n") else style.number(value)
        cells.append(Cell(text, (column, name, "reason" if pd.isna(value) else "estimate")))
    for statistic in (s for s in wanted if s not in OF_GROUPS):
        column = "normalised" if statistic == "normalised" else "difference"
        field = {"t": "statistic", "normalised": "estimate", "difference": "estimate"}.get(statistic, statistic)
        value = float(own[column][field])
        text = style.p(value) if field == "p" else style.number(value)
        text += style.mark(float(own[column]["p"])) if statistic == "difference" else ""
        cells.append(Cell(text, (column, name, "reason" if pd.isna(value) else field)))
    return cells


def _sentences(
    data: pd.DataFrame, groups: TwoGroups, settings: Mapping[str, Any], words: str, wanted: Sequence[str],
    estimates: pd.DataFrame, info: StudyInfo, style: Style,
) -> list[str]:  # fmt: skip
    sizes = [int((data[SECOND] == place).sum()) for place in (0.0, 1.0)]
    weighting, errors = weights_of(settings), estimates.loc[estimates["vcov"] != "", ["vcov", "ssc"]]
    idle = 0 if weighting is None else int((row_weights(data, weighting) == 0).sum())
    tested = bool({"difference", "se", "t", "p"} & set(wanted)) and len(errors) > 0
    first, second = groups.names
    return [
        notes.described_sentence(len(data), data["unit"].nunique(), words, info),
        say("{first}: {n} rows; {second}: {m} rows.", first=first, second=second, n=sizes[0], m=sizes[1]),
        *([] if settings.get("rows") == "complete" else [say("Each variable on the rows where it is not missing.")]),
        *([notes.weighted_by(weighting, idle, info)] if weighting else []),
        *([say("SD with N-1.")] if "sd" in wanted else []),
        say("Difference: the mean of {second} less that of {first}.", first=first, second=second),
        *(
            [
                say(
                    "Tested in a regression of the variable on the group; standard errors: {kind}, small-sample "
                    "convention of {ssc}.",
                    kind=notes.errors_words(errors["vcov"].iloc[0], info), ssc=errors["ssc"].iloc[0],
                )
            ]
            if tested
            else []
        ),
        *([say("Normalised difference: over the root of the mean of the two variances.")] * ("normalised" in wanted)),
        *([notes.stars_sentence(style.stars)] if tested and "difference" in wanted else []),
        *notes.simulated_sentence(info),
    ]  # fmt: skip


def _ledger(part: pd.DataFrame, groups: TwoGroups, data: pd.DataFrame, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the lines of rows in neither group and of missing values."""
    gone = [(say("all variables"), groups.second.isna(), say("in neither group"))]
    gone += [(name, data[name].isna(), say("missing value")) for name in names]
    return [
        ledger_row(say("balance"), subject, why, units=part.loc[out.index[out], "unit"].nunique(), rows=int(out.sum()))
        for subject, out, why in gone
        if out.any()
    ]
