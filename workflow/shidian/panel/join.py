"""Join the records of a study's sources on the frame's units: by code, by exact name, or by a declared alias."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.errors import PanelError

LONG_COLUMNS = ("unit", "year", "source_id", "indicator", "value", "measure", "flag", "cell_id")


@dataclass(frozen=True)
class Frame:
    """The rows of the panel before any value: the unit-years that the frame source has in the study's years.

    Attributes:
        rows: unit (code as text), unit_name (that of the latest year), year; sorted, one row a unit-year.
    """

    rows: pd.DataFrame

    @property
    def names(self) -> pd.Series:
        """Name of every unit, indexed by code."""
        return self.rows.drop_duplicates("unit", keep="last").set_index("unit")["unit_name"]


def frame_of(records: pd.DataFrame, source: str, first_year: int, last_year: int) -> Frame:
    """Return the panel's rows from the records of the frame source.

    The code is the unit's key; a source without codes is keyed by its names.

    Raises:
        PanelError: no record lies in the study's years.
    """
    dated = records[records["year"].notna()]
    rows = pd.DataFrame(
        {
            "unit": _key(dated),
            "unit_name": dated["unit_name"].fillna(dated["unit_code"]),
            "year": dated["year"].astype(int),
        }
    )
    years = sorted(rows["year"].unique())
    rows = rows[rows["year"].between(first_year, last_year)]
    if rows.empty:
        have = f"{years[0]}-{years[-1]}" if years else "none"
        raise PanelError(f"source '{source}' has no row in {first_year}-{last_year}; its years are {have}")
    rows = rows.drop_duplicates(["unit", "year"]).sort_values(["unit", "year"], kind="stable")
    latest = rows.drop_duplicates("unit", keep="last").set_index("unit")["unit_name"]
    return Frame(rows.assign(unit_name=rows["unit"].map(latest)).reset_index(drop=True))


def join_source(
    frame: Frame, records: pd.DataFrame, source: str, join: str, aliases: pd.DataFrame | None
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Give every record of a source the frame's unit, and name the units of the source that are not in the frame.

    Args:
        frame: rows of the panel.
        records: the source's records (docs/architecture.md).
        source: id of the source.
        join: "code", "name" or "alias".
        aliases: for "alias": columns alias, code.

    Returns:
        The matched records in long form (``LONG_COLUMNS``) and the ledger's lines for the units not matched.

    Raises:
        PanelError: a name that two units of the frame carry; a unit-year-indicator given twice.
    """
    printed = _printed(records, join, source)
    table = _matches(frame, join, aliases, source, printed)
    unit = printed.map(table).where(lambda code: code.isin(frame.names.index))
    long = records.assign(unit=unit)[unit.notna()]
    long = long.reindex(columns=list(LONG_COLUMNS))
    _refuse_duplicates(long, source)
    years = frame.rows["year"]
    inside = long["year"].isna() | long["year"].between(years.min(), years.max())
    ledger = _unmatched(records, printed, unit, join, source, aliases)
    return long[inside].sort_values(["unit", "year", "indicator"], kind="stable").reset_index(drop=True), ledger


def _key(records: pd.DataFrame) -> pd.Series:
    return records["unit_code"].where(records["unit_code"].notna(), records["unit_name"]).astype(str)


def _printed(records: pd.DataFrame, join: str, source: str) -> pd.Series:
    column = "unit_code" if join == "code" else "unit_name"
    if join == "code" and records["unit_code"].isna().all():
        return _key(records)  # a source keyed by names: the frame of such a study is keyed by names too
    if records[column].isna().all():
        raise PanelError(f"source '{source}' has no {column.replace('_', ' ')}s to join by; declare another 'join'")
    return records[column]


def _matches(
    frame: Frame, join: str, aliases: pd.DataFrame | None, source: str, printed: pd.Series
) -> Mapping[str, str]:
    if join == "code":
        return dict(zip(frame.names.index, frame.names.index, strict=True))
    if join == "alias":
        assert aliases is not None
        return dict(zip(aliases["alias"], aliases["code"].astype(str), strict=True))
    names = frame.names
    shared = names[names.duplicated(keep=False) & names.isin(printed)]
    if not shared.empty:
        codes = ", ".join(shared.index)
        raise PanelError(
            f"source '{source}' joins by name, but '{shared.iloc[0]}' is the name of several units ({codes}): "
            f"join by code or by a declared alias"
        )
    return dict(zip(names, names.index, strict=True))


def _refuse_duplicates(long: pd.DataFrame, source: str) -> None:
    keys = ["unit", "year", "indicator"]
    twice = long[long.duplicated(keys, keep=False)]
    if not twice.empty:
        unit, year, indicator = twice.iloc[0][keys]
        cells = ", ".join(twice[(twice[keys] == twice.iloc[0][keys]).fillna(True).all(axis=1)]["cell_id"].head(2))
        when = "" if pd.isna(year) else f" in {int(year)}"
        raise PanelError(f"source '{source}': unit {unit} has '{indicator}' twice{when}: {cells}")


def _unmatched(
    records: pd.DataFrame, printed: pd.Series, unit: pd.Series, join: str, source: str, aliases: pd.DataFrame | None
) -> list[dict[str, Any]]:
    lost = records.assign(printed=printed)[unit.isna()]
    known_aliases = set() if aliases is None else set(aliases["alias"])
    lines = []
    for name, rows in lost.groupby("printed", sort=True):
        label = rows["unit_name"].dropna()
        shown = f"{name} {label.iloc[0]}" if join == "code" and not label.empty else str(name)
        reason = "not among the units of the panel"
        if join == "alias" and name not in known_aliases:
            reason = "not in the alias table"
        years = rows["year"].dropna()
        lines.append(
            {"step": f"join {source}", "subject": shown, "units": 1, "rows": int(years.nunique()), "reason": reason}
        )
    return lines
