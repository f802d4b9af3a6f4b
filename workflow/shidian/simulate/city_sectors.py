"""Employment by the nineteen sectors of the yearbook, adding up to the three sectors' totals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from shidian.errors import SimulationError

SECONDARY = ("mining", "manufacturing", "utilities", "construction")
PLANTED = ("information", "research", "environment")
OTHER_TERTIARY = (
    "transport", "trade", "catering", "finance", "real_estate", "business", "households", "education", "health",
    "culture", "public",
)  # fmt: skip


def sector_items(
    rng: np.random.Generator, workers: np.ndarray, items: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return persons employed in the sectors that no study fixes; the three that are fixed are in ``items``.

    Args:
        rng: random stream.
        workers: (n, T, 3) persons employed in the three sectors.
        items: raw items with the planted sectors.

    Raises:
        SimulationError: the planted tertiary sectors exceed tertiary employment.
    """
    planted = sum(items[f"employed_{name}_persons"] for name in PLANTED)
    rest = workers[..., 2] - planted
    if (rest <= 0).any():
        raise SimulationError(
            f"in {int((rest <= 0).sum())} city-years the planted employment in {', '.join(PLANTED)} exceeds all of the "
            f"tertiary sector: lower the share of talent or of efficiency's labour input"
        )
    result = {"employed_farming_persons": workers[..., 0]}
    for names, total in ((SECONDARY, workers[..., 1]), (OTHER_TERTIARY, rest)):
        weights = rng.gamma(4.0, size=(workers.shape[0], 1, len(names))) * np.ones((1, workers.shape[1], 1))
        weights /= weights.sum(axis=-1, keepdims=True)
        result |= {f"employed_{name}_persons": total * weights[..., m] for m, name in enumerate(names)}
    return result
