"""Part of the panel that a column uses, declared in the study file: years, units, values, always treated units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.errors import EstimationError, nearest, no_column
from shidian.exhibits.sample_rules import Cut, apply_rules
from shidian.inference.sample import estimation_sample
from shidian.messages import joined, say
from shidian.used import MAY_LACK

LEAVE_OUT, KEEP = "leave_out", "keep"
MOST_NAMED = 12
"""Most units that a note names; it always counts all of them."""

SampleTaken = tuple[Mapping[str, Any], tuple[Cut, ...]]
"""A declared sample, and what each of its rules left out."""

_LISTENING: list[list[SampleTaken]] = []


def subsample(
    panel: pd.DataFrame,
    declared: Mapping[str, Any] | None,
    label: Callable[[str], str] = str,
    needed: Sequence[str] = (),
) -> tuple[pd.DataFrame, str]:
    """Return the rows that a declared sample keeps, with the words for the note ("" when it keeps all).

    ``label`` gives the printed name of a variable.

    Keys: ``first_year``, ``last_year``, ``exclude_years`` (list), ``exclude_units`` (codes or names),
    ``keep`` (variable -> value or list of values), ``median`` (``variable``, ``side``, ``of``), then the rules of
    ``shidian.exhibits.sample_rules``; of these ``balanced`` wants the variables ``needed``. With ``may_lack``
    (``shidian.study.going_real``), units and years to exclude that the panel has not are said and not refused.

    Raises:
        EstimationError: a unit, year or variable that the panel has not; no row left.
    """
    if not declared:
        return panel, ""
    if declared.get(MAY_LACK):
        kept, absent = _present(panel, declared)
        part, said = subsample(panel, kept, label, needed)
        lacks = say("without {units}, of which these data have none", units=absent) if absent else ""
        return part, say("{one}, {other}", one=said, other=lacks) if said and lacks else said or lacks
    years, mask, words = panel["year"], pd.Series(True, index=panel.index), []
    if "first_year" in declared or "last_year" in declared:
        first, last = declared.get("first_year", years.min()), declared.get("last_year", years.max())
        mask &= years.between(first, last)
        words.append(say("years {first}–{last}", first=first, last=last))
    if dropped := list(declared.get("exclude_years", [])):
        _all_known(dropped, set(years), lambda v, near: say("no year '{value}' in the panel{near}", value=v, near=near))
        mask &= ~years.isin(dropped)
        one = say("without the year {years}", years=dropped)
        words.append(one if len(dropped) == 1 else say("without the years {years}", years=dropped))
    if dropped := [str(unit) for unit in declared.get("exclude_units", [])]:
        names = panel["unit_name"] if "unit_name" in panel.columns else panel["unit"]
        known = set(panel["unit"].astype(str)) | set(names.astype(str))
        _all_known(dropped, known, lambda v, near: say("no unit '{value}' in the panel{near}", value=v, near=near))
        mask &= ~(panel["unit"].astype(str).isin(dropped) | names.astype(str).isin(dropped))
        words.append(say("without {units}", units=dropped))
    for name, value in declared.get("keep", {}).items():
        if name not in panel.columns:
            raise no_column(name, panel.columns)
        values = value if isinstance(value, list) else [value]
        mask &= panel[name].isin(values)
        words.append(say("{name} = {values}", name=label(name), values=joined(values, "either")))
    if "median" in declared:
        side, said = _side_of_median(panel, declared["median"], label)
        mask &= side
        words.append(said)
    if not mask.any():
        raise EstimationError(say("the declared sample ({words}) keeps no row", words=joined(words, "clauses")))
    part, cuts = apply_rules(panel[mask], declared, needed, label)
    for taken in _LISTENING:
        taken.append((declared, tuple(cuts)))
    return part, joined([*words, *(cut.words for cut in cuts)], "clauses")


@contextmanager
def samples_taken() -> Iterator[list[SampleTaken]]:
    """Give, for the time of a block, each declared sample that is taken and what each of its rules left out."""
    taken: list[SampleTaken] = []
    _LISTENING.append(taken)
    try:
        yield taken
    finally:
        _LISTENING.pop()  # blocks end in the order in which they nest; two lists may be equal


def needed_by(settings: Mapping[str, Any]) -> list[str]:
    """Return the variables that the rows of an exhibit or column need."""
    keys = ("outcome", "treatment", "eligible", "regressor", "variable", "threshold_variable")
    given = [settings.get(key) for key in keys]
    single = [one.get("variable") if isinstance(one, Mapping) else one for one in given]  # {variable: sex, equals: f}
    lists = ("controls", "add", "interactions", "endogenous", "mediators", "regime_dependent", "variables")
    named = [*single, *(name for key in lists for name in settings.get(key) or () if isinstance(name, str))]
    return [name for name in dict.fromkeys(named) if isinstance(name, str)]


@dataclass(frozen=True)
class AlwaysTreated:
    """Units of one sample that are treated in every year observed, in order of their codes.

    Attributes:
        codes: their codes.
        names: their names, the codes where the panel has none.
        n_rows: their rows.
    """

    codes: tuple[Any, ...]
    names: tuple[str, ...]
    n_rows: int

    @property
    def named(self) -> str:
        """The names as a note prints them, the first ones where there are many."""
        more = len(self.names) - MOST_NAMED
        named = joined(self.names[:MOST_NAMED])
        return say("{names} and {n} more", names=named, n=more) if more > 0 else named


def policy_sample(
    panel: pd.DataFrame, settings: Mapping[str, Any], label: Callable[[str], str] = str
) -> tuple[pd.DataFrame, str]:
    """Return the rows of a declared sample, as ``subsample`` does, without always treated units where it is declared.

    Args:
        panel: the panel.
        settings: of an exhibit or of one of its columns: ``sample``, ``always_treated``, and what its rows need.
        label: gives the printed name of a variable.

    Raises:
        EstimationError: what ``subsample`` raises; no row is left.
    """
    part, words = subsample(panel, settings.get("sample"), label, needed_by(settings))
    if settings.get("always_treated", KEEP) == KEEP:
        return part, words
    found = always_treated(part, settings)
    rest = part[~part["unit"].isin(found.codes)]
    if rest.empty:
        raise EstimationError(say("every unit is treated in every year observed: none is left"))
    return rest, words


def always_treated(panel: pd.DataFrame, settings: Mapping[str, Any]) -> AlwaysTreated:
    """Return the units without a row before adoption, and before its anticipation, among the rows that are complete.

    Leaving units out can make singletons of other rows, so the smaller sample is judged again.
    """
    if "adoption_year" not in panel.columns or panel["adoption_year"].isna().all():
        return AlwaysTreated((), (), 0)
    gone: list[Any] = []
    while new := _throughout(panel[~panel["unit"].isin(gone)], settings):
        gone += new
    rows = panel[panel["unit"].isin(gone)].sort_values(["unit", "year"], kind="stable")
    first = rows[~rows["unit"].duplicated()]
    names = first["unit_name"] if "unit_name" in first.columns else first["unit"]
    return AlwaysTreated(tuple(first["unit"]), tuple(names.astype(str)), len(rows))


def _throughout(panel: pd.DataFrame, settings: Mapping[str, Any]) -> list[Any]:
    errors = settings.get("vcov")
    by = errors.get("by", ()) if isinstance(errors, Mapping) else ()
    needed = [
        settings.get("outcome"), *settings.get("controls", []), *settings.get("add", []),
        *settings.get("interactions", []), *((by,) if isinstance(by, str) else by),
    ]  # fmt: skip
    columns = [name for name in dict.fromkeys(needed) if name in panel.columns]
    effects = [name for name in settings.get("fixed_effects", []) if name in panel.columns]
    try:
        rows = estimation_sample(panel, columns, effects, keep=["unit", "year", "adoption_year"]).frame
    except EstimationError:  # no row is left: the exhibit itself says so
        return []
    units = rows.groupby("unit", sort=True)
    effect_from = units["adoption_year"].first().astype("Float64") - int(settings.get("anticipation", 0))
    late = (effect_from <= units["year"].min()).fillna(False)
    return late.index[late.to_numpy(dtype=bool)].tolist()


def _side_of_median(
    panel: pd.DataFrame, declared: Mapping[str, Any], label: Callable[[str], str]
) -> tuple[pd.Series, str]:
    """Return which rows lie on the declared side of a variable's median: of rows, or of units by their means."""
    name, side, of = declared["variable"], declared["side"], declared.get("of", "rows")
    if name not in panel.columns:
        raise no_column(name, panel.columns)
    values = panel[name] if of == "rows" else panel.groupby("unit")[name].transform("mean")
    known = values if of == "rows" else values[~panel["unit"].duplicated()]
    middle = float(known.median())
    chosen = values > middle if side == "high" else values <= middle
    shown = f"{middle:,.0f}" if abs(middle) >= 1000 else f"{middle:.4g}"
    over = say("rows") if of == "rows" else say("units")
    if side == "high":
        return chosen, say("{name} above its median over {over} ({value})", name=label(name), over=over, value=shown)
    return chosen, say("{name} not above its median over {over} ({value})", name=label(name), over=over, value=shown)


def _present(panel: pd.DataFrame, declared: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a sample without the units and years to exclude that a panel has not, and these."""
    names = panel["unit_name"] if "unit_name" in panel.columns else panel["unit"]
    units, years = set(panel["unit"].astype(str)) | set(names.astype(str)), set(panel["year"])
    kept, absent = {key: value for key, value in declared.items() if key != MAY_LACK}, []
    for key, known in (("exclude_units", units), ("exclude_years", years)):
        listed = [str(v) if key == "exclude_units" else v for v in declared.get(key, [])]
        absent += [str(v) for v in listed if v not in known]
        if key in kept:
            kept[key] = [v for v in listed if v in known]
    return kept, absent


def _all_known(wanted: list[Any], known: set[Any], unknown: Callable[[Any, str], str]) -> None:
    for value in wanted:
        if value not in known:
            near = nearest(str(value), map(str, known))
            raise EstimationError(unknown(value, near))
