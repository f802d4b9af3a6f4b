"""Resolve one study file: schema, names, units of measure and years are checked before any job runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shidian.errors import ShidianError, StudyError, nearest
from shidian.period import Period
from shidian.schema import check, unbounded
from shidian.study.checks import resolve_checks
from shidian.study.efficiency import resolve_efficiency, resolve_productivity
from shidian.study.formula_measures import Names
from shidian.study.formula_periods import check_dates
from shidian.study.indicator_methods import study_schema
from shidian.study.indicators import Known, resolve_indicators, texts_of
from shidian.study.kinds import kinds
from shidian.study.model import (
    PANEL_KEYS,
    RESERVED,
    ROW_KEYS,
    Exclusion,
    Fill,
    PanelSpec,
    SourceUse,
    Study,
    Treatment,
    Variable,
)
from shidian.study.periods import check_sources, declared_period, with_numbers
from shidian.study.regressors import refuse_texts, same_variables
from shidian.study.resolve import resolve_exhibits
from shidian.study.variables import Catalogue, resolve_variables

COLUMN_SECTIONS = ("variables", "indicators", "efficiency", "productivity")
"""Sections that give the panel its columns, in the order in which they are computed."""
FOLDERS = ("audit", "benchmarks", "logs", "simulated", "sources", "weights")
"""Folders of ``results/`` beside those of the studies."""


def resolve_study(content: Any, path: Path, catalogue: Catalogue) -> Study:
    """Check and resolve the content of one study file.

    Args:
        content: what the file holds.
        path: the study file.
        catalogue: series of every source (``shidian.study.variables.Catalogue``).

    Raises:
        StudyError: every violation found, each naming the file, the key and the nearest valid name.
    """
    where = str(path)
    period = declared_period(content)
    try:
        content = with_numbers(content, study_schema())
    except StudyError as problem:
        raise StudyError(f"{where}: {problem}") from None
    has_period = isinstance(content, dict) and "period" in content
    names = {"variable": [n for key in COLUMN_SECTIONS for n in _names(content, key)], "exhibit-kind": kinds()}
    names["panel-column"] = [*PANEL_KEYS, *_treatment_name(content), *names["variable"]]
    check(content, unbounded(study_schema()) if has_period else study_schema(), where, names=names)
    try:
        return _build(content, path, catalogue, names, period or Period())
    except ShidianError as problem:
        lines = str(problem).splitlines()
        raise StudyError("\n".join(x if x.startswith(where) else f"{where}: {x}" for x in lines)) from None


def _build(
    content: Mapping[str, Any], path: Path, catalogue: Catalogue, names: Mapping[str, Any], period: Period
) -> Study:
    study = content["study"]
    if study != path.stem:
        raise StudyError(f"at 'study': '{study}' differs from the file's name '{path.stem}'; make them equal")
    if study in FOLDERS:
        raise StudyError(f"at 'study': '{study}' is a folder of 'results/' that no study may write into; rename it")
    years = content["years"]
    if years["first"] >= years["last"]:
        first, last = period.label(years["first"]), period.label(years["last"])
        raise StudyError(f"at 'years': the first {period.noun} {first} is not before the last {last}")
    sources = _sources(content["sources"], content["unit"], catalogue)
    used = [s.source for s in sources]
    check_sources(used, catalogue, period)
    treatment = _treatment(content["treatment"], used, catalogue, period) if "treatment" in content else None
    _refuse_panel_names(used, catalogue)
    if treatment and treatment.name in RESERVED:
        raise StudyError(f"at 'treatment.name': '{treatment.name}' is taken by a column that every panel has")
    own_measures = content.get("measures", {})
    variables = resolve_variables(content["variables"], own_measures, used, catalogue, _other_than_series(treatment),
                                  period if "period" in content else None)  # fmt: skip
    taken = [name for name in names["variable"] if name in (*RESERVED, treatment.name if treatment else "")]
    if taken:
        section = next(key for key in COLUMN_SECTIONS if taken[0] in content.get(key, {}))
        raise StudyError(f"at '{section}.{taken[0]}': the name is taken by a column that every panel has")
    fill = _fill(content.get("fill", []), used, catalogue)
    checks = resolve_checks(content.get("checks", {}), own_measures, used, catalogue)
    read = [q for v in variables for q in v.inputs.values()] + [f.series for f in fill]
    read += [*([treatment.series] if treatment else []), *checks.series]
    indicators = content.get("indicators", {})
    read += texts_of(indicators, used, catalogue)
    panel = PanelSpec(
        first_year=years["first"],
        last_year=years["last"],
        geography=content["unit"].get("geography"),
        sources=sources,
        exclusions=_exclusions(content.get("sample", {}), years, [v.name for v in variables], period),
        treatment=treatment,
        own_measures=own_measures,
        fill=fill,
        variables=variables,
        checks=checks,
        measures={qualified: catalogue.info(qualified).measure for qualified in sorted(set(read))},
        period=period,
    )
    declared = content.get("treatment", {})
    regressor = treatment.name if treatment else content["regressor"]
    dictionaries = sorted(p.stem for p in (path.parent.parent / "dictionaries").glob("*.txt"))
    texts = [v.name for v in variables if v.is_category]
    columns = tuple(name for name in panel.columns if name not in texts)
    known = [*columns, *indicators]
    models = resolve_efficiency(content.get("efficiency", {}), known, years, period)
    known += [model.name for model in models]
    refuse_texts(content, texts)
    return Study(
        study=study,
        title=content["title"],
        description=content.get("description", ""),
        simulated=content.get("simulated", ""),
        paper=content.get("paper", ""),
        seed=content.get("seed", study_schema()["properties"]["seed"]["default"]),
        unit_label=content["unit"]["label"],
        policy=declared.get("policy", regressor),
        regressor=regressor,
        panel=panel,
        indicators=resolve_indicators(
            indicators,
            Known(columns, _measured([v for v in variables if v.name in columns]), used, catalogue, dictionaries),
        ),
        efficiency=models,
        productivity=resolve_productivity(content.get("productivity", {}), models, known),
        labels={**({treatment.name: declared.get("label", treatment.name)} if treatment else {}), **_labels(content)},
        exhibits=resolve_exhibits(content, names, same_variables(variables)),
    )


def _refuse_panel_names(used: Sequence[str], catalogue: Catalogue) -> None:
    """Refuse series named like the keys of every row: exhibits and formulas would take the key without a word."""
    for source in used:
        for name in catalogue[source]:
            if name in ROW_KEYS:
                raise StudyError(
                    f"at 'sources.{source}': the source gives a series the name '{name}', which is that of a "
                    f"column of every panel; give it another name in config/sources/{source}.yaml"
                )


def _other_than_series(treatment: Treatment | None) -> tuple[str, ...]:
    """Return the columns of the panel that a series of the same name would not be the same as."""
    if treatment is None:
        return RESERVED
    same = "adoption_year" if treatment.kind == "adoption" else treatment.name
    itself = not treatment.delay and treatment.series.partition(".")[2] == same
    return tuple(name for name in (*RESERVED, treatment.name) if not (itself and name == same))


def _fill(declared: list[Mapping[str, Any]], used: list[str], catalogue: Catalogue) -> tuple[Fill, ...]:
    fills = []
    for n, entry in enumerate(declared):
        qualified = catalogue.find(entry["series"], used, f"at 'fill[{n + 1}]'")
        if not catalogue.info(qualified).has_year:
            raise StudyError(
                f"at 'fill[{n + 1}]': '{entry['series']}' is a fact without years; there is no gap to fill"
            )
        fills.append(Fill(qualified, entry["max_gap"], entry.get("ends", False)))
    return tuple(fills)


def _measured(variables: Sequence[Variable]) -> Names:
    return Names({v.name: v.measure for v in variables}, by_hand={v.name: v.by_hand for v in variables})


def _labels(content: Mapping[str, Any]) -> dict[str, Any]:
    declared = {name: spec for key in COLUMN_SECTIONS for name, spec in content.get(key, {}).items()}
    return {name: spec.get("label", name) if isinstance(spec, dict) else name for name, spec in declared.items()}


def _names(content: Any, key: str) -> list[str]:
    section = content.get(key) if isinstance(content, dict) else None
    return [str(name) for name in section] if isinstance(section, dict) else []


def _treatment_name(content: Any) -> list[str]:
    section = content.get("treatment") if isinstance(content, dict) else None
    return [str(section.get("name", ""))] if isinstance(section, dict) else []


def _sources(declared: Mapping[str, Any], unit: Mapping[str, Any], catalogue: Catalogue) -> tuple[SourceUse, ...]:
    uses = []
    for name, how in declared.items():
        join = how.get("join", "region" if "geography" in unit else "code")
        level, aliases = catalogue.units[name]
        if join in ("region", "province") and "geography" not in unit:
            raise StudyError(f"at 'sources.{name}': 'join: {join}' needs 'unit.level' and 'unit.geography'")
        wanted = "province" if join == "province" else unit.get("level")
        if join in ("region", "province") and level != wanted:
            serves = "; declare 'join: province' to give every unit the value of its province"
            raise StudyError(
                f"at 'sources.{name}': its units are of level {level}, 'join: {join}' needs level {wanted}"
                f"{serves if level == 'province' else ''}"
            )
        if "accept" in how and join not in ("region", "province"):
            raise StudyError(
                f"at 'sources.{name}': 'accept' goes with 'join: region' and 'join: province', and with nothing else"
            )
        if how.get("role") == "frame" and join == "province":
            raise StudyError(f"at 'sources.{name}': a frame gives the panel its units; it cannot join by province")
        uses.append(SourceUse(name, how.get("role") == "frame", join, tuple(how.get("accept", ())), level, aliases))
    frames = [use.source for use in uses if use.is_frame]
    if len(frames) != 1:
        raise StudyError(f"at 'sources': one source must have 'role: frame'; {len(frames)} have ({', '.join(frames)})")
    if not any(info.has_year for info in catalogue[frames[0]].values()):
        raise StudyError(f"at 'sources.{frames[0]}': a frame needs years; this source has facts without a year only")
    return tuple(uses)


def _treatment(declared: Mapping[str, Any], used: list[str], catalogue: Catalogue, period: Period) -> Treatment:
    kind = "adoption" if "adoption" in declared else "status"
    qualified = catalogue.find(declared[kind], used, f"at 'treatment.{kind}'")
    if catalogue.info(qualified).has_year == (kind == "adoption"):
        wanted = "a fact of the unit without a year" if kind == "adoption" else "a series by unit and year"
        raise StudyError(f"at 'treatment.{kind}': '{declared[kind]}' must be {wanted}")
    if kind == "adoption":
        check_dates("at 'treatment.adoption'", declared[kind], catalogue.info(qualified).period, period)
    return Treatment(
        name=declared["name"],
        kind=kind,
        series=qualified,
        delay=1 if declared.get("starts") == "next_year" else 0,
        leave_out_undated=declared.get("undated") == "leave_out",
    )


def _exclusions(
    sample: Mapping[str, Any], years: Mapping[str, int], variables: Sequence[str], period: Period
) -> tuple[Exclusion, ...]:
    exclusions = []
    for n, entry in enumerate(sample.get("exclude", [])):
        outside = [y for y in entry.get("years", []) if not years["first"] <= y <= years["last"]]
        if outside:
            raise StudyError(
                f"at 'sample.exclude[{n + 1}].years': {period.label(outside[0])} lies outside the panel's years "
                f"{period.label(years['first'])}-{period.label(years['last'])}"
            )
        where = entry.get("where", "")
        if not entry.get("units") and not entry.get("years") and not where:
            raise StudyError(
                f"at 'sample.exclude[{n + 1}]': name the 'units' or the 'years' that are left out, or the variable of "
                "'where'"
            )
        if where and where not in variables:
            raise StudyError(
                f"at 'sample.exclude[{n + 1}].where': there is no variable '{where}' under 'variables'"
                f"{nearest(where, variables)}"
            )
        units = tuple(str(unit) for unit in entry.get("units", []))
        late = bool(where) or entry.get("counts_in_indicators", False)
        exclusions.append(Exclusion(units, tuple(entry.get("years", [])), entry["reason"], where, late))
    return tuple(exclusions)
