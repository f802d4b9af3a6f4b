"""The estimators of the placebo test at work: found by name, their options checked, imported by the job alone."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from shidian.errors import SpecificationError, nearest
from shidian.messages import say
from shidian.placebo_estimators import DEFAULT, Entry, estimators

if TYPE_CHECKING:  # the graph of jobs reads the names below and needs no pandas
    import pandas as pd

    from shidian.estimates import Fit

Estimator = Callable[["pd.DataFrame", Mapping[str, Any], str], "Fit"]


def find_entry(name: str) -> Entry:
    """Return what is registered under a name.

    Raises:
        SpecificationError: no such estimator; the nearest valid name is given.
    """
    if name not in estimators():
        raise SpecificationError(
            say(
                "no placebo estimator '{name}'{nearest}; there are {known}",
                name=name,
                nearest=nearest(name, estimators()),
                known=list(estimators()),
            )
        )
    return estimators()[name]


def find_estimator(name: str) -> Estimator:
    """Return the function registered under a name of an estimator that is run draw by draw."""
    estimator: Estimator = importlib.import_module(find_entry(name).module).refit
    return estimator


def estimator_modules(spec: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the modules that a placebo exhibit's jobs import by name: that of its estimator."""
    return (find_entry(spec.get("estimator", DEFAULT)).module,)


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
            listed = say("its options are {options}", options=list(entry.options))
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
        raise SpecificationError(
            say(
                "the placebo estimator '{name}' takes no weights: leave 'weights' out, or in a study with weights "
                "write 'unweighted: true'",
                name=name,
            )
        )
