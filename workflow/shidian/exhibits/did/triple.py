"""The design of a triple difference: who is eligible, at what level the treatment is adopted, which effects go with it.

``y = beta D_gt E + group x eligible (or unit) + group x period + eligible x period effects + controls``: within a group
that adopts, the eligible are compared with the others, before and after, less the same in groups that do not (Gruber
1994; Olden & Møen 2022).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from shidian.crossed import CROSS
from shidian.errors import EstimationError, no_column
from shidian.exhibits.crossed import entered
from shidian.exhibits.did.did_column import PRODUCT
from shidian.exhibits.result import StudyInfo
from shidian.messages import joined, say

YEAR, UNIT = "year", "unit"
MOST_LETTERS = 60
"""Most letters of the name of a column of the eligible."""


@dataclass(frozen=True)
class Triple:
    """A triple difference laid out on a panel.

    Attributes:
        panel: with the 0/1 column of the eligible, its product with the treatment, and a column an effect.
        settings: of the column, with that product as treatment and the effects.
        info: the study, with the label of a column that was made.
        eligible: name of the 0/1 column of the eligible.
        behind: the panel's column that says who is eligible.
        group: the column of the level at which the treatment is adopted.
        units: whether unit effects stand in the place of group x eligible.
    """

    panel: pd.DataFrame
    settings: Mapping[str, Any]
    info: StudyInfo
    eligible: str
    behind: str
    group: str
    units: bool

    @property
    def term(self) -> str:
        """The name of the triple difference among the estimates."""
        return str(self.settings["treatment"])

    @property
    def label(self) -> str:
        """Its printed name."""
        return PRODUCT.join([self.info.label(self.eligible), self.info.label(self.info.treatment)])

    @property
    def by_eligible(self) -> pd.DataFrame:
        """The panel with the year of adoption of the eligible alone: event time is theirs."""
        years = self.panel["adoption_year"]
        return self.panel.assign(adoption_year=years.where((self.panel[self.eligible] == 1).to_numpy()))


def triple(panel: pd.DataFrame, settings: Mapping[str, Any], info: StudyInfo) -> Triple:
    """Lay a column's triple difference out on the panel.

    Args:
        panel: one row a unit and period, or several.
        settings: of the column; ``eligible`` is a 0/1 variable, or a variable with the values that are.
        info: the study; units that lie in larger ones adopt at the level of these.

    Raises:
        EstimationError: no level of adoption to be told, one within which the treatment differs, an eligibility that is
            not 0 and 1.
    """
    panel, info, eligible, behind = _with_eligible(panel, settings["eligible"], info)
    group = _group(panel, settings, info)
    _refuse_divided(panel, group, info)
    units = _by_unit(panel, eligible, group)
    term = f"{eligible}{PRODUCT}{info.treatment}"
    own = UNIT if units else f"{group}{CROSS}{eligible}"
    effects = [own, f"{group}{CROSS}{YEAR}", f"{eligible}{CROSS}{YEAR}", *settings.get("further_effects", [])]
    product = panel[info.treatment].astype("float64") * panel[eligible].astype("float64")
    panel, named = entered(panel.assign(**{term: product}), {**settings, "fixed_effects": effects})
    return Triple(panel, {**named, "treatment": term}, info, eligible, behind, group, units)


def _with_eligible(
    panel: pd.DataFrame, declared: str | Mapping[str, Any], info: StudyInfo
) -> tuple[pd.DataFrame, StudyInfo, str, str]:
    """Return the panel with a 0/1 column of the eligible, its label, its name and the column behind it."""
    name = declared if isinstance(declared, str) else str(declared["variable"])
    if name not in panel.columns:
        raise no_column(name, panel.columns)
    if isinstance(declared, str):
        values = panel[name].dropna()
        if not set(values.unique().tolist()) <= {0, 1}:
            raise EstimationError(
                say(
                    "eligible: '{name}' has other values than 0 and 1: write eligible: {{variable: {name}, equals: "
                    "[...]}} with the values of the eligible",
                    name=name,
                )
            )
        return panel, info, name, name
    wanted = declared["equals"] if isinstance(declared["equals"], list) else [declared["equals"]]
    _refuse_unknown(panel, name, wanted)
    own = _name(panel, f"{name}_{'_'.join(map(str, wanted))}")
    inside = panel[name].isin(wanted).astype("float64").where(panel[name].notna())
    label = say("{name} = {values}", name=info.label(name), values=joined(wanted, "either"))
    return panel.assign(**{own: inside}), replace(info, labels={**info.labels, own: label}), own, name


def _name(panel: pd.DataFrame, text: str) -> str:
    """Return a name for a column, of letters, digits and underscores, that the panel has not."""
    name = re.sub(r"\W+", "_", text)[:MOST_LETTERS]
    while name in panel.columns:
        name += "_"
    return name


def _refuse_unknown(panel: pd.DataFrame, name: str, wanted: list[Any]) -> None:
    have = set(panel[name].dropna().unique().tolist())
    unknown = [value for value in wanted if value not in have]
    if unknown:
        raise EstimationError(
            say(
                "eligible: no row has {name} = {value}; it has {values}",
                name=name, value=unknown[0], values=sorted(map(str, have))[:12],
            )
        )  # fmt: skip


def _group(panel: pd.DataFrame, settings: Mapping[str, Any], info: StudyInfo) -> str:
    """Return the column of the level of adoption: as declared, that of the treatment's list, else the unit."""
    group = settings.get("group") or info.assigned_column
    if not group and info.assigned_by:
        raise EstimationError(
            say(
                "the treatment is assigned by {level}, and no variable holds it: declare it under 'variables' and name "
                "it as 'group'",
                level=info.assigned_by,
            )
        )
    if group and group not in panel.columns:
        raise no_column(group, panel.columns)
    return str(group or UNIT)


