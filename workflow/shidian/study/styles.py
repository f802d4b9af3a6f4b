"""Styles: how the tables and figures of a study are printed, as data (``workflow/styles``, a user's own file).

A style says what a journal prints; what stands in an exhibit wins over it. It changes no number: the exhibits are
estimated as they are without one, but for the statistics at the foot that it asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from shidian.errors import Faults, StudyError, nearest
from shidian.schema import SCHEMAS, check, read_schema, read_yaml
from shidian.study.kinds import kind_spec
from shidian.study.model import Study
from shidian.study.stacked import PANELS

STYLES = SCHEMAS.parent / "styles"
"""Folder of the shipped styles."""
OWN = ("digits", "stars", "parentheses", "tiny", "statistics", "row_labels")
"""Keys of an exhibit that say how it is printed and win over a style."""
PRINTED = ("style", "notes", "layout")
"""Keys of an exhibit that say how it is printed and are no business of its estimation."""
STATISTICS = (
    "n_obs", "n_units", "n_clusters", "outcome_mean", "outcome_sd", "control_mean", "r2", "r2_adjusted", "r2_within",
    "f", "rmse", "log_likelihood", "aic", "bic",
)  # fmt: skip
"""What of the foot is a statistic of a regression."""


_MARK = re.compile(r"[^\s\d.,;()\[\]{}%<>=−–-]{1,5}")
"""A mark of significance: nothing that numbers are written with."""


def shipped() -> tuple[str, ...]:
    """Return the names of the shipped styles."""
    return tuple(sorted(path.stem for path in STYLES.glob("*.yaml")))


def read_style(root: Path, given: str, where: str) -> dict[str, Any]:
    """Read a style by its name or, relative to the project, its file.

    Raises:
        StudyError: no such style, what is wrong in its file.
    """
    style = _read(_path(root, given, where))
    based = style.pop("based_on", "")
    if not based:
        return style
    if based not in shipped():
        near = nearest(based, shipped())
        raise StudyError(f"{given}: at 'based_on': there is no shipped style '{based}'{near}: {', '.join(shipped())}")
    return _over(_read(STYLES / f"{based}.yaml"), style)


def with_styles(root: Path, study: Study, content: Mapping[str, Any], config: Mapping[str, Any]) -> Study:
    """Return a study whose exhibits know how they are printed.

    Args:
        root: folder of the project.
        study: the study as resolved.
        content: what its file holds, where what stands explicitly is seen.
        config: what ``config/config.yaml`` holds.

    Raises:
        StudyError: every style that is not there or wrong, every pattern that is no regular expression.
    """
    _refuse_marks(content, "at 'stars'")
    raw = {exhibit["id"]: exhibit for exhibit in content["exhibits"]}
    exhibits, printing, faults = [], {}, Faults()
    for exhibit in study.exhibits:
        with faults.kept():
            own = raw.get(exhibit["id"], {})
            _refuse_patterns(own)
            _refuse_marks(own, f"exhibit '{exhibit['id']}': at 'stars'")
            style, explicit = _of(root, own, content, config, study.study)
            found = effective(style, {key: exhibit[key] for key in explicit if key in exhibit})
            exhibits.append(_with_statistics(exhibit, found, explicit))
            printing[exhibit["id"]] = _printing(exhibit, found, study.exhibits)
    faults.raise_all()
    language = "" if "language" in config else _language(root, content, config)
    return replace(study, exhibits=tuple(exhibits), printing=printing, language=language)


def effective(style: Mapping[str, Any], explicit: Mapping[str, Any]) -> dict[str, Any]:
    """Return a style over which what stands explicitly in an exhibit wins; {} without a style.

    >>> effective({"stars": {}, "decimals": {"se": 3}}, {"digits": 4})
    {'stars': {}, 'decimals': {}}
    """
    if not style:
        return {}
    won: dict[str, Any] = {}
    won |= {"decimals": {}} if "digits" in explicit else {}
    won |= {key: explicit[key] for key in ("stars", "tiny") if key in explicit}
    won |= {"statistic": explicit["parentheses"]} if "parentheses" in explicit else {}
    if "statistics" in explicit and "foot" in style:
        won["foot"] = _foot(style["foot"], explicit["statistics"])
    return {**style, **won}


def _foot(foot: Iterable[str], statistics: Iterable[str]) -> list[str]:
    """Return the rows at the foot with the statistics asked for, in their order, where the style has its first."""
    rows, asked = list(foot), list(statistics)
    at = next((n for n, row in enumerate(rows) if row in STATISTICS), len(rows))
    before = [row for row in rows[:at] if row not in STATISTICS]
    return [*before, *asked, *(row for row in rows[at:] if row not in STATISTICS)]


def _of(
    root: Path, own: Mapping[str, Any], content: Mapping[str, Any], config: Mapping[str, Any], study: str
) -> tuple[dict[str, Any], set[str]]:
    """Return the style of an exhibit, {} for none, and the keys that win over it.

    Keys of the exhibit always win; those of the study over the study's own style, not over that of the run.
    """
    of_exhibit = {key for key in OWN if key in own}
    of_study = {key for key in OWN if key in content}
    if "style" in own:
        where = f"config/studies/{study}.yaml: exhibit '{own['id']}': at 'style'"
        return read_style(root, own["style"], where), of_exhibit
    if "style" in config:
        return read_style(root, config["style"], "config/config.yaml: at 'style'"), of_exhibit
    if "style" in content:
        where = f"config/studies/{study}.yaml: at 'style'"
        return read_style(root, content["style"], where), of_exhibit | of_study
    return {}, of_exhibit | of_study


def _language(root: Path, content: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    given = config.get("style", content.get("style"))
    return str(read_style(root, given, "at 'style'").get("language", "")) if given else ""


def _with_statistics(exhibit: Mapping[str, Any], style: Mapping[str, Any], explicit: set[str]) -> Mapping[str, Any]:
    """Return an exhibit with the statistics that the foot of its style has, where it does not say them itself."""
    declared = kind_spec(exhibit["kind"]).get("properties", {}).get("statistics", {})
    known = declared.get("items", {}).get("enum", [])
    if "statistics" in explicit or "foot" not in style or "n_obs" not in known:
        return exhibit
    asked = [name for name in style["foot"] if name in known]
    return {**exhibit, "statistics": asked or exhibit.get("statistics", [])}


def _printing(
    exhibit: Mapping[str, Any], style: Mapping[str, Any], exhibits: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return how an exhibit is printed as its rendering reads it; {} where it is as estimated."""
    found = {"layout": exhibit["layout"]} if "layout" in exhibit else {}
    notes = exhibit.get("notes", style.get("notes", "short"))
    found |= {"notes": notes} if notes != "short" else {}
    if style:
        gone = ("name", "description", "notes")
        found["style"] = {key: value for key, value in style.items() if key not in gone}
        found["estimated"] = _estimated(exhibit, exhibits)
    return found


