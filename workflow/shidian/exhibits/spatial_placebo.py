"""One placebo draw of a spatial DID: the model fitted again under the draw's treatment."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from shidian.errors import EstimationError
from shidian.exhibits.spatial_did import lags_of
from shidian.exhibits.spatial_inputs import build_weights, effects_of, weights_columns
from shidian.placebo.registry import DrawEstimate
from shidian.spatial.effects import KINDS, effects
from shidian.spatial.logdet import LogDeterminant, log_determinant
from shidian.spatial.models import fit_spatial
from shidian.spatial.weights import Weights


def refit_spatial(panel: pd.DataFrame, spec: Mapping[str, Any], treatment: str) -> DrawEstimate:
    """Fit the spatial model on one draw's panel.

    ``spec["options"]`` holds ``weights`` (as in the exhibit ``spatial_did``) and may hold ``model`` (sdm),
    ``lag_controls``, ``lee_yu``, and ``effect``: ``coefficient`` (default), ``direct``, ``indirect`` or ``total``;
    effects have delta-method errors. Outcome, controls, fixed effects and errors are the placebo exhibit's.

    Raises:
        EstimationError: no weights declared, an unknown effect, an unbalanced panel, or whatever keeps the model from
            being fitted to this draw.
    """
    options = spec.get("options", {})
    if "weights" not in options:
        raise EstimationError("the placebo estimator 'spatial' wants 'weights' in its options")
    what = options.get("effect", "coefficient")
    if what not in ("coefficient", *KINDS):
        raise EstimationError(f"no effect '{what}' of a spatial model: coefficient, {', '.join(KINDS)}")
    W, logdet = _weights(panel, options["weights"])
    regressors, model = [treatment, *spec.get("controls", [])], options.get("model", "sdm")
    result = fit_spatial(
        panel, spec["outcome"], regressors, W, model, lags_of(model, options, regressors),
        effects_of(spec["fixed_effects"]), spec.get("vcov", "iid"), options.get("lee_yu", "transformation"),
        logdet=logdet,
    )  # fmt: skip
    if what == "coefficient":
        return DrawEstimate(result.value(treatment), float(result.fit.se[result.fit.terms.index(treatment)]))
    table = effects(result, [treatment], draws=2).table.set_index("effect")
    return DrawEstimate(*table.loc[what, ["estimate", "se_delta"]].astype(float))


def _weights(panel: pd.DataFrame, declared: Mapping[str, Any]) -> tuple[Weights, LogDeterminant]:
    """Return weights and their log-determinant, made once for all draws on the same units."""
    columns = list(dict.fromkeys(["unit", "year", *weights_columns(declared)]))
    for name in columns:
        if name not in panel.columns:
            raise EstimationError(f"the panel has no column '{name}', which the weights need")
    table = panel[columns].sort_values(["unit", "year"], kind="stable")
    content = tuple(map(tuple, table.astype({"unit": str}).to_numpy(dtype=object).tolist()))
    return _cached(tuple(sorted(declared.items())), tuple(columns), content)


@lru_cache(maxsize=2)
def _cached(
    declared: tuple[tuple[str, Any], ...], columns: tuple[str, ...], content: tuple[tuple[Any, ...], ...]
) -> tuple[Weights, LogDeterminant]:
    W = build_weights(pd.DataFrame(list(content), columns=list(columns)), dict(declared))
    return W, log_determinant(W)
