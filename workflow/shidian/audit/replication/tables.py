"""From a study's regression tables to the models behind their columns: each kind's ``replicate.py`` makes its own."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import pandas as pd

from shidian.audit.replication.model import Model
from shidian.audit.replication.regressions import Spec
from shidian.exhibits.crossed import entered
from shidian.exhibits.result import StudyInfo
from shidian.study.kinds import kinds
from shidian.used import Used


def has_models(kind: str) -> bool:
    """Say whether another program re-estimates a kind of exhibit."""
    return bool(kinds()[kind].replicate_module)


def models_of(panel: pd.DataFrame, spec: Spec, info: StudyInfo, used: Mapping[str, Used]) -> list[Model]:
    """Return the models behind an exhibit's columns, on the rows that they say they used; refused ones have none.

    Raises:
        EstimationError: the exhibit as a whole could not be estimated.
    """
    room = import_module(kinds()[spec["kind"]].replicate_module)
    models: list[Model] = room.models(*entered(panel, spec), info, used)
    return models
