"""A study that is written for simulated sources, read on the real ones that ``real_sources`` names in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from shidian.errors import StudyError
from shidian.study.left_out import Absent, absent_of, emptied, without
from shidian.study.load import COLUMN_SECTIONS
from shidian.study.model import RESERVED, Study
from shidian.study.real_sources import CONFIG, KEY, RealSource
from shidian.study.stand_in import Series, StandIn, real_catalogue, stand_in
from shidian.study.variables import Catalogue, SeriesInfo
from shidian.used import MAY_LACK


@dataclass(frozen=True)
class OnReal:
    """A study that reads real sources in the place of simulated ones, before it is resolved on them.

    Attributes:
        content: of its file, sources and names replaced.
        names: real source -> series by the names that the study has for them.
        written: the study as its file has it, on simulated sources.
        standing: the real series behind the simulated ones; absent: what the study is without.
        chosen: simulated source -> what stands for it, of the study's sources.
    """

    content: Mapping[str, Any]
    names: Mapping[str, Mapping[str, SeriesInfo]]
    written: Study
    standing: StandIn
    absent: Absent
    chosen: Mapping[str, RealSource]


def on_real(
    content: Mapping[str, Any], written: Study, chosen: Mapping[str, RealSource], simulated: Catalogue, given: Series
) -> OnReal:
    """Replace the simulated sources of a study file.

    Args:
        content: what the file holds.
        written: the study resolved on its simulated sources.
        chosen: simulated source -> what stands for it; sources that are not in it stay.
        simulated: series of the sources that the file names.
        given: series of the real sources.

    Raises:
        StudyError: all series that lack, or are of another kind; a source that cannot be left out.
    """
    mine = {name: chosen[name] for name in content["sources"] if name in chosen}
    _refuse_no_frame(content["sources"], mine)
    asked = {q: simulated.info(q) for q in written.panel.measures if q.partition(".")[0] in mine}
    standing = stand_in(written.study, asked, mine, given, written.panel.own_measures)
    absent = absent_of(written, standing.absent)
    without_absent = without(content, written, absent) if absent.series else content
    replaced = {key: _renamed(value, standing.home) for key, value in without_absent.items() if key != "sources"}
    replaced["sources"] = _sources(content["sources"], mine)
    _add_of_data(replaced, written, mine)
    taken = {*_names_of(content), *(q.partition(".")[2] for q in written.panel.measures)}
    names = real_catalogue(standing, given, taken)
    for source in names:
        if source in replaced["sources"] and source in content["sources"]:  # the study names it itself too
            names[source] = {**simulated[source], **names[source]}
    return OnReal(replaced, names, written, standing, absent, mine)


def as_declared(study: Study, on: OnReal) -> Study:
    """Return a study resolved on real sources with what its file cannot say: precedence, columns without a value."""
    measures = dict(study.panel.measures)
    for order in on.standing.precedence:
        measures |= {other: measures[order.series] for other in order.then if order.series in measures}
    exclusions = tuple(replace(exclusion, may_lack=True) for exclusion in study.panel.exclusions)
    precedence = tuple(order for order in on.standing.precedence if order.series in study.panel.measures)
    nested = [use.source for use in study.panel.sources if use.nesting]
    for order in precedence:
        if inside := [q for q in (order.series, *order.then) if q.partition(".")[0] in nested]:
            raise StudyError(
                f"{CONFIG}: at '{KEY}': '{inside[0]}' is one of several that give a series, and its source joins by a "
                "column of the panel ('join: {on: …}'), where one source at a time is read; take one by 'provides'"
            )
    panel = replace(study.panel, measures=measures, precedence=precedence, exclusions=exclusions)
    exhibits = tuple(_lacking(exhibit) for exhibit in study.exhibits)
    return emptied(replace(study, panel=panel, exhibits=exhibits), on.written, on.absent)


def _lacking(content: Any) -> Any:
    """Return an exhibit whose samples may exclude units and years that the panel has not."""
    if isinstance(content, list | tuple):
        return [_lacking(value) for value in content]
    if not isinstance(content, Mapping):
        return content
    inner = {key: _lacking(value) for key, value in content.items()}
    return {**inner, MAY_LACK: True} if {"exclude_units", "exclude_years"} & set(inner) else inner


def _refuse_no_frame(sources: Mapping[str, Any], chosen: Mapping[str, RealSource]) -> None:
    for name, how in sources.items():
        if name in chosen and not chosen[name].sources and how.get("role") == "frame":
            raise StudyError(
                f"{CONFIG}: at '{KEY}.{name}': the study takes its units and years from it (role: frame), so that it "
                "cannot be left out; name the real source whose units and years are the panel's, such as the yearbook"
            )


def _sources(declared: Mapping[str, Any], chosen: Mapping[str, RealSource]) -> dict[str, Any]:
    """Return the section ``sources`` with real sources in the place of simulated ones; the first takes the frame."""
    found: dict[str, dict[str, Any]] = {}
    for name, how in declared.items():
        entry = chosen.get(name)
        if entry is None:
            found[name] = _both(name, found.get(name), dict(how))
            continue
        for n, source in enumerate(entry.sources):
            mine = {key: value for key, value in how.items() if n == 0 or key != "role"}
            accept = [*how.get("accept", ()), *entry.accept]
            if accept:
                mine["accept"] = list(dict.fromkeys(accept))
            found[source] = _both(source, found.get(source), mine)
    return found


def _both(source: str, first: dict[str, Any] | None, second: dict[str, Any]) -> dict[str, Any]:
    """Return how a source joins that stands for two simulated ones."""
    if first is None:
        return second
    for key in ("join", "least_matched"):
        if first.get(key) != second.get(key) and "role" not in {**first, **second}:
            raise StudyError(
                f"{CONFIG}: at '{KEY}': '{source}' stands for two sources that the study joins in two ways ('{key}'); "
                "copy its source file under another name for one of them"
            )
    both = {**second, **first}
    if accept := [*first.get("accept", ()), *second.get("accept", ())]:
        both["accept"] = list(dict.fromkeys(accept))
    return both


def _add_of_data(content: dict[str, Any], written: Study, chosen: Mapping[str, RealSource]) -> None:
    """Put into the content what ``real_sources`` says of the data: units without a date, units left out."""
    treatment = written.panel.treatment
    dating = {q.partition(".")[0] for q in treatment.inputs} if treatment else set()
    for name, entry in chosen.items():
        if entry.undated and name in dating:
            content["treatment"] = {**content["treatment"], "undated": entry.undated}
        if entry.exclude:
            sample = dict(content.get("sample", {}))
            years = content["years"]
            further = [
                kept for one in entry.exclude if (kept := _within(one, years["first"], years["last"])) is not None
            ]
            content["sample"] = {**sample, "exclude": [*sample.get("exclude", ()), *further]}


def _within(exclusion: Mapping[str, Any], first: Any, last: Any) -> Mapping[str, Any] | None:
    """Return an exclusion with the study's years only, None where it has years and none of them.

    Where the study's periods are written otherwise (2013Q4), years are none of them: the study says so.
    """
    if "years" not in exclusion or not (isinstance(first, int) and isinstance(last, int)):
        return exclusion
    years = [year for year in exclusion["years"] if first <= year <= last]
    return {**exclusion, "years": years} if years else None


def _names_of(content: Mapping[str, Any]) -> set[str]:
    """Return every name that a study file gives to a column."""
    names = {str(name) for key in COLUMN_SECTIONS for name in content.get(key, {})}
    treatment = content.get("treatment", {})
    return {*names, *RESERVED, str(treatment.get("name", ""))}


def _renamed(value: Any, home: Mapping[str, str]) -> Any:
    """Replace ``simulated.series`` by ``real.series`` in every text below a value; the series keeps its name."""
    if isinstance(value, str):
        sources = sorted({qualified.partition(".")[0] for qualified in home}, key=len, reverse=True)
        if not any(source in value for source in sources):
            return value
        pattern = rf"\b({'|'.join(map(re.escape, sources))})\.([^\W\d]\w*)"
        return re.sub(pattern, lambda m: f"{home[m[0]]}.{m[2]}" if m[0] in home else m[0], value)
    if isinstance(value, dict):
        return {key: _renamed(inner, home) for key, inner in value.items()}
    return [_renamed(inner, home) for inner in value] if isinstance(value, list) else value
