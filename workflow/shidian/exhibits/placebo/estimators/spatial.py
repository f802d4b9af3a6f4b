"""One placebo draw of a spatial DID: the model fitted again under the draw's treatment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, SpecificationError
from shidian.estimates import Fit
from shidian.exhibits.spatial.spatial_did.estimate import lags_of
from shidian.exhibits.spatial.spatial_inputs import build_weights, effects_of, weights_columns
from shidian.messages import joined, say
from shidian.spatial.arrays import gaps
from shidian.spatial.effects import KINDS, effects
from shidian.spatial.logdet import LogDeterminant, log_determinant
from shidian.spatial.models import fit_spatial
from shidian.spatial.weights import Weights

ESTIMATOR = {
    "words": say("spatial DID by maximum likelihood"),
    "about": "spatial DID, fitted again for each draw; it needs the option weights",
    "options": {
        "weights": {"$ref": "shared#/$defs/weights"},
        "model": {"description": "The model; sdm when absent.", "enum": ["sar", "sem", "sdm", "sac"]},
        "lag_controls": {"$ref": "shared#/$defs/lag_controls"},
        "lag_treatment": {"$ref": "shared#/$defs/lag_treatment"},
        "lee_yu": {"$ref": "shared#/$defs/lee_yu"},
        "effect": {
            "description": "The number that is drawn; coefficient when absent.",
            "enum": ["coefficient", "direct", "indirect", "total"],
        },
        "unbalanced": {"$ref": "shared#/$defs/unbalanced"},
    },
}


def refit(panel: pd.DataFrame, spec: Mapping[str, Any], treatment: str) -> Fit:
    """Fit the spatial model on one draw's panel.

    ``spec["options"]`` holds ``weights`` (as in the exhibit ``spatial_did``) and may hold ``model`` (sdm),
    ``lag_controls``, ``lag_treatment``, ``lee_yu``, and ``effect``: ``coefficient`` (default), ``direct``,
    ``indirect`` or ``total``; effects have delta-method errors. Outcome, controls, fixed
    effects and errors are the placebo exhibit's.

    Raises:
        SpecificationError: no weights declared, or an unknown effect.
        EstimationError: an unbalanced panel, or whatever keeps the model from being fitted to this draw.
    """
    options = spec.get("options", {})
    if "weights" not in options:
        raise SpecificationError(say("the placebo estimator 'spatial' wants 'weights' in its options"))
    what = options.get("effect", "coefficient")
    if what not in ("coefficient", *KINDS):
        known = ["coefficient", *KINDS]
        raise SpecificationError(say("no effect '{what}' of a spatial model: {known}", what=what, known=known))
    W, logdet = _weights(panel, options["weights"])
    regressors, model = [treatment, *spec.get("controls", [])], options.get("model", "sdm")
    result = fit_spatial(
        panel, spec["outcome"], regressors, W, model, lags_of(model, options, regressors),
        effects_of(spec["fixed_effects"]), spec.get("vcov", "iid"), options.get("lee_yu", "transformation"),
        logdet=logdet,
    )  # fmt: skip
    if what == "coefficient":
        return result.fit.only(treatment)
    found = effects(result, [treatment], draws=2).columns
    estimate, se = (found[name][KINDS.index(what)] for name in ("estimate", "se_delta"))
    errors = joined([say("delta method"), result.fit.vcov_kind], "commas")
    return replace(result.fit.only(treatment), coef=np.array([estimate]), vcov=np.array([[se**2]]), vcov_kind=errors)


def without_gaps(panel: pd.DataFrame, spec: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows of the units that lack no year and no value that the model or its weights need."""
    declared = spec.get("options", {}).get("weights")
    columns = [spec["outcome"], *spec.get("controls", []), *(weights_columns(declared) if declared else [])]
    lacking = gaps(panel, columns)
    return panel[~panel["unit"].astype(str).isin(lacking.index)]


def _weights(panel: pd.DataFrame, declared: Mapping[str, Any]) -> tuple[Weights, LogDeterminant]:
    """Return weights and their log-determinant, made once for all draws on the same units."""
    columns = list(dict.fromkeys(["unit", "year", *weights_columns(declared)]))
    for name in columns:
        if name not in panel.columns:
            raise EstimationError(say("the panel has no column '{name}', which the weights need", name=name))
    table = panel[columns].sort_values(["unit", "year"], kind="stable")
    content = tuple(map(tuple, table.astype({"unit": str}).to_numpy(dtype=object).tolist()))
    return _cached(tuple(sorted(declared.items())), tuple(columns), content)


@lru_cache(maxsize=2)
def _cached(
    declared: tuple[tuple[str, Any], ...], columns: tuple[str, ...], content: tuple[tuple[Any, ...], ...]
) -> tuple[Weights, LogDeterminant]:
    W = build_weights(pd.DataFrame(list(content), columns=list(columns)), dict(declared))
    return W, log_determinant(W)
