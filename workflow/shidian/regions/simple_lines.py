"""Lines with fewer points (Douglas & Peucker 1973)."""

from __future__ import annotations

import numpy as np


def simplified(points: np.ndarray, limit: float) -> np.ndarray:
    """Return those of (n, 2) points from which no other lies further than the limit from the line through the kept."""
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    todo = [(0, len(points) - 1)]
    while todo:
        a, b = todo.pop()
        if b - a < 2:
            continue
        middle, chord = points[a + 1 : b] - points[a], points[b] - points[a]
        length = float(np.hypot(*chord))
        if length == 0:
            distance = np.hypot(middle[:, 0], middle[:, 1])
        else:
            distance = np.abs(middle[:, 0] * chord[1] - middle[:, 1] * chord[0]) / length
        far = int(np.argmax(distance))
        if distance[far] > limit:
            keep[a + 1 + far] = True
            todo += [(a, a + 1 + far), (a + 1 + far, b)]
    return np.asarray(points[keep])
