"""``shidian lint``: what a referee would object to in a study's design, read from its panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from shidian.errors import PanelError
from shidian.exhibits.result import StudyInfo
from shidian.lint.design import Design, Objection
from shidian.lint.inference import clusters, detectable
from shidian.lint.rows import attrition, gaps, lost_bases
from shidian.lint.specification import controls, negative_weights
from shidian.lint.treated import cohorts, who_is_treated
from shidian.messages import say
from shidian.panel.leave_out import leave_out
from shidian.study.model import Study
from shidian.written import changed_below, refuse

OF_POLICIES = (who_is_treated, cohorts)
OF_ALL = (clusters, gaps, lost_bases, attrition, negative_weights, controls, detectable)
ORDER = {"stop": 0, "warn": 1, "note": 2}
MARKS = {"stop": say("STOP"), "warn": say("WARN"), "note": say("NOTE")}


def objections(design: Design) -> list[Objection]:
    """Return all objections to a design, the gravest first."""
    checks = (*OF_POLICIES, *OF_ALL) if design.dated else OF_ALL
    found = [objection for check in checks for objection in check(design)]
    return sorted(dict.fromkeys(found), key=lambda one: ORDER[one.level])


def lint(study: Study, info: StudyInfo, results: Path, translated: Callable[[str], str]) -> tuple[str, int]:
    """Return the objections to a study's design as a page, and how many of them stop it.

    Args:
        study: the study.
        info: what exhibits know of it.
        results: folder of the results.
        translated: gives a message in the language of the reader.

    Raises:
        PanelError: the panel has not been built, or the study has no specification to look at.
        WrittenError: the panel is not what its job wrote.
    """
    folder = results / study.study
    path = folder / "panel.parquet"
    if not path.exists():
        raise PanelError(f"{path} is not there: `snakemake --cores N {path}` builds it, and estimates nothing")
    refuse([name for name in changed_below(folder) if str(name).endswith("panel.parquet")])
    main = main_exhibit(study)
    panel = leave_out(pd.read_parquet(path))
    found = objections(Design.of(panel, main, info, dated=study.panel.has_adoption))
    return page(study.study, str(main["id"]), found, translated), sum(one.level == "stop" for one in found)


def main_exhibit(study: Study) -> dict[str, object]:
    """Return the exhibit with the main specification: the first DID table, else the first with an outcome and errors.

    Raises:
        PanelError: there is none.
    """
    asked = [dict(e) for e in study.exhibits if e.get("outcome") and "vcov" in e]
    for exhibit in (*(e for e in asked if e["kind"] == "did_table"), *asked):
        return exhibit
    raise PanelError(f"study '{study.study}' has no exhibit with an outcome and standard errors to look at")


def page(study: str, exhibit: str, found: Sequence[Objection], translated: Callable[[str], str]) -> str:
    """Return the objections as text, one line each with what to do below it."""
    head = say("{study}: the design of '{exhibit}', before anything is estimated", study=study, exhibit=exhibit)
    lines = [translated(head), ""]
    for one in found:
        lines += [f"{translated(MARKS[one.level])}  {translated(one.what)}", f"      {translated(one.do)}"]
    if not found:
        lines.append(translated(say("nothing to object to")))
    return "\n".join(lines)
