"""A draft of ``real_sources`` for the configuration, from what the user's sources offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shidian.needs.definitions import Definition
from shidian.needs.offers import LIKELY, Offer, chosen_sources
from shidian.study.real_sources import KEY, RealSource
from shidian.study.variables import SeriesInfo

MOST_ELSEWHERE = 3
"""Most offers of sources not chosen that a line of the draft names."""


@dataclass(frozen=True)
class Needed:
    """One series that a study reads: what it is, and what the user's sources offer of it."""

    source: str
    series: str
    info: SeriesInfo
    words: Definition
    offers: tuple[Offer, ...]


@dataclass(frozen=True)
class Wanted:
    """One simulated source of a study: its series, what stands for it already, sources that only it may have.

    ``policies`` are the names of the policy where it lists units without years and dates the treatment, else nothing.
    """

    source: str
    needed: tuple[Needed, ...]
    entry: RealSource | None
    is_frame: bool
    policies: tuple[str, ...] = ()


def draft(wanted: Sequence[Wanted], with_years: Mapping[str, bool]) -> str:
    """Return the section ``real_sources`` as YAML; what is likely or lacks is said in comments.

    Args:
        wanted: the simulated sources of the study.
        with_years: real source -> whether it gives its series by year.
    """
    picked = {one.source: _sources(one) for one in wanted}
    yearly = [s for one in wanted if not one.is_frame for s in picked[one.source] if with_years.get(s, False)]
    lines = [f"{KEY}:"]
    for one in wanted:
        sources = picked[one.source]
        if one.is_frame and one.entry is None:
            first = [s for s in sources if with_years.get(s, False)] or yearly
            sources = list(dict.fromkeys([*first[:1], *sources]))
        lines += _entry(one, sources)
    return "\n".join(lines)


def _sources(one: Wanted) -> list[str]:
    """Return the sources for one simulated source; a list of pilots is only found by the policy in its title."""
    if one.entry is not None:
        return list(one.entry.sources)
    offered = {need.series: need.offers for need in one.needed}
    if one.policies:
        return [offer.source for need in one.needed for offer in need.offers if offer.why != LIKELY][:1]
    return chosen_sources(offered)


def _entry(one: Wanted, sources: Sequence[str]) -> list[str]:
    if not sources:
        others = sorted({offer.source for need in one.needed for offer in need.offers})
        some = f" (one of {', '.join(others)}?)" if others else ""
        if one.is_frame or one.policies:
            what = "gives the panel its units and years" if one.is_frame else f"dates the treatment ({one.policies[0]})"
            return [f"  # {one.source}: SOURCE  # {what} and cannot be left out; name your source{some}"]
        return [f"  # {one.source}: null  # none of your sources is sure to stand for it{some}; null leaves it out"]
    note = "  # the first gives the panel its units and years" if one.is_frame else ""
    lines = [f"  {one.source}:", f"    sources: [{', '.join(sources)}]{note}"]
    provides = [line for need in one.needed if (line := _provides(need, sources, one.entry))]
    if provides:
        heading = "    provides:" if any(not line.lstrip().startswith("#") for line in provides) else "    # provides:"
        lines += [heading, *provides]
    if one.entry is not None:
        lines += [
            f"    {key}: [{', '.join(given)}]" for key in ("prefer", "accept") if (given := getattr(one.entry, key))
        ]
    return lines


def _provides(need: Needed, sources: Sequence[str], entry: RealSource | None) -> str:
    """Return the line of a series; "" where a source gives it under its own name and no other does."""
    if entry is not None and (declared := entry.provides.get(need.series)) is not None:
        return f"      {need.series}: {_yaml(declared)}"
    found = [offer for source in sources for offer in need.offers if offer.source == source]
    what = f"{need.words.zh}, {need.info.measure}"
    if not found and need.offers:
        return f"      # {need.series}: {_elsewhere(need.offers)}; or null"
    if not found:
        return f"      # {need.series}: null  # not found: {what}; {need.words.where}"
    certain = [offer for offer in found if offer.why != LIKELY]
    if len(certain) == 1 or (certain and entry is not None and entry.prefer):
        return "" if certain[0].series == need.series else f"      {need.series}: {certain[0].series}"
    best = (certain or found)[0]
    name = f"{best.source}.{best.series}" if len(certain) > 1 else best.series
    if certain:
        why = "also in " + ", ".join(offer.source for offer in certain[1:])
    else:
        tied = [f"{o.series} ({o.info.title})" for o in found[1:] if o.source == best.source]
        if tied:
            listed = ", ".join([f"{name} ({best.info.title})", *tied])
            return f"      # {need.series}: {name}  # {what}: none of these is sure: {listed}"
        why = f"likely: {best.info.title}, {best.info.measure}"
    return f"      {need.series}: {name}  # {why}"


def _elsewhere(offers: Sequence[Offer]) -> str:
    """Return what sources that are not named in the entry offer: the first as it is declared, all in words."""
    listed = ", ".join(f"{o.source}.{o.series} ({o.info.title}, {o.info.measure})" for o in offers[:MOST_ELSEWHERE])
    return f"{offers[0].source}.{offers[0].series}  # name the source under 'sources' above: {listed}"


def _yaml(declared: Sequence[str]) -> str:
    return "null" if not declared else declared[0] if len(declared) == 1 else f"[{', '.join(declared)}]"
