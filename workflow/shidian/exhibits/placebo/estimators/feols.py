"""The generic slow path: the whole regression fitted again for every draw, by pyfixest.

pyfixest's own small-sample count is not used: it can depend on how the fixed effects are spelled. Its covariance is
divided by its factor and multiplied by the factor of the parameters counted here.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyfixest
from pyfixest.demeaners import MapDemeaner

from shidian.errors import EstimationError
from shidian.estimates import Fit
from shidian.messages import say
from shidian.placebo.columns import ADOPTION, YEAR
from shidian.placebo.design import Design
from shidian.placebo.prepare import design_of
from shidian.placebo.settings import read_settings
from shidian.variance import roots

_D = "placebo_treatment"
_EXACT = MapDemeaner(fixef_tol=1e-12, fixef_maxiter=100_000)

ESTIMATOR = {
    "words": say("difference-in-differences regression, fitted by pyfixest for each draw"),
    "about": "twfe by pyfixest, fitted again for each draw",
    "weights": True,
    "individuals": True,
}


def refit(panel: pd.DataFrame, spec: Mapping[str, Any], treatment: str) -> Fit:
    """Fit the two-way fixed-effects regression on one draw's panel; same numbers as the batched engine.

    Raises:
        EstimationError: the treatment is absorbed by the fixed effects and controls.
    """
    settings = read_settings(spec, 0)
    design = design_of(panel, settings)
    adoption = design.frame[ADOPTION].astype("float64")
    frame = design.frame.assign(**{_D: (design.frame[YEAR] >= adoption).astype(float)})
    coef, se = fit_frame(frame, design, settings.outcome, settings.controls, settings.fixed_effects, settings.weights)
    return design.fit([treatment], np.array([coef]), np.array([[se**2]]))


def fit_frame(
    frame: pd.DataFrame,
    design: Design,
    outcome: str,
    controls: tuple[str, ...],
    fixed_effects: tuple[str, ...],
    weights: str,
) -> tuple[float, float]:
    """Return coefficient and standard error by pyfixest; the frame holds the treatment in ``placebo_treatment``."""
    regressors = " + ".join([_D, *(c for c in controls if c not in design.dropped_controls)])
    absorbed = " + ".join(fixed_effects)
    by = {"iid": "iid", "hetero": "hetero", "cluster": {"CRV1": "+".join(design.vcov.clusters)}}[design.vcov.kind]
    scale = {name: float(frame[name].std(ddof=0)) or 1.0 for name in (outcome, *controls)}
    frame = frame.assign(**{name: frame[name] / size for name, size in scale.items()})  # its tolerance is absolute
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a collinear treatment is reported below, as an absorbed draw
        try:
            model = pyfixest.feols(
                f"{outcome} ~ {regressors}" + (f" | {absorbed}" if absorbed else ""),
                frame, vcov=by, weights=weights or None, demeaner=_EXACT, copy_data=False, fixef_rm="none",
            )  # fmt: skip
        except ValueError as problem:
            if "collinear" in str(problem):
                raise EstimationError(say("absorbed")) from None
            if "Demeaning failed" in str(problem):
                raise EstimationError(say("the fixed effects could not be partialled out")) from None
            raise
    if _D not in model._coefnames:
        raise EstimationError(say("absorbed"))
    at = model._coefnames.index(_D)
    variance = model._vcov[at, at] / float(np.squeeze(model._ssc)) * design.factor
    if design.vcov.kind == "iid":  # pyfixest divides the squared residuals by N - 1 before its factor
        variance *= (len(design.y) - 1) / len(design.y)
    return float(model._beta_hat[at]) * scale[outcome], float(roots(variance)) * scale[outcome]
