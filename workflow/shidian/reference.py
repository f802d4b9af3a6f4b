"""config/README.md: every key a user may write, generated from the schemas that check it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shidian.extensions import using
from shidian.measures import known_measures
from shidian.placebo_estimators import estimators
from shidian.schema import inline, read_schema
from shidian.schema_keys import keys_of
from shidian.study.efficiency_models import score_models
from shidian.study.formula_functions import FUNCTIONS
from shidian.study.indicator_methods import formulas_page, methods, study_schema
from shidian.study.kinds import kinds
from shidian.study.resolve import exhibit_schema
from shidian.study.table_formats import table_formats
from shidian.study.treated import ANY_TREATMENT
from shidian.well_known import table

_HEAD = """# Configuration

Generated from `workflow/schemas/` by `make docs`; a test keeps it so. Every file is checked before any job runs:
an unknown key is an error that names the nearest valid one.

| file | what it is |
|---|---|
| `config.yaml` | which studies run, and where the raw workbooks lie |
| `studies/<study>.yaml` | one study: sample, treatment, variables, exhibits |
| `sources/<source>.yaml` | one family of workbooks: files, tables, headers, units of measure |
| `corrections.yaml` | declared corrections to raw cells |
| `aliases/<table>.yaml` | declared matches from printed names to codes |
| `dictionaries/<name>.txt` | words that `keyword_share` counts in texts, one a line; `#` starts a comment |
"""


_INDICATORS = (
    "What each method of `indicators` computes, from which inputs, with which options (and their defaults), and its "
    "source. Inputs are variables by role; a missing input makes the value missing, never zero."
)


_EFFICIENCY = (
    "Besides `super_sbm`, whose keys are those of `model` in the exhibit kind `efficiency_scores`, an entry of "
    "`efficiency` may name one of these under `method`. All of them have the keys `inputs`, `desirable`, "
    "`undesirable`, `frontier` (contemporaneous or global), `zeros`, `missing`, `years` and `label`; "
    "[docs/efficiency_models.md](../docs/efficiency_models.md) has the formulas and what they were checked against.\n"
)


_EXTENSION = """# What this extension adds

Generated from its files by `shidian docs`. Keys that every exhibit has are in the project's `config/README.md`.
"""


def config_reference() -> str:
    """Return the text of config/README.md; extensions of the user's have a page of their own."""
    with using(()):
        return _config_reference()


def extension_reference(folder: Path) -> str:
    """Return the page of an extension in force: its indicators, kinds, placebo estimators and table formats."""
    shared = read_schema("exhibit")["properties"]
    parts = [_EXTENSION]
    if any(one.path.is_relative_to(folder) for one in methods().values()):
        parts.append(f"## Indicators\n\n{formulas_page(folder)}")
    for name, kind in kinds().items():
        if kind.folder.is_relative_to(folder):
            parts.append(_kind(f"## `kind: {name}`", name, shared))
    parts += [
        _declared(f"## Efficiency model `{one.name}`", one.about, one.options)
        for one in score_models().values()
        if one.path.is_relative_to(folder)
    ]
    for name, one in estimators().items():
        if one.path.is_relative_to(folder):
            parts.append(_declared(f"## Placebo estimator `{name}`", one.about, one.options))
    formats = [one for one in table_formats().values() if one.path.is_relative_to(folder)]
    if formats:
        lines = "".join(f"- `{one.name}`: `<exhibit>{one.ending}`\n" for one in formats)
        parts.append(f"## Table formats\n\n{lines}")
    return "\n".join(parts)


def _declared(heading: str, about: str, options: Mapping[str, Any]) -> str:
    table = _table({"type": "object", "properties": inline(dict(options))}) if options else "It has no options.\n"
    return f"{heading}\n\n{about[:1].upper()}{about[1:]}.\n\n{table}"


def _config_reference() -> str:
    shared = read_schema("exhibit")
    return "\n".join(
        [
            _HEAD,
            _section("## `config.yaml`", read_schema("config")),
            _section("## `studies/<study>.yaml`", study_schema()),
            _formulas(),
            f"## Indicators\n\n{_INDICATORS}\n\n{formulas_page()}",
            f"## Efficiency models\n\n{_EFFICIENCY}",
            *(_declared(f"### `method: {m.name}`", m.about, m.options) for m in score_models().values() if m.options),
            "## Exhibits\n\nEvery exhibit has these keys:\n\n" + _table(shared),
            *(_kind(f"### `kind: {name}`", name, shared["properties"]) for name in kinds()),
            _other_words(),
            _section("## `sources/<source>.yaml`", read_schema("source")),
            _section("## `styles/<style>.yaml`", read_schema("style")),
            _section("## `corrections.yaml`", read_schema("corrections")),
            _section("## `aliases/<table>.yaml`", read_schema("aliases")),
        ]
    )


def _section(heading: str, schema: Mapping[str, Any], skip: Mapping[str, Any] | None = None) -> str:
    text = schema.get("description", "")
    return f"{heading}\n\n{text}\n\n{_table(schema, skip or {})}"


def _kind(heading: str, name: str, shared: Mapping[str, Any]) -> str:
    """Return the section of a kind of exhibit; its text says which treatments it allows where not all."""
    schema, allowed = dict(exhibit_schema(name)), kinds()[name].allowed
    if allowed != ANY_TREATMENT:
        listed = " and ".join(f"`{kind}`" for kind in allowed)
        schema["description"] = f"{schema.get('description', '')} Needs a treatment of the kind {listed}.".strip()
    return _section(heading, schema, shared)


def _formulas() -> str:
    functions = "\n".join(f"- `{name}`: {function.about}" for name, function in FUNCTIONS.items())
    return (
        "## Formulas of variables\n\n"
        "`+ - * / ^`, parentheses, comparisons (`==`, `!=`, `<`, `<=`, `>`, `>=`: 1 or 0) and\n\n"
        f"{functions}\n\n"
        "over series of the sources, variables defined above and `year`. What is missing stays missing. What has no "
        "value although its inputs have one (division by zero) stops the run, unless the variable declares `invalid: "
        "missing`, which counts it in the ledger. A formula with `: ` in it stands in quotes. Units of "
        "measure are checked: what is added or compared must be in one. The built-in ones: "
        f"{', '.join(f'`{measure}`' for measure in known_measures())}.\n"
    )


def _other_words() -> str:
    lines = ["## What other programs call it", "", "| elsewhere | here |", "|---|---|"]
    lines += [f"| {', '.join(f'`{word}`' for word in one.words)} | {_cell(_coded(one.answer))} |" for one in table()]
    return "\n".join(lines) + "\n"


def _coded(answer: str) -> str:
    """Return an answer with what it quotes as code."""
    return re.sub(r"(?<!\w)'([^']+)'", r"`\1`", answer)


def _table(schema: Mapping[str, Any], skip: Mapping[str, Any] | None = None) -> str:
    lines = ["| key | what it is | values |", "|---|---|---|"]
    lines += [
        f"| `{key.path}`{' *' if key.required else ''} | {_cell(key.about)} | {_cell(key.values)} |"
        for key in keys_of(schema, skip or {})
    ]
    return "\n".join(lines) + "\n\n\\* = must be given\n"


def _cell(text: str) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")
