"""Technologies that the tests share: published ones, random ones, and hypothesis strategies for nasty ones."""

import numpy as np
import pandas as pd
from hypothesis import strategies as st

TONE_2001 = pd.DataFrame({
    "unit": list("ABCDE"), "x1": [4, 6, 8, 8, 2], "x2": [3, 3, 1, 1, 4], "y1": [2, 2, 6, 6, 1], "y2": [3, 3, 2, 1, 4],
})  # fmt: skip
POWER_PLANTS = pd.DataFrame({
    "unit": ["D1", "D2", "D3", "D4", "D5", "D6"], "x1": [80, 65, 83, 40, 52, 94],
    "x2": [600, 200, 400, 1000, 600, 700], "x3": [54, 97, 72, 75, 20, 36], "x4": [8, 1, 4, 7, 3, 5],
    "y1": [90, 58, 60, 80, 72, 96], "y2": [5, 1, 7, 10, 8, 6],
})  # fmt: skip
TONE_2003 = pd.DataFrame({
    "unit": list("ABCDEFGHI"), "x": [1] * 9, "y": [1, 2, 6, 8, 9, 5, 4, 6, 4], "b": [1, 1, 2, 4, 7, 2, 3, 4, 6],
})  # fmt: skip


def random_technology(n, counts, seed, dispersion=0.5, ties=False):
    """Log-normal data of n units, one list of arrays a role; with ties, values are rounded to a few levels."""
    rng = np.random.default_rng(seed)
    size = np.exp(rng.normal(0, 1, (n, 1)))
    values = size * np.exp(dispersion * rng.normal(size=(n, sum(counts))))
    if ties:
        values = np.maximum(np.round(values * 2) / 2, 0.5)
    return np.split(values, np.cumsum(counts)[:-1], axis=1)


@st.composite
def technologies(draw, max_units=25, min_bad=0):
    """Draw random technologies: ordinary, dispersed over many orders of magnitude, degenerate, with duplicates."""
    counts = (draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(min_bad, 2)))
    n = draw(st.integers(sum(counts) + 1, max_units))
    seed = draw(st.integers(0, 2**32 - 1))
    dispersion = draw(st.sampled_from([0.1, 0.5, 1.0, 2.0, 4.0]))
    blocks = random_technology(n, counts, seed, dispersion, ties=draw(st.booleans()))
    if draw(st.booleans()):  # duplicate a unit
        blocks = [np.vstack([block, block[:1]]) for block in blocks]
    return blocks
