"""The coefficients of an event study before and after adoption, as what judges pre-trends needs them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shidian.did.event_study import EventStudy
from shidian.did.wald import not_definite
from shidian.errors import EstimationError
from shidian.messages import joined, say


@dataclass(frozen=True)
class EventCoefficients:
    """Coefficients before and after adoption, the reference period between them left out.

    Attributes:
        pre: (P,) coefficients of the P periods before the reference, in order of time.
        post: (Q,) coefficients of the Q periods after it: from adoption on, or from its anticipation on.
        vcov: (P + Q, P + Q) covariance, pre first.
    """

    pre: np.ndarray
    post: np.ndarray
    vcov: np.ndarray

    @property
    def beta(self) -> np.ndarray:
        """(P + Q,) all coefficients."""
        return np.r_[self.pre, self.post]


def coefficients(study: EventStudy, method: str = "HonestDiD") -> EventCoefficients:
    """Take the coefficients from an event study whose only base is the last period before all that count as after.

    Raises:
        EstimationError: another base, a second one, a missing period, fewer than two periods before the base, a period
            without a standard error, or a covariance that was not positive definite before it was made so, or has lower
            rank (more periods than clusters): some combination of the periods would pass for known without error.
    """
    window = study.window
    last = -1 - window.anticipation
    if window.reference != (last,):
        raise EstimationError(_other_base(study, last, method))
    rows = study.effects[~study.effects["is_reference"]]
    gone = rows.loc[rows["estimate"].isna(), "tau"].tolist()
    if gone:
        raise EstimationError(
            say("{method} wants every period of the window, and τ = {tau} has no estimate", method=method, tau=gone[0])
        )
    n_pre = int((rows["tau"] < last).sum())
    if n_pre < 2:
        early = f"τ = {last}" if window.anticipation else say("adoption")
        raise EstimationError(
            say("{method} wants at least two estimated periods before {early}", method=method, early=early)
        )
    fit = study.regression.fit
    index = [fit.terms.index(term) for term in rows["term"]]
    for i in index:
        if fit.reasons[i]:
            raise EstimationError(
                say(
                    "{method} wants an error of every period, and {term} has {reason}",
                    method=method,
                    term=fit.terms[i],
                    reason=fit.reasons[i],
                )
            )
    V = fit.vcov if fit.unadjusted is None else fit.unadjusted
    reason = not_definite(V[np.ix_(index, index)], fit.se[index])
    if reason:
        about = {"n": len(index), "what": reason, "method": method}
        raise EstimationError(
            say("the covariance of the {n} periods of {method} {what} ({g} clusters)", g=fit.n_clusters, **about)
            if fit.n_clusters
            else say("the covariance of the {n} periods of {method} {what}", **about)
        )
    b, V = fit.coef[index], fit.vcov[np.ix_(index, index)]
    return EventCoefficients(b[:n_pre], b[n_pre:], V)


def _other_base(study: EventStudy, last: int, method: str) -> str:
    """Say why an event study with another base than the period ``last`` cannot be used."""
    window, declared = study.window, study.normalisation.declared.reference
    used = joined(f"τ = {tau}" for tau in window.reference) if window.reference else f"τ < {window.first}"
    if declared == (last,):
        return say(
            "{method} wants consecutive periods: none is observed at τ = {last}, and the base is {base}",
            method=method,
            last=last,
            base=used,
        )
    if len(declared) == 1 and declared[0] < last:
        return say(
            "{method} wants an event study whose only reference period is τ = {last}, and here it is {base}; "
            "anticipation: {n} makes that the last period before effects",
            method=method,
            last=last,
            base=used,
            n=-1 - declared[0],
        )
    return say(
        "{method} wants an event study whose only reference period is τ = {last}, and here it is {base}",
        method=method,
        last=last,
        base=used,
    )
