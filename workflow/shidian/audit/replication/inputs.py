"""What a replication package is made from: a finished study's panel, its regression tables and its words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from shidian.audit.replication.tables import MAKERS
from shidian.errors import StudyError
from shidian.exhibits.result import StudyInfo, no_estimates, read_result
from shidian.study.model import in_language
from shidian.study.paths import result_file
from shidian.study.plan import Plan


@dataclass(frozen=True)
class Exhibit:
    """One exhibit: its resolved specification, what its job knew of the study, and its estimates (those of kinds that
    can be re-estimated; else none)."""

    spec: Mapping[str, Any]
    info: StudyInfo
    estimates: pd.DataFrame


@dataclass(frozen=True)
class Finished:
    """A finished study.

    Attributes:
        study: its id.
        title: its title.
        simulated: whether any of its sources is simulated.
        treatment: name of the treatment, empty for a study without one.
        labels: name of a variable -> its label.
        panel: all unit-years.
        exhibits: its exhibits in order.
    """

    study: str
    title: str
    simulated: bool
    treatment: str
    labels: Mapping[str, str]
    panel: pd.DataFrame
    exhibits: tuple[Exhibit, ...]


def read_finished(plan: Plan, study: str, results: Path) -> Finished:
    """Read a finished study from the folder of all results.

    Raises:
        StudyError: the plan has no such study, or a panel or a result is not there: the study has not run.
    """
    if study not in plan.studies:
        raise StudyError(f"no study '{study}' that could run; there are {', '.join(plan.studies)}")
    declared = plan.studies[study]
    treatment = declared.panel.treatment
    exhibits = []
    for each in declared.exhibits:
        spec = json.loads(plan.spec(study, each["id"]))
        info = StudyInfo(**json.loads(plan.info(study, each["id"])))
        estimates = no_estimates()
        if spec["kind"] in MAKERS:
            path = _there(results.parent / result_file(plan, study, each["id"]))
            estimates = read_result(str(path)).estimates
        exhibits.append(Exhibit(spec, info, estimates))
    return Finished(
        study=study, title=in_language(declared.title, plan.language), simulated=plan.is_simulated(study),
        treatment=treatment.name if treatment else "",
        labels={name: in_language(text, plan.language) for name, text in declared.labels.items()},
        panel=pd.read_parquet(_there(results / study / "panel.parquet")), exhibits=tuple(exhibits),
    )  # fmt: skip


def _there(path: Path) -> Path:
    if not path.exists():
        raise StudyError(f"{path} is not there: run the study first (make run)")
    return path
