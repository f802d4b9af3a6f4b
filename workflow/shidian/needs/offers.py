"""Which of the user's sources give a series: under its name, by ``provides``, or under a name or header like it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shidian.needs.policy import names_policy
from shidian.study.likely import is_of_kind, likely
from shidian.study.real_sources import RealSource
from shidian.study.stand_in import Series, candidates
from shidian.study.variables import SeriesInfo

PROVIDES, SAME, LIKELY = "provides", "same name", "likely"
YEAR = "year"
"""Unit of measure of the year in which something happens to a unit."""


@dataclass(frozen=True)
class Offer:
    """A series of a real source, and why it may be the one that is needed: one of PROVIDES, SAME, LIKELY."""

    source: str
    series: str
    why: str
    info: SeriesInfo


def offers(
    series: str, wanted: SeriesInfo, entry: RealSource | None, given: Series, extra: Mapping[str, str]
) -> list[Offer]:
    """Return what the real sources offer of a series, what ``real_sources`` says first.

    Args:
        series: as the study names it; wanted: what it is in the simulated source.
        entry: what stands for the simulated source, None where nothing is declared.
        given: series of the real sources of the same level.
        extra: units of measure that the study declares.
    """
    found = []
    if entry is not None:
        known = {source: given.get(source, {}) for source in entry.sources}
        for qualified in candidates(series, entry, known):
            source, _, name = qualified.partition(".")
            found.append(Offer(source, name, PROVIDES if series in entry.provides else SAME, known[source][name]))
    for source, of in given.items():
        if any(offer.source == source for offer in found):
            continue
        if series in of and is_of_kind(wanted, of[series], extra):
            found.append(Offer(source, series, SAME, of[series]))
        else:
            found += [Offer(source, name, LIKELY, of[name]) for name in likely(series, wanted, of, extra)]
    return sorted(found, key=lambda offer: (PROVIDES, SAME, LIKELY).index(offer.why))


def dated_offers(
    given: Series, found: Sequence[Offer], titles: Mapping[str, str], policies: Sequence[str]
) -> list[Offer]:
    """Return the offers of the year in which units became pilots, which any list of units may give.

    The name of a series does not tell one policy from another: certain is only what stands in a list whose title names
    the policy, or what the configuration says.

    Args:
        given: series of the real sources of the same level, by source.
        found: what the sources offer by name and header.
        titles: real source -> its title.
        policies: names of the policy.
    """
    known = {(offer.source, offer.series): offer for offer in found if offer.why == PROVIDES}
    alike = {(offer.source, offer.series) for offer in found}
    for source, of in given.items():
        why = SAME if names_policy(titles[source], policies) else LIKELY
        for name, info in of.items():
            if info.measure == YEAR and not info.has_year and (source, name) not in known:
                known[source, name] = Offer(source, name, why, info)
    ranks = {key: ((PROVIDES, SAME, LIKELY).index(offer.why), key not in alike) for key, offer in known.items()}
    return [known[key] for key in sorted(known, key=ranks.__getitem__)]


def chosen_sources(offered: Mapping[str, Sequence[Offer]], first: Iterable[str] = ()) -> list[str]:
    """Return the fewest sources that together give the most: the one that gives most first, then what still lacks.

    A source that offers a single series only by likeness is not chosen for it.

    Args:
        offered: series -> its offers.
        first: sources that are chosen in any case.
    """
    chosen = list(dict.fromkeys(first))
    left = {s for s, found in offered.items() if not any(offer.source in chosen for offer in found)}
    while left:
        gives: dict[str, list[Offer]] = {}
        for series in left:
            for offer in offered[series]:
                gives.setdefault(offer.source, []).append(offer)
        worth = {s: of for s, of in gives.items() if len(of) > 1 or any(offer.why != LIKELY for offer in of)}
        if not worth:
            break
        best = min(worth, key=lambda source: (-_worth(worth[source]), source))
        chosen.append(best)
        left = {s for s in left if not any(offer.source == best for offer in offered[s])}
    return chosen


def _worth(offered: Sequence[Offer]) -> float:
    return sum(0.9 if offer.why == LIKELY else 1.0 for offer in offered)
