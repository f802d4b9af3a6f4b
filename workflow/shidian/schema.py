"""Reading the YAML files a user writes: syntax, duplicated keys and schema violations as one readable error each."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from shidian import crossed, yaml_loader
from shidian.checksums import remembered
from shidian.crossed import USES, is_product, product_fault
from shidian.errors import ShidianError, StudyError, nearest
from shidian.system_faults import sentence_of
from shidian.violations import COLUMN, PERIOD, key_path, worded
from shidian.yaml_loader import load

if TYPE_CHECKING:
    from jsonschema import ValidationError

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"
_KINDS = {int: "a whole number", float: "a number", bool: "true or false", type(None): "nothing"}


def read_yaml(path: Path, error: type[ShidianError] = StudyError) -> Any:
    """Read one YAML file; what cannot be read is an ``error`` that names the file and the line."""
    try:
        return read_yaml_text(path.read_text(encoding="utf-8"), str(path), error)
    except FileNotFoundError:
        there = [p.name for p in path.parent.glob("*")]
        raise error(f"{path}: there is no such file{nearest(path.name, there)}") from None
    except OSError as problem:  # a folder, a file that may not be read
        raise error(sentence_of(problem) or f"{path}: {problem}") from None
    except UnicodeDecodeError as problem:
        raise error(f"{path}: not valid YAML: {problem}") from None


def read_yaml_text(text: str, where: str, error: type[ShidianError] = StudyError) -> Any:
    """Read YAML; what cannot be read is an ``error`` that names the place and the line.

    What a text holds is remembered by the text, since the graph of a run is built from some hundred files.
    """
    key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    try:
        kept = remembered("yaml", f"{_rules()} {key}", lambda: _as_json(load(text)))
        return json.loads(kept) if kept else load(text)
    except yaml.YAMLError as problem:
        words = " ".join(str(problem).split()).encode("utf-8", "backslashreplace").decode("utf-8")
        quote = "; a text with ': ' in it stands in quotes" if "mapping values are not allowed" in words else ""
        raise error(f"{where}: not valid YAML: {words}{quote}") from None


@cache
def _rules() -> str:
    """Return a digest of the code that reads and checks: what it said of a text holds as long as it is the same."""
    code = b"".join(Path(file).read_bytes() for file in (__file__, yaml_loader.__file__, crossed.__file__))
    return f"{hashlib.sha256(code).hexdigest()[:16]} {version('jsonschema')} {version('pyyaml')}"


def _as_json(content: Any) -> str:
    """Return what a text holds as JSON, "" where JSON would change it (a key that is no text)."""
    text = json.dumps(content)
    return text if json.loads(text) == content else ""


@cache
def read_schema(name: str) -> dict[str, Any]:
    """Read ``workflow/schemas/<name>.schema.yaml``, what it takes from other schema files put in its place.

    Such a reference reads ``$ref: "shared#/$defs/vcov"``; keys beside it, such as a description, override.
    """
    return read_schema_file(SCHEMAS / f"{name}.schema.yaml")


@cache
def read_schema_file(path: Path) -> dict[str, Any]:
    """Read a schema from any file, as ``read_schema`` does."""
    schema = inline(read_yaml(path))
    assert isinstance(schema, dict)
    return schema


def inline(node: Any) -> Any:
    """Replace references into other schema files by what they name; those within a file (``#/...``) stay."""
    if isinstance(node, list):
        return [inline(item) for item in node]
    if not isinstance(node, dict):
        return node
    own = {key: inline(value) for key, value in node.items()}
    file, _, pointer = str(own.get("$ref", "")).partition("#/")
    if not file:
        return own
    target: Any = read_schema(file)
    for key in pointer.split("/"):
        target = target[key]
    return {**target, **{key: value for key, value in own.items() if key != "$ref"}}


def check(
    content: Any,
    schema: Mapping[str, Any],
    where: str,
    *,
    names: Mapping[str, Iterable[str]] | None = None,
    error: type[ShidianError] = StudyError,
    elsewhere: Callable[[str], str] = lambda _: "",
) -> None:
    """Check content against a JSON Schema (draft 2020-12) and raise one error that lists every violation.

    Args:
        content: what was read.
        schema: the schema; unknown keys are errors where it says ``additionalProperties: false``.
        where: name of the file, first words of every message.
        names: format -> valid names, for strings that the schema marks with that ``format``.
        error: class of the error raised.
        elsewhere: says of an unknown key where else it is a key, "" where nowhere.
    """
    if strangers := list(_not_texts(content)):
        raise error("\n".join(f"{where}: {text}" for text in strangers))
    valid = {kind: list(known) for kind, known in (names or {}).items()}
    asked = hashlib.sha256(json.dumps([content, schema, valid]).encode()).hexdigest()
    if not remembered("checked", f"{_rules()} {asked}", lambda: not _violations(content, schema, valid)):
        found = _violations(content, schema, valid, elsewhere)
        raise error("\n".join(f"{where}: {text}" for text in found))


def _violations(
    content: Any,
    schema: Mapping[str, Any],
    valid: Mapping[str, list[str]],
    elsewhere: Callable[[str], str] = lambda _: "",
) -> list[str]:
    """Return a sentence for each violation."""
    from jsonschema import FormatChecker  # here, so that jobs which only read YAML do without

    checker = FormatChecker(formats=())
    for kind, known in valid.items():
        checker.checks(kind)(_one_of(known))
    for use in USES if COLUMN in valid else ():
        checker.checks(use)(_column_or_product(use, valid[COLUMN]))
    found = sorted(
        _validator()(dict(schema), format_checker=checker).iter_errors(content),
        key=lambda e: [str(p) for p in e.absolute_path],
    )
    return list(dict.fromkeys(worded(problem, valid, elsewhere) for problem in found))


@cache
def _validator() -> Any:
    """Return the validator of draft 2020-12, whole numbers and patterns as they are written.

    By itself it takes 999.0 as a whole number, which a range of draws is not, and Python lets a pattern's end stand
    before a last line break, which no name of a file should have.
    """
    from jsonschema import Draft202012Validator, ValidationError
    from jsonschema.validators import extend

    def pattern(_: Any, wanted: str, instance: Any, __: Any) -> Iterator[ValidationError]:
        if isinstance(instance, str) and not re.search(re.sub(r"(?<!\\)\$", r"\\Z", wanted), instance):
            yield ValidationError(f"{instance!r} does not match {wanted!r}")

    def is_whole(_: Any, instance: Any) -> bool:
        return isinstance(instance, int) and not isinstance(instance, bool)

    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", is_whole)
    return extend(Draft202012Validator, {"pattern": pattern}, type_checker=types)


def _not_texts(content: Any, path: tuple[Any, ...] = ()) -> Iterator[str]:
    """Give a sentence for every key that is no text: ``5:``, ``true:`` or ``~:``, which rules for names pass over."""
    if isinstance(content, Mapping):
        for key, value in content.items():
            if not isinstance(key, str):
                at = f"at '{key_path(path)}': " if path else ""
                kind = _KINDS.get(type(key), "no text")
                yield f"{at}the key {key!r} is read as {kind}; put it in quotes if it is meant as text"
            yield from _not_texts(value, (*path, key))
    elif isinstance(content, list):
        for number, value in enumerate(content):
            yield from _not_texts(value, (*path, number))


def read_declaration(path: Path, schema: str, error: type[ShidianError]) -> Any:
    """Read a YAML file and check it against ``workflow/schemas/<schema>.schema.yaml``."""
    content = read_yaml(path, error)
    check(content, read_schema(schema), str(path), error=error)
    return content


def unbounded(schema: Any) -> Any:
    """Return a schema whose periods may be any whole numbers, not those of years alone."""
    if isinstance(schema, list):
        return [unbounded(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    gone = ("minimum", "maximum") if schema.get("format") == PERIOD else ()
    return {key: unbounded(value) for key, value in schema.items() if key not in gone}


def _one_of(known: list[str]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or value in known


def _column_or_product(use: crossed.Use, known: list[str]) -> Callable[[object], bool]:
    return lambda value: (
        not isinstance(value, str) or value in known or (is_product(value) and not product_fault(value, use, known))
    )