def _estimated(exhibit: Mapping[str, Any], exhibits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return decimals and marks that a table is estimated with; of one made of panels those of each."""
    if exhibit["kind"] != PANELS:
        return {"digits": exhibit.get("digits", 4), "stars": exhibit.get("stars", {})}
    named = [panel["exhibit"] for panel in exhibit["panels"]]
    parts = [_estimated(one, exhibits) for one in exhibits if one["id"] in named]
    stars = {mark: level for part in parts for mark, level in part["stars"].items()}
    return {"digits": sorted({part["digits"] for part in parts}), "stars": stars}


def _refuse_patterns(exhibit: Mapping[str, Any]) -> None:
    layout = exhibit.get("layout", {})
    for key in ("keep", "drop", "order"):
        for pattern in layout.get(key, ()) if isinstance(layout, Mapping) else ():
            try:
                re.compile(pattern)
            except re.error as problem:
                raise StudyError(
                    f"exhibit '{exhibit['id']}': at 'layout.{key}': '{pattern}' is no regular expression ({problem}); "
                    "write a backslash before ( ) [ ] * + ? . that stand for themselves"
                ) from None


def _refuse_marks(content: Mapping[str, Any], where: str) -> None:
    """Refuse a mark that would change the number before it, and two that one level earns."""
    stars = content.get("stars")
    given = stars if isinstance(stars, Mapping) else {}
    for mark in map(str, given):
        if not _MARK.fullmatch(mark):
            raise StudyError(
                f"{where}: the mark '{mark}' could be read as part of a number; use up to five signs such as * + † ‡ "
                "or letters"
            )
    for level in given.values():
        same = [str(mark) for mark, other in given.items() if other == level]
        if len(same) > 1:
            raise StudyError(f"{where}: the marks {' and '.join(same)} have one level, {level}; give each its own")


def _path(root: Path, given: str, where: str) -> Path:
    if given in shipped():
        return STYLES / f"{given}.yaml"
    if not given.endswith((".yaml", ".yml")):
        raise StudyError(
            f"{where}: there is no style '{given}'{nearest(given, shipped())}; the shipped ones are "
            f"{', '.join(shipped())}; one of your own is named by its file, such as config/styles/mine.yaml"
        )
    path = root / given
    if not path.exists():
        there = [str(one.relative_to(root)) for one in (root / "config" / "styles").glob("*.yaml")]
        raise StudyError(f"{where}: there is no file {given}{nearest(given, there)}")
    return path


def _read(path: Path) -> dict[str, Any]:
    return dict(_checked(str(path), path.stat().st_mtime_ns))


@cache
def _checked(path: str, _changed: int) -> Mapping[str, Any]:
    content = read_yaml(Path(path)) or {}
    check(content, read_schema("style"), path)
    assert isinstance(content, dict)
    _refuse_marks(content, f"{path}: at 'stars'")
    return content


def _over(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of one style over those of another, those of sections one by one."""
    both = {**under, **over}
    for key in ("decimals", "words", "fonts", "rules", "figures"):
        if key in under and key in over:
            both[key] = {**under[key], **over[key]}
    return both