def _refuse_divided(panel: pd.DataFrame, group: str, info: StudyInfo) -> None:
    """Refuse a group of which some rows of one period are treated and others not."""
    known = panel.dropna(subset=[group, YEAR, info.treatment])
    differs = known.groupby([group, YEAR], observed=True)[info.treatment].nunique() > 1
    if differs.any():
        one, year = differs.index[differs][0]
        raise EstimationError(
            say(
                "'{treatment}' differs within {group} {value} in {year}: 'group' is the level at which the treatment "
                "is adopted as a whole",
                treatment=info.treatment, group=group, value=str(one), year=int(year),
            )
        )  # fmt: skip


def _by_unit(panel: pd.DataFrame, eligible: str, group: str) -> bool:
    """Say whether unit effects hold those of group x eligible: each unit in one cell, some seen in several periods."""
    if group == UNIT:
        return False
    units = panel.dropna(subset=[eligible, group]).groupby(UNIT, observed=True)
    return bool((units[[eligible, group]].nunique() <= 1).all(axis=None) and (units[YEAR].nunique() > 1).any())


def require_variation(part: pd.DataFrame, design: Triple) -> None:
    """Refuse rows that do not identify a triple difference.

    Raises:
        EstimationError: no row or every row is eligible; no group has eligible and other rows in one period, so that
            its effects by period absorb the difference; none of these is treated, or all are.
    """
    group, eligible, label = design.group, design.eligible, design.info.label(design.eligible)
    rows = part.dropna(subset=[group, eligible, design.info.treatment])
    if rows[eligible].nunique() < 2:
        what = say("every row is eligible") if (rows[eligible] == 1).all() else say("no row is eligible")
        raise EstimationError(
            say(
                "{what} ({name} does not vary): there is no third difference; a did_table has two",
                what=what,
                name=label,
            )
        )
    cells = rows.groupby([group, YEAR], observed=True).agg(
        kinds=(eligible, "nunique"), treated=(design.info.treatment, "max")
    )
    both = cells[cells["kinds"] == 2]
    if both.empty:
        raise EstimationError(
            say(
                "{name} does not vary within {group}: effects by {group} and period absorb the difference; name the "
                "level of adoption as 'group', or compare the groups by 'interactions' in a did_table",
                name=label, group=group,
            )
        )  # fmt: skip
    if np.unique(both["treated"].to_numpy(dtype=float) > 0).size < 2:
        raise EstimationError(
            say(
                "of the groups with eligible and other rows in one period, all are treated or none is: there is "
                "nothing to compare with"
            )
        )
