"""Rules that hold in a source, or between its units and a source of their provinces, proposed for studies."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from shidian.checking.duplicates import with_units
from shidian.checking.page import Section, cut
from shidian.checking.reading import Reading
from shidian.checking.units import recognised_units
from shidian.messages import say
from shidian.slips.paths import Paths
from shidian.slips.proposals import Proposal, proposals, sum_proposals
from shidian.slips.records import provinces_of, source_paths
from shidian.whole_files import whole


def proposed_rules(reading: Reading, beside: Reading | None, aliases: Path) -> list[Proposal]:
    """Return the rules that hold between the series of a source; and, beside one of provinces, of its units' sums.

    Args:
        reading: the source as read.
        beside: a source of provinces, None for none.
        aliases: folder of the declared names of units.
    """
    if reading.rows_are_units or reading.records.empty:
        return []
    found = proposals(source_paths(reading.records))
    if beside is not None and not beside.records.empty:
        units, groups = _by_province(reading, aliases)
        provinces, labels = _by_province(beside, aliases)
        if units and provinces:
            names = (reading.source.source, beside.source.source)
            found += sum_proposals(units, groups, provinces, labels, names)
    return found


def _by_province(reading: Reading, aliases: Path) -> tuple[list[Paths], np.ndarray]:
    """Return the columns of a source by recognised units, and the two digits of the province of each."""
    records = with_units(reading.records, recognised_units(reading, aliases))
    records = records.assign(unit_code=records["key"].astype(str).str.rsplit(" ", n=1).str[-1])
    paths = source_paths(records)
    return paths, provinces_of(records, paths) if paths else np.array([], dtype=object)


def rules_file(results: Path, source: str) -> Path:
    """Return where the proposed rules of a source stand."""
    return results / ".checks" / f"{source}.rules.yaml"


def write_rules(path: Path, rules: Sequence[Proposal], source: str, translated: Callable[[str], str]) -> None:
    """Write the rules as a study file takes them, or take an old file away where there are none."""
    if not rules:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    said = translated(say(
        "Rules that hold in {source}. Move those that are meant to 'checks:' of a study: what then breaks one in a "
        "fifth of the units of a volume stops it.", source=source,
    ))  # fmt: skip
    lines = [*textwrap.wrap(f"# {said}", 118, subsequent_indent="# "), "checks:", "  rules:"]
    for one in rules:
        text = json.dumps(one.rule, ensure_ascii=False)
        entry = text if one.tolerance is None else f"{{rule: {text}, tolerance: {one.tolerance:g}}}"
        lines.append(f"    - {entry}  # {translated(_counted(one))}")
    with whole(path) as part:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")


def rules_section(rules: Sequence[Proposal], file: Path, *, every: bool) -> Section | None:
    """Say which rules hold, and where they stand ready to be declared."""
    if not rules:
        return None
    lines = [say("{rule}: {counted}", rule=one.rule, counted=_counted(one)) for one in rules]
    heading = say("Rules between series that hold, ready for 'checks: rules:' of a study: {n}, in {file}",
                  n=len(rules), file=str(file))  # fmt: skip
    return cut(heading, lines, every=every)


def _counted(one: Proposal) -> str:
    return say("{rows} rows, broken in {broken}", rows=one.rows, broken=one.broken)
