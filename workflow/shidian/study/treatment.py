"""The treatment as a study file declares it: what dates it, of what kind it is, who is never treated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shidian.errors import StudyError
from shidian.period import Period
from shidian.study.columns import NAME, column_of
from shidian.study.dating import check_dating
from shidian.study.formula_variable import Variable
from shidian.study.model import RESERVED
from shidian.study.treated import NEVER, STAYS, UNDATED, Treatment
from shidian.study.variables import Catalogue

ADOPTION_KEYS = ("undated", "never")
"""Keys that say what entries of an adoption year mean."""


def other_than_series(declared: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the columns of the panel that a series of the same name would not be the same as.

    Args:
        declared: the section ``treatment`` of the study file, None where there is none.
    """
    if declared is None:
        return RESERVED
    dated_by = "adoption" if "adoption" in declared else "status"
    same = "adoption_year" if dated_by == "adoption" else declared["name"]
    read = str(declared[dated_by])
    itself = declared.get("starts") != "next_year" and NAME.fullmatch(read) and read.rpartition(".")[2] == same
    return tuple(name for name in (*RESERVED, declared["name"]) if not (itself and name == same))


def resolve_treatment(
    declared: Mapping[str, Any],
    variables: Sequence[Variable],
    own_measures: Mapping[str, str],
    used: Sequence[str],
    catalogue: Catalogue,
    period: Period | None = None,
) -> Treatment:
    """Resolve the section ``treatment`` of a study file; ``period`` is the study's, None where it declares none.

    Raises:
        StudyError: a column that there is not, a status without years, dates that are no periods of the study, keys
            that do not go together.
    """
    dated_by = "adoption" if "adoption" in declared else "status"
    where, kind = f"at 'treatment.{dated_by}'", declared.get("kind", STAYS)
    _refuse_keys(declared, dated_by, kind)
    column = column_of(
        str(declared[dated_by]), where, variables, own_measures, used, catalogue,
        reserved=other_than_series(declared), period=period,
    )  # fmt: skip
    if dated_by == "status" and not column.has_year:
        raise StudyError(
            f"{where}: '{declared[dated_by]}' must be a series by unit and year; a fact of the unit without a year "
            "is its 'adoption', where it is the year of its treatment"
        )
    if dated_by == "adoption":
        check_dating(where, column.series, column.formula, variables, catalogue, period or Period())
    return Treatment(
        name=declared["name"],
        dated_by=dated_by,
        series=column.series,
        formula=column.formula,
        delay=1 if declared.get("starts") == "next_year" else 0,
        undated=declared.get("undated", UNDATED[0]),
        by_year=column.has_year,
        never=tuple(declared.get("never", NEVER)),
        kind=kind,
    )


def _refuse_keys(declared: Mapping[str, Any], dated_by: str, kind: str) -> None:
    for key in ADOPTION_KEYS if dated_by == "status" else ():
        if key in declared:
            raise StudyError(f"at 'treatment.{key}': it says what entries of 'adoption' mean; a status has 0 and 1")
    if kind == STAYS:
        return
    if dated_by == "adoption":
        raise StudyError(
            f"at 'treatment.kind': a treatment from an adoption year on stays; 'kind: {kind}' needs 'status', the "
            "treatment of each unit and year"
        )
    if declared.get("starts") == "next_year":
        raise StudyError(
            f"at 'treatment.starts': 'next_year' moves the year of adoption, which 'kind: {kind}' has not; write the "
            "lag into the status, such as status: lag(x, 1)"
        )
