"""A variable's yearly mean, for all units and by ever-treated and never-treated ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from shidian.errors import EstimationError
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.groups import groups_of
from shidian.exhibits.known_rows import known_rows, missing_ledger
from shidian.exhibits.result import ExhibitResult, Figure, StudyInfo
from shidian.exhibits.samples import ADOPTION, by_rows, roles
from shidian.exhibits.subsample import needed_by, subsample
from shidian.exhibits.weighted_rows import weighted_rows
from shidian.inference.weights import weights_of
from shidian.messages import counted, joined, say
from shidian.regions.economic import REGIONS
from shidian.used import Rows, Used

STATISTICS = ("mean", "median")
ALL = say("All")


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Draw the yearly ``statistic`` (mean or median) of ``variable``, by treatment (``by_treatment``) and ``groups``.

    In the long schema the group is the ``column`` and the year the ``term``. Figure kind ``trend``.
    """
    part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
    name, statistic = spec["variable"], spec.get("statistic", "mean")
    weighting = weights_of(spec)
    if weighting and statistic == "median":
        raise EstimationError(
            say(
                "exhibit '{exhibit}': no median of weighted rows is given here: take the statistic mean, or write "
                "'unweighted: true'",
                exhibit=notes.exhibit_id(spec),
            )
        )
    present = known_rows(part, name)
    weighted = weighted_rows(present, part, weighting)
    known, w = weighted.data, None if weighted.w is None else pd.Series(weighted.w, index=weighted.data.index)
    treated, telling = _treated(panel, known, spec, info)
    declared: list[str] = []
    groups = {ALL: pd.Series(True, index=known.index)}
    if treated.any():
        groups |= {
            label: mask for label, mask in ((say("Treated"), treated), (say("Never treated"), ~treated)) if mask.any()
        }
    if "groups" in spec:
        values = groups_of(known, spec["groups"])
        groups |= {str(name): values == name for name in sorted(values.dropna().unique(), key=str)}
        names = REGIONS if spec["groups"].get("split") == "region" else spec["groups"].get("names", {}).values()
        declared = [str(name) for name in names]
    counts = bool(weighting and weighting.counts)
    frames = [_yearly(known[mask], name, statistic, w, counts).assign(group=label) for label, mask in groups.items()]
    lines = pd.concat(frames, ignore_index=True)
    estimates = normalise(pd.DataFrame({
        "study": info.study, "exhibit": notes.exhibit_id(spec), "column": lines["group"],
        "term": lines["year"].astype(str), "estimate": lines["value"].astype(float), "n_obs": lines["n"],
    }))  # fmt: skip
    adopted = [int(year) for year in known["adoption_year"].dropna().unique()] if spec.get("marks", True) else []
    marks = sorted(year for year in adopted if known["year"].min() <= year <= known["year"].max())
    units = "" if info.individuals else counted(known["unit"].nunique(), info.unit_label)
    text = [
        _sentence(statistic, info.label(name), len(known), units, words),
        *weighted.sentences(info),
        *telling,
        *([say("Dashed lines: years of adoption.")] if marks else []),
        *notes.simulated_sentence(info),
    ]
    return ExhibitResult(
        estimates,
        figure=Figure(
            "trend",
            {"lines": _in_order(lines[["group", "year", "value"]], declared)},
            {"marks": marks, "y_label": info.measured(name)},
        ),
        notes=tuple(text),
        ledger=missing_ledger(say("trend"), part, present, name),
        used={
            label: _used(label, known[mask], part, spec, told_by(spec, info), words, weighted.n_zero)
            for label, mask in groups.items()
        },
    )


def _treated(
    panel: pd.DataFrame, known: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo
) -> tuple[pd.Series, list[str]]:
    """Return whose rows are drawn as treated, and the sentence of a treatment that may end or has doses.

    Such a treatment has no year of adoption: its units are those that have it in any period of the panel.
    """
    none = pd.Series(False, index=known.index)
    if not spec.get("by_treatment", True):
        return none, []
    if not info.treatment_kind:
        return known["adoption_year"].notna(), []
    if info.individuals:
        return none, [say("Not drawn by treatment: nobody is followed over time, and the treatment may change.")]
    ever = panel[info.treatment].fillna(0).ne(0).groupby(panel["unit"]).any()
    treated = known["unit"].map(ever).astype(bool)
    policy = info.policy or info.label(info.treatment)
    if treated.all() or not treated.any():
        said = say("Not drawn by treatment: {policy} is other than zero in some period of every unit.", policy=policy)
        return none, [said] if treated.any() else []
    return treated, [say("Treated: units with {policy} in any period of the panel.", policy=policy)]


def _yearly(rows: pd.DataFrame, name: str, statistic: str, w: pd.Series | None, counts: bool) -> pd.DataFrame:
    """Return the statistic of each year and its rows, where weights are ``counts`` their sum: year, value, n."""
    grouped = rows.groupby("year", sort=True)[name]
    if w is None:
        return pd.DataFrame({"value": grouped.agg(statistic), "n": grouped.size()}).reset_index()
    own = w[rows.index]
    total = own.groupby(rows["year"]).sum()
    value = (own * rows[name].astype("float64")).groupby(rows["year"]).sum() / total
    return pd.DataFrame({"value": value, "n": total.astype("int64") if counts else grouped.size()}).reset_index()


def told_by(spec: Mapping[str, Any], info: StudyInfo) -> tuple[str, ...]:
    """Return the column that tells the treated from the others."""
    if not spec.get("by_treatment", True) or (info.treatment_kind and info.individuals):
        return ()
    return (info.treatment,) if info.treatment_kind else ADOPTION


def _used(
    label: str, mine: pd.DataFrame, part: pd.DataFrame, spec: Mapping[str, Any], by: tuple[str, ...], words: str,
    n_zero: int,
) -> Used:  # fmt: skip
    """Return what the yearly statistics of one group used, a year a term."""
    if label != ALL:
        part, words = mine, joined([*[words] * bool(words), label], "clauses")
    sample: dict[str, Any] = {"sample": spec.get("sample"), "weights": spec.get("weights")}
    grouping = [spec["groups"]["variable"]] if "groups" in spec else []
    variables = roles(sample, variables=(spec["variable"],), adoption=by, groups=grouping)
    of_years = {str(year): Rows.of(rows) for year, rows in mine.groupby("year").groups.items()}
    return replace(by_rows(mine, part, variables, words, len(part) - len(mine) - n_zero), of_terms=of_years)


def _sentence(statistic: str, variable: str, rows: int, units: str, words: str) -> str:
    what = say("mean") if statistic == "mean" else say("median")
    facts = {"statistic": what, "variable": variable, "n": rows, "units": units}
    if not units:  # each row is one
        said = say(
            "Yearly {statistic} of {variable}: {n} rows.", **{k: facts[k] for k in ("statistic", "variable", "n")}
        )
        return said if not words else say("{sentence} Rows restricted to: {words}.", sentence=said, words=words)
    if words:
        return say("Yearly {statistic} of {variable}: {n} rows of {units} ({words}).", words=words, **facts)
    return say("Yearly {statistic} of {variable}: {n} rows of {units}.", **facts)


def _in_order(lines: pd.DataFrame, declared: list[str]) -> pd.DataFrame:
    """Return the lines of groups with declared names last, in the order of their declaration."""
    place = lines["group"].map({name: i for i, name in enumerate(declared)}).fillna(-1)
    return lines.loc[place.sort_values(kind="stable").index].reset_index(drop=True)
