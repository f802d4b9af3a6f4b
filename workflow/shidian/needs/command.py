"""What ``shidian needs STUDY`` prints: the series that a study reads, who gives them, and a draft of the mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from shidian.errors import StudyError
from shidian.needs.definitions import definition
from shidian.needs.draft import Needed, Wanted, draft
from shidian.needs.offers import LIKELY, SAME, Offer, dated_offers, offers
from shidian.study.model import Study, in_language
from shidian.study.read import read_written, series_of
from shidian.study.real_sources import CONFIG, RealSource, real_sources
from shidian.study.variables import Catalogue
from shidian.yearbook.source import Source, load_source

SHOWN = 4
"""Most offers of one series that are shown."""


def needs(root: Path, name: str) -> str:
    """Return what a study needs of real data.

    Args:
        root: folder of the project.
        name: id of the study.

    Raises:
        StudyError: there is no such study, it is wrong, or it reads no simulated source.
    """
    study, simulated, catalogue = read_written(root, name)
    names = [use.source for use in study.panel.sources if simulated[use.source].simulated]
    if not names:
        raise StudyError(f"study '{name}' reads no simulated source: its files are {', '.join(simulated)}")
    real = _real(root)
    chosen = real_sources(root)
    titles = {source.source: source.title for source in real.values()}
    wanted = [_wanted(study, simulated[source], catalogue, chosen.get(source), real, titles) for source in names]
    with_years = {name: any(table.year for table in source.tables) for name, source in real.items()}
    of_own = [use.source for use in study.panel.sources if use.source not in names]
    return "\n".join(
        [*_head(study, wanted), *_listed(wanted, titles), *_own(of_own), "", *_foot(draft(wanted, with_years))]
    )


def _real(root: Path) -> dict[str, Source]:
    """Return the sources of a project that are not simulated."""
    loaded = (load_source(path) for path in sorted((root / "config" / "sources").glob("*.yaml")))
    return {source.source: source for source in loaded if not source.simulated}


def _wanted(
    study: Study,
    source: Source,
    catalogue: Catalogue,
    entry: RealSource | None,
    real: Mapping[str, Source],
    titles: Mapping[str, str],
) -> Wanted:
    level = source.tables[0].unit.level
    given = {name: series_of(other) for name, other in real.items() if other.tables[0].unit.level == level}
    use = next(use for use in study.panel.sources if use.source == source.source)
    dating = study.panel.treatment.inputs if study.panel.treatment else ()
    is_list = any(q.partition(".")[0] == source.source for q in dating) and not any(t.year for t in source.tables)
    policies = tuple(in_language(study.policy, language) for language in ("zh", "en"))
    needed = []
    for qualified in study.panel.measures:
        owner, _, series = qualified.partition(".")
        if owner == source.source:
            info = catalogue.info(qualified)
            found = offers(series, info, entry, given, study.panel.own_measures)
            if is_list and qualified in dating:
                found = dated_offers(given, found, titles, policies)
            needed.append(Needed(owner, series, info, definition(owner, series, info, source.title), tuple(found)))
    return Wanted(source.source, tuple(needed), entry, use.is_frame, policies if is_list else ())


def _head(study: Study, wanted: Sequence[Wanted]) -> list[str]:
    period = study.panel.period
    n, given = sum(len(one.needed) for one in wanted), sum(bool(need.offers) for one in wanted for need in one.needed)
    years = f"{period.label(study.panel.first_year)}-{period.label(study.panel.last_year)}"
    return [
        f"{study.study} reads {n} series of simulated sources, by {in_language(study.unit_label, 'en')}, {years}; your "
        f"sources may give {given} of them",
    ]


def _listed(wanted: Sequence[Wanted], titles: Mapping[str, str]) -> list[str]:
    lines = []
    for one in wanted:
        role = " (its units and years are the panel's)" if one.is_frame else ""
        role += f" (dates the treatment: {' | '.join(one.policies)})" if one.policies else ""
        lines += ["", f"{one.source}{role}"]
        lines += [line for need in one.needed for line in _series(need, titles if one.policies else {})]
        lines += [] if one.needed else ["  no series, units and years only"]
    return lines


def _series(need: Needed, titles: Mapping[str, str]) -> list[str]:
    measure = need.info.measure if need.info.measure != "1" else "number without a unit"
    english = f" | {need.words.en}" if need.words.en else ""
    years = "" if need.info.has_year else ", one value a unit"
    lines = [f"  {need.series} ({measure}{years}): {need.words.zh}{english}", f"    usually in: {need.words.where}"]
    shown = need.offers[:SHOWN]
    lines += [f"    {_offer(offer, titles)}" for offer in shown]
    lines += [f"    and {len(need.offers) - SHOWN} more"] if len(need.offers) > SHOWN else []
    return lines if need.offers else [*lines, "    none of your sources gives it"]


def _offer(offer: Offer, titles: Mapping[str, str]) -> str:
    """Return the line of an offer; of a list of pilots its title, which says of which policy."""
    mark = "?" if offer.why == LIKELY else "*"
    words = f"{offer.why}: {offer.info.title}"
    if offer.source in titles:
        words = f"{'list of this policy' if offer.why == SAME else 'list'}: {titles[offer.source]}"
    return f"{mark} {offer.source}.{offer.series}, {offer.info.measure} ({words})"


def _own(names: Sequence[str]) -> list[str]:
    return ["", f"read as it is, since it is no simulated source: {', '.join(names)}"] if names else []


def _foot(text: str) -> list[str]:
    return [
        f"Draft for {CONFIG}; check what is only likely, by its header and unit, and take what lacks from a further "
        "source (docs/going_real.md):",
        "",
        text,
    ]
