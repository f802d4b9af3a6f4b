"""The sources of a study and how each joins the panel; units that would match by accident are refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from shidian.errors import StudyError
from shidian.period import Period
from shidian.study.aggregation import BELOW, aggregation
from shidian.study.columns import column_of
from shidian.study.declared_units import DeclaredUnits, plain
from shidian.study.formula_variable import Variable
from shidian.study.grammar import names_in
from shidian.study.model import Nesting, SourceUse
from shidian.study.variables import Catalogue

REGIONS = ("province", "city", "county")
LEAST_MATCHED = 0.1
"""Share of a source's units, or of the panel's, below which a join by code, name or column stops the run."""
BY_REGION = ("region", "province")


def source_uses(declared: Mapping[str, Any], unit: Mapping[str, Any], catalogue: Catalogue) -> tuple[SourceUse, ...]:
    """Return how each source joins; the columns of nested joins are still unresolved (``with_columns``).

    Raises:
        StudyError: a join that the units' levels do not allow, units of another kind than the frame's, no frame.
    """
    uses = tuple(_use(name, how, unit, catalogue) for name, how in declared.items())
    frames = [use.source for use in uses if use.is_frame]
    if len(frames) != 1:
        raise StudyError(f"at 'sources': one source must have 'role: frame'; {len(frames)} have ({', '.join(frames)})")
    if not any(info.has_year for info in catalogue[frames[0]].values()):
        raise StudyError(
            f"at 'sources.{frames[0]}': a frame needs years; this source has facts without a year only; a file of one "
            "year says which by 'year: {fixed: 2018}'"
        )
    for use in uses:
        if not use.is_frame:
            _refuse_other_units(use, catalogue.units[use.source], frames[0], catalogue.units[frames[0]])
    return uses


def _use(name: str, how: Mapping[str, Any], unit: Mapping[str, Any], catalogue: Catalogue) -> SourceUse:
    is_frame, mine = how.get("role") == "frame", catalogue.units[name]
    given = how.get("join", "region" if "level" in unit else "code")
    nesting = _nesting(name, given, unit, mine) if isinstance(given, Mapping) else None
    join = "column" if nesting else given
    if join in BY_REGION and "level" not in unit:
        raise StudyError(f"at 'sources.{name}': 'join: {join}' needs 'unit.level' and 'unit.geography'")
    summed = aggregation(name, how, unit, mine)
    wanted = mine.level if summed else "province" if join == "province" else unit.get("level")
    if join in BY_REGION and mine.level != wanted:
        serves = "; declare 'join: province' to give every unit the value of its province"
        nested = "; where the panel has their code or name as a column, declare 'join: {on: <column>}'"
        if mine.level in BELOW.get(str(unit.get("level")), ()):
            nested = f"; declare 'aggregate: {{to: {unit['level']}, how: sum}}' for the sums of those in each unit"
        raise StudyError(
            f"at 'sources.{name}': its units are of level {mine.level}, 'join: {join}' needs level {wanted}"
            f"{'' if is_frame else serves if mine.level == 'province' else nested}"
        )
    if "accept" in how and join not in BY_REGION and not (nesting and nesting.level):
        raise StudyError(
            f"at 'sources.{name}': 'accept' goes with 'join: region', 'join: province' and 'join: {{on: …}}' with a "
            "level, and with nothing else"
        )
    if is_frame and join in ("province", "column"):
        way = "province" if join == "province" else "a column of the panel"
        raise StudyError(f"at 'sources.{name}': a frame gives the panel its units; it cannot join by {way}")
    if "least_matched" in how and (is_frame or join in BY_REGION):
        raise StudyError(
            f"at 'sources.{name}': 'least_matched' goes with joins by code, by name and by column: others name "
            "every unit that does not match"
        )
    least = 0.0 if is_frame or join in BY_REGION else float(how.get("least_matched", LEAST_MATCHED))
    return SourceUse(
        name,
        is_frame,
        join,
        tuple(how.get("accept", ())),
        mine.level,
        mine.aliases,
        nesting,
        least,
        "join" in how,
        summed,
    )


def _nesting(name: str, how: Mapping[str, Any], unit: Mapping[str, Any], mine: DeclaredUnits) -> Nesting:
    level = how.get("level", mine.level if mine.level in REGIONS and "geography" in unit else "")
    if level and "geography" not in unit:
        raise StudyError(
            f"at 'sources.{name}.join.level': regions need 'unit.geography', the year whose codes the study has; "
            "without 'level', codes or names join where they are equal"
        )
    if level and level != mine.level:
        raise StudyError(f"at 'sources.{name}.join.level': the source's units are of level {mine.level}, not {level}")
    return Nesting(how["on"], level, how.get("moves") == "first_year")


def _refuse_other_units(use: SourceUse, mine: DeclaredUnits, frame: str, theirs: DeclaredUnits) -> None:
    """Refuse a join of equal codes or names where the units are, by their declaration, of another kind."""
    if use.join not in ("code", "name"):
        return
    title, other = mine.title(use.join), theirs.title(use.join)
    column = theirs.series_under(title) if title and plain(title) != plain(other) else ""
    on = f"'sources.{use.source}.join: {{on: {column or '<column>'}}}'"
    where = f"at 'sources.{use.source}': its units"
    if theirs.row_number:
        raise StudyError(
            f"at 'sources.{use.source}': the units of the frame '{frame}' are numbers of rows, which no list has: "
            f"write {on}, with the column that says in which of its units a row lies"
        )
    if column:
        raise StudyError(
            f"{where} stand under '{title}', which is a column of the frame '{frame}', whose units stand under "
            f"'{other}': equal codes would be an accident. Write {on}"
        )
    same_title = not title or not other or plain(title) == plain(other)
    levels = f"{where} are of level {mine.level}, those of the frame '{frame}' of level {theirs.level}"
    nested = f"where these lie in them, write {on} with the column of '{frame}' that holds their code or name"
    if mine.level != theirs.level and "other" not in (mine.level, theirs.level):
        raise StudyError(f"{levels}: equal codes would be an accident; {nested}")
    if same_title or use.declared or _one_standard(mine, theirs):
        return
    if mine.level != theirs.level:
        raise StudyError(f"{levels}: {nested}; where they are the same units, write 'join: code' or 'join: name'")
    raise StudyError(
        f"{where} stand under '{title}', those of the frame '{frame}' under '{other}': {nested}; where they are the "
        "same units, write 'join: code' or 'join: name'"
    )


def _one_standard(mine: DeclaredUnits, theirs: DeclaredUnits) -> bool:
    """Say whether both have official codes of one level, which cannot be equal by accident."""
    return mine.level == theirs.level and mine.level in REGIONS and mine.official and theirs.official


def with_columns(
    uses: Sequence[SourceUse],
    variables: Sequence[Variable],
    own_measures: Mapping[str, str],
    catalogue: Catalogue,
    period: Period | None = None,
) -> tuple[SourceUse, ...]:
    """Resolve the columns that nested sources join on; ``period`` is the study's, None where it declares none.

    Raises:
        StudyError: no such column, or one that is itself read from a nested source.
    """
    nested = {use.source for use in uses if use.nesting}
    used = [use.source for use in uses]
    done = []
    for use in uses:
        if use.nesting is None:
            done.append(use)
            continue
        where = f"at 'sources.{use.source}.join.on'"
        column = column_of(use.nesting.on, where, variables, own_measures, used, catalogue, texts=True, period=period)
        behind = {name.partition(".")[0] for name in series_behind(column.series, column.formula, variables)}
        if behind & nested:
            raise StudyError(
                f"{where}: '{use.nesting.on}' is read from '{sorted(behind & nested)[0]}', which joins by a column "
                "itself; name a column of a source that joins by the panel's own units"
            )
        nesting = replace(use.nesting, series=column.series, formula=column.formula, is_text=column.is_text)
        done.append(replace(use, nesting=nesting))
    return tuple(done)


def series_behind(series: str, formula: Variable | None, variables: Sequence[Variable]) -> set[str]:
    """Return every ``source.series`` behind a column, those of the variables that it uses among them."""
    if formula is None:
        return {series}
    known = {v.name: v for v in variables}
    found, todo, seen = set(), [formula], set()
    while todo:
        variable = todo.pop()
        found |= set(variable.inputs.values())
        names = [n for n in names_in(variable.node) if n in known and n not in variable.inputs and n not in seen]
        seen |= set(names)
        todo += [known[name] for name in names]
    return found
