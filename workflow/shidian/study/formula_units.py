"""The unit of a formula, worked out before any number is read: what cannot be added is an error here."""

from __future__ import annotations

import math
from collections.abc import Mapping

from shidian.errors import StudyError
from shidian.study.grammar import Binary, Call, Name, Negative, Node, Number
from shidian.study.units import PURE, Unit, parse_unit


def formula_unit(node: Node, units: Mapping[str, Unit], extra: Mapping[str, str] | None = None) -> Unit:
    """Return the unit of a formula's value as it is computed.

    Args:
        node: the parsed formula.
        units: name -> unit of every indicator and earlier variable.
        extra: units that the study declares.

    Raises:
        StudyError: different units added or compared, a power of a unit that is not whole, a conversion between kinds.
    """
    match node:
        case Number():
            return PURE
        case Name(name):
            return units[name]
        case Negative(operand):
            return formula_unit(operand, units, extra)
        case Call():
            return _call_unit(node, units, extra)
        case Binary("^", left, Number(exponent)):
            return _power_unit(formula_unit(left, units, extra), exponent)
        case Binary("*", left, right):
            return formula_unit(left, units, extra) * formula_unit(right, units, extra)
        case Binary("/", left, right):
            return formula_unit(left, units, extra) / formula_unit(right, units, extra)
        case Binary(operator, left, right):
            a, b = formula_unit(left, units, extra), formula_unit(right, units, extra)
            if not same_unit(a, b) and not isinstance(left, Number) and not isinstance(right, Number):
                raise StudyError(
                    f"'{operator}' joins [{a}] and [{b}]: convert one with to(…, 'unit') so that both are in one unit"
                )
            if operator in ("+", "-"):
                return b if isinstance(left, Number) else a
            return PURE
    raise AssertionError(node)


def same_unit(a: Unit, b: Unit) -> bool:
    """Say whether two units are the same kind and size."""
    return a.dims == b.dims and abs(a.factor / b.factor - 1) < 1e-12


def conversion_factor(source: Unit, target: Unit) -> float:
    """Return the number by which values in ``source`` are multiplied to be in ``target``.

    Raises:
        StudyError: the units measure different things.
    """
    if source.dims != target.dims:
        raise StudyError(f"[{source}] cannot be converted to [{target}]: they measure different things")
    ratio = source.factor / target.factor
    nearest_power = 10.0 ** round(math.log10(ratio))
    return nearest_power if abs(ratio / nearest_power - 1) < 1e-12 else ratio


def _call_unit(node: Call, units: Mapping[str, Unit], extra: Mapping[str, str] | None) -> Unit:
    inner = formula_unit(node.argument, units, extra)
    if node.function == "to":
        target = parse_unit(str(node.options[0]), extra)
        conversion_factor(inner, target)
        return target
    if node.function == "since":
        return formula_unit(Binary(">=", Name("year"), node.argument), {"year": parse_unit("year"), **units}, extra)
    if node.function in ("lag", "base", "abs"):
        return inner
    if node.function == "sqrt":
        return _power_unit(inner, 0.5)
    return PURE  # ln, log10, exp: the argument is taken in its own unit, which the variable's note prints


def _power_unit(unit: Unit, exponent: float) -> Unit:
    powers = [n * exponent for _, n in unit.dims]
    if any(p != int(p) for p in powers):
        raise StudyError(f"[{unit}] to the power {exponent:g} has no unit: take a ratio or a logarithm first")
    dims = tuple((base, int(p)) for (base, _), p in zip(unit.dims, powers, strict=True) if p)
    return Unit(unit.factor**exponent, dims)
