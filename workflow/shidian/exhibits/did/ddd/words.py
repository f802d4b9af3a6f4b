"""What a triple difference says: who is compared, what staggered adoption does to it, which clusters it wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.did.event_study import EventStudy
from shidian.exhibits.did.event_words import normalisation_warnings, pretrend_warnings, sentences, thin_warnings
from shidian.exhibits.did.model_words import model_warnings
from shidian.exhibits.did.triple import UNIT, Triple
from shidian.exhibits.regression_table import Style
from shidian.inference.covariance import Vcov
from shidian.messages import say
from shidian.used import Used


def column_words(design: Triple, used: Used) -> list[str]:
    """Return the sentences on the comparison, and on staggered adoption where there is any."""
    group = design.info.of_effects.label(design.group)
    said = [
        say(
            "Triple difference: {term}; the eligible against the others of one {group}, before and after adoption, "
            "less the same where it is not adopted.",
            term=design.label, group=group,
        )
    ]  # fmt: skip
    if years := staggered(design.panel, used):
        said.append(
            say(
                "Adoption is staggered ({n} dates): with effects that differ by date or grow, this regression also "
                "compares with groups that adopted earlier, and its coefficient may be no average of effects (Olden "
                "and Møen 2022; Ortiz-Villavicencio and Sant'Anna 2025).",
                n=len(years),
            )
        )
    return said


def triple_warnings(design: Triple, used: Used) -> list[str]:
    """Return the objections to staggered adoption and to clusters below the level of adoption."""
    warnings = []
    if years := staggered(design.panel, used):
        warnings.append(
            say(
                "a three-way regression under staggered adoption ({years}): groups that adopted earlier serve as "
                "controls; restrict the sample to one date and the groups that never adopt",
                years=years,
            )
        )
    if n := _always(design, used):
        warnings.append(
            say(
                "{n} of the groups are treated in every period: they serve as controls of the others, and effects that "
                "still grow bias the estimate",
                n=n,
            )
        )
    clusters = Vcov.parse(design.settings["vcov"]).clusters
    if design.group != UNIT and UNIT in clusters and not design.info.assigned_by:
        warnings.append(
            say(
                "errors are clustered by {clusters} and the treatment is adopted by {group}: cluster by it",
                clusters=list(map(design.info.of_effects.label, clusters)),
                group=design.info.of_effects.label(design.group),
            )
        )  # fmt: skip
    return warnings


def staggered(panel: pd.DataFrame, used: Used) -> list[int]:
    """Return the dates of adoption among the rows used, none where there is one alone."""
    if used.rows is None or not len(used.rows) or "adoption_year" not in panel.columns:
        return []
    rows = panel.loc[used.rows.positions]
    adopted = rows["adoption_year"].dropna().astype("int64")
    years = sorted({int(year) for year in adopted.unique() if rows["year"].min() < year <= rows["year"].max()})
    return years if len(years) > 1 else []


def _always(design: Triple, used: Used) -> int:
    """Count the groups that are treated in every period observed, where others are not."""
    if used.rows is None or not len(used.rows):
        return 0
    rows = design.panel.loc[used.rows.positions]
    return int((rows.groupby(design.group, observed=True)[design.info.treatment].min() > 0).sum())


def event_sentences(
    study: EventStudy, settings: Mapping[str, Any], design: Triple, style: Style, words: str
) -> tuple[str, ...]:
    """Return the sentences on the effects by time since adoption."""
    return tuple(sentences(study, settings, design.info, style, words))


def event_warnings(study: EventStudy, part: pd.DataFrame, settings: Mapping[str, Any], design: Triple) -> list[str]:
    """Return what a referee would object to in the effects by time since adoption."""
    return [
        *study.regression.warnings,
        *normalisation_warnings(study.normalisation, study.outside),
        *pretrend_warnings(study),
        *thin_warnings(study, part),
        *model_warnings(study.regression, settings, design.info),
    ]
