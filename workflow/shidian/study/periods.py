"""The period of a study: what its file calls 2013Q4 is a whole number from here on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shidian.errors import StudyError
from shidian.period import KINDS, NAMES, Period, read_period
from shidian.study.formula_periods import number_of
from shidian.study.kinds import kinds
from shidian.study.resolve import exhibit_schema
from shidian.study.variables import Catalogue
from shidian.violations import PERIOD, key_path


def with_numbers(content: Any, schema: Mapping[str, Any]) -> Any:
    """Return the content of a study file with the number of each period in the place of how it is written.

    A file without ``period`` is returned as it is.

    Raises:
        StudyError: a text that is no such period, or lies between two steps; it names the key.
    """
    period = declared_period(content)
    if period is None or not isinstance(content, Mapping):
        return content
    found = dict(_numbered(content, schema, schema, period, ()))
    exhibits = found.get("exhibits")
    if isinstance(exhibits, list):
        found["exhibits"] = [_exhibit(one, period, n) for n, one in enumerate(exhibits)]
    return found


def declared_period(content: Any) -> Period | None:
    """Return the period that a file declares, None where it declares none or one that the schema will refuse."""
    declared = content.get("period") if isinstance(content, Mapping) else None
    if not isinstance(declared, Mapping) or declared.get("kind") not in KINDS:
        return None
    step = declared.get("step", 1)
    if not isinstance(step, int) or isinstance(step, bool) or step < 1:
        return None
    years = content.get("years")
    first = years.get("first") if isinstance(years, Mapping) else None
    number = read_period(declared["kind"], str(first)) if step > 1 else None
    return Period(declared["kind"], step, (number or 0) % step)


def check_sources(used: Iterable[str], catalogue: Catalogue, period: Period) -> None:
    """Refuse a source whose tables read periods of another kind than the study's.

    Raises:
        StudyError: it names the source, both kinds, and what to declare.
    """
    for source in used:
        for kind in catalogue.periods.get(source, ()):
            if kind == period.kind:
                continue
            if period.kind == "year":
                raise StudyError(
                    f"at 'sources.{source}': its table is by {NAMES.get(kind, kind)}; declare "
                    f"'period: {{kind: {kind}}}' in the study"
                )
            raise StudyError(
                f"at 'sources.{source}': its table is by {NAMES.get(kind, kind)}, the study by {period.kind}; declare "
                f"'kind: {period.kind}' under 'year' in config/sources/{source}.yaml, or give it in {period.kind}s"
            )


def _exhibit(exhibit: Any, period: Period, n: int) -> Any:
    kind = exhibit.get("kind") if isinstance(exhibit, Mapping) else None
    if not isinstance(kind, str) or kind not in kinds():
        return exhibit
    schema = exhibit_schema(kind)
    return _numbered(exhibit, schema, schema, period, ("exhibits", n))


def _numbered(value: Any, schema: Any, root: Mapping[str, Any], period: Period, path: tuple[Any, ...]) -> Any:
    """Return a value with its periods as numbers, wherever the schema says that one stands."""
    schema = _resolved(schema, root)
    if schema.get("format") == PERIOD:
        return number_of(value, period, key_path(path))
    if isinstance(value, list):
        return [_numbered(one, schema.get("items", {}), root, period, (*path, i)) for i, one in enumerate(value)]
    if isinstance(value, Mapping):
        named, other = schema.get("properties", {}), schema.get("additionalProperties")
        value = {
            key: _numbered(one, named.get(key, other if isinstance(other, Mapping) else {}), root, period, (*path, key))
            for key, one in value.items()
        }
    for branch in [*schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("allOf", [])]:
        value = _branch(value, branch, root, period, path)
    return value


def _branch(value: Any, branch: Any, root: Mapping[str, Any], period: Period, path: tuple[Any, ...]) -> Any:
    """Return a value numbered by one of several schemas, as far as that one is for values of its type."""
    types = _resolved(branch, root).get("type")
    fits = {"object": Mapping, "array": list, "integer": int | str, "string": str}.get(str(types), object)
    return _numbered(value, branch, root, period, path) if isinstance(value, fits) else value


def _resolved(schema: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(schema, Mapping):
        return {}
    if "$ref" not in schema:
        return schema
    target: Any = root
    for key in str(schema["$ref"]).removeprefix("#/").split("/"):
        target = target[key]
    return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
