"""The real series that stand for those of a study's simulated sources: found by name, sized, all that lack told at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from shidian.errors import StudyError, nearest
from shidian.measures import parse_measure
from shidian.messages import say
from shidian.study.model import Precedence
from shidian.study.real_sources import CONFIG, KEY, RealSource
from shidian.study.sized import conversion_factor
from shidian.study.variables import SeriesInfo

Series = Mapping[str, Mapping[str, SeriesInfo]]
"""Source -> series -> what the source declares of it."""


@dataclass(frozen=True)
class StandIn:
    """What real sources give of the series that a study reads from simulated ones.

    Attributes:
        home: ``simulated.series`` -> real source that gives it, or first.
        real: ``source.series``, the source real and the series as the study names it -> the series of the records.
        info: the same keys -> what the study is to know of the series, in its own unit of measure.
        precedence: series that several sources give.
        absent: ``simulated.series`` that is left out -> why it has no value.
    """

    home: Mapping[str, str]
    real: Mapping[str, str]
    info: Mapping[str, SeriesInfo]
    precedence: tuple[Precedence, ...]
    absent: Mapping[str, str]


def stand_in(
    study: str,
    asked: Mapping[str, SeriesInfo],
    chosen: Mapping[str, RealSource],
    given: Series,
    own_measures: Mapping[str, str],
) -> StandIn:
    """Return the real series that stand for those that a study reads.

    Args:
        study: id of the study, for messages.
        asked: ``simulated.series`` that the study reads -> what it is in the simulated source.
        chosen: simulated source -> what stands for it.
        given: series of the real sources.
        own_measures: units of measure that the study declares.

    Raises:
        StudyError: every series that no source gives, that several give without an order, or that is of another kind.
    """
    home, real, info, absent = {}, {}, {}, {}
    precedence, lacking, wrong = [], [], []
    for qualified, wanted in asked.items():
        simulated, _, series = qualified.partition(".")
        entry = chosen[simulated]
        if not entry.sources or entry.provides.get(series, (series,)) == ():
            what = simulated if not entry.sources else qualified
            absent[qualified] = say("'{what}' is left out under 'real_sources' in config/config.yaml", what=what)
            continue
        found = candidates(series, entry, given)
        if not found:
            lacking.append(qualified)
            continue
        problems = [*_unordered(qualified, found, entry), *_unlike(qualified, wanted, found, given, own_measures)]
        named = f"{found[0].partition('.')[0]}.{series}"
        if real.get(named, found[0]) != found[0]:
            problems.append(f"'{qualified}': '{named}' would stand for {real[named]} and {found[0]}; name one of them otherwise")
        if problems:
            wrong += problems
            continue
        home[qualified], real[named] = found[0].partition(".")[0], found[0]
        info[named] = _sized(wanted, _info(found[0], given))
        if len(found) > 1:
            precedence.append(Precedence(found[0], tuple(found[1:])))
    if lacking or wrong:
        raise StudyError(_refusal(study, lacking, wrong, chosen, given))
    return StandIn(home, real, info, tuple(precedence), absent)


def candidates(series: str, entry: RealSource, given: Series) -> list[str]:
    """Return the ``source.series`` that give a series, in order of precedence."""
    declared = entry.provides.get(series)
    if declared is not None and len(declared) > 1:
        return [real for name in declared for real in _of_name(name, entry.sources, given)]
    order = [*entry.prefer, *(source for source in entry.sources if source not in entry.prefer)]
    return _of_name(declared[0] if declared else series, order, given)


def _of_name(name: str, sources: Sequence[str], given: Series) -> list[str]:
    source, dot, series = name.partition(".")
    if dot:
        return [name] if series in given.get(source, {}) else []
    return [f"{source}.{name}" for source in sources if name in given[source]]


def _info(qualified: str, given: Series) -> SeriesInfo:
    source, _, series = qualified.partition(".")
    return given[source][series]


def _sized(wanted: SeriesInfo, real: SeriesInfo) -> SeriesInfo:
    """Return what the study knows of a real series: its unit of measure is that of the simulated one."""
    return SeriesInfo(wanted.measure, real.has_year, real.is_text, real.is_category, real.period)


def _unordered(qualified: str, found: Sequence[str], entry: RealSource) -> Iterable[str]:
    """Give a line where several sources give a series and nothing says which counts first."""
    series = qualified.partition(".")[2]
    if len(found) > 1 and len(entry.provides.get(series, ())) < 2 and {f.partition(".")[0] for f in found[:-1]} - set(entry.prefer):
        sources = ", ".join(f.partition(".")[0] for f in found)
        yield (
            f"'{qualified}' is given by {' and '.join(found)}: say which counts first by 'prefer: [{sources}]', or take "
            f"one by 'provides: {{{series}: {found[0]}}}'"
        )


def _unlike(
    qualified: str, wanted: SeriesInfo, found: Sequence[str], given: Series, extra: Mapping[str, str]
) -> Iterable[str]:
    """Give a line for each real series that is no number of the same kind."""
    for real in found:
        info = _info(real, given)
        if (info.is_text, info.is_category) != (wanted.is_text, wanted.is_category):
            yield f"'{qualified}' is {_what(wanted)}, '{real}' is {_what(info)}"
            continue
        if info.is_text or info.is_category:
            continue
        try:
            conversion_factor(parse_measure(info.measure, extra), parse_measure(wanted.measure, extra))
        except StudyError as problem:
            yield f"'{qualified}' is in {wanted.measure}, '{real}' in {info.measure}: {problem}"


def _what(info: SeriesInfo) -> str:
    return "a text" if info.is_text else "a category" if info.is_category else "a number"


def _refusal(
    study: str, lacking: Sequence[str], wrong: Sequence[str], chosen: Mapping[str, RealSource], given: Series
) -> str:
    """Return one error on all that the real sources lack."""
    lines = []
    for qualified in lacking:
        simulated, _, series = qualified.partition(".")
        entry = chosen[simulated]
        known = [name for source in entry.sources for name in given[source]]
        declared = entry.provides.get(series)
        named = f" (provides: {', '.join(declared)})" if declared else ""
        near = nearest((declared or (series,))[0].rpartition(".")[2], known)
        lines.append(f"  '{qualified}'{named}: not in {', '.join(entry.sources)}{near}")
    head = []
    if lacking:
        head = [
            f"{len(lacking)} series that the study reads are in none of the real sources; `shidian needs {study}` says "
            f"what each is. Name them by 'provides: {{{lacking[0].partition('.')[2]}: <series>}}' under '{KEY}' in "
            f"{CONFIG}, add a source, or leave one out by 'provides: {{{lacking[0].partition('.')[2]}: null}}':"
        ]
    return "\n".join([*head, *lines, *wrong])


def real_catalogue(standing: StandIn, given: Series, taken: Collection[str]) -> dict[str, Mapping[str, SeriesInfo]]:
    """Return real source -> series by the names that the study has for them.

    The series that it does not read follow under their own names, so far as nothing of the study is called so
    (``taken``).
    """
    named: dict[str, dict[str, SeriesInfo]] = {source: {} for source in given}
    for qualified, info in standing.info.items():
        source, _, series = qualified.partition(".")
        named[source][series] = info
    for source, series_of in given.items():
        named[source] |= {s: info for s, info in series_of.items() if s not in taken and s not in named[source]}
    return dict(named)
