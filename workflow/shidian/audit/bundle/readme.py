"""README of a bundle, in the template of the Social Science Data Editors (version 1.1), filled from the study file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jinja2
import pandas as pd


def readme(
    facts: Mapping[str, Any],
    inputs: pd.DataFrame,
    left_out: Mapping[str, str],
    times: pd.DataFrame,
    seeds: Sequence[Mapping[str, str]],
    made: Mapping[str, Any],
) -> bytes:
    """Return README.md.

    Args:
        facts: the study's facts.
        inputs: table of the inputs.
        left_out: path -> why it is not in the bundle.
        times: table of the run times.
        seeds: where a seed is set and used.
        made: commit, changed files, versions, lock, environment.
    """
    loader = jinja2.PackageLoader("shidian.audit.bundle", ".")
    frame = jinja2.Environment(loader=loader, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    frame.filters["cell"] = _cell
    text = frame.get_template("readme.md.j2").render(
        facts=facts,
        inputs=inputs.to_dict("records"),
        left_out=left_out,
        seeds=seeds,
        made=made,
        hours=f"{times['seconds'].sum() / 60:.1f}",
        memory=f"{times['max_rss_mb'].max():.0f}" if len(times) else "not measured",
        jobs=len(times),
        references=list(dict.fromkeys(filter(None, [*(s["citation"] for s in facts["sources"]), facts["paper"]]))),
    )
    return (text.rstrip() + "\n").encode("utf-8")


def _cell(text: object) -> str:
    """Return a text that stays in one cell of a Markdown table."""
    return " ".join(str(text).split()).replace("|", "\\|")
