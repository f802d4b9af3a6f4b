"""The source and study files of a new study, as text with comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from shidian.drafting.file import FileDraft, file_entry, written_source
from shidian.drafting.written import TODO, quoted
from shidian.errors import UsageError
from shidian.starting.roles import Roles, event_window

NAME = re.compile("[a-z][a-z0-9_]*")
LINE = r"[ \t]*(?:-[^\n]*|#[^\n]*)?\n"
"""A line of a list in YAML: an entry, a remark, or nothing."""
TABLE = "  - {id: %s, kind: %s%s}"


def source_text(draft: FileDraft, name: str, raw: str) -> str:
    """Return the source file of a draft, its metadata filled in as one's own data.

    Args:
        draft: the draft of the file.
        name: id of the source.
        raw: path of the file below the folder of raw data.

    Raises:
        UsageError: the file does not hold one table of units and years.
    """
    if len(draft.tables) != 1:
        raise UsageError(
            f"{draft.path}: {len(draft.tables)} tables were found, and a study is begun from one: "
            f"`shidian inspect {draft.path.name}` drafts its source file"
        )
    entry = draft.tables[0].entry
    if TODO in entry.get("year", {"": TODO}).values():
        raise UsageError(
            f"{draft.path}: no column of years or other periods was found: name one year, 年份 or quarter, or "
            f"draft the source file by `shidian inspect {draft.path.name}`"
        )
    if entry["unit"].get("row_number"):
        raise UsageError(
            f"{draft.path}: no column names units that come again in other periods, once in each: where rows are "
            "persons or firms that nobody follows, see docs/designs.md, design 3"
        )
    file = file_entry(draft.path) | {"path": raw}
    text = written_source(name, [file], draft.tables, draft.ignored)
    said = {
        "title": quoted(f"Data of {draft.path.name}"), "publisher": quoted("own data"), "citation": quoted("own data"),
        "licence": quoted("none stated"), "accessed": f'"{date.today().isoformat()}"', "what": quoted("my panel"),
    }  # fmt: skip
    for key, value in said.items():
        text = re.sub(rf"^(\s*(?:- )?{key}:) \"?TODO\"?(?: # YYYY-MM-DD)?$", rf"\1 {value}", text, flags=re.MULTILINE)
    return "\n".join([f"source: {name}", *text.split("\n")[1:]])


def study_text(name: str, panel: pd.DataFrame, roles: Roles, unit: str, period: str) -> str:
    """Return the study file: a standard set of exhibits for the design, each with why it is there.

    Args:
        name: id of study and source.
        panel: unit, year, ``_shown`` (the year as it is written) and the series.
        roles: what each column is for.
        unit: the word for a unit.
        period: kind of period.
    """
    source = name
    treatment = "treated" if "did" in panel.columns else "did"
    key = "adoption" if roles.treatment.form == "adoption" else "status"
    first, last = (
        panel.loc[panel["year"] == end(), "_shown"].iloc[0] for end in (panel["year"].min, panel["year"].max)
    )
    used = [roles.outcome, *roles.controls]
    lines = [
        f"study: {name}",
        f"title: {quoted(f'Effect of {roles.treatment.column} on {roles.outcome}')}",
        f"unit: {{label: {quoted(unit)}}}",
        *([f"period: {{kind: {period}}}"] if period != "year" else []),
        f"years: {{first: {_label(first, period)}, last: {_label(last, period)}}}",
        "",
        "sources:",
        f"  {source}: {{role: frame}}",
        "",
        "treatment:",
        f"  name: {treatment}",
        f"  label: {quoted(roles.treatment.column)}",
        f"  {key}: {source}.{roles.treatment.column}"
        + ("   # the year from which a unit is treated" if key == "adoption" else "   # 1 from adoption on"),
        *(["  kind: switching   # it goes back to 0; exhibits that need years of adoption refuse it"]
          if roles.treatment.form == "switching" else []),
        "",
        "variables:   # formulas take these places: ln_y: ln(y)",
        *(f"  {one}: {source}.{one}" for one in used),
        "",
        f"outcome: {roles.outcome}",
        f"controls: [{', '.join(roles.controls)}]"
        + ("" if roles.controls else "   # values before the policy do not move with it; later ones may"),
        "fixed_effects: [unit, year]",
        "vcov: {kind: cluster, by: unit}   # cluster by what the policy is assigned by, such as province",
        "ssc: reghdfe",
        "",
        "exhibits:",
        *exhibits(panel, roles),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def exhibits(panel: pd.DataFrame, roles: Roles) -> list[str]:
    """Return the exhibits that a referee expects of the design, one line each with why."""
    with_controls = ", {}" if roles.controls else ""
    lines = [
        TABLE % ("descriptives", "descriptives", ""),
        TABLE % ("baseline", "did_table", f", columns: [{{controls: []}}{with_controls}]"),
    ]
    first = roles.treatment.first.dropna()
    if roles.treatment.form == "switching":
        return lines
    low, high = event_window(panel, roles.treatment)
    lines = [lines[0], TABLE % ("timing", "treatment_timing", ""), lines[1]]
    lines.append(
        TABLE % ("event_study", "event_study", f", window: [{low}, {high}]") + "   # did treated units differ before?"
    )
    if first.nunique() > 1:
        lines.append(
            TABLE % ("robust", "staggered_did", f", window: [{low}, {high}]")
            + "   # two-way effects mislead where effects differ"
        )
    lines.append(TABLE % ("placebo", "placebo", ", draws: 500") + "   # what would chance have given?")
    return lines


def added_to_config(text: str, name: str) -> str:
    """Return config.yaml with a study at the end of its list.

    Raises:
        UsageError: the list is not written in a way that a line can be added to.
    """
    flow = re.search(r"^studies:[ \t]*\[([^\]]*)\]", text, re.MULTILINE)
    if flow:
        inside = flow[1].strip()
        return text[: flow.start()] + f"studies: [{inside + ', ' if inside else ''}{name}]" + text[flow.end() :]
    block = re.search(rf"^studies:[^\n]*\n((?:{LINE})*?[ \t]*-[^\n]*\n)(?![ \t]*-)", text, re.MULTILINE)
    if block is None:
        raise UsageError("config/config.yaml: no list 'studies' to which a line can be added: write 'studies: []'")
    indent = re.match(r"[ \t]*", block[1].splitlines()[-1])
    return text[: block.end()] + f"{indent[0] if indent else '  '}- {name}\n" + text[block.end() :]


def checked_name(name: str, path: Path) -> str:
    """Return the id of study and source.

    Raises:
        UsageError: the file's name gives none.
    """
    if name == TODO:
        raise UsageError(f"the name of {path.name} gives no id: write one of small letters, digits and _ by --name")
    if not NAME.fullmatch(name):
        raise UsageError(f"'{name}' (from {path.name}) is no id: give one of small letters, digits and _ by --name")
    return name


def _label(period: object, kind: str) -> str:
    return str(period) if kind == "year" else quoted(str(period))


def names_shown(names: Sequence[str]) -> str:
    """Return names for a sentence, "none" for none."""
    return ", ".join(names) or "none"
