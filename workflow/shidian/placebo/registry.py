"""Estimators that the placebo test can run draw by draw, by name.

An estimator that cannot be batched is a function ``(panel, spec, treatment) -> Fit``. Its panel holds the rows that
the exhibit uses, with the draw's adoption years in ``adoption_year`` and the draw's 0/1 treatment in the column named
``treatment``; ``spec["seed"]`` is always there. The first term of its fit is the effect. It raises EstimationError
when a draw gives no number (such draws are counted and reported), SpecificationError when no draw could.
To add one, enter it in ``ESTIMATORS``, its name in the schema of the exhibit, and its options there.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shidian.errors import SpecificationError, nearest
from shidian.messages import say

if TYPE_CHECKING:  # the graph of jobs reads the names below and needs no pandas
    import pandas as pd

    from shidian.estimates import Fit

Estimator = Callable[["pd.DataFrame", Mapping[str, Any], str], "Fit"]


@dataclass(frozen=True)
class Entry:
    """A registered estimator.

    Attributes:
        function: ``module:function``; imported only by the jobs of a study that names it. Empty where an exact
            batched engine makes all draws at once.
        words: what it estimates, for the note.
        options: keys of the exhibit's ``options`` that it understands.
        weights: whether it takes the exhibit's analytic weights.
        fixed_effects: whether it partials out the exhibit's fixed effects, whatever they are.
    """

    function: str
    words: str
    options: tuple[str, ...] = ()
    weights: bool = False
    fixed_effects: bool = True

    @property
    def module(self) -> str:
        """The module that holds the function, empty for the batched engine."""
        return self.function.split(":")[0]

    @property
    def batched(self) -> bool:
        """Whether the draws are made all at once, not one by one."""
        return not self.function


DEFAULT = "twfe"
ESTIMATORS: dict[str, Entry] = {
    DEFAULT: Entry("", say("difference-in-differences regression"), weights=True),
    "event_study": Entry("", say("event-study regression"), weights=True),
    "feols": Entry(
        "shidian.placebo.refit:refit_twfe",
        say("difference-in-differences regression, fitted by pyfixest for each draw"),
        weights=True,
    ),
    "callaway_santanna": Entry(
        "shidian.placebo.staggered:refit_callaway_santanna",
        say(
            "Callaway-Sant'Anna, the mean over treated unit-years of the group-time effects that the sample identifies"
        ),
        ("control_group",), fixed_effects=False,
    ),
    "psm_did": Entry(
        "shidian.exhibits.matching.psm_placebo:refit_psm_did",
        say("PSM-DID, propensity score, matching and regression on the matched sample anew for each draw"),
        (
            "covariates", "base", "base_year", "neighbours", "replacement", "caliper", "caliper_scale", "measure",
            "order", "ties", "support", "keep",
        ),
    ),
    "spatial": Entry(
        "shidian.exhibits.spatial.spatial_placebo:refit_spatial", say("spatial DID by maximum likelihood"),
        ("weights", "model", "lag_controls", "lag_treatment", "lee_yu", "effect", "unbalanced"),
    ),
}  # fmt: skip
"""Name in a study file -> estimator."""


def find_entry(name: str) -> Entry:
    """Return what is registered under a name.

    Raises:
        SpecificationError: no such estimator; the nearest valid name is given.
    """
    if name not in ESTIMATORS:
        raise SpecificationError(
            say(
                "no placebo estimator '{name}'{nearest}; there are {known}",
                name=name,
                nearest=nearest(name, ESTIMATORS),
                known=list(ESTIMATORS),
            )
        )
    return ESTIMATORS[name]


def find_estimator(name: str) -> Estimator:
    """Return the function registered under a name of an estimator that is run draw by draw."""
    module, function = find_entry(name).function.split(":")
    estimator: Estimator = getattr(importlib.import_module(module), function)
    return estimator


def estimator_modules(spec: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the modules that a placebo exhibit's jobs import by name: that of its estimator, where it has one."""
    entry = find_entry(spec.get("estimator", DEFAULT))
    return () if entry.batched else (entry.module,)


def check_use(name: str, options: Mapping[str, Any], weights: str) -> None:
    """Refuse settings that the named estimator would silently ignore.

    Raises:
        SpecificationError: an option that it has not, weights that it does not take, no such estimator.
    """
    entry = find_entry(name)
    unknown = [key for key in options if key not in entry.options]
    if unknown:
        listed = say("it has no options")
        if entry.options:
            listed = say("its options are {options}", options=entry.options)
        raise SpecificationError(
            say(
                "the placebo estimator '{name}' has no option '{option}'{nearest}; {listed}",
                name=name,
                option=unknown[0],
                nearest=nearest(unknown[0], entry.options),
                listed=listed,
            )
        )
    if weights and not entry.weights:
        raise SpecificationError(say("the placebo estimator '{name}' takes no weights: leave 'weights' out", name=name))
