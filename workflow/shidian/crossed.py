"""Products of columns as reghdfe writes them: ``province#year``, ``unit#c.year``, ``x#year``, ``base(x, 2008)#c.year``.

::

    product := part ("#" part)+
    part    := ("i." | "c.")? column | ("c.")? "base(" column "," year ")"

``i.`` marks categories, ``c.`` a number that multiplies. As a fixed effect a part without a mark is a category; among
controls it is a number, but for ``year``, which is one category a period.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from shidian.errors import StudyError, nearest

CROSS, LEVEL = "#", "="
YEAR = "year"
Use = Literal["fixed-effect", "categories", "control"]
USES: tuple[Use, ...] = ("fixed-effect", "categories", "control")
"""Formats of schemas that take products of columns beside plain columns."""
_PART = re.compile(
    r"(?:(?P<mark>[ic])\.)?(?:base\(\s*(?P<based>[^\W\d]\w*)\s*,\s*(?P<base>\d+)\s*\)|(?P<name>[^\W\d]\w*))"
)


@dataclass(frozen=True)
class Part:
    """One factor of a product: a column, whether its values are categories, the year whose value stands throughout."""

    name: str
    mark: str = ""
    base: int | None = None

    def is_category(self, use: Use) -> bool:
        """Say whether the values are categories, not a number that multiplies."""
        if self.mark or self.base is not None:
            return self.mark == "i"
        return use != "control" or self.name == YEAR


@dataclass(frozen=True)
class Product:
    """A product as it is written, its parts in order, and what it is used as."""

    text: str
    parts: tuple[Part, ...]
    use: Use

    @property
    def categories(self) -> tuple[Part, ...]:
        """The parts whose values are categories."""
        return tuple(part for part in self.parts if part.is_category(self.use))

    @property
    def numbers(self) -> tuple[Part, ...]:
        """The parts that multiply."""
        return tuple(part for part in self.parts if not part.is_category(self.use))

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the panel behind it."""
        return tuple(dict.fromkeys(part.name for part in self.parts))


def is_product(name: object) -> bool:
    """Say whether a name is written as a product of columns."""
    return isinstance(name, str) and CROSS in name


def is_written_product(name: str) -> bool:
    """Say whether a text is a product and nothing else, which a sentence about one is not."""
    return is_product(name) and all(_PART.fullmatch(piece.strip()) for piece in name.split(CROSS))


def read_product(text: str, use: Use) -> Product:
    """Read a product of columns.

    Raises:
        StudyError: what cannot be read, and parts that the use has no meaning for.
    """
    parts = []
    for piece in text.split(CROSS):
        found = _PART.fullmatch(piece.strip())
        if not found:
            raise StudyError(
                f"'{piece.strip()}' in '{text}' is no column; a product is written 'province#year', 'unit#c.year' or "
                "'base(x, 2008)#c.year'"
            )
        base = int(found["base"]) if found["base"] else None
        parts.append(Part(found["name"] or found["based"], found["mark"] or "", base))
    product = Product(text, tuple(parts), use)
    if fault := _fault(product):
        raise StudyError(f"'{text}' {fault}")
    return product


def _fault(product: Product) -> str:
    twice = [part.name for n, part in enumerate(product.parts) if part in product.parts[:n]]
    if twice and product.use != "control":
        return f"names '{twice[0]}' twice"
    if any(part.mark == "i" and part.base is not None for part in product.parts):
        return "takes a value of a base year for a category: make it a variable"
    if product.use == "categories" and product.numbers:
        return "multiplies a number, and categories alone are taken here"
    if product.use == "fixed-effect" and not product.categories:
        return "has no category: write the one that has a slope of its own without 'c.', as in 'unit#c.year'"
    if product.use == "fixed-effect" and len(product.numbers) > 1:
        return "multiplies two numbers: make their product a variable"
    if product.use == "control" and not product.numbers:
        return "has no number among controls: as categories it is a fixed effect"
    if product.use == "control" and len(product.categories) > 1:
        return "crosses a number with two categories: among controls it takes one"
    return ""


def product_fault(text: str, use: Use, columns: Collection[str]) -> str:
    """Return what is wrong with a product of some panel's columns, "" where nothing is."""
    try:
        product = read_product(text, use)
    except StudyError as error:
        return str(error)
    unknown = [name for name in product.names if name not in columns]
    return f"'{unknown[0]}' in '{text}' is no panel column{nearest(unknown[0], columns)}" if unknown else ""


def columns_behind(names: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of the panel behind some names, products and levels of products by their parts, each once."""
    return tuple(dict.fromkeys(one for name in names for one in _behind(name)))


def _behind(name: str) -> list[str]:
    if not is_product(name):
        return [name]
    pieces = [piece.strip() for piece in name.partition(LEVEL)[0].split(CROSS)]
    found = [_PART.match(piece) for piece in pieces]
    return [(part["name"] or part["based"]) if part else YEAR for part in found]


def level_name(product: Product, level: object) -> str:
    """Return the name of a control's column for one level of its category: ``x#2002``, ``x#region=North``."""
    (category,) = product.categories
    numbers = CROSS.join(part_name(part) for part in product.numbers)
    return f"{numbers}{CROSS}{level}" if category.name == YEAR else f"{numbers}{CROSS}{category.name}{LEVEL}{level}"


def family_of(name: str) -> str:
    """Return what the names of all levels of one product begin with, "" for a name that is no level."""
    if LEVEL in name and is_product(name):
        return name.partition(LEVEL)[0]
    head, cross, level = name.rpartition(CROSS)
    return head if cross and re.fullmatch(r"-?\d+", level) else ""


def slope_of(name: str) -> str:
    """Return the column that a fixed effect multiplies, such as ``year`` of ``unit#c.year``; "" for plain categories.

    The value of a base year is no column: such an effect has a column of its own, named ``base(x, 2008)``.
    """
    if not is_product(name):
        return ""
    numbers = read_product(name, "fixed-effect").numbers
    return part_name(numbers[0]) if numbers else ""


def part_name(part: Part) -> str:
    """Return the name of the column that holds a part."""
    return part.name if part.base is None else f"base({part.name}, {part.base})"
