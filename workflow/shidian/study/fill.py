"""The gaps that a study lets fill, checked against what its sources give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shidian.errors import StudyError
from shidian.study.model import Fill, SourceUse
from shidian.study.variables import Catalogue

BELOW_PROVINCES = ("city", "county")


def resolve_fill(
    declared: Sequence[Mapping[str, Any]], sources: Sequence[SourceUse], unit: Mapping[str, Any], catalogue: Catalogue
) -> tuple[Fill, ...]:
    """Return the declared fillings.

    Raises:
        StudyError: a series without years or of texts, a mean of provinces where the units are no cities or counties
            of China.
    """
    uses = {use.source: use for use in sources}
    fills = []
    for number, entry in enumerate(declared, start=1):
        where, name, how = f"at 'fill[{number}]'", entry["series"], entry.get("how", "linear")
        qualified = catalogue.find(name, list(uses), where)
        if not catalogue.info(qualified).has_year:
            raise StudyError(f"{where}: '{name}' is a fact without years; there is no gap to fill")
        if how == "province_mean":
            _refuse_no_provinces(f"at 'fill[{number}].how'", uses[qualified.partition(".")[0]], unit)
        fills.append(Fill(qualified, entry["max_gap"], entry.get("ends", False), how))
    return tuple(fills)


def _refuse_no_provinces(where: str, use: SourceUse, unit: Mapping[str, Any]) -> None:
    if unit.get("level") not in BELOW_PROVINCES or use.level != unit["level"] or use.nesting:
        raise StudyError(
            f"{where}: province_mean is the mean over a province's cities or counties, which the panel's units "
            f"must be ('unit: {{level: city, geography: …}}') and '{use.source}' must have; use linear, geometric, "
            "mean_growth or nearest"
        )
