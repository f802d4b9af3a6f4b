"""Resolve one study file: schema, names, units of measure and years are checked before any job runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from shidian.errors import Faults, ShidianError, StudyError, nearest
from shidian.messages import say
from shidian.period import Period
from shidian.schema import check, unbounded
from shidian.study.aggregation import check_aggregated
from shidian.study.category_keys import refuse_category_keys
from shidian.study.checks import declared_checks, resolve_checks
from shidian.study.efficiency import resolve_efficiency, resolve_productivity
from shidian.study.fill import resolve_fill
from shidian.study.formula_periods import refuse_bases
from shidian.study.formula_variable import Variable
from shidian.study.indicator_methods import study_schema
from shidian.study.indicators import Known, resolve_indicators, texts_of
from shidian.study.individuals import (
    formulas_of,
    is_of_individuals,
    refuse_formulas,
    refuse_over_time,
    refuse_regions,
    refuse_sources,
    refuse_treatment,
)
from shidian.study.kinds import kinds
from shidian.study.known_keys import elsewhere_than_study
from shidian.study.model import PANEL_KEYS, RESERVED, ROW_KEYS, Exclusion, Indicator, PanelSpec, SourceUse, Study
from shidian.study.over_time import of_individuals, refuse_kinds, refuse_one_period
from shidian.study.periods import check_sources, declared_period, with_numbers
from shidian.study.regressors import refuse_texts, same_variables
from shidian.study.resolve import resolve_exhibits
from shidian.study.sized import Names
from shidian.study.source_uses import source_uses, with_columns
from shidian.study.treatment import other_than_series, resolve_treatment
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
    schema = unbounded(study_schema()) if has_period else study_schema()
    check(content, schema, where, names=names, elsewhere=elsewhere_than_study)
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
    if years["first"] > years["last"]:
        first, last = period.label(years["first"]), period.label(years["last"])
        raise StudyError(f"at 'years': the first {period.noun} {first} is after the last {last}")
    refuse_regions(content)
    sources = source_uses(content["sources"], content["unit"], catalogue)
    refuse_sources(content, sources, catalogue.units)
    used = [s.source for s in sources]
    check_sources(used, catalogue, period)
    _refuse_panel_names(used, catalogue)
    declared = content.get("treatment", {})
    own_measures = content.get("measures", {})
    said = period if "period" in content else None
    other = other_than_series(content.get("treatment"))
    try:
        variables = resolve_variables(content["variables"], own_measures, used, catalogue, other, said)
    except StudyError as problem:
        _raise_with_exhibits(problem, content, names)
        raise
    _refuse_taken(content, names["variable"], declared.get("name", ""))
    treatment = resolve_treatment(declared, variables, own_measures, used, catalogue, said) if declared else None
    sources = with_columns(sources, variables, own_measures, catalogue, said)
    fill = resolve_fill(content.get("fill", []), sources, content["unit"], catalogue)
    checks = resolve_checks(declared_checks(content), own_measures, used, catalogue)
    read = [q for v in variables for q in v.inputs.values()] + [f.series for f in fill]
    read += [*(treatment.inputs if treatment else ()), *checks.series, *_joined_on(sources)]
    indicators = content.get("indicators", {})
    read += texts_of(indicators, used, catalogue)
    check_aggregated(sources, read, catalogue)
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
        individuals=is_of_individuals(content),
    )
    regressor = treatment.name if treatment else content["regressor"]
    dictionaries = sorted(p.stem for p in (path.parent.parent / "dictionaries").glob("*.txt"))
    texts = [v.name for v in variables if v.is_category]
    columns = tuple(name for name in panel.columns if name not in texts)
    known = [*columns, *indicators]
    models = resolve_efficiency(content.get("efficiency", {}), known, years, period)
    known += [model.name for model in models]
    refuse_texts(content, texts)
    refuse_category_keys(content, texts)
    measured = _measured([v for v in variables if v.name in columns])
    computed = resolve_indicators(indicators, Known(columns, measured, used, catalogue, dictionaries, said, texts))
    span = (years["first"], years["last"])
    nodes = {f"variables.{v.name}": v.node for v in variables}
    nodes |= {f"indicators.{i.name}": i.node for i in computed if i.node is not None}
    for where, node in nodes.items():
        refuse_bases(where, node, span, period)
    productivity = resolve_productivity(content.get("productivity", {}), models, known)
    refuse_kinds(content["exhibits"], panel)
    exhibits = resolve_exhibits(content, names, same_variables(variables))
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
        indicators=computed,
        efficiency=models,
        productivity=productivity,
        labels={**({treatment.name: declared.get("label", treatment.name)} if treatment else {}), **_labels(content)},
        exhibits=_followed(exhibits, content, panel, computed),
        authors=tuple(content.get("authors", ())),
        figure=content.get("figure", {}),
        date=_date(study, content.get("date", "")),
    )


def _date(study: str, text: str) -> str:
    """Return a declared date that the calendar has."""
    try:
        return text and date.fromisoformat(text).isoformat()
    except ValueError:
        raise StudyError(say("study '{study}': date: the calendar has no {date}", study=study, date=text)) from None


def _raise_with_exhibits(problem: StudyError, content: Mapping[str, Any], names: Mapping[str, Any]) -> None:
    """Raise what is wrong with variables together with what is wrong with exhibits, which know them by name."""
    faults = Faults()
    with faults.kept():
        raise problem
    with faults.kept():
        resolve_exhibits(content, names)
    faults.raise_all()


def _followed(
    exhibits: tuple[Mapping[str, Any], ...],
    content: Mapping[str, Any],
    panel: PanelSpec,
    indicators: Sequence[Indicator],
) -> tuple[Mapping[str, Any], ...]:
    """Return the exhibits as they are where no unit is followed over time; refuse what follows one there."""
    if not panel.individuals and not panel.is_one_period:
        return exhibits
    refuse_over_time(content, panel)
    refuse_formulas(formulas_of(panel, indicators), panel)
    if panel.individuals:
        refuse_treatment(panel.treatment)
        exhibits = of_individuals(exhibits, panel.assigned_by[1])
    if panel.is_one_period:
        refuse_one_period(exhibits)
    return exhibits


def _refuse_taken(content: Mapping[str, Any], variables: Sequence[str], treatment: str) -> None:
    """Refuse names of columns that the panel has already."""
    if treatment in RESERVED:
        raise StudyError(f"at 'treatment.name': '{treatment}' is taken by a column that every panel has")
    for name in variables:
        if name in (*RESERVED, treatment):
            section = next(key for key in COLUMN_SECTIONS if name in content.get(key, {}))
            what = "that of the treatment" if name == treatment else "taken by a column that every panel has"
            way = "; name the variable otherwise" if name == treatment else ""
            raise StudyError(f"at '{section}.{name}': the name is {what}{way}")


def _joined_on(sources: Sequence[SourceUse]) -> list[str]:
    """Return the series of the columns that nested sources join on."""
    nestings = [use.nesting for use in sources if use.nesting]
    read = [n.series for n in nestings if n.series]
    return read + [q for n in nestings if n.formula for q in n.formula.inputs.values()]


def _refuse_panel_names(used: Sequence[str], catalogue: Catalogue) -> None:
    """Refuse series named like the keys of every row: exhibits and formulas would take the key without a word."""
    for source in used:
        for name in catalogue[source]:
            if name in ROW_KEYS:
                raise StudyError(
                    f"at 'sources.{source}': the source gives a series the name '{name}', which is that of a "
                    f"column of every panel; give it another name in config/sources/{source}.yaml"
                )


def _measured(variables: Sequence[Variable]) -> Names:
    return Names(
        {v.name: v.measure for v in variables},
        by_hand={v.name: v.by_hand for v in variables},
        logs={v.name: v.logs for v in variables if v.logs},
    )


def _labels(content: Mapping[str, Any]) -> dict[str, Any]:
    declared = {name: spec for key in COLUMN_SECTIONS for name, spec in content.get(key, {}).items()}
    return {name: spec.get("label", name) if isinstance(spec, dict) else name for name, spec in declared.items()}


def _names(content: Any, key: str) -> list[str]:
    section = content.get(key) if isinstance(content, dict) else None
    return [str(name) for name in section] if isinstance(section, dict) else []


def _treatment_name(content: Any) -> list[str]:
    section = content.get("treatment") if isinstance(content, dict) else None
    return [str(section.get("name", ""))] if isinstance(section, dict) else []


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
