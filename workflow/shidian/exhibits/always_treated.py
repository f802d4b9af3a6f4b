"""What an exhibit says of units treated in every year that they are observed: left out, or kept and warned of.

Such a unit has no period before adoption. A two-way regression takes it as a control of the others from first to
last, so that effects which still grow in it count against theirs (Goodman-Bacon 2021; de Chaisemartin &
D'Haultfœuille 2020).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from shidian.errors import EstimationError
from shidian.exhibits import notes
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.exhibits.subsample import LEAVE_OUT, AlwaysTreated, always_treated, subsample
from shidian.exhibits.varied_columns import varied_columns
from shidian.ledger import ledger_frame, ledger_row
from shidian.messages import counted, say
from shidian.printed import number_of_units


def with_always_treated(
    result: ExhibitResult, panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo
) -> ExhibitResult:
    """Return the result of an exhibit with the sentences, ledger lines and warnings on its always treated units."""
    if "always_treated" not in spec or info.treatment == "" or info.individuals:  # of these `treated_groups` speaks
        return result
    if panel["year"].nunique() == 1:  # every treated unit is treated in every year there is
        return result
    columns = [s for s in column_specs(spec) if info.treatment in _treatments(s, info)]
    found = [(str(s.get("label", "")), s, _found(panel, s)) for s in columns]
    if not any(units.codes for _, _, units in found):
        return result
    said = notes.by_column([(label, _sentence(units, s)) for label, s, units in found])
    warned = notes.by_column([(label, _warning(units, s, info)) for label, s, units in found])
    lines = [
        ledger_row(
            say("estimation sample"), f"{notes.exhibit_id(spec)} {label}".strip(),
            say("treated in every year observed (always_treated: leave_out)"),
            units=len(units.codes), rows=units.n_rows,
        )
        for label, s, units in found
        if units.codes and s["always_treated"] == LEAVE_OUT
    ]  # fmt: skip
    mark = notes.simulated_sentence(info)
    return replace(
        result,
        notes=(*[n for n in result.notes if n not in mark], *said, *mark),
        ledger=ledger_frame([*result.ledger.to_dict("records"), *lines]),
        warnings=(*result.warnings, *warned),
    )


def column_specs(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the specification of each column of an exhibit, its own keys over the exhibit's; of one, its own."""
    own = ("columns", "variations", "baseline", "baseline_label", "print_baseline")
    shared = {key: value for key, value in spec.items() if key not in own}
    given = varied_columns(spec) if "variations" in spec else spec.get("columns", [{}])
    if len(given) == 1 and "label" not in given[0]:
        return [{**shared, **given[0]}]
    return [{**shared, "label": f"({i})", **column} for i, column in enumerate(given, start=1)]


def _treatments(settings: Mapping[str, Any], info: StudyInfo) -> list[str]:
    return list(settings.get("endogenous", [settings.get("treatment", info.treatment)]))


def _found(panel: pd.DataFrame, settings: Mapping[str, Any]) -> AlwaysTreated:
    try:
        part, _ = subsample(panel, settings.get("sample"))
    except EstimationError:  # the column itself says so
        return AlwaysTreated((), (), 0)
    return always_treated(part, settings)


def _sentence(units: AlwaysTreated, settings: Mapping[str, Any]) -> str:
    if not units.codes:
        return ""
    n, names = number_of_units(len(units.codes)), units.named
    if settings["always_treated"] == LEAVE_OUT:
        if settings.get("anticipation"):
            return say("Treated or anticipating in every year observed and left out: {n} ({names}).", n=n, names=names)
        return say("Treated in every year observed and left out: {n} ({names}).", n=n, names=names)
    if settings.get("anticipation"):
        return say("Treated or anticipating in every year observed and kept: {n} ({names}).", n=n, names=names)
    return say("Treated in every year observed and kept: {n} ({names}).", n=n, names=names)


def _warning(units: AlwaysTreated, settings: Mapping[str, Any], info: StudyInfo) -> str:
    if not units.codes or settings["always_treated"] == LEAVE_OUT:
        return ""
    n = counted(len(units.codes), info.unit_label)
    if len(units.codes) == 1:
        return say(
            "{n} is treated in every year observed: it serves as control of the others, and effects that still grow "
            "bias the estimate; `always_treated: leave_out` leaves them out",
            n=n,
        )
    return say(
        "{n} are treated in every year observed: they serve as controls of the others, and effects that still grow "
        "bias the estimate; `always_treated: leave_out` leaves them out",
        n=n,
    )
