"""The real series that stand for those of a study's simulated sources; all that lack are told at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from shidian.errors import StudyError, nearest
from shidian.measures import parse_measure
from shidian.messages import say
from shidian.study.likely import is_of_kind, likely
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
    home: dict[str, str] = {}
    real: dict[str, str] = {}
    info: dict[str, SeriesInfo] = {}
    absent: dict[str, str] = {}
    precedence: list[Precedence] = []
    lacking: list[str] = []
    wrong: list[str] = []
    for qualified, wanted in asked.items():
        simulated, _, series = qualified.partition(".")
        entry = chosen[simulated]
        if not entry.sources or entry.provides.get(series, (series,)) == ():
            what = simulated if not entry.sources else qualified
            absent[qualified] = say("'{what}' is left out under 'real_sources' in config/config.yaml", what=what)
            continue
        found = _fitting(candidates(series, entry, given), wanted, given, own_measures)
        if not found:
            lacking.append(qualified)
            continue
        named = f"{found[0].partition('.')[0]}.{series}"
        problems = [
            *_unknown(qualified, entry, given),
            *_unordered(qualified, found, entry),
            *_unlike(qualified, wanted, found, given, own_measures),
            *_twice(qualified, wanted, named, found[0], real, info),
        ]
        if problems:
            wrong += problems
            continue
        home[qualified], real[named] = found[0].partition(".")[0], found[0]
        info[named] = _sized(wanted, _info(found[0], given))
        if len(found) > 1:
            precedence.append(Precedence(found[0], tuple(found[1:])))
    if lacking or wrong:
        near = {q: _near(q, asked[q], chosen[q.partition(".")[0]], given, own_measures) for q in lacking}
        raise StudyError(_refusal(study, near, wrong, chosen))
    return StandIn(home, real, info, tuple(dict.fromkeys(precedence)), absent)


def candidates(series: str, entry: RealSource, given: Series) -> list[str]:
    """Return the ``source.series`` that give a series, in order of precedence."""
    declared = entry.provides.get(series)
    if declared is not None and len(declared) > 1:
        return [real for name in declared for real in _of_name(name, entry.sources, given)]
    order = [*entry.prefer, *(source for source in entry.sources if source not in entry.prefer)]
    return _of_name(declared[0] if declared else series, order, given)


def _fitting(found: list[str], wanted: SeriesInfo, given: Series, extra: Mapping[str, str]) -> list[str]:
    """Return of several series those of the kind that is wanted; all where none is, which is then said."""
    fit = [real for real in found if is_of_kind(wanted, _info(real, given), extra)] if len(found) > 1 else found
    return fit or found


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


def _unknown(qualified: str, entry: RealSource, given: Series) -> Iterable[str]:
    """Give a line for each of several declared series that no source has."""
    for name in entry.provides.get(qualified.partition(".")[2], ()):
        if not _of_name(name, entry.sources, given):
            known = [series for source in entry.sources for series in given[source]]
            near = nearest(name.rpartition(".")[2], known)
            yield f"'{qualified}': none of {', '.join(entry.sources)} gives '{name}'{near}"


def _twice(
    qualified: str, wanted: SeriesInfo, named: str, found: str, real: Mapping[str, str], info: Mapping[str, SeriesInfo]
) -> Iterable[str]:
    """Give a line where one name would mean two real series, or one real series two units of measure."""
    if real.get(named, found) != found:
        yield f"'{qualified}': '{named}' would be both {real[named]} and {found}; copy the source under a second name"
    other = next((name for name, series in real.items() if series == found and name != named), "")
    if other and info[other].measure != wanted.measure:
        yield (
            f"'{qualified}': '{found}' would be read in {wanted.measure} and in {info[other].measure}; copy the source "
            "under a second name"
        )


def _unordered(qualified: str, found: Sequence[str], entry: RealSource) -> Iterable[str]:
    """Give a line where several sources give a series and nothing says which counts first."""
    series = qualified.partition(".")[2]
    if (
        len(found) > 1
        and len(entry.provides.get(series, ())) < 2
        and {f.partition(".")[0] for f in found[:-1]} - set(entry.prefer)
    ):
        sources = ", ".join(f.partition(".")[0] for f in found)
        yield (
            f"'{qualified}' is given by {' and '.join(found)}: say which counts first by 'prefer: [{sources}]', or "
            f"take one by 'provides: {{{series}: {found[0]}}}'"
        )


def _unlike(
    qualified: str, wanted: SeriesInfo, found: Sequence[str], given: Series, extra: Mapping[str, str]
) -> Iterable[str]:
    """Give a line for each real series that is no number of the same kind, and where several cannot be put in order."""
    kinds = {(info.is_text, info.is_category, info.has_year) for info in (_info(real, given) for real in found)}
    if len(found) > 1 and (len(kinds) > 1 or next(iter(kinds))[:2] != (False, False)):
        yield (
            f"'{qualified}' is given by {' and '.join(found)}, of which not all are numbers by year, or all "
            f"without a year: take one by 'provides: {{{qualified.partition('.')[2]}: {found[0]}}}'"
        )
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


def _near(qualified: str, wanted: SeriesInfo, entry: RealSource, given: Series, extra: Mapping[str, str]) -> str:
    """Return the series that may be meant, in brackets: one like the declared name, or one like the study's series."""
    series = qualified.partition(".")[2]
    if declared := entry.provides.get(series):
        known = [name for source in entry.sources for name in given[source]]
        return f" (provides: {', '.join(declared)}){nearest(declared[0].rpartition('.')[2], known)}"
    found = [name for source in entry.sources for name in likely(series, wanted, given[source], extra)]
    return f" (perhaps {' or '.join(dict.fromkeys(found))})" if found else ""


def _refusal(study: str, lacking: Mapping[str, str], wrong: Sequence[str], chosen: Mapping[str, RealSource]) -> str:
    """Return one error on all that the real sources lack."""
    lines = [
        f"  '{qualified}': not in {', '.join(chosen[qualified.partition('.')[0]].sources)}{near}"
        for qualified, near in lacking.items()
    ]
    if lacking:
        first = next(iter(lacking)).partition(".")[2]
        lines.insert(
            0,
            f"{len(lacking)} series that the study reads are in none of the real sources; `shidian needs {study}` says "
            f"what each is. Under '{KEY}' in {CONFIG} name them by 'provides: {{{first}: <series>}}', add a source, or "
            f"leave one out by 'provides: {{{first}: null}}':",
        )
    return "\n".join([*lines, *wrong])


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
