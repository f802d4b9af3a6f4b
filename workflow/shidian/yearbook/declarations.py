"""Reading the YAML files in which users declare sources and corrections, with errors worded for them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from shidian.errors import SourceError, nearest

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"


class _Loader(yaml.SafeLoader):
    """YAML loader that keeps dates as text and refuses a key written twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                mark = key_node.start_mark
                raise yaml.constructor.ConstructorError(None, None, f"the key '{key}' is written twice", mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_declaration(path: Path, schema: str) -> Any:
    """Read a YAML file and check it against ``workflow/schemas/<schema>.schema.yaml``.

    Raises:
        SourceError: the file is missing, is not YAML, or does not follow its schema; the message names the
            file, the key, and the nearest valid key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        siblings = [p.name for p in path.parent.glob("*.yaml")]
        raise SourceError(f"{path}: no such file{nearest(path.name, siblings)}") from None
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start}); save it as UTF-8") from None
    try:
        document = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise SourceError(f"{path}: not valid YAML: {error}") from None
    errors = sorted(
        _validator(schema).iter_errors(document), key=lambda e: ([str(p) for p in e.absolute_path], e.message)
    )
    if errors:
        lines = [f"  {line}" for error in errors for line in _explain(error)]
        raise SourceError(f"{path}: does not follow {schema}.schema.yaml:\n" + "\n".join(lines))
    return document


@cache
def _validator(schema: str) -> jsonschema.Draft202012Validator:
    with (SCHEMAS / f"{schema}.schema.yaml").open(encoding="utf-8") as stream:
        return jsonschema.Draft202012Validator(yaml.load(stream, Loader=_Loader))


def _explain(error: jsonschema.ValidationError) -> Iterable[str]:
    """Word one violation of the schema: where, what was expected, the nearest valid key."""
    where = key_path(error.absolute_path)
    schema: Any = error.schema
    expected: Any = error.validator_value
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        valid = list(schema.get("properties", {}))
        for key in error.instance:
            if key not in valid:
                hint = nearest(str(key), valid)
                yield f"{where}: unknown key '{key}'{hint}; valid keys: {', '.join(valid)}"
    elif error.validator == "required" and isinstance(error.instance, dict):
        for key in expected:
            if key not in error.instance:
                yield f"{where}: the key '{key}' is missing"
    elif error.validator == "anyOf":
        choices = [" and ".join(c["required"]) for c in expected if "required" in c]
        yield f"{where}: needs one of: {', '.join(choices)}" if choices else f"{where}: {error.message}"
    elif error.validator == "enum":
        allowed = ", ".join(map(str, expected))
        hint = nearest(str(error.instance), map(str, expected))
        yield f"{where}: {error.instance!r} is not one of {allowed}{hint}"
    else:
        yield f"{where}: {error.message}"


def key_path(parts: Iterable[Any]) -> str:
    """Write a path into a document as a user finds it: ``tables[2].columns.co2``, lists counted from 1."""
    text = ""
    for part in parts:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".") or "top level"
