"""Which standard errors a spatial model has, and the groups of units that a clustered one needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, nearest
from shidian.inference.covariance import Vcov, VcovLike
from shidian.messages import aside, say

SpatialVcovLike: TypeAlias = "SpatialVcov | VcovLike"


@dataclass(frozen=True)
class SpatialVcov:
    """Kind of standard error; ``by`` names the column of the clusters, "" where there are none.

    ``iid``: the expected information. ``hetero`` and ``cluster``: the sandwich with everything that the scores of ρ and
    λ hold (``information.sandwich``). ``xsmle_robust``: Stata's, scores summed by unit (``observed``).
    """

    kind: Literal["iid", "hetero", "cluster", "xsmle_robust"]
    by: str = ""

    @staticmethod
    def parse(value: SpatialVcovLike) -> SpatialVcov:
        """Read what a study file holds: a kind, or ``{"kind": ..., "by": column}``; xsmle's clusters by unit.

        Raises:
            EstimationError: no such kind, or clusters two ways.
        """
        if isinstance(value, SpatialVcov):
            return value
        if not isinstance(value, Vcov):
            declared: Mapping[str, Any] = {"kind": value} if isinstance(value, str) else value
            if declared.get("kind") == "xsmle_robust":
                by = declared.get("by", "unit")
                return SpatialVcov("xsmle_robust", _one([by] if isinstance(by, str) else list(by)))
        plain = Vcov.parse(value)
        return SpatialVcov(plain.kind, _one(plain.clusters) if plain.clusters else "")

    def describe(self) -> str:
        """Return the words that a note prints."""
        if self.kind == "iid":
            return say("from the expected information")
        if self.kind == "hetero":
            return say("heteroskedasticity-robust")
        if self.kind == "xsmle_robust":
            return say("clustered by {by} as Stata's xsmle", by=self.by)
        return say("clustered by {by}", by=self.by)

    def form(self) -> str:
        """Return the note's sentence on the robust form, empty where errors are not robust."""
        if self.kind == "iid":
            return ""
        if self.kind == "xsmle_robust":
            return aside(
                say(
                    "Robust form: vce(robust) of Stata's xsmle: observed Hessian and scores summed by cluster, without "
                    "the products of disturbances of different units in the scores of ρ and λ."
                )
            )
        return aside(
            say(
                "Robust form: expected information and the scores in full, with the products of disturbances of "
                "different units in the scores of ρ and λ, which xsmle's vce(robust) leaves out (here: vcov "
                "xsmle_robust)."
            )
        )

    def clusters(self, panel: pd.DataFrame, codes: Sequence[str]) -> np.ndarray | None:
        """Return the (n,) cluster codes of the units in the order of ``codes``; None where nothing is clustered.

        Raises:
            EstimationError: the panel has no such column, it varies within units or lacks a value, one cluster only.
        """
        if not self.by:
            return None
        if self.by not in panel.columns:
            near = nearest(self.by, panel.columns)
            raise EstimationError(
                say("the panel has no column '{name}' to cluster by{nearest}", name=self.by, nearest=near)
            )
        if self.by == "unit":
            return np.arange(len(codes))
        owner = panel.assign(unit=panel["unit"].astype(str)).groupby("unit")[self.by]
        if (owner.nunique(dropna=False) > 1).any():
            raise EstimationError(
                say("errors of spatial models are clustered by groups of units; '{name}' varies within units",
                    name=self.by)
            )  # fmt: skip
        group = owner.first().loc[list(codes)]
        if group.isna().any():
            lacking = group.index[group.isna()][0]
            raise EstimationError(say("unit '{unit}' has no '{name}' to cluster by", unit=lacking, name=self.by))
        found = pd.factorize(group, sort=True)[0]
        if found.max() < 1:
            raise EstimationError(
                say("errors cannot be clustered by '{name}': the sample has {n} cluster", name=self.by, n=1)
            )
        return np.asarray(found)


def _one(clusters: Sequence[str]) -> str:
    if len(clusters) > 1:
        raise EstimationError(say("errors of spatial models are clustered one way: name one variable in 'by'"))
    return clusters[0]
