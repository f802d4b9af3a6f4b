"""Reading a file of transcribed tables (``resources/published/<name>.yaml``): all of it, or an error naming a place.

Remarks of the transcriber (``keys.REMARKS``) are never read: a checker that reads its answers checks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from shidian.audit.printed_tables.interval import Printed
from shidian.audit.printed_tables.keys import (
    MOMENTS,
    READ_KEYS,
    REMARKS,
    SAMPLE,
    TREATMENT,
    VARIABLE,
    check_keys,
)
from shidian.audit.printed_tables.paper import Column, Descriptive, Paper, Read, Share
from shidian.audit.printed_tables.stars_note import star_levels
from shidian.audit.printed_tables.table import Setting, below_of, read_table
from shidian.audit.printed_tables.typography import is_blank, plain_number, whole_number
from shidian.errors import AuditError
from shidian.schema import read_yaml

_MOMENTS = {3: ("n", "mean", "sd"), 4: ("mean", "sd", "min", "max"), 5: ("n", "mean", "sd", "min", "max")}
"""Length of a descriptives row -> what its numbers are, where the file does not say (``descriptives_columns``)."""
_MAPPINGS = ("tables", "descriptives", "groups", "percentages", "sample", "treatment", "variables")


def read_paper(path: Path) -> Paper:
    """Read a file of transcribed tables, every scalar as the text that was printed.

    Raises:
        AuditError: no such file, no valid YAML, a key that there is not, or a place that holds no printed number.
    """
    read_yaml(path, AuditError)  # syntax and keys given twice, in words
    loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    if not isinstance(loaded, Mapping):
        raise AuditError(f"{path}: expected a mapping with the keys 'sample', 'descriptives', 'tables'")
    check_keys(loaded, (*READ_KEYS, *REMARKS), str(path))
    content = {key: loaded[key] for key in READ_KEYS if key in loaded}
    for key in _MAPPINGS:
        if content.get(key) and not isinstance(content[key], Mapping):
            raise AuditError(f"{path}: at '{key}': expected a mapping, found {content[key]!r}")
    read = [Read(key, "remark", _shown(loaded[key])) for key in REMARKS if loaded.get(key)]
    numbers = dict(_sample(content, str(path), read))
    columns = _columns(content, loaded, str(path), read)
    described = _described(content.get("descriptives") or {}, content, str(path), "descriptives", read)
    groups = {
        split: {
            group: _described(rows, content, str(path), f"groups.{split}.{group}", read)
            for group, rows in _nested(given, f"{path}: at 'groups.{split}'").items()
        }
        for split, given in (content.get("groups") or {}).items()
    }
    shares = tuple(_shares(content.get("percentages") or {}, str(path), read))
    _check_variables(content, {*described, *(v for split in groups.values() for g in split.values() for v in g)}, path)
    return Paper(path.stem, content, tuple(columns), described, groups, shares, numbers, tuple(read))


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _nested(given: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise AuditError(f"{where}: expected a mapping, found {given!r}")
    return given


def _sample(content: Mapping[str, Any], path: str, read: list[Read]) -> Iterator[tuple[str, Printed]]:
    """Yield the whole numbers of the sample and of the treatment, by dotted place."""
    for key, known in (("sample", SAMPLE), ("treatment", TREATMENT)):
        given = content.get(key) or {}
        check_keys(given, known, f"{path}: at '{key}'")
        for name, value in given.items():
            at = f"{key}.{name}"
            if name == "balanced":
                if value not in ("true", "false"):
                    raise AuditError(f"{path}: at '{at}': expected true or false, found {value!r}")
            elif name in ("excluded", "note", "policy", "batches", "first", "largest_batch") or is_blank(value):
                continue
            elif isinstance(value, Mapping):
                yield from ((f"{at}.{k}", _whole(v, path, f"{at}.{k}", read)) for k, v in value.items())
            else:
                yield at, _whole(value, path, at, read)


def _whole(value: Any, path: str, at: str, read: list[Read]) -> Printed:
    number = whole_number(value)
    if number is None:
        raise AuditError(f"{path}: at '{at}': '{value}' is no whole number")
    read.append(Read(at, "sample", str(number)))
    return Printed(str(number), exact=True, at=at)


def _columns(content: Mapping[str, Any], loaded: Mapping[str, Any], path: str, read: list[Read]) -> list[Column]:
    notes = tuple(v for key in ("note", "notes") for v in (loaded.get(key),) if isinstance(v, str))
    setting = Setting(path, content.get("below"), content.get("star_levels"), notes)
    star_levels(setting.star_levels, [], f"{path}: at 'star_levels'")
    below_of(setting.below, f"{path}: at 'below'")
    found: list[Column] = []
    for table, given in (content.get("tables") or {}).items():
        if isinstance(given, Mapping):
            found += read_table(table, given, setting, read)
        elif not is_blank(given):
            read.append(Read(f"tables.{table}", "remark", _shown(given)))
    return found


def _described(rows: Any, content: Mapping[str, Any], path: str, at: str, read: list[Read]) -> dict[str, Descriptive]:
    found = {}
    declared = content.get("descriptives_columns")
    if declared:
        check_keys(dict.fromkeys(declared), MOMENTS, f"{path}: at 'descriptives_columns'")
    for name, values in _nested(rows, f"{path}: at '{at}'").items():
        where = f"{path}: at '{at}.{name}'"
        if isinstance(values, Mapping):
            check_keys(values, MOMENTS, where)
            keys, values = tuple(values), list(values.values())
        else:
            keys = _keys_of(values, declared, where)
        moments = dict(_moments(keys, values, where, f"{at}.{name}"))
        read += [Read(number.at, "moment", str(number)) for number in moments.values()]
        found[name] = Descriptive(name, moments)
    return found


def _keys_of(values: Any, declared: Any, where: str) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise AuditError(f"{where}: expected a list of numbers, found {values!r}")
    keys = tuple(declared) if declared else _MOMENTS.get(len(values))
    if keys is None or len(keys) != len(values):
        raise AuditError(f"{where}: {len(values)} numbers, expected n, mean, sd, min, max; or 'descriptives_columns'")
    return keys


def _moments(keys: tuple[str, ...], values: list[Any], where: str, at: str) -> Iterator[tuple[str, Printed]]:
    """Yield moments; a whole number beside decimals (the 0 and 1 of a range) is exact, and so is a count."""
    plain = {key: plain_number(value) for key, value in zip(keys, values, strict=True)}
    decimals = any(text is not None and "." in text for key, text in plain.items() if key != "n")
    for key, value in zip(keys, values, strict=True):
        if is_blank(value):
            continue
        text = plain[key]
        if text is None:
            raise AuditError(f"{where}: '{value}' is no number")
        if key == "n":
            whole = whole_number(value)
            if whole is None or whole < 1:
                raise AuditError(f"{where}: n is a whole number of at least 1, found '{value}'")
            text = str(whole)
        yield key, Printed(text, exact=key == "n" or (decimals and "." not in text), at=f"{at}.{key}")


def _shares(given: Mapping[str, Any], path: str, read: list[Read]) -> Iterator[Share]:
    keys = ("count", "n", "percent")
    for name, value in given.items():
        where, at = f"{path}: at 'percentages.{name}'", f"percentages.{name}"
        if isinstance(value, list) and len(value) == len(keys):
            value = dict(zip(keys, value, strict=True))
        if not isinstance(value, Mapping):
            raise AuditError(f"{where}: expected [count, n, percent] or a mapping of them, found {value!r}")
        check_keys(value, keys, where)
        parts = {}
        for key, text in value.items():
            plain = plain_number(str(text).rstrip("% "))
            if is_blank(text):
                continue
            if plain is None or (key != "percent" and whole_number(text) is None):
                raise AuditError(f"{where}: '{text}' is no {'number' if key == 'percent' else 'whole number'}")
            parts[key] = Printed(plain, exact=key != "percent", at=f"{at}.{key}")
            read.append(Read(f"{at}.{key}", "percentage", plain))
        yield Share(name, parts.get("count"), parts.get("n"), parts.get("percent"))


def _check_variables(content: Mapping[str, Any], described: set[str], path: Path) -> None:
    for name, facts in (content.get("variables") or {}).items():
        where = f"{path}: at 'variables.{name}'"
        if isinstance(facts, Mapping):
            check_keys(facts, VARIABLE, where)
            for part in facts.get("parts") or ():
                if part not in described:
                    raise AuditError(f"{where}: the part '{part}' is not described; leave 'parts' out where one is not")
        else:
            raise AuditError(f"{where}: expected a mapping such as {{kind: share}}, found {facts!r}")
