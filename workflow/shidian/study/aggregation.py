"""Sums and means of a source's regions for the panel's units: checked against levels and series."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from shidian.errors import StudyError, nearest
from shidian.study.declared_units import DeclaredUnits
from shidian.study.model import Aggregation, SourceUse
from shidian.study.variables import Catalogue

BELOW = {"city": ("county",), "province": ("city", "county")}
"""Level of the panel's units -> levels of regions that can be summed."""
NOT_SUMMED = ("%", "‰", "ratio", "log", "index")


def aggregation(name: str, how: Mapping[str, Any], unit: Mapping[str, Any], mine: DeclaredUnits) -> Aggregation | None:
    """Return the aggregation that a source's use declares, None where it declares none.

    Raises:
        StudyError: the panel's units are no regions, or not those that are aggregated to; the source's lie not below.
    """
    declared = how.get("aggregate")
    if declared is None:
        return None
    where = f"at 'sources.{name}.aggregate'"
    if how.get("role") == "frame":
        raise StudyError(f"{where}: a frame gives the panel its units; list them by another source with 'role: frame'")
    if how.get("join", "region") != "region":
        raise StudyError(f"{where}: regions are recognised by 'join: region', not '{how['join']}'; leave 'join' out")
    if "geography" not in unit or unit.get("level") != declared["to"]:
        here, level = f"at 'sources.{name}.aggregate.to'", unit.get("level", "no")
        advice = f"are of level {level}; write 'to: {level}' and give 'unit.geography', the year of their boundaries"
        if level not in BELOW:
            advice = "must be cities or provinces of China: 'unit: {level: city, geography: 2019}'"
        raise StudyError(f"{here}: the panel's units {advice}")
    if mine.level not in BELOW[declared["to"]]:
        raise StudyError(
            f"{where}: the source's units are of level {mine.level}; to {declared['to']} are aggregated those of level "
            f"{' or '.join(BELOW[declared['to']])}"
        )
    how_ = declared.get("how", "sum")
    by_series = () if isinstance(how_, str) else tuple(sorted(how_.items()))
    return Aggregation(
        declared["to"],
        how_ if isinstance(how_, str) else "sum",
        by_series,
        declared.get("members", "geography"),
        float(declared.get("least", 1.0)),
    )


def check_aggregated(sources: Sequence[SourceUse], read: Collection[str], catalogue: Catalogue) -> None:
    """Refuse (``StudyError``) series that have no sum: texts, categories, periods, shares and indices."""
    for use in sources:
        if use.aggregate is None:
            continue
        where = f"at 'sources.{use.source}.aggregate.how'"
        for series, _ in use.aggregate.by_series:
            if series not in catalogue[use.source]:
                near = nearest(series, list(catalogue[use.source]))
                raise StudyError(f"{where}: '{use.source}' has no series '{series}'{near}")
        for qualified in sorted(read):
            source, _, series = qualified.partition(".")
            if source != use.source:
                continue
            info = catalogue.info(qualified)
            if info.is_text or info.is_category or info.period:
                raise StudyError(f"{where}: the values of '{series}' are no numbers that could be summed; read them "
                                 "by another source")  # fmt: skip
            if use.aggregate.of(series) == "sum" and info.measure.split()[0] in NOT_SUMMED:
                raise StudyError(
                    f"{where}: '{series}' is in {info.measure}, of which there is no sum: write 'how: {{{series}: "
                    "mean}', or sum what it is made of and divide in a formula"
                )
