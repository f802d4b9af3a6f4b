"""The weights of a finished spatial exhibit as a table of links, for other software and for the reviewer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, PanelError, StudyError, nearest
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.spatial.spatial_inputs import prepare, regressors_of
from shidian.spatial.weights import Weights
from shidian.study.plan import Plan
from shidian.written import require_unchanged


def weights_of(plan: Plan, study: str, exhibit: str, results: Path) -> Weights:
    """Return W of a spatial exhibit's sample, made from the finished panel as the exhibit makes it.

    Args:
        plan: what runs.
        study: id of the study.
        exhibit: id of the exhibit.
        results: folder of the results.

    Raises:
        StudyError: no such study or exhibit.
        EstimationError: an exhibit without spatial weights; weights that cannot be made.
        PanelError: the study has not run.
        WrittenError: its panel is not what its job wrote.
    """
    if study not in plan.studies:
        raise StudyError(
            f"no study '{study}' runs{nearest(study, plan.studies)}; those that run: {', '.join(plan.studies)}"
        )
    known = [str(e["id"]) for e in plan.studies[study].exhibits]
    if exhibit not in known:
        raise StudyError(f"study '{study}' has no exhibit '{exhibit}'{nearest(exhibit, known)}")
    spec, info = json.loads(plan.spec(study, exhibit)), StudyInfo(**json.loads(plan.info(study, exhibit)))
    if not _between_units(spec):
        spatial = [str(e["id"]) for e in plan.studies[study].exhibits if _between_units(e)]
        raise EstimationError(
            f"exhibit '{exhibit}' of kind '{spec['kind']}' has no spatial weights; "
            + (f"those of '{study}' that have: {', '.join(spatial)}" if spatial else f"none of '{study}' has")
        )
    path = results / study / "panel.parquet"
    if not path.exists():
        raise PanelError(f"{path} is not there yet: run the study first (make run)")
    require_unchanged([path])
    return prepare(pd.read_parquet(path), spec, info, _columns(spec, info), exhibit).weights


def links(W: Weights) -> pd.DataFrame:
    """Return one row a weight: ``unit``, ``neighbour`` (codes) and ``weight``; units without neighbours have none.

    Row i of the matrix holds the neighbours of unit i; rows and columns stand in the order of the codes.
    """
    i, j = np.nonzero(W.matrix)
    codes = np.array(W.codes)
    return pd.DataFrame({"unit": codes[i], "neighbour": codes[j], "weight": W.matrix[i, j]})


def _columns(spec: Mapping[str, Any], info: StudyInfo) -> list[str]:
    """Return what the exhibit's balanced sample needs: a variable, or outcome and regressors."""
    if spec["kind"] in ("moran", "map"):
        return [spec.get("variable", spec.get("outcome"))]
    return [spec["outcome"], *regressors_of(spec, info)]


def _between_units(spec: Mapping[str, Any]) -> bool:
    """Say whether an exhibit's weights stand between units, not on rows."""
    weights = spec.get("weights")
    return isinstance(weights, Mapping) and "variable" not in weights
