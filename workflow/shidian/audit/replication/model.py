"""One regression of a study as another program must know it: variables, effects, errors, convention and rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.inference.covariance import Vcov
from shidian.inference.sample import Singletons

MAX_NAME = 32
"""Longest name of a variable in Stata."""
RESERVED = frozenset({"if", "in", "using", "with", "byte", "int", "long", "float", "double", "str", "strL"})
"""Names that Stata keeps for itself; those that begin with an underscore cannot arise here."""


@dataclass(frozen=True)
class Conley:
    """Conley errors: columns of the coordinates, cut-off in km, kernel (uniform, bartlett), years of lags."""

    longitude: str
    latitude: str
    cutoff_km: float
    kernel: str
    lags: int


@dataclass(frozen=True)
class Model:
    """One column of a printed table.

    Attributes:
        column: key of the column among the exhibit's estimates.
        frame: the rows and columns that the regression starts from; rows with a missing value and singletons are
            still in it, for the other program to drop.
        outcome: name of the outcome.
        regressors: names of the exogenous regressors, in order; of a collinear set the earlier ones stay.
        fixed_effects: names of the effects, none for a regression with a constant.
        vcov: kind of standard error.
        ssc: small-sample convention.
        weights: name of the analytic weights, empty for none.
        endogenous: endogenous regressors of a 2SLS regression.
        instruments: its excluded instruments.
        singletons: dropped or kept.
        family: poisson, logit or probit, empty for least squares; the frame then holds the rows of the fit alone.
        conley: distances and lags of Conley errors, which then take the place of ``vcov``.
    """

    column: str
    frame: pd.DataFrame
    outcome: str
    regressors: tuple[str, ...]
    fixed_effects: tuple[str, ...]
    vcov: Vcov
    ssc: str
    singletons: Singletons
    weights: str = ""
    endogenous: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    conley: Conley | None = None
    family: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its data file, in order, by their names in the panel."""
        names = [
            *("unit", "year"), self.outcome, *self.endogenous, *self.regressors, *self.instruments,
            *self.fixed_effects, *self.vcov.clusters, *([self.weights] if self.weights else []),
            *((self.conley.longitude, self.conley.latitude) if self.conley else ()),
        ]  # fmt: skip
        return tuple(dict.fromkeys(names))

    @property
    def names(self) -> dict[str, str]:
        """Name in the panel -> name in the data file, which R and Stata both take."""
        return plain_names(self.columns)

    @property
    def terms(self) -> tuple[str, ...]:
        """The terms to compare: the regressors, endogenous ones first."""
        return (*self.endogenous, *self.regressors)


def plain_names(names: Sequence[str]) -> dict[str, str]:
    """Return each name as ASCII letters, digits and underscores, at most 32 of them, all different in lower case.

    Names that are so already stay, ``tau-2`` becomes ``tau_m2``, ``did | High`` becomes ``did_High``; a name of other
    letters takes ``v`` and its place.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for place, name in enumerate(names, start=1):
        text = re.sub(r"-(?=\d)", "m", name.replace("tau-", "tau_-")).replace("tau+", "tau_p")
        text = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")
        if not re.match(r"[A-Za-z]", text) or text in RESERVED or not name.isascii():
            text = f"v{place}_{text}".rstrip("_")
        text = text[:MAX_NAME]
        while text.lower() in taken:
            text = f"{text[: MAX_NAME - 4]}_{place}"
        taken.add(text.lower())
        found[name] = text
    return found


def labels_of(model: Model, labels: Mapping[str, Any]) -> dict[str, str]:
    """Return the label of each column of a model's data file, keyed by its name in the file."""
    own = {"unit": "unit (code)", "year": "year"}
    return {plain: str(labels.get(name, own.get(name, name))) for name, plain in model.names.items()}
