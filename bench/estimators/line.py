"""One estimator of the table: what is timed, its peer, and why a size or a peer is left out."""

from __future__ import annotations

from dataclasses import dataclass

HUGE = 10**9


@dataclass(frozen=True)
class Line:
    """What is timed.

    Attributes:
        name: estimator.
        code: defines ``job(frame)``; what it returns, if anything, multiplies the seconds.
        peer_name, peer: another package on the same design, or the simple way; "" where there is none.
        peer_units: the largest panel (units) that the peer is asked for; ``peer_why`` says why no larger one, or why
            there is no peer.
        units: the largest panel that ours is asked for; ``why`` says why no larger one.
    """

    name: str
    code: str
    peer_name: str = ""
    peer: str = ""
    peer_units: int = HUGE
    peer_why: str = ""
    units: int = HUGE
    why: str = ""


SETUP = """
import resource, sys, time
import numpy as np, pandas as pd
n, T = int(sys.argv[1]), int(sys.argv[2])
CONTROLS = ["x0", "x1", "x2", "x3"]
EFFECTS = ["unit", "year"]
BY_UNIT = {"kind": "cluster", "by": "unit"}
def panel(n, T):
    rng = np.random.default_rng(1)
    unit, year = np.repeat(np.arange(n), T), np.tile(np.arange(T), n)
    g = np.where(unit % 8 < 2, 0, 2 + (unit % 8) * (T - 2) // 8)
    frame = pd.DataFrame({"unit": unit, "year": 2000 + year, "d": ((g > 0) & (year >= g)).astype(float)})
    frame["adoption_year"] = pd.Series(np.where(g > 0, 2000.0 + g, np.nan)).astype("Int64")
    for name in [*CONTROLS, "m", "y", "y2", "y3"]:
        frame[name] = rng.normal(size=n * T)
    frame["lon"], frame["lat"] = rng.uniform(98, 122, n)[unit], rng.uniform(22, 45, n)[unit]
    return frame
"""
"""The panel of every line: four controls, six cohorts, a quarter of the units never treated."""

MEASURE = """
job(panel(40, 12))
frame = panel(n, T)
begin = time.process_time()
scale = job(frame) or 1
print((time.process_time() - begin) * scale, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
