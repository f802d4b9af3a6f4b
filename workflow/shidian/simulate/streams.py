"""Random streams of the simulator: one for every named part, so that no part's draws depend on another's."""

from __future__ import annotations

from zlib import crc32

import numpy as np


def stream(seed: int, *labels: str | int) -> np.random.Generator:
    """Return the generator of one part, such as ``stream(seed, "income_gap_cities", "theil")``.

    The spawn key is the CRC-32 of each label, so the stream is the same on every machine, whatever ran before.
    """
    key = tuple(crc32(str(label).encode("utf-8")) for label in labels)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
