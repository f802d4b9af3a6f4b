"""From a shaped study and one exhibit to its result, as ``shidian check`` and the jobs of the workflow do it."""

from __future__ import annotations

import atexit
import copy
import json
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
from shidian.exhibits.referee import estimate_exhibit
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.panel.indicators import add_indicators
from shidian.panel.leave_out import leave_out
from shidian.study.plan import Plan, load_plan

from tests.matrix.shapes import PAIRS, SHAPES, Shaped, plain
from tests.study.built_study import built_study
from tests.study.own_data import dump

NONE = {"id": "none", "kind": "descriptives", "variables": ["y"]}


@cache
def shaped(shape: str) -> Shaped:
    """Return the study of a shape, "plain" for that of none."""
    return {"plain": plain, **SHAPES, **PAIRS}[shape]()


@dataclass(frozen=True)
class Made:
    """A project that was written: its folder, its panel with indicators, and what the checks of its values found."""

    folder: Path
    panel: pd.DataFrame
    findings: pd.DataFrame


@cache
def made_of(shape: str) -> Made:
    """Write the project of a shape and build its panel."""
    one, folder = shaped(shape), Path(tempfile.mkdtemp(prefix="matrix"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "resources" / "published").mkdir(parents=True)
    built = built_study(folder, one.study | {"exhibits": [NONE]}, [(one.source, one.file), *one.others])
    indicators = built.plan.studies["matrix"].indicators
    return Made(folder, leave_out(add_indicators(built.panel.frame, indicators).panel), built.panel.findings)


def checked(shape: str, *exhibits: dict[str, Any]) -> Plan:
    """Read the study with some exhibits as ``shidian check`` does; raises its refusal."""
    folder = made_of(shape).folder
    study = copy.deepcopy(shaped(shape).study) | {"exhibits": list(exhibits)}
    dump(folder / "config" / "studies" / "matrix.yaml", study)
    return load_plan(folder)


def resolved(plan: Plan, name: str) -> tuple[dict[str, Any], StudyInfo]:
    """Return an exhibit as its job is given it, and what the job knows of the study."""
    return json.loads(plan.spec("matrix", name)), StudyInfo(**json.loads(plan.info("matrix", name)))


def run(shape: str, exhibit: dict[str, Any]) -> ExhibitResult:
    """Check the study with one exhibit and estimate it."""
    plan = checked(shape, exhibit)
    kind = import_module(plan.kind("matrix", exhibit["id"]).module)
    return estimate_exhibit(kind, made_of(shape).panel, *resolved(plan, exhibit["id"]))
