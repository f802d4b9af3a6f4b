"""The unit of measure of a function's value: that of what it is of, or none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from shidian.errors import StudyError
from shidian.measures import PURE, parse_measure
from shidian.study.by_hand import refuse_by_hand
from shidian.study.grammar import Call, Number
from shidian.study.logarithms import Logs, logs_of, measure_of_exp
from shidian.study.sized import Names, Sized, conversion_factor, number_side, pure_side, to_power

KEEP = ("abs", "lag", "lead", "diff", "cumulate", "base", "group_mean", "deflate", "perpetual_inventory")
"""Functions whose value is in the unit of measure of what they are of."""
MOVE = ("lag", "lead", "base", "group_mean")
"""Those of them that leave a logarithm one of the same unit of measure."""
OF_TEXTS = ("lag", "lead", "base")
"""Functions that move a value, and a text as well, to other rows of its unit."""


def size_call(node: Call, parts: Sequence[Sized], names: Names) -> Sized:
    """Return a function in the unit of measure of its value.

    Args:
        node: the function.
        parts: what it is of and its further expressions, with their units of measure.
        names: units of measure that the study declares.

    Raises:
        StudyError: a text where a number is needed, a unit of measure that has no meaning there.
    """
    function, inner = node.function, parts[0]
    if function not in OF_TEXTS:
        number_side(inner, f"{function}(…)")
    if function == "to":
        target = parse_measure(str(node.options[0]), names.extra)
        factor = conversion_factor(inner.measure, target)
        refuse_by_hand(inner.by_hand, (factor,), f"to(…, '{node.options[0]}')")
        return inner.times(factor, target)
    if function == "exp":
        inner = replace(pure_side(inner, function), logs=inner.logs)
    others = [_further(function, side) for side in parts[1:]]
    called = Call(function, inner.node, node.options, tuple(side.node for side in others))
    if function == "sqrt":
        return to_power(inner, 0.5, called)
    if function in KEEP:
        return Sized(called, inner.measure, inner.by_hand, inner.brought, inner.logs if function in MOVE else None)
    if function == "exp":
        return Sized(called, measure_of_exp(inner.logs))
    return Sized(called, PURE, logs=_logarithm(function, inner))


def _logarithm(function: str, inner: Sized) -> Logs | None:
    """Return what a logarithm is of: x in its own unit of measure, which shifts it by a constant."""
    if function not in ("ln", "log10"):
        return None
    logs = logs_of(inner.measure, inner.by_hand)
    return logs if function == "ln" else logs.times(1 / math.log(10))


def _further(function: str, side: Sized) -> Sized:
    """Return a further expression as its function takes it: an index of any kind, a share, a column to group by."""
    if function == "deflate":
        return number_side(side, "deflate(…)")
    return _share_lost(side) if function == "perpetual_inventory" else side


def _share_lost(side: Sized) -> Sized:
    """Return the depreciation of a capital stock as a share of it."""
    number_side(side, "perpetual_inventory(…)")
    if not side.measure.is_pure_number:
        raise StudyError(
            f"perpetual_inventory(…): the depreciation is in [{side.measure}], and must be a share of the stock"
        )
    share = pure_side(side, "perpetual_inventory")
    if isinstance(share.node, Number) and not 0 <= share.node.value < 1:
        raise StudyError(
            f"perpetual_inventory(…): a depreciation of {share.node.value:g} is no share of the stock from 0 to 1: "
            "write 0.096 for 9.6 %"
        )
    return share
