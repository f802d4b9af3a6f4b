"""What an efficiency analysis returns: scores, slacks, projections, peers and the status of every program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from shidian.efficiency.engines import SOLVERS, Solutions
from shidian.efficiency.leave_outs import best_are_missing, name_unit_years
from shidian.efficiency.solution import INFEASIBLE, OPTIMAL, STATUS, UNCERTIFIED
from shidian.efficiency.technology import Technology
from shidian.ledger import ledger_row, ledger_row_of
from shidian.messages import say

NOT_NEEDED = -1
"""Status of the super stage of a DMU that the SBM stage finds inefficient."""
NEGLIGIBLE = 1e-11
"""A peer that adds less than this share to every variable of a projection is none."""
EFFICIENT = 1e-9
"""A DMU is efficient when its SBM score is within this of one."""
UNCERTIFIED_WORDS = say("no engine could certify an optimum")
INFEASIBLE_WORDS = say("super-efficiency is infeasible")
_MISSING = {
    INFEASIBLE_WORDS: say("super-efficiency is infeasible, of units on the frontier (SBM score 1), the best"),
    UNCERTIFIED_WORDS: UNCERTIFIED_WORDS,
}
"""Reason why a score is missing -> its words in the ledger."""


@dataclass(frozen=True)
class Stage:
    """One stage for E evaluations: what the programs found, read on demand.

    Attributes:
        status: (E,) of the program, ``NOT_NEEDED`` where it was not solved.
        objective: (E,) its optimum; solver: (E,) who solved it.
        solutions: the solved programs of the evaluations ``at``, in their order.
        at: (s,) evaluations solved.
        offsets: (s,) where each evaluation's reference set starts in ``reference``, rows of the technology.
        own: (E,) row of the technology evaluated.
        slack_name: letter of the program's slack columns.
        values: (N, K) data of the technology.
    """

    status: np.ndarray
    objective: np.ndarray
    solver: np.ndarray
    solutions: Solutions
    at: np.ndarray
    offsets: np.ndarray
    reference: np.ndarray
    own: np.ndarray
    slack_name: str
    values: np.ndarray

    @cached_property
    def _columns(self) -> dict[str, np.ndarray]:
        columns = self.solutions.own_columns()
        return {name: columns[:, i] for i, name in enumerate(self.solutions.names)}

    @cached_property
    def _t(self) -> np.ndarray:
        """(s,) Charnes & Cooper's t, nan without an optimum."""
        return np.where(self.solutions.status == OPTIMAL, self._columns["t"], np.nan)

    @cached_property
    def slack(self) -> np.ndarray:
        """(E, K) slacks in units of the evaluated values, nan where there is no solution."""
        slack = np.full((len(self.status), self.values.shape[1]), np.nan)
        zero = np.zeros(len(self.at))
        for i in range(slack.shape[1]):
            slack[self.at, i] = np.maximum(self._columns.get(f"{self.slack_name}{i}", zero), 0.0) / self._t
        return slack

    @cached_property
    def peers(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Positive intensities lambda: evaluation, row of the technology, lambda."""
        k, column, value = self.solutions.intensities()
        oneself = self._columns.get("self", np.zeros(len(self.at)))
        alone = np.flatnonzero(oneself > 0)
        evaluation = self.at[np.concatenate([k, alone])]
        peer = np.concatenate([self.reference[self.offsets[k] + column], self.own[self.at[alone]]])
        intensity = np.concatenate([value / self._t[k], oneself[alone] / self._t[alone]])
        # what a peer adds to the projection, in units of the evaluated values: rounding leaves specks
        added = intensity * (self.values[peer] / self.values[self.own[evaluation]]).max(axis=1)
        kept = added > NEGLIGIBLE
        return evaluation[kept], peer[kept], intensity[kept]


@dataclass(frozen=True)
class Efficiency:
    """Scores of E evaluations (one a unit-year and frontier) and all behind them.

    Attributes:
        technology: the data.
        options: the declared model: returns, orientation, frontier, window, super_efficiency, engine.
        frontier: (E,) label of the frontier; row: (E,) row of the technology evaluated.
        sbm: the SBM stage; superstage: the super stage, of the efficient DMUs only.
        warnings: what a referee would object to.
    """

    technology: Technology
    options: dict[str, Any]
    frontier: np.ndarray
    row: np.ndarray
    sbm: Stage
    superstage: Stage
    warnings: tuple[str, ...] = ()

    @property
    def score(self) -> np.ndarray:
        """(E,) score: rho below one, rho* of efficient DMUs; nan where the program has no certified solution."""
        needed = self.superstage.status != NOT_NEEDED
        return np.where(needed, self.superstage.objective, self.sbm.objective)

    def scores(self) -> pd.DataFrame:
        """Return one row an evaluation: frontier, unit, year, score, sbm, efficient, and status and solver by stage.

        ``reason`` says why a score is missing.
        """
        needed = self.superstage.status != NOT_NEEDED
        names = np.array([*STATUS, "not needed"])
        infeasible = self.superstage.status == INFEASIBLE
        uncertified = (self.sbm.status == UNCERTIFIED) | (self.superstage.status == UNCERTIFIED)
        reason = np.select(
            [uncertified, infeasible],
            [UNCERTIFIED_WORDS, INFEASIBLE_WORDS],
            "",
        )
        efficient = pd.array(self.sbm.objective > 1 - EFFICIENT, dtype="boolean")
        efficient[np.isnan(self.sbm.objective)] = pd.NA
        return self._labelled({
            "score": self.score, "sbm": self.sbm.objective, "efficient": efficient,
            "status_sbm": names[self.sbm.status], "status_super": names[self.superstage.status],
            "solver_sbm": np.array(SOLVERS)[self.sbm.solver],
            "solver_super": np.where(needed, np.array(SOLVERS)[self.superstage.solver], ""), "reason": reason,
        })  # fmt: skip

    def slacks(self) -> pd.DataFrame:
        """Return one row an evaluation and variable: value, slack, projection, and both of the super stage.

        The projection is the point of the frontier that the SBM stage compares with; ``super_projection`` the one
        that remains when the DMU itself is left out. Slacks of a degenerate program need not be unique.
        """
        technology = self.technology
        sign = technology.counts.sign
        value = technology.values[self.row]
        slack = self.sbm.slack * value
        above = self.superstage.slack * value
        E, K = value.shape
        frame = self._labelled({})
        long = frame.loc[np.repeat(np.arange(E), K)].reset_index(drop=True)
        return long.assign(
            variable=np.tile(np.array(technology.names), E), role=np.tile(np.array(technology.roles), E),
            value=value.ravel(), slack=slack.ravel(), projection=(value - sign * slack).ravel(),
            super_slack=above.ravel(), super_projection=(value + sign * above).ravel(),
        )  # fmt: skip

    def peers(self) -> pd.DataFrame:
        """Return the reference sets: one row an evaluation, stage and peer with its intensity lambda."""
        technology = self.technology
        frames = []
        for name, stage in (("sbm", self.sbm), ("super", self.superstage)):
            evaluation, peer, intensity = stage.peers
            labels = self._labelled({}).loc[evaluation].reset_index(drop=True)
            frames.append(labels.assign(
                stage=name, peer_unit=technology.unit[peer], peer_year=technology.year[peer],
                intensity=intensity,
            ))  # fmt: skip
        order = ["frontier", "unit", "year", "stage", "peer_unit", "peer_year"]
        return pd.concat(frames, ignore_index=True).sort_values(order, kind="stable", ignore_index=True)

    def counts(self) -> dict[str, int]:
        """Return how many programs were solved, by whom, and how many ended infeasible or without certificate."""
        needed = self.superstage.status != NOT_NEEDED
        solver = np.concatenate([self.sbm.solver, self.superstage.solver[needed]])
        status = np.concatenate([self.sbm.status, self.superstage.status[needed]])
        return {
            "programs": len(solver), **{name: int((solver == i).sum()) for i, name in enumerate(SOLVERS)},
            "optimal": int((status == OPTIMAL).sum()), "infeasible": int((status == INFEASIBLE).sum()),
            "uncertified": int((status == UNCERTIFIED).sum()),
        }  # fmt: skip

    def ledger(self, names: Mapping[Any, str] | None = None) -> list[dict[str, Any]]:
        """Return the lines of the sample ledger: programs that fell back, and scores that are missing, whose and why.

        ``names`` gives the name of a unit in the place of its code.
        """
        counts = self.counts()
        back = counts["highs"] + counts["exact"] if self.options["engine"] == "fast" else counts["exact"]
        step, subject = say("efficiency"), say("score")
        solved_again = say("programs solved by HiGHS or exactly, the engine did not certify them")
        lines = [ledger_row(step, subject, solved_again, rows=back)] if back else []
        scores = self.scores()
        for reason, words in _MISSING.items():
            gone = scores[scores["reason"] == reason]
            if len(gone):
                who = name_unit_years(gone["unit"], gone["year"], names)
                text = say("scores missing, {why}: {who}", why=words, who=who)
                lines.append(ledger_row_of(gone, step, subject, text))
        return lines

    def infeasible_warnings(self, names: Mapping[Any, str] | None = None) -> tuple[str, ...]:
        """Return the warning that the best have no score, none where super-efficiency is feasible for all."""
        scores = self.scores()
        gone = scores[scores["reason"] == INFEASIBLE_WORDS]
        if gone.empty:
            return ()
        where = name_unit_years(gone["unit"], gone["year"], names)
        return (best_are_missing(len(gone), len(scores), where, self.options),)

    def window_means(self) -> pd.DataFrame:
        """Return one row a unit-year: its mean score over the frontiers that measure it (window analysis)."""
        grouped = self.scores().groupby(["unit", "year"], sort=True, as_index=False)
        return grouped.agg(score=("score", "mean"), sbm=("sbm", "mean"), frontiers=("frontier", "size"))

    def _labelled(self, columns: dict[str, Any]) -> pd.DataFrame:
        technology = self.technology
        return pd.DataFrame({
            "frontier": self.frontier, "unit": technology.unit[self.row], "year": technology.year[self.row], **columns
        })  # fmt: skip
