"""What a replication package is made from: a finished study's panel, its regression tables and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from shidian.audit.replication.tables import has_models
from shidian.errors import StudyError
from shidian.exhibits.result import ExhibitResult, StudyInfo, no_estimates, read_result
from shidian.used import Used
from shidian.written import require_unchanged


@dataclass(frozen=True)
class Exhibit:
    """One exhibit: its resolved specification, what its job knew of the study, its estimates and what they used (those
    of kinds that can be re-estimated; else none)."""

    spec: Mapping[str, Any]
    info: StudyInfo
    estimates: pd.DataFrame
    used: Mapping[str, Used]


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


def read_finished(facts: Mapping[str, Any], results: Path) -> Finished:
    """Read a finished study from the folder of all results.

    Args:
        facts: what ``replication_facts`` says of the study.
        results: the folder ``results``.

    Raises:
        StudyError: a panel or a result that is not there: the study has not run.
        WrittenError: one that is not what its job wrote.
    """
    exhibits = []
    for each in facts["exhibits"]:
        result = ExhibitResult(no_estimates())
        if has_models(each["spec"]["kind"]):
            result = read_result(str(_there(results.parent / each["result"])))
        exhibits.append(Exhibit(each["spec"], StudyInfo(**each["info"]), result.estimates, result.used))
    return Finished(
        **{key: facts[key] for key in ("study", "title", "simulated", "treatment", "labels")},
        panel=pd.read_parquet(_there(results / facts["study"] / "panel.parquet")),
        exhibits=tuple(exhibits),
    )


def _there(path: Path) -> Path:
    if not path.exists():
        raise StudyError(f"{path} is not there: run the study first (make run)")
    require_unchanged([path])
    return path
