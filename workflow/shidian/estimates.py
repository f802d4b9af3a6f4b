"""The one long schema in which every estimator reports its numbers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from shidian.messages import say
from shidian.variance import ROUNDING, standard_errors, variance_reasons

ESTIMATE_COLUMNS = (
    "study", "exhibit", "column", "term", "estimate", "se", "statistic", "p", "ci_low", "ci_high", "df",
    "n_obs", "n_units", "n_clusters", "n_singletons", "n_missing", "r2", "r2_within", "vcov", "ssc", "seed", "reason",
)  # fmt: skip
"""``df`` = degrees of freedom of the t distribution behind ``p`` and the interval (inf = normal);
``reason`` = why ``estimate`` or, beside an estimate, its ``se`` is missing; empty when neither is."""
LIKELIHOOD = say("maximum likelihood")
"""``ssc`` of what is fitted by likelihood: its errors follow no small-sample convention."""
HANGS_ON_ERROR = ("se", "statistic", "p", "ci_low", "ci_high")
"""What is not known of an estimate without a standard error."""


@dataclass(frozen=True)
class Fit:
    """One fitted model: its coefficients, their covariance, and what was done to the sample.

    Attributes:
        terms: names of the k coefficients.
        coef: (k,) estimates.
        vcov: (k, k) covariance matrix of the estimates.
        df: degrees of freedom of the t distribution used for p-values and intervals; inf for the normal.
        n_obs: rows used, after dropping missing rows and singletons.
        n_units: distinct units among the rows used.
        n_clusters: clusters, or None when errors are not clustered.
        n_singletons: rows dropped because a fixed effect had one observation.
        n_singletons_kept: such rows that were kept.
        n_missing: rows dropped because the outcome, a regressor, a fixed effect or the cluster was missing.
        r2: R-squared including the fixed effects; nan where it has no meaning.
        r2_within: R-squared after the fixed effects were partialled out.
        vcov_kind: kind of standard error as printed in the note, e.g. ``"clustered by city (CRV1)"``.
        ssc: small-sample convention, e.g. ``"reghdfe"``.
        seed: seed behind the numbers, or None where nothing was drawn.
        extra: further named numbers of the method (first-stage F, number of draws, ...).
        floor: (k,) standard errors at or below which rounding error alone is left of the residuals; None where that
            is told by the size of the estimates.
        unadjusted: (k, k) covariance before ``vcov`` was made positive semi-definite; None where it was so.
    """

    terms: tuple[str, ...]
    coef: np.ndarray
    vcov: np.ndarray
    df: float
    n_obs: int
    n_units: int
    n_clusters: int | None = None
    n_singletons: int = 0
    n_missing: int = 0
    r2: float = float("nan")
    r2_within: float = float("nan")
    vcov_kind: str = ""
    ssc: str = ""
    seed: int | None = None
    extra: dict[str, float] = field(default_factory=dict)
    n_singletons_kept: int = 0
    floor: np.ndarray | None = None
    unadjusted: np.ndarray | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why each of the k estimates has no standard error, "" where it has one (``shidian.variance``)."""
        own = self.vcov if self.unadjusted is None else self.unadjusted
        return variance_reasons(self.coef, np.diag(own), self.floor)

    @property
    def se(self) -> np.ndarray:
        """(k,) standard errors, nan where the variance gives none."""
        return standard_errors(np.diag(self.vcov), self.reasons)

    def only(self, term: str) -> Fit:
        """Return the fit with one of its terms alone."""
        at = [self.terms.index(term)]
        return replace(
            self, terms=(term,), coef=self.coef[at], vcov=self.vcov[np.ix_(at, at)],
            floor=None if self.floor is None else self.floor[at],
            unadjusted=None if self.unadjusted is None else self.unadjusted[np.ix_(at, at)],
        )  # fmt: skip

    def long(self, study: str, exhibit: str, column: str, level: float = 0.95) -> pd.DataFrame:
        """Return the estimates as rows of the long schema, one a term, with two-sided p and interval.

        An estimate whose variance gives no standard error has its reason and neither error, statistic, p nor interval.
        """
        from scipy import stats  # here, so that jobs that only read results need not load it

        se = self.se
        t = self.coef / se
        dist = stats.norm if np.isinf(self.df) else stats.t(self.df)
        half = dist.ppf(0.5 + level / 2) * se
        frame = pd.DataFrame({
            "term": list(self.terms), "estimate": self.coef, "se": se, "statistic": t, "p": 2 * dist.sf(np.abs(t)),
            "ci_low": self.coef - half, "ci_high": self.coef + half,
        })  # fmt: skip
        constants: dict[str, Any] = {
            "study": study, "exhibit": exhibit, "column": column, "df": self.df, "n_obs": self.n_obs,
            "n_units": self.n_units, "n_clusters": self.n_clusters, "n_singletons": self.n_singletons,
            "n_missing": self.n_missing, "r2": self.r2, "r2_within": self.r2_within, "vcov": self.vcov_kind,
            "ssc": self.ssc, "seed": self.seed, "reason": list(self.reasons),
        }  # fmt: skip
        return normalise(frame.assign(**constants))


def missing(study: str, exhibit: str, column: str, term: str, reason: str) -> pd.DataFrame:
    """Return one row that says why there is no estimate: never a silent number, never a silent gap."""
    row = {"study": study, "exhibit": exhibit, "column": column, "term": term, "reason": reason}
    return normalise(pd.DataFrame([row]))


def normalise(frame: pd.DataFrame) -> pd.DataFrame:
    """Put a frame of estimates into the schema's columns, order and types; unknown columns are an error.

    A standard error that is not finite, not positive or rounding error beside its estimate is taken out with what
    hangs on it, and the reason given: whatever estimated it, it is not printed.
    """
    unknown = sorted(set(frame.columns) - set(ESTIMATE_COLUMNS))
    if unknown:
        raise ValueError(f"columns outside the estimates schema: {unknown}")
    frame = frame.reindex(columns=list(ESTIMATE_COLUMNS))
    counts = ["n_obs", "n_units", "n_clusters", "n_singletons", "n_missing", "seed"]
    texts = ["study", "exhibit", "column", "term", "vcov", "ssc", "reason"]
    numbers = [c for c in ESTIMATE_COLUMNS if c not in counts + texts]
    types = {**dict.fromkeys(counts, "Int64"), **dict.fromkeys(numbers, "float64")}
    frame = frame.astype(types)
    for name in texts:
        frame[name] = frame[name].astype(object).where(frame[name].notna(), "").astype(str)
    return _without_useless_errors(frame.reset_index(drop=True))


def _without_useless_errors(frame: pd.DataFrame) -> pd.DataFrame:
    se, size = frame["se"], frame["estimate"].abs()
    useless = se.notna() & size.notna() & ~(np.isfinite(se) & (se > ROUNDING * size))
    if useless.any():
        bad = se[useless].to_numpy()
        reasons = variance_reasons(frame.loc[useless, "estimate"].to_numpy(), bad * np.abs(bad))
        own = frame.loc[useless, "reason"]
        frame.loc[useless, "reason"] = own.where(own != "", pd.Series(reasons, index=own.index))
        frame.loc[useless, list(HANGS_ON_ERROR)] = np.nan
    return frame
