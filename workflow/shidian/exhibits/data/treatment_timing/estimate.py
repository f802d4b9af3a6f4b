"""Treatment timing: how many units adopt in each year, and who is treated when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.cohorts import cohort_warnings, cohorts_of
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, StudyInfo, Table
from shidian.exhibits.samples import ADOPTION, by_rows, roles
from shidian.exhibits.subsample import needed_by, subsample
from shidian.messages import capital, counted, say

NEVER = say("never treated")


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Count units by adoption year; the figure's data has the status of every unit-year."""
    exhibit = notes.exhibit_id(spec)
    part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
    cohorts = cohort_sizes(part)
    timing = {"treatment": info.treatment, "sample": spec.get("sample")}
    variables = roles(timing, adoption=ADOPTION)
    terms = [NEVER if pd.isna(year) else str(year) for year in cohorts["adoption_year"]]
    units = pd.DataFrame({"term": terms, "column": "units", "estimate": cohorts["units"].astype("float64")})
    share = units.assign(column="share", estimate=units["estimate"] / units["estimate"].sum())
    frame = pd.concat([units, share], ignore_index=True).assign(
        study=info.study, exhibit=exhibit, n_obs=len(part), n_units=int(cohorts["units"].sum())
    )
    return ExhibitResult(
        estimates=normalise(frame),
        table=_table(cohorts, terms, info),
        figure=Figure(
            "treatment_timing",
            {"cohorts": cohorts, "status": status_by_year(part, info.treatment)},
            {"unit_label": info.unit_label},
        ),
        notes=(*_sentences(part, cohorts, info, words), *notes.simulated_sentence(info)),
        warnings=_warnings(part),
        used=dict.fromkeys(("units", "share"), by_rows(part, part, variables, words)),
    )


def cohort_sizes(panel: pd.DataFrame) -> pd.DataFrame:
    """Return adoption_year (Int64, missing for never treated, last) and units, one row a cohort."""
    adopted = panel.drop_duplicates("unit")["adoption_year"].astype("Int64")
    sizes = adopted.value_counts(dropna=False).rename("units").rename_axis("adoption_year").reset_index()
    sizes["adoption_year"] = sizes["adoption_year"].astype("Int64")
    return sizes.sort_values("adoption_year", na_position="last").astype({"units": "int64"}).reset_index(drop=True)


def status_by_year(panel: pd.DataFrame, treatment: str) -> pd.DataFrame:
    """Return year and the units treated, not yet treated and never treated in it."""
    never = panel["adoption_year"].isna()
    treated = panel[treatment] == 1
    counts = pd.DataFrame({
        "year": panel["year"].astype("int64"), "treated": treated, "not_yet": ~treated & ~never,
        "never": never & ~treated,
    })  # fmt: skip
    return counts.groupby("year").sum().astype("int64").reset_index()


def _table(cohorts: pd.DataFrame, terms: list[str], info: StudyInfo) -> Table:
    total = int(cohorts["units"].sum())
    header = (((say("Adoption year"), 1), (_heading(info.unit_label), 1), (say("Share"), 1)),)
    rows = [
        Row(
            capital(term),
            (Cell(f"{n:,}", ("units", term, "estimate")), Cell(f"{n / total:.1%}", ("share", term, "estimate"))),
        )
        for term, n in zip(terms, cohorts["units"].tolist(), strict=True)
    ]
    return Table(header, (*rows, Row(say("Total"), (Cell(f"{total:,}"), Cell("100.0%")), rule_above=True)))


def _heading(unit_label: str) -> str:
    """Return the word for a unit in the plural as a heading: "Cities"; a Chinese word has no plural."""
    word = counted(2, unit_label).removeprefix("2 ")
    return word[0].upper() + word[1:]


def _sentences(panel: pd.DataFrame, cohorts: pd.DataFrame, info: StudyInfo, words: str) -> list[str]:
    first, last = int(panel["year"].min()), int(panel["year"].max())
    treated = int(cohorts.loc[cohorts["adoption_year"].notna(), "units"].sum())
    facts = {"units": counted(int(cohorts["units"].sum()), info.unit_label), "first": first, "last": last, "n": treated}
    if not words:
        return [say("{units}, {first}–{last}; {n} are treated by {last}.", **facts)]
    return [
        say("{units}, {first}–{last}; {n} are treated by {last}; rows restricted to: {words}.", words=words, **facts)
    ]


def _warnings(panel: pd.DataFrame) -> tuple[str, ...]:
    early = cohorts_of(panel).always
    first = say("{n} units are treated from the first year on: they have no period before treatment", n=early)
    return (*cohort_warnings(panel), *[first] * bool(early))
