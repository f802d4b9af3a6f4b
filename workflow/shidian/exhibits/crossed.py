"""Products of columns as an exhibit meets them: columns of its panel under the name that they are written by.

Where a panel enters an exhibit, effects and clusters such as ``province#year`` become a column of codes, and controls
such as ``x#year`` columns of numbers, one a level, whose names take the product's place among the controls. What comes
after knows plain columns, but for the slopes of ``unit#c.year`` (``shidian.inference.effects``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from shidian.crossed import YEAR, Part, Product, Use, is_product, level_name, part_name, read_product
from shidian.errors import EstimationError, no_column
from shidian.messages import say

MOST_LEVELS = 500
"""Most levels of a control's category, each of which is a regressor."""
KEYS: Mapping[str, Use] = {
    "fixed_effects": "fixed-effect", "further_effects": "fixed-effect", "by": "categories", "controls": "control",
}  # fmt: skip
"""Keys of an exhibit, its columns and its errors under which products stand."""
Spec = Mapping[str, Any]


class HasLabels(Protocol):
    """What knows the printed names of variables."""

    def label(self, name: str) -> str:
        """Return the printed name of a variable."""


def entered(panel: pd.DataFrame, spec: Spec) -> tuple[pd.DataFrame, Spec]:
    """Return the panel with the products that an exhibit names as columns, and the exhibit with plain names.

    Without products both come back as they are.

    Raises:
        EstimationError: a product of a column that the panel has not, of a text that multiplies, of a base year
            without rows, or of a control with more than ``MOST_LEVELS`` levels.
    """
    made: dict[str, pd.Series] = {}
    entered_spec = _walked(spec, panel, made)
    return (panel.assign(**made), entered_spec) if made else (panel, spec)


def _walked(value: Any, panel: pd.DataFrame, made: dict[str, pd.Series], key: str = "") -> Any:
    """Return a value with the products under ``KEYS`` replaced by the names of their columns, which are made."""
    if isinstance(value, Mapping):
        return {name: _walked(one, panel, made, name) for name, one in value.items()}
    if isinstance(value, list | tuple) and key in KEYS:
        names = [name for one in value for name in _named(one, panel, made, KEYS[key])]
        return list(dict.fromkeys(names)) if all(isinstance(name, str) for name in names) else names
    if isinstance(value, list):
        return [_walked(one, panel, made) for one in value]
    return _named(value, panel, made, KEYS[key])[0] if key in KEYS and is_product(value) else value


def _named(name: Any, panel: pd.DataFrame, made: dict[str, pd.Series], use: Use) -> list[Any]:
    if not is_product(name) or name in panel.columns:
        return [name]
    product = read_product(name, use)
    for part in product.parts:
        if part.name not in panel.columns:
            raise no_column(part.name, panel.columns)
    columns = _levels(product, panel) if use == "control" else _effect(product, panel)
    made |= columns
    return list(columns) if use == "control" else [name]


def _effect(product: Product, panel: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the codes of an effect's levels, missing where a part is, and the value of a base year that multiplies."""
    codes = panel.groupby([part.name for part in product.categories], sort=True, dropna=True).ngroup()
    column = codes.astype("float64").where(codes >= 0)
    made: dict[str, pd.Series] = {}
    for part in product.numbers:
        number = _number(part, panel)
        column = column.where(number.notna())
        made |= {part_name(part): number} if part.base is not None else {}
    return {**made, product.text: column}


def _levels(product: Product, panel: pd.DataFrame) -> dict[str, pd.Series]:
    """Return a control's columns, one a level of its category, the first level last: of a collinear set it goes."""
    number = pd.Series(1.0, index=panel.index)
    for part in product.numbers:
        number = number * _number(part, panel)
    if not product.categories:
        return {product.text: number}
    category = panel[product.categories[0].name]
    levels = sorted(category.dropna().unique().tolist())
    if len(levels) > MOST_LEVELS:
        raise EstimationError(
            say(
                "the control '{name}' has {n} levels, each a regressor, and at most {most} are taken: write it as a "
                "fixed effect, category{cross}c.number",
                name=product.text, n=len(levels), most=MOST_LEVELS, cross="#",
            )
        )  # fmt: skip
    known = category.notna()
    return {
        level_name(product, level): number.where(category == level, number * 0.0).where(known)
        for level in [*levels[1:], *levels[:1]]
    }


def _number(part: Part, panel: pd.DataFrame) -> pd.Series:
    try:
        values = panel[part.name].astype("float64")
    except (TypeError, ValueError):
        raise EstimationError(
            say("'{name}' multiplies and is no number; as a category it is written 'i.{name}'", name=part.name)
        ) from None
    if part.base is None:
        return values
    inside = panel[YEAR] == part.base
    if not inside.any():
        raise EstimationError(
            say("no row of {year}, the base year of '{name}'", year=str(part.base), name=part_name(part))
        )
    of_unit = pd.Series(values[inside].to_numpy(), index=panel.loc[inside, "unit"])
    if of_unit.index.has_duplicates:
        raise EstimationError(say("'{name}' wants one row a unit in {year}", year=str(part.base), name=part_name(part)))
    return pd.Series(panel["unit"].map(of_unit).to_numpy(dtype=np.float64), index=panel.index)


def product_label(name: str, words: HasLabels) -> str:
    """Return the printed name of a product or of a level of one: its parts' labels with a cross between them."""
    head, equals, level = name.partition("=")
    parts = [part_label(piece.strip(), words) for piece in head.split("#")]
    return _crossed([*parts[: -1 if equals else None], *([level] if equals else [])])


def part_label(piece: str, words: HasLabels) -> str:
    """Return the printed name of one part of a product."""
    if piece.startswith("base("):
        name, _, year = piece[5:-1].partition(",")
        return say("{name} in {year}", name=words.label(name.strip()), year=year.strip())
    return words.label(piece[2:] if piece[:2] in ("c.", "i.") else piece)


def _crossed(labels: Sequence[str]) -> str:
    found = labels[0]
    for label in labels[1:]:
        found = say("{first} × {second}", first=found, second=label)
    return found
