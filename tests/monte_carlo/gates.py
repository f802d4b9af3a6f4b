"""The gates of a Monte Carlo check, and the table that docs/monte_carlo.md prints.

|bias| at most 0.1 mean standard error + 3.5 Monte Carlo standard errors; coverage of 95% intervals and size of 5%
tests inside the exact binomial 99.9% band, Bonferroni over the cells of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

SEED = 20240601
REPLICATIONS = 500
LEVEL = 0.05


@dataclass(frozen=True)
class Estimate:
    """An estimate with its standard error and the value it is graded against."""

    cell: str
    truth: float
    value: float
    se: float
    df: float = np.inf

    @property
    def hit(self) -> bool:
        """Whether the 95% interval covers the truth."""
        quantile = stats.norm.ppf(1 - LEVEL / 2) if np.isinf(self.df) else stats.t.ppf(1 - LEVEL / 2, self.df)
        return bool(abs(self.value - self.truth) <= quantile * self.se)


@dataclass(frozen=True)
class Interval:
    """Whether a 95% interval that comes without a standard error covers the truth."""

    cell: str
    hit: bool


@dataclass(frozen=True)
class Inverted:
    """The values that a 5% test does not reject: an interval without a standard error."""

    cell: str
    truth: float
    p: Callable[[float], float]

    @property
    def hit(self) -> bool:
        """Whether the test leaves the truth in."""
        return self.p(self.truth) > LEVEL  # (1 + count) / (1 + draws) at the level rejects: that test is exact


@dataclass(frozen=True)
class Test:
    """Whether a 5% test rejects its null hypothesis, which holds."""

    __test__ = False  # no pytest class

    cell: str
    hit: bool


Finding = Estimate | Interval | Inverted | Test


@dataclass(frozen=True)
class Experiment:
    """One family of panels and what is estimated on each draw of it.

    Attributes:
        name: heading on the page.
        design: the panels, in words.
        draw: seed -> findings, one a cell, always the same cells.
    """

    name: str
    design: str
    draw: Callable[[int], Iterator[Finding]]


def draw_seeds(replications: int, seed: int = SEED) -> list[int]:
    """Return the seeds of the replications, each derived from one seed alone."""
    return [int(np.random.SeedSequence(seed, spawn_key=(d,)).generate_state(1)[0]) for d in range(replications)]


def run(experiment: Experiment, replications: int = REPLICATIONS) -> list[Finding]:
    """Return the findings of all replications."""
    return [finding for seed in draw_seeds(replications) for finding in experiment.draw(seed)]


def table(findings: Iterable[Finding], cells_gated: int) -> pd.DataFrame:
    """Return one row a cell with its verdict; the bands allow for ``cells_gated`` cells."""
    cells: dict[str, list[Finding]] = {}
    for finding in findings:
        cells.setdefault(finding.cell, []).append(finding)
    return pd.DataFrame([_row(cell, part, cells_gated) for cell, part in cells.items()])


def _row(cell: str, part: list[Finding], cells_gated: int) -> dict[str, object]:
    n = len(part)
    low, high = band(n, LEVEL if isinstance(part[0], Test) else 1 - LEVEL, cells_gated)
    rate = sum(finding.hit for finding in part) / n
    row: dict[str, object] = {"cell": cell, "rate": rate, "low": low, "high": high, "passes": low <= rate <= high}
    estimates = [finding for finding in part if isinstance(finding, Estimate)]
    if estimates:
        values, truth = np.array([e.value for e in estimates]), np.array([e.truth for e in estimates])
        sd, se = values.std(ddof=1), float(np.mean([e.se for e in estimates]))
        bias = float((values - truth).mean())
        mc_se = float((values - truth).std(ddof=1)) / np.sqrt(n)
        allowed = 0.1 * se + 3.5 * mc_se
        row |= {"truth": truth.mean(), "bias": bias, "mc_se": mc_se, "allowed": allowed, "sd": sd, "mean_se": se}
        row["passes"] = bool(row["passes"]) and abs(bias) <= allowed
    return row


def band(n: int, p: float, cells: int, level: float = 0.999) -> tuple[float, float]:
    """Return the exact binomial band of a rate, Bonferroni over the cells gated."""
    tail = (1 - level) / cells / 2
    return float(stats.binom.ppf(tail, n, p) / n), float(stats.binom.ppf(1 - tail, n, p) / n)


def markdown(frame: pd.DataFrame) -> str:
    """Return the table as printed in docs/."""
    head = "| cell | truth | bias | allowed | SD of estimates | mean SE | coverage or size | band | passes |"
    lines = [head, "|" + "---|" * 9]
    for row in frame.to_dict("records"):
        numbers = [row.get(k) for k in ("truth", "bias", "allowed", "sd", "mean_se")]
        cells = ["" if v is None or pd.isna(v) else f"{v:.4f}" for v in numbers]
        cells += [f"{row['rate']:.3f}", f"{row['low']:.3f}–{row['high']:.3f}", "yes" if row["passes"] else "NO"]
        lines.append(f"| {row['cell']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
