"""Wording what a schema's rules find wrong in a user's file: where, what, and what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from shidian.crossed import CROSS, USES, is_product, product_fault
from shidian.errors import hint
from shidian.well_known import COLUMN as A_COLUMN
from shidian.well_known import KEY, KIND, value_answer, well_known

if TYPE_CHECKING:
    from jsonschema import ValidationError

COLUMN = "panel-column"
"""Format of a name of a panel's column; those of ``shidian.crossed.USES`` take products of columns too."""
EXHIBIT_KIND = "exhibit-kind"
"""Format of the name of a kind of exhibit."""
NAME = "^[a-z][a-z0-9_]*$"
"""Pattern of the names that a user gives."""
OTHER_PERIODS = "the study declares quarters, months, waves or other years by 'period: {kind: quarter}'"
NAME_RULE = "names are of small letters a-z, digits and _, a letter first"
PERIOD = "year-or-period"
"""Format that a schema gives to years, in the place of which a study's other periods may stand."""
LONGEST_LINE = 2000
"""Most characters of one sentence about a violation."""

Elsewhere = Callable[[str], str]
"""Says of an unknown key where else it is a key, "" where nowhere."""


def worded(problem: ValidationError, valid: Mapping[str, list[str]], elsewhere: Elsewhere = lambda _: "") -> str:
    """Return the sentence about a violation; ``valid`` are the names of each format, ``elsewhere`` as in ``check``."""
    text = _message(problem, valid, elsewhere)
    return text if len(text) <= LONGEST_LINE else f"{text[: LONGEST_LINE - 160]} ... {text[-150:]}"


def key_path(parts: Iterable[Any]) -> str:
    """Write a path into a document as a user finds it: ``tables[2].columns.co2``, lists counted from 1."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")


def _message(problem: ValidationError, valid: Mapping[str, list[str]], elsewhere: Elsewhere) -> str:
    rule: Any = problem.validator_value
    schema: Any = problem.schema
    instance: Any = problem.instance
    path = key_path(problem.absolute_path)
    at = f"at '{path}': " if path else ""
    if problem.validator == "additionalProperties":
        known = list(schema.get("properties", {}))
        unknown = [key for key in instance if key not in known]
        valid_keys = f"; valid keys: {', '.join(known)}"
        hints = {key: hint(key, known, well_known(key, KEY), elsewhere(key)) for key in unknown}
        return "; ".join(f"{at}unknown key '{key}'{hints[key]}" for key in unknown) + valid_keys
    if problem.validator == "required":
        absent = [key for key in rule if key not in instance]
        return f"{at}the key {', '.join(map(repr, absent))} is missing"
    if problem.validator == "dependentRequired":
        lone = {key: [other for other in others if other not in instance] for key, others in rule.items()}
        wants = [
            f"'{key}' wants {', '.join(map(repr, o))} beside it" for key, o in lone.items() if key in instance and o
        ]
        return f"{at}{'; '.join(wants)}"
    if problem.validator == "enum":
        known = [str(value) for value in rule]
        given = str(instance)
        return f"{at}{instance!r} is not one of {', '.join(known)}{hint(given, known, value_answer(given, known))}"
    if problem.validator == "format" and (said := _format_message(instance, rule, valid)):
        return f"{at}{said}"
    if problem.validator in ("anyOf", "oneOf") and all(set(branch) == {"required"} for branch in rule):
        return f"{at}needs one of: {', '.join(' and '.join(branch['required']) for branch in rule)}"
    if problem.validator in ("anyOf", "oneOf") and problem.context:
        return f"{at}{_closest_branch(problem, valid, elsewhere)}"
    if problem.validator == "type" and isinstance(instance, float) and instance.is_integer() and "integer" in rule:
        return f"{at}{instance!r} is no whole number as it is written; write {instance:.0f}"
    if problem.validator in ("minimum", "maximum", "type") and schema.get("format") == PERIOD:
        return f"{at}{instance!r} is no year from 1900 to 2100; {OTHER_PERIODS}"
    if problem.validator == "pattern" and rule == NAME:
        return f"{at}{instance!r} is no name: {NAME_RULE}{_as_name(instance)}"
    return f"{at}{problem.message}"


def _format_message(instance: Any, rule: str, valid: Mapping[str, list[str]]) -> str:
    """Word a name that is none of the valid ones of its format, "" where the format has none."""
    if rule in USES:
        known = valid[COLUMN]
        if is_product(instance):
            return f"{product_fault(instance, rule, known)}"
        return f"'{instance}' is no panel column{hint(instance, known, well_known(instance, A_COLUMN))}"
    if is_product(instance):
        return (
            f"'{instance}' is a product of columns, and this takes plain ones: give the exhibit others under the "
            f"same key (without '{CROSS}'), or leave it out"
        )
    if rule in valid:
        known = valid[rule]
        kind = str(rule).replace("-", " ")
        answer = well_known(instance, {COLUMN: A_COLUMN, "variable": A_COLUMN, EXHIBIT_KIND: KIND}.get(rule, ""))
        helped = hint(instance, known, answer)
        listed = f"; there are {', '.join(known)}" if rule == EXHIBIT_KIND and not helped else ""
        return f"'{instance}' is no {kind}{helped}{listed}"
    return ""


def _as_name(text: str) -> str:
    """Return the advice to write a text as a name, "" where it has no letter that begins one."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return f"; write '{name}'" if re.match(NAME, name) else ""


def _closest_branch(problem: ValidationError, valid: Mapping[str, list[str]], elsewhere: Elsewhere) -> str:
    """Word the violation of the branch that the content came nearest to: the one violated deepest inside."""
    context = problem.context or []
    deepest = max(context, key=lambda e: (len(e.absolute_path), e.validator != "type"))
    if len(deepest.absolute_path) > len(problem.absolute_path) or deepest.validator != "type":
        return _message(deepest, valid, elsewhere)
    types = sorted({str(e.validator_value) for e in context if e.validator == "type"})
    return f"{problem.instance!r} is neither {' nor '.join(types)}"
